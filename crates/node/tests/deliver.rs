//! A certificate on its way to its holder: told, signed in to, activated; on both engines.

#[path = "deliver/notifier.rs"]
mod notifier;
mod support;

use std::sync::Mutex;

use node::audit::Actor;
use node::certificate::Within;
use node::deliver::{
    ActivationItem, ActivationResult, ContactChange, HolderSubject, Notice, Notifier, NotifyError,
    RateWanted, SignInFinished, SignInRequest, SignInStarted, VerifiedClaims, WindowActivation,
};
use node::lifecycle::BusinessEvent;
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, sqlite, submitted};

const PHONE: &str = "13999010001";

/// Keeps what it is given; refuses while told to.
#[derive(Default)]
struct Phone {
    got: Mutex<Vec<Notice>>,
    refuse: Mutex<Option<NotifyError>>,
}

impl Notifier for Phone {
    fn channel(&self) -> &str {
        "test"
    }

    fn send(&self, notice: &Notice) -> Result<(), NotifyError> {
        match self.refuse.lock().expect("a lock").clone() {
            Some(error) => Err(error),
            None => {
                self.got.lock().expect("a lock").push(notice.clone());
                Ok(())
            }
        }
    }
}

impl Phone {
    fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut self.got.lock().expect("a lock"))
    }
}

/// The first invented record, with a phone.
fn event() -> BusinessEvent {
    let event = first_issues(1).remove(0);
    BusinessEvent { holder_phone: Some(PHONE.into()), ..event }
}

fn face(event: &BusinessEvent, short: &str) -> String {
    event.record.as_ref().and_then(|record| record.face.text(short)).unwrap_or_default().to_owned()
}

/// Issues it: row key and identifier.
fn issued(world: &World, event: BusinessEvent) -> (String, String) {
    let answer = world.province.accept(vec![submitted(event)], NOW).remove(0);
    (answer.certificate.expect("a certificate"), answer.identifier.expect("an identifier"))
}

fn clerk() -> Actor {
    Actor { client: "窗口".into(), operator: Some("经办一".into()), ..Actor::default() }
}

fn request(event: &BusinessEvent) -> SignInRequest {
    let (name, number) = (face(event, "CZZT"), face(event, "CZZTDM"));
    SignInRequest { name, number, address: "192.0.2.1".into() }
}

fn start(world: &World, request: &SignInRequest, now: i64) -> Option<String> {
    match world.province.sign_in_start(request, now).expect("an answer") {
        SignInStarted::Sent { challenge, .. } => Some(challenge),
        SignInStarted::TooMany { .. } => None,
    }
}

/// The code in a message.
fn code_of(notices: &[Notice]) -> String {
    let text = &notices.iter().find(|one| one.what == "code").expect("a code").text;
    text.split(|ch: char| !ch.is_ascii_digit()).find(|part| part.len() == 6).expect("six digits").to_owned()
}

fn subject(world: &World, event: &BusinessEvent, now: i64) -> HolderSubject {
    let SignInRequest { name, number, .. } = request(event);
    let claims = VerifiedClaims { name, number, assurance: "实名".into() };
    world.province.sign_in_by("test", &claims, now).expect("a subject")
}

#[test]
fn a_version_has_its_delivery_record_and_its_holder_is_told() {
    on_both(|world| {
        let (id, identifier) = issued(world, event());
        let made = world.province.deliver_records(&id).expect("records");
        assert_eq!((made.len(), made[0].identifier.as_str(), made[0].made_at), (1, &*identifier, NOW));
        assert!(made[0].told.is_none() && made[0].activated.is_none());
        let phone = Phone::default();
        let told = world.province.deliver_tell(&phone, "w", NOW + SECOND).expect("a round");
        assert_eq!((told.leased, told.done), (1, 1));
        let got = phone.take();
        assert_eq!((got[0].phone.as_str(), got[0].what.as_str()), (PHONE, "issued"));
        let told = world.province.deliver_records(&id).expect("records")[0].told.clone().expect("told");
        assert_eq!((told.at, told.channel.as_str()), (NOW + SECOND, "test"));
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + DAY).expect("a round").leased, 0);
    });
}

