//! Lists of certificates and events within a reach, a page at a time, however many there are.

use std::cmp::Ordering;

use super::Reach;
use crate::{Row, Session, StoreError, Value};

/// By what certificates are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// When they were first recorded: their row keys.
    #[default]
    Recorded,
    /// 证照标识; those without one are left out.
    Identifier,
    /// Last day of validity; those without one are left out.
    End,
    /// Last change.
    Updated,
}

/// Which certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// Whose.
    pub reach: Reach,
    /// Beginning of the area code; empty for all.
    pub area: String,
    /// Slug of the kind; empty for all.
    pub kind: String,
    /// Base of the status; empty for all.
    pub base: String,
    /// With a version, without one, or both.
    pub electronic: Option<bool>,
    /// Activated or not, or both.
    pub activated: Option<bool>,
    /// Validity ends on this ISO day or before; empty for any.
    pub ends_by: String,
    /// What it is held by, as `Certificate::held` spells it: one of these; none for any.
    pub held: Vec<String>,
    /// Row keys from this one on, and before that one; empty for any.
    pub ids: (String, String),
}

/// A certificate in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateLine {
    /// Row key.
    pub id: String,
    /// 证照标识; absent while on paper.
    pub identifier: Option<String>,
    /// Slug of the kind.
    pub kind: String,
    /// Area code.
    pub area: String,
    /// Base of the status.
    pub base: String,
    /// `lifecycle::State`, JSON.
    pub state: String,
    /// Last day of validity; `None` for 长期 or unknown.
    pub last_day: Option<String>,
    /// Newest version.
    pub version: i64,
    /// Microseconds UTC.
    pub recorded_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
    /// Microseconds UTC.
    pub activated_at: Option<i64>,
}

/// How the rows are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Along the order, passing over what does not fit: quick where much fits.
    Along,
    /// From each of these cells (area, kind, base) the first ones: quick in the order of row keys, in another one where the cells are small.
    Cells(Vec<(String, String, String)>),
    /// All that one of the conditions lets through, narrowed by the others and sorted: quick where that is little.
    Gather(Source),
}

/// Which condition the rows are gathered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Area, kind and base.
    Cells,
    /// Row keys.
    Recorded,
    /// Last day of validity.
    Ends,
    /// What it is held by, and the area: their index.
    Held,
    /// What has been activated.
    Activated,
}

/// How many certificates one condition of a filter lets through; no more than `most` are counted.
///
/// # Errors
/// As [`Session::rows`].
pub fn count(
    session: &mut Session,
    filter: &CertificateFilter,
    source: Source,
    most: i64,
) -> Result<i64, StoreError> {
    let mut values = Values::default();
    let wheres = match source {
        Source::Recorded => span("c.id", filter, &mut values).join(" AND "),
        Source::Ends => format!("c.last_day <= {}", values.text(&filter.ends_by)),
        Source::Held => {
            let areas = Reach { areas: filter.reach.areas.clone(), kinds: vec!["*".into()] };
            let held = held("c.held", filter, &mut values);
            [held, areas.clause(("c.area", ""), &mut values.0)].join(" AND ")
        }
        Source::Cells | Source::Activated => return Ok(most),
    };
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM lifecycle_certificate c WHERE {wheres} LIMIT {}) x",
        values.place(most)
    );
    Ok(session.row(&sql, &values.0, |row| row.get(0))?.unwrap_or(0))
}

/// How many a filter lets through in all, found by the way of its list: only where that lets little through.
///
/// # Errors
/// As [`Session::rows`].
pub fn total(
    session: &mut Session,
    filter: &CertificateFilter,
    order: Order,
    way: &Way,
) -> Result<i64, StoreError> {
    let has_key = match order {
        Order::Identifier => " AND c.identifier IS NOT NULL",
        Order::End => " AND (c.last_day || '') IS NOT NULL",
        Order::Recorded | Order::Updated => "",
    };
    let cells = if let Way::Cells(cells) = way { cells.iter().map(Some).collect() } else { vec![None] };
    let mut all = 0;
    for cell in cells {
        let mut values = Values::default();
        let wheres = fits(filter, way, cell, &mut values);
        let sql = format!("SELECT COUNT(*) FROM {} WHERE {wheres}{has_key}", from(way, CERTIFICATES));
        all += session.row(&sql, &values.0, |row| row.get::<i64>(0))?.unwrap_or(0);
    }
    Ok(all)
}

