//! Devices, receipts, stops and demands for paper; on SQLite and on PostgreSQL.

#[path = "receipt/outcome.rs"]
mod outcome;
mod support;

use std::sync::Arc;

use gm::sm2::SecretKey;
use gm::{KeyProvider, SigningKey, SoftwareKeys};
use model::Verdict;
use node::audit::Actor;
use node::verify::{
    LateOutcome, LateStatus, NewDevice, Question, ReceiptFilter, ReceiptWish, Sight, UploadStatus, Uploaded,
};
use proof::receipt::{Bundle, Group, Knowledge, Outcome, Place, Receipt, Signer, Subject, enrolment};
use support::{DAY, NOW, SECOND, World, first_issues, later, on_both, sqlite, submitted};

fn key(seed: u8) -> Arc<dyn SigningKey> {
    let mut keys = SoftwareKeys::new();
    keys.insert("key", SecretKey::from_bytes(&[seed; 32]).expect("a key"));
    keys.signing_key("key").expect("the key").into()
}

fn node_key() -> Arc<dyn SigningKey> {
    key(7)
}

fn officer(staff_no: &str) -> Actor {
    Actor {
        client: "officer-page".into(),
        operator: Some("执法一".into()),
        unit: Some("演示市交通运输综合行政执法支队".into()),
        staff_no: Some(staff_no.into()),
        ..Actor::default()
    }
}

fn issued(world: &World) -> String {
    let answers = world.province.accept(first_issues(1).into_iter().map(submitted).collect(), NOW);
    answers[0].identifier.clone().expect("an identifier")
}

fn certificate_id(world: &World, identifier: &str) -> String {
    let found: Result<_, store::StoreError> =
        world.province.store.read(|session| store::rows::certificate::by_identifier(session, identifier));
    found.expect("rows").expect("a certificate").id
}

fn count(world: &World, what: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {what}");
    let found: Result<_, store::StoreError> =
        world.province.store.read(|session| session.row(&sql, &[], |row| row.get(0)));
    found.expect("rows").expect("a count")
}

/// A check by this officer, with its receipts.
fn check(world: &World, question: &Question, wish: &ReceiptWish, now: i64) -> Vec<Bundle> {
    check_by(world, &officer("Z1"), question, wish, now)
}

fn check_by(world: &World, actor: &Actor, question: &Question, wish: &ReceiptWish, now: i64) -> Vec<Bundle> {
    let (answers, act) = world.province.verify(question, Sight::default(), actor, now).expect("an answer");
    let texts = world.province.receipt_issue(question, &answers, act, wish, &node_key(), now);
    texts.expect("receipts").iter().map(|text| Bundle::parse(text).expect("a receipt")).collect()
}

/// Enrols the device with this key for a week.
fn enrol(world: &World, seed: u8, staff_no: &str, now: i64) -> node::verify::Enrolled {
    let device = key(seed);
    let proof = gm::sign_message(&*device, &enrolment(device.public_key(), staff_no)).expect("signs");
    let new = NewDevice {
        key: device.public_key().as_bytes().to_vec(),
        proof: proof.to_bytes().to_vec(),
        valid_to: now + 7 * DAY,
    };
    world.province.device_enrol(&new, &node_key(), &officer(staff_no), now).expect("enrolled")
}

/// Offline receipts of a device, chained, numbers 1 to `count`, one a minute.
fn chain(seed: u8, count: u32, identifier: Option<&str>) -> Vec<Receipt> {
    let mut out: Vec<Receipt> = Vec::new();
    for sequence in 1..=count {
        let previous = out.last().map_or([0; 32], |last| last.digest().expect("a digest"));
        out.push(Receipt {
            key_id: key(seed).public_key().key_id(),
            signer: Signer::Device { sequence, previous },
            subject: match identifier {
                Some(text) => Subject::Identifier(codes::CertificateId::parse(text).expect("one")),
                None => Subject::of_text(None, "https://example.invalid/"),
            },
            checked_at: NOW / SECOND + i64::from(sequence) * 60,
            verdict: Verdict::Valid,
            reasons: vec!["STATUS_NORMAL".into()],
            knowledge: Knowledge::Pack { area: 99, number: 3, made_at: NOW / SECOND - 3600 },
            group: Some(Group { id: [4; 8], place: Place::Driver, number: 1 }),
            outcome: Outcome::Passed,
        });
    }
    out
}

