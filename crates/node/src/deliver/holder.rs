//! 持证主体: who is signed in, as a web session may keep it.

use codes::{Uscc, fifteen_to_eighteen};
use serde::{Deserialize, Serialize};
use store::rows::deliver;
use store::{Blind, PersonalKeys, Session};
use zeroize::Zeroizing;

use crate::audit::Actor;
use crate::certificate::Within;
use crate::{NodeError, Province};

/// A natural person or an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HolderKind {
    /// 自然人.
    Person,
    /// 法人或其他组织, known by its USCC.
    Company,
}

/// A holder who has signed in. No personal data in clear: a web session stores it as it is (JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderSubject {
    /// Person or company.
    pub kind: HolderKind,
    /// Blind index of the document number or USCC: the key of this holder.
    pub holder: String,
    /// Blind indexes of other forms of the same number (15 digits of an 18-digit resident number).
    pub others: Vec<String>,
    /// Blind index of the name.
    pub name_blind: String,
    /// The name, encrypted; [`Province::holder_name`] opens it for the page.
    pub name_sealed: String,
    /// `code`, or the name of the sign-in provider.
    pub via: String,
    /// Signed in at, microseconds UTC.
    pub at: i64,
}

impl HolderSubject {
    /// All blind indexes of the number.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.holder.as_str()).chain(self.others.iter().map(String::as_str))
    }

    /// The holder as the audit log names an actor: by blind index, never by name.
    pub fn actor(&self) -> Actor {
        Actor { client: "holder".into(), operator: Some(self.holder.clone()), ..Actor::default() }
    }
}

impl Province {
    /// The name of a holder who is signed in, for the page.
    ///
    /// # Errors
    /// A value that this node's keys do not open.
    pub fn holder_name(&self, subject: &HolderSubject) -> Result<Zeroizing<String>, NodeError> {
        Ok(self.personal.open(&name_place(&subject.holder), &subject.name_sealed)?)
    }
}

/// A document number as its holder is looked for: the key, and the blind indexes of its other forms.
pub(crate) struct Numbers {
    pub kind: HolderKind,
    /// Blind index of the present form.
    pub holder: String,
    /// Of the other forms.
    pub others: Vec<String>,
}

impl Numbers {
    /// Reads a number as it is typed or stands on a face. Any text is taken: nobody learns here whether there is such a number.
    pub fn of(personal: &PersonalKeys, text: &str) -> Self {
        let text = text.trim().to_uppercase();
        let present = fifteen_to_eighteen(&text).unwrap_or_else(|_| text.clone());
        // A resident number of somebody born in the 20th century may stand on an old record with 15 digits.
        let old = (present.len() == 18 && present.is_ascii() && &present[6..8] == "19")
            .then(|| format!("{}{}", &present[..6], &present[8..17]))
            .filter(|old| fifteen_to_eighteen(old).is_ok_and(|again| again == present));
        let blind = |number: &str| personal.blind(Blind::HolderNumber, number);
        Self {
            kind: if Uscc::parse(&text).is_ok() { HolderKind::Company } else { HolderKind::Person },
            holder: blind(&present),
            others: old.iter().map(|old| blind(old)).collect(),
        }
    }
}

/// The subject of somebody with this name and number.
pub(super) fn subject_of(
    personal: &PersonalKeys,
    (name, number): (&str, &str),
    via: &str,
    at: i64,
) -> HolderSubject {
    let Numbers { kind, holder, others } = Numbers::of(personal, number);
    HolderSubject {
        kind,
        name_blind: personal.blind(Blind::HolderName, name),
        name_sealed: personal.seal(&name_place(&holder), name.trim()),
        holder,
        others,
        via: via.to_owned(),
        at,
    }
}

/// Does some certificate on record name this holder by number and name?
pub(super) fn is_on_record(session: &mut Session, subject: &HolderSubject) -> Result<bool, NodeError> {
    for number in subject.numbers() {
        if deliver::is_held(session, number, &subject.name_blind)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same within areas and kinds: what a window may act on.
pub(super) fn is_on_record_within(
    session: &mut Session,
    subject: &HolderSubject,
    within: &Within,
) -> Result<bool, NodeError> {
    for number in subject.numbers() {
        if deliver::is_held_within(session, number, &subject.name_blind, within)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The form of the subject's number under which this certificate is the subject's own.
pub(crate) fn held_as(
    session: &mut Session,
    subject: &HolderSubject,
    certificate: &str,
) -> Result<Option<String>, NodeError> {
    for number in subject.numbers() {
        if deliver::is_holder(session, certificate, number)? {
            return Ok(Some(number.to_owned()));
        }
    }
    Ok(None)
}

/// The place for which the name of a signed-in holder is encrypted.
pub(super) fn name_place(holder: &str) -> String {
    format!("deliver_session.name/{holder}")
}
