//! The independent checker of the crash proof: it reads rows by plain SQL and packs record by record, and knows no use case.
//!
//! What it proves after a recovery: every acknowledged event stands there with its answer; acts, versions, files, intents,
//! outbox, feed and log agree with one another. `crates/luzheng/tests/kill.rs` uses the same file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use objects::disk::Disk;
use objects::{Condition, Found, ObjectKeys, Place, list_pack};
use serde_json::Value;
use store::rows::event::EventRow;
use store::{PersonalKeys, Session, Store, StoreError};

/// What there is to look at.
pub struct Evidence<'a> {
    pub store: &'a Store,
    pub disk: &'a dyn Disk,
    pub keys: &'a ObjectKeys,
    pub personal: &'a PersonalKeys,
    /// Destinations: each act must be in each lane.
    pub lanes: &'a [&'a str],
    /// Answers that a client has, by source and event id.
    pub known: &'a BTreeMap<(String, String), Value>,
    /// Every event was sent until it was answered: no stored object may be nobody's.
    pub settled: bool,
}

struct Event {
    id: String,
    key: (String, String),
    certificate: Option<String>,
    status: String,
    state_seq: Option<i64>,
    answer: String,
    photo: Option<String>,
}

struct File {
    identifier: String,
    part: i64,
    sm3: String,
    bytes: i64,
    place: String,
}

/// Certificate: id, count, version, identifier.
type Certificate = (String, i64, i64, Option<String>);
/// What stands at a place of a pack: digest, length, sound or not.
type Packs = BTreeMap<(u32, u64), (String, u32, bool)>;

/// Everything that is wrong; empty when the invariants hold.
pub fn check(evidence: &Evidence<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Err(error) = look(evidence, &mut wrong) {
        wrong.push(format!("cannot be read: {error}"));
    }
    wrong
}

fn look(evidence: &Evidence<'_>, wrong: &mut Vec<String>) -> Result<(), StoreError> {
    let packs = packs(evidence.disk, evidence.keys, wrong);
    evidence.store.read(|session| {
        let events = events(session)?;
        let certificates = certificates(session)?;
        acknowledged(evidence, &events, wrong);
        acts(&events, &certificates, wrong);
        let named = versions(session, &certificates, &packs, wrong)?;
        noted_end(session, &named, wrong)?;
        intents(session, wrong)?;
        outbox(session, evidence.lanes, &events, wrong)?;
        feed(session, &events, wrong)?;
        log(session, &events, wrong)?;
        if evidence.settled {
            strays(&packs, named, &events, wrong);
        }
        Ok(())
    })
}

/// Every record of every pack, decrypted and compared with its digest.
fn packs(disk: &dyn Disk, keys: &ObjectKeys, wrong: &mut Vec<String>) -> Packs {
    let mut all = Packs::new();
    let names = disk.list().unwrap_or_default();
    let numbers = names.iter().filter_map(|name| name.strip_suffix(".pack")?.parse::<u32>().ok());
    for pack in numbers {
        match list_pack(disk, pack, Some(keys)) {
            Ok(listed) => all.extend(listed.into_iter().filter_map(|one| match one.found {
                Found::Record(header) => {
                    let good = one.condition == Condition::Good;
                    Some(((pack, one.offset), (hex(&header.sm3), header.len, good)))
                }
                Found::Gap(_) => None,
            })),
            Err(error) => wrong.push(format!("pack {pack}: {error}")),
        }
    }
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn events(session: &mut Session) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT id, source, event_id, certificate_id, status, state_seq, answer_sealed, photo FROM lifecycle_event";
    session.rows(sql, &[], |row| {
        Ok(Event {
            id: row.get(0)?,
            key: (row.get(1)?, row.get(2)?),
            certificate: row.get(3)?,
            status: row.get(4)?,
            state_seq: row.get(5)?,
            answer: row.get(6)?,
            photo: row.get(7)?,
        })
    })
}

fn certificates(session: &mut Session) -> Result<Vec<Certificate>, StoreError> {
    let sql = "SELECT id, state_seq, version, identifier FROM lifecycle_certificate";
    session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
}

