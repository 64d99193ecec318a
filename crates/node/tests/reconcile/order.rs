//! What a page asks for: done once by one process, found again after a crash, told while it goes on.

use std::cell::Cell;

use node::certificate::Within;
use node::reconcile::{Filter, How, LocalPeer, Order, PeerTree, Step, Wish};

use super::*;

/// A worker's round at an instant.
fn work(world: &World, owner: &str, now: i64) -> Result<bool, NodeError> {
    let store = &world.province.store;
    let mut connect = |_: &Order| Ok(Box::new(Wire(LocalPeer { store, tree: THEIRS })) as Box<dyn PeerTree>);
    world.province.reconcile_work(LANE, owner, &mut connect, &|| now)
}

fn ask(world: &World, wish: &Wish, now: i64) -> Result<(), NodeError> {
    world.province.reconcile_ask(LANE, wish, &clerk(), now)
}

fn scope(area: &str, kind: &str) -> Within {
    Within { areas: vec![area.into()], kinds: vec![kind.into()] }
}

fn everywhere() -> Filter {
    Filter { areas: vec![String::new()], kinds: vec![String::new()], ..Filter::default() }
}

#[test]
fn a_wish_is_done_once_and_asked_for_once_at_a_time() {
    on_both(|world| {
        send(world, first_issues(3), NOW);
        deliver(world);
        assert!(!work(world, "one", LATER).expect("nothing to do"));
        let wish = Wish::Run(Depth::Leaves);
        ask(world, &wish, LATER).expect("asked");
        assert!(ask(world, &wish, LATER).is_err(), "the same again while it waits");
        assert!(world.province.reconcile_ask("elsewhere", &wish, &clerk(), LATER).is_err());
        assert_eq!(world.province.reconcile_orders().expect("reads")[0].actor, clerk());
        assert!(work(world, "one", LATER + SECOND).expect("done"));
        assert!(!work(world, "one", LATER + SECOND).expect("nothing is left"));
        let runs = world.province.reconcile_runs_page("", 10).expect("reads");
        assert_eq!((runs.len(), runs[0].state.as_str()), (1, "done"));
        assert_eq!(runs[0].summary.comparison.compared, 3);
        ask(world, &wish, LATER + 2 * SECOND).expect("again, once it is done");
    });
}

#[test]
fn a_process_that_died_leaves_the_wish_and_another_one_begins_anew() {
    on_both(|world| {
        send(world, first_issues(2), NOW);
        deliver(world);
        ask(world, &Wish::Run(Depth::Sums), LATER).expect("asked");
        // The first process hangs in its first message; meanwhile the second one looks.
        let told = Cell::new(None);
        struct Hanging<'a>(&'a World, &'a Cell<Option<bool>>);
        impl PeerTree for Hanging<'_> {
            fn ask(&mut self, _: &Question) -> Result<Reply, NodeError> {
                self.1.set(Some(work(self.0, "two", LATER + SECOND).expect("no error")));
                // As good as killed: the wish is put back as it was.
                Err(StoreError::Closed.into())
            }
        }
        let mut connect = |_: &Order| Ok(Box::new(Hanging(world, &told)) as Box<dyn PeerTree>);
        let died = world.province.reconcile_work(LANE, "one", &mut connect, &|| LATER);
        assert!(died.is_err());
        assert_eq!(told.get(), Some(false), "one at a time");
        assert_eq!(world.province.reconcile_orders().expect("reads").len(), 1, "the wish stays");
        assert!(work(world, "two", LATER + 2 * SECOND).expect("anew"));
        let runs = world.province.reconcile_runs_page("", 10).expect("reads");
        let states: Vec<&str> = runs.iter().map(|run| run.state.as_str()).collect();
        assert_eq!(states, ["done", "interrupted"]);
    });
}

