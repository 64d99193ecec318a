//! What a business system sends: one event, in the one record shape of `domain.md`, "Records and events".

use ::lifecycle::{EventKind, EventRef, Grant, Relation, day_of};
use codes::{LegalDate, Uscc, Validity};
use model::{Decision, Finding, Record, Severity};
use serde::{Deserialize, Serialize};

/// 业务事件 as it travels. Dates and codes are text until [`BusinessEvent::read`] has checked them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusinessEvent {
    /// Which system sends it; an API client's own name where absent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// That system's id of the event; the same id with the same content is one act.
    pub event_id: String,
    /// Kind of event: Chinese name (`年度审验`) or slug.
    pub event: String,
    /// The source's own key of the certificate, bound at its first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_ref: Option<String>,
    /// Or its 证照标识, of any version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Or its 证照编号, with `kind`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_no: Option<String>,
    /// Type code, name or slug of the kind, where no record says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// When it happened, RFC 3339.
    pub occurred_at: String,
    /// First day in force, ISO; the day of the decision, or of the occurrence, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<String>,
    /// 1, 2, 3 … per source and certificate, where the source counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Who did it.
    pub operator: Operator,
    /// The decision, where no record carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The entitlements that it is about; empty means the whole certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Grant>,
    /// New first day of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// New last day of validity, or 长期.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// New last day of 年审, 诚信考核 or 注册.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Result of 年审 or 诚信考核.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// For 复议/诉讼恢复: what it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<EventRef>,
    /// Ties to other certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Tie>,
    /// The holder's mobile number, where the source knows it: news and one-time codes go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_phone: Option<String>,
    /// The new face record, where the event changes the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// The record's photo (JPEG or PNG) in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

/// Who did it, in the business system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Staff number or 执法证号.
    pub staff_no: String,
}

/// A tie to another certificate, named as the sender knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// `under`, `branch_of`, `replaces`, `transferred_to`, `transferred_from`.
    pub relation: Relation,
    /// The sender's own key of the other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_ref: Option<String>,
    /// Or its 证照标识.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// Items of the face whose codes are entitlements of their own, by the code table that they use.
const ENTITLEMENT_TABLES: [&str; 2] = ["qualification-category", "business-scope"];

impl BusinessEvent {
    /// What it is called in findings: the record's id, else its own.
    pub fn name(&self) -> &str {
        self.record.as_ref().map_or(&self.event_id, |record| &record.record_id)
    }