macro_rules! columns {
    () => {
        "c.id, c.identifier, c.kind, c.area, c.base, c.last_day, c.version, c.recorded_at, c.updated_at, a.activated_at, c.state"
    };
}

fn read(row: &Row<'_>) -> Result<CertificateLine, StoreError> {
    Ok(CertificateLine {
        id: row.get(0)?,
        identifier: row.get(1)?,
        kind: row.get(2)?,
        area: row.get(3)?,
        base: row.get(4)?,
        last_day: row.get(5)?,
        version: row.get(6)?,
        recorded_at: row.get(7)?,
        updated_at: row.get(8)?,
        activated_at: row.get(9)?,
        state: row.get(10)?,
    })
}

/// Values of a statement in the making.
#[derive(Default)]
struct Values(Vec<Value<'static>>);

impl Values {
    fn place(&mut self, value: impl Into<Value<'static>>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn text(&mut self, value: &str) -> String {
        self.place(Value::Text(value.to_owned().into()))
    }
}

/// Certificates in an order after a key (value of the order, row key), at most `most`.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn certificates(
    session: &mut Session,
    filter: &CertificateFilter,
    (order, down): (Order, bool),
    way: &Way,
    after: Option<(&str, &str)>,
    most: u32,
) -> Result<Vec<CertificateLine>, StoreError> {
    let Way::Cells(cells) = way else {
        let (sql, values) = statement(filter, (order, down), way, None, after, most);
        return session.rows(&sql, &values, read);
    };
    let mut found = Vec::new();
    for cell in cells {
        let (sql, values) = statement(filter, (order, down), way, Some(cell), after, most);
        found.extend(session.rows(&sql, &values, read)?);
    }
    found.sort_by(|a: &CertificateLine, b| {
        let by = match order {
            Order::Recorded => Ordering::Equal,
            Order::Identifier => a.identifier.cmp(&b.identifier),
            Order::End => a.last_day.cmp(&b.last_day),
            Order::Updated => a.updated_at.cmp(&b.updated_at),
        };
        let by = by.then_with(|| a.id.cmp(&b.id));
        if down { by.reverse() } else { by }
    });
    found.truncate(most as usize);
    Ok(found)
}

fn statement(
    filter: &CertificateFilter,
    (order, down): (Order, bool),
    way: &Way,
    cell: Option<&(String, String, String)>,
    after: Option<(&str, &str)>,
    most: u32,
) -> (String, Vec<Value<'static>>) {
    let mut values = Values::default();
    let mut wheres = vec![fits(filter, way, cell, &mut values)];
    let (key, from) = match order {
        // The identifiers stand in order in the table of versions, so that certificates need no index of their own for it.
        Order::Identifier if *way == Way::Along => {
            ("v.identifier", "lifecycle_version v CROSS JOIN lifecycle_certificate c")
        }
        Order::Recorded => ("c.id", CERTIFICATES),
        Order::Identifier => ("c.identifier", CERTIFICATES),
        Order::End => ("c.last_day", CERTIFICATES),
        Order::Updated => ("c.updated_at", CERTIFICATES),
    };
    if key == "v.identifier" {
        wheres.push("c.id = v.certificate_id AND c.identifier = v.identifier".into());
    } else if order != Order::Recorded {
        wheres.push(format!("{key} IS NOT NULL"));
    }
    // What is gathered is sorted: no index of the order may be tempted in.
    let (key, row_key) = match (way, order) {
        (Way::Along, _) | (Way::Cells(_), Order::Recorded) => (key.to_owned(), "c.id"),
        (_, Order::Updated) => (format!("({key} + 0)"), "(c.id || '')"),
        _ => (format!("({key} || '')"), "(c.id || '')"),
    };
    let (sign, turn) = if down { ("<", "DESC") } else { (">", "ASC") };
    if let Some((value, id)) = after {
        let id = values.text(id);
        let mut beyond = |value: Value<'static>| {
            let value = values.place(value);
            format!(
                "({key} {sign} {value} OR ({key} = {value} AND {row_key} {sign} {id})) AND {key} {sign}= {value}"
            )
        };
        wheres.push(match order {
            Order::Recorded => format!("{row_key} {sign} {id}"),
            Order::Updated => beyond(value.parse::<i64>().unwrap_or_default().into()),
            _ => beyond(Value::Text(value.to_owned().into())),
        });
    }
    let by = if order == Order::Recorded {
        format!("{key} {turn}")
    } else {
        format!("{key} {turn}, {row_key} {turn}")
    };
    let from = self::from(way, from);
    let sql = format!(
        concat!("SELECT ", columns!(), " FROM {} WHERE {} ORDER BY {} LIMIT {}"),
        from,
        wheres.join(" AND "),
        by,
        values.place(most)
    );
    (sql, values.0)
}

