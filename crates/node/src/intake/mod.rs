//! `intake`: the file interface for the nights: batches of business events from a drop folder, each answered by a receipt file
//! (R4; JT/T 1049.2 has a message and a file interface; `docs/file-interface.md`).
//!
//! A line is one event, in our field names or in those of a field map, and goes the way of every event ([`Province::accept`]).
//! The receipt of a batch is the same however often a crash made us take it up.

mod batch;
mod line;
mod receipt;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use link::files::{DiskFolder, FieldMap, FileError, Folder, Line, Missing, Outcome, list, take_batch};
use store::rows::convert;

use crate::audit::{self, Act, Actor};
use crate::lifecycle::{Answer, Submitted};
use crate::{NodeError, Province};
use receipt::Known;

pub use batch::{Batch, BatchPage, BatchState, Lying};

/// A batch file may not be larger than this; photos in Base64 make lines long.
const LIMIT: u64 = 1 << 30;

/// Events that are accepted together.
const GROUP: usize = 256;

/// What became of the batches of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Batches that were answered, now or before a crash.
    pub batches: Vec<TakenBatch>,
    /// Batches of which a file is missing, with what is missing in Chinese.
    pub waiting: Vec<(String, &'static str)>,
    /// Batches that could not be taken in now and stay where they are, with the reason.
    pub failed: Vec<(String, String)>,
}

/// A batch that was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBatch {
    /// Its name.
    pub name: String,
    /// Lines received.
    pub lines: usize,
    /// Lines not refused.
    pub accepted: usize,
    /// Code of the reason when the whole batch was refused.
    pub problem: Option<String>,
    /// Were its events handed on this time?
    pub handed_on: bool,
}

impl Province {
    /// Takes in every batch that lies ready in a folder, in the order of their names. `actor.client` is the sender: its name is the
    /// source of events that name none, and no line may name another one. One process at a time may take from a folder.
    ///
    /// # Errors
    /// A folder that cannot be opened or listed. What goes wrong with one batch stands in [`Taken::failed`] and keeps no other one.
    pub fn intake_folder(
        self: &Arc<Self>,
        folder: &Path,
        map: Option<&FieldMap>,
        actor: &Actor,
        now: i64,
    ) -> Result<Taken, NodeError> {
        let refused = |error: FileError| NodeError::refused(error.to_string(), "投放目录恢复后会自动继续");
        let disk = DiskFolder::open(folder, LIMIT).map_err(refused)?;
        let listing = list(&disk.names().map_err(refused)?);
        let mut taken = Taken::default();
        for (name, missing) in listing.waiting {
            let what = match missing {
                Missing::Checksum => "缺校验文件",
                Missing::Data => "缺数据文件",
            };
            taken.waiting.push((name.to_string(), what));
        }
        for name in listing.ready {
            let mut seen = HashSet::new();
            let mut intake =
                |lines: &[Line<'_>]| self.take_lines(name.as_str(), lines, map, actor, now, &mut seen);
            match take_batch(&disk, &name, &mut intake) {
                Ok(Some(done)) => {
                    let head = &done.receipt.head;
                    taken.batches.push(TakenBatch {
                        name: name.to_string(),
                        lines: head.lines,
                        accepted: head.accepted,
                        problem: head.problem.as_ref().and_then(|problem| problem.code.clone()),
                        handed_on: done.handed_on,
                    });
                }
                // Taken away between listing and reading.
                Ok(None) => {}
                Err(error) => taken.failed.push((name.to_string(), error.to_string())),
            }
        }
        self.note_batches(&taken, actor, now)?;
        Ok(taken)
    }

    /// Some lines of a batch: their events accepted, an outcome for each.
    fn take_lines(
        self: &Arc<Self>,
        batch: &str,
        lines: &[Line<'_>],
        map: Option<&FieldMap>,
        actor: &Actor,
        now: i64,
        seen: &mut HashSet<String>,
    ) -> Result<Vec<Outcome>, Box<dyn std::error::Error + Send + Sync>> {
        let begun = self.batch_begun(&actor.client, batch, now)?;
        let mut outcomes = Vec::with_capacity(lines.len());
        for group in lines.chunks(GROUP) {
            // `None` where an event goes on its way.
            let mut read = Vec::with_capacity(group.len());
            let mut events = Vec::with_capacity(group.len());
            for one in group {
                match line::read(one, map, &actor.client) {
                    Ok(message) => {
                        events.push(Submitted { message, actor: actor.clone() });
                        read.push(None);
                    }
                    Err(refused) => read.push(Some(*refused)),
                }
            }
            self.stage("intake.accept")?;
            let answers = self.accept(events, now);
            if !answers.is_empty() && answers.iter().all(receipt::is_ours) {
                // The machine is at fault, not the lines: they are taken again when it is well.
                let why = answers.into_iter().find_map(|answer| answer.why).map(|why| why.what);
                return Err(why.unwrap_or_default().into());
            }
            let mut answers = answers.into_iter();
            for one in read {
                outcomes.push(match one {
                    Some(refused) => refused,
                    None => match answers.next() {
                        Some(answer) => self.outcome(answer, begun, seen)?,
                        None => return Err("事件没有得到答复".into()),
                    },
                });
            }
            self.stage("intake.answered")?;
        }
        Ok(outcomes)
    }

    fn outcome(&self, answer: Answer, begun: i64, seen: &mut HashSet<String>) -> Result<Outcome, NodeError> {
        let again = !seen.insert(answer.event_id.clone());
        let known = match (answer.repeated, again) {
            (false, _) => Known::New,
            (true, true) => Known::Before,
            (true, false) => {
                // It may be this batch's own event, from before a crash.
                let row = self
                    .store
                    .read(|session| store::rows::event::find(session, &answer.source, &answer.event_id))?;
                if row.is_some_and(|row| row.recorded_at >= begun) { Known::New } else { Known::Before }
            }
        };
        Ok(receipt::outcome(answer, known))
    }

    fn batch_begun(self: &Arc<Self>, source: &str, batch: &str, now: i64) -> Result<i64, NodeError> {
        let (source, batch) = (source.to_owned(), batch.to_owned());
        Ok(self.store.write(move |session| convert::batch_begun(session, &source, &batch, now))?)
    }

    fn note_batches(self: &Arc<Self>, taken: &Taken, actor: &Actor, now: i64) -> Result<(), NodeError> {
        let act = |one: &TakenBatch| {
            let mut act = Act {
                act: "intake.batch".into(),
                at: now,
                actor: actor.clone(),
                outcome: one.problem.clone().unwrap_or_else(|| "taken".into()),
                ..Act::default()
            };
            act.detail.insert("batch".into(), one.name.clone());
            act.detail.insert("lines".into(), one.lines.to_string());
            act.detail.insert("accepted".into(), one.accepted.to_string());
            act
        };
        let acts: Vec<Act> = taken.batches.iter().map(act).collect();
        if acts.is_empty() {
            return Ok(());
        }
        let row = self.new_id(now);
        Ok(self.store.write(move |session| audit::append(session, row.clone(), &acts))?)
    }
}
