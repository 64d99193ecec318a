//! Calls of clients by hour, endpoint and outcome; rights changed; uses of keys: on both engines.

mod support;

use node::audit::Actor;
use node::client::{Calls, NewClient};
use node::keys::{KeyFolder, Use};
use support::{DAY, NOW, SECOND, first_issues, on_both, submitted};

fn by() -> Actor {
    Actor { client: "web".into(), operator: Some("anquan01".into()), ..Actor::default() }
}

fn called(code: &str, calls: i64, last_at: i64) -> (String, Calls) {
    ("c-1".into(), Calls { path: "/api/v1/results".into(), code: code.into(), calls, last_at })
}

#[test]
fn calls_add_up_by_hour_and_old_ones_go() {
    on_both(|world| {
        let province = &world.province;
        province.client_called(vec![called("", 3, NOW), called("AUTH_REPLAY", 1, NOW)], NOW).expect("rows");
        province.client_called(vec![called("", 2, NOW + SECOND)], NOW + SECOND).expect("rows");
        let found = province.client_calls("c-1", 24, NOW + SECOND).expect("rows");
        let sums: Vec<(&str, i64)> = found.iter().map(|one| (one.code.as_str(), one.calls)).collect();
        assert_eq!(sums, [("", 5), ("AUTH_REPLAY", 1)]);
        assert_eq!(found[0].last_at, NOW + SECOND);
        assert!(province.client_calls("c-1", 24, NOW + 2 * DAY).expect("rows").is_empty());
        province.client_called(vec![called("", 1, NOW + 40 * DAY)], NOW + 40 * DAY).expect("rows");
        let kept = province.client_calls("c-1", 24 * 60, NOW + 40 * DAY).expect("rows");
        assert_eq!(kept.iter().map(|one| one.calls).sum::<i64>(), 1);
        assert_eq!(province.client_last().expect("rows"), [("c-1".to_owned(), NOW + 40 * DAY)]);
    });
}

#[test]
fn rights_are_changed_and_seen_by_the_next_look() {
    on_both(|world| {
        let province = &world.province;
        let right = |text: &str| text.parse().expect("a right");
        let new = NewClient {
            id: Some("c-1".into()),
            name: "演示运政系统".into(),
            source: "运政".into(),
            rights: vec![right("lifecycle.results"), right("verify.read@9901")],
            callback: Some("http://127.0.0.1:9/results".into()),
        };
        province.client_add(new, &by(), NOW).expect("a client");
        let known = province.speakers(None).expect("rows").expect("speakers").version;
        province.client_rights("c-1", &[right("lifecycle")], &by(), NOW).expect("changed");
        let speakers = province.speakers(Some(known)).expect("rows").expect("changed");
        assert_eq!(speakers.by_id["c-1"].rights, [right("lifecycle")]);
        assert!(province.client_rights("c-1", &[], &by(), NOW).is_err());
        assert!(
            province.client_rights("c-1", &[right("verify.read")], &by(), NOW).is_err(),
            "it is pushed to"
        );
        assert!(province.client_rights("c-2", &[right("lifecycle")], &by(), NOW).is_err());
    });
}

#[test]
fn keys_are_listed_with_their_uses() {
    on_both(|world| {
        let answers = world.province.accept(first_issues(4).into_iter().map(submitted).collect(), NOW);
        let issued = answers.iter().filter(|answer| answer.identifier.is_some()).count() as i64;
        let folder = KeyFolder::open(&world.folder.0.join("keys")).expect("the folder");
        let keys = folder.inventory().expect("public parts");
        assert!(world.province.keys_uses().expect("rows").is_none());
        world.province.keys_tally(NOW).expect("counted");
        let uses = world.province.keys_uses().expect("rows").expect("counted");
        let of = |usage: Use| keys.iter().find(|key| key.usage == usage).expect("a key");
        assert_eq!((uses.of(of(Use::Seal)), uses.of(of(Use::Code))), (Some(issued), Some(issued)));
        assert_eq!(uses.of(of(Use::Node)), None);
        let seal = of(Use::Seal);
        assert!(seal.held && !seal.seals.is_empty() && seal.revoked.is_none());
        assert!(seal.days_left(NOW / SECOND) > 30);
    });
}
