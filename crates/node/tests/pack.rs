//! Packs made of real rows: what they say is what the register says, deltas lead on, other provinces' are taken in.

mod support;

use std::sync::Arc;

use model::Verdict;
use node::Province;
use node::audit::Actor;
use node::keys::{KeyFolder, NodeKeys};
use node::pack::{PackOrder, Packs};
use node::verify::{Chain, Question, Sight, VerifyAnswer};
use proof::{Evidence, Input, Knowledge, Pack, judge};
use store::rows;
use store::rows::pack::PackRow;
use support::{DAY, NOW, PASSPHRASE, SECOND, World, first_issues, later, on_both, submitted};

fn keys(world: &World) -> NodeKeys {
    KeyFolder::open(&world.folder.0.join("keys"))
        .and_then(|folder| folder.node_keys(PASSPHRASE))
        .expect("keys")
}

fn build(world: &World, now: i64) -> PackRow {
    let keys = keys(world);
    let actor = Actor::node();
    let order =
        PackOrder { key: &*keys.node, certificate: &keys.certificate, max_age: 259_200, actor: &actor };
    world.province.pack_build(&order, now).expect("a pack")
}

fn newest(world: &World) -> Pack {
    let row = world.province.pack_list().expect("rows").pop().expect("a pack");
    world.province.pack_open(&row.province, row.number).expect("it reads").expect("it is kept")
}

/// The code on the face of a certificate, as the node signed it.
fn code(world: &World, identifier: &str) -> String {
    let province = &world.province;
    let row = province
        .store
        .read(|session| rows::certificate::by_identifier(session, identifier))
        .expect("rows")
        .expect("a certificate");
    let request = proof::CodeRequest {
        identifier: codes::CertificateId::parse(identifier).expect("ours"),
        status_index: row.status_index.expect("an index") as u32,
        issued: "2026-06-01".parse().expect("a day"),
        valid_from: "2026-05-01".parse().expect("a day"),
        valid_to: codes::Validity::LongTerm,
    };
    province.keys.codes.content(&request).expect("a code")
}

/// Nine certificates, some of which then change.
fn changed(world: &World) -> Vec<String> {
    let answers = world.province.accept(first_issues(9).into_iter().map(submitted).collect(), NOW);
    let identifiers = answers.into_iter().map(|one| one.identifier.expect("issued")).collect();
    let events = [(1, "暂扣"), (2, "注销"), (3, "停运"), (4, "吊销"), (5, "挂失")];
    for (n, event) in events {
        let id = format!("V{n}");
        world.province.accept(vec![submitted(later(&format!("S{n:06}"), &id, event))], NOW + SECOND);
    }
    identifiers
}

fn online(province: &Province, code: &str, now: i64) -> VerifyAnswer {
    let question = Question::Code(code.into());
    province
        .verify(&question, Sight::default(), &Actor::node(), now)
        .expect("an answer")
        .0
        .pop()
        .expect("one")
}

#[test]
fn a_pack_says_of_every_code_what_the_register_says() {
    on_both(|world| {
        let identifiers = changed(world);
        build(world, NOW + 2 * SECOND);
        let mut knowledge = Knowledge::clone(&world.province.shelf.knowledge());
        knowledge.admit(newest(world)).expect("a pack");
        for identifier in &identifiers {
            let code = code(world, identifier);
            let register = online(&world.province, &code, NOW + 3 * SECOND);
            let offline = judge(&knowledge, &Evidence::default(), NOW / SECOND + 3, &Input::Code(code));
            // 年审 is not in the pack; nothing else may differ.
            let codes = |reasons: &[model::Reason]| {
                let kept = reasons
                    .iter()
                    .filter(|one| one.code.starts_with("STATUS") && one.code != "STATUS_NORMAL");
                kept.map(|one| one.code.clone()).collect::<Vec<_>>()
            };
            assert_eq!(codes(&offline.reasons), codes(&register.reasons), "{identifier}");
            assert_eq!(offline.verdict.is_valid(), register.verdict.is_valid(), "{identifier}");
        }
        let verdicts: std::collections::BTreeSet<_> = newest(world).columns.states.into_iter().collect();
        assert!(verdicts.len() >= 6, "the states differ: {verdicts:?}");
    });
}

#[test]
fn a_reissue_raises_the_version_that_the_pack_names() {
    on_both(|world| {
        let first = changed(world);
        let again = world.province.accept(vec![submitted(later("S000000", "R1", "补发"))], NOW + SECOND);
        assert_ne!(again[0].identifier.as_ref(), Some(&first[0]));
        build(world, NOW + 2 * SECOND);
        let versions = newest(world).columns.versions;
        assert_eq!(versions.iter().filter(|version| **version == 2).count(), 1, "{versions:?}");
        assert_eq!(versions[0], 0, "no certificate has index 0");
    });
}

