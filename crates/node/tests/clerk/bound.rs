//! A file changes nothing that is not its clerk's, says what became of each record, and stops for no one of them.

use model::Severity;
use node::certificate::Within;
use node::client::NewClient;
use node::form::Filled;
use node::lifecycle::BusinessEvent;
use store::rows::operator;

use crate::support::{NOW, World, first_issues, on_both, sqlite, submitted};
use crate::{account, actor, count, run, upload};

const ME: &str = "jingban001";

fn within(area: &str) -> Within {
    Within { areas: vec![area.into()], kinds: vec!["*".into()] }
}

/// Sets source and record id.
fn named(mut event: BusinessEvent, source: &str, id: &str) -> BusinessEvent {
    let record = event.record.as_mut().expect("a record");
    (record.source, record.record_id) = (source.into(), id.into());
    event
}

fn area(event: &BusinessEvent) -> String {
    event.record.as_ref().expect("a record").area.clone()
}

fn check(world: &World, events: &[BusinessEvent], event: &str, reach: &Within) -> String {
    let mut file = upload(events);
    file.event = event.into();
    world.province.batch_check(file, ME, (reach, &actor(ME)), NOW).expect("checked")
}

/// State and rules of the findings of each record.
fn states(world: &World, id: &str) -> Vec<(String, Vec<String>)> {
    let items = world.province.batch_items((ME, id), ("", 0, 50), &actor(ME), NOW).expect("items");
    let rules = |item: &node::batch::BatchItem| {
        let errors = item.findings.iter().filter(|one| one.severity == Severity::Error);
        errors.map(|one| one.rule.clone()).collect()
    };
    items.iter().map(|item| (item.state.clone(), rules(item))).collect()
}

/// Two records of two areas.
fn neighbours() -> (BusinessEvent, BusinessEvent) {
    let mut events = first_issues(40);
    let first = events.remove(0);
    let other = events.into_iter().find(|event| area(event)[..4] != area(&first)[..4]);
    (first, other.expect("one of another city"))
}

#[test]
fn a_certificate_of_another_area_is_not_changed_by_its_record_number() {
    on_both(|world| {
        let (mine, theirs) = neighbours();
        let reach = within(&area(&mine)[..4]);
        account(world, ME, &area(&mine)[..4]);
        // At the check it is nobody's; when its turn comes it is another's.
        let early = check(world, &[named(mine.clone(), "他市系统", "R1")], "变更", &reach);
        assert_eq!(states(world, &early)[0].0, "ready");
        world.province.batch_start(ME, &early, &actor(ME), NOW).expect("started");
        let mut issued = named(theirs, "他市系统", "R1");
        (issued.source, issued.subject_ref) = ("他市系统".into(), Some("R1".into()));
        world.province.accept(vec![submitted(issued)], NOW);
        assert_eq!(count(world, "lifecycle_version"), 1);
        run(world);
        let outside = [("wrong".to_owned(), vec!["CERTIFICATE_OUTSIDE".to_owned()])];
        assert_eq!(states(world, &early), outside);
        // The area of the record is one's own: it is the certificate that is not.
        let id = check(world, &[named(mine.clone(), "他市系统", "R1")], "变更", &reach);
        assert_eq!(states(world, &id), outside);
        let nothing = Filled { value: &|_| None, photo: None };
        let left =
            world.province.batch_mend((ME, &id), 1, nothing, (&reach, &actor(ME)), NOW).expect("saved");
        assert!(left.iter().any(|one| one.rule == "CERTIFICATE_OUTSIDE"), "nor by mending");
        assert_eq!(count(world, "lifecycle_version"), 1);
    });
}

