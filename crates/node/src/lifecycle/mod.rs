//! `lifecycle`: business events in, certificates changed, each event one act whatever happens (R4; `domain.md`, "Records and events").
//!
//! A batch goes through stages: read and lint → photos stored → one transaction decides and writes intents → render and seal on
//! all threads → files stored → one transaction commits everything. What only changes a status is done in the first one.
//! At most one event of a certificate is on its way at a time; the next one goes with the next round.

mod answer;
mod apply;
mod due;
mod foretell;
mod frame;
mod history;
mod incoming;
mod intend;
mod message;
mod number;
mod recover;
mod slot;
mod trial;
mod turn;
mod view;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use objects::Object;
use store::Session;
use store::rows::issue::FileRow;
use store::rows::{event, setting};

use crate::issue::journal::hex;
use crate::issue::{Candidate, Job, each, make, shares};
use crate::open::FILES_END;
use crate::{NodeError, Province};
use apply::{Applied, NewVersion};
use incoming::Incoming;
use intend::{Make, Plan, Trial};
use trial::{Shown, trial};

pub use answer::{Answer, Outcome};
pub(crate) use history::{Kept, history_of, json, parse, set_state};
pub use history::{Mended, MendedField};
pub use incoming::Submitted;
pub(crate) use incoming::{carry, load_photo, plate_key, search_keys};
pub(crate) use intend::stored_answer;
pub(crate) use message::face_grants;
pub use message::{BusinessEvent, Operator, Tie};
pub use recover::Recovered;
pub use view::{CertificateView, EventLine, Located, Origin, ResultLine, VersionLine};

/// How often an event is tried again while another process works on its certificate.
const ATTEMPTS: usize = 3;

impl Province {
    /// Takes events and answers each, in their order. When an answer says applied, refused, waiting or work, it is durable.
    /// `now` is microseconds UTC.
    ///
    /// An event that could not be dealt with for a reason of our own (disk, database, key) is answered with
    /// [`Outcome::Failed`] or [`Outcome::Busy`] and changes nothing that a repetition would not put right.
    pub fn accept(self: &Arc<Self>, events: Vec<Submitted>, now: i64) -> Vec<Answer> {
        let incoming = each(self.threads, events, |event| Incoming::read(self, event, now));
        let mut answers: Vec<Option<Answer>> = incoming.iter().map(|_| None).collect();
        let mut queues: HashMap<(String, String), VecDeque<usize>> = HashMap::new();
        let mut order = Vec::new();
        for (index, one) in incoming.iter().enumerate() {
            let subject = one.subject();
            let queue = queues.entry(subject.clone()).or_insert_with(|| {
                order.push(subject);
                VecDeque::new()
            });
            queue.push_back(index);
        }
        let mut incoming: Vec<Option<Incoming>> = incoming.into_iter().map(Some).collect();
        loop {
            // The next event of each certificate.
            let heads: Vec<usize> = order
                .iter()
                .filter_map(|subject| queues.get_mut(subject).and_then(VecDeque::pop_front))
                .collect();
            let batch: Vec<Incoming> = heads.iter().filter_map(|index| incoming[*index].take()).collect();
            if batch.is_empty() {
                break;
            }
            for (index, answer) in heads.into_iter().zip(self.round(batch)) {
                answers[index] = Some(answer);
            }
        }
        answers.into_iter().flatten().collect()
    }

    /// One round: at most one event of a certificate, then whatever that lets go.
    fn round(self: &Arc<Self>, batch: Vec<Incoming>) -> Vec<Answer> {
        let subjects: Vec<(String, String)> = batch.iter().map(Incoming::subject).collect();
        let now = batch.first().map_or(0, |one| one.now);
        let answers = self.attempt(batch);
        let mut touched: HashSet<(String, String, Option<String>)> = HashSet::new();
        for ((source, subject), answer) in subjects.into_iter().zip(&answers) {
            if answer.result == Outcome::Applied || answer.result == Outcome::Refused {
                touched.insert((source, subject, answer.certificate.clone()));
            }
        }
        for (source, subject, certificate) in touched {
            // An error leaves the waiting ones where they are; the daily sweep comes by again.
            let _ = self.release(&source, &subject, certificate.as_deref(), now);
        }
        answers
    }

