//! Search and dossier over both engines: what is found by what, within which areas, and what the audit log keeps of it.

mod support;

use node::audit::Actor;
use node::certificate::{By, Found, Search, Within};
use node::lifecycle::BusinessEvent;
use support::{NOW, World, first_issues, later, on_both, submitted};

fn clerk() -> Actor {
    Actor {
        client: "web".into(),
        operator: Some("jingban001".into()),
        purpose: Some("窗口业务办理".into()),
        ..Actor::default()
    }
}

/// Issues some certificates; the events with their row keys.
fn issued(world: &World, count: usize) -> Vec<(BusinessEvent, String)> {
    let events = first_issues(count);
    let sent = events.iter().cloned().map(submitted).collect();
    let answers = world.province.accept(sent, NOW);
    events
        .into_iter()
        .zip(answers)
        .map(|(event, answer)| (event, answer.certificate.expect("issued")))
        .collect()
}

fn face(event: &BusinessEvent, item: &str) -> String {
    let record = event.record.as_ref().expect("a record");
    record.face.text(item).unwrap_or_default().to_owned()
}

fn find(world: &World, text: &str, within: &Within) -> Found {
    let search = Search { text: text.into(), most: 50, ..Search::default() };
    world.province.certificate_search(&search, within, &clerk(), NOW).expect("searched")
}

fn acts(world: &World, act: &str) -> Vec<node::audit::Act> {
    let rows = world.province.store.read(|session| {
        session.rows("SELECT entries FROM audit_pending ORDER BY id", &[], |row| row.get::<String>(0))
    });
    let rows: Vec<String> = rows.expect("the rows");
    let lines = rows.iter().flat_map(|row| row.lines());
    lines
        .filter_map(|line| serde_json::from_str::<node::audit::Act>(line).ok())
        .filter(|one| one.act == act)
        .collect()
}

#[test]
fn everything_in_hand_finds_the_certificate() {
    on_both(|world| {
        let issued = issued(world, 18);
        let all = Within::all();
        for (event, id) in &issued {
            let has = |text: &str| find(world, text, &all).hits.iter().any(|hit| hit.id == *id);
            assert!(has(&face(event, "ZZBH")), "number {}", face(event, "ZZBH"));
            assert!(has(&face(event, "CZZT")), "name {}", face(event, "CZZT"));
            assert!(has(&face(event, "CZZTDM").to_lowercase()), "document {}", face(event, "CZZTDM"));
            let plate = face(event, "KZ_CLHP");
            if !plate.is_empty() {
                assert!(has(&plate), "plate without colour");
                let spaced = format!("{} {}", &plate[..plate.len() - 2], &plate[plate.len() - 2..]);
                let found = find(world, &spaced, &all);
                assert_eq!(found.by, By::Plate);
                assert!(found.hits.iter().any(|hit| hit.id == *id), "plate with a blank");
            }
        }
    });
}

#[test]
fn the_colour_of_a_plate_tells_two_vehicles_apart() {
    on_both(|world| {
        let issued = issued(world, 18);
        let (event, id) =
            issued.iter().find(|(event, _)| !face(event, "KZ_CLHP").is_empty()).expect("a vehicle");
        let (plate, code) = (face(event, "KZ_CLHP"), face(event, "KZ_CPYS"));
        let name = |code: &str| if code == "1" { "蓝色" } else { "黄色" };
        let own = match code.as_str() {
            "2" => "黄色",
            "93" => "黄绿色",
            "94" => "渐变绿色",
            other => name(other),
        };
        let other = if own == "黄色" { "蓝色" } else { "黄色" };
        let hits = |text: &str| find(world, text, &Within::all()).hits;
        assert!(hits(&format!("{plate} {own}")).iter().any(|hit| hit.id == *id));
        assert!(hits(&format!("{plate} {other}")).is_empty());
    });
}

#[test]
fn another_area_and_another_kind_find_nothing() {
    on_both(|world| {
        let issued = issued(world, 3);
        let (event, id) = &issued[0];
        let record = event.record.as_ref().expect("a record");
        let (number, identifier) = (face(event, "ZZBH"), {
            let view =
                world.province.certificate_view(id, false, &clerk(), NOW).expect("read").expect("there");
            view.identifier.expect("issued")
        });
        let own = Within { areas: vec![record.area[..4].to_owned()], kinds: vec!["*".into()] };
        let others = Within { areas: vec!["98".into()], kinds: vec!["*".into()] };
        let kind = Within { areas: vec!["*".into()], kinds: vec!["nothing".into()] };
        assert_eq!(find(world, &number, &own).hits.len(), 1);
        assert_eq!(find(world, &identifier, &own).hits.len(), 1);
        for within in [others, kind, Within::default()] {
            assert!(find(world, &number, &within).hits.is_empty());
            assert!(find(world, &identifier, &within).hits.is_empty());
            let seen = world.province.certificate_dossier(id, &within, &clerk(), NOW).expect("read");
            assert_eq!(seen, None);
            let file = world.province.certificate_file((id, 1, 0), true, (&within, &clerk()), NOW);
            assert_eq!(file.expect("read"), None);
        }
    });
}

