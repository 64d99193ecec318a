//! Checks against the register, after each kind of event.

mod support;

use std::sync::Arc;

use catalogue::Extension;
use jiff::ToSpan;
use jiff::civil::Date;
use lifecycle::Grant;
use model::Verdict;
use node::audit::Actor;
use node::verify::{Question, Sight, VerifyAnswer};
use support::{NOW, SECOND, World, first_issues, later, on_both, submitted};

fn ask(world: &World, question: &Question, now: i64) -> Vec<VerifyAnswer> {
    world.province.verify(question, Sight::default(), &Actor::node(), now).expect("an answer").0
}

fn by_identifier(world: &World, identifier: &str, now: i64) -> VerifyAnswer {
    ask(world, &Question::Identifier(identifier.into()), now).pop().expect("one")
}

fn issued(world: &World) -> String {
    let answers = world.province.accept(first_issues(1).into_iter().map(submitted).collect(), NOW);
    answers[0].identifier.clone().expect("an identifier")
}

fn codes(answer: &VerifyAnswer) -> Vec<&str> {
    answer.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

#[test]
fn a_status_is_seen_by_the_next_check() {
    on_both(|world| {
        let identifier = issued(world);
        assert_eq!(by_identifier(world, &identifier, NOW).verdict, Verdict::Valid);
        let steps = [("暂扣", Verdict::Invalid), ("恢复", Verdict::Valid), ("注销", Verdict::Invalid)];
        for (number, (event, verdict)) in (1..).zip(steps) {
            let now = NOW + number * SECOND;
            world.province.accept(vec![submitted(later("S000000", &format!("V{number}"), event))], now);
            assert_eq!(by_identifier(world, &identifier, now).verdict, verdict, "{event}");
        }
    });
}

#[test]
fn an_answer_as_of_an_earlier_time_says_what_a_check_would_have_said_then() {
    on_both(|world| {
        let identifier = issued(world);
        world.province.accept(vec![submitted(later("S000000", "V1", "吊销"))], NOW + 10 * SECOND);
        let sight = Sight { as_of: Some(NOW + 5 * SECOND), ..Sight::default() };
        let question = Question::Identifier(identifier.clone());
        let (then, _) =
            world.province.verify(&question, sight, &Actor::node(), NOW + 20 * SECOND).expect("answers");
        assert_eq!(then[0].verdict, Verdict::Valid);
        assert_eq!(by_identifier(world, &identifier, NOW + 20 * SECOND).verdict, Verdict::Invalid);
    });
}

#[test]
fn an_old_version_names_the_current_one() {
    on_both(|world| {
        let identifier = issued(world);
        let again = world.province.accept(vec![submitted(later("S000000", "V1", "补发"))], NOW + SECOND);
        let answer = by_identifier(world, &identifier, NOW + SECOND);
        assert_eq!(answer.verdict, Verdict::ValidWithHint);
        assert_eq!(codes(&answer), ["OLD_VERSION"]);
        assert_eq!(answer.identifier, again[0].identifier);
    });
}

#[test]
fn what_is_not_known_is_undecided_and_never_unlicensed() {
    on_both(|world| {
        let identifier = issued(world);
        let id = codes::CertificateId::parse(&identifier).expect("ours");
        let other = id.with_version(7).expect("a version").to_string();
        let answer = by_identifier(world, &other, NOW);
        assert_eq!((answer.verdict, codes(&answer)), (Verdict::Undecided, vec!["NOT_FOUND"]));
        let nobody = ask(world, &Question::Holder("990101199001010000".into()), NOW);
        assert_eq!((nobody[0].verdict, codes(&nobody[0])), (Verdict::Undecided, vec!["NOT_FOUND"]));
        let garbage = by_identifier(world, "1.2.156", NOW);
        assert_eq!(codes(&garbage), ["IDENTIFIER_INVALID"]);
    });
}

#[test]
fn plate_holder_code_and_file_lead_to_the_certificate() {
    on_both(|world| {
        let event = first_issues(60)
            .into_iter()
            .find(|event| event.record.as_ref().is_some_and(|record| record.face.text("KZ_CLHP").is_some()));
        let event = event.expect("a vehicle");
        let face = event.record.clone().expect("a record").face;
        let answer = world.province.accept(vec![submitted(event)], NOW).pop().expect("one");
        let identifier = answer.identifier.expect("issued");
        let text = |short: &str| face.text(short).unwrap_or_default().to_owned();
        let plate = ask(world, &Question::Plate(text("KZ_CLHP"), text("KZ_CPYS")), NOW);
        assert_eq!(plate[0].identifier.as_ref(), Some(&identifier), "{plate:?}");
        let holder = ask(world, &Question::Holder(text("CZZTDM")), NOW);
        assert!(holder.iter().any(|one| one.identifier.as_ref() == Some(&identifier)));
        let files = world
            .province
            .store
            .read(|session| store::rows::issue::files(session, &identifier))
            .map_err(|error: store::StoreError| error)
            .expect("files");
        let place = files[0].place.parse().expect("a place");
        let mut sm3 = [0; 32];
        for (byte, at) in sm3.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&files[0].sm3[at..at + 2], 16).expect("hex");
        }
        let bytes = world.province.objects.get(&place, &sm3).expect("the file");
        let file = ask(world, &Question::File(bytes), NOW + SECOND).pop().expect("one");
        assert!(file.verdict.is_valid(), "{file:?}");
        assert!(codes(&file).contains(&"FILE_REGISTERED"));
    });
}

