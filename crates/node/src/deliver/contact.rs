//! The phone on record: from business events, or changed at the window with proof (R27). One a holder; the newer knowledge counts.

use store::Session;
use store::rows::deliver::{self, ContactRow, MessageRow};

use super::HolderSubject;
use super::holder::{Numbers, is_on_record_within, subject_of};
use crate::audit::{self, Act, Actor};
use crate::certificate::Within;
use crate::client::check_operator;
use crate::verify::masked;
use crate::{NodeError, Province};

/// A phone changed at the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactChange {
    /// Name as on the document shown.
    pub name: String,
    /// Document number or USCC.
    pub number: String,
    /// The new phone: a mobile number, for it gets the codes.
    pub phone: String,
    /// What was shown as proof (`本人持身份证原件到场，人脸比对一致`); stored encrypted.
    pub proof: String,
}

impl Province {
    /// Changes the phone of a holder at the window: operator named, proof described, audited. The old phone is told.
    ///
    /// # Errors
    /// No operator, no proof, a malformed phone, a holder (name and number) of whom no certificate of these areas and
    /// kinds is on record.
    pub fn contact_change(
        &self,
        change: &ContactChange,
        (within, operator): (&Within, &Actor),
        now: i64,
    ) -> Result<(), NodeError> {
        check_operator(operator)?;
        check_proof(&change.proof)?;
        let phone = mobile(&change.phone)
            .ok_or_else(|| NodeError::refused("手机号码不合规", "请填写能接收短信的 11 位手机号码"))?;
        let subject = subject_of(&self.personal, (&change.name, &change.number), "window", now);
        let mut act = Act {
            act: "deliver.contact".into(),
            at: now,
            actor: operator.clone(),
            outcome: "changed".into(),
            ..Act::default()
        };
        act.detail.insert("holder".into(), subject.holder.clone());
        act.detail.insert("phone".into(), masked("phone", &phone));
        let (entry, message) = (self.new_id(now), self.new_id(now));
        let proof = self.personal.seal(&ContactRow::proof_place(&subject.holder), change.proof.trim());
        let sealed = self.personal.seal(&ContactRow::phone_place(&subject.holder), &phone);
        let within = within.clone();
        self.store.write(move |session| {
            // Whoever has no certificate here is not said to have one elsewhere.
            if !is_on_record_within(session, &subject, &within)? {
                return Err(NodeError::refused(
                    "姓名（单位名称）和证件号码与本窗口登记的证照不符",
                    "请按证照上的持证主体核对后再办理；证照都在其他地区的，请到当地窗口办理",
                ));
            }
            let row = ContactRow {
                holder: subject.holder.clone(),
                phone_sealed: sealed.clone(),
                proof_sealed: Some(proof.clone()),
                source: "window".into(),
                as_of: now,
                updated_at: now,
            };
            put(session, row, message.clone(), now)?;
            Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// The phone on record of a signed-in holder, masked (`138****1234`); `None` without one.
    ///
    /// # Errors
    /// A database that cannot be read; a value that cannot be opened.
    pub fn contact_masked(&self, subject: &HolderSubject) -> Result<Option<String>, NodeError> {
        let row = self.store.read(|session| deliver::contact(session, &subject.holder))?;
        let Some(row) = row else { return Ok(None) };
        let phone = self.personal.open(&ContactRow::phone_place(&row.holder), &row.phone_sealed)?;
        Ok(Some(format!("{}****{}", &phone[..3], &phone[7..])))
    }
}

/// The phone that an event brings, in the event's transaction. An older one than is known changes nothing.
pub(crate) fn heard(
    session: &mut Session,
    province: &Province,
    record: &model::Record,
    (source, phone): (&str, &str),
    (as_of, now): (i64, i64),
) -> Result<(), NodeError> {
    let (Some(number), Some(phone)) = (record.face.text("CZZTDM"), mobile(phone)) else { return Ok(()) };
    let holder = Numbers::of(&province.personal, number).holder;
    let row = ContactRow {
        phone_sealed: province.personal.seal(&ContactRow::phone_place(&holder), &phone),
        proof_sealed: None,
        source: source.to_owned(),
        // A sender's clock that is ahead must not keep later changes out.
        as_of: as_of.min(now),
        updated_at: now,
        holder,
    };
    put(session, row, province.new_id(now), now)
}

/// Sets a phone; what waited for it goes, and the old phone hears of the change.
fn put(session: &mut Session, row: ContactRow, message: String, now: i64) -> Result<(), NodeError> {
    let old = deliver::contact(session, &row.holder)?;
    if !deliver::put_contact(session, &row)? {
        return Ok(());
    }
    deliver::wake(session, &row.holder, now)?;
    // Equal values in one place are equal when sealed.
    if let Some(old) = old.filter(|old| old.phone_sealed != row.phone_sealed) {
        let told = MessageRow {
            id: message,
            holder: row.holder.clone(),
            what: "contact".into(),
            phone_sealed: Some(old.phone_sealed),
            state: "pending".into(),
            run_at: now,
            created_at: now,
            ..MessageRow::default()
        };
        deliver::insert_message(session, &told)?;
    }
    Ok(())
}

/// A mobile number in its eleven digits; separators and the country's code are left out.
pub(crate) fn mobile(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|ch| !ch.is_whitespace() && *ch != '-').collect();
    let digits = plain.strip_prefix("+86").unwrap_or(&plain);
    let fits = digits.len() == 11
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.starts_with('1')
        && digits.as_bytes()[1] >= b'3';
    fits.then(|| digits.to_owned())
}

/// Whoever acts for a holder says how they know who it is.
pub(crate) fn check_proof(proof: &str) -> Result<(), NodeError> {
    match proof.trim().chars().count() {
        4..=500 => Ok(()),
        _ => Err(NodeError::refused("没有写明核对身份的依据", "请写明所出示的证件和核对方式（4 至 500 字）")),
    }
}

#[cfg(test)]
mod tests {
    use super::mobile;

    #[test]
    fn a_mobile_number_is_eleven_digits() {
        assert_eq!(mobile("+86 139-9901-0001").as_deref(), Some("13999010001"));
        for wrong in ["", "12999010001", "1399901000", "0991-12345678", "１３９９９０１０００１"] {
            assert_eq!(mobile(wrong), None, "{wrong}");
        }
    }
}
