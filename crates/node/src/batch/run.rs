//! Handing a checked file in: by a worker, some records at a time.

use std::sync::Arc;

use model::Finding;
use objects::ObjectError;
use store::rows::batch::{self as rows, Batch, Item};
use store::rows::{certificate, event, job};

use super::bound::{self, Bound, MOVED, Uploader, open, source_of};
use super::none;
use crate::audit::{self, Actor};
use crate::lifecycle::{BusinessEvent, Operator, Outcome, Submitted, load_photo, parse, stored_answer};
use crate::{NodeError, Province};

/// Records that are handed in together.
const GROUP: u32 = 32;
/// Records of a state whose events are looked at again when the file is.
const FOLLOWED: u32 = 200;
/// Longest event id, characters.
const LONGEST: usize = 64;

impl Province {
    /// Has the records of a file that are ready handed in; a worker does it ([`Province::batch_work`]).
    ///
    /// # Errors
    /// No such file of this account; one without a record that is ready, or under way already.
    pub fn batch_start(&self, owner: &str, id: &str, actor: &Actor, now: i64) -> Result<(), NodeError> {
        let act = self.batch_act("batch.start", id, &[], actor, now);
        let (owner, id, row) = (owner.to_owned(), id.to_owned(), self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            open(session, &owner, &id)?;
            let again = rows::again(session, &id)? > 0;
            if rows::items(session, &id, "ready", 0, 1)?.is_empty() {
                return Err(NodeError::refused(
                    "没有可以办理的记录",
                    "请先补正检查发现的问题，或重新上传文件",
                ));
            }
            let turned = job::turn(session, &job::BATCH, &id, ("checked", "running"), now)?
                || (again && job::turn(session, &job::BATCH, &id, ("done", "running"), now)?);
            if !turned {
                return Err(NodeError::refused("这个文件已经在办理", "请在进度页查看"));
            }
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// Hands in the next records of the oldest file under way; true when there is more to do. Any number of workers may call it: one at a
    /// time works. `owner` names the caller.
    ///
    /// # Errors
    /// A database that cannot be read or written; what is wrong with a record stands in its row.
    pub fn batch_work(self: &Arc<Self>, owner: &str, now: i64) -> Result<bool, NodeError> {
        self.job_step(&job::BATCH, owner, now, |id| self.batch_group(id, now))
    }

    /// Hands in the next records of a file; false when none is left.
    fn batch_group(self: &Arc<Self>, id: &str, now: i64) -> Result<bool, NodeError> {
        let (batch, within, items) = self.store.read(|session| -> Result<_, NodeError> {
            let batch = rows::by_id(session, id)?.ok_or_else(none)?;
            let within = bound::within(session, &batch)?;
            Ok((batch, within, rows::items(session, id, "ready", 0, GROUP)?))
        })?;
        if items.is_empty() {
            return Ok(false);
        }
        let Uploader { actor, .. } = parse(&batch.actor, "导入的经办人")?;
        // As the account is now, not as it was when somebody pressed the button.
        let Some(within) = within else { return self.batch_stop(id, &actor, now) };
        let bound = self.batch_bound(&within)?;
        let (mut sent, mut events, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for mut item in items {
            match self.batch_event((&batch, &item), &actor, &bound, now) {
                Ok(Ready::Event(message)) => {
                    events.push(Submitted { message: *message, actor: actor.clone() });
                    sent.push(item);
                }
                Ok(Ready::Outside(findings)) => {
                    item.state = "wrong".into();
                    super::check::seal_findings(self, &mut item, &findings)?;
                    written.push(item);
                }
                Err(error) if is_away(&error) => return Err(error),
                // What is wrong with one record holds up no other one.
                Err(error) => {
                    item.state = "failed".into();
                    item.why = format!("{error}；请另选照片补正，或重新上传这条记录");
                    written.push(item);
                }
            }
        }
        let answers = self.accept(events, now);
        for (mut item, answer) in sent.into_iter().zip(answers) {
            item.state = match answer.result {
                Outcome::Applied => "done",
                Outcome::Unfit => "unfit",
                Outcome::Waiting => "waiting",
                Outcome::Work => "work",
                // Our own fault, or somebody else at work on it: its row says so, and it can be handed in again.
                Outcome::Busy | Outcome::Failed => "failed",
                Outcome::Refused | Outcome::Conflict => "refused",
            }
            .to_owned();
            item.certificate_id = answer.certificate;
            item.identifier = answer.identifier;
            item.why = answer.why.map_or_else(String::new, |why| format!("{}；{}", why.what, why.fix));
            if !answer.findings.is_empty() {
                super::check::seal_findings(self, &mut item, &answer.findings)?;
            }
            written.push(item);
        }
        self.store.write(move |session| -> Result<_, NodeError> {
            for item in &written {
                // Another worker that was faster has written the same answer.
                rows::put_item(session, item, "ready")?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// Ends a file whose account may hand it in no more; what is left of it says why.
    fn batch_stop(&self, id: &str, actor: &Actor, now: i64) -> Result<bool, NodeError> {
        let mut act = self.batch_act("batch.stop", id, &[], actor, now);
        act.outcome = "stopped".into();
        let (id, row) = (id.to_owned(), self.new_id(now));
        let why = format!("{}；{}", MOVED.0, MOVED.1);
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::stop(session, &id, &why)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(false)
    }

    /// A record as an event, the same whenever it is made; or why it is not the account's any more.
    fn batch_event(
        &self,
        (batch, item): (&Batch, &Item),
        actor: &Actor,
        bound: &Bound,
        now: i64,
    ) -> Result<Ready, NodeError> {
        let mut record = self.batch_record(item)?.ok_or_else(none)?;
        let outside = self.batch_outside(&record, bound, now)?;
        if !outside.is_empty() {
            return Ok(Ready::Outside(outside));
        }
        record.source = source_of(&record);
        let photo = item.photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
        let name = actor.operator.clone().unwrap_or_default();
        Ok(Ready::Event(Box::new(BusinessEvent {
            source: record.source.clone(),
            event_id: event_id(&batch.id, &item.record_id),
            event: batch.event.clone(),
            subject_ref: Some(item.record_id.clone()),
            // When it was uploaded, not when the worker came by: a redo says the same.
            occurred_at: crate::keys::rfc3339(batch.created_at / 1_000_000),
            operator: Operator {
                name,
                unit: actor.unit.clone().unwrap_or_default(),
                staff_no: actor.staff_no.clone().unwrap_or_default(),
            },
            photo: photo.map(|bytes| gm::base64::encode(&bytes)),
            record: Some(record),
            ..BusinessEvent::default()
        })))
    }

    /// Looks again at what waited, went to a person or was unfit: its event may have been answered since, here or elsewhere.
    pub(super) fn batch_follow(&self, id: &str) -> Result<(), NodeError> {
        let open = self.store.read(|session| -> Result<_, NodeError> {
            let mut open = Vec::new();
            for state in ["waiting", "work", "unfit"] {
                open.extend(rows::items(session, id, state, 0, FOLLOWED)?);
            }
            Ok(open)
        })?;
        let mut written = Vec::new();
        for mut item in open {
            let was = item.state.clone();
            let Some(record) = self.batch_record(&item)? else { continue };
            let (source, event_id) = (source_of(&record), event_id(id, &item.record_id));
            let found = self.store.read(|session| -> Result<_, NodeError> {
                let Some(row) = event::find(session, &source, &event_id)? else { return Ok(None) };
                let certificate = row.certificate_id.as_deref();
                let certificate =
                    certificate.map(|id| certificate::by_id(session, id)).transpose()?.flatten();
                Ok(Some((row, certificate)))
            })?;
            let Some((row, certificate)) = found else { continue };
            item.state = match row.status.as_str() {
                "applied" => "done",
                now @ ("refused" | "unfit" | "waiting" | "work") => now,
                _ => continue,
            }
            .to_owned();
            if item.state == was {
                continue;
            }
            let answer = stored_answer(self, &row)?;
            item.why = answer.why.map_or_else(String::new, |why| format!("{}；{}", why.what, why.fix));
            super::check::seal_findings(self, &mut item, &answer.findings)?;
            item.identifier = certificate.as_ref().and_then(|one| one.identifier.clone());
            item.certificate_id = certificate.map(|one| one.id);
            written.push((was, item));
        }
        if written.is_empty() {
            return Ok(());
        }
        self.store.write(move |session| -> Result<_, NodeError> {
            for (was, item) in &written {
                rows::put_item(session, item, was)?;
            }
            Ok(())
        })
    }
}

/// A record on its way in.
enum Ready {
    Event(Box<BusinessEvent>),
    Outside(Vec<Finding>),
}

/// Are the rows or the file store away? Then nothing can be done, and all of it waits. A photo that is gone or damaged is its record's own
/// trouble.
fn is_away(error: &NodeError) -> bool {
    match error {
        NodeError::Store(_) => true,
        NodeError::Objects(error) => !matches!(
            error,
            ObjectError::Damaged { .. } | ObjectError::Missing { .. } | ObjectError::Place { .. }
        ),
        _ => false,
    }
}

/// File and record; where that is too long, the record by its digest.
fn event_id(batch: &str, record: &str) -> String {
    let plain = format!("{batch}/{record}");
    if plain.chars().count() <= LONGEST {
        return plain;
    }
    let digest = crate::issue::journal::hex(&gm::sm3::sm3(record.as_bytes()));
    format!("{batch}/{}", &digest[..24])
}

#[cfg(test)]
mod tests {
    use super::event_id;

    #[test]
    fn an_event_id_is_short_and_the_same_again() {
        let batch = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(event_id(batch, "R1"), format!("{batch}/R1"));
        let long = "记录".repeat(40);
        assert_eq!(event_id(batch, &long).chars().count(), 36 + 1 + 24);
        assert_eq!(event_id(batch, &long), event_id(batch, &long));
        assert_ne!(event_id(batch, &long), event_id(batch, &format!("{long}1")));
    }
}