#[test]
fn a_holder_of_any_kept_pack_is_led_to_the_newest_one() {
    on_both(|world| {
        changed(world);
        let keys = keys(world);
        for n in 0..3 {
            build(world, NOW + (n + 2) * SECOND);
            let event = later("S000000", &format!("H{n}"), if n % 2 == 0 { "停运" } else { "复运" });
            world.province.accept(vec![submitted(event)], NOW + (n + 2) * SECOND);
        }
        let last = build(world, NOW + 10 * SECOND);
        let knowledge = world.province.shelf.knowledge();
        for from in 1..last.number {
            let base = world.province.pack_open("99", from).expect("rows").expect("kept");
            let delta = world.province.pack_delta(from, &*keys.node).expect("made").expect("a delta");
            // Asked again, it is the same file.
            assert_eq!(world.province.pack_delta(from, &*keys.node).expect("kept").as_ref(), Some(&delta));
            assert_eq!(base.advance(&delta.file, knowledge.trust()).as_ref(), Ok(&newest(world)));
        }
        for none in [last.number, last.number + 1, 77] {
            assert_eq!(world.province.pack_delta(none, &*keys.node).expect("an answer"), None, "{none}");
        }
    });
}

#[test]
fn only_the_last_thirty_are_kept() {
    let world = support::sqlite();
    changed(&world);
    for n in 0..33 {
        build(&world, NOW + (n + 2) * SECOND);
    }
    let numbers: Vec<i64> = world.province.pack_list().expect("rows").iter().map(|row| row.number).collect();
    assert_eq!(numbers, (4..=33).collect::<Vec<_>>());
}

/// Another province's node that trusts the same list.
fn neighbour() -> World {
    let mut world = support::sqlite();
    Arc::get_mut(&mut world.province).expect("not shared yet").area = "98".into();
    world
}

#[test]
fn another_provinces_pack_is_taken_in_once_and_found_again_after_a_restart() {
    let (home, away) = (support::sqlite(), neighbour());
    changed(&home);
    build(&home, NOW + 2 * SECOND);
    let file = home.province.pack_current("99").expect("rows").expect("a pack").file;
    let actor = Actor::node();
    let row = away.province.pack_import(&file, &actor, NOW).expect("taken in");
    assert_eq!((row.province.as_str(), row.number), ("99", 1));
    away.province.pack_import(&file, &actor, NOW).expect("the same again changes nothing");
    home.province.accept(vec![submitted(later("S000000", "D1", "注销"))], NOW + 3 * SECOND);
    build(&home, NOW + 4 * SECOND);
    let delta = home.province.pack_delta(1, &*keys(&home).node).expect("made").expect("a delta");
    away.province.pack_import(&delta.file, &actor, NOW).expect("a delta over it");
    let held = |world: &World| world.province.shelf.knowledge().pack("99").map(|pack| pack.number);
    assert_eq!(held(&away), Some(2));
    let mut away = away.reopen();
    Arc::get_mut(&mut away.province).expect("not shared yet").area = "98".into();
    assert_eq!(held(&away), None);
    away.province.pack_refresh().expect("kept packs read");
    assert_eq!(held(&away), Some(2));
    assert!(home.province.pack_import(&file, &actor, NOW).is_err(), "our own is not imported");
    let mut broken = file;
    broken[40] ^= 1;
    assert!(away.province.pack_import(&broken, &actor, NOW).is_err());
}

#[test]
fn the_pack_answers_for_another_province_where_nobody_else_can() {
    let (home, away) = (support::sqlite(), neighbour());
    let identifiers = changed(&home);
    build(&home, NOW + 2 * SECOND);
    let file = home.province.pack_current("99").expect("rows").expect("a pack").file;
    let chain: Chain = vec![Arc::new(Packs(Arc::clone(&away.province))) as Arc<_>].into();
    let ask = |n: usize, now: i64| {
        let question = Question::Code(code(&home, &identifiers[n]));
        let (mut answers, mut act) =
            away.province.verify(&question, Sight::default(), &Actor::node(), now).expect("an answer");
        away.province
            .elsewhere(&chain, &question, (Sight::default(), None), (&mut answers, &mut act), now)
            .expect("an answer");
        answers.pop().expect("one")
    };
    assert_eq!(ask(0, NOW + 3 * SECOND).verdict, Verdict::Undecided, "no pack yet");
    away.province.pack_import(&file, &Actor::node(), NOW).expect("taken in");
    let answer = ask(0, NOW + 3 * SECOND);
    assert!(answer.verdict.is_valid() && answer.source.contains("第 1 号"), "{answer:?}");
    assert_eq!(ask(2, NOW + 3 * SECOND).verdict, Verdict::Invalid);
    assert_eq!(ask(0, NOW + 4 * DAY).verdict, Verdict::Undecided, "stale");
}
