//! `operator_account` and its neighbours: people who work on pages, their recovery codes, their failed sign-ins.

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
    /// Role, as `data/rights.toml` names it; of a waiting account, the one that was asked for.
    pub role: String,
    /// JSON list of beginnings of area codes.
    pub areas: String,
    /// JSON list of slugs of kinds.
    pub kinds: String,
    /// `scheme:parameters:salt:digest`.
    pub password: String,
    /// Somebody else knows the password: it is changed at the next sign-in.
    pub must_change: bool,
    /// Keyed digest of the code for the first sign-in; empty without.
    pub enable_digest: String,
    /// Until when that code is good, microseconds UTC.
    pub enable_until: i64,
    /// When the password was set, microseconds UTC.
    pub changed_at: i64,
    /// Wrong passwords and codes since the last sign-in.
    pub failures: i64,
    /// No sign-in before this instant.
    pub locked_until: i64,
    /// `waiting`, `refused`, `active` or `disabled`.
    pub state: String,
    /// Last sign-in, microseconds UTC; 0 if there was none.
    pub signed_in_at: i64,
    /// Secret of the one-time codes, sealed for [`OperatorRow::totp_place`]; empty without.
    pub totp_sealed: String,
    /// Last step whose code was used.
    pub totp_step: i64,
    /// Base64 of an SM2 certificate; empty without.
    pub certificate: String,
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

    /// The place for which a secret of one-time codes is encrypted.
    pub fn totp_place(name: &str) -> String {
        format!("operator.totp/{name}")
    }
}

/// Which accounts a list shows; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct OperatorFilter {
    /// State.
    pub state: String,
    /// Role.
    pub role: String,
    /// Part of account, unit or number.
    pub text: String,
}

const COLUMNS: &str = "name, person_sealed, unit, staff_no, role, areas, kinds, password, must_change, changed_at, failures, locked_until, \
     state, signed_in_at, totp_sealed, totp_step, certificate, created_at, updated_at, \
     enable_digest, enable_until";

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
        must_change: row.get(8)?,
        changed_at: row.get(9)?,
        failures: row.get(10)?,
        locked_until: row.get(11)?,
        state: row.get(12)?,
        signed_in_at: row.get(13)?,
        totp_sealed: row.get(14)?,
        totp_step: row.get(15)?,
        certificate: row.get(16)?,
        created_at: row.get(17)?,
        updated_at: row.get(18)?,
        enable_digest: row.get(19)?,
        enable_until: row.get(20)?,
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

/// Accounts after a name, in the order of names.
pub fn page(
    session: &mut Session,
    filter: &OperatorFilter,
    after: &str,
    limit: u32,
) -> Result<Vec<OperatorRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM operator_account WHERE name > $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR role = $3) \
         AND ($4 = '' OR name LIKE $5 OR unit LIKE $5 OR staff_no LIKE $5) ORDER BY name LIMIT $6"
    );
    // What LIKE itself means something by stands in no account, unit or number.
    let text: String = filter.text.chars().filter(|one| !"%_\\".contains(*one)).collect();
    let like = format!("%{text}%");
    session.rows(&sql, params![after, &filter.state, &filter.role, &text, &like, i64::from(limit)], read)
}

/// Is there any account?
pub fn any(session: &mut Session) -> Result<bool, StoreError> {
    let found = session.row("SELECT name FROM operator_account LIMIT 1", &[], |row| row.get::<String>(0))?;
    Ok(found.is_some())
}

/// Accounts with a number, however its letters are written; which of them are one person's the caller tells by the unit.
pub fn of_person(session: &mut Session, staff_no: &str) -> Result<Vec<OperatorRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM operator_account WHERE LOWER(staff_no) = LOWER(CAST($1 AS TEXT)) ORDER BY name"
    );
    session.rows(&sql, params![staff_no], read)
}

/// The same, locked for this transaction in the order of names.
pub fn lock_person(session: &mut Session, staff_no: &str) -> Result<(), StoreError> {
    for one in of_person(session, staff_no)? {
        lock(session, &one.name)?;
    }
    Ok(())
}

/// A new account; one whose name is taken is refused as a duplicate.
pub fn insert(session: &mut Session, one: &OperatorRow) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO operator_account ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
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
            one.must_change,
            one.changed_at,
            one.failures,
            one.locked_until,
            &one.state,
            one.signed_in_at,
            &one.totp_sealed,
            one.totp_step,
            &one.certificate,
            one.created_at,
            one.updated_at,
            &one.enable_digest,
            one.enable_until,
        ],
    )?;
    Ok(())
}

/// Writes what may change of an account that this transaction has locked.
pub fn update(session: &mut Session, one: &OperatorRow) -> Result<(), StoreError> {
    let sql = "UPDATE operator_account SET role = $2, areas = $3, kinds = $4, password = $5, must_change = $6, changed_at = $7, \
               failures = $8, locked_until = $9, state = $10, signed_in_at = $11, totp_sealed = $12, totp_step = $13, \
               certificate = $14, updated_at = $15, enable_digest = $16, enable_until = $17 WHERE name = $1";
    session.execute(
        sql,
        params![
            &one.name,
            &one.role,
            &one.areas,
            &one.kinds,
            &one.password,
            one.must_change,
            one.changed_at,
            one.failures,
            one.locked_until,
            &one.state,
            one.signed_in_at,
            &one.totp_sealed,
            one.totp_step,
            &one.certificate,
            one.updated_at,
            &one.enable_digest,
            one.enable_until,
        ],
    )?;
    Ok(())
}

/// Puts these recovery codes in the place of those that an account has.
pub fn set_recovery(session: &mut Session, account: &str, digests: &[String]) -> Result<(), StoreError> {
    session.execute("DELETE FROM operator_recovery WHERE account = $1", params![account])?;
    for digest in digests {
        let sql = "INSERT INTO operator_recovery (account, digest) VALUES ($1, $2)";
        session.execute(sql, params![account, digest])?;
    }
    Ok(())
}

/// Uses a recovery code up; false if there is no such code.
pub fn take_recovery(session: &mut Session, account: &str, digest: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM operator_recovery WHERE account = $1 AND digest = $2";
    Ok(session.execute(sql, params![account, digest])? == 1)
}

/// How many recovery codes are left.
pub fn recovery_left(session: &mut Session, account: &str) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM operator_recovery WHERE account = $1";
    Ok(session.row(sql, params![account], |row| row.get::<i64>(0))?.unwrap_or_default())
}

/// Notes a failed sign-in from an address, and forgets those before an instant.
pub fn note_try(
    session: &mut Session,
    id: &str,
    address: &str,
    now: i64,
    before: i64,
) -> Result<(), StoreError> {
    session.execute("DELETE FROM operator_try WHERE at < $1", params![before])?;
    let sql = "INSERT INTO operator_try (id, address, at) VALUES ($1, $2, $3)";
    session.execute(sql, params![id, address, now])?;
    Ok(())
}

/// How many sign-ins failed from an address since an instant.
pub fn tries(session: &mut Session, address: &str, since: i64) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM operator_try WHERE address = $1 AND at >= $2";
    Ok(session.row(sql, params![address, since], |row| row.get::<i64>(0))?.unwrap_or_default())
}
