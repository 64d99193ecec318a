//! `verify_device`, `verify_receipt`; groups and complaints stand in the module below.

pub mod stop;

use crate::{Row, Session, StoreError, Value, params};

/// An officer's device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRow {
    /// Key id, hex.
    pub id: String,
    /// Base64 of the 65 bytes.
    pub public_key: String,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Unit, in full.
    pub unit: String,
    /// Base64 of the newest device certificate.
    pub certificate: String,
    /// Life of the key, microseconds UTC; so are all instants here.
    pub valid_from: i64,
    /// Its end.
    pub valid_to: i64,
    /// `active` or `disabled`.
    pub state: String,
    /// When it was disabled.
    pub disabled_at: Option<i64>,
    /// First enrolled.
    pub created_at: i64,
    /// Last changed.
    pub updated_at: i64,
}

macro_rules! device_columns {
    () => {
        "id, public_key, staff_no, unit, certificate, valid_from, valid_to, state, disabled_at, created_at, updated_at"
    };
}

fn read_device(row: &Row<'_>) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        id: row.get(0)?,
        public_key: row.get(1)?,
        staff_no: row.get(2)?,
        unit: row.get(3)?,
        certificate: row.get(4)?,
        valid_from: row.get(5)?,
        valid_to: row.get(6)?,
        state: row.get(7)?,
        disabled_at: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

/// Writes a device, new or changed.
///
/// # Errors
/// As [`Session::execute`]; so for all that follow.
pub fn put_device(session: &mut Session, one: &DeviceRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO verify_device (id, public_key, staff_no, unit, certificate, valid_from, valid_to, state, disabled_at, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET \
         unit = excluded.unit, certificate = excluded.certificate, valid_to = excluded.valid_to, state = excluded.state, \
         disabled_at = excluded.disabled_at, updated_at = excluded.updated_at",
        params![
            &one.id, &one.public_key, &one.staff_no, &one.unit, &one.certificate, one.valid_from, one.valid_to,
            &one.state, one.disabled_at, one.created_at, one.updated_at,
        ],
    )?;
    Ok(())
}

/// A device.
pub fn device(session: &mut Session, id: &str) -> Result<Option<DeviceRow>, StoreError> {
    session.row(
        concat!("SELECT ", device_columns!(), " FROM verify_device WHERE id = $1"),
        params![id],
        read_device,
    )
}

/// The same, locked for this transaction: its receipts come one upload at a time.
pub fn lock_device(session: &mut Session, id: &str) -> Result<Option<DeviceRow>, StoreError> {
    session.row_for_update(
        concat!("SELECT ", device_columns!(), " FROM verify_device WHERE id = $1"),
        params![id],
        read_device,
    )
}

/// Devices after a key id, of one officer or of all, at most `most`.
pub fn devices(
    session: &mut Session,
    staff_no: Option<&str>,
    after: &str,
    most: u32,
) -> Result<Vec<DeviceRow>, StoreError> {
    match staff_no {
        Some(staff_no) => session.rows(
            concat!(
                "SELECT ",
                device_columns!(),
                " FROM verify_device WHERE staff_no = $1 AND id > $2 ORDER BY id LIMIT $3"
            ),
            params![staff_no, after, most],
            read_device,
        ),
        None => session.rows(
            concat!("SELECT ", device_columns!(), " FROM verify_device WHERE id > $1 ORDER BY id LIMIT $2"),
            params![after, most],
            read_device,
        ),
    }
}

/// A receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptRow {
    /// SM3 of its message, hex.
    pub digest: String,
    /// Its number among those of this node.
    pub number: i64,
    /// The device that signed it; `None` for the node.
    pub device: Option<String>,
    /// Its number among those of the device.
    pub sequence: Option<i64>,
    /// Digest of the device's previous receipt.
    pub previous: Option<String>,
    /// Does another receipt claim the same number or the same place in the chain?
    pub fork: bool,
    /// 执法证号 or staff number.
    pub staff_no: String,
    /// Unit.
    pub unit: String,
    /// The certificate, where it is one of ours.
    pub certificate_id: Option<String>,
    /// 证照标识, where one was found.
    pub identifier: Option<String>,
    /// The verdict's word.
    pub verdict: String,
    /// Microseconds UTC, by the signer's clock.
    pub checked_at: i64,
    /// Microseconds UTC, by ours.
    pub received_at: i64,
    /// The stop, hex.
    pub group_id: Option<String>,
    /// What the officer recorded last.
    pub outcome: String,
    /// When that was recorded, if it came after the receipt.
    pub outcome_at: Option<i64>,
    /// The receipt with what proves it.
    pub text: String,
}

