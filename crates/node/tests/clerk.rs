//! A clerk's work over both engines: files checked, mended and handed in; unfit events mended; emergency acts by two people; sheets.

#[path = "clerk/bound.rs"]
mod bound;
#[path = "clerk/photo.rs"]
mod photo;
#[path = "clerk/print.rs"]
mod print;
mod support;

use std::sync::Arc;

use node::audit::Actor;
use node::batch::Upload;
use node::certificate::Within;
use node::form::Filled;
use node::lifecycle::{BusinessEvent, Outcome};
use node::manual::ManualRequest;
use node::outage::{Leg, NewOutage};
use node::work::EventStatus;
use store::rows::operator::{self, OperatorRow};
use support::{DAY, NOW, SECOND, World, first_issues, on_both, sqlite, submitted};

/// Why a record is mended.
const WHY: &str = "核对许可档案原件";
const HOUR: i64 = 3600 * SECOND;

fn actor(account: &str) -> Actor {
    Actor {
        client: "web".into(),
        operator: Some(account.into()),
        unit: Some("演示市交通运输局".into()),
        staff_no: Some(format!("9901-{account}")),
        ..Actor::default()
    }
}

/// An account of a clerk for an area, without a password that anybody knows.
fn account(world: &World, name: &str, area: &str) {
    let row = OperatorRow {
        name: name.into(),
        role: "窗口经办".into(),
        areas: format!("[\"{area}\"]"),
        kinds: "[\"*\"]".into(),
        state: "active".into(),
        ..OperatorRow::default()
    };
    world.province.store.write(move |session| operator::insert(session, &row)).expect("an account");
}

fn others() -> Within {
    Within { areas: vec!["98".into()], kinds: vec!["*".into()] }
}

/// Records of events as JSON lines, and their photos by name.
fn upload(events: &[BusinessEvent]) -> Upload {
    let mut upload = Upload { name: "记录.jsonl".into(), event: "初领".into(), ..Upload::default() };
    let mut lines = Vec::new();
    for event in events {
        let mut record = event.record.clone().expect("a record");
        if let Some(photo) = &event.photo {
            let name = format!("{}.jpg", record.record_id);
            upload.photos.push((name.clone(), gm::base64::decode(photo).expect("Base64")));
            record.photo = Some(format!("照片/{name}"));
        }
        lines.push(serde_json::to_string(&record).expect("JSON"));
    }
    upload.bytes = lines.join("\n").into_bytes();
    upload
}

/// Spoils the date of a record.
fn spoil(event: &mut BusinessEvent) {
    let record = event.record.as_mut().expect("a record");
    record.face.set("ZZBFRQ", "2026-13-45");
}

fn count(world: &World, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
    let rows = world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    rows.expect("the rows").unwrap_or(0)
}

fn run(world: &World) {
    for step in 0..50 {
        if !world.province.batch_work("worker", NOW + step).expect("worked") {
            return;
        }
    }
    panic!("a job that never ends");
}

