//! What the clerk's pages are shown over, for their snapshots and for their pictures: every state that a page has, once.

use std::sync::Arc;

use node::Province;
use node::audit::Actor;
use node::batch::Upload;
use node::certificate::Within;
use node::deliver::WindowActivation;
use node::lifecycle::BusinessEvent;
use node::manual::ManualRequest;
use node::outage::{Leg, NewOutage};
use node::share::PrintWish;

use crate::support::{SECOND, first_issues, later, submitted};

/// The account that all of it belongs to, in area 99.
pub const CLERK: &str = "jingban001";

/// The stage: what pages there are, and what is searched for.
pub struct Stage {
    /// Name and address of each page.
    pub pages: Vec<(&'static str, String)>,
    /// The address of the one open request, for the reviewer.
    pub confirm: String,
    /// The name of a holder with two certificates.
    pub holder: String,
    /// An identifier.
    pub identifier: String,
}

pub fn actor(account: &str) -> Actor {
    Actor {
        client: "web".into(),
        operator: Some(account.into()),
        unit: Some("演示市交通运输局".into()),
        staff_no: Some(format!("9901-{account}")),
        ..Actor::default()
    }
}

fn text(event: &BusinessEvent, item: &str) -> String {
    event.record.as_ref().and_then(|one| one.face.text(item)).unwrap_or_default().to_owned()
}

/// Spoils the date of a record.
pub fn spoil(event: &mut BusinessEvent) {
    event.record.as_mut().expect("a record").face.set("ZZBFRQ", "2026-13-45");
}

/// Halves the photo of an event.
pub fn halve(event: &mut BusinessEvent) {
    let photo = gm::base64::decode(event.photo.as_deref().expect("a photo")).expect("Base64");
    event.photo = Some(gm::base64::encode(&photo[..photo.len() / 2]));
}

/// Records as a file with its photos.
pub fn upload(name: &str, events: &[BusinessEvent]) -> Upload {
    let mut upload = Upload { name: name.into(), event: "初领".into(), ..Upload::default() };
    let mut lines = Vec::new();
    for event in events {
        let mut record = event.record.clone().expect("a record");
        if let Some(photo) = &event.photo {
            let name = format!("{}.jpg", record.record_id);
            upload.photos.push((name.clone(), gm::base64::decode(photo).expect("Base64")));
            record.photo = Some(name);
        }
        lines.push(serde_json::to_string(&record).expect("JSON"));
    }
    upload.bytes = lines.join("\n").into_bytes();
    upload
}

/// Puts everything there.
pub fn fill(province: &Arc<Province>, now: i64) -> Stage {
    let mut events = first_issues(62);
    let (all, me) = (Within::all(), actor(CLERK));
    let own = Within { areas: vec!["99".into()], ..Within::all() };
    // Two certificates of one holder, so that a search by name lists them.
    let kind = |event: &BusinessEvent| event.record.as_ref().map(|one| one.kind.clone());
    let twin = (1..12).find(|place| kind(&events[*place]) == kind(&events[0])).expect("two of a kind");
    let holder = text(&events[0], "CZZT");
    events[twin].record.as_mut().expect("a record").face.set("CZZT", holder.as_str());
    let issued: Vec<_> = events.drain(..12).map(submitted).collect();
    let answers = province.accept(issued, now);
    let made: Vec<(String, String)> = answers
        .into_iter()
        .map(|one| (one.certificate.expect("issued"), one.identifier.expect("issued")))
        .collect();
    province.accept(vec![submitted(later("S000000", "E-2", "暂扣"))], now + SECOND);
    province.accept(vec![submitted(later("S000001", "E-3", "复业"))], now + SECOND);
    let place = events.iter().position(|event| event.photo.is_some()).expect("one with a photo");
    let mut unfit = events.remove(place);
    spoil(&mut unfit);
    halve(&mut unfit);
    province.accept(vec![submitted(unfit)], now + SECOND);

    // Each at a second of its own, so that lists have one order.
    let batch = |name: &str, events: &[BusinessEvent], second: i64| {
        let at = now + second * SECOND;
        province.batch_check(upload(name, events), CLERK, (&own, &me), at).expect("checked")
    };
    let go = |id: &str| province.batch_start(CLERK, id, &me, now).expect("started");
    let done = batch("上周新办.jsonl", &events[..3], 2);
    go(&done);
    while province.batch_work("worker", now).expect("worked") {}
    let photos = events.iter_mut().take(9).skip(3).filter(|event| event.photo.is_some()).take(1);
    photos.for_each(halve);
    spoil(&mut events[3]);
    let checked = batch("本周新办.jsonl", &events[3..9], 3);
    let running = batch("本月补录.jsonl", &events[9..45], 4);
    go(&running);
    assert!(province.batch_work("worker", now).expect("worked"), "a part of it");

    for (_, certificate) in &made[..11] {
        let window =
            WindowActivation { certificate: certificate.clone(), proof: "核对身份证原件".into() };
        province.deliver_activate_at_window(&window, &me, now).expect("activated");
    }
    let print = |names: Vec<String>, renew: bool, second: i64| {
        let wish = PrintWish { names, proof: "企业经办人持介绍信到窗口领取".into(), renew };
        province.print_start(&wish, (&all, &me), now + second * SECOND).expect("recorded")
    };
    let names = |from: usize, until: usize| made[from..until].iter().map(|(_, one)| one.clone()).collect();
    let mut some: Vec<String> = names(9, 12);
    some.push("演交运管许可字990101000000号".into());
    let printed = print(some, false, 5);
    while province.print_work("worker", now).expect("worked") {}
    let printing = print(names(0, 11), true, 6);
    assert!(province.print_work("worker", now).expect("worked"), "a part of it");

    let new = NewOutage {
        leg: Leg::In,
        party: "运政".into(),
        planned: false,
        started_at: now - 3600 * SECOND,
        ends_at: None,
        cause: "机房断电".into(),
        measures: "窗口应急办理".into(),
    };
    province.outage_open(new, &actor("shengji001"), now).expect("opens");
    let ask = |certificate: usize, second: i64| {
        let request = ManualRequest {
            identifier: made[certificate].1.clone(),
            event: "暂扣".into(),
            effective_on: "2026-06-01".into(),
            decision_no: "演交罚〔2026〕7号".into(),
            decision_date: "2026-06-01".into(),
            grounds: "违法行为需立即暂扣，运政系统断电，恢复时间不明".into(),
            ..ManualRequest::default()
        };
        province.manual_ask(request, "王经办", (&all, &me), now + second * SECOND).expect("asked")
    };
    let confirmed = ask(3, 0);
    province.manual_confirm(&confirmed, (&all, &actor("shenhe009")), now + SECOND).expect("confirmed");
    let waiting = ask(4, 2);

    let page = ((i64::MAX, ""), 1);
    let unfit = province
        .work_events(node::work::EventStatus::Unfit, (&all, &me), page, now)
        .expect("a list")
        .remove(0)
        .step
        .id;
    let task = province.work_list(&all, (0, ""), 1, now).expect("a list").remove(0).id;
    let pages = vec![
        ("certificate", format!("/clerk/certificate/{}?check=1", made[0].0)),
        ("tasks", "/clerk/tasks".to_owned()),
        ("tasks-unfit", "/clerk/tasks?of=unfit".into()),
        ("tasks-refused", "/clerk/tasks?of=refused".into()),
        ("task", format!("/clerk/tasks/{task}")),
        ("event", format!("/clerk/tasks/event/{unfit}")),
        ("batches", "/clerk/batch".into()),
        ("batch-checked", format!("/clerk/batch/{checked}")),
        ("batch-wrong", format!("/clerk/batch/{checked}?state=wrong")),
        ("record", format!("/clerk/batch/{checked}/1")),
        ("record-right", format!("/clerk/batch/{checked}/2")),
        ("batch-running", format!("/clerk/batch/{running}")),
        ("batch-done", format!("/clerk/batch/{done}")),
        ("print", format!("/clerk/print?again={printed}")),
        ("print-running", format!("/clerk/print/{printing}")),
        ("print-done", format!("/clerk/print/{printed}")),
        ("sheets", format!("/clerk/print/{printed}/sheets")),
        ("manual", format!("/clerk/manual?identifier={}", made[5].1)),
    ];
    let confirm = format!("/clerk/confirm/{waiting}");
    Stage { pages, confirm, holder, identifier: made[0].1.clone() }
}

/// Pages that say that there is nothing, for whoever has begun today; before the stage is filled.
pub const EMPTY: [(&str, &str); 6] = [
    ("search", "/clerk"),
    ("tasks-empty", "/clerk/tasks"),
    ("batches-empty", "/clerk/batch"),
    ("print-empty", "/clerk/print"),
    ("manual-none", "/clerk/manual"),
    ("tasks-waiting-empty", "/clerk/tasks?of=waiting"),
];
