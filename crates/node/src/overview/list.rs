//! Lists of certificates and events for supervisors: which way to the rows is the short one is told by the counters.

use std::collections::BTreeSet;

use ::lifecycle::Base;
use store::rows::overview::list::{
    self, CertificateFilter, CertificateLine, EventFilter, EventItem, Order, Source, Way,
};
use store::rows::overview::{self as rows, Count, Reach};

use super::count::day;
use crate::audit::{Act, Actor, append};
use crate::{NodeError, Province};

/// Of so few, found by one condition, all are counted: no dearer than finding them was.
const COUNTED: i64 = 5_000;
/// Limit of a list: any hold.
const ANY_HOLD: &str = "any";
/// Limit of a list: the validity is over.
const OVER: &str = "over";
/// Cells that are asked one by one at most.
const CELLS: usize = 1_000;
/// The same where all that stands in them is gathered: without a range of areas their index is none, and everything would be read.
const GATHERED_CELLS: usize = 4_000;
/// Areas that are asked one by one at most.
const AREAS: usize = 40;
/// Of so many certificates one must fit for a walk along the order to be short.
const SPARSE: i64 = 200;
/// Certificates that are gathered and sorted at most.
const GATHER: i64 = 40_000;

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// What the next page is asked for with; `None` on the last one.
    pub next: Option<String>,
    /// How many there are in all, where the counters say so.
    pub count: Option<i64>,
}

