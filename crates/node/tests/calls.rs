//! Calls of clients by hour, endpoint and outcome; rights changed; uses of keys: on both engines.

mod support;

use node::audit::Actor;
use node::client::{Calls, NewClient, Right};
use node::keys::{KeyFolder, Use};
use support::{DAY, NOW, SECOND, first_issues, on_both, sqlite, submitted};

fn by() -> Actor {
    Actor { client: "web".into(), operator: Some("anquan01".into()), ..Actor::default() }
}

fn right(text: &str) -> Right {
    text.parse().expect("a right")
}

fn system() -> NewClient {
    NewClient {
        id: Some("c-1".into()),
        name: "演示运政系统".into(),
        source: "运政".into(),
        rights: vec![right("lifecycle.results"), right("verify.read@9901")],
        callback: None,
    }
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
        let new = NewClient { callback: Some("http://127.0.0.1:9/results".into()), ..system() };
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
fn two_administrators_at_once_do_not_undo_each_other() {
    let world = sqlite();
    let province = &world.province;
    province.client_add(system(), &by(), NOW).expect("a client");
    let change = |give: &str, drop: &str| {
        let (give, drop): (Vec<_>, Vec<String>) = match (give, drop) {
            ("", drop) => (Vec::new(), vec![drop.to_owned()]),
            (give, _) => (vec![right(give)], Vec::new()),
        };
        province.client_rights_change("c-1", (&give, &drop), &by(), NOW + 1)
    };
    // Many at once: whatever is answered with Ok stands at the end, and what was taken does not come back.
    let done: Vec<bool> = std::thread::scope(|scope| {
        let give = |area: u32| scope.spawn(move || change(&format!("verify.read@98{area:02}"), "").is_ok());
        let gives: Vec<_> = (10..18).map(give).collect();
        let drop = scope.spawn(|| while change("", "lifecycle.results@*/*").is_err() {});
        drop.join().expect("dropped");
        gives.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let rights = province.client_list().expect("rows").remove(0).rights;
    assert!(!rights.contains(&right("lifecycle.results")), "{rights:?}");
    for (area, done) in (10..18).zip(done) {
        assert_eq!(rights.contains(&right(&format!("verify.read@98{area}"))), done, "98{area}");
    }
    // A page that was opened before shows what is no more.
    assert!(province.client_rotate_seen("c-1", Some(NOW), &by(), NOW + 2).is_err());
    province.client_rotate_seen("c-1", Some(NOW + 1), &by(), NOW + 2).expect("as it stands");
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
