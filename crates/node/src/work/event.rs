//! Events that did not go through: what is wrong with each, and mending the record of an unfit one.

use std::sync::Arc;

use store::rows::certificate;
use store::rows::event::{self, EventRow};

use super::in_area;
use crate::audit::{self, Act, Actor};
use crate::certificate::{Step, Within};
use crate::form::{Filled, Form, ShownPhoto};
use crate::lifecycle::{Answer, Kept, Mended, MendedField, Submitted, load_photo};
use crate::{NodeError, Province};

/// Which events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStatus {
    /// Message or record are wrong: to be mended.
    Unfit,
    /// Came early.
    Waiting,
    /// The rules forbid it.
    Refused,
}

impl EventStatus {
    /// Its word in rows and addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Unfit => "unfit",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }
}

/// An event that did not go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenEvent {
    /// What is known of it.
    pub step: Step,
    /// Area code.
    pub area: String,
    /// Kind and number of the certificate, as far as known.
    pub about: String,
    /// Row key of the certificate, where the caller may look at it.
    pub certificate: Option<String>,
    /// Does it bring a record that can be mended here?
    pub mendable: bool,
}

impl Province {
    /// Events of a status in areas, newest first, below (recorded at, row key). Audited: records are read.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn work_events(
        &self,
        status: EventStatus,
        (within, actor): (&Within, &Actor),
        (below, most): ((i64, &str), u32),
        now: i64,
    ) -> Result<Vec<OpenEvent>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let rows = event::open_to_people(session, status.slug(), within, below, most)?;
            rows.into_iter()
                .map(|row| self.open_event(session, row, within, now))
                .collect::<Result<Vec<_>, _>>()
        })?;
        self.note_work("work.events", None, actor, now)?;
        Ok(found)
    }

    /// One of them; with its record as a form where it can be mended. Audited.
    ///
    /// # Errors
    /// A database that cannot be read or written; a record of no kind.
    pub fn work_event(
        &self,
        id: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<(OpenEvent, Option<Form>)>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let found = event::by_id(session, id)?.filter(|row| in_area(within, &row.area));
            let Some(row) = found else { return Ok(None) };
            let record = Kept::open(&self.personal, &row)?.message.record;
            let photo = row.photo.clone();
            Ok(Some((self.open_event(session, row, within, now)?, record, photo)))
        })?;
        let Some((shown, record, photo)) = found else { return Ok(None) };
        self.note_work("work.event", shown.certificate.clone(), actor, now)?;
        let form = match record.filter(|_| shown.mendable) {
            Some(record) => {
                let photo = photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
                Some(self.form_of(&record, &shown.step.findings, now)?.with_photo(photo.as_deref()))
            }
            None => None,
        };
        Ok(Some((shown, form)))
    }

    /// The photo of an unfit event, where it can be looked at. Audited.
    ///
    /// # Errors
    /// A database or file store that cannot be read.
    pub fn work_photo(
        &self,
        id: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<ShownPhoto>, NodeError> {
        let found = self.store.read(|session| event::by_id(session, id))?;
        let row = found.filter(|row| row.status == "unfit" && in_area(within, &row.area));
        let Some(row) = row else { return Ok(None) };
        let Some(photo) = row.photo else { return Ok(None) };
        self.note_work("work.event", row.certificate_id, actor, now)?;
        Ok(ShownPhoto::of(load_photo(self, &photo)?))
    }

    /// Mends the record of an unfit event, its photo too where another one is given, and sends it again under its own id; the answer. What
    /// was changed, by whom and why stays with the event; the log names the fields.
    ///
    /// # Errors
    /// No word about why; nothing that was changed; a certificate or a record of elsewhere.
    /// No such event; one that is not unfit any more, or brings no record.
    pub fn work_mend(
        self: &Arc<Self>,
        id: &str,
        (filled, why): (Filled<'_>, &str),
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Answer, NodeError> {
        let gone = || NodeError::refused("这项业务已经处理过，不再待补正", "请刷新待办事项列表");
        let found = self.store.read(|session| event::by_id(session, id))?;
        let row = found.filter(|row| row.status == "unfit" && in_area(within, &row.area)).ok_or_else(gone)?;
        let why = why.trim();
        if why.chars().count() < 4 {
            return Err(NodeError::refused("没有写明补正依据", "请写明依据什么材料补正，至少 4 个字"));
        }
        let mut message = Kept::open(&self.personal, &row)?.message;
        let record = message.record.take().ok_or_else(gone)?;
        let before = record.clone();
        let record = self.form_filled(record, filled.value, now);
        let kind = self.kind_of_record(&record, ::lifecycle::day_of(now).date());
        if kind.is_some_and(|kind| !within.has(&record.area, &kind.slug)) {
            return Err(NodeError::refused(
                format!("行政区划“{}”的这类证照不在本账号的办理范围内", record.area),
                "请核对行政区划；确属其他地区的，请由当地经办",
            ));
        }
        let mut changes = self.form_changes((&before, &record), now)?;
        if filled.photo.is_some() {
            let before = if row.photo.is_some() { "原照片" } else { "没有" };
            changes.push(MendedField {
                path: "photo".into(),
                name: "照片".into(),
                before: before.into(),
                after: "另选的照片".into(),
            });
        }
        message.record = Some(record);
        message.photo = match (filled.photo, &row.photo) {
            (Some(photo), _) => Some(gm::base64::encode(&photo.bytes)),
            (None, Some(photo)) => Some(gm::base64::encode(&load_photo(self, photo)?)),
            (None, None) => None,
        };
        if !changes.is_empty() {
            self.note_mended(row, changes, why, actor, now)?;
        }
        let answer = self.accept(vec![Submitted { message, actor: actor.clone() }], now).pop();
        answer.ok_or_else(|| NodeError::refused("没有得到答复", "请稍后重试"))
    }

    /// Writes what is mended into the row of its event and into the log, before it is sent: nothing mended is without its trace.
    fn note_mended(
        &self,
        mut row: EventRow,
        changes: Vec<MendedField>,
        why: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let mut kept = Kept::open(&self.personal, &row)?;
        let names: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
        let mut act = Act {
            act: "work.mend".into(),
            at: now,
            actor: actor.clone(),
            object: row.certificate_id.clone(),
            area: Some(row.area.clone()),
            outcome: "sent".into(),
            ..Act::default()
        };
        act.detail.insert("source".into(), row.source.clone());
        act.detail.insert("event_id".into(), row.event_id.clone());
        // Names of fields: their values are personal, and stand sealed beside the event.
        act.detail.insert("fields".into(), names.join("、"));
        act.detail.insert("reason".into(), why.to_owned());
        let by = [actor.operator.as_deref(), actor.unit.as_deref()];
        let by = by.into_iter().flatten().collect::<Vec<_>>().join("，");
        kept.mended.push(Mended { at: now, by, why: why.to_owned(), changes });
        row.event_sealed = kept.seal(&self.personal, &row.id)?;
        let entry = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            let found = event::by_id(session, &row.id)?;
            if found.is_none_or(|found| found.status != "unfit" || found.content_sm3 != row.content_sm3) {
                return Err(NodeError::refused(
                    "这项业务刚被他人处理，没有保存",
                    "请刷新后查看，需要时再补正",
                ));
            }
            event::put(session, &row)?;
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })
    }

    fn open_event(
        &self,
        session: &mut store::Session,
        row: EventRow,
        within: &Within,
        now: i64,
    ) -> Result<OpenEvent, NodeError> {
        let found = match &row.certificate_id {
            Some(id) => certificate::by_id(session, id)?,
            None => None,
        };
        let seen = found.filter(|found| within.has(&found.area, &found.kind));
        let record = Kept::open(&self.personal, &row)?.message.record;
        let about = match (&seen, &record) {
            (Some(found), _) => self.called(found, now),
            (None, Some(record)) => {
                let kind = self.kind_of_record(record, ::lifecycle::day_of(now).date());
                let kind = kind.map_or(record.kind.as_str(), |kind| &kind.name);
                let number = record.face.text("ZZBH").unwrap_or(&record.record_id);
                format!("{kind} {number}")
            }
            (None, None) => row.subject_ref.clone(),
        };
        Ok(OpenEvent {
            area: row.area.clone(),
            mendable: row.status == "unfit" && record.is_some(),
            certificate: seen.map(|found| found.id),
            about,
            step: self.step(row)?,
        })
    }

    fn note_work(
        &self,
        name: &str,
        object: Option<String>,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let act = Act {
            act: name.to_owned(),
            at: now,
            actor: actor.clone(),
            object,
            outcome: "shown".into(),
            ..Act::default()
        };
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }
}
