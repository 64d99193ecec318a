//! The second form: a plain exported list, or one question a certificate, for a side that has no tree.
//!
//! A list is read once, some hundred entries at a time; which certificates it named stands in a table, not in memory.

mod entry;
mod map;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::sync::Arc;

use store::rows::reconcile as rows;
use store::rows::reconcile::list::{self as own_rows, OwnRow};
use store::rows::reconcile::run as run_rows;
use store::{Blind, PersonalKeys, Session};

use super::difference::{Class, Difference, Outbox, Side, name};
use super::run::{Run, Summary};
use super::tree::OWN;
use crate::audit::Actor;
use crate::{NodeError, Province};
use entry::Entry;

pub use map::ListMap;

/// Entries that one transaction compares.
const CHUNK: usize = 500;

/// How a list is written: UTF-8, with or without a mark of byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// A header line, then an entry a line.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// Which of our certificates the list should hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Slug of the kind; `None` for all.
    pub kind: Option<String>,
    /// Area codes beginning so; `None` for all.
    pub area: Option<String>,
}

impl Scope {
    fn holds(&self, own: &OwnRow) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == own.kind)
            && self.area.as_ref().is_none_or(|area| own.area.starts_with(area))
    }
}

/// A side that answers for one certificate at a time.
pub trait ItemPeer {
    /// What it holds of each of these 证照标识, in their order; `None` for nothing. The values are ours already
    /// ([`ListMap::to_ours`]).
    ///
    /// # Errors
    /// The way there, or the other side, fails.
    fn look(&mut self, identifiers: &[String]) -> Result<Vec<Option<Side>>, NodeError>;
}

impl Province {
    /// Compares our certificates with an exported list. `now` (microseconds UTC) is when the list was *made*: what we changed
    /// since, and what is still in the outbox of the lane, is in flight.
    ///
    /// # Errors
    /// A list that cannot be read, naming the line; as for [`Province::reconcile_run`].
    #[expect(clippy::too_many_arguments, reason = "each says something of its own")]
    pub fn reconcile_list(
        &self,
        lane: &str,
        list: &mut dyn BufRead,
        form: ListForm,
        map: &ListMap,
        scope: &Scope,
        actor: &Actor,
        now: i64,
    ) -> Result<Run, NodeError> {
        self.recorded(lane, "list", actor, now, |id, summary| {
            let against = Against { province: self, id, lane, watermark: now, scope };
            let mut chunk = Vec::with_capacity(CHUNK);
            let done = entry::each(list, form, map, &mut |entry| {
                chunk.push(entry);
                if chunk.len() == CHUNK {
                    against.entries(std::mem::take(&mut chunk), summary)?;
                }
                Ok(())
            })
            .and_then(|()| against.entries(chunk, summary))
            .and_then(|()| against.unnamed(summary));
            let run = id.to_owned();
            self.store.write(move |session| Ok::<_, NodeError>(own_rows::forget(session, &run)?))?;
            done
        })
    }

    /// Asks for each of our certificates by its 证照标识. What only the other side holds cannot be found this way.
    ///
    /// # Errors
    /// As for [`Province::reconcile_run`].
    pub fn reconcile_items(
        &self,
        lane: &str,
        peer: &mut dyn ItemPeer,
        scope: &Scope,
        actor: &Actor,
        now: i64,
    ) -> Result<Run, NodeError> {
        self.recorded(lane, "items", actor, now, |id, summary| {
            let against = Against { province: self, id, lane, watermark: now, scope };
            let mut after = String::new();
            while let Some(page) = against.page(&mut after)? {
                let identifiers: Vec<String> = page.iter().filter_map(|own| own.identifier.clone()).collect();
                summary.comparison.messages += 1;
                let answers = peer.look(&identifiers)?;
                if answers.len() != identifiers.len() {
                    return Err(NodeError::refused("逐证查询的应答与所问的数目不符", "请联系对方"));
                }
                summary.comparison.ours += page.len() as u64;
                summary.comparison.theirs += answers.iter().flatten().count() as u64;
                against.pairs(page.into_iter().zip(answers).collect(), summary)?;
            }
            Ok(())
        })
    }
}

