//! 亮证: what a holder and a driver with a grant can show, and what a check finds in it; on both engines.

mod support;

use std::sync::Arc;

use model::Verdict;
use node::audit::Actor;
use node::deliver::{HolderSubject, VerifiedClaims, WindowActivation};
use node::lifecycle::BusinessEvent;
use node::share::{CodeUse, NewGrant, NewestSheet, Presentation, Presented, SheetReason};
use node::verify::{Question, Sight};
use proof::{CodeType, SLOT_EPOCH, SignedCode};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, submitted};

fn face(event: &BusinessEvent, short: &str) -> String {
    event.record.as_ref().and_then(|record| record.face.text(short)).unwrap_or_default().to_owned()
}

fn signed_in(world: &World, name: &str, number: &str) -> HolderSubject {
    let claims = VerifiedClaims { name: name.into(), number: number.into(), assurance: "实名".into() };
    world.province.sign_in_by("test", &claims, NOW).expect("a subject")
}

/// A vehicle's 运输证, issued and activated: its holder, its row key, the source's key of it.
fn vehicle(world: &World) -> (HolderSubject, String, String) {
    let event = first_issues(60)
        .into_iter()
        .find(|event| event.record.as_ref().is_some_and(|record| record.face.text("KZ_CLHP").is_some()))
        .expect("a vehicle");
    let holder = signed_in(world, &face(&event, "CZZT"), &face(&event, "CZZTDM"));
    let subject = event.subject_ref.clone().expect("a key");
    let id = world.province.accept(vec![submitted(event)], NOW).remove(0).certificate.expect("issued");
    world.province.deliver_activate(&holder, std::slice::from_ref(&id), NOW).expect("activated");
    (holder, id, subject)
}

fn driver(world: &World) -> HolderSubject {
    signed_in(world, "演示驾驶员", "990101199001010019")
}

fn granted(world: &World, holder: &HolderSubject, id: &str, (from, until): (i64, i64)) -> String {
    let new = NewGrant {
        certificate: id.into(),
        driver_name: "演示驾驶员".into(),
        driver_number: "990101199001010019".into(),
        from,
        until,
    };
    world.province.share_grant(holder, &new, NOW).expect("granted")
}

fn shown(world: &World, subject: &HolderSubject, id: &str, now: i64) -> Presentation {
    match world.province.share_present(subject, id, now).expect("an answer") {
        Presented::Shown(shown) => *shown,
        Presented::Refused(why) => panic!("{}", why.what),
    }
}

/// The code of the reason why it may not be shown.
fn refused(world: &World, subject: &HolderSubject, id: &str, now: i64) -> String {
    match world.province.share_present(subject, id, now).expect("an answer") {
        Presented::Shown(_) => panic!("shown"),
        Presented::Refused(why) => why.code,
    }
}

/// Decodes a code and checks that our code key signed it.
fn genuine(world: &World, text: &str) -> SignedCode {
    let signed = SignedCode::decode(text).expect("a code");
    signed.verify(world.province.keys.code_key.public_key()).expect("our signature");
    signed
}

fn slot_at(now: i64) -> u32 {
    let since = now / SECOND - SLOT_EPOCH;
    u32::try_from(since - since % 30).expect("a slot")
}

#[test]
fn a_day_of_codes_is_signed_in_advance() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let shown = shown(world, &holder, &id, NOW + 17 * SECOND);
        let now = genuine(world, &shown.code.text);
        assert_eq!(
            now.code.code_type,
            CodeType::Present { slot: slot_at(NOW + 17 * SECOND), life: 30, grant: 0 }
        );
        assert_eq!(now.code.identifier.to_string(), shown.identifier);
        for n in [0, 1, 1_440, 2_879] {
            let text = shown.slots.text(n).expect("a code");
            let slot = slot_at(NOW + 17 * SECOND) + 30 * n;
            assert_eq!(genuine(world, &text).code.code_type, CodeType::Present { slot, life: 30, grant: 0 });
        }
        assert_eq!(shown.slots.text(0).as_deref(), Some(shown.code.text.as_str()));
        assert_eq!(shown.slots.text(2_880), None);
        assert!(shown.printed.is_none() && shown.notes.is_empty());
    });
}

