//! Handing a checked file in: by a worker, some records at a time.

use std::sync::Arc;

use store::rows::batch::{self as rows, Batch, Item};
use store::rows::lease;

use super::none;
use crate::audit::{self, Actor};
use crate::lifecycle::{BusinessEvent, Operator, Outcome, Submitted, load_photo, parse};
use crate::{NodeError, Province};

/// Records that are handed in together.
const GROUP: u32 = 32;
/// A worker that is gone is followed after this long, microseconds.
const LEASE: i64 = 120_000_000;
/// The worker's lease.
const NAME: &str = "batch";
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
            let turned = rows::turn(session, &id, ("checked", "running"), now)?
                || (again && rows::turn(session, &id, ("done", "running"), now)?);
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
        if self.store.read(rows::running)?.is_none() {
            return Ok(false);
        }
        let name = owner.to_owned();
        if !self.store.write(move |session| lease::take(session, NAME, &name, now, now + LEASE))? {
            return Ok(false);
        }
        let done = self.batch_group(now);
        let name = owner.to_owned();
        self.store.write(move |session| lease::release(session, NAME, &name))?;
        done
    }

    fn batch_group(self: &Arc<Self>, now: i64) -> Result<bool, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(batch) = rows::running(session)? else { return Ok(None) };
            let items = rows::items(session, &batch.id, "ready", 0, GROUP)?;
            Ok(Some((batch, items)))
        })?;
        let Some((batch, items)) = found else { return Ok(false) };
        if items.is_empty() {
            let id = batch.id.clone();
            self.store.write(move |session| rows::turn(session, &id, ("running", "done"), now))?;
            return Ok(true);
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