impl Province {
    /// A page of certificates; `after` is what the page before gave, empty for the first one.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn certificate_list(
        &self,
        filter: &CertificateFilter,
        (order, down): (Order, bool),
        after: &str,
        most: u32,
    ) -> Result<Listed<CertificateLine>, NodeError> {
        // The value of the order may be anything but contains no `~`; a key that nobody gave is the first page.
        let after = after.split_once('~');
        let mut listed = self.store.read(|session| -> Result<_, NodeError> {
            let made = rows::certificates(session, "certificate", &filter.reach)?;
            let paper = rows::certificates(session, "paper", &filter.reach)?;
            let activated = match filter.activated {
                Some(_) => rows::certificates(session, "activated", &filter.reach)?,
                None => Vec::new(),
            };
            let fits = |one: &&Count| {
                one.area.starts_with(&filter.area)
                    && (filter.kind.is_empty() || one.kind == filter.kind)
                    && (filter.base.is_empty() || one.value.is_empty() || one.value == filter.base)
            };
            let sum = |counts: &[Count]| counts.iter().filter(fits).map(|one| one.n).sum::<i64>();
            let wanted: Vec<&Count> = match filter.electronic {
                Some(true) => made.iter().filter(fits).collect(),
                Some(false) => paper.iter().filter(fits).collect(),
                None => made.iter().chain(&paper).filter(fits).collect(),
            };
            let fitting: i64 = wanted.iter().map(|one| one.n).sum();
            let cells: BTreeSet<(String, String, String)> =
                wanted.iter().map(|one| (one.area.clone(), one.kind.clone(), one.value.clone())).collect();
            if fitting == 0 || (filter.activated == Some(true) && sum(&activated) == 0) {
                return Ok(Listed { count: Some(0), ..Listed::default() });
            }
            let all = self.certificates(session)?;
            // Where most are as asked for, a walk meets them soon.
            let (yes, of) = (sum(&activated), sum(&made));
            let mostly =
                filter.activated.is_none_or(|wanted| if wanted { yes * 2 >= of } else { yes * 2 <= of });
            let found = gather(session, filter, order, (fitting, mostly), all)?;
            let way = match found.map(|(_, source)| source) {
                // A range of areas would lead through everything in it.
                Some(Source::Cells) if cells.len() <= GATHERED_CELLS => {
                    Way::Cells(cells.into_iter().collect())
                }
                Some(source) => Way::Gather(source),
                None => way(order, cells, fitting, all),
            };
            let rows = list::certificates(session, filter, (order, down), &way, after, most + 1)?;
            let plain =
                filter.ends_by.is_empty() && filter.held.is_empty() && filter.ids == Default::default();
            let all_have_key = !matches!(order, Order::Identifier | Order::End);
            let count = match filter.activated {
                _ if !plain => match found {
                    Some((n, _)) if n <= COUNTED => Some(list::total(session, filter, order, &way)?),
                    _ => None,
                },
                _ if !all_have_key => None,
                None => Some(fitting),
                // The counter of activations does not know the bases.
                Some(_) if !filter.base.is_empty() || filter.electronic == Some(false) => None,
                Some(true) => Some(sum(&activated)),
                Some(false) => Some(sum(&made) - sum(&activated)),
            };
            Ok(Listed { rows, next: None, count })
        })?;
        if listed.rows.len() > most as usize {
            listed.rows.truncate(most as usize);
            listed.next = listed.rows.last().map(|last| format!("{}~{}", key(order, last), last.id));
        }
        Ok(listed)
    }

    /// Status of a certificate of a list on the day of an instant: may it be used, and in words (`暂扣`, `已到期`, `正常`).
    ///
    /// # Errors
    /// A state that cannot be read.
    pub fn listed_status(&self, line: &CertificateLine, now: i64) -> Result<(bool, String), NodeError> {
        let state = crate::lifecycle::parse(&line.state, "证照状态")?;
        let today = ::lifecycle::day_of(now);
        Ok((self.rules.may_be_used(&state, today), self.rules.status_name(&state, today)))
    }

    /// What a list can be narrowed to by [`Province::list_limited`]: (code, Chinese name).
    pub fn list_limits(&self) -> Vec<(String, String)> {
        let holds = self.rules.holds().iter().map(|rule| (rule.slug.clone(), rule.name.clone()));
        let mut all = vec![(ANY_HOLD.to_owned(), "受任一限制".to_owned())];
        all.extend(holds);
        all.push((OVER.to_owned(), "已过有效期".to_owned()));
        all
    }

    /// A filter for certificates that one hold (its slug), any hold (`any`) or the end of their validity (`over`) limits. Those whose
    /// validity is over stand otherwise as they did, unless the filter names another status.
    ///
    /// # Errors
    /// A limit that the rules do not know.
    pub fn list_limited(
        &self,
        mut filter: CertificateFilter,
        limit: &str,
        now: i64,
    ) -> Result<CertificateFilter, NodeError> {
        if limit == OVER {
            let yesterday = day(now - 86_400_000_000);
            if filter.ends_by.is_empty() || filter.ends_by > yesterday {
                filter.ends_by = yesterday;
            }
            if filter.base.is_empty() {
                filter.base = Base::Normal.name().to_owned();
            }
            return Ok(filter);
        }
        let mut slugs: Vec<&str> = self.rules.holds().iter().map(|rule| rule.slug.as_str()).collect();
        slugs.sort_unstable();
        if limit != ANY_HOLD && !slugs.contains(&limit) {
            return Err(NodeError::refused(format!("没有“{limit}”这种限制"), "请从列表中选择"));
        }
        // Every set of holds that has the one asked for, as `Certificate::held` spells it. The rules know ten holds at most.
        let sets = (1_u32..1 << slugs.len()).map(|bits| {
            let one = slugs.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
            one.map(|(_, slug)| *slug).collect::<Vec<&str>>()
        });
        let sets = sets.filter(|set| limit == ANY_HOLD || set.contains(&limit));
        filter.held = sets.map(|set| set.join(",")).collect();
        Ok(filter)
    }

    /// All certificates of the node, by the counters.
    fn certificates(&self, session: &mut store::Session) -> Result<i64, NodeError> {
        let mut all = 0;
        for what in ["certificate", "paper"] {
            let counts = rows::certificates(session, what, &Reach::all())?;
            all += counts.iter().map(|one| one.n).sum::<i64>();
        }
        Ok(all)
    }

    /// A page of events, newest first; `after` is what the page before gave, empty for the first one.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn event_list(
        &self,
        filter: &EventFilter,
        after: &str,
        most: u32,
    ) -> Result<Listed<EventItem>, NodeError> {
        let before = after.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id)));
        let days = (day(filter.span.0), day(filter.span.1.saturating_sub(1)));
        let mut listed = self.store.read(|session| -> Result<_, NodeError> {
            // A slip in the sender's name must not walk through years.
            if !filter.source.is_empty() && !list::has_sender(session, &filter.source)? {
                return Ok(Listed { count: Some(0), ..Listed::default() });
            }
            let counts = rows::event_cells(session, (&days.0, &days.1), &filter.reach)?;
            let fits = |one: &&Count| {
                (filter.kind.is_empty() || one.kind == filter.kind)
                    && (filter.statuses.is_empty() || filter.statuses.contains(&one.value))
            };
            let areas: BTreeSet<String> = counts.iter().filter(fits).map(|one| one.area.clone()).collect();
            // Whole days of all kinds of certificates are what the counters count.
            let whole = crate::collect::day_start(filter.span.0) == filter.span.0
                && crate::collect::day_start(filter.span.1) == filter.span.1
                && filter.source.is_empty()
                && filter.event_id.is_empty()
                && filter.reach.kinds.iter().any(|kind| kind == "*");
            let count = whole.then(|| counts.iter().filter(fits).map(|one| one.n).sum());
            if areas.is_empty() {
                return Ok(Listed { count, ..Listed::default() });
            }
            let one_by_one: Vec<String> =
                if areas.len() <= AREAS { areas.into_iter().collect() } else { Vec::new() };
            let rows = list::events(session, filter, &one_by_one, before, most + 1)?;
            Ok(Listed { rows, next: None, count })
        })?;
        if listed.rows.len() > most as usize {
            listed.rows.truncate(most as usize);
            listed.next = listed.rows.last().map(|last| format!("{}~{}", last.recorded_at, last.id));
        }
        Ok(listed)
    }

    /// Notes in the audit log that a list left the node as a file: which one, by which filter, how many rows, and whether there were
    /// more than a file holds.
    ///
    /// # Errors
    /// A database that cannot be written: then nothing may be handed out.
    pub fn list_exported(
        &self,
        (list, filter): (&str, &str),
        (rows, cut): (usize, bool),
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let mut act = Act {
            act: "overview.export".into(),
            at: now,
            actor: actor.clone(),
            outcome: "read".into(),
            ..Act::default()
        };
        for (name, value) in [("list", list), ("filter", filter), ("rows", &rows.to_string())] {
            act.detail.insert(name.into(), value.to_owned());
        }
        if cut {
            act.detail.insert("cut".into(), "1".into());
        }
        let id = self.new_id(now);
        self.store.write(move |session| Ok(append(session, id.clone(), std::slice::from_ref(&act))?))
    }
}

