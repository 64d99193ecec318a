//! `reconcile_leaf`, `reconcile_node`: the digest trees of 对账. Its runs and requests stand in the two modules below.

pub mod list;
pub mod order;
pub mod run;
pub mod shown;
pub mod told;

use crate::{Engine, Row, Session, StoreError, Value, params};

/// Keys that one statement asks for.
pub const KEYS: usize = 64;

/// One certificate as a tree holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeafRow {
    /// Row key of the certificate.
    pub certificate_id: String,
    /// `month/area`.
    pub cell: String,
    /// First 16 bits of SM3 of the key.
    pub slot: i64,
    /// Acts recorded.
    pub state_seq: i64,
    /// Newest version.
    pub version: i64,
    /// Base of the status.
    pub base: String,
    /// SM3 of each file, hex, by part, a space between.
    pub files: String,
    /// Microseconds UTC.
    pub changed_at: i64,
    /// The hash that the nodes hold; empty for none.
    pub folded: String,
}

macro_rules! leaf {
    () => {
        "certificate_id, cell, slot, state_seq, version, base, files, changed_at, folded"
    };
}

fn read(row: &Row<'_>) -> Result<LeafRow, StoreError> {
    Ok(LeafRow {
        certificate_id: row.get(0)?,
        cell: row.get(1)?,
        slot: row.get(2)?,
        state_seq: row.get(3)?,
        version: row.get(4)?,
        base: row.get(5)?,
        files: row.get(6)?,
        changed_at: row.get(7)?,
        folded: row.get(8)?,
    })
}

/// Writes leaves as they stand now: one statement each, whatever stood there before. Cell and slot never change, and
/// `folded` is the next fold's business.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn put(session: &mut Session, tree: &str, leaves: &[LeafRow]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = leaves
        .iter()
        .flat_map(|one| {
            [
                tree.into(),
                (&one.certificate_id).into(),
                (&one.cell).into(),
                one.slot.into(),
                one.state_seq.into(),
                one.version.into(),
                (&one.base).into(),
                (&one.files).into(),
                one.changed_at.into(),
                "".into(),
                true.into(),
            ]
        })
        .collect();
    session.insert(
        concat!("INSERT INTO reconcile_leaf (tree, ", leaf!(), ", dirty)"),
        11,
        "ON CONFLICT (tree, certificate_id) DO UPDATE SET state_seq = excluded.state_seq, version = excluded.version, \
         base = excluded.base, files = excluded.files, changed_at = excluded.changed_at, dirty = excluded.dirty",
        &values,
    )?;
    Ok(())
}

/// The leaves of some certificates, in no order.
pub fn leaves_of(session: &mut Session, tree: &str, keys: &[String]) -> Result<Vec<LeafRow>, StoreError> {
    let sql = concat!("SELECT ", leaf!(), " FROM reconcile_leaf WHERE tree = $1 AND certificate_id IN ");
    by_keys(session, sql, tree, keys, read)
}

/// The leaves of a cell whose slots lie in a range, both ends included.
pub fn leaves_in(
    session: &mut Session,
    tree: &str,
    cell: &str,
    slots: (i64, i64),
) -> Result<Vec<LeafRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            leaf!(),
            " FROM reconcile_leaf WHERE tree = $1 AND cell = $2 AND slot BETWEEN $3 AND $4"
        ),
        params![tree, cell, slots.0, slots.1],
        read,
    )
}

/// Slot and folded hash of the leaves of a cell whose slots lie in a range: what the nodes above them are the sum of.
pub fn folded_in(
    session: &mut Session,
    tree: &str,
    cell: &str,
    slots: (i64, i64),
) -> Result<Vec<(i64, String)>, StoreError> {
    session.rows(
        "SELECT slot, folded FROM reconcile_leaf WHERE tree = $1 AND cell = $2 AND slot BETWEEN $3 AND $4 AND folded <> ''",
        params![tree, cell, slots.0, slots.1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The leaves of a tree after a key, in the order of their keys, at most `most`.
pub fn leaves_after(
    session: &mut Session,
    tree: &str,
    after: &str,
    most: u32,
) -> Result<Vec<LeafRow>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            leaf!(),
            " FROM reconcile_leaf WHERE tree = $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3"
        ),
        params![tree, after, most],
        read,
    )
}

/// Is there a leaf that the nodes do not hold yet?
pub fn is_dirty(session: &mut Session, tree: &str) -> Result<bool, StoreError> {
    let found = session.row(
        "SELECT certificate_id FROM reconcile_leaf WHERE tree = $1 AND dirty LIMIT 1",
        params![tree],
        |row| row.get::<String>(0),
    )?;
    Ok(found.is_some())
}

/// Makes this transaction the only one that changes the nodes of a tree.
pub fn lock(session: &mut Session, tree: &str) -> Result<(), StoreError> {
    let zero = "0".repeat(64);
    session.execute(
        "INSERT INTO reconcile_node (tree, path, digest, leaves) VALUES ($1, '', $2, 0) ON CONFLICT DO NOTHING",
        params![tree, &zero],
    )?;
    session.row_for_update(
        "SELECT path FROM reconcile_node WHERE tree = $1 AND path = ''",
        params![tree],
        |row| row.get::<String>(0),
    )?;
    Ok(())
}

/// Leaves that the nodes do not hold yet, at most `most`. One that an act is just changing is passed over: waiting for
/// it could end in a deadlock, and the next fold finds it.
pub fn dirty(session: &mut Session, tree: &str, most: u32) -> Result<Vec<LeafRow>, StoreError> {
    let sql = concat!("SELECT ", leaf!(), " FROM reconcile_leaf WHERE tree = $1 AND dirty LIMIT $2");
    match session.engine() {
        Engine::Sqlite => session.rows(sql, params![tree, most], read),
        Engine::Postgres => session.rows(&format!("{sql} FOR UPDATE SKIP LOCKED"), params![tree, most], read),
    }
}