/// What entries are compared against.
struct Against<'a> {
    province: &'a Province,
    id: &'a str,
    lane: &'a str,
    watermark: i64,
    scope: &'a Scope,
}

/// What an entry turned out to be.
enum Met {
    Own(Box<OwnRow>),
    Unknown,
    Several,
}

impl Against<'_> {
    /// Our next certificates within the scope; `None` at the end.
    fn page(&self, after: &mut String) -> Result<Option<Vec<OwnRow>>, NodeError> {
        let page =
            self.province.store.read(|session| own_rows::issued_after(session, after, CHUNK as u32))?;
        let Some(last) = page.last() else { return Ok(None) };
        after.clone_from(&last.id);
        Ok(Some(page.into_iter().filter(|own| self.scope.holds(own)).collect()))
    }

    /// Compares some entries of a list.
    fn entries(&self, entries: Vec<Entry>, summary: &mut Summary) -> Result<(), NodeError> {
        summary.comparison.theirs += entries.len() as u64;
        let met = self.province.store.read(|session| meet(session, &self.province.personal, &entries))?;
        let mut strays = Vec::new();
        let mut pairs = Vec::new();
        for (entry, met) in entries.into_iter().zip(met) {
            let mut stray = |side: Side, note: &str| {
                let mut one = Difference::new(entry.key(), Class::Extra, None, Some(side));
                one.note = format!("清单第 {} 行{note}", entry.line);
                strays.push(one);
            };
            match met {
                Met::Own(own) => pairs.push((*own, entry)),
                Met::Unknown => stray(entry.side.clone(), ""),
                Met::Several => stray(entry.side.clone(), "：编号对应我方多张证照，请人工核对"),
            }
        }
        let named: Vec<String> = pairs.iter().map(|(own, _)| own.id.clone()).collect();
        let run = self.id.to_owned();
        let before = self
            .province
            .store
            .write(move |session| Ok::<_, NodeError>(own_rows::see(session, &run, &named)?))?;
        let mut seen: HashSet<String> = before.into_iter().collect();
        let mut fresh = Vec::new();
        for (own, entry) in pairs {
            if seen.insert(own.id.clone()) {
                fresh.push((own, Some(entry.side)));
            } else {
                let mut one = Difference::new(entry.key(), Class::Extra, None, Some(entry.side));
                one.note = format!("清单第 {} 行：同一证照在清单中重复", entry.line);
                strays.push(one);
            }
        }
        self.put(strays)?;
        self.pairs(fresh, summary)
    }

    /// Compares certificates of ours with what the other side says of each.
    fn pairs(&self, pairs: Vec<(OwnRow, Option<Side>)>, summary: &mut Summary) -> Result<(), NodeError> {
        summary.comparison.compared += pairs.len() as u64;
        let keys: Vec<String> = pairs.iter().map(|(own, _)| own.id.clone()).collect();
        let (outbox, files) = self.province.store.read(|session| {
            let leaves = rows::leaves_of(session, OWN, &keys)?;
            let files: HashMap<String, String> =
                leaves.into_iter().map(|leaf| (leaf.certificate_id, leaf.files)).collect();
            Ok::<_, NodeError>((Outbox::of(session, self.lane, &keys)?, files))
        })?;
        let mut differences = Vec::new();
        for (own, theirs) in pairs {
            let ours = side(&own, files.get(&own.id));
            let fields: Vec<String> = theirs
                .iter()
                .flatten()
                .filter(|(field, value)| ours.get(*field) != Some(*value))
                .map(|(field, _)| field.clone())
                .collect();
            if theirs.is_some() && fields.is_empty() {
                continue;
            }
            if own.updated_at >= self.watermark || outbox.is_in_flight(&own.id, self.watermark) {
                summary.in_flight += 1;
                continue;
            }
            let class = if theirs.is_some() { Class::Different } else { Class::Missing };
            let mut shown = ours;
            if let Some(theirs) = &theirs {
                shown.retain(|field, _| theirs.contains_key(field));
                name(&mut shown, &own);
            }
            let mut one = Difference::new(own.id.clone(), class, Some(shown), theirs);
            (one.fields, one.note) = (fields, outbox.dead(&own.id));
            differences.push(one);
        }
        self.put(differences)
    }

    /// What the list should have named and did not.
    fn unnamed(&self, summary: &mut Summary) -> Result<(), NodeError> {
        let mut after = String::new();
        while let Some(page) = self.page(&mut after)? {
            summary.comparison.ours += page.len() as u64;
            let keys: Vec<String> = page.iter().map(|own| own.id.clone()).collect();
            let seen = self.province.store.read(|session| own_rows::seen(session, self.id, &keys))?;
            let seen: HashSet<String> = seen.into_iter().collect();
            let compared = summary.comparison.compared;
            self.pairs(
                page.into_iter().filter(|own| !seen.contains(&own.id)).map(|own| (own, None)).collect(),
                summary,
            )?;
            summary.comparison.compared = compared;
        }
        Ok(())
    }

    fn put(&self, differences: Vec<Difference>) -> Result<(), NodeError> {
        if differences.is_empty() {
            return Ok(());
        }
        let rows = differences.iter().map(|one| one.row(self.id)).collect::<Result<Vec<_>, _>>()?;
        let rows = Arc::new(rows);
        Ok(self.province.store.write(move |session| run_rows::put_differences(session, &rows))?)
    }
}