#[test]
fn news_without_a_phone_waits_until_one_is_known() {
    on_both(|world| {
        let event = BusinessEvent { holder_phone: None, ..event() };
        issued(world, event.clone());
        let phone = Phone::default();
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW).expect("a round").waiting, 1);
        assert_eq!(world.province.deliver_status(NOW).expect("a status").counts.waiting, 1);
        let change = ContactChange {
            name: face(&event, "CZZT"),
            number: face(&event, "CZZTDM"),
            phone: PHONE.into(),
            proof: "本人持身份证原件到场".into(),
        };
        world.province.contact_change(&change, (&Within::all(), &clerk()), NOW + SECOND).expect("changed");
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + SECOND).expect("a round").done, 1);
    });
}

#[test]
fn a_gateway_that_is_out_loses_nothing_and_one_that_refuses_shows() {
    on_both(|world| {
        issued(world, event());
        let phone = Phone::default();
        let out = NotifyError { text: "网关没有应答".into(), may_pass: true, retry_after: Some(60) };
        *phone.refuse.lock().expect("a lock") = Some(out);
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW).expect("a round").later, 1);
        // Not before the gateway asked for it.
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + 59 * SECOND).expect("a round").leased, 0);
        let status = world.province.deliver_status(NOW + DAY).expect("a status");
        assert!(status.stuck && status.counts.failing == 1);
        let no = NotifyError { text: "号码已停机".into(), may_pass: false, retry_after: None };
        *phone.refuse.lock().expect("a lock") = Some(no);
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + DAY).expect("a round").dead, 1);
        *phone.refuse.lock().expect("a lock") = None;
        assert_eq!(world.province.deliver_retry(&clerk(), NOW + DAY).expect("revived"), 1);
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + DAY).expect("a round").done, 1);
    });
}

#[test]
fn a_leased_message_is_nobody_elses_until_the_lease_runs_out() {
    on_both(|world| {
        issued(world, event());
        struct Dies;
        impl Notifier for Dies {
            fn channel(&self) -> &str {
                "dies"
            }
            fn send(&self, _: &Notice) -> Result<(), NotifyError> {
                panic!("the process is gone");
            }
        }
        let province = std::sync::Arc::clone(&world.province);
        let gone = std::thread::spawn(move || province.deliver_tell(&Dies, "dead", NOW));
        assert!(gone.join().is_err());
        let phone = Phone::default();
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + SECOND).expect("a round").leased, 0);
        assert_eq!(world.province.deliver_tell(&phone, "w", NOW + 301 * SECOND).expect("a round").done, 1);
    });
}

#[test]
fn a_holder_signs_in_with_the_code_once() {
    on_both(|world| {
        let event = event();
        issued(world, event.clone());
        let phone = Phone::default();
        let challenge = start(world, &request(&event), NOW + SECOND).expect("sent");
        world.province.deliver_tell(&phone, "w", NOW + SECOND).expect("a round");
        let code = code_of(&phone.take());
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let finish =
            |code: &str, now| world.province.sign_in_finish(&challenge, code, now).expect("an answer");
        assert_eq!(finish(wrong, NOW + 2 * SECOND), SignInFinished::Wrong { left: 4 });
        let SignInFinished::In(subject) = finish(&code, NOW + 3 * SECOND) else { panic!("not in") };
        assert_eq!(*world.province.holder_name(&subject).expect("a name"), face(&event, "CZZT"));
        assert_eq!(finish(&code, NOW + 4 * SECOND), SignInFinished::Over);
        assert_eq!(world.province.contact_masked(&subject).expect("read").as_deref(), Some("139****0001"));
    });
}

