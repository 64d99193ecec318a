//! `share_print`, `share_print_item`: sheets that a window has asked for together, and what became of each.

use crate::{Row, Session, StoreError, Value, params};

/// One printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printing {
    /// Row key (UUIDv7).
    pub id: String,
    /// Account.
    pub owner: String,
    /// `running` or `done`.
    pub state: String,
    /// Who asked for it, as the audit log names an actor: JSON.
    pub actor: String,
    /// Areas and kinds that the account had then: JSON.
    pub reach: String,
    /// Why and for whom, sealed for [`Printing::place`].
    pub proof_sealed: String,
    /// New sheets also where one is there.
    pub renew: bool,
    /// Its certificates.
    pub total: i64,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl Printing {
    /// The place for which the proof is encrypted.
    #[must_use]
    pub fn place(id: &str) -> String {
        format!("share_print.proof/{id}")
    }
}

/// One certificate of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its printing.
    pub print_id: String,
    /// Place in it, from 1.
    pub n: i64,
    /// As it was named.
    pub name: String,
    /// `ready`, `done`, `refused` or `failed`.
    pub state: String,
    /// Row key of the certificate.
    pub certificate_id: Option<String>,
    /// Number of its sheet.
    pub sheet: Option<i64>,
    /// Why there is none.
    pub why: String,
}

macro_rules! columns {
    () => {
        "id, owner, state, actor, reach, proof_sealed, renew, total, created_at, updated_at"
    };
}

macro_rules! item_columns {
    () => {
        "print_id, n, name, state, certificate_id, sheet, why"
    };
}

fn read(row: &Row<'_>) -> Result<Printing, StoreError> {
    Ok(Printing {
        id: row.get(0)?,
        owner: row.get(1)?,
        state: row.get(2)?,
        actor: row.get(3)?,
        reach: row.get(4)?,
        proof_sealed: row.get(5)?,
        renew: row.get(6)?,
        total: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
    })
}

fn read_item(row: &Row<'_>) -> Result<Item, StoreError> {
    Ok(Item {
        print_id: row.get(0)?,
        n: row.get(1)?,
        name: row.get(2)?,
        state: row.get(3)?,
        certificate_id: row.get(4)?,
        sheet: row.get(5)?,
        why: row.get(6)?,
    })
}

/// A new one with its certificates.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn insert(session: &mut Session, one: &Printing, items: &[Item]) -> Result<(), StoreError> {
    session.execute(
        concat!(
            "INSERT INTO share_print (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        params![
            &one.id,
            &one.owner,
            &one.state,
            &one.actor,
            &one.reach,
            &one.proof_sealed,
            one.renew,
            one.total,
            one.created_at,
            one.updated_at,
        ],
    )?;
    let values: Vec<Value<'_>> = items
        .iter()
        .flat_map(|one| {
            [
                (&one.print_id).into(),
                one.n.into(),
                (&one.name).into(),
                (&one.state).into(),
                one.certificate_id.as_deref().into(),
                one.sheet.into(),
                (&one.why).into(),
            ]
        })
        .collect();
    session.insert(concat!("INSERT INTO share_print_item (", item_columns!(), ")"), 7, "", &values)?;
    Ok(())
}

/// A printing of an account.
pub fn get(session: &mut Session, owner: &str, id: &str) -> Result<Option<Printing>, StoreError> {
    session.row(
        concat!("SELECT ", columns!(), " FROM share_print WHERE id = $1 AND owner = $2"),
        params![id, owner],
        read,
    )
}

/// A printing, whoever asked for it.
pub fn by_id(session: &mut Session, id: &str) -> Result<Option<Printing>, StoreError> {
    session.row(concat!("SELECT ", columns!(), " FROM share_print WHERE id = $1"), params![id], read)
}

/// The printings of an account below a key, newest first.
pub fn of(session: &mut Session, owner: &str, below: &str, most: u32) -> Result<Vec<Printing>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM share_print WHERE owner = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ),
        params![owner, below, most],
        read,
    )
}

/// Certificates of a printing behind a place, of a state or (`""`) of all.
pub fn items(
    session: &mut Session,
    id: &str,
    state: &str,
    after: i64,
    most: u32,
) -> Result<Vec<Item>, StoreError> {
    session.rows(
        concat!(
            "SELECT ",
            item_columns!(),
            " FROM share_print_item WHERE print_id = $1 AND ($2 = '' OR state = $2) AND n > $3 ORDER BY n LIMIT $4"
        ),
        params![id, state, after, most],
        read_item,
    )
}

/// The place in a printing at which a certificate has its sheet already.
pub fn place_of(session: &mut Session, id: &str, certificate: &str) -> Result<Option<i64>, StoreError> {
    session.row(
        "SELECT n FROM share_print_item WHERE print_id = $1 AND state = 'done' AND certificate_id = $2 ORDER BY n LIMIT 1",
        params![id, certificate],
        |row| row.get(0),
    )
}

/// Writes what became of a certificate; false when that was written before.
pub fn settle(session: &mut Session, one: &Item) -> Result<bool, StoreError> {
    let written = session.execute(
        "UPDATE share_print_item SET state = $3, certificate_id = $4, sheet = $5, why = $6 \
         WHERE print_id = $1 AND n = $2 AND state = 'ready'",
        params![&one.print_id, one.n, &one.state, one.certificate_id.as_deref(), one.sheet, &one.why],
    )?;
    Ok(written == 1)
}