/// The condition to gather by, where it lets so little through that the rest is looked at one by one. What the counters do not know may
/// fit nobody at all, and a walk for it would have no end.
fn gather(
    session: &mut store::Session,
    filter: &CertificateFilter,
    order: Order,
    (fitting, mostly): (i64, bool),
    all: i64,
) -> Result<Option<(i64, Source)>, NodeError> {
    let (ends, span) = (!filter.ends_by.is_empty(), filter.ids != Default::default());
    let held = !filter.held.is_empty();
    let nearly_all = fitting.saturating_mul(4) >= all.saturating_mul(3);
    // The walk along an order ends where its own condition ends; among many that end by the day, an area's own are met soon.
    let walks_out = match order {
        Order::Recorded => true,
        Order::End if ends && !nearly_all => {
            !span && list::count(session, filter, Source::Ends, GATHER + 1)? > GATHER
        }
        Order::End => !span,
        _ => !ends && !span,
    };
    if mostly && !held && walks_out && !(order == Order::Recorded && ends) {
        let few = order != Order::Recorded && fitting.saturating_mul(SPARSE) < all;
        return Ok(few.then_some((fitting, Source::Cells)));
    }
    let mut sources = vec![(fitting, Source::Cells)];
    let conditions = [(ends, Source::Ends), (span, Source::Recorded), (held, Source::Held)];
    for (_, source) in conditions.into_iter().filter(|(asked, _)| *asked) {
        sources.push((list::count(session, filter, source, GATHER + 1)?, source));
    }
    if filter.activated == Some(true) {
        let activated = rows::certificates(session, "activated", &Reach::all())?;
        sources.push((activated.iter().map(|one| one.n).sum(), Source::Activated));
    }
    let least = sources.into_iter().min_by_key(|(n, _)| *n);
    Ok(least.filter(|(n, _)| *n <= GATHER))
}

fn way(order: Order, cells: BTreeSet<(String, String, String)>, fitting: i64, all: i64) -> Way {
    let nearly_all = fitting.saturating_mul(4) >= all.saturating_mul(3);
    if order == Order::Recorded && !nearly_all && cells.len() <= CELLS {
        Way::Cells(cells.into_iter().collect())
    } else {
        Way::Along
    }
}

fn key(order: Order, line: &CertificateLine) -> String {
    match order {
        Order::Recorded => String::new(),
        Order::Identifier => line.identifier.clone().unwrap_or_default(),
        Order::End => line.last_day.clone().unwrap_or_default(),
        Order::Updated => line.updated_at.to_string(),
    }
}
