//! `convert_run`, `convert_item`, and what counting the conversion of stock asks of certificates.

use crate::{Row, Session, StoreError, Value, params};

/// One import of paper stock and its conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Row key (UUIDv7).
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `planning`, `planned`, `running`, `stopped` or `done`.
    pub state: String,
    /// Somebody asked it to stop.
    pub stop: bool,
    /// How far it is and how it was asked for, JSON.
    pub body: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

fn read_run(row: &Row<'_>) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.get(0)?,
        name: row.get(1)?,
        state: row.get(2)?,
        stop: row.get(3)?,
        body: row.get(4)?,
        created_at: row.get(5)?,
        updated_at: row.get(6)?,
    })
}

/// The run of a name.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn by_name(session: &mut Session, name: &str) -> Result<Option<Run>, StoreError> {
    session.row(
        "SELECT id, name, state, stop, body, created_at, updated_at FROM convert_run WHERE name = $1",
        params![name],
        read_run,
    )
}

/// The run of a row key, locked for this transaction.
pub fn lock(session: &mut Session, id: &str) -> Result<Option<Run>, StoreError> {
    session.row_for_update(
        "SELECT id, name, state, stop, body, created_at, updated_at FROM convert_run WHERE id = $1",
        params![id],
        read_run,
    )
}

/// All runs, newest first.
pub fn runs(session: &mut Session) -> Result<Vec<Run>, StoreError> {
    session.rows(
        "SELECT id, name, state, stop, body, created_at, updated_at FROM convert_run ORDER BY id DESC",
        &[],
        read_run,
    )
}

/// A new run; false when the name is taken.
pub fn insert(session: &mut Session, one: &Run) -> Result<bool, StoreError> {
    let inserted = session.execute(
        "INSERT INTO convert_run (id, name, state, stop, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT DO NOTHING",
        params![&one.id, &one.name, &one.state, one.stop, &one.body, one.created_at, one.updated_at],
    )?;
    Ok(inserted == 1)
}

/// What changes of a run; the wish to stop has a statement of its own ([`ask_to_stop`]).
pub fn update(session: &mut Session, one: &Run) -> Result<(), StoreError> {
    session.execute(
        "UPDATE convert_run SET state = $2, body = $3, updated_at = $4 WHERE id = $1",
        params![&one.id, &one.state, &one.body, one.updated_at],
    )?;
    Ok(())
}

/// Sets or takes back the wish to stop.
pub fn ask_to_stop(session: &mut Session, id: &str, stop: bool, at: i64) -> Result<(), StoreError> {
    session
        .execute("UPDATE convert_run SET stop = $2, updated_at = $3 WHERE id = $1", params![id, stop, at])?;
    Ok(())
}

/// One record of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its run.
    pub run_id: String,
    /// Its place in the input, 1 is the first.
    pub n: i64,
    /// The system whose key the record id is.
    pub source: String,
    /// The record.
    pub record_id: String,
    /// SM3 of the record as stored, hex.
    pub record_sm3: String,
    /// Area code as given.
    pub area: String,
    /// Slug of the kind, or what the record says where there is no such kind.
    pub kind: String,
    /// `ready`, `supplement`, `already`, `repeated`, `converted`, `elsewhere` or `refused`.
    pub state: String,
    /// The wave that it went or goes with.
    pub wave: Option<i64>,
    /// Instant of its event; set once, so that the event is the same whenever it is sent.
    pub sent_at: Option<i64>,
    /// Codes of the rules that it breaks, separated by spaces.
    pub rules: String,
    /// Findings, JSON, sealed for [`Item::place`].
    pub findings_sealed: Option<String>,
    /// Its certificate, where it could be filed.
    pub certificate_id: Option<String>,
}

impl Item {
    /// The place for which the findings of an item are encrypted.
    pub fn place(run: &str, n: i64) -> String {
        format!("convert_item.findings/{run}/{n}")
    }
}

macro_rules! columns {
    () => {
        "i.run_id, i.n, i.source, i.record_id, i.record_sm3, i.area, i.kind, i.state, i.wave, i.sent_at, i.rules, \
         i.findings_sealed, i.certificate_id"
    };
}