/// What a client was told is what stands there.
fn acknowledged(evidence: &Evidence<'_>, events: &[Event], wrong: &mut Vec<String>) {
    let rows: HashMap<_, _> = events.iter().map(|event| (&event.key, event)).collect();
    for (key, told) in evidence.known {
        let Some(row) = rows.get(key) else {
            wrong.push(format!("event {key:?} was acknowledged and is not there"));
            continue;
        };
        let stored = evidence.personal.open(&EventRow::answer_place(&row.id), &row.answer);
        let stored: Value =
            stored.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
        // What waits, or was unfit, may have been answered otherwise since; the rest is for ever.
        let passing = matches!(told["result"].as_str(), Some("waiting" | "unfit"));
        if !passing && without_repetition(told) != without_repetition(&stored) {
            wrong.push(format!("event {key:?} was answered {told} and now says {stored}"));
        }
        if !passing && told["result"].as_str() != Some(row.status.as_str()) {
            wrong.push(format!("event {key:?} was answered {} and is {}", told["result"], row.status));
        }
    }
}

/// An answer as it was the first time.
pub fn without_repetition(answer: &Value) -> Value {
    let mut answer = answer.clone();
    answer.as_object_mut().map(|fields| fields.remove("repeated"));
    answer
}

/// Each certificate has counted its applied events 1, 2, 3 ….
fn acts(events: &[Event], certificates: &[Certificate], wrong: &mut Vec<String>) {
    let mut counts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for event in events {
        match event.status.as_str() {
            "applied" => match (&event.certificate, event.state_seq) {
                (Some(certificate), Some(seq)) => counts.entry(certificate).or_default().push(seq),
                _ => wrong.push(format!("applied event {:?} has no count", event.key)),
            },
            "open" => wrong.push(format!("event {:?} is still open", event.key)),
            _ => {}
        }
    }
    for (id, state_seq, _, _) in certificates {
        let mut seqs = counts.remove(id.as_str()).unwrap_or_default();
        seqs.sort_unstable();
        if seqs != (1..=*state_seq).collect::<Vec<_>>() || seqs.is_empty() {
            wrong.push(format!("certificate {id} counts {state_seq}, its events {seqs:?}"));
        }
    }
    for id in counts.keys() {
        wrong.push(format!("events of certificate {id}, which is not there"));
    }
}

/// Each version has one identifier and all its files; the places that files and photos name.
fn versions(
    session: &mut Session,
    certificates: &[Certificate],
    packs: &Packs,
    wrong: &mut Vec<String>,
) -> Result<BTreeSet<(u32, u64)>, StoreError> {
    type Version = (String, String, i64, Option<String>);
    let sql = "SELECT identifier, certificate_id, version, photo FROM lifecycle_version ORDER BY version";
    let versions: Vec<Version> =
        session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let done = "SELECT identifier FROM issue_intent WHERE state = 'done'";
    let done: BTreeSet<String> = session.rows(done, &[], |row| row.get(0))?.into_iter().collect();
    let sql = "SELECT identifier, part, sm3, bytes, place FROM issue_file ORDER BY identifier, part";
    let files = session.rows(sql, &[], |row| {
        let (identifier, part, sm3) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(File { identifier, part, sm3, bytes: row.get(3)?, place: row.get(4)? })
    })?;
    let mut named = BTreeSet::new();
    let mut parts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for file in &files {
        parts.entry(&file.identifier).or_default().push(file.part);
        named.extend(stored(packs, &file.place, &file.sm3, Some(file.bytes), wrong));
    }
    for (id, _, version, identifier) in certificates {
        let own: Vec<_> = versions.iter().filter(|one| one.1 == *id).collect();
        let numbers: Vec<i64> = own.iter().map(|one| one.2).collect();
        if numbers != (1..=*version).collect::<Vec<_>>()
            || own.last().map(|one| &one.0) != identifier.as_ref()
        {
            wrong.push(format!(
                "certificate {id}: version {version}, {identifier:?}, of versions {numbers:?}"
            ));
        }
    }
    for (identifier, _, _, photo) in &versions {
        let parts = parts.remove(identifier.as_str()).unwrap_or_default();
        if parts.is_empty() || parts.iter().zip(0..).any(|(part, index)| *part != index) {
            wrong.push(format!("version {identifier} has the files {parts:?}"));
        }
        if !done.contains(identifier) {
            wrong.push(format!("version {identifier} has no finished intent"));
        }
        if let Some((sm3, place)) = photo.as_deref().and_then(|photo| photo.split_once('@')) {
            named.extend(stored(packs, place, sm3, None, wrong));
        }
    }
    wrong.extend(parts.keys().map(|identifier| format!("files of {identifier}, which is no version")));
    if done.len() != versions.len() {
        wrong.push(format!("{} finished intents, {} versions", done.len(), versions.len()));
    }
    Ok(named)
}