#[test]
fn a_file_is_checked_mended_and_handed_in_once() {
    on_both(|world| {
        let mut events = first_issues(6);
        let right = events[2].record.as_ref().and_then(|one| one.face.text("ZZBFRQ")).map(str::to_owned);
        spoil(&mut events[2]);
        let (all, me) = (Within::all(), actor("jingban001"));
        account(world, "jingban001", "*");
        let id =
            world.province.batch_check(upload(&events), "jingban001", (&all, &me), NOW).expect("checked");
        let place = ("jingban001", id.as_str());
        let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
        assert_eq!((facts.job.total, facts.job.count("ready"), facts.job.count("wrong")), (6, 5, 1));
        assert_eq!(count(world, "lifecycle_certificate"), 0, "nothing is changed by a check");
        assert!(world.province.batch_show("jingban002", &id).expect("read").is_none(), "another's file");
        let wrong = world.province.batch_items(place, ("wrong", 0, 10), &me, NOW).expect("items");
        assert_eq!((wrong.len(), wrong[0].n), (1, 3));
        let (_, form) = world.province.batch_form(place, 3, NOW).expect("a form");
        let field = &form.fields[0];
        assert_eq!(
            (field.path.as_str(), field.findings.is_empty()),
            ("ZZBFRQ", false),
            "what is wrong comes first"
        );

        // Handed in before it is mended: the right ones go, the wrong one stays.
        world.province.batch_start("jingban001", &id, &me, NOW).expect("started");
        run(world);
        let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
        assert_eq!(
            (facts.job.state.as_str(), facts.job.count("done"), facts.job.count("wrong")),
            ("done", 5, 1)
        );
        assert_eq!(count(world, "lifecycle_version"), 5);

        let value = |path: &str| (path == "ZZBFRQ").then(|| right.clone()).flatten();
        let left = world
            .province
            .batch_mend(place, 3, Filled { value: &value, photo: None }, (&all, &me), NOW + 60 * SECOND)
            .expect("mended");
        assert!(left.iter().all(|one| one.severity != model::Severity::Error), "{left:?}");
        world.province.batch_start("jingban001", &id, &me, NOW).expect("started again");
        run(world);
        let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
        assert_eq!((facts.job.state.as_str(), facts.job.count("done")), ("done", 6));
        assert_eq!(count(world, "lifecycle_version"), 6, "nothing twice");
    });
}

#[test]
fn a_job_goes_on_after_a_restart_and_does_nothing_twice() {
    let world = sqlite();
    let events = first_issues(40);
    let (all, me) = (Within::all(), actor("jingban001"));
    account(&world, "jingban001", "*");
    let id = world.province.batch_check(upload(&events), "jingban001", (&all, &me), NOW).expect("checked");
    world.province.batch_start("jingban001", &id, &me, NOW).expect("started");
    assert!(world.province.batch_work("worker-1", NOW).expect("a group"));
    // As if the process had died after the events were answered and before their rows said so.
    let undo = "UPDATE issue_batch_item SET state = 'ready', certificate_id = NULL";
    world.province.store.write(|session| session.execute(undo, &[])).expect("undone");
    let world = world.reopen();
    run(&world);
    let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
    assert_eq!((facts.job.state.as_str(), facts.job.count("done")), ("done", 40), "{facts:?}");
    assert_eq!(count(&world, "lifecycle_version"), 40);
    assert_eq!(count(&world, "lifecycle_event"), 40);
}