#[test]
fn five_tries_and_five_minutes_are_all() {
    on_both(|world| {
        let event = event();
        issued(world, event.clone());
        let phone = Phone::default();
        let challenge = start(world, &request(&event), NOW).expect("sent");
        world.province.deliver_tell(&phone, "w", NOW).expect("a round");
        let code = code_of(&phone.take());
        for left in [4, 3, 2, 1] {
            let answer = world.province.sign_in_finish(&challenge, "no", NOW).expect("an answer");
            assert_eq!(answer, SignInFinished::Wrong { left });
        }
        let finish = |challenge: &str, code: &str, now| {
            world.province.sign_in_finish(challenge, code, now).expect("an answer")
        };
        assert_eq!(finish(&challenge, "no", NOW), SignInFinished::Over);
        assert_eq!(finish(&challenge, &code, NOW), SignInFinished::Over);
        let second = start(world, &request(&event), NOW + 61 * SECOND).expect("sent");
        world.province.deliver_tell(&phone, "w", NOW + 61 * SECOND).expect("a round");
        let code = code_of(&phone.take());
        assert_eq!(finish(&second, &code, NOW + 361 * SECOND), SignInFinished::Over);
    });
}

#[test]
fn whether_there_is_such_a_person_shows_nowhere() {
    on_both(|world| {
        let event = event();
        issued(world, event.clone());
        let phone = Phone::default();
        world.province.deliver_tell(&phone, "w", NOW).expect("a round");
        phone.take();
        let known = request(&event);
        for nobody in [
            SignInRequest { name: "无此人".into(), ..known.clone() },
            SignInRequest { number: "990101199001010000".into(), ..known.clone() },
        ] {
            let address = nobody.name.clone() + &nobody.number;
            let nobody = SignInRequest { address, ..nobody };
            let now = NOW + 100 * SECOND * i64::from(nobody.name == "无此人") + SECOND;
            let challenge = start(world, &nobody, now).expect("as if it were sent");
            assert_eq!(world.province.deliver_tell(&phone, "w", now).expect("a round").leased, 0);
            for left in [4, 3, 2, 1] {
                let answer = world.province.sign_in_finish(&challenge, "123456", now).expect("an answer");
                assert_eq!(answer, SignInFinished::Wrong { left });
            }
            let last = world.province.sign_in_finish(&challenge, "123456", now).expect("an answer");
            assert_eq!(last, SignInFinished::Over);
            // The limit of one holder holds for one who does not exist.
            assert_eq!(start(world, &nobody, now + SECOND), None);
        }
    });
}

#[test]
fn codes_are_limited_for_a_holder_and_for_an_address() {
    on_both(|world| {
        let event = event();
        issued(world, event.clone());
        let asked = request(&event);
        let sent = (0..10).filter(|n| start(world, &asked, NOW + n * 61 * SECOND).is_some()).count();
        assert_eq!(sent, 5, "an hour");
        assert!(start(world, &asked, NOW + 3_700 * SECOND).is_some());
        let from = |n: usize, address: &str| SignInRequest {
            name: "无此人".into(),
            number: format!("990101{n:012}"),
            address: address.into(),
        };
        let sent = (0..70).filter(|n| start(world, &from(*n, "192.0.2.7"), NOW).is_some()).count();
        assert_eq!(sent, 60);
        assert!(start(world, &from(99, "192.0.2.8"), NOW).is_some(), "another address");
    });
}