macro_rules! receipt_columns {
    () => {
        "digest, number, device, sequence, previous, fork, staff_no, unit, certificate_id, identifier, verdict, checked_at, \
         received_at, group_id, outcome, outcome_at, text"
    };
}

fn read_receipt(row: &Row<'_>) -> Result<ReceiptRow, StoreError> {
    Ok(ReceiptRow {
        digest: row.get(0)?,
        number: row.get(1)?,
        device: row.get(2)?,
        sequence: row.get(3)?,
        previous: row.get(4)?,
        fork: row.get(5)?,
        staff_no: row.get(6)?,
        unit: row.get(7)?,
        certificate_id: row.get(8)?,
        identifier: row.get(9)?,
        verdict: row.get(10)?,
        checked_at: row.get(11)?,
        received_at: row.get(12)?,
        group_id: row.get(13)?,
        outcome: row.get(14)?,
        outcome_at: row.get(15)?,
        text: row.get(16)?,
    })
}

/// Inserts a receipt; false when it is there already.
pub fn insert_receipt(session: &mut Session, one: &ReceiptRow) -> Result<bool, StoreError> {
    let inserted = session.execute(
        "INSERT INTO verify_receipt (digest, number, device, sequence, previous, fork, staff_no, unit, certificate_id, \
         identifier, verdict, checked_at, received_at, group_id, outcome, outcome_at, text) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (digest) DO NOTHING",
        params![
            &one.digest, one.number, one.device.as_deref(), one.sequence, one.previous.as_deref(), one.fork,
            &one.staff_no, &one.unit, one.certificate_id.as_deref(), one.identifier.as_deref(), &one.verdict,
            one.checked_at, one.received_at, one.group_id.as_deref(), &one.outcome, one.outcome_at, &one.text,
        ],
    )?;
    Ok(inserted == 1)
}

/// A receipt.
pub fn receipt(session: &mut Session, digest: &str) -> Result<Option<ReceiptRow>, StoreError> {
    session.row(
        concat!("SELECT ", receipt_columns!(), " FROM verify_receipt WHERE digest = $1"),
        params![digest],
        read_receipt,
    )
}

/// Digest and predecessor of the receipts of a device with numbers from `from` to `to`.
pub fn chain(
    session: &mut Session,
    device: &str,
    (from, to): (i64, i64),
) -> Result<Vec<(i64, String, String)>, StoreError> {
    session.rows(
        "SELECT sequence, digest, previous FROM verify_receipt WHERE device = $1 AND sequence >= $2 AND sequence <= $3 \
         ORDER BY sequence, number",
        params![device, from, to],
        |row| Ok((row.get(0)?, row.get(1)?, row.get::<Option<String>>(2)?.unwrap_or_default())),
    )
}

/// Marks a receipt as one of several that claim the same place.
pub fn mark_fork(session: &mut Session, digest: &str) -> Result<(), StoreError> {
    session.execute("UPDATE verify_receipt SET fork = $2 WHERE digest = $1", params![digest, true])?;
    Ok(())
}

