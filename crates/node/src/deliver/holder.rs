//! 持证主体: who is signed in, as a web session may keep it.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audit::Actor;
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

/// The place for which the name of a signed-in holder is encrypted.
pub(super) fn name_place(holder: &str) -> String {
    format!("deliver_session.name/{holder}")
}
