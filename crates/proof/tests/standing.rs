//! The verdict over what a register says of a certificate: one row a situation.

use jiff::civil::date;
use model::Verdict;
use proof::{Held, Standing, weigh};

fn standing() -> Standing {
    Standing {
        identifier: "id-2".into(),
        base: "正常".into(),
        valid_from: Some("2026-01-01".into()),
        valid_to: Some("2026-12-31".into()),
        ..Standing::default()
    }
}

fn verdict(standing: &Standing, asked: Option<&str>, day: i8) -> (Verdict, Vec<String>) {
    let reasons = weigh(standing, asked, date(2026, 12, day));
    (Verdict::from_reasons(&reasons), reasons.into_iter().map(|reason| reason.code).collect())
}

fn held(name: &str, forbids: bool) -> Vec<Held> {
    vec![Held { name: name.into(), forbids }]
}

#[test]
fn each_situation_has_its_verdict_and_says_why() {
    use Verdict::{Invalid, Valid, ValidWithHint};
    let with = |change: &dyn Fn(&mut Standing)| {
        let mut one = standing();
        change(&mut one);
        one
    };
    let rows: Vec<(Standing, Option<&str>, Verdict, &[&str])> = vec![
        (standing(), Some("id-2"), Valid, &["STATUS_NORMAL"]),
        (standing(), None, Valid, &["STATUS_NORMAL"]),
        (standing(), Some("id-1"), ValidWithHint, &["OLD_VERSION"]),
        (with(&|one| one.base = "吊销".into()), Some("id-2"), Invalid, &["STATUS_ENDED"]),
        (with(&|one| one.base = "转出".into()), Some("id-2"), Invalid, &["STATUS_ENDED"]),
        (with(&|one| one.holds = held("暂扣", true)), Some("id-2"), Invalid, &["STATUS_HELD"]),
        (with(&|one| one.holds = held("停运", false)), Some("id-2"), ValidWithHint, &["STATUS_RESTRICTED"]),
        (with(&|one| one.valid_to = Some("2026-12-14".into())), None, Invalid, &["VALIDITY_ENDED"]),
        (with(&|one| one.valid_to = Some("2026-12-15".into())), None, Valid, &["STATUS_NORMAL"]),
        (with(&|one| one.valid_to = Some("长期".into())), None, Valid, &["STATUS_NORMAL"]),
        (with(&|one| one.valid_from = Some("2026-12-16".into())), None, Invalid, &["VALIDITY_NOT_BEGUN"]),
        (
            with(&|one| one.annual_due = Some("2026-12-14".into())),
            None,
            ValidWithHint,
            &["ANNUAL_INSPECTION_DUE"],
        ),
        (
            with(&|one| one.lost = vec!["类别 02001 已吊销".into()]),
            None,
            ValidWithHint,
            &["ENTITLEMENT_LOST"],
        ),
        (with(&|one| one.hints = vec!["所属企业已注销".into()]), None, ValidWithHint, &["LINKED_HINT"]),
    ];
    for (standing, asked, wanted, codes) in rows {
        let (found, why) = verdict(&standing, asked, 15);
        assert_eq!(
            (found, why.iter().map(String::as_str).collect::<Vec<_>>()),
            (wanted, codes.to_vec()),
            "{standing:?}"
        );
    }
}

#[test]
fn a_notice_extends_validity_up_to_its_own_day() {
    let mut one = standing();
    one.valid_to = Some("2026-12-10".into());
    one.extended = Some(("2026-12-20".into(), "演示通知".into()));
    assert_eq!(verdict(&one, None, 20), (Verdict::ValidWithHint, vec!["VALIDITY_EXTENDED".into()]));
    assert_eq!(verdict(&one, None, 21), (Verdict::Invalid, vec!["VALIDITY_ENDED".into()]));
}

#[test]
fn the_heaviest_reason_decides_and_all_are_told() {
    let mut one = standing();
    one.base = "注销".into();
    one.holds = held("停运", false);
    let (found, why) = verdict(&one, Some("id-1"), 15);
    assert_eq!((found, why.len()), (Verdict::Invalid, 3));
}