fn read_item(row: &Row<'_>) -> Result<Item, StoreError> {
    Ok(Item {
        run_id: row.get(0)?,
        n: row.get(1)?,
        source: row.get(2)?,
        record_id: row.get(3)?,
        record_sm3: row.get(4)?,
        area: row.get(5)?,
        kind: row.get(6)?,
        state: row.get(7)?,
        wave: row.get(8)?,
        sent_at: row.get(9)?,
        rules: row.get(10)?,
        findings_sealed: row.get(11)?,
        certificate_id: row.get(12)?,
    })
}

/// New items.
pub fn insert_items(session: &mut Session, items: &[Item]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = items
        .iter()
        .flat_map(|one| {
            [
                (&one.run_id).into(),
                one.n.into(),
                (&one.source).into(),
                (&one.record_id).into(),
                (&one.record_sm3).into(),
                (&one.area).into(),
                (&one.kind).into(),
                (&one.state).into(),
                (&one.rules).into(),
                one.findings_sealed.as_deref().into(),
                one.certificate_id.as_deref().into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO convert_item (run_id, n, source, record_id, record_sm3, area, kind, state, rules, findings_sealed, \
         certificate_id)",
        11,
        "",
        &values,
    )?;
    Ok(())
}

/// The first item of a record within a run.
pub fn of_record(
    session: &mut Session,
    run: &str,
    source: &str,
    record: &str,
) -> Result<Option<Item>, StoreError> {
    session.row(
        concat!(
            "SELECT ",
            columns!(),
            " FROM convert_item i WHERE i.run_id = $1 AND i.source = $2 AND i.record_id = $3 ORDER BY i.n LIMIT 1"
        ),
        params![run, source, record],
        read_item,
    )
}

/// The items of a wave that are not settled, after a number, at most `most`.
pub fn of_wave(
    session: &mut Session,
    (run, wave): (&str, i64),
    after: i64,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM convert_item i WHERE i.run_id = $1 AND i.state = 'ready' AND i.wave = $2 AND i.n > $3 ORDER BY i.n LIMIT $4"
        ),
        params![run, wave, after, most],
        read_item,
    )
}

/// Puts the next items that are ready into a wave; how many.
pub fn assign_wave(
    session: &mut Session,
    (run, wave): (&str, i64),
    size: u32,
    at: i64,
) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE convert_item SET wave = $2, sent_at = COALESCE(sent_at, $3) WHERE run_id = $1 AND n IN \
         (SELECT n FROM convert_item WHERE run_id = $1 AND state = 'ready' AND wave IS NULL ORDER BY n LIMIT $4)",
        params![run, wave, at, size],
    )
}

/// Settles an item.
pub fn settle(session: &mut Session, one: &Item) -> Result<(), StoreError> {
    session.execute(
        "UPDATE convert_item SET state = $3, rules = $4, findings_sealed = $5 WHERE run_id = $1 AND n = $2",
        params![&one.run_id, one.n, &one.state, &one.rules, one.findings_sealed.as_deref()],
    )?;
    Ok(())
}

/// The items of a city that must be supplemented or were refused and are not converted by now, after a number.
pub fn wanting(
    session: &mut Session,
    (run, city): (&str, &str),
    after: i64,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM convert_item i LEFT JOIN lifecycle_certificate c ON c.id = i.certificate_id WHERE i.run_id = $1 \
             AND SUBSTR(i.area, 1, 4) = $2 AND i.state IN ('supplement', 'refused') AND COALESCE(c.version, 0) = 0 \
             AND i.n > $3 ORDER BY i.n LIMIT $4"
        ),
        params![run, city, after, most],
        read_item,
    )
}

/// The same within areas and kinds (one empty text for all), whatever the city.
pub fn wanting_within(
    session: &mut Session,
    run: &str,
    (areas, kinds): (&[String], &[String]),
    after: i64,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            " FROM convert_item i LEFT JOIN lifecycle_certificate c ON c.id = i.certificate_id WHERE i.run_id = $1 \
             AND i.state IN ('supplement', 'refused') AND COALESCE(c.version, 0) = 0 AND i.n > $2 AND {} AND {} \
             ORDER BY i.n LIMIT $3"
        ),
        super::begins("i.area", areas, 4),
        super::one_of("i.kind", kinds, 4 + areas.len())
    );
    let mut values: Vec<Value<'_>> = vec![run.into(), after.into(), most.into()];
    values.extend(areas.iter().chain(kinds).map(Value::from));
    session.rows(&sql, &values, read_item)
}

