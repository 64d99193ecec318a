//! `batch`: record files that a clerk uploads: checked first, mended on the page, then handed in as events by a worker. Its state stands in
//! rows, so that the page can be left and a restart goes on where it was; the id of each event is made of file and record, so that nothing
//! is done twice.

mod bound;
mod check;
mod run;
mod template;

use std::sync::Arc;

use model::{Finding, Record, state};
use store::rows::batch::{self as rows, Batch, Item};
use store::rows::job;

use crate::audit::{self, Act, Actor};
use crate::certificate::Within;
use crate::form::{Filled, Form, NewPhoto, ShownPhoto};
use crate::job::JobFacts;
use crate::lifecycle::{load_photo, parse};
use crate::{NodeError, Province};

pub(crate) use bound::is_reserved;
pub use check::Upload;

use bound::open;

/// Records of a file at most.
pub const MOST: usize = 5_000;
/// Kinds of event that a file of records may be: each brings a face.
pub const EVENTS: [&str; 6] = ["初领", "变更", "换发", "补发", "延续", "更正"];
/// The record's id among the fields of its form.
const RECORD_ID: &str = "record_id";
/// Behind every row key, in any collation.
const END: &str = "z";

/// An uploaded file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchFacts {
    /// Name of the file.
    pub name: String,
    /// Kind of event.
    pub event: String,
    /// How far it has come; records that are wrong stand among its counts.
    pub job: JobFacts,
}

impl BatchFacts {
    /// The state in Chinese.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.job.state.as_str() {
            "checked" if self.job.answered() == 0 => "已检查，待办理",
            "running" => "办理中",
            _ if self.left() > 0 => "部分办理，还有未办的",
            _ if self.job.count("waiting") + self.job.count("work") > 0 => "已提交，部分等待结果",
            _ => "已办结",
        }
    }
}

/// A record of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchItem {
    /// Place, from 1.
    pub n: i64,
    /// Line or row in the file.
    pub line: i64,
    /// The record's id.
    pub record_id: String,
    /// Name of its kind.
    pub kind: String,
    /// Name of the holder, masked.
    pub holder: String,
    /// As in [`JobFacts::counts`], or `wrong`.
    pub state: String,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Why it was not done.
    pub why: String,
    /// Row key of its certificate.
    pub certificate: Option<String>,
    /// Its 证照标识.
    pub identifier: Option<String>,
    /// Can it be mended on the page?
    pub mendable: bool,
}

impl BatchFacts {
    /// Records that somebody has to do something about: mend them, or hand them in.
    #[must_use]
    pub fn left(&self) -> i64 {
        ["wrong", "unfit", "failed", "ready"].iter().map(|state| self.job.count(state)).sum()
    }
}

impl BatchItem {
    /// The state in Chinese.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state.as_str() {
            "ready" => "可办理",
            "wrong" => state::UNFIT,
            "done" => state::APPLIED,
            answer @ ("refused" | "unfit" | "waiting" | "work") => state::event(answer),
            _ => "未办成",
        }
    }
}

