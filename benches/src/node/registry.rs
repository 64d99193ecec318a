//! The loader: a registry of any size, with its digests, as `lifecycle` writes them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use node::NodeError;
use node::Province;
use node::reconcile::{self, Leaf, OWN};
use store::rows::certificate::{self, Certificate, Version};
use store::rows::deliver::{self, ActivationRow};
use store::rows::event::{self, EventRow};
use store::rows::overview::Tally;
use store::{Blind, Session, Store, Value};

use super::running::micros;

/// Certificates that share a transaction.
const BATCH: usize = 5_000;
/// Bytes on the disk of a certificate with everything that belongs to it, generously.
pub const BYTES: u64 = 4_000;
/// Keys that share a transaction.
const KEY_BATCH: usize = 50_000;
/// Identifiers that are asked for, spread over the table.
const ASKED: usize = 50_000;

/// Keys of all sorts.
pub const ALL: &[Blind] = &[Blind::HolderNumber, Blind::HolderName, Blind::Plate, Blind::CertificateNumber];
/// Document numbers alone.
pub const NUMBERS: &[Blind] = &[Blind::HolderNumber];

const KIND: &str = "transport-certificate";
const ISSUER: &str = "11990000MB0000000J";
/// Counties that they are spread over.
const COUNTIES: usize = 80;
const DAY: i64 = 86_400_000_000;
/// Days over which they came, the last one today.
const DAYS: i64 = 730;
/// One in so many is revoked, activated, or came by an event that was refused.
const RARE: usize = 1_000;
/// Which one of so many is 暂扣.
const HELD: usize = 5;

/// When each of them came: evenly, the last one now.
#[derive(Clone, Copy)]
pub struct Registry {
    count: usize,
    newest: i64,
}

/// The rows of one certificate.
struct Rows {
    certificate: Certificate,
    version: Version,
    record: String,
    event: EventRow,
    activation: Option<ActivationRow>,
}