const CERTIFICATES: &str = "lifecycle_certificate c";

fn from(way: &Way, from: &str) -> String {
    match way {
        Way::Gather(Source::Activated) => {
            "deliver_activation a CROSS JOIN lifecycle_certificate c".to_owned()
        }
        _ => format!("{from} LEFT JOIN deliver_activation a ON a.certificate_id = c.id"),
    }
}

/// The condition on what it is held by.
fn held(column: &str, filter: &CertificateFilter, values: &mut Values) -> String {
    let places: Vec<String> = filter.held.iter().map(|one| values.text(one)).collect();
    format!("{column} IS NOT NULL AND {column} IN ({})", places.join(", "))
}

fn fits(
    filter: &CertificateFilter,
    way: &Way,
    cell: Option<&(String, String, String)>,
    values: &mut Values,
) -> String {
    let mut all = Vec::new();
    match cell {
        Some((area, kind, base)) => {
            let (area, kind, base) = (values.text(area), values.text(kind), values.text(base));
            all.push(format!("c.area = {area} AND c.kind = {kind} AND c.base = {base}"));
        }
        None => {
            // Where they are not the way to the rows, an expression keeps their index out.
            let [area, kind, base] = match way {
                Way::Gather(Source::Cells) => ["c.area", "c.kind", "c.base"],
                Way::Gather(Source::Held) => ["c.area", "(c.kind || '')", "(c.base || '')"],
                _ => ["(c.area || '')", "(c.kind || '')", "(c.base || '')"],
            };
            all.push(filter.reach.clause((area, kind), &mut values.0));
            if !filter.area.is_empty() {
                let one = Reach { areas: vec![filter.area.clone()], kinds: vec!["*".into()] };
                all.push(one.clause((area, ""), &mut values.0));
            }
            if !filter.kind.is_empty() {
                all.push(format!("{kind} = {}", values.text(&filter.kind)));
            }
            if !filter.base.is_empty() {
                all.push(format!("{base} = {}", values.text(&filter.base)));
            }
        }
    }
    match filter.electronic {
        Some(true) => all.push("c.version > 0".into()),
        Some(false) => all.push("c.version = 0".into()),
        None => {}
    }
    match filter.activated {
        Some(true) if *way == Way::Gather(Source::Activated) => all.push("c.id = a.certificate_id".into()),
        Some(true) => all.push("a.certificate_id IS NOT NULL".into()),
        Some(false) => all.push("a.certificate_id IS NULL AND c.version > 0".into()),
        None => {}
    }
    let gathered = |source| matches!(way, Way::Gather(by) if *by != source);
    if !filter.ends_by.is_empty() {
        let last = if gathered(Source::Ends) { "(c.last_day || '')" } else { "c.last_day" };
        all.push(format!("{last} <= {}", values.text(&filter.ends_by)));
    }
    if !filter.held.is_empty() {
        // Of a walk along an order it is a condition, never the way.
        let by_index = *way == Way::Gather(Source::Held);
        all.push(held(if by_index { "c.held" } else { "(c.held || '')" }, filter, values));
    }
    let id = if gathered(Source::Recorded) { "(c.id || '')" } else { "c.id" };
    all.extend(span(id, filter, values));
    all.join(" AND ")
}

/// The conditions on the row key.
fn span(key: &str, filter: &CertificateFilter, values: &mut Values) -> Vec<String> {
    let ends = [(">=", &filter.ids.0), ("<", &filter.ids.1)].into_iter().filter(|(_, id)| !id.is_empty());
    ends.map(|(sign, id)| format!("{key} {sign} {}", values.text(id))).collect()
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Whose.
    pub reach: Reach,
    /// From this instant on, and before that one, microseconds UTC.
    pub span: (i64, i64),
    /// Kind of event; empty for all.
    pub kind: String,
    /// Statuses; empty for all but open ones.
    pub statuses: Vec<String>,
    /// Who sent it; empty for all.
    pub source: String,
    /// Its id there; empty for all.
    pub event_id: String,
}

