//! `manual`: 应急办理. Acts are born in the business system; while it is away (an outage is open) a clerk may ask for one here, and a second
//! person, never the same one, confirms or rejects it. Only then does it go the way of every event, with source `manual`; a work item
//! has it entered in the business system later (R3, `domain.md`).

mod decide;

use ::lifecycle::day_of;
use codes::LegalDate;
use model::Decision;
use serde::{Deserialize, Serialize};
use store::rows::certificate;
use store::rows::manual::{self as rows, Manual};

use crate::audit::{self, Act, Actor};
use crate::certificate::Within;
use crate::lifecycle::{BusinessEvent, Operator, json, parse};
use crate::operator::Person;
use crate::{NodeError, Province};

pub use decide::Decided;

/// The source of these events.
pub const SOURCE: &str = "manual";
/// Code of the work item that has an act entered in the business system.
pub const WORK: &str = "MANUAL_ACT";
/// A request is void after this long, microseconds.
const LIFE: i64 = 24 * 3600 * 1_000_000;
/// Behind every row key, in any collation.
const END: &str = "z";

/// Kinds of event that may be done by hand: none of them brings a new face.
pub const EVENTS: [&str; 14] = [
    "暂扣",
    "恢复",
    "停运",
    "复运",
    "停业",
    "复业",
    "挂失",
    "解挂",
    "年度审验",
    "诚信考核",
    "延续",
    "注销",
    "撤销",
    "吊销",
];

/// What a clerk asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualRequest {
    /// 证照标识 of the certificate.
    pub identifier: String,
    /// Kind of event.
    pub event: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Number of the decision.
    pub decision_no: String,
    /// Day of the decision, ISO.
    pub decision_date: String,
    /// Why, and why it cannot wait.
    pub grounds: String,
    /// New last day of validity, for 延续.
    #[serde(default)]
    pub valid_to: String,
    /// Next day of 年审 or 诚信考核.
    #[serde(default)]
    pub due: String,
    /// Result of 年审 or 诚信考核.
    #[serde(default)]
    pub result: String,
}

/// What of it a row keeps, encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Body {
    request: ManualRequest,
    person: String,
    actor: Actor,
    outages: Vec<String>,
}

/// A request with how it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManualView {
    /// Row key.
    pub id: String,
    /// What is asked for.
    pub request: ManualRequest,
    /// Row key of the certificate.
    pub certificate: String,
    /// Name of its kind.
    pub kind_name: String,
    /// Area code.
    pub area: String,
    /// Account and name of whoever asks.
    pub maker: (String, String),
    /// Unit and number of that person, as the account had them.
    pub asker: Person,
    /// `pending`, `expired`, `confirming`, `confirmed`, `rejected` or `failed`.
    pub state: String,
    /// Asked at and void at, microseconds UTC.
    pub times: (i64, i64),
    /// Account that decided, when, and why.
    pub decided: Option<(String, i64, String)>,
    /// The outages in which it was asked for.
    pub outages: Vec<String>,
}

impl ManualView {
    /// Did this person ask for it, under whichever account?
    #[must_use]
    pub fn is_own(&self, actor: &Actor) -> bool {
        actor.operator.as_ref() == Some(&self.maker.0) || self.asker.is(&Person::of(actor))
    }

    /// The state in Chinese.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state.as_str() {
            "pending" => "待复核",
            "confirming" => "已复核，正在办理",
            "expired" => "已过期",
            "confirmed" => "已复核办理",
            "rejected" => "已退回",
            _ => "未办成",
        }
    }
}