#[test]
fn no_code_stands_in_the_rows() {
    let world = sqlite();
    let event = event();
    issued(&world, event.clone());
    let phone = Phone::default();
    start(&world, &request(&event), NOW).expect("sent");
    let rows = || -> Vec<String> {
        let sql = "SELECT id || holder || subject || address FROM deliver_code UNION ALL \
                   SELECT id || holder || COALESCE(about, '') || COALESCE(phone_sealed, '') FROM deliver_message \
                   UNION ALL SELECT entries FROM audit_pending";
        let read = |session: &mut store::Session| session.rows(sql, &[], |row| row.get(0));
        world.province.store.read(read).map_err(|error: store::StoreError| error).expect("rows")
    };
    let before = rows();
    world.province.deliver_tell(&phone, "w", NOW).expect("a round");
    let code = code_of(&phone.take());
    let after = rows();
    assert_eq!(before.len() - after.len(), 2, "what was told is gone");
    // Six digits may stand by chance within an id or a time.
    let alone = |row: &String| row.split(|ch: char| !ch.is_ascii_digit()).any(|part| part == code);
    let personal = [face(&event, "CZZTDM"), PHONE.into(), face(&event, "CZZT")];
    for row in before.iter().chain(&after) {
        assert!(!alone(row) && !personal.iter().any(|one| row.contains(one.as_str())), "{row}");
    }
}

#[test]
fn a_changed_phone_gets_the_codes_and_the_old_one_hears_of_it() {
    on_both(|world| {
        let event = event();
        issued(world, event.clone());
        let phone = Phone::default();
        world.province.deliver_tell(&phone, "w", NOW).expect("a round");
        phone.take();
        let change = ContactChange {
            name: face(&event, "CZZT"),
            number: face(&event, "CZZTDM"),
            phone: "139-9901-0002".into(),
            proof: "本人持身份证原件到场".into(),
        };
        let refused = |change: &ContactChange, by: &Actor| {
            world.province.contact_change(change, (&Within::all(), by), NOW).expect_err("refused").to_string()
        };
        assert!(refused(&change, &Actor::node()).contains("经办人"));
        assert!(refused(&ContactChange { proof: " ".into(), ..change.clone() }, &clerk()).contains("依据"));
        assert!(refused(&ContactChange { phone: "110".into(), ..change.clone() }, &clerk()).contains("手机"));
        assert!(refused(&ContactChange { name: "别人".into(), ..change.clone() }, &clerk()).contains("不符"));
        for (area, kind) in [("98", "*"), ("*", "no-such-kind")] {
            let within = Within { areas: vec![area.into()], kinds: vec![kind.into()] };
            assert!(world.province.contact_change(&change, (&within, &clerk()), NOW).is_err());
        }
        world.province.contact_change(&change, (&Within::all(), &clerk()), NOW + SECOND).expect("changed");
        start(world, &request(&event), NOW + SECOND).expect("sent");
        world.province.deliver_tell(&phone, "w", NOW + SECOND).expect("a round");
        let mut got: Vec<(String, String)> =
            phone.take().into_iter().map(|one| (one.what, one.phone)).collect();
        got.sort();
        let expected = [("code", "13999010002"), ("contact", PHONE)];
        assert_eq!(got, expected.map(|(what, phone)| (what.to_owned(), phone.to_owned())));
        // What the business system knew before the change does not undo it.
        let old = BusinessEvent { holder_phone: Some(PHONE.into()), ..later("S000000", "P1", "停运") };
        world.province.accept(vec![submitted(old)], NOW + 2 * SECOND);
        let subject = subject(world, &event, NOW + 3 * SECOND);
        assert_eq!(world.province.contact_masked(&subject).expect("read").as_deref(), Some("139****0002"));
    });
}

#[test]
fn a_later_version_of_an_activated_certificate_is_activated() {
    on_both(|world| {
        let event = event();
        let (id, _) = issued(world, event.clone());
        let subject = subject(world, &event, NOW);
        let done = world.province.deliver_activate(&subject, std::slice::from_ref(&id), NOW + SECOND);
        let done = done.expect("an answer").remove(0);
        assert_eq!((done.at, done.already), (Some(NOW + SECOND), false));
        let again = world.province.deliver_activate(&subject, std::slice::from_ref(&id), NOW + DAY);
        let again = again.expect("an answer").remove(0);
        assert_eq!((again.at, again.already), (Some(NOW + SECOND), true));
        world.province.accept(vec![submitted(later("S000000", "V1", "补发"))], NOW + 2 * SECOND);
        let records = world.province.deliver_records(&id).expect("records");
        assert_eq!(records.len(), 2);
        let carried = records[0].activated.as_ref().expect("activated");
        assert_eq!((carried.channel.as_str(), carried.at), ("carried", NOW + 2 * SECOND));
        assert_eq!(records[1].activated.as_ref().map(|stage| stage.channel.as_str()), Some("web"));
        assert_eq!(records[1].received.as_ref().map(|stage| stage.channel.as_str()), Some("web"));
    });
}