#[test]
fn names_and_numbers_are_masked_without_the_right() {
    on_both(|world| {
        let identifier = issued(world);
        let question = Question::Identifier(identifier);
        let see = |unmasked| {
            let sight = Sight { unmasked, as_of: None };
            let (mut answers, _) =
                world.province.verify(&question, sight, &Actor::node(), NOW).expect("answers");
            let face = answers.remove(0).face;
            face.into_iter().find(|item| item.short == "CZZTDM").expect("a number").value
        };
        assert!(see(false).contains('*'));
        assert!(!see(true).contains('*'));
    });
}

#[test]
fn a_notice_extends_what_has_ended_and_is_named() {
    for mut world in [support::sqlite(), support::postgres()] {
        let identifier = issued(&world);
        let answer = by_identifier(&world, &identifier, NOW);
        let ended: Date = answer.valid_to.as_deref().expect("a last day").parse().expect("a day");
        let after = |days: i64| micros(ended.saturating_add(days.days()));
        assert_eq!(by_identifier(&world, &identifier, after(1)).reasons[0].code, "VALIDITY_ENDED");
        let notice = Extension {
            notice: "演示通知".into(),
            kinds: vec![answer.kind.expect("a kind")],
            areas: vec!["99".into()],
            ended: (ended, ended),
            extended_to: ended.saturating_add(10.days()),
            effective: (ended, None),
            illustrative: true,
        };
        let province = Arc::get_mut(&mut world.province).expect("nobody else has it");
        province.data.catalogue.extensions.push(notice);
        let extended = by_identifier(&world, &identifier, after(10));
        assert_eq!((extended.verdict, codes(&extended)[0]), (Verdict::ValidWithHint, "VALIDITY_EXTENDED"));
        assert!(extended.reasons[0].text.contains("演示通知"), "{extended:?}");
        assert_eq!(by_identifier(&world, &identifier, after(11)).verdict, Verdict::Invalid);
    }
}

/// Noon of a day in Asia/Shanghai, microseconds UTC.
fn micros(day: Date) -> i64 {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    day.at(12, 0, 0, 0).to_zoned(zone).expect("a time").timestamp().as_microsecond()
}

#[test]
fn an_answer_says_what_the_certificate_allows_and_what_it_no_longer_does() {
    on_both(|world| {
        let events = first_issues(40);
        let answers = world.province.accept(events.iter().cloned().map(submitted).collect(), NOW);
        let mut ended = 0;
        for (event, answer) in events.iter().zip(answers) {
            let identifier = answer.identifier.expect("issued");
            let answer = by_identifier(world, &identifier, NOW);
            assert!(answer.allows.iter().any(|one| one.live), "{answer:?}");
            let record = event.record.as_ref().expect("a record");
            let Some(model::FaceValue::List(scope)) = record.face.get("KZ_JYFW").filter(|_| ended == 0)
            else {
                continue;
            };
            let [first, _, ..] = scope.as_slice() else { continue };
            // One scope of several is held: that one alone is named with its status.
            let subject = event.subject_ref.as_deref().expect("a subject");
            let mut less = later(subject, "A1", "暂扣");
            less.entitlements =
                vec![Grant { code: first.clone(), valid_from: None, valid_to: None, authority: None }];
            let done = world.province.accept(vec![submitted(less)], NOW + SECOND);
            let after = by_identifier(world, &identifier, NOW + 2 * SECOND);
            let (gone, rest): (Vec<_>, Vec<_>) = after.allows.iter().partition(|one| !one.live);
            assert_eq!(gone.len(), 1, "{done:?} {after:?}");
            assert_eq!((gone[0].short.as_str(), gone[0].name.as_str()), ("KZ_JYFW", "经营范围"));
            assert!(gone[0].status.as_deref().is_some_and(|status| status == "暂扣期间"), "{gone:?}");
            assert!(rest.iter().any(|one| one.short == "KZ_JYFW" && !one.value.contains(&gone[0].value)));
            ended += 1;
        }
        assert_eq!(ended, 1);
    });
}