#[test]
fn a_side_that_cannot_be_asked_ends_the_wish_with_its_cause() {
    on_both(|world| {
        send(world, first_issues(1), NOW);
        ask(world, &Wish::Run(Depth::Sums), LATER).expect("asked");
        let mut connect = |_: &Order| -> Result<Box<dyn PeerTree>, NodeError> {
            Err(NodeError::Refused { what: "对方没有应答".into(), fix: "稍后再试".into() })
        };
        let done = world.province.reconcile_work(LANE, "one", &mut connect, &|| LATER);
        assert!(done.is_err());
        assert!(world.province.reconcile_orders().expect("reads").is_empty());
        let run = world.province.reconcile_runs_page("", 1).expect("reads").remove(0);
        assert_eq!(run.state, "interrupted");
        assert!(run.summary.cause.expect("a cause").contains("没有应答"));
    });
}

#[test]
fn one_difference_is_repaired_by_itself_and_its_history_ends_when_it_is_gone() {
    on_both(|world| {
        send(world, first_issues(3), NOW);
        deliver(world);
        let all = leaves(world);
        they_lose(world, &all[0].certificate);
        let mut newer = all[1].clone();
        (newer.state_seq, newer.base) = (newer.state_seq + 1, "注销".into());
        they_hold(world, newer);
        let first = run(world, LATER);
        let found = world.province.reconcile_page(&first.id, &everywhere(), "", 10).expect("reads");
        assert_eq!(found.len(), 2, "{found:?}");
        let (missing, different) = match found[0].class {
            Class::Missing => (&found[0], &found[1]),
            _ => (&found[1], &found[0]),
        };
        assert!(missing.can_resend() && !different.can_resend());
        let one =
            |key: &str, how, now| world.province.reconcile_repair_one(&first.id, key, how, &clerk(), now);
        let refused = one(&different.certificate, How::Resend, LATER).expect_err("theirs is newer");
        assert!(refused.to_string().contains("数据维护申请"), "{refused}");
        one(&different.certificate, How::Draft, LATER).expect("drafted");
        one(&missing.certificate, How::Resend, LATER).expect("sent again");
        assert!(one(&missing.certificate, How::Resend, LATER).is_err(), "once");
        let steps = world.province.reconcile_history(&first, &missing.certificate).expect("reads");
        assert!(matches!(&steps[1], Step::Sent { state, .. } if state == "pending"), "{steps:?}");
        assert_eq!(steps.len(), 2);
        // They take it, and the next run does not find it.
        deliver(world);
        let second = run(world, LATER + 1000 * SECOND);
        let steps = world.province.reconcile_history(&first, &missing.certificate).expect("reads");
        assert!(matches!(steps.last(), Some(Step::Gone(run)) if run.id == second.id), "{steps:?}");
        let requests = world.province.maintain_page(&scope("99", "*"), "", 10).expect("reads");
        assert_eq!(requests.len(), 1);
        for within in [scope("98", "*"), scope("99", "no-such-kind")] {
            assert!(world.province.maintain_page(&within, "", 10).expect("reads").is_empty());
        }
        let (area, kind) = world.province.maintain_place(&requests[0].id).expect("reads").expect("a place");
        assert!(!kind.is_empty() && scope("99", &kind).has(&area, &kind), "the kind is the certificate's");
    });
}

