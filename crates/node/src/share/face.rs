//! The face of a certificate, for whoever may show it.

use crate::deliver::HolderSubject;
use crate::{NodeError, Province};

/// One sealed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacePart {
    /// `正本`, `副本`.
    pub name: String,
    /// The sealed OFD file. [`crate::show`] makes pictures of its pages.
    pub file: Vec<u8>,
}

impl Province {
    /// The sealed files of a certificate's newest version, for its holder or a driver with a grant. Audited.
    ///
    /// # Errors
    /// A certificate that this subject may not show; a file store that is not open in this process.
    pub fn share_face(
        &self,
        subject: &HolderSubject,
        certificate: &str,
        now: i64,
    ) -> Result<Vec<FacePart>, NodeError> {
        let _ = (subject, certificate, now);
        Err(NodeError::refused("尚未接通", "请稍候"))
    }
}
