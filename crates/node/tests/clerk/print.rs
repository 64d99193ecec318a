//! Sheets for many certificates: a job that outlives its process and does nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use node::certificate::Within;
use node::deliver::WindowActivation;
use node::share::{PrintLine, PrintWish};
use store::rows::job::PRINT;

use crate::support::{NOW, World, first_issues, on_both, sqlite, submitted};
use crate::{actor, count, others};

const CLERK: &str = "jingban001";

/// Certificates, activated; their identifiers.
fn activated(world: &World, many: usize) -> Vec<String> {
    let events = first_issues(many);
    let answers = world.province.accept(events.into_iter().map(submitted).collect(), NOW);
    let identifiers: Vec<String> = answers.into_iter().filter_map(|answer| answer.identifier).collect();
    for certificate in &identifiers {
        let window =
            WindowActivation { certificate: certificate.clone(), proof: "核对身份证原件".into() };
        world.province.deliver_activate_at_window(&window, &actor(CLERK), NOW).expect("activated");
    }
    identifiers
}

fn wish(names: &[String], renew: bool) -> PrintWish {
    PrintWish { names: names.to_vec(), proof: "企业经办人到窗口领取".into(), renew }
}

fn start(world: &World, wish: &PrintWish, within: &Within, at: i64) -> String {
    world.province.print_start(wish, (within, &actor(CLERK)), at).expect("recorded")
}

fn run(world: &World, at: i64) {
    for _ in 0..100 {
        if !world.province.print_work("worker", at).expect("worked") {
            return;
        }
    }
    panic!("a job that never ends");
}

fn lines(world: &World, id: &str) -> Vec<PrintLine> {
    world.province.print_lines((CLERK, id), ("", 0, 500)).expect("lines")
}

/// Each certificate has one sheet, and each line its end.
fn all_once(world: &World, id: &str, many: usize) {
    let facts = world.province.print_show(CLERK, id).expect("read").expect("there");
    assert_eq!((facts.state.as_str(), facts.count("done")), ("done", many as i64), "{facts:?}");
    assert_eq!(count(world, "share_sheet"), many as i64, "one sheet each");
    assert!(lines(world, id).iter().all(|line| line.sheet == Some(1)));
}

#[test]
fn sheets_are_made_once_and_say_why_not() {
    on_both(|world| {
        let mut names = activated(world, 1);
        let bare = world.province.accept(vec![submitted(first_issues(2).remove(1))], NOW).remove(0);
        names.extend([bare.identifier.expect("issued"), "无此编号".into(), names[0].clone()]);
        let (all, me) = (Within::all(), actor(CLERK));
        let print = |renew: bool, within: &Within, at: i64| {
            let id = start(world, &wish(&names, renew), within, at);
            assert_eq!(lines(world, &id).iter().filter(|line| line.state == "ready").count(), 4);
            run(world, at);
            let shown = world.province.print_sheets((CLERK, &id), (within, &me), at);
            (shown.expect("read").expect("there"), lines(world, &id))
        };
        let ((facts, sheets), list) = print(false, &all, NOW + 1);
        assert_eq!((facts.count("done"), sheets.len(), sheets[0].n), (1, 1, 1));
        assert!(list[1].why.contains("激活") && list[2].why.contains("没有这件证照"), "{list:?}");
        assert!(list[3].why.contains("与第 1 件是同一件"), "named twice, printed once: {list:?}");
        let ((_, sheets), _) = print(false, &all, NOW + 2);
        assert_eq!(sheets[0].n, 1, "the same sheet again");
        let ((_, sheets), _) = print(true, &all, NOW + 3);
        assert_eq!(sheets[0].n, 2, "a new one voids what was printed");
        let ((facts, sheets), _) = print(false, &others(), NOW + 4);
        assert!(sheets.is_empty() && facts.count("refused") == 4, "another area's: {facts:?}");
        let mine = world.province.print_list(CLERK, None, 10).expect("a list");
        assert_eq!(mine.len(), 4);
        let older = world.province.print_list(CLERK, Some(&mine[1].id), 10).expect("a list");
        assert_eq!(older, mine[2..], "newest first, a page at a time");
        let id = &mine[0].id;
        assert!(world.province.print_show("other", id).expect("read").is_none());
        assert!(world.province.print_lines(("other", id), ("", 0, 9)).is_err());
        assert!(world.province.print_sheets(("other", id), (&all, &me), NOW).expect("read").is_none());
    });
}