#[test]
fn a_list_masks_names_and_pages_by_key() {
    on_both(|world| {
        let mut events = first_issues(12);
        events.retain(|event| {
            event
                .record
                .as_ref()
                .is_some_and(|record| face(event, "CZZT").chars().count() < 5 && !record.kind.is_empty())
        });
        let name = face(&events[0], "CZZT");
        for event in &mut events {
            let record = event.record.as_mut().expect("a record");
            record.face.set("CZZT", name.as_str());
        }
        let wanted = events.len();
        assert!(wanted > 1, "persons in the sample");
        let answers = world.province.accept(events.into_iter().map(submitted).collect(), NOW);
        assert!(answers.iter().all(|answer| answer.certificate.is_some()), "{answers:?}");
        let mut search = Search { text: name.clone(), most: 1, ..Search::default() };
        let mut seen = Vec::new();
        loop {
            let found =
                world.province.certificate_search(&search, &Within::all(), &clerk(), NOW).expect("searched");
            assert_eq!(found.by, By::Name);
            for hit in found.hits {
                assert!(hit.holder.contains('*') && hit.holder != name, "{}", hit.holder);
                seen.push(hit.id);
            }
            match found.next {
                Some(next) => search.below = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), wanted);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    });
}

#[test]
fn a_number_of_before_is_found_and_said_to_be_former() {
    on_both(|world| {
        let issued = issued(world, 1);
        let (event, id) = &issued[0];
        let old = face(event, "ZZBH");
        let mut change = later("S000000", "E-2", "变更");
        change.record = event.record.clone().map(|mut record| {
            record.record_id = "E-2".into();
            record.face.set("ZZBH", "演交运证字999901000077号");
            record
        });
        change.photo = event.photo.clone();
        let answer = world.province.accept(vec![submitted(change)], NOW).remove(0);
        assert_eq!(answer.result, node::lifecycle::Outcome::Applied, "{answer:?}");
        let all = Within::all();
        // A driver's number may be the document number too: here it is asked for as what it was.
        let search = Search { text: old.clone(), by: Some(By::Number), below: None, most: 50 };
        let former = world.province.certificate_search(&search, &all, &clerk(), NOW).expect("searched").hits;
        assert!(former.len() == 1 && former[0].former && former[0].id == *id);
        let now = find(world, "999901000077", &all).hits;
        assert!(now.len() == 1 && !now[0].former, "the digits alone find it");
    });
}

#[test]
fn a_search_is_audited_without_what_was_typed() {
    on_both(|world| {
        let issued = issued(world, 1);
        let number = face(&issued[0].0, "CZZTDM");
        find(world, &number, &Within::all());
        find(world, "查无此人", &Within::all());
        let acts = acts(world, "certificate.search");
        assert_eq!(acts.len(), 2);
        assert_eq!(acts[0].actor.purpose.as_deref(), Some("窗口业务办理"));
        assert_eq!((acts[0].outcome.as_str(), acts[1].outcome.as_str()), ("shown", "none"));
        let text = serde_json::to_string(&acts).expect("JSON");
        assert!(!text.contains(&number) && !text.contains("查无此人"), "{text}");
        assert_eq!(acts[0].detail["by"], "document");
    });
}

