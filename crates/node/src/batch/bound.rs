//! Whose records a file may bring: in the areas and kinds that its account has today, of no certificate outside of them, in the name of no
//! system that reaches further.

use std::collections::HashSet;

use model::{Finding, Record, Severity};
use serde::{Deserialize, Serialize};
use store::Session;
use store::rows::batch::{self as rows, Batch};
use store::rows::{certificate, operator};

use super::none;
use crate::audit::Actor;
use crate::certificate::Within;
use crate::lifecycle::parse;
use crate::operator::{Area, Rights};
use crate::session::Scope;
use crate::{NodeError, Province};

/// The act that a file takes.
const ACT: &str = "issue.batch";
/// Begins the source of records without one of their own; an area follows, so that record number 1 of two cities is two certificates.
pub const NAMELESS: &str = "批量导入";

/// Who uploaded a file, and the areas and kinds of the account on that day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Uploader {
    #[serde(flatten)]
    pub actor: Actor,
    #[serde(default)]
    pub areas: Vec<String>,
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// What an account may bring in today.
pub(super) struct Bound {
    within: Within,
    /// Sources of clients that reach further than the account.
    foreign: HashSet<String>,
}

/// The source of a record: its own, or that of files in its area.
pub(super) fn source_of(record: &Record) -> String {
    match record.source.trim() {
        "" => format!("{NAMELESS}/{}", record.area.trim()),
        named => named.to_owned(),
    }
}

/// May nobody but the system itself speak in the name of this source?
pub(crate) fn is_reserved(source: &str) -> bool {
    source.trim() == crate::manual::SOURCE || source.trim().starts_with(NAMELESS)
}

/// A file of an account that still has what it had when it was uploaded; with what it has now.
pub(super) fn open(session: &mut Session, owner: &str, id: &str) -> Result<(Batch, Within), NodeError> {
    let batch = rows::get(session, owner, id)?.ok_or_else(none)?;
    let within = within(session, &batch)?.ok_or_else(|| NodeError::refused(MOVED.0, MOVED.1))?;
    Ok((batch, within))
}

/// Why a file stays closed.
pub(super) const MOVED: (&str, &str) = (
    "经办账号的权限、行政区划或证照种类在上传这个文件之后有变，文件不再打开，也不再办理",
    "请核对账号现在的办理范围，在范围内重新上传",
);

/// The areas and kinds that the account of a file has now; `None` where it has not all that it had on the day of the upload.
pub(super) fn within(session: &mut Session, batch: &Batch) -> Result<Option<Within>, NodeError> {
    let was: Uploader = parse(&batch.actor, "导入的经办人")?;
    let Some(account) = operator::get(session, &batch.owner)? else { return Ok(None) };
    if account.state != "active" {
        return Ok(None);
    }
    let role = Rights::builtin()?.role(&account.role);
    let now = match role.and_then(|role| role.area_of(ACT)) {
        Some(Area::Own) => Within {
            areas: parse(&account.areas, "账号的行政区划")?,
            kinds: parse(&account.kinds, "账号的证照种类")?,
        },
        Some(Area::Any | Area::Mine) => Within::all(),
        None => return Ok(None),
    };
    // What the account had is named as what one certificate has: a beginning of codes, a kind, or all of them.
    let keeps = was.areas.iter().all(|area| was.kinds.iter().all(|kind| now.has(area, kind)));
    Ok(keeps.then_some(now))
}

impl Province {
    /// What somebody with these areas and kinds may bring in.
    pub(super) fn batch_bound(&self, within: &Within) -> Result<Bound, NodeError> {
        let scope = Scope { areas: within.areas.clone(), kinds: within.kinds.clone() };
        let inside: HashSet<String> = self.client_sources(&scope)?.into_iter().collect();
        let all = self.client_list()?.into_iter().map(|client| client.source);
        let foreign = all.filter(|source| !inside.contains(source)).collect();
        Ok(Bound { within: within.clone(), foreign })
    }

    /// What of a record is not the account's to hand in.
    pub(super) fn batch_outside(
        &self,
        record: &Record,
        bound: &Bound,
        now: i64,
    ) -> Result<Vec<Finding>, NodeError> {
        let finding = |(item, item_name): (&str, &str), rule: &str, what: String, fix: &str| Finding {
            record_id: record.record_id.clone(),
            item: item.into(),
            item_name: item_name.into(),
            rule: rule.into(),
            severity: Severity::Error,
            what,
            fix: fix.into(),
        };
        let mut out = Vec::new();
        let today = ::lifecycle::day_of(now).date();
        let kind = self.kind_of_record(record, today).map(|kind| kind.slug.as_str()).unwrap_or_default();
        if !kind.is_empty() && !bound.within.has(&record.area, kind) {
            let what = format!("行政区划“{}”的这类证照不在本账号的办理范围内", record.area);
            let fix = "请核对行政区划；确属其他地区的，请由当地经办";
            out.push(finding(("area", "行政区划"), "AREA_OUTSIDE", what, fix));
        }
        let given = record.source.trim();
        if is_reserved(given) {
            let what = format!("来源“{given}”是系统自用的，不能填写");
            let fix = "请清空“来源”一列，由系统按行政区划编定";
            out.push(finding(("source", "来源"), "SOURCE_RESERVED", what, fix));
            return Ok(out);
        }
        if bound.foreign.contains(given) {
            let what = format!("来源“{given}”是对接的业务系统，其范围超出本账号的办理范围");
            let fix = "请清空“来源”一列，或由该业务系统提交";
            out.push(finding(("source", "来源"), "SOURCE_OUTSIDE", what, fix));
            return Ok(out);
        }
        let source = source_of(record);
        let found =
            self.store.read(|session| certificate::by_subject(session, &source, record.record_id.trim()))?;
        if found.is_some_and(|one| !bound.within.has(&one.area, &one.kind)) {
            let what = format!("来源“{source}”的记录号“{}”是本账号办理范围以外的一件证照", record.record_id);
            let fix = "请核对记录号和来源；确属其他地区的证照，请由当地经办";
            out.push(finding(("record_id", "记录号"), "CERTIFICATE_OUTSIDE", what, fix));
        }
        Ok(out)
    }
}
