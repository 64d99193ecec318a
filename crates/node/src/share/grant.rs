//! A company lets a named driver show a vehicle's 运输证 for a period, and takes it back (R27).

use serde::{Deserialize, Serialize};
use store::rows::share::{self, GrantRow};
use store::rows::{certificate, deliver};
use store::{Blind, Session};

use super::admit::admit;
use crate::audit::{self, Act};
use crate::deliver::{HolderSubject, Numbers};
use crate::keys::rfc3339;
use crate::lifecycle::{json, parse};
use crate::verify::{masked, person_number_fault};
use crate::{NodeError, Province};

/// A grant that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// Row key of the vehicle's certificate.
    pub certificate: String,
    /// The driver's name.
    pub driver_name: String,
    /// The driver's document number.
    pub driver_number: String,
    /// First instant, microseconds UTC.
    pub from: i64,
    /// Over at, microseconds UTC; at most 366 days after `from`.
    pub until: i64,
}

/// A grant as the company sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantLine {
    /// Its id.
    pub id: String,
    /// Row key of the certificate.
    pub certificate: String,
    /// Name of the driver.
    pub driver_name: String,
    /// The document number, masked.
    pub driver_number: String,
    /// First instant, microseconds UTC.
    pub from: i64,
    /// Over at, microseconds UTC.
    pub until: i64,
    /// Taken back at.
    pub withdrawn_at: Option<i64>,
    /// Can the driver show the certificate now?
    pub live: bool,
}

/// A grant as the driver sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantedTo {
    /// Its id.
    pub id: String,
    /// Name of the company.
    pub by: String,
    /// Over at, microseconds UTC.
    pub until: i64,
}

/// What stands sealed in a grant.
#[derive(Serialize, Deserialize)]
struct Driver {
    name: String,
    number: String,
}

/// A grant lasts at most so long: 366 days, microseconds.
const LONGEST: i64 = 366 * 86_400 * 1_000_000;
/// Grants of one list at most.
const MOST: u32 = 1_000;