fn texts(seed: u8, receipts: &[Receipt]) -> Vec<String> {
    receipts.iter().map(|one| Bundle::from(one.sign(&*key(seed)).expect("signed")).text()).collect()
}

fn upload(world: &World, texts: &[String], now: i64) -> Uploaded {
    world.province.receipt_upload(texts, &node_key(), &officer("Z1"), now).expect("an answer")
}

fn statuses(uploaded: &Uploaded) -> Vec<UploadStatus> {
    uploaded.answers.iter().map(|one| one.status).collect()
}

#[test]
fn an_online_check_leaves_a_receipt_a_row_and_an_entry() {
    on_both(|world| {
        let identifier = issued(world);
        let group = world.province.group_open(&officer("Z1"), NOW).expect("a stop");
        let wish = ReceiptWish {
            group: Some(Group { id: group, place: Place::Vehicle, number: 1 }),
            ..ReceiptWish::default()
        };
        let bundle = check(world, &Question::Identifier(identifier.clone()), &wish, NOW).remove(0);
        let receipt = bundle.receipt.verify(node_key().public_key()).expect("ours");
        assert_eq!(receipt.verdict, Verdict::Valid);
        assert_eq!(receipt.reasons, ["STATUS_NORMAL"]);
        assert_eq!(receipt.knowledge, Knowledge::Register { node: "demo-99".into(), at: NOW / SECOND });
        let page = world.province.receipt_list(&ReceiptFilter::default(), i64::MAX, 10).expect("a list");
        assert_eq!(page.receipts.len(), 1);
        assert_eq!(page.receipts[0].identifier.as_deref(), Some(&*identifier));
        assert_eq!(count(world, "audit_pending WHERE entries LIKE '%verify.identifier%receipts%'"), 1);
        let shown = world.province.group_show(&format!("{:016x}", u64::from_be_bytes(group))).expect("it");
        assert_eq!(shown.receipts, page.receipts);
    });
}

#[test]
fn a_receipt_names_no_number_that_was_asked_for() {
    on_both(|world| {
        let number = "990101199001010000";
        let bundle = check(world, &Question::Holder(number.into()), &ReceiptWish::default(), NOW).remove(0);
        assert_eq!(bundle.receipt.content.subject, Subject::Unnamed);
        assert_eq!(bundle.receipt.content.verdict, Verdict::Undecided);
        let foreign = Question::Code("https://example.invalid/".into());
        let bundle = check(world, &foreign, &ReceiptWish::default(), NOW).remove(0);
        assert_eq!(bundle.receipt.content.subject, Subject::of_text(None, "https://example.invalid/"));
        assert_eq!(bundle.receipt.content.knowledge, Knowledge::Code);
    });
}

#[test]
fn a_check_without_an_officer_has_no_receipt() {
    let world = sqlite();
    let question = Question::Identifier("1.2.156".into());
    let actor = Actor { staff_no: None, ..officer("Z1") };
    let (answers, act) = world.province.verify(&question, Sight::default(), &actor, NOW).expect("answers");
    let made =
        world.province.receipt_issue(&question, &answers, act, &ReceiptWish::default(), &node_key(), NOW);
    assert!(made.expect_err("refused").to_string().contains("执法证号"));
}