/// Which certificate of ours each entry speaks of: by 证照标识, else by 证照编号 (and kind, where the list has it).
fn meet(session: &mut Session, personal: &PersonalKeys, entries: &[Entry]) -> Result<Vec<Met>, NodeError> {
    let identifiers: Vec<String> =
        entries.iter().filter_map(|entry| entry.side.get("identifier").cloned()).collect();
    let blind = |entry: &Entry| entry.number().map(|number| personal.blind(Blind::CertificateNumber, number));
    let blinds: Vec<String> = entries.iter().filter_map(blind).collect();
    let mut found: HashMap<String, Vec<OwnRow>> = HashMap::new();
    let mut all = own_rows::by_identifiers(session, &identifiers)?;
    all.extend(own_rows::by_blinds(session, &blinds)?);
    for own in all {
        let place = found.entry(own.found_by.clone()).or_default();
        // A key that was asked for twice comes twice.
        if place.iter().all(|other| other.id != own.id) {
            place.push(own);
        }
    }
    let met = entries.iter().map(|entry| {
        let key = entry.side.get("identifier").cloned().or_else(|| blind(entry)).unwrap_or_default();
        let kind = entry.side.get("kind");
        let fits = |own: &&OwnRow| kind.is_none_or(|kind| *kind == own.kind);
        let fitting: Vec<&OwnRow> = found.get(&key).into_iter().flatten().filter(fits).collect();
        match fitting.as_slice() {
            [] => Met::Unknown,
            [one] => Met::Own(Box::new((*one).clone())),
            _ => Met::Several,
        }
    });
    Ok(met.collect())
}

/// Everything that a list may name of a certificate of ours.
fn side(own: &OwnRow, files: Option<&String>) -> Side {
    let fields = [
        ("version", own.version.to_string()),
        ("state_seq", own.state_seq.to_string()),
        ("base", own.base.clone()),
        ("last_day", own.last_day.clone().unwrap_or_default()),
        ("files", files.cloned().unwrap_or_default()),
        ("certificate_no", own.certificate_no.clone().unwrap_or_default()),
        ("identifier", own.identifier.clone().unwrap_or_default()),
        ("kind", own.kind.clone()),
        ("area", own.area.clone()),
    ];
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}