#[test]
fn what_is_held_or_expired_is_shown_with_a_note_and_what_has_ended_is_not() {
    on_both(|world| {
        let (holder, id, subject) = vehicle(world);
        world.province.accept(vec![submitted(later(&subject, "V1", "停运"))], NOW + SECOND);
        assert_eq!(shown(world, &holder, &id, NOW + 2 * SECOND).notes.len(), 1);
        world.province.accept(vec![submitted(later(&subject, "V2", "注销"))], NOW + 3 * SECOND);
        assert_eq!(refused(world, &holder, &id, NOW + 4 * SECOND), "ENDED");
        let sheet = world.province.share_sheet(&holder, &id, SheetReason::First, NOW + 4 * SECOND);
        assert!(sheet.is_err_and(|error| error.to_string().contains("注销")));
    });
}

#[test]
fn nothing_is_shown_before_activation_or_to_strangers() {
    on_both(|world| {
        let event = first_issues(1).remove(0);
        let holder = signed_in(world, &face(&event, "CZZT"), &face(&event, "CZZTDM"));
        let id = world.province.accept(vec![submitted(event)], NOW).remove(0).certificate.expect("issued");
        assert_eq!(refused(world, &holder, &id, NOW), "NOT_ACTIVATED");
        let stranger = driver(world);
        assert_eq!(refused(world, &stranger, &id, NOW), "NOT_YOURS");
        assert_eq!(refused(world, &stranger, "没有这件", NOW), "NOT_YOURS");
        assert!(world.province.share_face(&stranger, &id, NOW).is_err());
        let parts = world.province.share_face(&holder, &id, NOW).expect("the face");
        assert!(!parts.is_empty() && parts.iter().all(|part| part.file.starts_with(b"PK")));
    });
}

#[test]
fn a_shown_code_leads_the_check_to_the_certificate() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let shown = shown(world, &holder, &id, NOW);
        let question = Question::Code(shown.code.text);
        let (answers, _) =
            world.province.verify(&question, Sight::default(), &Actor::node(), NOW).expect("answers");
        assert_eq!(answers[0].identifier.as_deref(), Some(shown.identifier.as_str()));
        assert_ne!(answers[0].verdict, Verdict::Invalid, "{:?}", answers[0].reasons);
    });
}

#[test]
fn of_two_checkers_one_is_first() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let code = shown(world, &holder, &id, NOW).code.text;
        let ask = |checker: usize| {
            let (province, code) = (Arc::clone(&world.province), code.clone());
            std::thread::spawn(move || province.share_use(&code, &format!("执法终端{checker}"), NOW))
        };
        let threads: Vec<_> = (0..8).map(ask).collect();
        let answers: Vec<CodeUse> =
            threads.into_iter().map(|one| one.join().expect("a thread").expect("an answer")).collect();
        assert_eq!(answers.iter().filter(|one| **one == CodeUse::First).count(), 1);
        let rest = CodeUse::Other { first_at: NOW };
        assert_eq!(answers.iter().filter(|one| **one == rest).count(), 7);
        let first = answers.iter().position(|one| *one == CodeUse::First).expect("one");
        let again = ask(first).join().expect("a thread").expect("an answer");
        assert_eq!(again, CodeUse::Same);
        // Kept for its life and the tolerance of clocks, and no longer.
        assert_eq!(world.province.share_prune(NOW + 119 * SECOND).expect("pruned"), 0);
        assert_eq!(world.province.share_prune(NOW + 121 * SECOND).expect("pruned"), 1);
    });
}

#[test]
fn only_a_shown_code_can_be_used() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let sheet = world.province.share_sheet(&holder, &id, SheetReason::First, NOW).expect("a sheet");
        assert!(world.province.share_use(&sheet.code, "执法终端", NOW).is_err());
        assert!(world.province.share_use("https://example.invalid", "执法终端", NOW).is_err());
    });
}

#[test]
fn a_new_sheet_replaces_the_one_before() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let newest = || world.province.share_newest_sheets().expect("sheets");
        let first = world.province.share_sheet(&holder, &id, SheetReason::First, NOW).expect("a sheet");
        let signed = genuine(world, &first.code).code;
        assert_eq!((first.n, signed.code_type), (1, CodeType::Printed { sheet: 1 }));
        assert_eq!(newest(), []);
        let second = world.province.share_sheet(&holder, &id, SheetReason::Lost, NOW + DAY).expect("a sheet");
        assert_eq!(genuine(world, &second.code).code.code_type, CodeType::Printed { sheet: 2 });
        assert_eq!(newest(), [NewestSheet { status_index: signed.status_index, sheet: 2 }]);
        let of = |identifier: &str| world.province.share_newest_sheet(identifier).expect("a number");
        assert_eq!((of(&first.identifier), of("1.2.3")), (Some(2), None));
        assert_eq!(shown(world, &holder, &id, NOW + DAY).printed, Some(second));
    });
}

