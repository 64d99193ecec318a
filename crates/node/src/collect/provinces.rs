//! How the provinces stand with the ministry's node: what it holds of each, what it did not take, what each told and showed.

use std::collections::BTreeMap;

use store::rows::audit as log;
use store::rows::holding::answer::{self, DayRow, RefusedRow};
use store::rows::holding::{self, Holding};
use store::rows::pack::PackRow;
use store::rows::reconcile::told::{self, ToldRow};

use super::DeliveryReceipt;
use crate::client::{PeerEntry, Role};
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// Refusals that are counted at most.
pub const COUNTED: u32 = 10_000;

/// One province.
#[derive(Clone, Debug)]
pub struct ProvinceState {
    /// Its node, as enrolled.
    pub peer: PeerEntry,
    /// Holdings by kind (slug) and base.
    pub holdings: Vec<(String, String, i64)>,
    /// When its newest delivery was taken, microseconds UTC.
    pub last_at: Option<i64>,
    /// Answers of today by outcome.
    pub today: BTreeMap<String, i64>,
    /// Refusals that are not settled, at most [`COUNTED`] of all provinces.
    pub refused: i64,
    /// The same by code, most frequent first.
    pub causes: Vec<(String, i64)>,
    /// What its last comparison found.
    pub told: Option<ToldRow>,
    /// The newest of its packs that is held here.
    pub pack: Option<PackRow>,
    /// Size and time (microseconds UTC) of its log's newest checkpoint that was witnessed here.
    pub witnessed: Option<(u64, i64)>,
    /// Why its log is not witnessed any more.
    pub alarm: Option<String>,
}

impl ProvinceState {
    /// Holdings of all kinds.
    pub fn total(&self) -> i64 {
        self.holdings.iter().map(|(.., count)| count).sum()
    }

    /// First two digits of the area codes that it speaks for.
    pub fn area(&self) -> Option<&str> {
        area(&self.peer)
    }
}

fn area(peer: &PeerEntry) -> Option<&str> {
    let first = peer.issuers.first()?;
    // Characters 3 and 4 of a USCC are the province of registration (GB 32100).
    if first.len() > 6 { first.get(2..4) } else { first.get(..2) }
}

/// A delivery that was not taken, with its receipt read.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The row.
    pub row: RefusedRow,
    /// What was answered.
    pub receipt: DeliveryReceipt,
}

impl Refusal {
    fn read(row: RefusedRow) -> Result<Self, NodeError> {
        Ok(Self { receipt: parse(&row.receipt, "接收回执")?, row })
    }
}

impl Province {
    /// All enrolled provinces, by their names.
    ///
    /// # Errors
    /// A database that cannot be read; so for all that follow.
    pub fn provinces(&self, now: i64) -> Result<Vec<ProvinceState>, NodeError> {
        let mut peers: Vec<PeerEntry> = self.peer_list()?;
        peers.retain(|peer| peer.role == Role::Province);
        peers.sort_by(|a, b| a.name.cmp(&b.name));
        let ids: Vec<String> = peers.iter().map(|peer| peer.id.clone()).collect();
        let alarms: BTreeMap<String, String> = self.audit_alarms(&ids)?.into_iter().collect();
        let packs = self.pack_list()?;
        let today = ::lifecycle::day_of(now).to_string();
        self.store.read(|session| -> Result<_, NodeError> {
            let counts = answer::counts(session)?;
            let last: BTreeMap<String, i64> = answer::last_taken(session)?.into_iter().collect();
            let days = answer::days(session, "", &today)?;
            let refused: BTreeMap<String, i64> = answer::unsettled(session, COUNTED)?.into_iter().collect();
            let causes = answer::unsettled_causes(session, COUNTED)?;
            let told = told::all(session)?;
            let mut all = Vec::with_capacity(peers.len());
            for peer in peers {
                let id = peer.id.as_str();
                let of = counts.iter().filter(|(province, ..)| province == id);
                let own = area(&peer).and_then(|area| {
                    packs.iter().filter(|pack| pack.province == area).max_by_key(|pack| pack.number)
                });
                all.push(ProvinceState {
                    holdings: of.map(|(_, kind, base, count)| (kind.clone(), base.clone(), *count)).collect(),
                    last_at: last.get(id).copied(),
                    today: days
                        .iter()
                        .filter(|day| day.province == id)
                        .map(|day| (day.outcome.clone(), day.answers))
                        .collect(),
                    causes: causes
                        .iter()
                        .filter(|(province, ..)| province == id)
                        .map(|(_, code, count)| (code.clone(), *count))
                        .collect(),
                    refused: refused.get(id).copied().unwrap_or_default(),
                    told: told.iter().find(|one| one.province == id).cloned(),
                    pack: own.cloned(),
                    witnessed: crate::audit::witnessed(session, id)?,
                    alarm: alarms.get(id).cloned(),
                    peer,
                });
            }
            Ok(all)
        })
    }

    /// Answers to a province from a day (ISO) on.
    pub fn province_days(&self, province: &str, from: &str) -> Result<Vec<DayRow>, NodeError> {
        Ok(self.store.read(|session| answer::days(session, province, from))?)
    }

    /// What was taken from a province within a span (microseconds UTC), newest first, before a key; without opening it.
    pub fn province_taken(
        &self,
        province: &str,
        span: (i64, i64),
        before: (i64, &str),
        most: u32,
    ) -> Result<Vec<Holding>, NodeError> {
        Ok(self.store.read(|session| holding::received(session, province, span, before, most))?)
    }

    /// What was not taken from it, in the same way.
    pub fn province_refused(
        &self,
        province: &str,
        span: (i64, i64),
        before: (i64, &str),
        most: u32,
    ) -> Result<Vec<Refusal>, NodeError> {
        let rows = self.store.read(|session| answer::refusals(session, province, span, before, most))?;
        rows.into_iter().map(Refusal::read).collect()
    }

    /// What is held of a certificate of a province, without opening it, and the refusal of one of its counts.
    pub fn province_receipt(
        &self,
        province: &str,
        certificate: &str,
        seq: i64,
    ) -> Result<(Option<Holding>, Option<Refusal>), NodeError> {
        let (held, refused) = self.store.read(|session| -> Result<_, NodeError> {
            let held = holding::by_key(session, province, certificate)?;
            Ok((held, answer::refusal(session, (province, certificate, seq))?))
        })?;
        Ok((held, refused.map(Refusal::read).transpose()?))
    }

    /// What is held under a 证照标识, without opening it.
    pub fn province_held(&self, identifier: &str) -> Result<Vec<Holding>, NodeError> {
        Ok(self.store.read(|session| holding::by_identifier(session, identifier))?)
    }

    /// Witnessed checkpoints of a node, largest first, below a size: (size, time in microseconds UTC, note).
    pub fn province_checkpoints(
        &self,
        origin: &str,
        below: i64,
        most: u32,
    ) -> Result<Vec<(i64, i64, String)>, NodeError> {
        Ok(self.store.read(|session| log::witnessed_before(session, origin, below, most))?)
    }
}