#[test]
fn a_dossier_has_both_times_and_everything_that_belongs() {
    on_both(|world| {
        let issued = issued(world, 2);
        let (event, id) = &issued[0];
        let held = world.province.accept(vec![submitted(later("S000000", "E-2", "暂扣"))], NOW + 5);
        let refused = world.province.accept(vec![submitted(later("S000000", "E-3", "复业"))], NOW + 9);
        assert_ne!(refused[0].result, node::lifecycle::Outcome::Applied);
        let one = world.province.certificate_dossier(id, &Within::all(), &clerk(), NOW + 10);
        let one = one.expect("read").expect("there");
        assert_eq!(one.number, face(event, "ZZBH"));
        assert_eq!(one.status, held[0].status.clone().expect("a status"));
        assert!(one.face.iter().any(|item| item.value == face(event, "CZZT")), "in full");
        assert_eq!(one.versions.len(), 1);
        assert!(!one.versions[0].parts.is_empty() && !one.delivery.is_empty() && !one.collect.is_empty());
        let named: Vec<&str> = one.steps.iter().map(|step| step.event.as_str()).collect();
        assert_eq!(named.last(), Some(&"初领"), "newest first: {named:?}");
        let first = one.steps.last().expect("a step");
        assert_eq!((first.effective_on.as_str(), first.recorded_at), ("2026-06-01", NOW));
        assert_eq!(first.operator, "经办一，演示省交通运输厅");
        let authority = first.changes.iter().find(|line| line.starts_with("发证机关")).expect("a change");
        assert!(authority.contains("交通运输") && !authority.contains("1199"), "by name: {authority}");
        let checks = world.province.certificate_check((id, 1), &Within::all(), NOW).expect("read");
        let checks = checks.expect("there");
        assert!(checks.iter().all(|check| check.verdict.text() == "有效"), "{checks:?}");
        assert_eq!(acts(world, "certificate.read").len(), 1);
    });
}

#[test]
fn a_file_that_leaves_is_audited_and_a_picture_is_not_twice() {
    on_both(|world| {
        let issued = issued(world, 1);
        let id = &issued[0].1;
        let all = Within::all();
        let take = |taken| world.province.certificate_file((id, 1, 0), taken, (&all, &clerk()), NOW);
        let file = take(true).expect("read").expect("there");
        assert!(file.bytes.starts_with(b"PK"), "an OFD package");
        take(false).expect("read");
        assert_eq!(acts(world, "certificate.export").len(), 1);
        assert_eq!(
            world.province.certificate_file((id, 9, 0), true, (&all, &clerk()), NOW).expect("read"),
            None
        );
    });
}

#[test]
fn a_search_address_opens_in_its_own_session_alone() {
    let world = support::sqlite();
    let province = &world.province;
    let token = province.search_token("张三", Some(By::Name), "session-a").expect("sealed");
    assert!(!token.contains("张三"));
    let kept = province.search_of(&token, "session-a").expect("opens");
    assert_eq!((kept.text.as_str(), kept.by), ("张三", Some(By::Name)));
    assert!(province.search_of(&token, "session-b").is_none());
    assert!(province.search_of("rubbish", "session-a").is_none());
}

#[test]
fn a_face_that_is_looked_at_leaves_an_entry() {
    on_both(|world| {
        let issued = issued(world, 1);
        let id = &issued[0].1;
        let look = |taken| {
            let asked = (id.as_str(), 1, 0);
            let file = world.province.certificate_file(asked, taken, (&Within::all(), &clerk()), NOW);
            assert!(file.expect("read").is_some());
        };
        look(false);
        assert_eq!((acts(world, "certificate.face").len(), acts(world, "certificate.export").len()), (1, 0));
        look(true);
        assert_eq!((acts(world, "certificate.face").len(), acts(world, "certificate.export").len()), (1, 1));
        let entry = acts(world, "certificate.face").remove(0);
        assert_eq!(entry.actor.purpose.as_deref(), Some("窗口业务办理"));
        assert_eq!(entry.object.as_deref(), Some(id.as_str()));
    });
}

#[test]
fn what_was_typed_stands_in_no_entry_whatever_box_it_was_typed_in() {
    on_both(|world| {
        let issued = issued(world, 1);
        let (name, number) = (face(&issued[0].0, "CZZT"), face(&issued[0].0, "CZZTDM"));
        for by in By::ALL {
            for text in [&name, &number] {
                let search = Search { text: text.clone(), by: Some(by), most: 10, ..Search::default() };
                let found = world.province.certificate_search(&search, &Within::all(), &clerk(), NOW);
                found.expect("searched");
            }
        }
        let entries = acts(world, "certificate.search");
        assert_eq!(entries.len(), 2 * By::ALL.len());
        let named = |key: &String| key.is_empty() || key.contains(&name) || key.contains(&number);
        assert!(!entries.iter().any(|act| act.detail.get("key").is_none_or(named)), "{entries:?}");
    });
}

#[test]
fn a_wrong_check_digit_is_said_to_be_one() {
    let world = support::sqlite();
    let found = |text: &str| {
        let search = Search { text: text.into(), most: 50, ..Search::default() };
        world.province.certificate_search(&search, &Within::all(), &clerk(), NOW).expect("searched")
    };
    let wrong = found("11990000MB0000000K");
    assert_eq!(wrong.by, By::Document);
    assert!(wrong.hint.expect("a hint").contains("校验码"));
    assert_eq!(found("11990000MB0000000J").hint, None);
}