/// The last receipt of a device: number and digest.
pub fn last_of_device(session: &mut Session, device: &str) -> Result<Option<(i64, String)>, StoreError> {
    session.row(
        "SELECT sequence, digest FROM verify_receipt WHERE device = $1 ORDER BY sequence DESC, number DESC LIMIT 1",
        params![device],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Gaps in the numbers of a device below its last one, as (first, last) that are missing, at most `most`.
pub fn gaps(session: &mut Session, device: &str, most: u32) -> Result<Vec<(i64, i64)>, StoreError> {
    // A gap ends before a number whose predecessor is not there; it begins after the next lower number that is.
    let ends: Vec<(i64, Option<i64>)> = session.rows(
        "SELECT r.sequence, (SELECT CAST(MAX(p.sequence) AS BIGINT) FROM verify_receipt p WHERE p.device = $1 \
         AND p.sequence < r.sequence) FROM verify_receipt r WHERE r.device = $1 AND r.sequence > 1 AND NOT EXISTS \
         (SELECT 1 FROM verify_receipt b WHERE b.device = $1 AND b.sequence = r.sequence - 1) \
         GROUP BY r.sequence ORDER BY r.sequence LIMIT $2",
        params![device, most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(ends.into_iter().map(|(next, before)| (before.unwrap_or(0) + 1, next - 1)).collect())
}

/// Records the outcome of a check; false when there is no such receipt of this officer.
pub fn set_outcome(
    session: &mut Session,
    digest: &str,
    (unit, staff_no): (&str, &str),
    outcome: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let changed = session.execute(
        "UPDATE verify_receipt SET outcome = $3, outcome_at = $4 WHERE digest = $1 AND staff_no = $2 AND unit = $5",
        params![digest, staff_no, outcome, now, unit],
    )?;
    Ok(changed == 1)
}

/// Which receipts are wanted. `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptFilter {
    /// Of this officer.
    pub staff_no: Option<String>,
    /// Of this unit.
    pub unit: Option<String>,
    /// Of this device.
    pub device: Option<String>,
    /// About this certificate (row key).
    pub certificate_id: Option<String>,
    /// About this 证照标识.
    pub identifier: Option<String>,
    /// Of this stop.
    pub group_id: Option<String>,
    /// With this verdict.
    pub verdict: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Checked at or after this instant.
    pub from: Option<i64>,
    /// Checked before this instant.
    pub until: Option<i64>,
    /// Only those that claim a place of another one.
    pub forks: bool,
}

/// Receipts with numbers below `before`, newest first, at most `most`.
pub fn receipts(
    session: &mut Session,
    wanted: &ReceiptFilter,
    before: i64,
    most: u32,
) -> Result<Vec<ReceiptRow>, StoreError> {
    let mut sql = concat!("SELECT ", receipt_columns!(), " FROM verify_receipt WHERE number < $1").to_owned();
    let mut values: Vec<Value<'_>> = vec![before.into()];
    let texts = [
        ("staff_no =", &wanted.staff_no),
        ("unit =", &wanted.unit),
        ("device =", &wanted.device),
        ("certificate_id =", &wanted.certificate_id),
        ("identifier =", &wanted.identifier),
        ("group_id =", &wanted.group_id),
        ("verdict =", &wanted.verdict),
        ("outcome =", &wanted.outcome),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            values.push(Value::from(value));
            sql.push_str(&format!(" AND {column} ${}", values.len()));
        }
    }
    for (column, value) in [("checked_at >=", wanted.from), ("checked_at <", wanted.until)] {
        if let Some(value) = value {
            values.push(value.into());
            sql.push_str(&format!(" AND {column} ${}", values.len()));
        }
    }
    if wanted.forks {
        values.push(true.into());
        sql.push_str(&format!(" AND fork = ${}", values.len()));
    }
    values.push(most.into());
    sql.push_str(&format!(" ORDER BY number DESC LIMIT ${}", values.len()));
    session.rows(&sql, &values, read_receipt)
}