/// An object that a row names is there, whole, and is the one.
fn stored(
    packs: &Packs,
    place: &str,
    sm3: &str,
    bytes: Option<i64>,
    wrong: &mut Vec<String>,
) -> Option<(u32, u64)> {
    let Ok(Place::Pack { pack, offset, len }) = place.parse::<Place>() else {
        wrong.push(format!("place {place} cannot be read"));
        return None;
    };
    let at = (pack, u64::from(offset));
    match packs.get(&at) {
        Some((digest, length, true))
            if digest == sm3 && *length == len && bytes.is_none_or(|b| b == i64::from(len)) =>
        {
            return Some(at);
        }
        Some(found) => wrong.push(format!("{sm3} should be at {place}: {found:?}")),
        None => wrong.push(format!("{sm3} should be at {place}: nothing")),
    }
    None
}

/// The file store is told at the next start how far rows speak of it; else it could lose its tail unseen.
fn noted_end(
    session: &mut Session,
    named: &BTreeSet<(u32, u64)>,
    wrong: &mut Vec<String>,
) -> Result<(), StoreError> {
    let sql = "SELECT value FROM setting WHERE name = 'files.end'";
    let end: Option<String> = session.row(sql, &[], |row| row.get(0))?;
    let noted = match end.as_deref().map(str::parse) {
        Some(Ok(Place::Pack { pack, offset, .. })) => Some((pack, u64::from(offset))),
        _ => None,
    };
    if named.last() > noted.as_ref() {
        wrong.push(format!("rows name {:?}, the noted end is {end:?}", named.last()));
    }
    Ok(())
}

/// Nothing that was intended is left lying.
fn intents(session: &mut Session, wrong: &mut Vec<String>) -> Result<(), StoreError> {
    let open: Vec<String> =
        session.rows("SELECT identifier FROM issue_intent WHERE state <> 'done'", &[], |row| row.get(0))?;
    wrong.extend(open.into_iter().map(|identifier| format!("intent {identifier} is not done")));
    Ok(())
}

/// Each act is in each lane once.
fn outbox(
    session: &mut Session,
    lanes: &[&str],
    events: &[Event],
    wrong: &mut Vec<String>,
) -> Result<(), StoreError> {
    let sql = "SELECT lane, certificate_id, state_seq FROM collect_item";
    let items: Vec<(String, String, i64)> =
        session.rows(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut items: BTreeSet<(String, String, i64)> = items.into_iter().collect();
    for event in applied(events) {
        for lane in lanes {
            let (Some(certificate), Some(seq)) = (&event.certificate, event.state_seq) else { continue };
            if !items.remove(&((*lane).to_owned(), certificate.clone(), seq)) {
                wrong.push(format!("event {:?} is not in the outbox of {lane}", event.key));
            }
        }
    }
    wrong.extend(items.into_iter().map(|item| format!("outbox item {item:?} has no act")));
    Ok(())
}

fn applied(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| event.status == "applied")
}

/// The feed has no gap, and a line for each applied event.
fn feed(session: &mut Session, events: &[Event], wrong: &mut Vec<String>) -> Result<(), StoreError> {
    let sql = "SELECT seq, source, event_id, what FROM result_item ORDER BY seq";
    type Line = (i64, (String, String), String);
    let lines: Vec<Line> =
        session.rows(sql, &[], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?), row.get(3)?)))?;
    if let Some((line, _)) = lines.iter().zip(1..).find(|(line, seq)| line.0 != *seq) {
        wrong.push(format!("the feed has a gap before {}", line.0));
    }
    let mut told: HashMap<&(String, String), usize> = HashMap::new();
    for (_, key, what) in &lines {
        *told.entry(key).or_default() += usize::from(what == "event.applied");
    }
    for event in applied(events) {
        let times = told.get(&event.key).copied().unwrap_or_default();
        if times != 1 {
            wrong.push(format!("event {:?} is told {times} times in the feed", event.key));
        }
    }
    Ok(())
}

