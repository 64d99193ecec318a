//! What the record said at an instant, with its proof.

use lifecycle::Base;
use node::audit::{Actor, AsOf, NamedKey, check_as_of};

use crate::log::{key, named};
use crate::support::{NOW, SECOND, World, first_issues, later, on_both, submitted};

fn send(world: &World, event: node::lifecycle::BusinessEvent, now: i64) -> String {
    let answer = world.province.accept(vec![submitted(event)], now).pop().expect("an answer");
    assert_eq!(answer.result, node::lifecycle::Outcome::Applied, "{answer:?}");
    answer.certificate.expect("its key")
}

/// A look of an auditor who names the case.
fn look(world: &World, id: &str, at: i64) -> Result<AsOf, node::NodeError> {
    let actor = Actor { client: "auditor".into(), case_no: Some("演示案1号".into()), ..Actor::default() };
    world.province.as_of(id, at, &actor, NOW + 50 * SECOND)
}

fn check(answer: &AsOf, at: i64, keys: &[NamedKey]) -> Result<Vec<String>, node::NodeError> {
    check_as_of(answer.proof.as_ref().expect("a proof"), &answer.certificate, at, keys)
}

#[test]
fn states_before_between_and_after_are_told_and_proven() {
    on_both(|world| {
        let province = &world.province;
        let keys = [named("demo-99", 1)];
        let mut events = first_issues(2);
        send(world, events.pop().expect("two"), NOW);
        let id = send(world, events.pop().expect("two"), NOW + SECOND);
        send(world, later("S000000", "E2", "暂扣"), NOW + 10 * SECOND);
        send(world, later("S000000", "E3", "注销"), NOW + 20 * SECOND);
        // Nothing is in the log yet: the state is told, the proof is not there.
        let early = look(world, &id, NOW + 15 * SECOND).expect("answers");
        assert!(early.proof.is_none() && early.note.is_some() && early.state.is_some());
        province.sequence(NOW + 21 * SECOND).expect("sequences");
        province.checkpoint(&*key(1), NOW + 30 * SECOND).expect("signs");
        let at = |seconds: i64| {
            let at = NOW + seconds * SECOND;
            let answer = look(world, &id, at).expect("answers");
            assert_eq!(answer.note, None);
            check(&answer, at, &keys).expect("holds");
            let state = answer.state.as_ref().map(|state| (state.base, state.holds.len(), state.state_seq));
            (state, answer)
        };
        assert_eq!(at(0).0, None);
        assert_eq!(at(1).0, Some((Base::Normal, 0, 1)));
        assert_eq!(at(9).0, Some((Base::Normal, 0, 1)));
        assert_eq!(at(10).0, Some((Base::Normal, 1, 2)));
        assert_eq!(at(25).0.map(|state| state.2), Some(3));
        // The proof of one instant is not one of another.
        let (_, held) = at(12);
        assert!(check(&held, NOW + 21 * SECOND, &keys).is_err());
        assert!(check(&held, NOW + 9 * SECOND, &keys).is_err());
        let (_, last) = at(25);
        assert!(check(&last, NOW + 31 * SECOND, &keys).is_err(), "the checkpoint knows nothing of later");
        let mut cut = held.clone();
        cut.proof.as_mut().expect("a proof").next = None;
        assert!(check(&cut, NOW + 12 * SECOND, &keys).is_err(), "the next act was left out");
        // After the checkpoint nothing is proven before the next one.
        assert!(look(world, &id, NOW + 40 * SECOND).expect("answers").proof.is_none());
        let sql =
            "SELECT CAST(COUNT(*) AS BIGINT) FROM audit_pending WHERE entries LIKE '%audit.as_of%演示案1号%'";
        let seen: Result<Option<i64>, store::StoreError> =
            province.store.read(|session| session.row(sql, &[], |row| row.get(0)));
        assert!(seen.expect("rows").is_some_and(|seen| seen >= 8), "each look is an entry");
    });
}
