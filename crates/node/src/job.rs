//! `job`: long work that a person starts and leaves. Rows say where it stands, so that it is found again and a restart goes on; a worker
//! does some of it at a time under a lease, so that of two processes one works.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::rows::job::{self as rows, Job};
use store::rows::lease;

use crate::{NodeError, Province};

/// States of an item that has its answer.
const ANSWERED: [&str; 6] = ["done", "waiting", "work", "refused", "unfit", "failed"];

/// The job of each kind that had its turn last in this node: a hint for the order alone.
#[derive(Debug, Default)]
pub struct Turns(Mutex<HashMap<&'static str, String>>);

impl Turns {
    fn last(&self, job: &Job) -> String {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(job.name).cloned().unwrap_or_default()
    }

    fn note(&self, job: &Job, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job.name, id.to_owned());
    }
}

/// How far a job has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFacts {
    /// Row key.
    pub id: String,
    /// `running` or `done`; a file that was not handed in yet is `checked`.
    pub state: String,
    /// Its items.
    pub total: i64,
    /// Items by state: `ready` ones wait for the worker, `done`, `waiting`, `work`, `refused`, `unfit` and `failed` ones
    /// have their answer.
    pub counts: Vec<(String, i64)>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// When it came into its state, microseconds UTC.
    pub updated_at: i64,
}

impl JobFacts {
    /// How many items are in a state.
    #[must_use]
    pub fn count(&self, state: &str) -> i64 {
        self.counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count)
    }

    /// How many have been answered.
    #[must_use]
    pub fn answered(&self) -> i64 {
        ANSWERED.iter().map(|state| self.count(state)).sum()
    }

    /// Is the worker at it?
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// How much of it is done, of 100.
    #[must_use]
    pub fn percent(&self) -> i64 {
        self.answered() * 100 / (self.answered() + self.count("ready")).max(1)
    }
}

impl Province {
    /// Does the next part of the job of a kind whose turn it is by `part`, which says whether there was anything to do; a job without anything is
    /// done. True when there may be more. Any number of workers may call it: one at a time works. `owner` names the caller.
    ///
    /// # Errors
    /// As `part`; a database that cannot be read or written.
    pub(crate) fn job_step(
        self: &Arc<Self>,
        job: &'static Job,
        owner: &str,
        now: i64,
        part: impl FnOnce(&str) -> Result<bool, NodeError>,
    ) -> Result<bool, NodeError> {
        if self.store.read(|session| rows::running(session, job, ""))?.is_none() {
            return Ok(false);
        }
        let name = owner.to_owned();
        let until = now + job.lease;
        if !self.store.write(move |session| lease::take(session, job.name, &name, now, until))? {
            return Ok(false);
        }
        let done = self.job_part(job, now, part);
        let name = owner.to_owned();
        self.store.write(move |session| lease::release(session, job.name, &name))?;
        done
    }

    fn job_part(
        &self,
        job: &'static Job,
        now: i64,
        part: impl FnOnce(&str) -> Result<bool, NodeError>,
    ) -> Result<bool, NodeError> {
        // Asked again under the lease: whoever held it before may have finished the one that was seen.
        let last = self.turns.last(job);
        let found = self.store.read(|session| rows::running(session, job, &last))?;
        let Some(id) = found else { return Ok(false) };
        self.turns.note(job, &id);
        if !part(&id)? {
            self.store.write(move |session| rows::turn(session, job, &id, ("running", "done"), now))?;
        }
        Ok(true)
    }
}