#[test]
fn a_device_is_certified_only_for_the_key_that_it_has() {
    on_both(|world| {
        let enrolled = enrol(world, 5, "Z1", NOW);
        let certificate =
            proof::receipt::SignedDeviceCertificate::read(&enrolled.certificate).expect("a certificate");
        let content = certificate.verify(node_key().public_key()).expect("ours");
        assert_eq!((content.staff_no.as_str(), content.node.as_str()), ("Z1", "demo-99"));
        assert_eq!(enrolled.last_sequence, 0);
        let province = &world.province;
        let (device, other) = (key(6), key(8));
        let new = |proof_by: &Arc<dyn SigningKey>, staff: &str, valid_to| NewDevice {
            key: device.public_key().as_bytes().to_vec(),
            proof: gm::sign_message(&**proof_by, &enrolment(device.public_key(), staff))
                .expect("signs")
                .to_bytes()
                .to_vec(),
            valid_to,
        };
        let refused = |new: NewDevice, staff: &str| {
            province.device_enrol(&new, &node_key(), &officer(staff), NOW).expect_err("refused").to_string()
        };
        assert!(refused(new(&other, "Z1", NOW + DAY), "Z1").contains("没有证明"));
        assert!(refused(new(&device, "Z2", NOW + DAY), "Z1").contains("没有证明"));
        assert!(refused(new(&device, "Z1", NOW - DAY), "Z1").contains("有效期"));
        assert!(refused(new(&device, "Z1", NOW + 40 * DAY), "Z1").contains("有效期"));
        // The key of another officer.
        let stolen = key(5);
        let theirs = NewDevice {
            key: stolen.public_key().as_bytes().to_vec(),
            proof: gm::sign_message(&*stolen, &enrolment(stolen.public_key(), "Z2"))
                .expect("signs")
                .to_bytes()
                .to_vec(),
            valid_to: NOW + DAY,
        };
        assert!(refused(theirs, "Z2").contains("其他执法人员"));
    });
}

#[test]
fn offline_receipts_are_countersigned_once_and_name_their_certificate() {
    on_both(|world| {
        let identifier = issued(world);
        enrol(world, 5, "Z1", NOW);
        let sent = texts(5, &chain(5, 3, Some(&identifier)));
        let first = upload(world, &sent, NOW + DAY);
        assert_eq!(statuses(&first), [UploadStatus::Stored; 3]);
        assert_eq!((first.devices[0].last, first.devices[0].missing.clone()), (3, vec![]));
        let numbers: Vec<i64> = first.answers.iter().filter_map(|one| one.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        // The same again, in another order and signed anew, an hour later.
        let again = upload(world, &[sent[2].clone(), sent[0].clone()], NOW + DAY + 3600 * SECOND);
        assert_eq!(statuses(&again), [UploadStatus::Known; 2]);
        assert_eq!(again.answers[0].text, first.answers[2].text);
        assert_eq!(again.answers[1].text, first.answers[0].text);
        let bundle = Bundle::parse(first.answers[0].text.as_deref().expect("a text")).expect("a receipt");
        let countersignature = bundle.countersignature.expect("countersigned");
        countersignature.verify(&bundle.receipt.digest(), node_key().public_key()).expect("ours");
        let checks =
            world.province.checks_of(&certificate_id(world, &identifier), i64::MAX, 10).expect("checks");
        assert_eq!(checks.len(), 3);
        assert!(checks.iter().all(|one| one.offline && one.outcome == "放行"));
        assert_eq!(count(world, "verify_group"), 1);
        assert_eq!(count(world, "audit_pending WHERE entries LIKE '%verify.receipt_upload%'"), 1);
    });
}

#[test]
fn missing_numbers_are_named_and_taken_later() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        let sent = texts(5, &chain(5, 9, None));
        let pick =
            |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|at| sent[at - 1].clone()).collect() };
        let first = upload(world, &pick(&[9, 3, 4, 7]), NOW + DAY);
        assert_eq!(statuses(&first), [UploadStatus::Stored; 4]);
        assert_eq!(first.devices[0].missing, [(1, 2), (5, 6), (8, 8)]);
        let second = upload(world, &pick(&[5, 1]), NOW + DAY);
        assert_eq!(second.devices[0].missing, [(2, 2), (6, 6), (8, 8)]);
        let third = upload(world, &sent, NOW + DAY);
        assert_eq!(third.devices[0].missing, []);
        assert_eq!(third.answers.iter().filter(|one| one.status == UploadStatus::Stored).count(), 3);
        assert_eq!(count(world, "lifecycle_work WHERE code LIKE 'RECEIPT%'"), 0);
    });
}