#[test]
fn what_cannot_be_read_or_is_not_ones_own_is_a_finding() {
    let world = sqlite();
    let events = first_issues(2);
    let me = actor("jingban001");
    account(&world, "jingban001", "*");
    let mut file = upload(&events);
    file.bytes.extend_from_slice("\n{不是记录}".as_bytes());
    let id = world.province.batch_check(file, "jingban001", (&others(), &me), NOW).expect("checked");
    let items = world.province.batch_items(("jingban001", &id), ("", 0, 10), &me, NOW).expect("items");
    assert!(items.iter().all(|item| item.state == "wrong"), "{items:?}");
    assert!(items[0].findings.iter().any(|one| one.rule == "AREA_OUTSIDE"));
    assert!(!items[2].mendable && items[2].findings[0].rule == "RECORD_SHAPE");
    assert_eq!(items[2].line, 3, "where it stands in the file");
    let refused = world.province.batch_start("jingban001", &id, &me, NOW).expect_err("nothing is ready");
    assert!(refused.to_string().contains("没有可以办理的记录"), "{refused}");
    for (name, bytes) in [("a.xls", &b"x"[..]), ("a.csv", b""), ("a.json", b"[1,")] {
        let file =
            Upload { name: name.into(), bytes: bytes.to_vec(), event: "初领".into(), photos: Vec::new() };
        assert!(
            world.province.batch_check(file, "jingban001", (&Within::all(), &me), NOW).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_json_array_is_read_like_lines() {
    let world = sqlite();
    let mut file = upload(&first_issues(3));
    let text = String::from_utf8(file.bytes).expect("UTF-8");
    file.bytes = format!("[{}]", text.lines().collect::<Vec<_>>().join(",")).into_bytes();
    file.name = "记录.json".into();
    let me = actor("jingban001");
    let id = world.province.batch_check(file, "jingban001", (&Within::all(), &me), NOW).expect("checked");
    let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
    assert_eq!(facts.job.count("ready"), 3);
}

#[test]
fn an_unfit_event_is_mended_beside_its_field_and_sent_again() {
    on_both(|world| {
        let mut events = first_issues(2);
        let right = events[0].record.as_ref().and_then(|one| one.face.text("ZZBFRQ")).map(str::to_owned);
        spoil(&mut events[0]);
        let answers = world.province.accept(events.into_iter().map(submitted).collect(), NOW);
        assert_eq!(answers[0].result, Outcome::Unfit);
        let (all, me) = (Within::all(), actor("jingban001"));
        let page = ((i64::MAX, ""), 10);
        let list = |within: &Within| {
            world.province.work_events(EventStatus::Unfit, (within, &me), page, NOW).expect("a list")
        };
        assert!(list(&others()).is_empty(), "another area's");
        let found = list(&all);
        assert_eq!(found.len(), 1);
        let id = found[0].step.id.clone();
        assert!(world.province.work_event(&id, (&others(), &me), NOW).expect("read").is_none());
        let (_, form) = world.province.work_event(&id, (&all, &me), NOW).expect("read").expect("there");
        let form = form.expect("a record to mend");
        assert_eq!(form.fields[0].path, "ZZBFRQ");
        assert!(!form.fields[0].findings[0].1.is_empty(), "a fix in words");
        let nothing = |_: &str| None;
        let again = world
            .province
            .work_mend(&id, (Filled { value: &nothing, photo: None }, WHY), (&all, &me), NOW + 1)
            .expect("an answer");
        assert_eq!(again.result, Outcome::Unfit, "as wrong as before");
        let shown = world.province.work_event(&id, (&all, &me), NOW).expect("read").expect("there").0;
        assert_eq!(shown.step.recorded_at, NOW, "another try makes it no newer");
        let value = |path: &str| (path == "ZZBFRQ").then(|| right.clone()).flatten();
        let bare =
            world.province.work_mend(&id, (Filled { value: &value, photo: None }, ""), (&all, &me), NOW);
        assert!(bare.expect_err("no word about why").to_string().contains("补正依据"));
        let done = world
            .province
            .work_mend(&id, (Filled { value: &value, photo: None }, WHY), (&all, &me), NOW + 2)
            .expect("an answer");
        assert_eq!(done.result, Outcome::Applied, "{done:?}");
        assert!(list(&all).is_empty());
        // Who, why, before and after stay with the event; another try made it no newer.
        let (shown, _) = world.province.work_event(&id, (&all, &me), NOW).expect("read").expect("there");
        let mended = &shown.step.mended;
        assert_eq!(mended.len(), 1, "a try that changed nothing leaves nothing: {mended:?}");
        assert_eq!((mended[0].by.as_str(), mended[0].why.as_str()), ("jingban001，演示市交通运输局", WHY));
        let change = &mended[0].changes[0];
        assert_eq!((change.path.as_str(), change.before.as_str()), ("ZZBFRQ", "2026-13-45"));
        assert_eq!(Some(&change.after), right.as_ref());
        assert!(
            world
                .province
                .work_mend(&id, (Filled { value: &value, photo: None }, WHY), (&all, &me), NOW + 3)
                .is_err(),
            "once"
        );
    });
}

/// One certificate, and its 证照标识.
fn one(world: &World) -> String {
    let event = first_issues(1).remove(0);
    let answer = world.province.accept(vec![submitted(event)], NOW).remove(0);
    answer.identifier.expect("issued")
}

fn outage(world: &World) {
    let new = NewOutage {
        leg: Leg::In,
        party: "运政".into(),
        planned: false,
        started_at: NOW - HOUR,
        ends_at: None,
        cause: "机房断电".into(),
        measures: "窗口应急办理".into(),
    };
    world.province.outage_open(new, &actor("shengji001"), NOW).expect("opens");
}

fn request(identifier: &str) -> ManualRequest {
    ManualRequest {
        identifier: identifier.into(),
        event: "暂扣".into(),
        effective_on: "2026-06-01".into(),
        decision_no: "演交罚〔2026〕7号".into(),
        decision_date: "2026-06-01".into(),
        grounds: "违法行为需立即暂扣，运政系统断电".into(),
        ..ManualRequest::default()
    }
}

#[test]
fn an_emergency_act_needs_an_outage_and_two_people() {
    on_both(|world| {
        let identifier = one(world);
        let (all, maker, checker) = (Within::all(), actor("jingban001"), actor("shenhe001"));
        let ask = || world.province.manual_ask(request(&identifier), "王经办", (&all, &maker), NOW);
        assert!(ask().expect_err("no outage").to_string().contains("中断"), "only while the system is away");
        outage(world);
        let id = ask().expect("asked");
        let status = |world: &World| {
            let sql = "SELECT state FROM lifecycle_certificate";
            let found =
                world.province.store.read(|session| session.row(sql, &[], |row| row.get::<String>(0)));
            found.expect("read").expect("one")
        };
        assert!(!status(world).contains("withheld"), "asking does nothing");
        let own = world.province.manual_confirm(&id, (&all, &maker), NOW + 1).expect_err("the same person");
        assert!(own.to_string().contains("自己"), "{own}");
        assert!(world.province.manual_confirm(&id, (&others(), &checker), NOW + 1).is_err(), "another area");
        let done = world.province.manual_confirm(&id, (&all, &checker), NOW + 2).expect("confirmed");
        assert!(done.done, "{done:?}");
        assert!(status(world).contains("withheld"));
        assert!(world.province.manual_confirm(&id, (&all, &checker), NOW + 3).is_err(), "once");
        assert_eq!(count(world, "lifecycle_work WHERE code = 'MANUAL_ACT' AND state = 'open'"), 1);
        assert_eq!(count(world, "lifecycle_event WHERE source = 'manual' AND status = 'applied'"), 1);
        let shown = world.province.manual_show(&id, &all, NOW + 4).expect("read").expect("there");
        assert_eq!((shown.state.as_str(), shown.maker.0.as_str()), ("confirmed", "jingban001"));
        assert_eq!(shown.decided.map(|(who, ..)| who).as_deref(), Some("shenhe001"));
        // The reminder is closed with a word about how.
        let work = world.province.work_list(&all, (0, ""), 10, NOW).expect("a list");
        let item = work.iter().find(|item| item.code == "MANUAL_ACT").expect("the reminder");
        let close = |reason: &str| world.province.work_close(&item.id, reason, (&all, &maker), NOW + 5);
        assert!(close(" ").is_err());
        close("已在业务系统补录").expect("closed");
        assert!(close("已在业务系统补录").is_err(), "once");
    });
}

#[test]
fn a_rejected_or_late_emergency_act_is_never_done() {
    on_both(|world| {
        let identifier = one(world);
        outage(world);
        let (all, maker, checker) = (Within::all(), actor("jingban001"), actor("shenhe001"));
        let ask = |at| {
            world.province.manual_ask(request(&identifier), "王经办", (&all, &maker), at).expect("asked")
        };
        let (first, second) = (ask(NOW), ask(NOW + SECOND));
        assert!(world.province.manual_reject(&first, "", (&all, &checker), NOW).is_err(), "a reason is due");
        world.province.manual_reject(&first, "文号不符", (&all, &checker), NOW).expect("rejected");
        assert!(world.province.manual_confirm(&first, (&all, &checker), NOW).is_err());
        let late =
            world.province.manual_confirm(&second, (&all, &checker), NOW + DAY + SECOND).expect_err("late");
        assert!(late.to_string().contains("24 小时"), "{late}");
        assert_eq!(count(world, "lifecycle_event WHERE source = 'manual'"), 0);
        let shown = world
            .province
            .manual_list((Some("jingban001"), false), &all, None, 10, NOW + DAY + SECOND)
            .expect("a list");
        let states: Vec<&str> = shown.iter().map(|one| one.state.as_str()).collect();
        assert_eq!(states, ["expired", "rejected"], "newest first");
    });
}

/// Dies at one stage, as often as it gets there; then in none.
fn dies_at(world: &mut World, stage: &'static str) {
    let province = Arc::get_mut(&mut world.province).expect("nobody else has it");
    let dies = move |name: &'static str| match name == stage {
        true => Err(node::NodeError::Refused { what: "断电".into(), fix: String::new() }),
        false => Ok(()),
    };
    province.stages = Some(Box::new(dies));
}

#[test]
fn a_confirmation_that_a_crash_cut_short_is_finished_whatever_its_age_and_nobody_rejects_it() {
    for stage in ["manual.accept", "manual.settle"] {
        for mut world in [sqlite(), support::postgres()] {
            let identifier = one(&world);
            outage(&world);
            let (all, maker, checker) = (Within::all(), actor("jingban001"), actor("shenhe001"));
            let asked = world.province.manual_ask(request(&identifier), "王经办", (&all, &maker), NOW);
            let id = asked.expect("asked");
            dies_at(&mut world, stage);
            assert!(world.province.manual_confirm(&id, (&all, &checker), NOW + 2).is_err(), "{stage}");
            let world = world.reopen();
            // Claimed is claimed: nobody decides otherwise, before or after the day on which a request is void.
            let other = actor("shenhe002");
            for at in [NOW + 3, NOW + 2 * DAY] {
                assert!(world.province.manual_reject(&id, "文号不符", (&all, &other), at).is_err());
                let shown = world.province.manual_show(&id, &all, at).expect("read").expect("there");
                assert_eq!(shown.state, "confirming", "{stage}");
            }
            let later = NOW + 2 * DAY;
            assert_eq!(world.province.manual_work(NOW, later).expect("worked"), 0, "it may be under way");
            assert_eq!(world.province.manual_work(later, later).expect("worked"), 1, "{stage}");
            assert_eq!(world.province.manual_work(later, later).expect("worked"), 0, "once");
            let shown = world.province.manual_show(&id, &all, later).expect("read").expect("there");
            assert_eq!(shown.state, "confirmed", "{stage}");
            assert_eq!(count(&world, "lifecycle_event WHERE source = 'manual' AND status = 'applied'"), 1);
            assert_eq!(count(&world, "lifecycle_work WHERE code = 'MANUAL_ACT'"), 1);
            for act in ["manual.confirm", "manual.settle"] {
                let told = format!("audit_pending WHERE entries LIKE '%{act}%'");
                assert_eq!(count(&world, &told), 1, "{stage} {act}");
            }
        }
    }
}

#[test]
fn the_conditions_of_an_emergency_act_are_those_of_its_certificate_and_are_asked_again() {
    on_both(|world| {
        let identifier = one(world);
        let (all, maker, checker) = (Within::all(), actor("jingban001"), actor("shenhe001"));
        let ask = |at| world.province.manual_ask(request(&identifier), "王经办", (&all, &maker), at);
        let elsewhere = NewOutage {
            leg: Leg::In,
            party: "外市系统".into(),
            planned: false,
            started_at: NOW - HOUR,
            ends_at: None,
            cause: "断电".into(),
            measures: "待恢复".into(),
        };
        world.province.outage_open(elsewhere, &actor("shengji001"), NOW).expect("opens");
        let refused = ask(NOW).expect_err("another system is away");
        assert!(refused.to_string().contains("“运政”没有登记中的中断"), "{refused}");
        outage(world);
        let id = ask(NOW).expect("asked");
        // A request that is void waits for nobody.
        let waiting =
            |at| world.province.manual_list((None, true), &all, None, 10, at).expect("a list").len();
        assert_eq!((waiting(NOW), waiting(NOW + DAY)), (1, 0));
        let open = world.province.outage_list(i64::MAX, 10).expect("a list");
        let own = open.iter().find(|one| one.party == "运政").expect("the outage");
        world.province.outage_close(&own.id, &actor("shengji001"), NOW + 1).expect("over");
        let refused = world.province.manual_confirm(&id, (&all, &checker), NOW + 2).expect_err("it is back");
        assert!(refused.to_string().contains("没有登记中的中断"), "{refused}");
        assert_eq!(count(world, "lifecycle_event WHERE source = 'manual'"), 0);
        world.province.manual_reject(&id, "业务系统已恢复", (&all, &checker), NOW + 3).expect("rejected");
    });
}

#[test]
fn nobody_confirms_the_own_emergency_act_with_a_second_account() {
    let world = sqlite();
    let identifier = one(&world);
    outage(&world);
    let (all, maker) = (Within::all(), actor("jingban001"));
    let id = world.province.manual_ask(request(&identifier), "王经办", (&all, &maker), NOW).expect("asked");
    let twin = Actor { staff_no: Some(" 9901-JINGBAN００１ ".into()), ..actor("shenhe001") };
    let own = world.province.manual_confirm(&id, (&all, &twin), NOW + 1).expect_err("the same person");
    assert!(own.to_string().contains("自己"), "{own}");
    assert!(world.province.manual_reject(&id, "不办了", (&all, &twin), NOW + 1).is_err());
    let shown = world.province.manual_show(&id, &all, NOW).expect("read").expect("there");
    assert!(shown.is_own(&twin) && !shown.is_own(&actor("shenhe001")));
}

#[test]
fn an_emergency_act_that_the_rules_forbid_is_settled_as_not_done() {
    let world = sqlite();
    let identifier = one(&world);
    outage(&world);
    let (all, maker, checker) = (Within::all(), actor("jingban001"), actor("shenhe001"));
    let ask = |request| world.province.manual_ask(request, "王经办", (&all, &maker), NOW);
    // What would not be done, or not yet, is said to whoever asks, not to the second person.
    for event in ["恢复", "延续"] {
        let told = ask(ManualRequest { event: event.into(), ..request(&identifier) }).expect_err(event);
        assert!(told.to_string().contains("按规则不能办理"), "{told}");
    }
    let id = ask(request(&identifier)).expect("asked");
    let over = support::later("S000000", "E-2", "注销");
    assert_eq!(world.province.accept(vec![submitted(over)], NOW)[0].result, Outcome::Applied);
    assert!(ask(request(&identifier)).expect_err("over").to_string().contains("已注销"));
    let done = world.province.manual_confirm(&id, (&all, &checker), NOW).expect("an answer");
    assert!(!done.done && !done.text.is_empty(), "{done:?}");
    assert_eq!(count(&world, "lifecycle_work WHERE code = 'MANUAL_ACT'"), 0);
    for wrong in [
        ManualRequest { event: "初领".into(), ..request(&identifier) },
        ManualRequest { decision_no: String::new(), ..request(&identifier) },
        ManualRequest { effective_on: "昨天".into(), ..request(&identifier) },
        ManualRequest { decision_date: "2026-07-01".into(), ..request(&identifier) },
        ManualRequest { grounds: "急".into(), ..request(&identifier) },
        ManualRequest { identifier: "1.2.3".into(), ..request(&identifier) },
    ] {
        assert!(ask(wrong.clone()).is_err(), "{wrong:?}");
    }
}