/// Notes what the nodes now hold of each leaf: key and hash.
pub fn set_folded(session: &mut Session, tree: &str, leaves: &[(&str, String)]) -> Result<(), StoreError> {
    if session.engine() == Engine::Postgres {
        let keys: Vec<&str> = leaves.iter().map(|(key, _)| *key).collect();
        let hashes: Vec<&str> = leaves.iter().map(|(_, hash)| hash.as_str()).collect();
        session.execute(
            "UPDATE reconcile_leaf l SET folded = v.hash, dirty = FALSE \
             FROM unnest(string_to_array($2, ','), string_to_array($3, ',')) AS v(id, hash) \
             WHERE l.tree = $1 AND l.certificate_id = v.id",
            params![tree, keys.join(","), hashes.join(",")],
        )?;
        return Ok(());
    }
    for (key, hash) in leaves {
        session.execute(
            "UPDATE reconcile_leaf SET folded = $3, dirty = FALSE WHERE tree = $1 AND certificate_id = $2",
            params![tree, *key, hash],
        )?;
    }
    Ok(())
}

/// Takes a leaf out of a tree.
pub fn remove_leaf(session: &mut Session, tree: &str, certificate: &str) -> Result<(), StoreError> {
    session.execute(
        "DELETE FROM reconcile_leaf WHERE tree = $1 AND certificate_id = $2",
        params![tree, certificate],
    )?;
    Ok(())
}

/// A node: the sum of what lies below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeRow {
    /// Its path.
    pub path: String,
    /// The path above; `None` for the root.
    pub parent: Option<String>,
    /// Sum of the leaf hashes below, hex.
    pub digest: String,
    /// Leaves below.
    pub leaves: i64,
}

fn read_node(row: &Row<'_>) -> Result<NodeRow, StoreError> {
    Ok(NodeRow { path: row.get(0)?, parent: row.get(1)?, digest: row.get(2)?, leaves: row.get(3)? })
}

/// Some nodes, in no order.
pub fn nodes(session: &mut Session, tree: &str, paths: &[String]) -> Result<Vec<NodeRow>, StoreError> {
    let sql = "SELECT path, parent, digest, leaves FROM reconcile_node WHERE tree = $1 AND path IN ";
    by_keys(session, sql, tree, paths, read_node)
}

/// The nodes under a path.
pub fn children(session: &mut Session, tree: &str, parent: &str) -> Result<Vec<NodeRow>, StoreError> {
    session.rows(
        "SELECT path, parent, digest, leaves FROM reconcile_node WHERE tree = $1 AND parent = $2",
        params![tree, parent],
        read_node,
    )
}

/// Writes nodes.
pub fn put_nodes(session: &mut Session, tree: &str, nodes: &[NodeRow]) -> Result<(), StoreError> {
    let values: Vec<Value<'_>> = nodes
        .iter()
        .flat_map(|one| {
            [
                tree.into(),
                (&one.path).into(),
                one.parent.as_deref().into(),
                (&one.digest).into(),
                one.leaves.into(),
            ]
        })
        .collect();
    session.insert(
        "INSERT INTO reconcile_node (tree, path, parent, digest, leaves)",
        5,
        "ON CONFLICT (tree, path) DO UPDATE SET digest = excluded.digest, leaves = excluded.leaves",
        &values,
    )?;
    Ok(())
}

/// All cells of a tree, by its leaves.
pub fn cells(session: &mut Session, tree: &str) -> Result<Vec<String>, StoreError> {
    session.rows("SELECT DISTINCT cell FROM reconcile_leaf WHERE tree = $1", params![tree], |row| row.get(0))
}

/// All nodes of a tree but the root.
pub fn all_nodes(session: &mut Session, tree: &str) -> Result<Vec<NodeRow>, StoreError> {
    session.rows(
        "SELECT path, parent, digest, leaves FROM reconcile_node WHERE tree = $1 AND path <> ''",
        params![tree],
        read_node,
    )
}

/// Lets no act touch a leaf until the end of this transaction (SQLite has one writer anyway).
pub fn hold_acts(session: &mut Session) -> Result<(), StoreError> {
    if session.engine() == Engine::Postgres {
        session.execute("LOCK TABLE reconcile_leaf IN EXCLUSIVE MODE", &[])?;
    }
    Ok(())
}

/// Rows by their keys, [`KEYS`] a statement so that one text serves any number; `$1` is `first`.
pub(crate) fn by_keys<T>(
    session: &mut Session,
    sql: &str,
    first: &str,
    keys: &[String],
    read: fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let places: Vec<String> = (2..KEYS + 2).map(|place| format!("${place}")).collect();
    let many = format!("{sql}({})", places.join(","));
    let single = format!("{sql}($2)");
    let mut found = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(KEYS) {
        if let [one] = chunk {
            found.extend(session.rows(&single, params![first, one], read)?);
            continue;
        }
        // The last key again in the places that are left: it still stands for one row.
        let last = chunk.last().map_or("", String::as_str);
        let padding = std::iter::repeat_n(last, KEYS - chunk.len());
        let values: Vec<Value<'_>> = std::iter::once(first)
            .chain(chunk.iter().map(String::as_str))
            .chain(padding)
            .map(Value::from)
            .collect();
        found.extend(session.rows(&many, &values, read)?);
    }
    Ok(found)
}