/// An event in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventItem {
    /// Row key.
    pub id: String,
    /// Who sent it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// Kind of event (Chinese name).
    pub kind: String,
    /// `applied`, `waiting`, `refused`, `work` or `unfit`.
    pub status: String,
    /// Area code.
    pub area: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
    /// Its certificate.
    pub certificate_id: Option<String>,
    /// That one's 证照标识.
    pub identifier: Option<String>,
}

/// Has a sender of this name ever sent anything?
///
/// # Errors
/// As [`Session::rows`].
pub fn has_sender(session: &mut Session, source: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM lifecycle_event WHERE source = $1 LIMIT 1";
    Ok(session.row(sql, &[source.into()], |_| Ok(()))?.is_some())
}

/// Events, newest first, before a key (instant, row key), at most `most`. `areas`: the area codes to look into one by one; none for
/// all within the reach at once.
pub fn events(
    session: &mut Session,
    filter: &EventFilter,
    areas: &[String],
    before: Option<(i64, &str)>,
    most: u32,
) -> Result<Vec<EventItem>, StoreError> {
    let mut found = Vec::new();
    let each: Vec<Option<&String>> =
        if areas.is_empty() { vec![None] } else { areas.iter().map(Some).collect() };
    for area in each {
        let (sql, values) = event_statement(filter, area, before, most);
        found.extend(session.rows(&sql, &values, |row| {
            Ok(EventItem {
                id: row.get(0)?,
                source: row.get(1)?,
                event_id: row.get(2)?,
                kind: row.get(3)?,
                status: row.get(4)?,
                area: row.get(5)?,
                effective_on: row.get(6)?,
                recorded_at: row.get(7)?,
                certificate_id: row.get(8)?,
                identifier: row.get(9)?,
            })
        })?);
    }
    found.sort_by(|a, b| (b.recorded_at, &b.id).cmp(&(a.recorded_at, &a.id)));
    found.truncate(most as usize);
    Ok(found)
}

fn event_statement(
    filter: &EventFilter,
    area: Option<&String>,
    before: Option<(i64, &str)>,
    most: u32,
) -> (String, Vec<Value<'static>>) {
    let mut values = Values::default();
    let mut all = vec![match area {
        Some(area) => format!("e.area = {}", values.text(area)),
        None => filter.reach.clause(("(e.area || '')", ""), &mut values.0),
    }];
    all.push(format!(
        "e.recorded_at >= {} AND e.recorded_at < {}",
        values.place(filter.span.0),
        values.place(filter.span.1)
    ));
    if let Some((at, id)) = before {
        let (at, id) = (values.place(at), values.text(id));
        all.push(format!("e.recorded_at <= {at} AND (e.recorded_at < {at} OR e.id < {id})"));
    }
    if !filter.kind.is_empty() {
        all.push(format!("e.kind = {}", values.text(&filter.kind)));
    }
    if !filter.source.is_empty() {
        all.push(format!("e.source = {}", values.text(&filter.source)));
    }
    if !filter.event_id.is_empty() {
        all.push(format!("e.event_id = {}", values.text(&filter.event_id)));
    }
    if filter.statuses.is_empty() {
        all.push("e.status <> 'open'".into());
    } else {
        let places: Vec<String> = filter.statuses.iter().map(|one| values.text(one)).collect();
        all.push(format!("e.status IN ({})", places.join(", ")));
    }
    // What has no certificate yet is of no kind: whoever sees some kinds only does not see it.
    let kinds = Reach { areas: vec!["*".into()], kinds: filter.reach.kinds.clone() };
    all.push(kinds.clause(("", "c.kind"), &mut values.0));
    let sql = format!(
        "SELECT e.id, e.source, e.event_id, e.kind, e.status, e.area, e.effective_on, e.recorded_at, e.certificate_id, c.identifier \
         FROM lifecycle_event e LEFT JOIN lifecycle_certificate c ON c.id = e.certificate_id WHERE {} \
         ORDER BY e.recorded_at DESC, e.id DESC LIMIT {}",
        all.join(" AND "),
        values.place(most)
    );
    (sql, values.0)
}
