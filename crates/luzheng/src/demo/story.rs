//! What happens to certificates in the demo's month: which events, in which order, some days apart.

use model::Decision;
use node::lifecycle::{BusinessEvent, Operator};

use super::clock::{day, rfc3339};
use super::dice::Dice;
use super::nodes::SOURCE;

/// A certificate that something may still happen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Number of its record in the sample.
    pub number: usize,
    /// The business system's key.
    pub key: String,
    /// Slug of its kind.
    pub kind: String,
}

/// One event of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Days after the story began.
    pub after: usize,
    /// Chinese name of the event.
    pub event: &'static str,
    /// It happened so many days before it is sent.
    pub late: usize,
}

const fn step(after: usize, event: &'static str) -> Step {
    Step { after, event, late: 0 }
}

type Story = &'static [Step];

/// Stories that fit every certificate.
const COMMON: [Story; 16] = [
    &[step(0, "变更")],
    &[step(0, "变更")],
    &[step(0, "变更")],
    &[step(0, "换发")],
    &[step(0, "换发")],
    &[step(0, "暂扣"), step(4, "恢复")],
    &[step(0, "暂扣"), step(7, "恢复")],
    &[step(0, "暂扣")],
    &[step(0, "挂失"), step(2, "解挂")],
    &[step(0, "挂失"), step(3, "补发")],
    &[step(0, "补发")],
    &[step(0, "注销")],
    &[step(0, "注销")],
    &[step(0, "吊销")],
    &[step(0, "撤销"), step(9, "复议/诉讼恢复")],
    // The lifting comes before what it lifts: it waits, and goes its way a day later.
    &[step(0, "恢复"), Step { after: 1, event: "暂扣", late: 2 }],
];

const VEHICLE: [Story; 6] = [
    &[step(0, "年度审验")],
    &[step(0, "年度审验")],
    &[step(0, "年度审验")],
    &[step(0, "年度审验")],
    &[step(0, "停运"), step(6, "复运")],
    &[step(0, "停运")],
];

const DRIVER: [Story; 4] =
    [&[step(0, "诚信考核")], &[step(0, "诚信考核")], &[step(0, "诚信考核")], &[step(0, "变更")]];

const TAXI: [Story; 4] = [
    &[step(0, "诚信考核")],
    &[step(0, "诚信考核")],
    &[step(0, "注册")],
    &[step(0, "注册"), step(5, "注销注册")],
];

const OPERATOR: [Story; 5] = [
    &[step(0, "变更")],
    &[step(0, "变更")],
    &[step(0, "换发")],
    &[step(0, "停业"), step(8, "复业")],
    &[step(0, "停业")],
];

/// A story for a certificate of a kind; three in five are of its own family.
pub fn story(dice: &mut Dice, kind: &str) -> Story {
    let own: &[Story] = match kind {
        "transport-certificate" | "ride-hailing-transport" => &VEHICLE,
        "qualification" => &DRIVER,
        "taxi-driver" | "ride-hailing-driver" => &TAXI,
        _ => &OPERATOR,
    };
    if dice.below(5) < 3 { dice.pick(own) } else { dice.pick(&COMMON) }
}

/// Names of those who act in the business system.
const CLERKS: [(&str, &str); 4] =
    [("经办甲", "D9901"), ("经办乙", "D9902"), ("经办丙", "D9903"), ("经办丁", "D9904")];

/// An event of a certificate that happened at an instant, microseconds UTC. `count` makes its id the source's own.
pub fn event(name: &str, key: &str, (at, count): (i64, usize), unit: &str) -> BusinessEvent {
    let (clerk, staff_no) = CLERKS[count % CLERKS.len()];
    let today = day(at);
    let mut message = BusinessEvent {
        source: SOURCE.into(),
        event_id: format!("{SOURCE}-{}-{count:05}", today.strftime("%Y%m%d")),
        event: name.into(),
        subject_ref: Some(key.into()),
        occurred_at: rfc3339(at),
        effective_on: Some(today.to_string()),
        operator: Operator { name: clerk.into(), unit: unit.into(), staff_no: staff_no.into() },
        ..BusinessEvent::default()
    };
    let number = |word: &str| format!("演示{word}〔{}〕{count}号", today.year());
    message.decision = match name {
        "暂扣" => Some(number("扣")),
        "吊销" => Some(number("罚")),
        "撤销" => Some(number("撤")),
        "复议/诉讼恢复" => Some(number("复")),
        _ => None,
    }
    .map(|no| Decision { no, date: today.to_string() });
    let next_year = today.saturating_add(jiff::Span::new().years(1)).to_string();
    match name {
        "年度审验" => {
            message.due = Some(next_year);
            message.result = Some("1".into());
        }
        "诚信考核" => {
            message.due = Some(next_year);
            message.result = Some("AAA".into());
        }
        "注册" => message.due = Some(next_year),
        _ => {}
    }
    message
}
