//! `audit_*`: acts wait in `audit_pending`, committed with their act, until the sequencer makes leaves of them.

use crate::{Row, Session, StoreError, Value, params};

/// Appends batches of entries: (row key, entries as JSON text, one a line).
///
/// # Errors
/// As [`Session::execute`]; so for all that follow, or as [`Session::rows`].
pub fn append(session: &mut Session, rows: &[(String, String)]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = rows.iter().flat_map(|(id, entries)| [id.into(), entries.into()]).collect();
    session.insert("INSERT INTO audit_pending (id, entries)", 2, "", &values)?;
    Ok(())
}

/// Takes the oldest waiting rows with keys after `after` away and returns them by key; for whoever holds the tree's row.
/// Exactly these go: a row that commits meanwhile, even with a smaller key, goes on waiting.
pub fn take_pending(
    session: &mut Session,
    after: &str,
    most: u32,
) -> Result<Vec<(String, String)>, StoreError> {
    const GROUP: usize = 16;
    let rows: Vec<(String, String)> = session.rows(
        "SELECT id, entries FROM audit_pending WHERE id > $1 ORDER BY id LIMIT $2",
        params![after, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // By keys, not by a subquery: with a long backlog PostgreSQL would read all of it for each step.
    let places: Vec<String> = (1..=GROUP).map(|place| format!("${place}")).collect();
    let sql = format!("DELETE FROM audit_pending WHERE id IN ({})", places.join(","));
    for group in rows.chunks(GROUP) {
        let padded = group.iter().chain(std::iter::repeat_n(&group[group.len() - 1], GROUP - group.len()));
        let values: Vec<Value<'_>> = padded.map(|(id, _)| Value::from(id)).collect();
        session.execute(&sql, &values)?;
    }
    Ok(rows)
}

/// The key of the first waiting row after `after`.
pub fn next_pending(session: &mut Session, after: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT id FROM audit_pending WHERE id > $1 ORDER BY id LIMIT 1";
    session.row(sql, params![after], |row| row.get(0))
}

/// Does any row wait?
pub fn any_pending(session: &mut Session) -> Result<bool, StoreError> {
    Ok(session.row("SELECT id FROM audit_pending LIMIT 1", &[], |row| row.get::<String>(0))?.is_some())
}

/// How many rows wait, and the smallest key.
pub fn pending(session: &mut Session) -> Result<(i64, Option<String>), StoreError> {
    let found = session
        .row("SELECT COUNT(*), MIN(id) FROM audit_pending", &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or_default())
}

/// Number of leaves and the frontier in Base64.
pub fn tree(session: &mut Session) -> Result<Option<(u64, String)>, StoreError> {
    session
        .row("SELECT size, frontier FROM audit_tree WHERE id = 0", &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The same, held for this transaction.
pub fn lock_tree(session: &mut Session) -> Result<Option<(u64, String)>, StoreError> {
    session.row_for_update("SELECT size, frontier FROM audit_tree WHERE id = 0", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Sets the tree's size and frontier.
pub fn set_tree(session: &mut Session, size: i64, frontier: &str) -> Result<(), StoreError> {
    session
        .execute("UPDATE audit_tree SET size = $1, frontier = $2 WHERE id = 0", params![size, frontier])?;
    Ok(())
}

/// One entry with its number and leaf hash, and what of it can be searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Number, from 0.
    pub n: i64,
    /// Leaf hash, hex.
    pub hash: String,
    /// Key of the certificate.
    pub object: Option<String>,
    /// Does it stand in the certificate's chain of acts?
    pub chained: bool,
    /// What was done.
    pub act: String,
    /// Microseconds UTC.
    pub at: i64,
    /// API client, peer or `node`.
    pub client: String,
    /// Operator, or the staff number where there is no operator.
    pub person: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Canonical bytes.
    pub entry: String,
}

macro_rules! leaf_columns {
    () => {
        "n, hash, object, chained, act, at, client, person, outcome, entry"
    };
}

fn read_leaf(row: &Row<'_>) -> Result<Leaf, StoreError> {
    Ok(Leaf {
        n: row.get(0)?,
        hash: row.get(1)?,
        object: row.get(2)?,
        chained: row.get(3)?,
        act: row.get(4)?,
        at: row.get(5)?,
        client: row.get(6)?,
        person: row.get(7)?,
        outcome: row.get(8)?,
        entry: row.get(9)?,
    })
}

/// Adds leaves.
pub fn insert_leaves(session: &mut Session, leaves: &[Leaf]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = leaves
        .iter()
        .flat_map(|one| {
            [
                one.n.into(),
                (&one.hash).into(),
                one.object.as_deref().into(),
                one.chained.into(),
                (&one.act).into(),
                one.at.into(),
                (&one.client).into(),
                one.person.as_deref().into(),
                (&one.outcome).into(),
                (&one.entry).into(),
            ]
        })
        .collect();
    session.insert(concat!("INSERT INTO audit_leaf (", leaf_columns!(), ")"), 10, "", &values)?;
    Ok(())
}

/// The leaf of a number.
pub fn leaf(session: &mut Session, n: i64) -> Result<Option<Leaf>, StoreError> {
    session.row(concat!("SELECT ", leaf_columns!(), " FROM audit_leaf WHERE n = $1"), params![n], read_leaf)
}

/// Leaves from a number on, in order, at most `most`.
pub fn leaves(session: &mut Session, from: i64, most: u32) -> Result<Vec<Leaf>, StoreError> {
    session.rows(
        concat!("SELECT ", leaf_columns!(), " FROM audit_leaf WHERE n >= $1 ORDER BY n LIMIT $2"),
        params![from, most],
        read_leaf,
    )
}

/// Leaf hashes (hex) of the numbers `from..until`.
pub fn hashes(session: &mut Session, from: i64, until: i64) -> Result<Vec<String>, StoreError> {
    session.rows(
        "SELECT hash FROM audit_leaf WHERE n >= $1 AND n < $2 ORDER BY n",
        params![from, until],
        |row| row.get(0),
    )
}

/// A certificate's chained leaf: key, number, leaf hash (hex).
pub type Chained = (String, i64, String);

/// The newest chained leaf of each certificate that has one.
pub fn newest(session: &mut Session, objects: &[&str]) -> Result<Vec<Chained>, StoreError> {
    // One statement for all sizes, so that it is prepared once: the last group asks for its last key several times.
    const GROUP: usize = 16;
    let places: Vec<String> = (1..=GROUP).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT l.object, l.n, l.hash FROM (SELECT object, MAX(n) AS last FROM audit_leaf \
         WHERE chained AND object IN ({}) GROUP BY object) m JOIN audit_leaf l ON l.n = m.last",
        places.join(",")
    );
    let mut found = Vec::new();
    for group in objects.chunks(GROUP) {
        let padded = group.iter().chain(std::iter::repeat_n(&group[group.len() - 1], GROUP - group.len()));
        let values: Vec<Value<'_>> = padded.map(|object| Value::from(*object)).collect();
        found.extend(session.rows(&sql, &values, read_chained)?);
    }
    Ok(found)
}

fn read_chained(row: &Row<'_>) -> Result<Chained, StoreError> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// Chained leaves with the numbers `from..until`, in order, at most `most`.
pub fn chained(session: &mut Session, from: i64, until: i64, most: u32) -> Result<Vec<Chained>, StoreError> {
    session.rows(
        "SELECT object, n, hash FROM audit_leaf WHERE n >= $1 AND n < $2 AND chained ORDER BY n LIMIT $3",
        params![from, until, most],
        read_chained,
    )
}

/// Number of a certificate's last chained leaf below `below`.
pub fn last_of(session: &mut Session, object: &str, below: i64) -> Result<Option<i64>, StoreError> {
    session.row(
        "SELECT n FROM audit_leaf WHERE chained AND object = $1 AND n < $2 ORDER BY n DESC LIMIT 1",
        params![object, below],
        |row| row.get(0),
    )
}

/// Number of a certificate's first chained leaf above `above`.
pub fn next_of(session: &mut Session, object: &str, above: i64) -> Result<Option<i64>, StoreError> {
    session.row(
        "SELECT n FROM audit_leaf WHERE chained AND object = $1 AND n > $2 ORDER BY n LIMIT 1",
        params![object, above],
        |row| row.get(0),
    )
}

/// Numbers and instants of all chained leaves of a certificate, in order.
pub fn chain(session: &mut Session, object: &str) -> Result<Vec<(i64, i64)>, StoreError> {
    session.rows(
        "SELECT n, at FROM audit_leaf WHERE chained AND object = $1 ORDER BY n",
        params![object],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A complete node of the tree: level, number within the level, hash in hex.
pub type Node = (u8, i64, String);

/// Adds nodes.
pub fn insert_nodes(session: &mut Session, nodes: &[Node]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = nodes
        .iter()
        .flat_map(|(level, idx, hash)| [u16::from(*level).into(), (*idx).into(), hash.into()])
        .collect();
    session.insert("INSERT INTO audit_node (level, idx, hash)", 3, "", &values)?;
    Ok(())
}

/// The hash of a stored node.
pub fn node(session: &mut Session, level: u8, idx: i64) -> Result<Option<String>, StoreError> {
    session.row(
        "SELECT hash FROM audit_node WHERE level = $1 AND idx = $2",
        params![u16::from(level), idx],
        |row| row.get(0),
    )
}

/// How many nodes are stored.
pub fn count_nodes(session: &mut Session) -> Result<u64, StoreError> {
    Ok(session.row("SELECT COUNT(*) FROM audit_node", &[], |row| row.get(0))?.unwrap_or(0))
}

/// Writes pages of the map: (id, body), new or changed.
pub fn put_pages(session: &mut Session, pages: &[(String, String)]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = pages.iter().flat_map(|(path, body)| [path.into(), body.into()]).collect();
    let tail = "ON CONFLICT (path) DO UPDATE SET body = excluded.body";
    session.insert("INSERT INTO audit_map (path, body)", 2, tail, &values)?;
    Ok(())
}

/// The body of a page.
pub fn page(session: &mut Session, path: &str) -> Result<Option<String>, StoreError> {
    session.row("SELECT body FROM audit_map WHERE path = $1", params![path], |row| row.get(0))
}

/// How many pages there are.
pub fn count_pages(session: &mut Session) -> Result<u64, StoreError> {
    Ok(session.row("SELECT COUNT(*) FROM audit_map", &[], |row| row.get(0))?.unwrap_or(0))
}

/// The newest checkpoint: the whole note.
pub fn last_checkpoint(session: &mut Session) -> Result<Option<String>, StoreError> {
    session.row("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1", &[], |row| row.get(0))
}

/// The newest checkpoint of at most this size.
pub fn checkpoint_within(session: &mut Session, size: i64) -> Result<Option<String>, StoreError> {
    session.row(
        "SELECT note FROM audit_checkpoint WHERE size <= $1 ORDER BY size DESC LIMIT 1",
        params![size],
        |row| row.get(0),
    )
}

/// Checkpoints of more than this size, the smallest first, at most `most`.
pub fn checkpoints_after(
    session: &mut Session,
    size: i64,
    most: u32,
) -> Result<Vec<(i64, String)>, StoreError> {
    session.rows(
        "SELECT size, note FROM audit_checkpoint WHERE size > $1 ORDER BY size LIMIT $2",
        params![size, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How many checkpoints there are.
pub fn count_checkpoints(session: &mut Session) -> Result<i64, StoreError> {
    Ok(session.row("SELECT COUNT(*) FROM audit_checkpoint", &[], |row| row.get(0))?.unwrap_or(0))
}

/// Adds a checkpoint.
pub fn insert_checkpoint(session: &mut Session, size: i64, at: i64, note: &str) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO audit_checkpoint (size, at, note) VALUES ($1, $2, $3)",
        params![size, at, note],
    )?;
    Ok(())
}

/// Puts a note with more signatures in the place of the one that stands there; false if another one stands there now.
pub fn replace_checkpoint(
    session: &mut Session,
    size: i64,
    old: &str,
    new: &str,
) -> Result<bool, StoreError> {
    let sql = "UPDATE audit_checkpoint SET note = $3 WHERE size = $1 AND note = $2";
    Ok(session.execute(sql, params![size, old, new])? == 1)
}

/// The newest checkpoint of another log that this node has signed as a witness.
pub fn witnessed(session: &mut Session, origin: &str) -> Result<Option<String>, StoreError> {
    session.row(
        "SELECT note FROM audit_witness WHERE origin = $1 ORDER BY size DESC LIMIT 1",
        params![origin],
        |row| row.get(0),
    )
}

/// Checkpoints of another log that this node has signed, largest first, below a size: (size, time in microseconds UTC, note).
pub fn witnessed_before(
    session: &mut Session,
    origin: &str,
    below: i64,
    most: u32,
) -> Result<Vec<(i64, i64, String)>, StoreError> {
    session.rows(
        "SELECT size, at, note FROM audit_witness WHERE origin = $1 AND size < $2 ORDER BY size DESC LIMIT $3",
        params![origin, below, most],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Keeps a checkpoint of another log; of one size, the later one.
pub fn put_witnessed(
    session: &mut Session,
    origin: &str,
    size: i64,
    at: i64,
    note: &str,
) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO audit_witness (origin, size, at, note) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (origin, size) DO UPDATE SET at = excluded.at, note = excluded.note",
        params![origin, size, at, note],
    )?;
    Ok(())
}

/// What an auditor looks for. `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// From this instant on, microseconds UTC.
    pub from: i64,
    /// Before this instant.
    pub until: i64,
    /// What was done, in full.
    pub act: Option<String>,
    /// API client, peer or `node`.
    pub client: Option<String>,
    /// Operator, or staff number where there is no operator.
    pub person: Option<String>,
    /// Names of the certificate, any of which will do: acts stand under its key, checks under the identifier that was shown. None for all.
    pub objects: Vec<String>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// Leaves by time and number, after (instant, number), at most `most`.
pub fn search(
    session: &mut Session,
    wanted: &Wanted,
    after: (i64, i64),
    most: u32,
) -> Result<Vec<Leaf>, StoreError> {
    find(session, wanted, after, most, (">", "ORDER BY at, n"))
}

/// The same, newest first: before (instant, number).
pub fn search_back(
    session: &mut Session,
    wanted: &Wanted,
    before: (i64, i64),
    most: u32,
) -> Result<Vec<Leaf>, StoreError> {
    find(session, wanted, before, most, ("<", "ORDER BY at DESC, n DESC"))
}

fn find(
    session: &mut Session,
    wanted: &Wanted,
    place: (i64, i64),
    most: u32,
    (side, order): (&str, &str),
) -> Result<Vec<Leaf>, StoreError> {
    let columns = [
        ("act", &wanted.act),
        ("client", &wanted.client),
        ("person", &wanted.person),
        ("outcome", &wanted.outcome),
    ];
    let mut sql = format!(
        concat!(
            "SELECT ",
            leaf_columns!(),
            " FROM audit_leaf WHERE at >= $1 AND at < $2 AND (at, n) {} ($3, $4)"
        ),
        side
    );
    let mut values = vec![wanted.from.into(), wanted.until.into(), place.0.into(), place.1.into()];
    for (column, value) in columns {
        if let Some(value) = value {
            values.push(Value::from(value));
            sql.push_str(&format!(" AND {column} = ${}", values.len()));
        }
    }
    if !wanted.objects.is_empty() {
        let places = (1..=wanted.objects.len()).map(|n| format!("${}", values.len() + n));
        sql.push_str(&format!(" AND object IN ({})", places.collect::<Vec<_>>().join(", ")));
        values.extend(wanted.objects.iter().map(Value::from));
    }
    values.push(most.into());
    sql.push_str(&format!(" {order} LIMIT ${}", values.len()));
    session.rows(&sql, &values, read_leaf)
}

/// Runs a job of several reads on one state of the rows.
///
/// # Errors
/// What the job says; as [`Session::execute`].
pub fn snapshot<T, E: From<StoreError>>(
    session: &mut Session,
    job: impl FnOnce(&mut Session) -> Result<T, E>,
) -> Result<T, E> {
    let begin = match session.engine() {
        crate::Engine::Sqlite => "BEGIN",
        crate::Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
    };
    session.execute(begin, &[])?;
    let done = job(session);
    session.execute("ROLLBACK", &[])?;
    done
}
