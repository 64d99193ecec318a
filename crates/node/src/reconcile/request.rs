//! 数据维护申请 (附表1; M20): drafted from a difference, sealed at rest, decided by people.

use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::reconcile::run::{self, RequestRow};

use super::difference::{Class, Difference, Side, field_name};
use super::report::day;
use super::run::Run;
use crate::audit::{self, Act, Actor};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// Items of the form and what each is filled with.
const FORM: &str = include_str!("form.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    title: String,
    basis: String,
    item: Vec<TemplateItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateItem {
    label: String,
    from: Option<From>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum From {
    Unit,
    Area,
    Date,
    Kind,
    Identifier,
    CertificateNo,
    Holder,
    Maintenance,
    Reason,
    Basis,
    Operator,
}

/// One item of the form; empty where a person has to fill it in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// One value that is to change at the ministry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field.
    pub field: String,
    /// Its Chinese name.
    pub name: String,
    /// 原值: what the ministry holds; `None` where it holds nothing.
    pub before: Option<String>,
    /// 新值: what we hold; `None` where the entry is to go.
    pub after: Option<String>,
}

/// A filled form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Its title.
    pub title: String,
    /// Items in their order.
    pub items: Vec<Item>,
    /// 原值 → 新值.
    pub changes: Vec<Change>,
}

/// Writes a draft, or brings the draft that there is for this certificate up to date; its key.
pub(super) fn draft(
    session: &mut Session,
    province: &Province,
    of: &Run,
    one: &Difference,
    ours: Option<&Certificate>,
    actor: &Actor,
    now: i64,
) -> Result<String, NodeError> {
    let form = fill(session, province, of, one, ours, actor, now)?;
    let text = json(&form)?;
    if let Some(draft) = run::draft_of(session, &one.certificate)? {
        // One open request for one certificate: a second run adds nothing but what is newer.
        let sealed = province.personal.seal(&RequestRow::place(&draft.id), &text);
        run::update_request(session, &draft.id, &sealed, &of.id, now)?;
        return Ok(draft.id);
    }
    let id = province.new_id(now);
    let request = RequestRow {
        body_sealed: province.personal.seal(&RequestRow::place(&id), &text),
        // What only a list names has no certificate of ours.
        certificate_id: Some(one.certificate.clone()).filter(|key| !key.starts_with("list:")),
        run_id: Some(of.id.clone()),
        area: area(one, ours),
        state: "draft".into(),
        created_at: now,
        updated_at: now,
        id: id.clone(),
    };
    run::insert_request(session, &request)?;
    Ok(id)
}

fn fill(
    session: &mut Session,
    province: &Province,
    of: &Run,
    one: &Difference,
    ours: Option<&Certificate>,
    actor: &Actor,
    now: i64,
) -> Result<Form, NodeError> {
    let template: Template = toml::from_str(FORM)
        .map_err(|error| NodeError::refused(format!("附表1 的模板不能读取：{error}"), "请报告此问题"))?;
    let record = match ours {
        Some(ours) => record(session, province, &ours.id)?,
        None => None,
    };
    let face = |short: &str| record.as_ref().and_then(|record| record.face.text(short)).map(str::to_owned);
    let listed = |field: &str| {
        let of = |side: &Option<Side>| side.as_ref().and_then(|side| side.get(field).cloned());
        of(&one.ours).or_else(|| of(&one.theirs))
    };
    let value = |from: From| match from {
        From::Unit => actor.unit.clone(),
        From::Area => Some(area(one, ours)),
        From::Date => Some(day(now)),
        From::Kind => ours
            .map(|ours| ours.kind.clone())
            .or_else(|| listed("kind"))
            .map(|kind| kind_name(province, kind)),
        From::Identifier => ours.and_then(|ours| ours.identifier.clone()).or_else(|| listed("identifier")),
        From::CertificateNo => face("ZZBH").or_else(|| listed("certificate_no")),
        From::Holder => face("CZZT"),
        From::Maintenance => Some(maintenance(one).to_owned()),
        From::Reason => Some(format!("部省对账（{}，与“{}”比对）发现：{}", of.id, of.lane, one.class.name())),
        From::Basis => Some(template.basis.clone()),
        From::Operator => actor.operator.clone(),
    };
    let items = template
        .item
        .iter()
        .map(|item| Item { label: item.label.clone(), value: item.from.and_then(value).unwrap_or_default() });
    Ok(Form { items: items.collect(), changes: changes(one), title: template.title.clone() })
}

fn record(
    session: &mut Session,
    province: &Province,
    certificate: &str,
) -> Result<Option<model::Record>, NodeError> {
    let Some((sealed, _)) = certificate::record(session, certificate)? else { return Ok(None) };
    let text = province.personal.open(&certificate::record_place(certificate), &sealed)?;
    parse(&text, "照面记录").map(Some)
}

fn kind_name(province: &Province, slug: String) -> String {
    let known =
        province.data.catalogue.kinds().iter().find(|kind| kind.slug == slug).map(|kind| kind.name.clone());
    known.unwrap_or(slug)
}

/// The area of whoever completes the form: ours, or what the other side says.
fn area(one: &Difference, ours: Option<&Certificate>) -> String {
    let said = || {
        let theirs = one.theirs.as_ref()?;
        let cell = theirs.get("cell").and_then(|cell| cell.split_once('/')).map(|(_, area)| area.to_owned());
        cell.or_else(|| theirs.get("area").cloned())
    };
    ours.map(|ours| ours.area.clone()).or_else(said).unwrap_or_default()
}

fn maintenance(one: &Difference) -> &'static str {
    match one.class {
        Class::Missing => "新增",
        Class::Extra => "删除",
        Class::Different if one.fields.iter().any(|field| field == "base") => "状态变更",
        Class::Different => "修改",
    }
}

fn changes(one: &Difference) -> Vec<Change> {
    let value = |side: &Option<Side>, field: &str| side.as_ref().and_then(|side| side.get(field).cloned());
    let fields: Vec<String> = match (&one.class, &one.theirs) {
        // An extra entry goes as a whole.
        (Class::Extra, Some(theirs)) => theirs.keys().cloned().collect(),
        _ => one.fields.clone(),
    };
    let change = |field: String| Change {
        name: field_name(&field).to_owned(),
        before: value(&one.theirs, &field),
        after: value(&one.ours, &field),
        field,
    };
    fields.into_iter().map(change).collect()
}

impl Province {
    /// A maintenance request with its form. Reading it is a read of personal data and stands in the log.
    ///
    /// # Errors
    /// No such request; a database that cannot be read or written; a value that does not open.
    pub fn maintain_show(&self, id: &str, actor: &Actor, now: i64) -> Result<(RequestRow, Form), NodeError> {
        let row = self.store.read(|session| run::request(session, id))?;
        let Some(row) = row else {
            return Err(NodeError::refused(format!("没有编号为“{id}”的数据维护申请"), "请核对编号"));
        };
        let act = Act {
            act: "maintain.read".into(),
            at: now,
            actor: actor.clone(),
            object: row.certificate_id.clone(),
            area: Some(row.area.clone()),
            outcome: "read".into(),
            ..Act::default()
        };
        let audit_id = self.new_id(now);
        self.store.write(move |session| {
            Ok::<_, NodeError>(audit::append(session, audit_id.clone(), std::slice::from_ref(&act))?)
        })?;
        let text = self.personal.open(&RequestRow::place(id), &row.body_sealed)?;
        let form = parse(&text, "数据维护申请")?;
        Ok((row, form))
    }
}