impl Province {
    /// Grants; the id. Audited. The same driver, vehicle and overlapping period again replaces the earlier one.
    ///
    /// # Errors
    /// A certificate that is not this holder's, is no vehicle's or has ended; a blank name or number; a period that is over, empty or too
    /// long.
    pub fn share_grant(
        &self,
        subject: &HolderSubject,
        new: &NewGrant,
        now: i64,
    ) -> Result<String, NodeError> {
        check(new, now)?;
        let driver_numbers = Numbers::of(&self.personal, &new.driver_number.trim().to_uppercase());
        if subject.numbers().any(|number| number == driver_numbers.holder) {
            return Err(NodeError::refused(
                "不能授权给自己",
                "持证主体本人可以直接亮证；请填写驾驶员本人的姓名和证件号码",
            ));
        }
        let admitted = self.store.read(|session| -> Result<_, NodeError> {
            admit(session, subject, &new.certificate, now)?
                .map_err(|why| NodeError::refused(why.what, why.fix))
        })?;
        let Some(held_as) = admitted.held_as.clone() else {
            return Err(NodeError::refused("授权只能由持证主体作出", "请联系持证单位"));
        };
        let one = &admitted.certificate;
        let kind = self.data.catalogue.kind(&one.kind, ::lifecycle::day_of(now).date());
        if kind.is_none_or(|kind| kind.item(PLATE).is_none()) {
            return Err(NodeError::refused("只有车辆的证照可以授权驾驶员出示", "请选择车辆的道路运输证"));
        }
        let id = self.new_id(now);
        let driver =
            Driver { name: new.driver_name.trim().into(), number: new.driver_number.trim().to_uppercase() };
        let row = GrantRow {
            driver: driver_numbers.holder,
            driver_name: self.personal.blind(Blind::HolderName, &driver.name),
            driver_sealed: self.personal.seal(&GrantRow::place(&id), &json(&driver)?),
            certificate_id: one.id.clone(),
            // Given when it is stored.
            number: 0,
            holder: held_as,
            begins_at: new.from,
            ends_at: new.until,
            withdrawn_at: None,
            created_at: now,
            id: id.clone(),
        };
        let mut act = self.share_act("share.grant", subject, Some(&admitted), "granted", now);
        act.detail.insert("grant".into(), id.clone());
        act.detail.insert("driver".into(), row.driver.clone());
        act.detail.insert("until".into(), rfc3339(row.ends_at.div_euclid(1_000_000)));
        let entry = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            let key = (row.certificate_id.as_str(), row.driver.as_str());
            share::withdraw_overlapping(session, key, (row.begins_at, row.ends_at), now)?;
            // Grants of one certificate wait for each other: their numbers stand in codes.
            certificate::lock(session, &row.certificate_id)?;
            let number = share::next_grant(session, &row.certificate_id)?;
            if u16::try_from(number).is_err() {
                return Err(NodeError::refused(
                    "这份证照的授权次数过多",
                    "请收回不用的授权，并联系发证机关换发证照",
                ));
            }
            share::insert_grant(session, &GrantRow { number, ..row.clone() })?;
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// Takes a grant back; at once. Audited. Taking back twice is once.
    ///
    /// # Errors
    /// No such grant of this holder.
    pub fn share_withdraw(&self, subject: &HolderSubject, grant: &str, now: i64) -> Result<(), NodeError> {
        let (subject, grant) = (subject.clone(), grant.to_owned());
        let mut act = self.share_act("share.withdraw", &subject, None, "withdrawn", now);
        act.detail.insert("grant".into(), grant.clone());
        let entry = self.new_id(now);
        self.store.write(move |session| {
            let row = share::grant(session, &grant)?;
            let Some(row) = row.filter(|row| subject.numbers().any(|number| number == row.holder)) else {
                return Err(NodeError::refused("没有这项授权", "请返回授权列表重新选择"));
            };
            if !share::withdraw(session, &grant, now)? {
                return Ok(());
            }
            let act = Act { object: Some(row.certificate_id), ..act.clone() };
            Ok(audit::append(session, entry.clone(), &[act])?)
        })
    }

    /// The grants of a holder's certificates, or of one of them; newest first.
    ///
    /// # Errors
    /// A database that cannot be read; a value that cannot be opened.
    pub fn share_grants(
        &self,
        subject: &HolderSubject,
        certificate: Option<&str>,
        now: i64,
    ) -> Result<Vec<GrantLine>, NodeError> {
        self.store.read(|session| {
            let mut lines = Vec::new();
            for number in subject.numbers() {
                for row in share::grants_of(session, number, MOST)? {
                    if certificate.is_none_or(|id| id == row.certificate_id) {
                        lines.push(self.grant_line(session, row, now)?);
                    }
                }
            }
            Ok(lines)
        })
    }

    fn grant_line(&self, session: &mut Session, row: GrantRow, now: i64) -> Result<GrantLine, NodeError> {
        let driver: Driver =
            parse(&self.personal.open(&GrantRow::place(&row.id), &row.driver_sealed)?, "授权")?;
        let live = is_live(session, &row, now)?;
        Ok(GrantLine {
            live,
            driver_name: driver.name,
            driver_number: masked("document", &driver.number),
            id: row.id,
            certificate: row.certificate_id,
            from: row.begins_at,
            until: row.ends_at,
            withdrawn_at: row.withdrawn_at,
        })
    }
}

/// The item that a vehicle's certificate has.
const PLATE: &str = "KZ_CLHP";

fn check(new: &NewGrant, now: i64) -> Result<(), NodeError> {
    if new.driver_name.trim().is_empty() || new.driver_number.trim().is_empty() {
        return Err(NodeError::refused("没有写明驾驶员", "请填写驾驶员的姓名和证件号码"));
    }
    let name = new.driver_name.trim();
    let letters = |ch: char| ch.is_alphabetic() || matches!(ch, '·' | '•' | '．' | '.' | ' ' | '-' | '\'');
    if name.chars().count() < 2 || !name.chars().all(letters) || name.contains("公司") {
        return Err(NodeError::refused(
            format!("驾驶员姓名“{name}”不合规"),
            "请填写驾驶员证件上的姓名，不含数字和其他符号；只能授权给个人",
        ));
    }
    let number = new.driver_number.trim().to_uppercase();
    let today = ::lifecycle::day_of(now).date();
    if let Some(why) = person_number_fault(&number, today) {
        return Err(NodeError::refused(
            format!("驾驶员证件号码不合规：{why}"),
            "请按驾驶员的身份证件核对后重填",
        ));
    }
    if new.until <= now || new.until <= new.from || new.until - new.from > LONGEST {
        return Err(NodeError::refused("授权期限不合规", "截止时间应晚于现在和起始时间，最长 366 天"));
    }
    Ok(())
}

/// Can the certificate be shown by this grant now? Not when the grant is over or taken back, when the certificate has ended, or when
/// whoever granted holds it no more.
pub(super) fn is_live(session: &mut Session, row: &GrantRow, now: i64) -> Result<bool, NodeError> {
    if row.withdrawn_at.is_some() || now < row.begins_at || row.ends_at <= now {
        return Ok(false);
    }
    let stands = certificate::by_id(session, &row.certificate_id)?
        .is_some_and(|one| one.base == ::lifecycle::Base::Normal.name());
    Ok(stands && deliver::is_holder(session, &row.certificate_id, &row.holder)?)
}

/// Is a shown code by the grant of this number no proof any more? `as_of`: at that instant instead of now.
pub(crate) fn is_withdrawn(
    session: &mut Session,
    certificate: &str,
    number: u16,
    (as_of, now): (Option<i64>, i64),
) -> Result<bool, NodeError> {
    let Some(row) = share::grant_numbered(session, certificate, i64::from(number))? else { return Ok(true) };
    match as_of {
        None if is_live(session, &row, now)? => Ok(false),
        // A later grant to the same driver took its place: what that phone has signed ahead goes on.
        None => {
            for other in share::grants_to(session, &row.driver, now, MOST)? {
                let same = other.certificate_id == row.certificate_id && other.driver_name == row.driver_name;
                if same && is_live(session, &other, now)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Some(at) => {
            Ok(row.withdrawn_at.is_some_and(|back| back <= at) || at < row.begins_at || row.ends_at <= at)
        }
    }
}

/// The certificates that somebody may show for others now, each with its grant.
pub(crate) fn granted_to(
    province: &Province,
    session: &mut Session,
    subject: &HolderSubject,
    now: i64,
) -> Result<Vec<(String, GrantedTo)>, NodeError> {
    let mut found: Vec<(String, GrantedTo)> = Vec::new();
    for row in share::grants_to(session, &subject.holder, now, MOST)? {
        let listed = found.iter().any(|(id, _)| *id == row.certificate_id);
        if listed || row.driver_name != subject.name_blind || !is_live(session, &row, now)? {
            continue;
        }
        let by = match certificate::record(session, &row.certificate_id)? {
            Some((sealed, _)) => {
                let place = certificate::record_place(&row.certificate_id);
                let record: model::Record = parse(&province.personal.open(&place, &sealed)?, "照面记录")?;
                record.face.text("CZZT").unwrap_or_default().to_owned()
            }
            None => String::new(),
        };
        found.push((row.certificate_id, GrantedTo { id: row.id, by, until: row.ends_at }));
    }
    Ok(found)
}