#[test]
fn what_cannot_be_a_job_is_refused_and_leaves_none() {
    let world = sqlite();
    let (all, me) = (Within::all(), actor(CLERK));
    let one = vec!["X".to_owned()];
    for wrong in [
        wish(&[], false),
        wish(&vec!["X".to_owned(); 201], false),
        wish(&["字".repeat(129)], false),
        PrintWish { proof: String::new(), ..wish(&one, false) },
    ] {
        assert!(world.province.print_start(&wrong, (&all, &me), NOW).is_err(), "{wrong:?}");
    }
    assert_eq!((count(&world, "share_print"), count(&world, "share_print_item")), (0, 0));
}

#[test]
fn a_process_that_dies_at_any_certificate_is_followed_and_no_sheet_is_made_twice() {
    for dies_at in [0, 1, 7, 8, 9, 11] {
        let world = sqlite();
        let names = activated(&world, 12);
        // New sheets for all: nothing but the rows tells which were made.
        let id = start(&world, &wish(&names, true), &Within::all(), NOW);
        let World { province, folder, url } = world;
        let seen = AtomicUsize::new(0);
        let mut province = Arc::into_inner(province).expect("nobody else holds it");
        province.stages = Some(Box::new(move |stage| {
            assert_eq!(stage, "print");
            let dies = seen.fetch_add(1, Ordering::SeqCst) == dies_at;
            if dies { Err(store::StoreError::Closed.into()) } else { Ok(()) }
        }));
        let province = Arc::new(province);
        let dead = (0..9).find_map(|_| province.print_work("dead", NOW).err());
        assert!(dead.is_some(), "it dies at {dies_at}");
        // Nothing that it held is given back.
        let held =
            format!("INSERT INTO lease (name, owner, until) VALUES ('print', 'dead', {})", NOW + PRINT.lease);
        province.store.write(move |session| session.execute(&held, &[])).expect("a lease");
        let world = World { province, folder, url }.reopen();
        assert_eq!(count(&world, "share_sheet"), dies_at as i64);
        assert!(
            !world.province.print_work("worker", NOW).expect("asked"),
            "the other one may still be at it"
        );
        run(&world, NOW + PRINT.lease);
        all_once(&world, &id, 12);
    }
}

#[test]
fn two_processes_do_not_make_the_same_sheets() {
    on_both(|world| {
        let names = activated(world, 20);
        let id = start(world, &wish(&names, true), &Within::all(), NOW);
        std::thread::scope(|scope| {
            for owner in ["one", "two", "three"] {
                let province = &world.province;
                scope.spawn(move || {
                    for _ in 0..400 {
                        province.print_work(owner, NOW).expect("worked");
                    }
                });
            }
        });
        run(world, NOW);
        all_once(world, &id, 20);
    });
}

#[test]
fn an_exact_number_wins_and_the_candidates_of_another_are_named() {
    let world = sqlite();
    let mut events = first_issues(40);
    let number = |event: &node::lifecycle::BusinessEvent| {
        event.record.as_ref().and_then(|one| one.face.text("ZZBH")).unwrap_or_default().to_owned()
    };
    events.retain(|event| number(event).starts_with('演'));
    let kind = |event: &node::lifecycle::BusinessEvent| event.record.as_ref().map(|one| one.kind.clone());
    let twin = (1..events.len()).find(|place| kind(&events[*place]) == kind(&events[0]));
    let mut other = events.swap_remove(twin.expect("two of a kind"));
    let one = events.swap_remove(0);
    let number = number(&one);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    // Another number with the same digits.
    let like = number.replacen('演', "试", 1);
    other.record.as_mut().expect("a record").face.set("ZZBH", like.as_str());
    let answers = world.province.accept(vec![submitted(one), submitted(other)], NOW);
    for answer in &answers {
        let certificate = answer.identifier.clone().unwrap_or_else(|| panic!("issued: {answer:?}"));
        let window = WindowActivation { certificate, proof: "核对身份证原件".into() };
        world.province.deliver_activate_at_window(&window, &actor(CLERK), NOW).expect("activated");
    }
    let id = start(&world, &wish(&[number.clone(), like.clone(), digits], false), &Within::all(), NOW);
    run(&world, NOW);
    let lines = lines(&world, &id);
    assert_eq!((lines[0].state.as_str(), lines[1].state.as_str()), ("done", "done"), "{lines:?}");
    assert_ne!(lines[0].certificate, lines[1].certificate);
    assert!(lines[2].is_ambiguous(), "{lines:?}");
    assert!(lines[2].why.contains(&number) && lines[2].why.contains(&like), "{}", lines[2].why);
}