    fn attempt(self: &Arc<Self>, batch: Vec<Incoming>) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = batch.iter().map(|_| None).collect();
        let mut left: Vec<(usize, Incoming)> = batch.into_iter().enumerate().collect();
        for _ in 0..ATTEMPTS {
            if left.is_empty() {
                break;
            }
            let (places, batch): (Vec<usize>, Vec<Incoming>) = std::mem::take(&mut left).into_iter().unzip();
            let outcome = self.pass(batch.clone());
            let again = batch.iter().zip(&outcome).filter(|(_, done)| done.is_none());
            // One of them may stand behind a version whose day has come. A fault leaves it there: the daily sweep tells of it.
            let _ = self.issue_due_of(again.map(|(one, _)| one), batch.first().map_or(0, |one| one.now));
            for ((place, one), done) in places.into_iter().zip(batch).zip(outcome) {
                match done {
                    Some(answer) => answers[place] = Some(answer),
                    None => left.push((place, one)),
                }
            }
        }
        for (place, one) in left {
            answers[place] =
                Some(plain(&one, Outcome::Busy, "该证照上另有业务正在办理", "请稍后以同一事件编号再次提交"));
        }
        answers.into_iter().flatten().collect()
    }

    /// One pass over some events of different certificates; `None` where it must be tried again.
    fn pass(self: &Arc<Self>, batch: Vec<Incoming>) -> Vec<Option<Answer>> {
        let names: Vec<Incoming> = batch.clone();
        match self.stages_of(batch) {
            Ok(answers) => answers,
            // One bad certificate must not hold up the others: each for itself, so that it fails alone.
            Err(_) if names.len() > 1 => names.into_iter().flat_map(|one| self.pass(vec![one])).collect(),
            Err(error) => names
                .iter()
                .map(|one| {
                    Some(plain(one, Outcome::Failed, &error.to_string(), "请稍后以同一事件编号再次提交"))
                })
                .collect(),
        }
    }

    fn stages_of(self: &Arc<Self>, mut batch: Vec<Incoming>) -> Result<Vec<Option<Answer>>, NodeError> {
        self.stage("photo")?;
        incoming::store_photos(self, &mut batch)?;
        let batch = Arc::new(batch);
        let (candidates, photos): (Vec<_>, Vec<_>) =
            self.trials(&batch)?.into_iter().map(Option::unzip).unzip();
        let trials: Arc<Vec<Option<Trial>>> = Arc::new(
            candidates
                .iter()
                .zip(photos)
                .map(|(one, photo)| one.as_ref().map(|one| trial(one, photo.flatten())))
                .collect(),
        );
        self.stage("intent")?;
        let plans = self.decide(&batch, &trials)?;
        let mut answers: Vec<Option<Answer>> = Vec::with_capacity(plans.len());
        let mut makes = Vec::new();
        for (index, plan) in plans.into_iter().enumerate() {
            answers.push(None);
            match plan {
                Plan::Answered(answer) => answers[index] = Some(*answer),
                Plan::Make(make) => makes.push((index, *make)),
                Plan::Again => {}
            }
        }
        let jobs: Vec<(usize, Make, &Candidate<'_>, &Trial)> = makes
            .into_iter()
            .filter_map(|(index, make)| {
                Some((index, make, candidates[index].as_ref()?, trials[index].as_ref()?))
            })
            .collect();
        for (index, answer) in self.issue(&batch, jobs)? {
            answers[index] = answer;
        }
        Ok(answers)
    }

    /// The record that each event's new version would show, linted and laid out; `None` where there is none.
    fn trials(&self, batch: &[Incoming]) -> Result<Vec<Option<Shown<'_>>>, NodeError> {
        let made = each(self.threads, batch.iter().collect(), |one: &Incoming| self.trial_of(one));
        made.into_iter().collect()
    }

    fn decide(
        self: &Arc<Self>,
        batch: &Arc<Vec<Incoming>>,
        trials: &Arc<Vec<Option<Trial>>>,
    ) -> Result<Vec<Plan>, NodeError> {
        let (province, batch, trials) = (Arc::clone(self), Arc::clone(batch), Arc::clone(trials));
        self.store.write(move |session| {
            let photos = batch.iter().filter_map(|one| one.photo.as_deref()?.split_once('@'));
            note_end(session, photos.map(|(_, place)| place))?;
            let pairs = batch.iter().zip(trials.iter());
            pairs.map(|(one, trial)| intend::plan(session, &province, one, trial.as_ref())).collect()
        })
    }

    /// Makes, stores and commits versions whose intents are written.
    fn issue(
        self: &Arc<Self>,
        batch: &Arc<Vec<Incoming>>,
        jobs: Vec<(usize, Make, &Candidate<'_>, &Trial)>,
    ) -> Result<Vec<(usize, Option<Answer>)>, NodeError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        self.stage("seal")?;
        let work: Vec<Job<'_>> = jobs
            .iter()
            .map(|(_, make, candidate, _)| Job { candidate, intent: make.intent.clone() })
            .collect();
        let sealed = shares(self.threads, work.iter().collect(), |share: Vec<&Job<'_>>| {
            make::seal(self.works(), &share)
        });
        let sealed: Vec<make::Files> =
            sealed.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        self.stage("store")?;
        let files = self.store_files(&jobs, &sealed)?;
        let mut ready = Vec::with_capacity(jobs.len());
        for ((index, make, candidate, trial), files) in jobs.into_iter().zip(files) {
            let Make { certificate, effect, intent, row, kept } = make;
            let photo = trial.photo.clone();
            let version = NewVersion { intent, record: candidate.record.clone(), photo, files };
            ready.push((index, Commit { certificate, effect, kept, row: row.id, version }));
        }
        self.stage("commit")?;
        self.commit(batch, ready)
    }

    fn store_files(
        &self,
        jobs: &[(usize, Make, &Candidate<'_>, &Trial)],
        sealed: &[make::Files],
    ) -> Result<Vec<Vec<FileRow>>, NodeError> {
        let contents: Vec<&[u8]> = sealed.iter().flatten().map(|(_, bytes)| bytes.as_slice()).collect();
        let digests = gm::sm3::sm3_many(&contents);
        let objects: Vec<Object<'_>> =
            digests.iter().zip(&contents).map(|(sm3, bytes)| Object { sm3: *sm3, bytes }).collect();
        let mut places = digests.iter().zip(self.objects.put_all(&objects)?);
        let mut rows = Vec::with_capacity(jobs.len());
        for ((_, make, candidate, _), files) in jobs.iter().zip(sealed) {
            let names: Vec<&str> = candidate
                .kind
                .map(|kind| kind.parts.iter().map(|part| part.name.as_str()).collect())
                .unwrap_or_default();
            let mut of_one = Vec::with_capacity(files.len());
            for (part, (stored, bytes)) in files.iter().enumerate() {
                // One place for each file, in the same order.
                let Some((sm3, place)) = places.next() else { break };
                of_one.push(FileRow {
                    identifier: make.intent.identifier.clone(),
                    part: part as i64,
                    name: names.get(part).copied().unwrap_or_default().to_owned(),
                    sm3: hex(sm3),
                    data_hash: hex(&stored.data_hash),
                    bytes: bytes.len() as i64,
                    place: place.to_string(),
                });
            }
            rows.push(of_one);
        }
        Ok(rows)
    }

    fn commit(
        self: &Arc<Self>,
        batch: &Arc<Vec<Incoming>>,
        ready: Vec<(usize, Commit)>,
    ) -> Result<Vec<(usize, Option<Answer>)>, NodeError> {
        let (province, batch) = (Arc::clone(self), Arc::clone(batch));
        let ready = Arc::new(ready);
        self.store.write(move |session| {
            let mut answers = Vec::with_capacity(ready.len());
            note_end(
                session,
                ready.iter().flat_map(|(_, one)| &one.version.files).map(|file| file.place.as_str()),
            )?;
            for (index, one) in ready.iter() {
                let incoming = &batch[*index];
                let identifier = &one.version.intent.identifier;
                if !store::rows::issue::close_intent(session, identifier, "done", None, incoming.now)? {
                    // Another process has finished it meanwhile; its answer stands in the row.
                    answers.push((*index, None));
                    continue;
                }
                let applied = Applied {
                    certificate: one.certificate.clone(),
                    effect: one.effect.clone(),
                    kept: one.kept.clone(),
                    row: one.row.clone(),
                    // An open event is not counted.
                    before: None,
                    version: Some(NewVersion {
                        intent: one.version.intent.clone(),
                        record: one.version.record.clone(),
                        photo: one.version.photo.clone(),
                        files: one.version.files.clone(),
                    }),
                };
                answers.push((*index, Some(apply::apply(session, &province, incoming, applied)?)));
            }
            Ok(answers)
        })
    }

    /// Lets go the waiting events of a certificate, one after the other.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub(super) fn release(
        self: &Arc<Self>,
        source: &str,
        subject: &str,
        certificate: Option<&str>,
        now: i64,
    ) -> Result<Vec<Answer>, NodeError> {
        let mut answers = Vec::new();
        loop {
            let (by_subject, by_certificate) = self.store.read(|session| -> Result<_, NodeError> {
                let on =
                    certificate.map(|id| event::waiting_on(session, id)).transpose()?.unwrap_or_default();
                Ok((event::waiting(session, source, subject)?, on))
            })?;
            let mut seen = HashSet::new();
            let mut rows = Vec::new();
            for row in by_subject.into_iter().chain(by_certificate) {
                if seen.insert(row.id.clone()) {
                    rows.push(row);
                }
            }
            let mut moved = false;
            for row in rows {
                let kept = history::Kept::open(&self.personal, &row)?;
                let mut one = Incoming::again(self, kept.message, kept.actor, row.id.clone(), now);
                one.photo.clone_from(&row.photo);
                let answer = self.attempt(vec![one]).into_iter().next();
                if let Some(answer) = answer.filter(Answer::is_final) {
                    moved = true;
                    answers.push(answer);
                }
            }
            if !moved {
                return Ok(answers);
            }
        }
    }
}