/// The log has no gap, and one act for each applied event: still waiting, or a leaf.
fn log(session: &mut Session, events: &[Event], wrong: &mut Vec<String>) -> Result<(), StoreError> {
    let pending: Vec<String> = session.rows("SELECT entries FROM audit_pending", &[], |row| row.get(0))?;
    let leaves: Vec<(i64, String)> =
        session
            .rows("SELECT n, entry FROM audit_leaf ORDER BY n", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if leaves.iter().zip(0..).any(|(leaf, n)| leaf.0 != n) {
        wrong.push("the log has a gap".into());
    }
    let entries =
        pending.iter().flat_map(|text| text.lines()).chain(leaves.iter().map(|leaf| leaf.1.as_str()));
    let mut acts: HashMap<(String, String), usize> = HashMap::new();
    for entry in entries {
        let Ok(entry) = serde_json::from_str::<Value>(entry) else {
            wrong.push(format!("a log entry cannot be read: {entry}"));
            continue;
        };
        if entry["act"] == "lifecycle.event" && entry["outcome"] == "applied" {
            let text = |name: &str| entry["detail"][name].as_str().unwrap_or_default().to_owned();
            *acts.entry((text("source"), text("event_id"))).or_default() += 1;
        }
    }
    for event in applied(events) {
        let times = acts.get(&event.key).copied().unwrap_or_default();
        if times != 1 {
            wrong.push(format!("event {:?} is {times} times in the log", event.key));
        }
    }
    Ok(())
}

/// A second signature over one version would be a second file: every stored object must be somebody's, and in one place.
fn strays(packs: &Packs, mut named: BTreeSet<(u32, u64)>, events: &[Event], wrong: &mut Vec<String>) {
    let photos = events.iter().filter_map(|event| event.photo.as_deref()?.split_once('@'));
    for (_, place) in photos {
        if let Ok(Place::Pack { pack, offset, .. }) = place.parse::<Place>() {
            named.insert((pack, u64::from(offset)));
        }
    }
    for (at, (sm3, len, good)) in packs {
        if *good && !named.contains(at) {
            wrong.push(format!("{sm3} ({len} bytes) at {at:?} belongs to nothing"));
        }
    }
}

/// What a certificate comes to, as both sides must have it.
type Held = (String, i64, i64, Option<String>, String, Option<String>, String);

/// The destination holds what the province has, files included.
pub fn compare(own: &Store, other: &Store, disk: &dyn Disk, keys: &ObjectKeys) -> Vec<String> {
    let mut wrong = Vec::new();
    let packs = packs(disk, keys, &mut wrong);
    let columns = "state_seq, version, identifier, base, last_day";
    let sql = format!("SELECT id, {columns} FROM lifecycle_certificate ORDER BY id");
    let read = |row: &store::Row<'_>, files: String| -> Result<Held, StoreError> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, files))
    };
    let ours = own.read(|session| -> Result<Vec<Held>, StoreError> {
        let mut held = session.rows(&sql, &[], |row| read(row, String::new()))?;
        for one in &mut held {
            let sql = "SELECT sm3 FROM issue_file WHERE identifier = $1 ORDER BY part";
            let files: Vec<String> = session.rows(sql, store::params![one.3.as_deref()], |row| row.get(0))?;
            one.6 = files.join(",");
        }
        Ok(held)
    });
    let sql = format!(
        "SELECT certificate_id, {columns}, file_sm3, files FROM collect_holding ORDER BY certificate_id"
    );
    let theirs = other.read(|session| -> Result<Vec<(Held, String)>, StoreError> {
        session.rows(&sql, &[], |row| Ok((read(row, row.get(6)?)?, row.get(7)?)))
    });
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else { return vec!["rows cannot be read".into()] };
    let mut named = BTreeSet::new();
    for (_, files) in &theirs {
        let files: Vec<Value> = serde_json::from_str(files).unwrap_or_default();
        for file in files {
            let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
            let at = stored(&packs, &text("place"), &text("sm3"), file["bytes"].as_i64(), &mut wrong);
            named.extend(at);
        }
    }
    if let Err(error) = other.read(|session| noted_end(session, &named, &mut wrong)) {
        wrong.push(format!("cannot be read: {error}"));
    }
    let theirs: Vec<Held> = theirs.into_iter().map(|(held, _)| held).collect();
    if ours != theirs {
        wrong.push(format!("the province has {ours:?}, the ministry {theirs:?}"));
    }
    wrong
}
