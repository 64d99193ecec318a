//! Making a pack: one pass over the certificates by status index; a few threads read the states.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use ::lifecycle::{Base, Hold, Rules, State, day_of};
use codes::LegalDate;
use gm::SigningKey;
use gm::x509::Certificate;
use proof::{Columns, Held, Override, Pack, PackFile, PackKind, PackState};
use serde::Deserialize;
use serde::de::IgnoredAny;
use store::StoreError;
use store::rows::pack::{self, Indexed, PackRow};

use super::keep::row_of;
use super::trust_data;
use crate::audit::{Act, Actor, append};
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// Our own packs that are kept: a delta can be made from each.
const KEPT: i64 = 30;
/// Rows that one thread reads at a time.
const BATCH: usize = 2048;
/// Bits of the holds in a state's code; the one above the table's is any hold that the table lacks.
const HOLD_BITS: u16 = 11;
const OTHER: u8 = 10;
const LOST: u16 = 1 << HOLD_BITS;
const BASE: u16 = LOST << 1;
const BASES: [Base; 6] =
    [Base::Normal, Base::TransferredOut, Base::Cancelled, Base::Annulled, Base::Revoked, Base::Void];

/// By whom and how a pack is made.
pub struct PackOrder<'a> {
    /// The node's key.
    pub key: &'a dyn SigningKey,
    /// Its certificate, which the trust data must name.
    pub certificate: &'a Certificate,
    /// Seconds after which it is stale.
    pub max_age: u32,
    /// Who asked for it.
    pub actor: &'a Actor,
}

/// What most states need of their JSON; the others are read whole.
#[derive(Deserialize)]
struct Glance {
    known: bool,
    base: Base,
    #[serde(default)]
    holds: Vec<Hold>,
    #[serde(default)]
    entitlements: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    scheduled: Vec<IgnoredAny>,
}

/// The code of a state (`docs/pack-format.md`, "States"); 0 where nothing is known.
fn code(rules: &Rules, text: &str, today: LegalDate) -> Result<u16, NodeError> {
    let glance: Glance = parse(text, "证照状态")?;
    if glance.entitlements.is_empty() && glance.scheduled.is_empty() {
        return Ok(code_of(rules, glance.known, glance.base, glance.holds.iter(), false));
    }
    let state = parse::<State>(text, "证照状态")?.on(today);
    let lost = state.base == Base::Normal && state.entitlements.values().any(|one| !one.is_live(today));
    Ok(code_of(rules, state.known, state.base, state.holds.iter(), lost))
}

fn code_of<'a>(
    rules: &Rules,
    known: bool,
    base: Base,
    holds: impl Iterator<Item = &'a Hold>,
    lost: bool,
) -> u16 {
    if !known {
        return 0;
    }
    let bit = |hold: &Hold| {
        rules.holds().iter().find(|rule| rule.slug == hold.0).map_or(OTHER, |rule| rule.bit.min(OTHER))
    };
    let place = BASES.iter().position(|one| *one == base).unwrap_or_default() as u16;
    let holds = holds.fold(0, |bits, hold| bits | 1 << bit(hold));
    (place + 1) * BASE + if lost { LOST } else { 0 } + holds
}

/// What a state's code says in words.
fn state_of(rules: &Rules, code: u16) -> PackState {
    let Some(base) = (code / BASE).checked_sub(1).and_then(|place| BASES.get(usize::from(place))) else {
        return PackState::default();
    };
    let held = |bit: u8| match rules.holds().iter().find(|rule| rule.bit == bit) {
        Some(rule) => Held { name: rule.name.clone(), forbids: rule.forbids_use },
        // A hold that nobody knows forbids.
        None => Held { name: "其他限制".into(), forbids: true },
    };
    let holds = (0..=OTHER).filter(|bit| code >> bit & 1 == 1).map(held).collect();
    PackState { code, base: base.name().to_owned(), holds, lost: code & LOST != 0 }
}

/// Index, version and state code of some rows.
type Read = Vec<(u32, u16, u16)>;