#[test]
fn a_clerk_prints_for_whoever_has_no_phone() {
    on_both(|world| {
        let (_, id, _) = vehicle(world);
        let clerk = Actor { client: "窗口".into(), operator: Some("经办一".into()), ..Actor::default() };
        let one = WindowActivation { certificate: id, proof: "核对身份证原件，本人到场".into() };
        let make = |one: &WindowActivation, by: &Actor| {
            world.province.share_sheet_at_window(one, SheetReason::First, by, NOW)
        };
        assert!(make(&one, &Actor::node()).is_err());
        assert!(make(&WindowActivation { proof: String::new(), ..one.clone() }, &clerk).is_err());
        let sheet = make(&one, &clerk).expect("a sheet");
        assert_eq!(genuine(world, &sheet.code).code.code_type, CodeType::Printed { sheet: 1 });
    });
}

#[test]
fn two_sheets_made_at_once_are_two_numbers_or_one_is_refused() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let make = || {
            let (province, holder, id) = (Arc::clone(&world.province), holder.clone(), id.clone());
            std::thread::spawn(move || province.share_sheet(&holder, &id, SheetReason::Renewed, NOW))
        };
        let made: Vec<_> = [make(), make(), make()].map(|one| one.join().expect("a thread")).into();
        let mut numbers: Vec<u16> = made.iter().flatten().map(|sheet| sheet.n).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<u16>>());
        assert!(!numbers.is_empty());
    });
}

#[test]
fn a_driver_shows_what_is_granted_until_it_is_taken_back() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let driver = driver(world);
        assert_eq!(refused(world, &driver, &id, NOW), "NOT_YOURS");
        let grant = granted(world, &holder, &id, (NOW, NOW + 10 * DAY));
        let mine = world.province.my_certificates(&driver, NOW).expect("a list");
        assert_eq!((mine.own.len(), mine.granted.len()), (0, 1));
        let seen = mine.granted[0].grant.clone().expect("a grant");
        let company = world.province.holder_name(&holder).expect("a name").as_str().to_owned();
        assert_eq!((seen.id.as_str(), seen.by), (&*grant, company));
        shown(world, &driver, &id, NOW);
        // A sheet is the company's own affair.
        assert!(world.province.share_sheet(&driver, &id, SheetReason::First, NOW).is_err());
        assert!(world.province.share_withdraw(&driver, &grant, NOW).is_err());
        let line = world.province.share_grants(&holder, Some(&id), NOW).expect("grants").remove(0);
        assert_eq!((line.driver_name.as_str(), line.live), ("演示驾驶员", true));
        assert_eq!(line.driver_number, "9901********0019");
        world.province.share_withdraw(&holder, &grant, NOW + SECOND).expect("withdrawn");
        world.province.share_withdraw(&holder, &grant, NOW + DAY).expect("once");
        assert_eq!(refused(world, &driver, &id, NOW + 2 * SECOND), "NOT_YOURS");
        let line = world.province.share_grants(&holder, None, NOW + DAY).expect("grants").remove(0);
        assert_eq!((line.withdrawn_at, line.live), (Some(NOW + SECOND), false));
    });
}

#[test]
fn codes_that_a_drivers_phone_has_signed_ahead_end_online_with_the_grant() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let driver = driver(world);
        let grant = granted(world, &holder, &id, (NOW, NOW + 10 * DAY));
        let ahead = shown(world, &driver, &id, NOW).slots;
        let own = shown(world, &holder, &id, NOW).slots;
        let check = |slots: &node::share::Slots, n: u32| {
            let now = NOW + i64::from(n) * 30 * SECOND;
            let code = Question::Code(slots.text(n).expect("a code"));
            let sight = Sight::default();
            let (answers, _) =
                world.province.verify(&code, sight, &Actor::node(), now + SECOND).expect("an answer");
            let codes: Vec<_> = answers[0].reasons.iter().map(|one| one.code.clone()).collect();
            (answers[0].verdict, codes.contains(&"GRANT_WITHDRAWN".to_owned()))
        };
        let number =
            |slots: &node::share::Slots| match genuine(world, &slots.text(0).expect("a code")).code.code_type
            {
                CodeType::Present { grant, .. } => grant,
                other => panic!("{other:?}"),
            };
        assert_eq!((number(&own), number(&ahead)), (0, 1));
        assert_eq!(check(&ahead, 1), (Verdict::Valid, false));
        // Granted anew to the same driver: the phone need not be told.
        let again = granted(world, &holder, &id, (NOW, NOW + 20 * DAY));
        assert_eq!(check(&ahead, 2), (Verdict::Valid, false));
        let back = NOW + 100 * SECOND;
        world.province.share_withdraw(&holder, &again, back).expect("withdrawn");
        world.province.share_withdraw(&holder, &grant, back).expect("withdrawn");
        for n in [4, 2_000] {
            assert_eq!(check(&ahead, n), (Verdict::Invalid, true), "{n}");
            assert_eq!(check(&own, n), (Verdict::Valid, false), "the holder's own, {n}");
        }
    });
}

