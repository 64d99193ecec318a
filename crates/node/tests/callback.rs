//! Results pushed to clients: in order, at least once, on from where the client was after every 2xx and every restart.

mod support;

use std::time::Duration;

use node::callback::{Pushed, Refusal, split_address};
use node::client::{ClientEntry, NewClient};
use serde_json::Value;
use support::{NOW, SECOND, World, first_issues, later, submitted};

fn add(world: &World, id: &str) -> ClientEntry {
    let new = NewClient {
        id: Some(id.into()),
        name: "演示运政系统".into(),
        source: "运政".into(),
        rights: vec!["lifecycle.results".parse().expect("a right")],
        callback: Some("http://127.0.0.1:1/results".into()),
    };
    let operator = node::audit::Actor { operator: Some("管理员一".into()), ..node::audit::Actor::node() };
    world.province.client_add(new, &operator, NOW).expect("a client");
    entry(world, id)
}

fn entry(world: &World, id: &str) -> ClientEntry {
    world.province.client_list().expect("rows").into_iter().find(|one| one.id == id).expect("it")
}

/// What a client that takes everything was sent.
fn take(world: &World, client: &ClientEntry, now: i64) -> (Pushed, Vec<i64>) {
    let mut seen = Vec::new();
    let pushed = world.province.callback_once(
        client,
        "test",
        |body| {
            let page: Value = serde_json::from_slice(body).expect("JSON");
            let lines = page["results"].as_array().expect("lines");
            seen.extend(lines.iter().map(|line| line["seq"].as_i64().expect("a number")));
            Ok(())
        },
        now,
    );
    (pushed.expect("rows"), seen)
}

fn refuse(world: &World, client: &ClientEntry, after: Option<Duration>, now: i64) -> Pushed {
    let refusal = Refusal { cause: "对方以状态 500 应答".into(), retry_after: after };
    world.province.callback_once(client, "test", |_| Err(refusal), now).expect("rows")
}

/// Acts of the source; each leaves a line in its feed.
fn acts(world: &World, count: usize) {
    world.province.accept(first_issues(count).into_iter().map(submitted).collect(), NOW);
}

fn on_both(test: impl Fn(World)) {
    test(support::sqlite());
    test(support::postgres());
}

#[test]
fn what_was_refused_comes_again_and_nothing_is_skipped() {
    on_both(|world| {
        let client = add(&world, "c1");
        acts(&world, 2);
        let feed: Vec<i64> =
            world.province.results("运政", 0, 100).expect("rows").iter().map(|line| line.seq).collect();
        assert!(feed.len() >= 2, "{feed:?}");
        assert_eq!(refuse(&world, &client, Some(Duration::from_secs(60)), NOW), Pushed::Failed);
        // Its time has not come, whoever asks.
        assert_eq!(take(&world, &client, NOW + 59 * SECOND), (Pushed::Nothing, vec![]));
        let state = world.province.callback_state("c1").expect("rows");
        assert_eq!((state.seq, state.attempts, state.error.as_deref()), (0, 1, Some("对方以状态 500 应答")));
        // The row outlives the process.
        let world = world.reopen();
        let now = NOW + 70 * SECOND;
        assert_eq!(take(&world, &client, now), (Pushed::Taken(feed.len(), false), feed.clone()));
        assert_eq!(take(&world, &client, now), (Pushed::Nothing, vec![]));
        let state = world.province.callback_state("c1").expect("rows");
        assert_eq!((state.seq, state.attempts, state.error), (feed[feed.len() - 1], 0, None));
        world.province.accept(vec![submitted(later("S000000", "V1", "挂失"))], now);
        let (pushed, more) = take(&world, &client, now);
        assert!(matches!(pushed, Pushed::Taken(..)) && more[0] > feed[feed.len() - 1], "{more:?}");
    });
}

#[test]
fn a_client_that_fails_holds_up_no_other_and_its_pauses_grow() {
    on_both(|world| {
        let (slow, quick) = (add(&world, "c1"), add(&world, "c2"));
        acts(&world, 1);
        let mut now = NOW;
        for attempts in 1..=12 {
            assert_eq!(refuse(&world, &slow, None, now), Pushed::Failed);
            let state = world.province.callback_state("c1").expect("rows");
            let longest = (2 << (attempts - 1).min(20)).min(600) * SECOND;
            assert!(state.attempts == attempts && state.run_at <= now + longest, "{state:?}");
            now = state.run_at;
        }
        assert!(matches!(take(&world, &quick, NOW).0, Pushed::Taken(..)));
    });
}

#[test]
fn a_second_process_does_not_push_at_the_same_time() {
    on_both(|world| {
        let client = add(&world, "c1");
        acts(&world, 1);
        let pushed = world.province.callback_once(
            &client,
            "one",
            |_| {
                let other = world.province.callback_once(&client, "other", |_| Ok(()), NOW);
                assert_eq!(other.expect("rows"), Pushed::Nothing);
                Ok(())
            },
            NOW,
        );
        assert!(matches!(pushed.expect("rows"), Pushed::Taken(..)));
    });
}

#[test]
fn a_new_callback_begins_where_the_feed_stands() {
    on_both(|world| {
        acts(&world, 1);
        let client = add(&world, "late");
        assert_eq!(take(&world, &client, NOW), (Pushed::Nothing, vec![]));
        world.province.accept(vec![submitted(later("S000000", "V1", "挂失"))], NOW + SECOND);
        assert!(matches!(take(&world, &client, NOW + SECOND).0, Pushed::Taken(..)));
    });
}

#[test]
fn addresses_are_split_and_checked() {
    let split = |url: &str| split_address(url).expect("an address");
    assert_eq!(split("http://a:80/x/y?z=1"), ("http://a:80".into(), "/x/y?z=1".into()));
    assert_eq!(split("http://a"), ("http://a".into(), "/".into()));
    for wrong in ["https://a/x", "http:///x", "ftp://a", "http://a/演示", "http://a/ b"] {
        assert!(split_address(wrong).is_err(), "{wrong}");
    }
}
