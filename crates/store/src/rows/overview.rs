//! `overview_count`: counters that are written with the rows that they count, and read instead of counting millions.

pub mod list;

use std::collections::BTreeMap;

use crate::{Row, Session, StoreError, Value, params};

/// A change of one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// `certificate`, `paper`, `activated`, `event` or `lag`.
    pub what: &'static str,
    /// Day or hour in China; empty for what has none.
    pub day: String,
    /// Area code; empty for what has none.
    pub area: String,
    /// Slug of the kind, kind of event, or lane.
    pub kind: String,
    /// Base, status, or upper bound in seconds.
    pub value: String,
    /// How many more; negative for fewer.
    pub n: i64,
}

/// Writes what the jobs of this transaction have noted: a statement for each counter that changes, in one order.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub(crate) fn settle(session: &mut Session) -> Result<(), StoreError> {
    let mut sums: BTreeMap<(&'static str, String, String, String, String), i64> = BTreeMap::new();
    for one in std::mem::take(&mut session.tallies) {
        *sums.entry((one.what, one.day, one.area, one.kind, one.value)).or_default() += one.n;
    }
    sums.retain(|_, n| *n != 0);
    let values: Vec<Value<'_>> = sums
        .iter()
        .flat_map(|((what, day, area, kind, value), n)| {
            [(*what).into(), day.into(), area.into(), kind.into(), value.into(), (*n).into()]
        })
        .collect();
    session.insert(
        "INSERT INTO overview_count (what, day, area, kind, value, n)",
        6,
        "ON CONFLICT (what, day, area, kind, value) DO UPDATE SET n = overview_count.n + excluded.n",
        &values,
    )?;
    Ok(())
}

/// Beginnings of area codes and slugs of kinds that somebody may see; `*` is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Slugs of kinds.
    pub kinds: Vec<String>,
}

impl Reach {
    /// Everything.
    pub fn all() -> Self {
        Self { areas: vec!["*".into()], kinds: vec!["*".into()] }
    }

    /// Is this area of this kind within it? An empty kind is not asked about.
    pub fn holds(&self, area: &str, kind: &str) -> bool {
        let of_area = |one: &String| one == "*" || (!one.is_empty() && area.starts_with(one.as_str()));
        self.areas.iter().any(of_area) && (kind.is_empty() || self.has_kind(kind))
    }

    /// Is this kind within it?
    pub fn has_kind(&self, kind: &str) -> bool {
        self.kinds.iter().any(|one| one == "*" || one == kind)
    }

    /// A condition on two columns with its values; places go on after `values`. Codes are digits, so the order of any collation
    /// is theirs, and an index serves.
    pub(crate) fn clause(&self, columns: (&str, &str), values: &mut Vec<Value<'static>>) -> String {
        let mut place = |value: String| {
            values.push(Value::Text(value.into()));
            format!("${}", values.len())
        };
        let mut areas: Vec<String> = Vec::new();
        for one in self.areas.iter().filter(|one| !one.is_empty()) {
            if one == "*" {
                areas = vec!["TRUE".into()];
                break;
            }
            let (from, to) = (place(one.clone()), place(format!("{one:9<6}")));
            areas.push(format!("{} BETWEEN {from} AND {to}", columns.0));
        }
        if areas.is_empty() {
            areas.push("FALSE".into());
        }
        let mut clause = format!("({})", areas.join(" OR "));
        if !columns.1.is_empty() && !self.kinds.iter().any(|one| one == "*") {
            let kinds: Vec<String> = self.kinds.iter().map(|one| place(one.clone())).collect();
            let list = if kinds.is_empty() {
                "FALSE".into()
            } else {
                format!("{} IN ({})", columns.1, kinds.join(", "))
            };
            clause += &format!(" AND {list}");
        }
        clause
    }
}

/// A counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// Day or hour.
    pub day: String,
    /// Area code.
    pub area: String,
    /// Slug of the kind, kind of event, or lane.
    pub kind: String,
    /// Base, status, or upper bound in seconds.
    pub value: String,
    /// How many.
    pub n: i64,
}

fn read(row: &Row<'_>) -> Result<Count, StoreError> {
    Ok(Count { day: row.get(0)?, area: row.get(1)?, kind: row.get(2)?, value: row.get(3)?, n: row.get(4)? })
}

/// Counters of certificates (`certificate`, `paper`, `activated`) within a reach.
pub fn certificates(session: &mut Session, what: &str, reach: &Reach) -> Result<Vec<Count>, StoreError> {
    let mut values = vec![Value::Text(what.to_owned().into())];
    let clause = reach.clause(("area", "kind"), &mut values);
    let sql = format!(
        "SELECT day, area, kind, value, n FROM overview_count WHERE what = $1 AND day = '' AND {clause} AND n <> 0 \
         ORDER BY area, kind, value"
    );
    session.rows(&sql, &values, read)
}

/// Events by day, area and status from a day on; the kinds of events are added up.
pub fn events(session: &mut Session, since: &str, reach: &Reach) -> Result<Vec<Count>, StoreError> {
    let mut values = vec![Value::Text(since.to_owned().into())];
    let clause = reach.clause(("area", ""), &mut values);
    let sql = format!(
        "SELECT day, '', '', value, CAST(SUM(n) AS BIGINT) FROM overview_count WHERE what = 'event' AND day >= $1 AND {clause} \
         GROUP BY day, value HAVING SUM(n) <> 0 ORDER BY day, value"
    );
    session.rows(&sql, &values, read)
}