#[test]
fn a_grant_ends_with_its_period_and_with_its_certificate() {
    on_both(|world| {
        let (holder, id, subject) = vehicle(world);
        let driver = driver(world);
        granted(world, &holder, &id, (NOW + DAY, NOW + 2 * DAY));
        assert_eq!(refused(world, &driver, &id, NOW), "NOT_YOURS");
        assert!(shown(world, &driver, &id, NOW + DAY).slots.text(2_879).is_some());
        let last = shown(world, &driver, &id, NOW + 2 * DAY - 95 * SECOND);
        assert!(last.slots.text(2).is_some() && last.slots.text(3).is_none(), "no further than the grant");
        assert_eq!(refused(world, &driver, &id, NOW + 2 * DAY), "NOT_YOURS");
        // The same driver again: the later one counts.
        granted(world, &holder, &id, (NOW, NOW + 5 * DAY));
        let live = world.province.share_grants(&holder, Some(&id), NOW).expect("grants");
        assert_eq!(live.iter().filter(|line| line.live).count(), 1);
        world.province.accept(vec![submitted(later(&subject, "V1", "注销"))], NOW + DAY);
        assert_eq!(refused(world, &driver, &id, NOW + DAY + SECOND), "NOT_YOURS");
        assert!(world.province.my_certificates(&driver, NOW + 2 * DAY).expect("a list").granted.is_empty());
    });
}

#[test]
fn the_named_driver_is_name_and_number() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        granted(world, &holder, &id, (NOW, NOW + DAY));
        let namesake = signed_in(world, "演示驾驶员", "990101199001010024");
        let other_name = signed_in(world, "另一人", "990101199001010019");
        for one in [namesake, other_name] {
            assert_eq!(refused(world, &one, &id, NOW), "NOT_YOURS");
        }
    });
}

#[test]
fn a_grant_needs_a_vehicle_a_driver_and_a_period() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        let good = NewGrant {
            certificate: id,
            driver_name: "演示驾驶员".into(),
            driver_number: "990101199001010019".into(),
            from: NOW,
            until: NOW + DAY,
        };
        let refused = |new: NewGrant| world.province.share_grant(&holder, &new, NOW).is_err();
        assert!(refused(NewGrant { driver_name: " ".into(), ..good.clone() }));
        assert!(refused(NewGrant { until: NOW, ..good.clone() }));
        assert!(refused(NewGrant { until: NOW + 367 * DAY, ..good.clone() }));
        assert!(refused(NewGrant { certificate: "没有这件".into(), ..good.clone() }));
        assert!(!refused(good));
    });
}

#[test]
fn every_showing_is_in_the_audit_log_without_personal_data() {
    on_both(|world| {
        let (holder, id, _) = vehicle(world);
        granted(world, &holder, &id, (NOW, NOW + DAY));
        shown(world, &driver(world), &id, NOW);
        let rows: Vec<String> = world
            .province
            .store
            .read(|session| session.rows("SELECT entries FROM audit_pending", &[], |row| row.get(0)))
            .map_err(|error: store::StoreError| error)
            .expect("rows");
        for act in ["deliver.activate", "share.grant", "share.present"] {
            assert!(rows.iter().any(|row| row.contains(act)), "{act}");
        }
        let name = world.province.holder_name(&holder).expect("a name").as_str().to_owned();
        for personal in [name.as_str(), "演示驾驶员", "990101199001010019"] {
            assert!(!rows.iter().any(|row| row.contains(personal)), "{personal}");
        }
    });
}
