//! `duty_*`: rules, posts, and who holds them (R18). Rows are added and ended, never overwritten.

use crate::{Row, Session, StoreError, Value, params};

/// A rule as a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleRow {
    /// Row key.
    pub id: String,
    /// Title.
    pub title: String,
    /// Version as the rule's authors number it.
    pub version: String,
    /// First day in force, ISO.
    pub effective_on: String,
    /// Its text; empty where it is a file that is kept elsewhere.
    pub body: String,
    /// Name of that file.
    pub file: String,
    /// SM3 of the text or of the file, hex.
    pub sm3: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
}

/// A post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostRow {
    /// Row key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 省, 市 or 县.
    pub level: String,
    /// Area code, six digits.
    pub area: String,
    /// What it answers for.
    pub what: String,
    /// Where the duty comes from.
    pub basis: String,
    /// The open work item while nobody holds it.
    pub work_id: Option<String>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// When it was given up.
    pub closed_at: Option<i64>,
}

/// Somebody in a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderRow {
    /// Row key.
    pub id: String,
    /// The post.
    pub post_id: String,
    /// Name, sealed for [`HolderRow::place`].
    pub person_sealed: String,
    /// Telephone, sealed for the same place.
    pub phone_sealed: String,
    /// Unit.
    pub unit: String,
    /// First day, ISO.
    pub begins_on: String,
    /// Last day, where it is known.
    pub ends_on: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// Microseconds UTC.
    pub recorded_at: i64,
    /// Who recorded the end.
    pub ended_by: Option<String>,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
}

impl HolderRow {
    /// The place for which name and telephone are encrypted.
    pub fn place(id: &str, what: &str) -> String {
        format!("duty_holder.{what}/{id}")
    }
}

/// A post with who holds it on a day.
pub type PostAndHolder = (PostRow, Option<HolderRow>);

macro_rules! post_columns {
    () => {
        // An item that somebody closed by hand is none: the post still is empty.
        "p.id, p.name, p.level, p.area, p.what, p.basis, (SELECT w.id FROM lifecycle_work w WHERE w.id = p.work_id \
         AND w.state = 'open'), p.created_at, p.closed_at"
    };
}

macro_rules! holder_columns {
    () => {
        "h.id, h.post_id, h.person_sealed, h.phone_sealed, h.unit, h.begins_on, h.ends_on, h.recorded_by, h.recorded_at, \
         h.ended_by, h.ended_at"
    };
}

fn read_post(row: &Row<'_>) -> Result<PostRow, StoreError> {
    Ok(PostRow {
        id: row.get(0)?,
        name: row.get(1)?,
        level: row.get(2)?,
        area: row.get(3)?,
        what: row.get(4)?,
        basis: row.get(5)?,
        work_id: row.get(6)?,
        created_at: row.get(7)?,
        closed_at: row.get(8)?,
    })
}

fn read_holder(row: &Row<'_>, at: usize) -> Result<HolderRow, StoreError> {
    Ok(HolderRow {
        id: row.get(at)?,
        post_id: row.get(at + 1)?,
        person_sealed: row.get(at + 2)?,
        phone_sealed: row.get(at + 3)?,
        unit: row.get(at + 4)?,
        begins_on: row.get(at + 5)?,
        ends_on: row.get(at + 6)?,
        recorded_by: row.get(at + 7)?,
        recorded_at: row.get(at + 8)?,
        ended_by: row.get(at + 9)?,
        ended_at: row.get(at + 10)?,
    })
}

/// The open posts in areas, by area and row key, after (area, key), with who holds each on `day` (ISO). `empty`: only those that
/// nobody holds. `areas`: beginnings of area codes, `*` for all.
///
/// # Errors
/// As [`Session::rows`]; so for all that follow.
pub fn posts(
    session: &mut Session,
    areas: &[String],
    day: &str,
    empty: bool,
    after: (&str, &str),
    most: u32,
) -> Result<Vec<PostAndHolder>, StoreError> {
    let mut sql = format!(
        concat!(
            "SELECT ",
            post_columns!(),
            ", ",
            holder_columns!(),
            " FROM duty_post p LEFT JOIN duty_holder h ON h.post_id = p.id AND h.ended_at IS NULL \
             AND h.begins_on <= $1 AND (h.ends_on IS NULL OR h.ends_on >= $1) \
             WHERE p.closed_at IS NULL AND (p.area, p.id) > ($2, $3){}"
        ),
        if empty { " AND h.id IS NULL" } else { "" }
    );
    let mut values: Vec<Value<'_>> = vec![day.into(), after.0.into(), after.1.into()];
    if !areas.iter().any(|area| area == "*") {
        sql.push_str(" AND ");
        sql.push_str(&super::begins("p.area", areas, values.len() + 1));
        values.extend(areas.iter().map(Value::from));
    }
    values.push(most.into());
    sql.push_str(&format!(" ORDER BY p.area, p.id LIMIT ${}", values.len()));
    session.rows(&sql, &values, |row| {
        let held: Option<String> = row.get(9)?;
        Ok((read_post(row)?, held.map(|_| read_holder(row, 9)).transpose()?))
    })
}

