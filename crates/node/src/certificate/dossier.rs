//! One certificate with everything that belongs to it.

use ::lifecycle::{State, day_of};
use codes::LegalDate;
use model::{FaceValue, Record};
use store::Session;
use store::rows::certificate::{self, Certificate};
use store::rows::{deliver, dossier, event, issue, version, work};

use super::search::validity;
use super::{Step, Within};
use crate::audit::{self, Act, Actor};
use crate::deliver::DeliveryRecord;
use crate::lifecycle::parse;
use crate::verify::FaceItem;
use crate::{NodeError, Province};

/// Acts shown of each destination.
const ACTS: u32 = 10;

/// A certificate and what is known of it. Personal data in clear: for those who may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Row key.
    pub id: String,
    /// Slug of the kind.
    pub kind: String,
    /// Its Chinese name.
    pub kind_name: String,
    /// 证照标识 of the newest version; `None` while only on paper.
    pub identifier: Option<String>,
    /// 证照编号.
    pub number: String,
    /// Name of the issuing authority.
    pub authority: String,
    /// Area code.
    pub area: String,
    /// Name of the area.
    pub area_name: String,
    /// Status in Chinese on this day.
    pub status: String,
    /// Can it be used today?
    pub usable: bool,
    /// First and last day as text.
    pub validity: String,
    /// Last day of 年审.
    pub annual_due: Option<String>,
    /// Last day of 诚信考核.
    pub integrity_due: Option<String>,
    /// The business system and its own key.
    pub source: (String, String),
    /// First recorded and last changed, microseconds UTC.
    pub times: (i64, i64),
    /// Acts recorded.
    pub state_seq: i64,
    /// Is it activated?
    pub activated: bool,
    /// The face's single items, as they stand there.
    pub face: Vec<FaceItem>,
    /// Its repeated groups.
    pub groups: Vec<Group>,
    /// 从业资格类别, 经营范围.
    pub entitlements: Vec<EntitlementLine>,
    /// Events, newest first.
    pub steps: Vec<Step>,
    /// Versions, newest first.
    pub versions: Vec<VersionFacts>,
    /// Ties to others.
    pub links: Vec<LinkLine>,
    /// Hints that events of others left here.
    pub hints: Vec<String>,
    /// Delivery, newest version first.
    pub delivery: Vec<DeliveryRecord>,
    /// Collection, newest act first, by destination.
    pub collect: Vec<CollectLine>,
    /// Checks with a receipt.
    pub checks: i64,
    /// Open work items.
    pub work: Vec<WorkLine>,
}

/// A repeated group of the face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Names of its sub-items.
    pub heads: Vec<String>,
    /// Rows, as wide as `heads`.
    pub rows: Vec<Vec<String>>,
}

/// One entitlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitlementLine {
    /// Name of its code.
    pub name: String,
    /// Its own status.
    pub status: String,
    /// Does it stand today by itself?
    pub live: bool,
    /// Its own dates, where it has some.
    pub validity: String,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFacts {
    /// 1 to 999.
    pub version: i64,
    /// 证照标识.
    pub identifier: String,
    /// Signed at, microseconds UTC.
    pub signed_at: i64,
    /// SM3 of its record (R3), hex.
    pub record_sm3: String,
    /// Files, in order.
    pub parts: Vec<PartLine>,
}

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartLine {
    /// `正本`, `副本`.
    pub name: String,
    /// Length in bytes.
    pub bytes: i64,
    /// SM3, hex.
    pub sm3: String,
}

/// A tie to another certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkLine {
    /// What the other one is to this one, in Chinese.
    pub relation: &'static str,
    /// Row key, where the caller may look at it.
    pub id: Option<String>,
    /// How it is called.
    pub name: String,
}

/// An act on its way to a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectLine {
    /// The destination.
    pub lane: String,
    /// The certificate's count after the act.
    pub state_seq: i64,
    /// `pending`, `done` or `dead`.
    pub state: String,
    /// Put in at and done at, microseconds UTC.
    pub times: (i64, Option<i64>),
    /// Failed attempts.
    pub attempts: i64,
    /// The last failure.
    pub error: Option<String>,
    /// The destination's own number of the certificate, where its receipt gave one.
    pub receipt: Option<String>,
}

/// Something open that a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    /// Row key.
    pub id: String,
    /// Stable code.
    pub code: String,
    /// What, and what to do.
    pub why: String,
    /// Microseconds UTC.
    pub opened_at: i64,
}