#[test]
fn differences_are_chosen_by_area_class_and_state_before_they_are_paged() {
    on_both(|world| {
        send(world, first_issues(9), NOW);
        let run = run(world, LATER);
        let all = found(world, &run);
        // Everything is pending in the outbox: nothing differs.
        assert!(all.is_empty());
        let done: Result<(), StoreError> = world.province.store.write(|session| {
            session.execute("DELETE FROM collect_item", params![])?;
            Ok(())
        });
        done.expect("the outbox is empty");
        let run = super::run(world, LATER + SECOND);
        let all = found(world, &run);
        assert_eq!(all.len(), 9);
        let area = all[0].area().to_owned();
        assert!(area.starts_with("99"), "{area}");
        let page = |areas: &[&str], class: &str, state: &str, kind: &str| {
            let areas = areas.iter().map(|area| (*area).to_owned()).collect();
            let filter = Filter {
                class: class.into(),
                state: state.into(),
                kind: kind.into(),
                areas,
                kinds: vec![String::new()],
            };
            world.province.reconcile_page(&run.id, &filter, "", 100).expect("reads").len()
        };
        let there = all.iter().filter(|one| one.area().starts_with(&area[..4])).count();
        assert_eq!(page(&[&area[..4]], "", "", ""), there);
        assert_eq!(page(&["98"], "", "", ""), 0);
        assert_eq!(page(&[], "", "", ""), 0, "no area is nothing, not everything");
        assert_eq!(page(&["98", "99"], "missing", "open", ""), 9);
        assert_eq!(page(&[""], "extra", "", ""), 0);
        let kind = all[0].said("kind").expect("a kind").to_owned();
        let of_kind = all.iter().filter(|one| one.said("kind") == Some(kind.as_str())).count();
        assert_eq!(page(&[""], "", "", &kind), of_kind);
        let bound = Filter { kinds: vec![kind.clone()], ..everywhere() };
        let seen = world.province.reconcile_page(&run.id, &bound, "", 100).expect("reads").len();
        assert_eq!(seen, of_kind, "an account that is bound to a kind");
        let counts = world.province.reconcile_counts(&run.id, &everywhere()).expect("reads");
        assert_eq!(counts, [(Class::Missing, "open".to_owned(), 9)]);
        ask(world, &Wish::Repair(run.id.clone()), LATER + 2 * SECOND).expect("asked");
        assert!(work(world, "one", LATER + 3 * SECOND).expect("repaired"));
        assert_eq!(page(&[""], "", "open", ""), 0);
        assert_eq!(page(&[""], "", "resent", ""), 9);
    });
}

#[test]
fn the_other_side_is_told_what_was_found_and_keeps_the_newest() {
    on_both(|world| {
        send(world, first_issues(2), NOW);
        deliver(world);
        they_lose(world, &leaves(world)[0].certificate);
        run(world, LATER);
        let told = || world.province.store.read(store::rows::reconcile::told::all).expect("reads");
        let first = told();
        assert_eq!((first.len(), first[0].province.as_str()), (1, THEIRS));
        assert_eq!((first[0].at, first[0].ours, first[0].theirs, first[0].missing), (LATER, 2, 1, 1));
        deliver(world);
        run(world, LATER + 100 * SECOND);
        assert_eq!((told()[0].theirs, told()[0].missing), (2, 0));
    });
}

#[test]
fn what_was_sent_again_and_refused_again_is_open_as_before() {
    use super::destination::{Way, ministry};
    on_both(|world| {
        send(world, first_issues(2), NOW);
        deliver(world);
        let key = leaves(world)[0].certificate.clone();
        they_lose(world, &key);
        let first = run(world, LATER);
        world.province.reconcile_repair(&first.id, &clerk(), LATER).expect("repairs");
        let states = || found(world, &first).into_iter().map(|one| one.state).collect::<Vec<_>>();
        assert_eq!(states(), ["resent"]);
        let ministry = ministry(world, false);
        let way = Way::new(&ministry, LATER);
        way.refused.lock().expect("refused").insert(key.clone());
        let sent = world.province.collect_once(LANE, &way, "worker", LATER + SECOND).expect("a round");
        assert_eq!(sent.dead, 1);
        assert_eq!(states(), ["open"]);
        let steps = world.province.reconcile_history(&first, &key).expect("reads");
        assert!(
            matches!(steps.last(), Some(Step::Sent { state, error: Some(_), .. }) if state == "dead"),
            "{steps:?}"
        );
        // Repaired once more, it gets through.
        world.province.reconcile_repair(&first.id, &clerk(), LATER + 2 * SECOND).expect("repairs");
        way.refused.lock().expect("refused").clear();
        let sent = world.province.collect_once(LANE, &way, "worker", LATER + 3 * SECOND).expect("a round");
        assert_eq!((sent.dead, states()), (0, vec!["resent".to_owned()]));
    });
}
