//! How the batches of a drop folder stand, for the people of the business system: taken, answered, or lying there.

use std::path::Path;

use link::files::{BatchName, DiskFolder, Folder, Head, Missing, list};
use store::rows::convert;

use super::LIMIT;
use crate::{NodeError, Province};

/// Where the receipt of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// It is being worked on.
    Working,
    /// Its receipt waits in the folder.
    Answered,
    /// Its receipt was fetched and closed.
    Fetched,
    /// Its folder is not read by this process.
    Elsewhere,
}

/// A batch that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub name: String,
    /// When it was first taken up, microseconds UTC.
    pub begun_at: i64,
    /// Where its receipt is.
    pub state: BatchState,
    /// Lines received and accepted, once there is a receipt.
    pub lines: Option<(usize, usize)>,
    /// Why it was refused as a whole.
    pub problem: Option<String>,
}

/// A file that lies in the folder and was not taken up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Its name.
    pub name: String,
    /// What it waits for, in Chinese.
    pub what: &'static str,
}

/// A page of batches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchPage {
    /// Batches, the newest first.
    pub batches: Vec<Batch>,
    /// Where to go on: instant and name.
    pub next: Option<(i64, String)>,
}

impl Province {
    /// Batches of a source, the newest first, after (instant, name), with their receipts from its folder.
    ///
    /// # Errors
    /// The rows.
    pub fn intake_batches(
        &self,
        source: &str,
        folder: Option<&Path>,
        before: Option<&(i64, String)>,
        most: u32,
    ) -> Result<BatchPage, NodeError> {
        let place = before.map_or((i64::MAX, ""), |(at, name)| (*at, name.as_str()));
        let mut rows =
            self.store.read(|session| convert::batches(session, source, place, most.saturating_add(1)))?;
        let more = rows.len() > most as usize;
        rows.truncate(most as usize);
        let next = rows.last().filter(|_| more).map(|(name, at)| (*at, name.clone()));
        let batch = |(name, begun_at): (String, i64)| {
            let (state, head) = folder.map_or((BatchState::Elsewhere, None), |folder| state(folder, &name));
            Batch {
                lines: head.as_ref().map(|head| (head.lines, head.accepted)),
                problem: head.and_then(|head| head.problem).map(|problem| {
                    let what = problem.detail.unwrap_or(problem.title);
                    problem.fix.map_or(what.clone(), |fix| format!("{what}；{fix}"))
                }),
                name,
                begun_at,
                state,
            }
        };
        Ok(BatchPage { batches: rows.into_iter().map(batch).collect(), next })
    }

    /// What lies in a drop folder and was not taken up yet.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn intake_lying(&self, folder: &Path) -> Result<Vec<Lying>, NodeError> {
        let refused = |error: link::files::FileError| {
            NodeError::refused(error.to_string(), "请核对投放目录的路径和权限")
        };
        let names = DiskFolder::open(folder, LIMIT).and_then(|folder| folder.names()).map_err(refused)?;
        let listing = list(&names);
        let ready = listing.ready.into_iter().map(|name| (name.to_string(), "等待受理"));
        let waiting = listing.waiting.into_iter().map(|(name, missing)| {
            let what = match missing {
                Missing::Checksum => "缺校验文件（.sm3）",
                Missing::Data => "缺数据文件（.jsonl）",
            };
            (name.to_string(), what)
        });
        let foreign = listing.foreign.into_iter().map(|name| (name, "文件名不合规，不会受理"));
        Ok(ready.chain(waiting).chain(foreign).map(|(name, what)| Lying { name, what }).collect())
    }
}

/// Where the receipt of a batch is, and its head.
fn state(folder: &Path, name: &str) -> (BatchState, Option<Head>) {
    // A name from the rows, and still a part of a path: only what can be a batch is looked for.
    let Ok(name) = BatchName::new(name) else { return (BatchState::Elsewhere, None) };
    let file = format!("{name}.receipt.jsonl");
    for (path, state) in
        [(folder.join(&file), BatchState::Answered), (folder.join("done").join(&file), BatchState::Fetched)]
    {
        if let Some(head) = head(&path) {
            return (state, Some(head));
        }
    }
    (BatchState::Working, None)
}

/// The first line of a receipt; the lines after it may be many.
fn head(path: &Path) -> Option<Head> {
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(std::fs::File::open(path).ok()?), &mut line)
        .ok()?;
    serde_json::from_str(&line).ok()
}