    /// The bytes whose SM3 tells a repetition from a conflict.
    pub fn canonical(&self) -> Vec<u8> {
        // As for a record: nothing in it can fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads the envelope. `digest` is the SM3 of [`BusinessEvent::canonical`]; ties are resolved later.
    ///
    /// # Errors
    /// A finding for each item that cannot be read.
    pub fn read(
        &self,
        digest: &str,
        kind: Option<&catalogue::Kind>,
    ) -> Result<::lifecycle::Event, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut refuse = |item: &str, name: &str, what: String, fix: &str| {
            findings.push(Finding {
                record_id: self.name().to_owned(),
                item: item.to_owned(),
                item_name: name.to_owned(),
                rule: "EVENT_FORMAT".into(),
                severity: Severity::Error,
                what,
                fix: fix.to_owned(),
            });
        };
        let longest = 64;
        if self.event_id.is_empty() || self.event_id.chars().count() > longest {
            refuse(
                "event_id",
                "事件编号",
                format!("事件编号应为 1 至 {longest} 个字符"),
                "请填写业务系统中该事件的唯一编号",
            );
        }
        let event_kind = EventKind::parse(&self.event);
        if event_kind.is_none() {
            refuse(
                "event",
                "事件种类",
                format!("没有名为“{}”的事件种类", self.event),
                "请填写“初领”“变更”“年度审验”等规定名称",
            );
        }
        let occurred = self.occurred_at.parse::<jiff::Timestamp>().ok();
        if occurred.is_none() {
            refuse(
                "occurred_at",
                "发生时间",
                format!("“{}”不是时间", self.occurred_at),
                "请按 2026-11-22T09:30:00+08:00 的格式填写",
            );
        }
        if self.subject_ref.is_none() && self.identifier.is_none() && self.certificate_no.is_none() {
            refuse(
                "subject_ref",
                "证照的业务键",
                "没有说明是哪一本证照".into(),
                "请填写业务系统中该证照的键（subject_ref）、证照标识（identifier），或证照编号加证照类型",
            );
        }
        if self.holder_phone.as_deref().is_some_and(|phone| crate::deliver::mobile(phone).is_none()) {
            refuse(
                "holder_phone",
                "持证人手机号码",
                "手机号码不合规".into(),
                "请填写能接收短信的 11 位手机号码；没有的请省略该项",
            );
        }
        let mut day = |item: &str, name: &str, text: Option<&str>| -> Option<LegalDate> {
            let text = text?;
            LegalDate::parse(text)
                .map_err(|error| refuse(item, name, error.to_string(), "请按 2026-11-22 的格式填写"))
                .ok()
        };
        let decision = self.record.as_ref().map(|record| &record.decision).or(self.decision.as_ref());
        let given = self
            .effective_on
            .as_deref()
            .or_else(|| decision.map(|one| one.date.as_str()).filter(|date| !date.is_empty()));
        let effective = day("effective_on", "生效日期", given);
        let face = |short: &str| self.record.as_ref().and_then(|record| record.face.text(short));
        let valid_from =
            day("valid_from", "有效期起", self.valid_from.as_deref().or_else(|| face("ZZYXQQSRQ")));
        let due = day("due", "下次日期", self.due.as_deref().or_else(|| face("KZ_NSYXQ")));
        let valid_to = self.valid_to.as_deref().or_else(|| face("ZZYXQJZRQ")).and_then(|text| {
            Validity::parse(text)
                .map_err(|error| {
                    refuse(
                        "valid_to",
                        "有效期止",
                        error.to_string(),
                        "请按 2026-11-22 的格式填写，无截止日期的填“长期”",
                    )
                })
                .ok()
        });
        if !findings.is_empty() {
            return Err(findings);
        }
        let occurred_at = occurred.map_or(0, jiff::Timestamp::as_microsecond);
        Ok(::lifecycle::Event {
            source: self.source.clone(),
            event_id: self.event_id.clone(),
            digest: digest.to_owned(),
            kind: event_kind.unwrap_or(EventKind::Change),
            sequence: self.sequence,
            occurred_at,
            effective_on: effective.unwrap_or_else(|| day_of(occurred_at)),
            decision_no: decision.map(|one| one.no.clone()).unwrap_or_default(),
            entitlements: self.grants(event_kind, kind),
            valid_from,
            valid_to,
            due,
            result: self.result.clone(),
            authority: self.record.as_ref().and_then(|record| Uscc::parse(&record.authority_uscc).ok()),
            has_face: self.record.is_some(),
            undoes: self.undoes.clone(),
            links: Vec::new(),
        })
    }

    /// What an event names itself; for a certificate that comes into being, what its face says.
    fn grants(&self, event: Option<EventKind>, kind: Option<&catalogue::Kind>) -> Vec<Grant> {
        let born = matches!(event, Some(EventKind::FirstIssue | EventKind::TransferIn));
        if !self.entitlements.is_empty() || !born {
            return self.entitlements.clone();
        }
        self.record.as_ref().zip(kind).map_or_else(Vec::new, |(record, kind)| face_grants(record, kind))
    }
}

/// The entitlements that stand on a face: 从业资格类别, 经营范围.
pub(crate) fn face_grants(record: &Record, kind: &catalogue::Kind) -> Vec<Grant> {
    let bare =
        |code: &str| Grant { code: code.to_owned(), valid_from: None, valid_to: None, authority: None };
    let is_ours = |item: &catalogue::Item| {
        item.table.as_deref().is_some_and(|table| ENTITLEMENT_TABLES.contains(&table))
    };
    let mut grants: Vec<Grant> = Vec::new();
    for (short, value) in record.face.iter() {
        match value {
            model::FaceValue::Text(text) if kind.item(short).is_some_and(is_ours) => grants.push(bare(text)),
            model::FaceValue::List(list) if kind.item(short).is_some_and(is_ours) => {
                grants.extend(list.iter().map(|code| bare(code)));
            }
            model::FaceValue::Rows(rows) => {
                let Some(group) = kind.group(short) else { continue };
                for row in rows {
                    let code =
                        group.items.iter().filter(|item| is_ours(item)).find_map(|item| row.get(&item.short));
                    grants.extend(code.map(|code| bare(code)));
                }
            }
            _ => {}
        }
    }
    // A face may name one twice; it is granted once.
    let mut seen = std::collections::HashSet::new();
    grants.retain(|grant| seen.insert(grant.code.clone()));
    grants
}