#[test]
fn two_receipts_of_one_number_are_both_kept_and_raise_an_alarm() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        let honest = chain(5, 3, None);
        upload(world, &texts(5, &honest), NOW + DAY);
        let mut other = honest[1].clone();
        other.verdict = Verdict::Invalid;
        let answer = upload(world, &texts(5, &[other.clone()]), NOW + DAY);
        assert_eq!(statuses(&answer), [UploadStatus::Fork]);
        assert!(answer.answers[0].text.is_some() && answer.answers[0].fix.is_some());
        assert_eq!(statuses(&upload(world, &texts(5, &[other]), NOW + DAY)), [UploadStatus::Known]);
        assert_eq!(count(world, "lifecycle_work WHERE code = 'RECEIPT_FORK'"), 1);
        let forks = ReceiptFilter { forks: true, ..ReceiptFilter::default() };
        assert_eq!(world.province.receipt_list(&forks, i64::MAX, 10).expect("a list").receipts.len(), 2);
        // A receipt whose predecessor is another one than the node has.
        let mut broken = chain(5, 4, None).remove(3);
        broken.signer = Signer::Device { sequence: 4, previous: [9; 32] };
        assert_eq!(statuses(&upload(world, &texts(5, &[broken]), NOW + DAY)), [UploadStatus::Fork]);
        assert_eq!(count(world, "lifecycle_work WHERE code = 'RECEIPT_CHAIN'"), 1);
    });
}

#[test]
fn what_no_device_of_ours_signed_is_refused_and_the_rest_is_taken() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        let good = chain(5, 1, None);
        let mut late = chain(5, 2, None).remove(1);
        late.checked_at = NOW / SECOND + 8 * 86_400;
        let mut spoilt = texts(5, &chain(5, 2, None)).remove(1);
        spoilt.replace_range(100..101, if &spoilt[100..101] == "A" { "B" } else { "A" });
        let sent = [
            texts(5, &good).remove(0),
            texts(6, &chain(6, 1, None)).remove(0),
            texts(5, &[late]).remove(0),
            spoilt,
            "LZ:ABC".into(),
            Bundle::from(
                check(world, &Question::Code("x".into()), &ReceiptWish::default(), NOW).remove(0).receipt,
            )
            .text(),
        ];
        let answers = upload(world, &sent, NOW + 9 * DAY);
        let mut wanted = [UploadStatus::Refused; 6];
        wanted[0] = UploadStatus::Stored;
        assert_eq!(statuses(&answers), wanted);
        assert!(answers.answers[1..].iter().all(|one| one.why.is_some() && one.fix.is_some()));
        assert_eq!(count(world, "verify_receipt WHERE device IS NOT NULL"), 1);
    });
}

#[test]
fn a_disabled_device_is_believed_up_to_that_moment() {
    on_both(|world| {
        let device = enrol(world, 5, "Z1", NOW).id;
        let disabled = NOW + 90 * SECOND;
        world.province.device_disable(&device, "遗失", &officer("Z9"), disabled).expect("disabled");
        let answers = upload(world, &texts(5, &chain(5, 2, None)), NOW + DAY);
        assert_eq!(statuses(&answers), [UploadStatus::Stored, UploadStatus::Refused]);
        assert!(!world.province.device_list(Some("Z1"), "", 10).expect("devices")[0].active);
        assert!(world.province.device_disable(&device, " ", &officer("Z9"), disabled).is_err());
    });
}

