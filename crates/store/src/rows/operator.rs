//! `operator_account`: people who work on pages.

use crate::{Row, Session, StoreError, params};

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatorRow {
    /// Account name.
    pub name: String,
    /// The person's name, sealed for [`OperatorRow::place`].
    pub person_sealed: String,
    /// Unit.
    pub unit: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Role, as `data/rights.toml` names it.
    pub role: String,
    /// JSON list of beginnings of area codes.
    pub areas: String,
    /// JSON list of slugs of kinds.
    pub kinds: String,
    /// `scheme:parameters:salt:digest`.
    pub password: String,
    /// Wrong passwords since the last right one.
    pub failures: i64,
    /// No sign-in before this instant.
    pub locked_until: i64,
    /// `active` or `disabled`.
    pub state: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl OperatorRow {
    /// The place for which a person's name is encrypted.
    pub fn place(name: &str) -> String {
        format!("operator.person/{name}")
    }
}

const COLUMNS: &str = "name, person_sealed, unit, staff_no, role, areas, kinds, password, failures, locked_until, state, created_at, updated_at";

fn read(row: &Row<'_>) -> Result<OperatorRow, StoreError> {
    Ok(OperatorRow {
        name: row.get(0)?,
        person_sealed: row.get(1)?,
        unit: row.get(2)?,
        staff_no: row.get(3)?,
        role: row.get(4)?,
        areas: row.get(5)?,
        kinds: row.get(6)?,
        password: row.get(7)?,
        failures: row.get(8)?,
        locked_until: row.get(9)?,
        state: row.get(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
    })
}

/// An account.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn get(session: &mut Session, name: &str) -> Result<Option<OperatorRow>, StoreError> {
    session.row(&format!("SELECT {COLUMNS} FROM operator_account WHERE name = $1"), params![name], read)
}

/// An account that no other transaction changes before this one ends: two wrong passwords at once count twice.
pub fn lock(session: &mut Session, name: &str) -> Result<Option<OperatorRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM operator_account WHERE name = $1");
    session.row_for_update(&sql, params![name], read)
}

/// All accounts.
pub fn all(session: &mut Session) -> Result<Vec<OperatorRow>, StoreError> {
    session.rows(&format!("SELECT {COLUMNS} FROM operator_account ORDER BY name"), &[], read)
}

/// A new account; one whose name is taken is refused as a duplicate.
pub fn insert(session: &mut Session, one: &OperatorRow) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO operator_account ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    );
    session.execute(
        &sql,
        params![
            &one.name,
            &one.person_sealed,
            &one.unit,
            &one.staff_no,
            &one.role,
            &one.areas,
            &one.kinds,
            &one.password,
            one.failures,
            one.locked_until,
            &one.state,
            one.created_at,
            one.updated_at,
        ],
    )?;
    Ok(())
}

/// Sets the state; false if there is no such account.
pub fn set_state(session: &mut Session, name: &str, state: &str, now: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE operator_account SET state = $2, updated_at = $3 WHERE name = $1";
    Ok(session.execute(sql, params![name, state, now])? == 1)
}

/// Sets the password and forgives the failures; false if there is no such account.
pub fn set_password(session: &mut Session, name: &str, password: &str, now: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE operator_account SET password = $2, failures = 0, locked_until = 0, updated_at = $3 WHERE name = $1";
    Ok(session.execute(sql, params![name, password, now])? == 1)
}

/// Sets how often the password was wrong, and until when nobody signs in.
pub fn set_failures(
    session: &mut Session,
    name: &str,
    failures: i64,
    locked_until: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE operator_account SET failures = $2, locked_until = $3 WHERE name = $1";
    session.execute(sql, params![name, failures, locked_until])?;
    Ok(())
}