#[test]
fn nobody_speaks_in_the_name_of_a_system_that_reaches_further() {
    let world = sqlite();
    let (mine, theirs) = neighbours();
    let own = area(&mine)[..4].to_owned();
    account(&world, ME, &own);
    for (source, right) in
        [("省系统", "lifecycle.submit".to_owned()), ("市系统", format!("lifecycle.submit@{own}"))]
    {
        let new = NewClient {
            name: source.into(),
            source: source.into(),
            rights: vec![right.parse().expect("a right")],
            ..NewClient::default()
        };
        world.province.client_add(new, &actor("anquan001"), NOW).expect("a client");
    }
    let reserved = NewClient {
        name: "冒名".into(),
        source: "批量导入/990101".into(),
        rights: vec!["lifecycle.submit".parse().expect("a right")],
        ..NewClient::default()
    };
    assert!(world.province.client_add(reserved, &actor("anquan001"), NOW).is_err(), "reserved");
    let rules = |source: &str| {
        let id = check(&world, &[named(mine.clone(), source, "R1")], "初领", &within(&own));
        states(&world, &id).remove(0)
    };
    assert_eq!(rules("省系统"), ("wrong".into(), vec!["SOURCE_OUTSIDE".into()]));
    assert_eq!(rules("manual"), ("wrong".into(), vec!["SOURCE_RESERVED".into()]));
    assert_eq!(rules("批量导入/990299"), ("wrong".into(), vec!["SOURCE_RESERVED".into()]));
    assert_eq!(rules("市系统").0, "ready");
    assert_eq!(rules("档案室").0, "ready");

    // Without a source, number 1 of two cities is two certificates.
    world
        .province
        .store
        .write(|session| {
            let mut row = operator::get(session, ME)?.expect("the account");
            row.areas = "[\"*\"]".into();
            operator::update(session, &row)
        })
        .expect("moved");
    let all = Within::all();
    for event in [mine, theirs] {
        let id = check(&world, &[named(event, "", "1")], "初领", &all);
        world.province.batch_start(ME, &id, &actor(ME), NOW).expect("started");
        run(&world);
        assert_eq!(states(&world, &id)[0].0, "done");
    }
    assert_eq!(count(&world, "lifecycle_certificate"), 2);
}

#[test]
fn a_file_of_an_account_that_was_moved_stays_closed_and_stops() {
    on_both(|world| {
        let events = first_issues(40);
        account(world, ME, "99");
        let id = check(world, &events, "初领", &within("99"));
        world.province.batch_start(ME, &id, &actor(ME), NOW).expect("started");
        assert!(world.province.batch_work("worker", NOW).expect("a group"));
        let set = |areas: &'static str, state: &'static str| {
            let set = move |session: &mut store::Session| {
                let mut row = operator::get(session, ME)?.expect("the account");
                (row.areas, row.state) = (areas.into(), state.into());
                operator::update(session, &row)
            };
            world.province.store.write(set).expect("changed");
        };
        set("[\"9902\"]", "active");
        run(world);
        let facts = world.province.batch_show(ME, &id).expect("read").expect("there");
        assert_eq!(
            (facts.job.state.as_str(), facts.job.count("done"), facts.job.count("failed")),
            ("done", 32, 8)
        );
        assert_eq!(facts.state_name(), "部分办理，还有未办的");
        let closed = world.province.batch_items((ME, &id), ("", 0, 5), &actor(ME), NOW).expect_err("closed");
        assert!(closed.to_string().contains("有变"), "{closed}");
        assert!(world.province.batch_form((ME, &id), 40, NOW).is_err());
        assert!(world.province.batch_start(ME, &id, &actor(ME), NOW).is_err());
        set("[\"99\"]", "disabled");
        assert!(world.province.batch_start(ME, &id, &actor(ME), NOW).is_err());
        set("[\"*\"]", "active");
        world.province.batch_start(ME, &id, &actor(ME), NOW).expect("what was left can be handed in again");
        run(world);
        let facts = world.province.batch_show(ME, &id).expect("read").expect("there");
        assert_eq!((facts.job.count("done"), facts.state_name()), (40, "已办结"));
    });
}

#[test]
fn what_waits_is_not_refused_and_follows_its_event() {
    on_both(|world| {
        let event = named(first_issues(1).remove(0), "运政", "S000000");
        account(world, ME, "*");
        let id = check(world, std::slice::from_ref(&event), "更正", &Within::all());
        world.province.batch_start(ME, &id, &actor(ME), NOW).expect("started");
        run(world);
        assert_eq!(states(world, &id)[0].0, "waiting");
        let facts = world.province.batch_show(ME, &id).expect("read").expect("there");
        assert_eq!(facts.state_name(), "已提交，部分等待结果");
        // Its event is answered later, without the file.
        let answer = "UPDATE lifecycle_event SET status = 'refused' WHERE status = 'waiting'";
        world.province.store.write(move |session| session.execute(answer, &[])).expect("answered");
        assert_eq!(states(world, &id)[0].0, "refused");
        let facts = world.province.batch_show(ME, &id).expect("read").expect("there");
        assert_eq!((facts.job.count("refused"), facts.state_name()), (1, "已办结"));
    });
}