impl Province {
    /// A certificate by its row key, within what the caller may see; `None` otherwise, and it is not said why. Its audit row is durable
    /// when this returns.
    ///
    /// # Errors
    /// A database that cannot be read or written; a value that cannot be opened.
    pub fn certificate_dossier(
        &self,
        id: &str,
        within: &Within,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<Dossier>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let found = certificate::by_id(session, id)?;
            let Some(one) = found.filter(|one| within.has(&one.area, &one.kind)) else { return Ok(None) };
            self.dossier_of(session, one, within, now).map(Some)
        })?;
        if let Some(dossier) = &found {
            let (object, area) = (dossier.id.clone(), dossier.area.clone());
            self.note_certificate("certificate.read", (object, area), &[], actor, now)?;
        }
        Ok(found)
    }

    /// Writes that somebody has read or taken something of a certificate.
    pub(super) fn note_certificate(
        &self,
        act: &str,
        (object, area): (String, String),
        detail: &[(&str, &str)],
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let detail = detail.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let act = Act {
            act: act.to_owned(),
            at: now,
            actor: actor.clone(),
            object: Some(object),
            area: Some(area),
            outcome: "shown".to_owned(),
            detail: detail.collect(),
            ..Act::default()
        };
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    fn dossier_of(
        &self,
        session: &mut Session,
        one: Certificate,
        within: &Within,
        now: i64,
    ) -> Result<Dossier, NodeError> {
        let today = day_of(now);
        let state: State = parse(&one.state, "证照状态")?;
        let present = state.on(today);
        let record = self.record_of(session, &one.id)?;
        let mut rows = event::unanswered(session, &one.id)?;
        rows.reverse();
        rows.extend(event::answered(session, &one.id)?.into_iter().rev());
        let steps: Result<Vec<Step>, NodeError> = rows.into_iter().map(|row| self.step(row)).collect();
        let links = self.links(session, &one.id, within, now)?;
        let steps = steps.map(|mut steps| {
            let lines = steps.iter_mut().flat_map(|step| &mut step.changes);
            lines.for_each(|line| name_tie(line, &links));
            steps
        });
        let (face, groups) = self.face_in_full(&one.kind, record.as_ref(), today);
        let day = |day: Option<LegalDate>| day.map(|day| day.to_string());
        let area = codes::AreaCode::parse(&one.area).ok();
        let areas = &self.data.catalogue.areas;
        Ok(Dossier {
            kind_name: self.name_of_kind(&one.kind, now),
            authority: self.authority_name(&one.issuer, now),
            area_name: area.and_then(|area| areas.full_name(area, today.date())).unwrap_or_default(),
            status: self.rules.status_name(&state, today),
            usable: self.usable(&state, today),
            validity: validity(&present),
            annual_due: day(present.annual.due),
            integrity_due: day(present.integrity.due),
            activated: deliver::activation(session, &one.id)?.is_some(),
            entitlements: self.entitlements(&present, today),
            steps: steps?,
            versions: versions(session, &one.id)?,
            links,
            hints: certificate::hints(session, &one.id)?.into_iter().map(|(_, text)| text).collect(),
            delivery: deliver::records(session, &one.id)?.into_iter().map(crate::deliver::record).collect(),
            collect: self.collected(session, &one.id)?,
            checks: dossier::checks(session, &one.id)?,
            work: work::of(session, &one.id)?.into_iter().map(work_line).collect(),
            face,
            groups,
            number: one.certificate_no.unwrap_or_default(),
            source: (one.source, one.subject_ref),
            times: (one.recorded_at, one.updated_at),
            state_seq: one.state_seq,
            id: one.id,
            kind: one.kind,
            identifier: one.identifier,
            area: one.area,
        })
    }

    /// The record that a certificate stands on.
    pub(crate) fn record_of(&self, session: &mut Session, id: &str) -> Result<Option<Record>, NodeError> {
        let Some((sealed, _)) = certificate::record(session, id)? else { return Ok(None) };
        parse(&self.personal.open(&certificate::record_place(id), &sealed)?, "照面记录").map(Some)
    }

    /// Everything on a face, codes by their names.
    fn face_in_full(
        &self,
        slug: &str,
        record: Option<&Record>,
        today: LegalDate,
    ) -> (Vec<FaceItem>, Vec<Group>) {
        let kind = self.data.catalogue.kind(slug, today.date());
        let (Some(kind), Some(record)) = (kind, record) else { return (Vec::new(), Vec::new()) };
        let name_of = |item: &catalogue::Item, code: &str| {
            let table = item.table.as_deref().and_then(|table| self.data.catalogue.tables.table(table));
            table.and_then(|table| table.latest_name(code)).unwrap_or(code).to_owned()
        };
        let rows_of = |group: &catalogue::Group| {
            let Some(FaceValue::Rows(rows)) = record.face.get(&group.short) else { return None };
            let row = |row: &model::Row| {
                let cell = |item: &catalogue::Item| {
                    row.get(&item.short).map_or_else(String::new, |text| name_of(item, text))
                };
                group.items.iter().map(cell).collect()
            };
            Some(Group {
                name: group.name.clone(),
                heads: group.items.iter().map(|item| item.name.clone()).collect(),
                rows: rows.iter().map(row).collect(),
            })
        };
        (self.face_of(kind, record, true), kind.groups.iter().filter_map(rows_of).collect())
    }

    /// Name of a category or a scope; its code where no table has it.
    pub(super) fn code_name(&self, code: &str) -> String {
        let tables = &self.data.catalogue.tables;
        let known = ["qualification-category", "business-scope"];
        let name = known.iter().find_map(|table| tables.table(table)?.latest_name(code));
        name.unwrap_or(code).to_owned()
    }

    fn entitlements(&self, state: &State, today: LegalDate) -> Vec<EntitlementLine> {
        let line = |one: &::lifecycle::Entitlement| {
            let holds = one.holds.iter().map(|hold| {
                let rule = self.rules.holds().iter().find(|rule| rule.slug == hold.0);
                rule.map_or_else(|| hold.0.clone(), |rule| rule.name.clone())
            });
            let holds: Vec<String> = holds.collect();
            let base = one.base.name();
            EntitlementLine {
                name: self.code_name(&one.code),
                status: match holds.is_empty() {
                    true => base.to_owned(),
                    false => format!("{base}（{}）", holds.join("、")),
                },
                live: one.is_live(today),
                validity: match (one.valid_from, one.valid_to) {
                    (None, None) => String::new(),
                    (from, to) => format!(
                        "{} 至 {}",
                        from.map_or_else(|| "—".to_owned(), |day| day.to_string()),
                        to.map_or_else(|| "—".to_owned(), |day| day.to_string())
                    ),
                },
            }
        };
        state.entitlements.values().map(line).collect()
    }

    fn links(
        &self,
        session: &mut Session,
        id: &str,
        within: &Within,
        now: i64,
    ) -> Result<Vec<LinkLine>, NodeError> {
        let mut out = Vec::new();
        for (from, link, to) in certificate::links(session, id)? {
            let (other, relation) = if from == id { (to, outward(&link)) } else { (from, inward(&link)) };
            let found = certificate::by_id(session, &other)?;
            let seen = found.as_ref().filter(|one| within.has(&one.area, &one.kind));
            let name = match (seen, &found) {
                (Some(one), _) => {
                    let number = one.certificate_no.as_deref().unwrap_or_default();
                    format!("{} {number}", self.name_of_kind(&one.kind, now)).trim().to_owned()
                }
                (None, Some(_)) => "其他行政区划的证照".to_owned(),
                // Named by its sender; not on record here.
                (None, None) => format!("{other}（不在本系统）"),
            };
            out.push(LinkLine { relation, id: seen.map(|one| one.id.clone()), name });
        }
        Ok(out)
    }

    fn collected(&self, session: &mut Session, id: &str) -> Result<Vec<CollectLine>, NodeError> {
        let mut out = Vec::new();
        for lane in &self.lanes {
            for one in dossier::sent(session, lane, id, ACTS)? {
                let receipt = one.receipt.as_deref().and_then(receipt_no);
                out.push(CollectLine {
                    lane: one.lane,
                    state_seq: one.state_seq,
                    state: one.state,
                    times: (one.created_at, one.done_at),
                    attempts: one.attempts,
                    error: one.error,
                    receipt,
                });
            }
        }
        Ok(out)
    }
}