/// Items by city (first four digits of the area), kind and state: (city, kind, state, how many). One whose certificate
/// was converted by another event counts as `elsewhere`.
pub fn counts(session: &mut Session, run: &str) -> Result<Vec<(String, String, String, i64)>, StoreError> {
    session.rows(
        "SELECT SUBSTR(i.area, 1, 4), i.kind, CASE WHEN i.state IN ('ready', 'supplement', 'refused') \
         AND COALESCE(c.version, 0) > 0 THEN 'elsewhere' ELSE i.state END, CAST(COUNT(*) AS BIGINT) \
         FROM convert_item i LEFT JOIN lifecycle_certificate c ON c.id = i.certificate_id WHERE i.run_id = $1 \
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        params![run],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// Items that still want something, by the rules that they break: (city, kind, rules, how many).
pub fn causes(session: &mut Session, run: &str) -> Result<Vec<(String, String, String, i64)>, StoreError> {
    session.rows(
        "SELECT SUBSTR(i.area, 1, 4), i.kind, i.rules, CAST(COUNT(*) AS BIGINT) FROM convert_item i \
         LEFT JOIN lifecycle_certificate c ON c.id = i.certificate_id WHERE i.run_id = $1 \
         AND i.state IN ('supplement', 'refused') AND COALESCE(c.version, 0) = 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        params![run],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
}

/// Certificates that stand on a day, by city: (city, all, those with a version).
pub fn standing(
    session: &mut Session,
    base: &str,
    today: &str,
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    session.rows(
        "SELECT SUBSTR(area, 1, 4), CAST(COUNT(*) AS BIGINT), \
         CAST(SUM(CASE WHEN version > 0 THEN 1 ELSE 0 END) AS BIGINT) FROM lifecycle_certificate \
         WHERE base = $1 AND (last_day IS NULL OR last_day >= $2) GROUP BY 1 ORDER BY 1",
        params![base, today],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Replaces record-born values of a certificate that no event has touched; false where one has.
pub fn mend(session: &mut Session, one: &super::certificate::Certificate) -> Result<bool, StoreError> {
    let mended = session.execute(
        "UPDATE lifecycle_certificate SET kind = $2, issuer = $3, area = $4, certificate_no = $5, last_day = $6, \
         origin = $7, state = $8, updated_at = $9, held = $10 WHERE id = $1 AND version = 0 AND state_seq = 0",
        params![
            &one.id, &one.kind, &one.issuer, &one.area, one.certificate_no.as_deref(), one.last_day.as_deref(),
            &one.origin, &one.state, one.updated_at, one.held.as_deref(),
        ],
    )?;
    Ok(mended == 1)
}

/// Search entries of a certificate that stand behind another one's.
pub fn put_behind(
    session: &mut Session,
    certificate: &str,
    keys: &[super::search::Key],
) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = keys
        .iter()
        .flat_map(|(blind, what)| [blind.into(), certificate.into(), (*what).into(), false.into()])
        .collect();
    session.insert(
        "INSERT INTO search_key (blind, certificate_id, what, live)",
        4,
        "ON CONFLICT (blind, certificate_id) DO UPDATE SET live = excluded.live",
        &values,
    )?;
    Ok(())
}

/// Batches of a source, the newest first, after (instant, name), at most `most`: (name, when it was first taken up).
pub fn batches(
    session: &mut Session,
    source: &str,
    before: (i64, &str),
    most: u32,
) -> Result<Vec<(String, i64)>, StoreError> {
    session.rows(
        "SELECT name, begun_at FROM intake_batch WHERE source = $1 AND (begun_at, name) < ($2, $3) \
         ORDER BY begun_at DESC, name DESC LIMIT $4",
        params![source, before.0, before.1, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// When a batch of the file interface was first taken up; `at` if that is now.
pub fn batch_begun(session: &mut Session, source: &str, batch: &str, at: i64) -> Result<i64, StoreError> {
    session.execute(
        "INSERT INTO intake_batch (source, name, begun_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![source, batch, at],
    )?;
    let begun = session.row(
        "SELECT begun_at FROM intake_batch WHERE source = $1 AND name = $2",
        params![source, batch],
        |row| row.get(0),
    )?;
    Ok(begun.unwrap_or(at))
}