#[test]
fn a_stranger_activates_nothing_and_learns_nothing() {
    on_both(|world| {
        let (id, _) = issued(world, event());
        let claims = VerifiedClaims {
            name: "别人".into(),
            number: "990101199001010016".into(),
            assurance: String::new(),
        };
        let stranger = world.province.sign_in_by("test", &claims, NOW).expect("a subject");
        let asked = [id, "没有这件".into()];
        let answers = world.province.deliver_activate(&stranger, &asked, NOW).expect("answers");
        assert_eq!(answers[0].why, answers[1].why);
        assert!(answers.iter().all(|one| one.at.is_none()));
        assert!(world.province.my_certificates(&stranger, NOW).expect("a list").own.is_empty());
    });
}

#[test]
fn a_clerk_activates_at_the_window_with_name_and_proof() {
    on_both(|world| {
        let (id, identifier) = issued(world, event());
        let one = WindowActivation {
            certificate: identifier, proof: "核对身份证原件，本人到场".into()
        };
        assert!(world.province.deliver_activate_at_window(&one, &Actor::node(), NOW).is_err());
        let done = world.province.deliver_activate_at_window(&one, &clerk(), NOW).expect("an answer");
        assert_eq!(done.at, Some(NOW));
        let record = world.province.deliver_records(&id).expect("records").remove(0);
        assert_eq!(record.activated.map(|stage| stage.channel).as_deref(), Some("window"));
    });
}

#[test]
fn the_feed_answers_each_item_once_and_the_same_way_again() {
    on_both(|world| {
        let (id, identifier) = issued(world, event());
        let item = |id: &str, at: &str| ActivationItem {
            id: id.into(),
            identifier: identifier.clone(),
            activated_at: at.into(),
            channel: "mini-program".into(),
        };
        let feed = |items: &[ActivationItem]| {
            world.province.deliver_feed("部小程序", items, &Actor::node(), NOW).expect("answers")
        };
        let unknown =
            ActivationItem { identifier: "1.2.3".into(), ..item("A9", "2026-06-01T08:00:00+08:00") };
        let items = [
            item("A1", "2026-06-01T08:50:00+08:00"),
            item("A2", "2026-06-01T08:55:00+08:00"),
            item("A1", "2026-06-01T08:51:00+08:00"),
            item("A3", "2026-06-01T10:00:00+08:00"),
            item("A4", "昨天"),
            unknown,
        ];
        use ActivationResult::{Already, Applied, Conflict, Refused, Unknown};
        let results = |answers: &[node::deliver::ActivationAnswer]| -> Vec<(ActivationResult, bool)> {
            answers.iter().map(|one| (one.result, one.repeated)).collect()
        };
        let first = feed(&items);
        let outcome = [Applied, Already, Conflict, Refused, Refused, Unknown].map(|one| (one, false));
        assert_eq!(results(&first), outcome);
        assert_eq!(first[1].activated_at.as_deref(), Some("2026-06-01T08:50:00+08:00"));
        let again = feed(&items[..2]);
        assert_eq!(results(&again), [(Applied, true), (Already, true)]);
        let record = world.province.deliver_records(&id).expect("records").remove(0);
        let activated = record.activated.expect("activated");
        assert_eq!((activated.channel.as_str(), activated.at), ("mini-program", NOW - 600 * SECOND));
    });
}