/// The states and columns of everything that has a status index, as of a day.
///
/// # Errors
/// A database that cannot be read; a state that is damaged; an index or version that no pack can hold.
pub fn columns_of(province: &Province, today: LegalDate) -> Result<(Vec<PackState>, Columns), NodeError> {
    let threads = province.threads.clamp(1, 8);
    let (send, receive) = sync_channel::<Vec<Indexed>>(2 * threads);
    let receive = Arc::new(Mutex::new(receive));
    let read: Vec<Read> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let receive = Arc::clone(&receive);
                scope.spawn(move || work(&province.rules, &receive, today))
            })
            .collect();
        // The threads hold it now: when all of them have ended, sending fails instead of waiting for ever.
        drop(receive);
        let sent = province.store.read(move |session| feed(session, &send));
        let read = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<_>, NodeError>>()?;
        sent?;
        Ok::<_, NodeError>(read)
    })?;
    let codes: std::collections::BTreeSet<u16> =
        read.iter().flatten().map(|(_, _, code)| *code).chain([0]).collect();
    let codes: Vec<u16> = codes.into_iter().collect();
    if codes.len() > proof::MOST_STATES {
        return Err(NodeError::refused("证照状态的组合超过 255 种，离线数据包放不下", "请合并扣押类状态"));
    }
    let count = read.iter().flatten().map(|(index, _, _)| *index as usize + 1).max().unwrap_or(0);
    let mut columns = Columns { states: vec![0; count], versions: vec![0; count], sheets: Vec::new() };
    for (index, version, code) in read.into_iter().flatten() {
        // Every code stands in the list that was made of them; 0 comes first.
        let place = codes.binary_search(&code).unwrap_or_default() as u8;
        columns.states[index as usize] = place;
        columns.versions[index as usize] = if code == 0 { 0 } else { version };
    }
    Ok((codes.into_iter().map(|code| state_of(&province.rules, code)).collect(), columns))
}

fn feed(session: &mut store::Session, send: &SyncSender<Vec<Indexed>>) -> Result<(), NodeError> {
    let mut batch = Vec::with_capacity(BATCH);
    pack::stream(session, |one| {
        batch.push(one);
        if batch.len() == BATCH {
            // Nobody listens any more when a reader failed; its error is told.
            let _ = send.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
        }
        Ok::<_, StoreError>(())
    })?;
    let _ = send.send(batch);
    Ok(())
}

fn work(rules: &Rules, receive: &Mutex<Receiver<Vec<Indexed>>>, today: LegalDate) -> Result<Read, NodeError> {
    let mut out = Read::new();
    loop {
        let batch = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return Ok(out) };
        for one in batch {
            let index = u32::try_from(one.index).ok().filter(|index| *index < proof::MOST_COUNT);
            let version = u16::try_from(one.version).ok().filter(|version| *version <= 999);
            let (Some(index), Some(version)) = (index, version) else {
                let what =
                    format!("证照的状态序号 {} 或版本 {} 超出离线数据包的范围", one.index, one.version);
                return Err(NodeError::refused(what, "请报告此问题"));
            };
            out.push((index, version, code(rules, &one.state, today)?));
        }
    }
}