/// One post.
pub fn post(session: &mut Session, id: &str) -> Result<Option<PostRow>, StoreError> {
    let sql = concat!("SELECT ", post_columns!(), " FROM duty_post p WHERE p.id = $1");
    session.row(sql, params![id], read_post)
}

/// One post, held for this transaction.
pub fn lock_post(session: &mut Session, id: &str) -> Result<Option<PostRow>, StoreError> {
    let sql = concat!("SELECT ", post_columns!(), " FROM duty_post p WHERE p.id = $1");
    session.row_for_update(sql, params![id], read_post)
}

/// Is there an open post of this name in the area?
pub fn has_post(session: &mut Session, area: &str, name: &str) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM duty_post WHERE area = $1 AND name = $2 AND closed_at IS NULL LIMIT 1";
    Ok(session.row(sql, params![area, name], |row| row.get::<String>(0))?.is_some())
}

/// A new post.
pub fn insert_post(session: &mut Session, one: &PostRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO duty_post (id, name, level, area, what, basis, work_id, created_at, closed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.name,
            &one.level,
            &one.area,
            &one.what,
            &one.basis,
            one.work_id.as_deref(),
            one.created_at,
            one.closed_at,
        ],
    )?;
    Ok(())
}

/// Names the work item of an empty post, or says that there is none any more.
pub fn set_work(session: &mut Session, id: &str, work: Option<&str>) -> Result<(), StoreError> {
    session.execute("UPDATE duty_post SET work_id = $2 WHERE id = $1", params![id, work])?;
    Ok(())
}

/// Gives a post up.
pub fn close_post(session: &mut Session, id: &str, at: i64) -> Result<(), StoreError> {
    session.execute(
        "UPDATE duty_post SET closed_at = $2, work_id = NULL WHERE id = $1 AND closed_at IS NULL",
        params![id, at],
    )?;
    Ok(())
}

/// Everybody who ever held a post, newest first.
pub fn holders(session: &mut Session, post: &str) -> Result<Vec<HolderRow>, StoreError> {
    let sql = concat!(
        "SELECT ",
        holder_columns!(),
        " FROM duty_holder h WHERE h.post_id = $1 ORDER BY h.begins_on DESC, h.id DESC"
    );
    session.rows(sql, params![post], |row| read_holder(row, 0))
}

/// Somebody takes a post.
pub fn insert_holder(session: &mut Session, one: &HolderRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO duty_holder (id, post_id, person_sealed, phone_sealed, unit, begins_on, ends_on, recorded_by, \
         recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.post_id,
            &one.person_sealed,
            &one.phone_sealed,
            &one.unit,
            &one.begins_on,
            one.ends_on.as_deref(),
            &one.recorded_by,
            one.recorded_at,
        ],
    )?;
    Ok(())
}

/// Ends one term: last day (before its first one where an appointment is taken back), who says so, when. Terms that have ended stay as
/// they are.
pub fn end_holder(
    session: &mut Session,
    id: &str,
    last_day: &str,
    by: &str,
    at: i64,
) -> Result<u64, StoreError> {
    session.execute(
        "UPDATE duty_holder SET ends_on = $2, ended_by = $3, ended_at = $4 WHERE id = $1 AND ended_at IS NULL",
        params![id, last_day, by, at],
    )
}

/// How many open posts nobody holds on a day.
pub fn count_empty(session: &mut Session, day: &str) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM duty_post p WHERE p.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM duty_holder h \
               WHERE h.post_id = p.id AND h.ended_at IS NULL AND h.begins_on <= $1 \
               AND (h.ends_on IS NULL OR h.ends_on >= $1))";
    Ok(session.row(sql, params![day], |row| row.get(0))?.unwrap_or(0))
}

/// All rules, by title, the newest version of each first.
pub fn rules(session: &mut Session) -> Result<Vec<RuleRow>, StoreError> {
    session.rows(
        "SELECT id, title, version, effective_on, body, file, sm3, recorded_by, recorded_at FROM duty_rule \
         ORDER BY title, effective_on DESC, id DESC",
        &[],
        |row| {
            Ok(RuleRow {
                id: row.get(0)?,
                title: row.get(1)?,
                version: row.get(2)?,
                effective_on: row.get(3)?,
                body: row.get(4)?,
                file: row.get(5)?,
                sm3: row.get(6)?,
                recorded_by: row.get(7)?,
                recorded_at: row.get(8)?,
            })
        },
    )
}

/// A new rule or a new version of one; a version that is there already is refused as a duplicate.
pub fn insert_rule(session: &mut Session, one: &RuleRow) -> Result<(), StoreError> {
    session.execute(
        "INSERT INTO duty_rule (id, title, version, effective_on, body, file, sm3, recorded_by, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &one.id,
            &one.title,
            &one.version,
            &one.effective_on,
            &one.body,
            &one.file,
            &one.sm3,
            &one.recorded_by,
            one.recorded_at,
        ],
    )?;
    Ok(())
}