#[test]
fn the_rate_counts_certificates_by_area_and_kind() {
    on_both(|world| {
        let events = first_issues(12);
        let answers = world.province.accept(events.into_iter().map(submitted).collect(), NOW);
        let identifiers: Vec<String> = answers.into_iter().filter_map(|one| one.identifier).collect();
        for identifier in &identifiers[..3] {
            let one =
                WindowActivation { certificate: identifier.clone(), proof: "核对证件原件".into() };
            world.province.deliver_activate_at_window(&one, &clerk(), NOW).expect("an answer");
        }
        let rate = |wanted: &RateWanted| world.province.deliver_rate(wanted, NOW).expect("figures");
        let all = rate(&RateWanted::default());
        assert_eq!((all.total.made, all.total.activated), (identifiers.len() as i64, 3));
        assert_eq!(all.total.per_ten_thousand, Some(30_000 / identifiers.len() as i64));
        assert_eq!(all.lines.iter().map(|line| line.activated).sum::<i64>(), 3);
        let one = &all.lines[0];
        let wanted = RateWanted { area: Some(one.area.clone()), kind: Some(one.kind.clone()) };
        assert_eq!(rate(&wanted).lines, std::slice::from_ref(one));
        let none = rate(&RateWanted { area: Some("98".into()), kind: None });
        assert_eq!((none.lines.len(), none.total.per_ten_thousand), (0, None));
    });
}

#[test]
fn a_holder_sees_status_and_what_to_do_next() {
    on_both(|world| {
        let event = event();
        let (id, identifier) = issued(world, event.clone());
        let subject = subject(world, &event, NOW);
        let see = |now| {
            let mut own = world.province.my_certificates(&subject, now).expect("a list").own;
            assert_eq!(own.len(), 1);
            own.remove(0)
        };
        let codes = |one: &node::deliver::HeldCertificate| -> Vec<String> {
            one.next.iter().map(|step| step.code.clone()).collect()
        };
        let fresh = see(NOW);
        assert_eq!((fresh.id.as_str(), fresh.identifier.as_deref()), (&*id, Some(&*identifier)));
        assert_eq!((fresh.status.as_str(), fresh.usable, fresh.showable), ("正常", true, false));
        assert!(codes(&fresh).contains(&"ACTIVATE".to_owned()), "{:?}", fresh.next);
        assert!(fresh.face.is_some_and(|face| !face.parts.is_empty()));
        let seen = see(NOW + SECOND).delivery.expect("a record").received.expect("received");
        assert_eq!((seen.at, seen.channel.as_str()), (NOW, "web"));
        world.province.deliver_activate(&subject, std::slice::from_ref(&id), NOW).expect("activated");
        world.province.accept(vec![submitted(later("S000000", "V1", "暂扣"))], NOW + SECOND);
        let held = see(NOW + 2 * SECOND);
        assert_eq!((held.usable, held.showable), (false, true));
        assert!(codes(&held).contains(&"HELD_WITHHELD".to_owned()));
        world.province.accept(vec![submitted(later("S000000", "V2", "吊销"))], NOW + 3 * SECOND);
        let ended = see(NOW + 4 * SECOND);
        assert_eq!((codes(&ended), ended.showable), (vec!["ENDED".to_owned()], false));
    });
}

#[test]
fn an_acknowledged_activation_outlives_the_process() {
    let world = sqlite();
    let (id, identifier) = issued(&world, event());
    let one = WindowActivation { certificate: identifier, proof: "核对身份证原件".into() };
    world.province.deliver_activate_at_window(&one, &clerk(), NOW).expect("an answer");
    let world = world.reopen();
    let record = world.province.deliver_records(&id).expect("records").remove(0);
    assert_eq!(record.activated.map(|stage| stage.at), Some(NOW));
    // What was not told yet is told by the next process.
    assert_eq!(
        world.province.deliver_tell(&Phone::default(), "next", NOW + SECOND).expect("a round").done,
        1
    );
}