/// Blind index, of what, and whose.
type Key = (String, &'static str, usize);

impl Registry {
    /// Of so many certificates.
    pub fn of(count: usize) -> Self {
        Self { count, newest: micros() }
    }

    /// Fills the registry with certificates that were never sealed: all rows of each, one in ten cancelled, one in a thousand revoked, one in a
    /// thousand activated, a record of a few items, its event, its leaf in the digest tree, written in the same transaction; then the sums are
    /// folded as a worker does it. A file store of three million files would say nothing more about a look-up. `keys`: what they can be found by beside the identifier. Identifiers to ask for come back.
    pub fn fill(&self, province: &Arc<Province>, keys: &[Blind]) -> Result<Vec<String>, String> {
        let states =
            [lifecycle::Base::Normal, lifecycle::Base::Cancelled, lifecycle::Base::Revoked].map(state);
        let [normal, cancelled, revoked] = states;
        let states = [normal?, cancelled?, revoked?];
        let mut sample = Vec::new();
        let spread = (self.count / ASKED).max(1);
        let mut writes = Writes::default();
        for start in (0..self.count).step_by(BATCH) {
            let numbers = start..(start + BATCH).min(self.count);
            let rows =
                numbers.map(|number| self.rows(province, number, &states)).collect::<Result<Vec<_>, _>>()?;
            let asked = rows.iter().enumerate().filter(|(at, _)| (start + at).is_multiple_of(spread));
            sample.extend(asked.map(|(_, one)| one.version.identifier.clone()));
            writes
                .send(&province.store, move |session| rows.iter().try_for_each(|one| insert(session, one)))?;
        }
        writes.finish()?;
        self.fill_keys(province, keys)?;
        reconcile::fold(&province.store, OWN).map_err(|error| error.to_string())?;
        Ok(sample)
    }

    /// What they can be found by, in the order of the index: twelve million keys at random places would write each of its pages hundreds of
    /// times. The index by certificate is made afterwards, as a restored backup makes it.
    fn fill_keys(&self, province: &Province, keys: &[Blind]) -> Result<(), String> {
        let mut all: Vec<Key> = keys
            .iter()
            .flat_map(|&what| (0..self.count).map(move |number| self.key(province, what, number)))
            .collect();
        all.sort_unstable();
        statement(&province.store, "DROP INDEX search_key_certificate")?;
        let (mut writes, registry) = (Writes::default(), *self);
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let batch: Vec<Key> = all.by_ref().take(KEY_BATCH).collect();
            writes.send(&province.store, move |session| insert_keys(session, &registry, &batch))?;
        }
        writes.finish()?;
        statement(&province.store, "CREATE INDEX search_key_certificate ON search_key (certificate_id)")
    }

    /// The digests of the same certificates as another node holds them.
    pub fn fill_tree(&self, store: &Store, tree: &'static str) -> Result<(), String> {
        for start in (0..self.count).step_by(BATCH) {
            let numbers = start..(start + BATCH).min(self.count);
            let leaves: Vec<Leaf> = numbers.map(|number| self.leaf(number)).collect();
            let done: Result<(), NodeError> =
                store.write(move |session| reconcile::touch_all(session, tree, &leaves));
            done.map_err(|error| error.to_string())?;
        }
        reconcile::fold(store, tree).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// The leaf of a certificate, as [`Registry::fill`] writes it.
    pub fn leaf(&self, number: usize) -> Leaf {
        Leaf::of(&self.head(number), &[])
    }

    fn at(&self, number: usize) -> i64 {
        let span = DAYS * DAY;
        self.newest - span + span / self.count as i64 * number as i64
    }

    fn id(&self, number: usize) -> String {
        let mut entropy = [0; 10];
        entropy[2..].copy_from_slice(&(number as u64).to_be_bytes());
        store::new_id(self.at(number), &entropy)
    }

    /// What its leaf speaks of: no identifier, no state.
    fn head(&self, number: usize) -> Certificate {
        Certificate {
            id: self.id(number),
            kind: KIND.into(),
            issuer: ISSUER.into(),
            area: format!("99{:02}{:02}", number % COUNTIES / 10 + 1, number % 10 + 1),
            month: lifecycle::day_of(self.at(number)).to_string()[..7].into(),
            version: 1,
            state_seq: 1,
            base: ["正常", "注销", "吊销"][status(number)].into(),
            ..Certificate::default()
        }
    }

    fn rows(&self, province: &Province, number: usize, states: &[String; 3]) -> Result<Rows, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let type_code = "11100000000019713D013".parse::<codes::TypeCode>().map_err(|error| text(&error))?;
        let issuer = codes::Uscc::parse(ISSUER).map_err(|error| text(&error))?;
        let serial = format!("9900002026{number:08}");
        let parsed = codes::Serial::parse(&serial).map_err(|error| text(&error))?;
        let identifier = codes::CertificateId::new(type_code, issuer, parsed, 1)
            .map_err(|error| text(&error))?
            .to_string();
        let head = self.head(number);
        let state = &states[status(number)];
        let held = (number % RARE == HELD).then(|| "withheld".to_owned());
        let state = match &held {
            Some(hold) => state.replacen(r#""holds":[]"#, &format!(r#""holds":["{hold}"]"#), 1),
            None => state.clone(),
        };
        let recorded_at = self.at(number);
        // Six years each, one in ten for good.
        let last_day = (number % 10 != 3).then(|| lifecycle::day_of(recorded_at + 6 * 365 * DAY).to_string());
        let record = format!(
            r#"{{"record_id":"L{number}","kind":"{KIND}","face":{{"CZZT":"{}","CZZTDM":"{}","KZ_CLHP":"{}"}}}}"#,
            value(Blind::HolderName, number),
            value(Blind::HolderNumber, number),
            value(Blind::Plate, number),
        );
        Ok(Rows {
            record: province.personal.seal(&certificate::record_place(&head.id), &record),
            event: EventRow {
                id: self.id(number),
                source: "bench".into(),
                event_id: format!("E{number}"),
                certificate_id: Some(head.id.clone()),
                subject_ref: format!("L{number}"),
                kind: "初领".into(),
                area: head.area.clone(),
                effective_on: lifecycle::day_of(recorded_at).to_string(),
                status: if number % RARE == 1 { "refused" } else { "applied" }.into(),
                recorded_at,
                ..EventRow::default()
            },
            activation: (number % RARE == 2).then(|| ActivationRow {
                certificate_id: head.id.clone(),
                activated_at: recorded_at,
                recorded_at,
                ..ActivationRow::default()
            }),
            version: Version {
                identifier: identifier.clone(),
                certificate_id: head.id.clone(),
                version: 1,
                ..Version::default()
            },
            certificate: Certificate {
                held,
                serial: Some(serial),
                source: "bench".into(),
                subject_ref: format!("L{number}"),
                status_index: Some(number as i64 + 1),
                identifier: Some(identifier),
                origin: state.clone(),
                state,
                last_day,
                recorded_at,
                // Some change long after they came.
                updated_at: recorded_at + (self.newest - recorded_at) * (number % 7 / 6) as i64,
                ..head
            },
        })
    }

    fn key(&self, province: &Province, what: Blind, number: usize) -> Key {
        let value = value(what, number);
        // A plate stands in the index with its colour.
        let value = if what == Blind::Plate { format!("{value}|2") } else { value };
        (province.personal.blind(what, &value), what.name(), number)
    }
}

fn statement(store: &Store, sql: &'static str) -> Result<(), String> {
    let done: Result<u64, NodeError> = store.write(move |session| Ok(session.execute(sql, &[])?));
    done.map(drop).map_err(|error| error.to_string())
}

/// Transactions under way: the next one is made and encrypted while two are written.
struct Writes {
    sender: SyncSender<Result<(), NodeError>>,
    receiver: Receiver<Result<(), NodeError>>,
    waiting: usize,
}

impl Default for Writes {
    fn default() -> Writes {
        let (sender, receiver) = sync_channel(3);
        Writes { sender, receiver, waiting: 0 }
    }
}

impl Writes {
    fn send(
        &mut self,
        store: &Store,
        work: impl FnMut(&mut Session) -> Result<(), NodeError> + Send + 'static,
    ) -> Result<(), String> {
        if self.waiting == 2 {
            self.one()?;
        }
        let sender = self.sender.clone();
        store.write_then(work, move |done| {
            let _ = sender.send(done);
        });
        self.waiting += 1;
        Ok(())
    }

    fn one(&mut self) -> Result<(), String> {
        self.waiting -= 1;
        self.receiver.recv().map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    fn finish(mut self) -> Result<(), String> {
        while self.waiting > 0 {
            self.one()?;
        }
        Ok(())
    }
}

/// What a certificate can be found by: sixty holders have the same name, a holder has one certificate.
pub fn value(what: Blind, number: usize) -> String {
    match what {
        Blind::HolderName => format!("演示{}号", number % 50_000),
        // Six characters, as new-energy vehicles have them.
        Blind::Plate => {
            format!("演{}{:06}", ["A", "B", "C", "D"][number / 1_000_000 % 4], number % 1_000_000)
        }
        Blind::CertificateNumber => format!("9900{number:08}"),
        _ => format!("9901011990{number:08}"),
    }
}

/// Which of the three states.
fn status(number: usize) -> usize {
    match number {
        number if number % 10 == 9 => 1,
        number if number % RARE == 0 => 2,
        _ => 0,
    }
}

fn state(base: lifecycle::Base) -> Result<String, String> {
    let mut state = lifecycle::State::unknown(KIND);
    state.known = true;
    state.version = 1;
    state.state_seq = 1;
    state.base = base;
    serde_json::to_string(&state).map_err(|error| error.to_string())
}

fn insert(session: &mut Session, one: &Rows) -> Result<(), NodeError> {
    certificate::insert(session, &one.certificate)?;
    certificate::insert_version(session, &one.version)?;
    certificate::put_record(session, &one.certificate.id, &one.record, None)?;
    event::put(session, &one.event)?;
    let tally = Tally {
        what: "event",
        day: one.event.effective_on.clone(),
        area: one.event.area.clone(),
        kind: one.event.kind.clone(),
        value: one.event.status.clone(),
        n: 1,
    };
    session.tally(tally);
    if let Some(activation) = &one.activation {
        deliver::activate(session, activation)?;
        session.tally(Tally {
            what: "activated",
            value: String::new(),
            day: String::new(),
            ..one.certificate.tally(1)
        });
    }
    reconcile::touch(session, &one.certificate, Some(&[]))
}

fn insert_keys(session: &mut Session, registry: &Registry, keys: &[Key]) -> Result<(), NodeError> {
    let ids: Vec<String> = keys.iter().map(|&(_, _, number)| registry.id(number)).collect();
    let values: Vec<Value<'_>> = keys
        .iter()
        .zip(&ids)
        .flat_map(|((blind, what, _), id)| [blind.into(), id.into(), (*what).into(), true.into()])
        .collect();
    session.insert("INSERT INTO search_key (blind, certificate_id, what, live)", 4, "", &values)?;
    Ok(())
}