#[test]
fn a_new_pack_certifies_the_same_key_and_the_chain_goes_on() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        let receipts = chain(5, 2, None);
        upload(world, &texts(5, &receipts), NOW + DAY);
        let again = enrol(world, 5, "Z1", NOW + 6 * DAY);
        let last: String =
            receipts[1].digest().expect("a digest").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((again.last_sequence, again.last_digest), (2, Some(last)));
        // One of the first pack that was forgotten is still taken.
        let more = chain(5, 3, None).remove(2);
        assert_eq!(statuses(&upload(world, &texts(5, &[more]), NOW + 8 * DAY)), [UploadStatus::Stored]);
    });
}

#[test]
fn uploads_at_the_same_time_store_each_receipt_once() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        let sent = texts(5, &chain(5, 20, None));
        let all: Vec<Uploaded> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| upload(world, &sent, NOW + DAY))).collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let stored: usize = all
            .iter()
            .map(|one| one.answers.iter().filter(|answer| answer.status == UploadStatus::Stored).count())
            .sum();
        assert_eq!((stored, count(world, "verify_receipt")), (20, 20));
        let same = |at: usize| all.iter().all(|one| one.answers[at].text == all[0].answers[at].text);
        assert!((0..20).all(same));
        assert_eq!(count(world, "lifecycle_work"), 0);
    });
}

#[test]
fn outcomes_are_the_officers_own_to_record() {
    on_both(|world| {
        let identifier = issued(world);
        let asked = Question::Identifier(identifier.clone());
        let bundle = check(world, &asked, &ReceiptWish::default(), NOW).remove(0);
        let digest: String = bundle.receipt.digest().iter().map(|byte| format!("{byte:02x}")).collect();
        let province = &world.province;
        province.receipt_outcome(&digest, Outcome::Case, &officer("Z1"), NOW).expect("recorded");
        assert!(province.receipt_outcome(&digest, Outcome::Passed, &officer("Z2"), NOW).is_err());
        // The same number in another unit is another officer.
        let namesake = Actor { unit: Some("外市执法支队".into()), ..officer("Z1") };
        assert!(province.receipt_outcome(&digest, Outcome::Passed, &namesake, NOW).is_err());
        let page = province.receipt_list(&ReceiptFilter::default(), i64::MAX, 10).expect("a list");
        assert_eq!(page.receipts[0].outcome, "立案");
        let stop = province.group_open(&officer("Z1"), NOW).expect("a stop");
        let id = format!("{:016x}", u64::from_be_bytes(stop));
        province
            .group_outcome(&id, Outcome::Warned, "车辆未带押运员", &officer("Z1"), NOW)
            .expect("recorded");
        assert!(province.group_outcome(&id, Outcome::Warned, "", &officer("Z2"), NOW).is_err());
        assert!(province.group_outcome(&id, Outcome::Warned, "", &namesake, NOW).is_err());
        let late = LateOutcome {
            stop: id.clone(),
            outcome: Outcome::Passed.text().to_owned(),
            note: String::new(),
            at: NOW / SECOND,
        };
        let answers = province.outcome_upload(&[late], &namesake, NOW).expect("answers");
        assert_eq!(answers[0].status, LateStatus::Refused);
        assert!(province.group_list(("外市执法支队", "Z1"), i64::MAX, 10).expect("stops").is_empty());
        let theirs = Group { id: stop, place: Place::Vehicle, number: 9 };
        let wish = ReceiptWish { group: Some(theirs), ..ReceiptWish::default() };
        check_by(world, &namesake, &asked, &wish, NOW);
        assert!(province.group_show(&id).expect("the stop").receipts.is_empty(), "a check of another's");
        // The holder is told the outcome of the stop, where the check has none of its own.
        let group = Group { id: stop, place: Place::Vehicle, number: 1 };
        check(world, &asked, &ReceiptWish { group: Some(group), ..ReceiptWish::default() }, NOW + SECOND);
        let mine = province.checks_of(&certificate_id(world, &identifier), i64::MAX, 10).expect("checks");
        let outcomes: Vec<&str> = mine.iter().map(|one| one.outcome.as_str()).collect();
        assert_eq!(outcomes, ["教育提醒", "未记录", "立案"], "the namesake's check stands for itself");
        let listed =
            province.group_list(("演示市交通运输综合行政执法支队", "Z1"), i64::MAX, 10).expect("stops");
        assert_eq!((listed[0].outcome.as_str(), listed[0].note.as_str()), ("教育提醒", "车辆未带押运员"));
    });
}