/// Remembers how far the file store is spoken of: a store that ends before that has lost something ([`objects::Options`]).
pub(crate) fn note_end<'a>(
    session: &mut Session,
    places: impl Iterator<Item = &'a str>,
) -> Result<(), NodeError> {
    let last = places.filter_map(|place| place.parse::<objects::Place>().ok()).max();
    let Some(last) = last else { return Ok(()) };
    // Of two writers that have read the same end, the later one must not set it back.
    let known = setting::lock(session, FILES_END)?.and_then(|place| place.parse::<objects::Place>().ok());
    if known.is_none_or(|known| known < last) {
        setting::put(session, FILES_END, &last.to_string())?;
    }
    Ok(())
}

/// Everything that a commit writes.
struct Commit {
    certificate: store::rows::certificate::Certificate,
    effect: ::lifecycle::Effect,
    kept: history::Kept,
    row: String,
    version: NewVersion,
}

/// An answer of our own, before the state machine was asked.
fn plain(one: &Incoming, result: Outcome, what: &str, fix: &str) -> Answer {
    let code = if result == Outcome::Busy { "BUSY" } else { "FAILED" };
    Answer {
        source: one.message.source.clone(),
        event_id: one.message.event_id.clone(),
        result,
        why: Some(::lifecycle::Message { code: code.into(), what: what.into(), fix: fix.into() }),
        ..Answer::default()
    }
}