impl Province {
    /// The files of an account, newest first, below a key.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn batch_list(
        &self,
        owner: &str,
        below: Option<&str>,
        most: u32,
    ) -> Result<Vec<BatchFacts>, NodeError> {
        self.store.read(|session| {
            let mut out = Vec::new();
            for one in rows::of(session, owner, below.unwrap_or(END), most)? {
                let counts = job::counts(session, &job::BATCH, &one.id)?;
                out.push(facts(one, counts));
            }
            Ok(out)
        })
    }

    /// A file of an account; `None` for another account's.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn batch_show(&self, owner: &str, id: &str) -> Result<Option<BatchFacts>, NodeError> {
        self.store.read(|session| {
            let Some(one) = rows::get(session, owner, id)? else { return Ok(None) };
            let counts = job::counts(session, &job::BATCH, id)?;
            Ok(Some(facts(one, counts)))
        })
    }

    /// Records of a file behind a place, of one state or (`""`) of all. Audited: names and findings are read.
    ///
    /// # Errors
    /// No such file of this account; a database that cannot be read or written.
    pub fn batch_items(
        &self,
        (owner, id): (&str, &str),
        (state, after, most): (&str, i64, u32),
        actor: &Actor,
        now: i64,
    ) -> Result<Vec<BatchItem>, NodeError> {
        self.batch_follow(id)?;
        let found = self.store.read(|session| -> Result<_, NodeError> {
            open(session, owner, id)?;
            Ok(rows::items(session, id, state, after, most)?)
        })?;
        let items: Result<Vec<BatchItem>, NodeError> =
            found.into_iter().map(|item| self.batch_item(item)).collect();
        self.note_batch("batch.read", id, &[], actor, now)?;
        items
    }

    /// A record of a file as a form, its findings beside their fields.
    ///
    /// # Errors
    /// No such file or record; a record of no kind, which only the file can mend.
    pub fn batch_form(
        &self,
        (owner, id): (&str, &str),
        n: i64,
        now: i64,
    ) -> Result<(BatchItem, Form), NodeError> {
        let item = self.store.read(|session| -> Result<_, NodeError> {
            open(session, owner, id)?;
            rows::item(session, id, n)?.ok_or_else(none)
        })?;
        if !is_mendable(&item) {
            return Err(handed_in());
        }
        let record = self.batch_record(&item)?.ok_or_else(unreadable)?;
        // One that is gone or damaged can be replaced.
        let photo = item.photo.as_deref().and_then(|photo| load_photo(self, photo).ok());
        let shown = self.batch_item(item)?;
        let mut form = self.form_of(&record, &shown.findings, now)?.with_photo(photo.as_deref());
        if shown.state != "unfit" {
            form.put_first(RECORD_ID, "记录号", &record.record_id);
        }
        Ok((shown, form))
    }

    /// The photo of a record of a file, where it can be looked at. Audited.
    ///
    /// # Errors
    /// No such file or record; a database or file store that cannot be read or written.
    pub fn batch_photo(
        &self,
        (owner, id): (&str, &str),
        n: i64,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<ShownPhoto>, NodeError> {
        let item = self.store.read(|session| -> Result<_, NodeError> {
            open(session, owner, id)?;
            rows::item(session, id, n)?.ok_or_else(none)
        })?;
        let Some(photo) = item.photo else { return Ok(None) };
        self.note_batch("batch.read", id, &[("n", &n.to_string())], actor, now)?;
        Ok(ShownPhoto::of(load_photo(self, &photo)?))
    }

    /// Mends a record of a file that is not handed in yet, its photo too where another one is given, and checks it again; what is still
    /// wrong.
    ///
    /// # Errors
    /// No such file or record; one that was handed in; a database that cannot be written.
    pub fn batch_mend(
        self: &Arc<Self>,
        (owner, id): (&str, &str),
        n: i64,
        filled: Filled<'_>,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Vec<Finding>, NodeError> {
        let (batch, was) = self.store.read(|session| -> Result<_, NodeError> {
            let (batch, _) = open(session, owner, id)?;
            Ok((batch, rows::item(session, id, n)?.ok_or_else(none)?))
        })?;
        if batch.state == "running" || !is_mendable(&was) {
            return Err(handed_in());
        }
        let mut item = was.clone();
        let record = self.batch_record(&item)?.ok_or_else(unreadable)?;
        let mut record = self.form_filled(record, filled.value, now);
        // The event of an unfit one stands under its id already.
        if let Some(typed) = (filled.value)(RECORD_ID).filter(|_| was.state != "unfit") {
            record.record_id = typed.trim().to_owned();
        }
        let photo = match filled.photo {
            Some(NewPhoto { name, bytes }) => {
                item.photo = self.keep_photos(&[(&name, &bytes)])?.remove(&check::base(&name));
                record.photo = Some(name);
                Some(bytes)
            }
            None => item.photo.as_deref().and_then(|photo| load_photo(self, photo).ok()),
        };
        let mut findings = self.batch_lint(&record, photo, &self.batch_bound(within)?, now)?;
        let twin = self.store.read(|session| rows::twin(session, id, record.record_id.trim(), n))?;
        let twin = twin.filter(|_| !record.record_id.trim().is_empty());
        findings.extend(twin.map(|line| check::repeated(&record, line)));
        check::write(self, &mut item, &record, &findings)?;
        let act = self.batch_act("batch.mend", id, &[("n", &n.to_string())], actor, now);
        let (row, id) = (self.new_id(now), id.to_owned());
        self.store.write(move |session| -> Result<_, NodeError> {
            // Takes the file from whoever would hand it in now; one that was through has something to hand in again.
            let free = job::turn(session, &job::BATCH, &id, (&batch.state, "checked"), now)?;
            if !free || rows::item(session, &id, n)?.as_ref() != Some(&was) {
                return Err(handed_in());
            }
            if !rows::put_item(session, &item, &was.state)? {
                return Err(handed_in());
            }
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(findings)
    }

    /// Takes a file that was not handed in off the list.
    ///
    /// # Errors
    /// No such file, or one that was handed in.
    pub fn batch_drop(&self, owner: &str, id: &str, actor: &Actor, now: i64) -> Result<(), NodeError> {
        let act = self.batch_act("batch.drop", id, &[], actor, now);
        let (owner, id, row) = (owner.to_owned(), id.to_owned(), self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::get(session, &owner, &id)?.ok_or_else(none)?;
            let counts = job::counts(session, &job::BATCH, &id)?;
            let untouched = counts.iter().all(|(state, _)| state == "ready" || state == "wrong");
            if !untouched || !job::turn(session, &job::BATCH, &id, ("checked", "dropped"), now)? {
                return Err(NodeError::refused("这个文件已经开始办理，不能撤下", "请等待办理完成后查看结果"));
            }
            // Nobody needs the personal data any more; that they were here stands in the log.
            rows::clear(session, &id)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// The record of an item; `None` for a line that could not be read.
    fn batch_record(&self, item: &Item) -> Result<Option<Record>, NodeError> {
        let place = Item::place(&item.batch_id, item.n);
        let open = |sealed: &String| parse(&self.personal.open(&place, sealed)?, "导入的记录");
        item.record_sealed.as_ref().map(open).transpose()
    }

    fn batch_item(&self, item: Item) -> Result<BatchItem, NodeError> {
        let record = self.batch_record(&item)?;
        let place = Item::place(&item.batch_id, item.n);
        let findings = match &item.findings_sealed {
            Some(sealed) => parse(&self.personal.open(&place, sealed)?, "检查发现")?,
            None => Vec::new(),
        };
        let name = record.as_ref().and_then(|record| record.face.text("CZZT")).unwrap_or_default();
        Ok(BatchItem {
            holder: crate::verify::masked("name", name),
            mendable: record.is_some() && is_mendable(&item),
            findings,
            n: item.n,
            line: item.line,
            record_id: item.record_id,
            kind: item.kind,
            state: item.state,
            why: item.why,
            certificate: item.certificate_id,
            identifier: item.identifier,
        })
    }

    fn batch_act(&self, name: &str, id: &str, detail: &[(&str, &str)], actor: &Actor, now: i64) -> Act {
        let mut act = Act {
            act: name.to_owned(),
            at: now,
            actor: actor.clone(),
            outcome: "done".into(),
            ..Act::default()
        };
        act.detail.insert("batch".into(), id.to_owned());
        act.detail.extend(detail.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        act
    }

    fn note_batch(
        &self,
        name: &str,
        id: &str,
        detail: &[(&str, &str)],
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let (act, row) = (self.batch_act(name, id, detail, actor, now), self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }
}

fn facts(one: Batch, counts: Vec<(String, i64)>) -> BatchFacts {
    BatchFacts {
        name: one.name,
        event: one.event,
        job: JobFacts {
            id: one.id,
            state: one.state,
            total: one.total,
            counts,
            created_at: one.created_at,
            updated_at: one.updated_at,
        },
    }
}

fn none() -> NodeError {
    NodeError::refused("没有这个导入文件或记录", "请回到“批量导入”重新选择")
}

fn handed_in() -> NodeError {
    NodeError::refused("这条记录正在办理、已办理或刚被修改，没有保存", "请刷新后查看，需要时再补正")
}

fn is_mendable(item: &Item) -> bool {
    ["ready", "wrong", "unfit", "failed"].contains(&item.state.as_str())
}

fn unreadable() -> NodeError {
    NodeError::refused("这一行不能读成记录，无法在此补正", "请在原文件中改正后重新上传")
}