/// How many events stand in a status now, whenever they came, and the first of their days.
pub fn events_in(session: &mut Session, status: &str, reach: &Reach) -> Result<(i64, String), StoreError> {
    let mut values = vec![Value::Text(status.to_owned().into())];
    let clause = reach.clause(("area", ""), &mut values);
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), COALESCE(MIN(CASE WHEN n > 0 THEN day END), '') \
         FROM overview_count WHERE what = 'event' AND value = $1 AND {clause}"
    );
    Ok(session.row(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default())
}

/// Deliveries by hour, lane and upper bound of their lag, from an hour on.
pub fn lags(session: &mut Session, since: &str) -> Result<Vec<Count>, StoreError> {
    session.rows(
        "SELECT day, area, kind, value, n FROM overview_count WHERE what = 'lag' AND day >= $1 ORDER BY day, kind, value",
        params![since],
        read,
    )
}

/// Open work items within a reach by code, of at most `most` of them: code, one of their texts, how many.
pub fn work(
    session: &mut Session,
    reach: &Reach,
    most: u32,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let mut values = vec![Value::from(most)];
    let clause = reach.clause(("area", ""), &mut values);
    let sql = format!(
        "SELECT code, MIN(why), CAST(COUNT(*) AS BIGINT) FROM (SELECT code, why FROM lifecycle_work WHERE state = 'open' AND {clause} LIMIT $1) w \
         GROUP BY code ORDER BY 3 DESC, code"
    );
    session.rows(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// What the counters of certificates, activations and events should hold, counted anew: for tests and for a database that was
/// filled past the use cases. `day` of an event is left in microseconds UTC.
pub fn recount(session: &mut Session) -> Result<Vec<(String, Count)>, StoreError> {
    session.rows(
        "SELECT CASE WHEN version > 0 THEN 'certificate' ELSE 'paper' END, CAST(0 AS BIGINT), area, kind, base, CAST(COUNT(*) AS BIGINT) \
         FROM lifecycle_certificate GROUP BY 1, area, kind, base \
         UNION ALL SELECT 'activated', CAST(0 AS BIGINT), c.area, c.kind, '', CAST(COUNT(*) AS BIGINT) FROM deliver_activation a \
         JOIN lifecycle_certificate c ON c.id = a.certificate_id GROUP BY c.area, c.kind \
         UNION ALL SELECT 'event', recorded_at, area, kind, status, CAST(COUNT(*) AS BIGINT) FROM lifecycle_event \
         WHERE status <> 'open' GROUP BY recorded_at, area, kind, status",
        &[],
        |row| {
            let at: i64 = row.get(1)?;
            let count = Count {
                day: at.to_string(),
                area: row.get(2)?,
                kind: row.get(3)?,
                value: row.get(4)?,
                n: row.get(5)?,
            };
            Ok((row.get(0)?, count))
        },
    )
}

/// All counters but those of lag.
pub fn all(session: &mut Session) -> Result<Vec<(String, Count)>, StoreError> {
    session.rows(
        "SELECT what, day, area, kind, value, n FROM overview_count WHERE what <> 'lag' AND n <> 0",
        &[],
        |row| {
            let count = Count {
                day: row.get(1)?,
                area: row.get(2)?,
                kind: row.get(3)?,
                value: row.get(4)?,
                n: row.get(5)?,
            };
            Ok((row.get(0)?, count))
        },
    )
}

/// Puts other counters into the place of all but those of lag.
pub fn replace(session: &mut Session, counts: &[(String, Count)]) -> Result<(), StoreError> {
    session.execute("DELETE FROM overview_count WHERE what <> 'lag'", &[])?;
    let values: Vec<Value<'_>> = counts
        .iter()
        .flat_map(|(what, one)| {
            [
                what.into(),
                (&one.day).into(),
                (&one.area).into(),
                (&one.kind).into(),
                (&one.value).into(),
                one.n.into(),
            ]
        })
        .collect();
    session.insert("INSERT INTO overview_count (what, day, area, kind, value, n)", 6, "", &values)?;
    Ok(())
}

/// Dead letters of a lane within a reach, up to `most`.
pub fn dead(session: &mut Session, lane: &str, reach: &Reach, most: u32) -> Result<i64, StoreError> {
    let mut values = vec![Value::Text(lane.to_owned().into()), Value::from(most)];
    let clause = reach.clause(("c.area", "c.kind"), &mut values);
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT i.id FROM collect_item i JOIN lifecycle_certificate c ON c.id = i.certificate_id \
         WHERE i.lane = $1 AND i.state = 'dead' AND {clause} LIMIT $2) d"
    );
    Ok(session.row(&sql, &values, |row| row.get(0))?.unwrap_or(0))
}

/// Counters of events of some days, by area, kind and status; both ends included.
pub fn event_cells(
    session: &mut Session,
    (from, to): (&str, &str),
    reach: &Reach,
) -> Result<Vec<Count>, StoreError> {
    let mut values = vec![Value::Text(from.to_owned().into()), Value::Text(to.to_owned().into())];
    let clause = reach.clause(("area", ""), &mut values);
    let sql = format!(
        "SELECT '', area, kind, value, CAST(SUM(n) AS BIGINT) FROM overview_count WHERE what = 'event' AND day BETWEEN $1 AND $2 \
         AND {clause} GROUP BY area, kind, value HAVING SUM(n) <> 0 ORDER BY area, kind, value"
    );
    session.rows(&sql, &values, read)
}
