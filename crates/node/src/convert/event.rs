//! The event that stands for a planned conversion.

use ::lifecycle::{Decision, EventKind, History, day_of};
use codes::LegalDate;
use model::{Finding, Severity};
use store::rows::certificate::Certificate;

use crate::issue::journal::hex;
use crate::keys::rfc3339;
use crate::lifecycle::{BusinessEvent, Operator};
use crate::{NodeError, Province};

/// 换发 is the one event of the common table with `converts = true` that needs neither a new face nor a new date, ends no hold and
/// changes no entitlement: a new document for the same right. 暂扣, 挂失 and an end in the past keep it from happening.
pub(super) const KIND: EventKind = EventKind::Reissue;
/// Why a conversion was not needed any more.
pub(super) const ALREADY_CONVERTED: &str = "ALREADY_CONVERTED";

/// The event of an item. Everything in it comes from the rows, so that it is the same event whenever it is sent.
///
/// It goes under the certificate's own source, so that source finds it in its results, and `convert/…` sets it apart from the
/// source's own events.
pub(super) fn conversion(
    certificate: &Certificate,
    (run, n): (&str, i64),
    sent_at: i64,
    operator: &Operator,
) -> BusinessEvent {
    BusinessEvent {
        source: certificate.source.clone(),
        event_id: event_id(run, n),
        event: KIND.name().to_owned(),
        subject_ref: Some(certificate.subject_ref.clone()),
        kind: Some(certificate.kind.clone()),
        occurred_at: rfc3339(sent_at.div_euclid(1_000_000)),
        effective_on: Some(day_of(sent_at).to_string()),
        operator: operator.clone(),
        ..BusinessEvent::default()
    }
}

/// 48 characters at most: within what an event id may have.
pub(super) fn event_id(run: &str, n: i64) -> String {
    format!("convert/{run}/{n}")
}

/// Is it the id of a planned conversion, as [`event_id`] makes them?
pub(crate) fn is_conversion(id: &str) -> bool {
    let parts = id.strip_prefix("convert/").and_then(|rest| rest.split_once('/'));
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.is_some_and(|(run, n)| run.len() == 32 && hex(run) && n.parse::<i64>().is_ok())
}

/// What a conversion is told that came after the certificate's own next event (L6.1).
pub(crate) fn already_converted(certificate: &Certificate) -> ::lifecycle::Message {
    let identifier = certificate.identifier.as_deref().unwrap_or_default();
    ::lifecycle::Message {
        code: ALREADY_CONVERTED.into(),
        what: format!("该证照已由其他业务换发为电子证照（{identifier}），本次转化不再换发"),
        fix: "无需处理".into(),
    }
}

/// The event as the state machine sees it.
pub(super) fn read(message: &BusinessEvent, kind: &catalogue::Kind) -> Result<::lifecycle::Event, NodeError> {
    let digest = hex(&gm::sm3::sm3(&message.canonical()));
    message.read(&digest, Some(kind)).map_err(|findings| {
        let what = findings.first().map_or_else(String::new, |finding| finding.what.clone());
        NodeError::refused(format!("转化事件不能生成：{what}"), "请报告此问题")
    })
}

/// What would keep the event from being applied today.
pub(super) fn obstacle(
    province: &Province,
    history: &History,
    event: &::lifecycle::Event,
    today: LegalDate,
    record_id: &str,
) -> Option<Finding> {
    let why = match ::lifecycle::decide(&province.rules, history, event, today) {
        Decision::Refuse(why)
        | Decision::WorkItem(why)
        | Decision::Conflict(why)
        | Decision::Wait { why, .. } => why,
        Decision::Apply(_) | Decision::ApplyLate(_) | Decision::Same { .. } => return None,
    };
    Some(finding(record_id, &why))
}

/// A refusal by the rules as a finding, so that one list holds everything that a city has to mend.
pub(super) fn finding(record_id: &str, why: &::lifecycle::Message) -> Finding {
    Finding {
        record_id: record_id.to_owned(),
        item: "event".into(),
        item_name: KIND.name().into(),
        rule: why.code.clone(),
        severity: Severity::Error,
        what: why.what.clone(),
        fix: why.fix.clone(),
    }
}