impl Province {
    /// Makes the province's next pack, signs and keeps it; the row of what was made. `now` is microseconds UTC.
    ///
    /// # Errors
    /// A ministry's node, a node that the trust data does not name, rows that cannot be read or written.
    pub fn pack_build(&self, order: &PackOrder<'_>, now: i64) -> Result<PackRow, NodeError> {
        if self.area.is_empty() {
            return Err(NodeError::refused("部级节点没有自己的证照，不制作离线数据包", "请在省级节点上制作"));
        }
        let (states, mut columns) = columns_of(self, day_of(now))?;
        columns.sheets = self.pack_sheets(&columns)?;
        let newest = self.store.read(|session| pack::newest(session, &self.area))?;
        let number = newest.map_or(0, |row| row.number) + 1;
        let pack = Pack {
            province: self.area.clone(),
            name: self.pack_name(order.certificate),
            number: u32::try_from(number)
                .map_err(|_| NodeError::refused("离线数据包编号用尽", "请报告此问题"))?,
            made_at: now / 1_000_000,
            max_age: order.max_age,
            signer: order.certificate.clone(),
            states,
            trust: trust_data(self.verifier.trust()),
            kinds: self.pack_kinds(day_of(now)),
            overrides: self.pack_overrides(day_of(now)),
            columns,
        };
        let file = pack.encode(order.key)?;
        // What nobody would believe is not given out.
        let verified = PackFile::parse(&file)?.verify(self.shelf.knowledge().trust());
        if let Err(error) = verified {
            return Err(NodeError::refused(error.to_string(), "请先把本节点证书列入信任清单的 nodes"));
        }
        let row = row_of(&pack, &file, now)?;
        let act = built(&row, order.actor, now);
        let (text, id) = (gm::base64::encode(&file), self.new_id(now));
        let kept = row.clone();
        self.store.write(move |session| -> Result<(), NodeError> {
            pack::insert(session, &kept, &text)?;
            pack::drop_up_to(session, &kept.province, kept.number - KEPT, kept.number)?;
            append(session, id.clone(), std::slice::from_ref(&act))?;
            Ok(())
        })?;
        Ok(row)
    }

    fn pack_name(&self, certificate: &Certificate) -> String {
        use gm::x509::NameAttribute::Organization;
        certificate.subject().get(Organization).unwrap_or(&self.id).to_owned()
    }

    fn pack_kinds(&self, today: LegalDate) -> Vec<PackKind> {
        let mut kinds: BTreeMap<String, PackKind> = BTreeMap::new();
        for kind in self.data.catalogue.kinds() {
            // Several versions of a kind stand in the catalogue; the one of today names it.
            let kind = self.data.catalogue.kind(&kind.slug, today.date()).unwrap_or(kind);
            let one = PackKind {
                code: kind.type_code.to_string(),
                slug: kind.slug.clone(),
                name: kind.name.clone(),
            };
            kinds.insert(one.code.clone(), one);
        }
        kinds.into_values().collect()
    }

    /// Certificates with a replaced printed sheet. One that was issued since the columns were read waits for the next pack.
    fn pack_sheets(&self, columns: &Columns) -> Result<Vec<(u32, u16)>, NodeError> {
        let count = columns.states.len();
        let sheets = self.share_newest_sheets()?;
        Ok(sheets
            .into_iter()
            .filter(|one| (one.status_index as usize) < count && one.sheet >= 2)
            .map(|one| (one.status_index, one.sheet))
            .collect())
    }

    /// Extensions by notice that may still apply while the pack is used, the longest first, as the register takes them.
    fn pack_overrides(&self, today: LegalDate) -> Vec<Override> {
        let codes = |slug: &String| match slug.as_str() {
            "*" => Some(slug.clone()),
            slug => self.data.catalogue.kind(slug, today.date()).map(|kind| kind.type_code.to_string()),
        };
        let over = |day: jiff::civil::Date| day < today.date();
        let standing = self
            .data
            .catalogue
            .extensions
            .iter()
            .filter(|one| !over(one.extended_to) && one.effective.1.is_none_or(|last| !over(last)));
        let mut chosen: Vec<_> = standing.collect();
        chosen.sort_by_key(|one| std::cmp::Reverse(one.extended_to));
        let written = chosen.into_iter().map(|one| Override {
            notice: one.notice.clone(),
            kinds: one.kinds.iter().filter_map(codes).collect(),
            areas: one.areas.clone(),
            ended_from: one.ended.0.to_string(),
            ended_to: one.ended.1.to_string(),
            extended_to: one.extended_to.to_string(),
            effective_from: one.effective.0.to_string(),
            effective_to: one.effective.1.map(|last| last.to_string()),
        });
        written.collect()
    }
}

fn built(row: &PackRow, actor: &Actor, now: i64) -> Act {
    let detail = [("digest", &row.digest), ("sm3", &row.sm3)];
    Act {
        act: "pack.build".into(),
        at: now,
        actor: actor.clone(),
        object: None,
        changes: false,
        area: Some(row.province.clone()),
        outcome: format!("第 {} 号，{} 个序号，{} 字节", row.number, row.count, row.bytes),
        detail: detail.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
    }
}