impl Province {
    /// The business systems that are away now: party of each open outage towards us.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn manual_outages(&self, now: i64) -> Result<Vec<String>, NodeError> {
        Ok(self.store.read(|session| store::rows::outage::away(session, now))?)
    }

    /// Asks for an act by hand; its row key. Nothing is done with the certificate yet.
    ///
    /// # Errors
    /// The certificate's own business system is not away; no such certificate within what the caller may do; an event that cannot be done by hand; a day or a
    /// text that is missing or wrong; an act that the rules would not do, or not yet.
    pub fn manual_ask(
        &self,
        request: ManualRequest,
        person: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<String, NodeError> {
        let away = self.manual_outages(now)?;
        if away.is_empty() {
            return Err(NodeError::refused(
                "目前没有登记中的业务系统中断，不能应急办理",
                "请在业务系统办理；业务系统确已中断的，请先由省级主管登记中断",
            ));
        }
        check(&request, now)?;
        let maker = actor.operator.clone().ok_or_else(nobody)?;
        let found =
            self.store.read(|session| certificate::by_identifier(session, request.identifier.trim()))?;
        let found = found.filter(|one| within.has(&one.area, &one.kind)).ok_or_else(|| {
            NodeError::refused("本账号的行政区划内没有这件证照", "请核对证照标识；其他地区的证照请由当地办理")
        })?;
        let outages: Vec<String> = away.into_iter().filter(|one| *one == found.source).collect();
        if outages.is_empty() {
            return Err(not_away(&found.source));
        }
        let id = self.new_id(now);
        let body = Body { person: person.to_owned(), actor: actor.clone(), outages, request };
        let row = Manual {
            event: body.request.event.clone(),
            certificate_id: found.id.clone(),
            area: found.area.clone(),
            kind: found.kind,
            state: "pending".into(),
            body_sealed: self.personal.seal(&Manual::place(&id), &json(&body)?),
            maker,
            made_at: now,
            expires_at: now + LIFE,
            id: id.clone(),
            ..Manual::default()
        };
        // What the rules would not do is said now, not to the second person.
        if let Some(why) = self.foretell(event(&row, &body), actor, now)? {
            let fix = "请核对证照的当前状态、业务种类和填写的日期后重新提出";
            return Err(NodeError::refused(format!("按规则不能办理：{why}"), fix));
        }
        let act = manual_act("manual.ask", &row, actor, "pending", now);
        let entry = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::insert(session, &row)?;
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// Requests, newest first, below a key: those of an account, or (`pending`) those that may still be decided on.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn manual_list(
        &self,
        (maker, pending): (Option<&str>, bool),
        within: &Within,
        below: Option<&str>,
        most: u32,
        now: i64,
    ) -> Result<Vec<ManualView>, NodeError> {
        let found = self.store.read(|session| {
            rows::list(session, (maker, pending.then_some(now)), within, below.unwrap_or(END), most)
        })?;
        found.into_iter().map(|one| self.manual_view(one, now)).collect()
    }

    /// One request within what the caller may see.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn manual_show(&self, id: &str, within: &Within, now: i64) -> Result<Option<ManualView>, NodeError> {
        let found = self.store.read(|session| rows::get(session, id, within))?;
        found.map(|one| self.manual_view(one, now)).transpose()
    }

    fn manual_body(&self, one: &Manual) -> Result<Body, NodeError> {
        parse(&self.personal.open(&Manual::place(&one.id), &one.body_sealed)?, "应急办理申请")
    }

    fn manual_view(&self, one: Manual, now: i64) -> Result<ManualView, NodeError> {
        let body = self.manual_body(&one)?;
        let expired = one.state == "pending" && one.expires_at <= now;
        let kind = self.data.catalogue.kind(&one.kind, day_of(now).date());
        let decided = one.decider.zip(one.decided_at);
        Ok(ManualView {
            kind_name: kind.map_or_else(|| one.kind.clone(), |kind| kind.name.clone()),
            state: if expired { "expired".into() } else { one.state },
            decided: decided.map(|(who, at)| (who, at, one.reason.unwrap_or_default())),
            maker: (one.maker, body.person),
            asker: Person::of(&body.actor),
            request: body.request,
            outages: body.outages,
            certificate: one.certificate_id,
            area: one.area,
            times: (one.made_at, one.expires_at),
            id: one.id,
        })
    }
}

fn not_away(source: &str) -> NodeError {
    NodeError::refused(
        format!("这件证照的业务系统“{source}”没有登记中的中断，不能应急办理"),
        "请在业务系统办理；已提出的申请请退回；业务系统确已中断的，请先由省级主管登记中断",
    )
}

/// The request as an event. The same whenever it is made: a confirmation that a crash cut short is repeated without harm.
fn event(one: &Manual, body: &Body) -> BusinessEvent {
    let request = &body.request;
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    BusinessEvent {
        source: SOURCE.into(),
        event_id: format!("{SOURCE}/{}", one.id),
        event: request.event.clone(),
        identifier: some(&request.identifier),
        occurred_at: crate::keys::rfc3339(one.made_at / 1_000_000),
        effective_on: some(&request.effective_on),
        operator: Operator {
            name: body.person.clone(),
            unit: body.actor.unit.clone().unwrap_or_default(),
            staff_no: body.actor.staff_no.clone().unwrap_or_default(),
        },
        decision: Some(Decision {
            no: request.decision_no.trim().to_owned(),
            date: request.decision_date.trim().to_owned(),
        }),
        valid_to: some(&request.valid_to),
        due: some(&request.due),
        result: some(&request.result),
        ..BusinessEvent::default()
    }
}

fn check(request: &ManualRequest, now: i64) -> Result<(), NodeError> {
    let wrong = |what: &str, fix: &str| Err(NodeError::refused(what, fix));
    if !EVENTS.contains(&request.event.as_str()) {
        return wrong("这种业务不能应急办理", "需要制作新照面的业务请等业务系统恢复后办理");
    }
    let today = day_of(now);
    let Ok(effective) = LegalDate::parse(request.effective_on.trim()) else {
        return wrong("生效日期不合规", "请按 2026-11-22 的格式填写生效日期");
    };
    let Ok(decided) = LegalDate::parse(request.decision_date.trim()) else {
        return wrong("决定日期不合规", "请按 2026-11-22 的格式填写决定日期");
    };
    if decided > today || effective < decided {
        return wrong("日期先后不对", "决定日期不能晚于今天，生效日期不能早于决定日期");
    }
    if request.decision_no.trim().is_empty() {
        return wrong("没有填写决定文号", "请填写作出决定的文书编号");
    }
    if request.grounds.trim().chars().count() < 6 {
        return wrong("没有写明依据和理由", "请写明依据、理由和不能等业务系统恢复的原因，至少 6 个字");
    }
    let days = [&request.valid_to, &request.due];
    let is_day = |text: &&String| !text.trim().is_empty() && codes::Validity::parse(text.trim()).is_err();
    if days.into_iter().any(|text| is_day(&text)) {
        return wrong("有效期或下次日期不合规", "请按 2026-11-22 的格式填写");
    }
    Ok(())
}

fn nobody() -> NodeError {
    NodeError::refused("没有说明是谁在办理", "请重新登录后再办理")
}

fn manual_act(name: &str, one: &Manual, actor: &Actor, outcome: &str, now: i64) -> Act {
    let mut act = Act {
        act: name.to_owned(),
        at: now,
        actor: actor.clone(),
        object: Some(one.certificate_id.clone()),
        area: Some(one.area.clone()),
        outcome: outcome.to_owned(),
        ..Act::default()
    };
    act.detail.insert("request".into(), one.id.clone());
    act.detail.insert("event".into(), one.event.clone());
    act.detail.insert("maker".into(), one.maker.clone());
    act
}