#[test]
fn a_demand_for_paper_is_counted_once_by_unit_and_month() {
    on_both(|world| {
        let identifier = issued(world);
        for at in 0..3 {
            check(
                world,
                &Question::Identifier(identifier.clone()),
                &ReceiptWish::default(),
                NOW + at * SECOND,
            );
        }
        let certificate = certificate_id(world, &identifier);
        let province = &world.province;
        let checks = province.checks_of(&certificate, i64::MAX, 10).expect("checks");
        let holder = Actor { client: "holder-page".into(), ..Actor::default() };
        let report =
            |note| province.paper_demanded(&certificate, &checks[1].receipt, note, &holder, NOW + DAY);
        assert!(report(Some("要求出示纸质证")).expect("recorded"));
        assert!(!report(None).expect("known"));
        let strange = province.paper_demanded("other", &checks[0].receipt, None, &holder, NOW);
        assert!(strange.expect_err("refused").to_string().contains("不是该证照的"));
        let lines = province.paper_report("2026-05", "2026-07").expect("a report");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((lines[0].month.as_str(), lines[0].checks, lines[0].demands), ("2026-06", 3, 1));
        assert!(province.paper_report("2026-07", "2026-05").is_err());
        let again = province.checks_of(&certificate, i64::MAX, 10).expect("checks");
        assert_eq!(again.iter().filter(|one| one.paper_demanded).count(), 1);
        // The note is nobody's to read in the rows.
        assert_eq!(count(world, "verify_complaint WHERE note_sealed LIKE '%纸质%'"), 0);
        assert!(province.paper_workbook("2026-05", "2026-07").expect("a workbook").starts_with(b"PK"));
    });
}

#[test]
fn lists_page_without_gaps_or_doubles_and_go_into_a_workbook() {
    on_both(|world| {
        enrol(world, 5, "Z1", NOW);
        upload(world, &texts(5, &chain(5, 7, None)), NOW + DAY);
        let (mut numbers, mut before) = (Vec::new(), i64::MAX);
        loop {
            let page = world.province.receipt_list(&ReceiptFilter::default(), before, 3).expect("a page");
            numbers.extend(page.receipts.iter().map(|one| one.number));
            match page.next {
                Some(next) => before = next,
                None => break,
            }
        }
        assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
        let none = ReceiptFilter { staff_no: Some("Z2".into()), from: Some(NOW), ..ReceiptFilter::default() };
        assert_eq!(world.province.receipt_list(&none, i64::MAX, 3).expect("a page").receipts, []);
        assert!(
            world.province.receipt_workbook(&ReceiptFilter::default()).expect("a book").starts_with(b"PK")
        );
    });
}

#[test]
fn a_receipt_tells_what_was_so_at_its_time() {
    on_both(|world| {
        let identifier = issued(world);
        let question = Question::Identifier(identifier);
        let before = check(world, &question, &ReceiptWish::default(), NOW + SECOND).remove(0);
        world.province.accept(vec![submitted(later("S000000", "V1", "注销"))], NOW + 2 * SECOND);
        let after = check(world, &question, &ReceiptWish::default(), NOW + 3 * SECOND).remove(0);
        assert_eq!(before.receipt.content.verdict, Verdict::Valid);
        assert_eq!(after.receipt.content.verdict, Verdict::Invalid);
        assert_eq!(after.receipt.content.reasons[0], "STATUS_ENDED");
    });
}