#[test]
fn one_bad_record_fails_itself_and_files_take_turns() {
    let world = sqlite();
    account(&world, ME, "*");
    let mut events = first_issues(80);
    let place = events.iter().position(|event| event.photo.is_some()).expect("one with a photo");
    events.swap(0, place);
    let short = vec![events.pop().expect("one"), events.pop().expect("another")];
    let long = check(&world, &events, "初领", &Within::all());
    let brief = check(&world, &short, "初领", &Within::all());
    let lose =
        "UPDATE issue_batch_item SET photo = 'kaputt' WHERE n = 1 AND photo IS NOT NULL AND batch_id = ";
    let lose = format!("{lose}'{long}'");
    world.province.store.write(move |session| session.execute(&lose, &[])).expect("lost");
    for id in [&long, &brief] {
        world.province.batch_start(ME, id, &actor(ME), NOW).expect("started");
    }
    for _ in 0..3 {
        world.province.batch_work("worker", NOW).expect("a group");
    }
    let done = |id: &str| {
        let facts = world.province.batch_show(ME, id).expect("read").expect("there");
        (facts.job.count("done"), facts.job.count("failed"), facts.job.count("ready"))
    };
    assert_eq!(done(&brief), (2, 0, 0), "not behind the long one");
    assert!(done(&long).2 > 0, "which is not through");
    run(&world);
    assert_eq!(done(&long), (77, 1, 0));
    let items = world.province.batch_items((ME, &long), ("failed", 0, 5), &actor(ME), NOW).expect("items");
    assert!(items[0].n == 1 && items[0].why.contains("照片") && items[0].mendable, "{items:?}");
}

#[test]
fn a_second_record_of_one_id_stays_wrong_until_its_id_is_mended() {
    let world = sqlite();
    account(&world, ME, "*");
    let mut events = first_issues(2);
    let id = events[0].record.as_ref().expect("a record").record_id.clone();
    events[1].record.as_mut().expect("a record").record_id.clone_from(&id);
    let (all, me) = (Within::all(), actor(ME));
    let file = check(&world, &events, "初领", &all);
    let (_, form) = world.province.batch_form((ME, &file), 2, NOW).expect("a form");
    assert_eq!(form.fields[0].path, "record_id");
    assert!(form.fields[0].findings[0].0.contains("第 1 行"), "{form:?}");
    let mend = |n: i64, to: Option<&str>| {
        let value = |path: &str| to.filter(|_| path == "record_id").map(str::to_owned);
        let filled = Filled { value: &value, photo: None };
        world.province.batch_mend((ME, &file), n, filled, (&all, &me), NOW)
    };
    let wrong = |left: &[model::Finding]| left.iter().any(|one| one.rule == "RECORD_CHANGED");
    assert!(wrong(&mend(2, None).expect("saved")), "saved as it was");
    assert!(!wrong(&mend(1, None).expect("saved")), "the first one is right");
    assert!(!wrong(&mend(2, Some("R-2")).expect("saved")));
    assert!(wrong(&mend(1, Some("R-2")).expect("saved")), "nor may it become another's");
}

#[test]
fn a_record_that_was_handed_in_meanwhile_keeps_its_result() {
    let world = sqlite();
    account(&world, ME, "*");
    let (all, me) = (Within::all(), actor(ME));
    let file = check(&world, &first_issues(2), "初领", &all);
    // Handed in and done, while somebody fills in the form of another tab.
    let province = &world.province;
    let handed = std::cell::Cell::new(false);
    let value = |_: &str| {
        if !handed.replace(true) {
            province.batch_start(ME, &file, &me, NOW).expect("started");
            run(&world);
        }
        None
    };
    let filled = Filled { value: &value, photo: None };
    let refused = province.batch_mend((ME, &file), 1, filled, (&all, &me), NOW).expect_err("too late");
    assert!(refused.to_string().contains("没有保存"), "{refused}");
    assert!(states(&world, &file).iter().all(|(state, _)| state == "done"));
    assert!(province.batch_form((ME, &file), 1, NOW).is_err(), "what is done has no form");
    assert!(province.batch_drop(ME, &file, &me, NOW).is_err(), "nor is it taken off the list");
}

#[test]
fn a_file_that_is_taken_off_the_list_is_gone() {
    let world = sqlite();
    account(&world, ME, "*");
    let (all, me) = (Within::all(), actor(ME));
    let mut events = first_issues(2);
    crate::spoil(&mut events[1]);
    let file = check(&world, &events, "初领", &all);
    world.province.batch_start(ME, &file, &me, NOW).expect("started");
    run(&world);
    let nothing = Filled { value: &|_| None, photo: None };
    world.province.batch_mend((ME, &file), 2, nothing, (&all, &me), NOW).expect("saved");
    assert!(world.province.batch_drop(ME, &file, &me, NOW).is_err(), "one of it is issued");
    let other = check(&world, &events, "初领", &all);
    world.province.batch_drop(ME, &other, &me, NOW).expect("dropped");
    assert!(world.province.batch_show(ME, &other).expect("read").is_none());
    assert_eq!(count(&world, "issue_batch_item"), 2, "its records are deleted");
}