fn versions(session: &mut Session, id: &str) -> Result<Vec<VersionFacts>, NodeError> {
    let mut out = Vec::new();
    for row in version::of(session, id)?.into_iter().rev() {
        let parts = issue::files(session, &row.identifier)?.into_iter();
        out.push(VersionFacts {
            parts: parts.map(|file| PartLine { name: file.name, bytes: file.bytes, sm3: file.sm3 }).collect(),
            version: row.version,
            identifier: row.identifier,
            signed_at: row.signed_at * 1_000_000,
            record_sm3: row.record_sm3,
        });
    }
    Ok(out)
}

fn work_line(one: certificate::Work) -> WorkLine {
    WorkLine { id: one.id, code: one.code, why: one.why, opened_at: one.opened_at }
}

/// The destination's own number of the certificate.
fn receipt_no(text: &str) -> Option<String> {
    serde_json::from_str::<crate::collect::DeliveryReceipt>(text).ok()?.foreign_id
}

/// A line of a tie by how the other certificate is called, in place of its key.
fn name_tie(line: &mut String, links: &[LinkLine]) {
    let Some(target) = line.strip_prefix("关联：") else { return };
    let known = links.iter().find(|link| link.id.as_deref() == Some(target));
    let is_key = target.len() == 32 && target.bytes().all(|byte| byte.is_ascii_hexdigit());
    *line = match known {
        Some(link) => format!("关联：{}（{}）", link.name, link.relation),
        None if is_key => "关联：其他行政区划的证照".to_owned(),
        None => return,
    };
}

/// What the other one is, when this one names it.
fn outward(link: &str) -> &'static str {
    match link {
        "under" => "所属许可证",
        "branch_of" => "所属总公司证照",
        "replaces" => "取代的证照",
        "transferred_to" => "转往的证照",
        "transferred_from" => "转自的证照",
        _ => "关联证照",
    }
}

/// What the other one is, when it names this one.
fn inward(link: &str) -> &'static str {
    match link {
        "under" => "名下证照",
        "branch_of" => "分支机构证照",
        "replaces" => "被其取代",
        "transferred_to" => "由其转来",
        "transferred_from" => "已转往",
        _ => "关联证照",
    }
}
