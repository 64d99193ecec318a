//! Handing a checked file in: by a worker, some records at a time.

use std::sync::Arc;

use store::rows::batch::{self as rows, Batch, Item};
use store::rows::job;

use super::none;
use crate::audit::{self, Actor};
use crate::lifecycle::{BusinessEvent, Operator, Outcome, Submitted, load_photo, parse};
use crate::{NodeError, Province};

/// Records that are handed in together.
const GROUP: u32 = 32;
/// Where records without a source of their own come from.
const NAMELESS: &str = "批量导入";
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
            rows::get(session, &owner, &id)?.ok_or_else(none)?;
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
        let (batch, items) = self.store.read(|session| -> Result<_, NodeError> {
            let batch = rows::by_id(session, id)?.ok_or_else(none)?;
            Ok((batch, rows::items(session, id, "ready", 0, GROUP)?))
        })?;
        if items.is_empty() {
            return Ok(false);
        }
        let actor: Actor = parse(&batch.actor, "导入的经办人")?;
        let mut events = Vec::with_capacity(items.len());
        for item in &items {
            events.push(Submitted { message: self.batch_event(&batch, item, &actor)?, actor: actor.clone() });
        }
        let answers = self.accept(events, now);
        let mut written = Vec::with_capacity(items.len());
        for (mut item, answer) in items.into_iter().zip(answers) {
            item.state = match answer.result {
                Outcome::Applied => "done",
                Outcome::Unfit => "unfit",
                // Our own fault, or somebody else at work on it: its row says so, and it can be handed in again.
                Outcome::Busy | Outcome::Failed => "failed",
                Outcome::Waiting | Outcome::Refused | Outcome::Conflict | Outcome::Work => "refused",
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
                rows::put_item(session, item)?;
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// A record as an event; the same whenever it is made.
    fn batch_event(&self, batch: &Batch, item: &Item, actor: &Actor) -> Result<BusinessEvent, NodeError> {
        let mut record = self.batch_record(item)?.ok_or_else(none)?;
        if record.source.is_empty() {
            record.source = NAMELESS.into();
        }
        let photo = item.photo.as_deref().map(|photo| load_photo(self, photo)).transpose()?;
        let name = actor.operator.clone().unwrap_or_default();
        Ok(BusinessEvent {
            source: record.source.clone(),
            event_id: event_id(&batch.id, &item.record_id),
            event: batch.event.clone(),
            subject_ref: Some(record.record_id.clone()),
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
        })
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
