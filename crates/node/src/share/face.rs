//! The face of a certificate, for whoever may show it.

use store::rows::issue;

use super::admit::look;
use crate::deliver::HolderSubject;
use crate::issue::journal::parse_hex;
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
        let (admitted, files) = self.store.read(|session| -> Result<_, NodeError> {
            let admitted = look(session, subject, certificate, now)?
                .ok_or_else(|| NodeError::refused("您名下没有这件证照", "请返回证照列表重新选择"))?;
            let identifier = admitted.certificate.identifier.clone().unwrap_or_default();
            let files = issue::files(session, &identifier)?;
            Ok((admitted, files))
        })?;
        let damaged = |name: &str| {
            NodeError::refused(format!("证照文件“{name}”的存放位置不合规"), "请运行 luzheng doctor")
        };
        let mut parts = Vec::with_capacity(files.len());
        for file in files {
            let place = file.place.parse().map_err(|_| damaged(&file.name))?;
            let sm3 = parse_hex(&file.sm3).ok_or_else(|| damaged(&file.name))?;
            parts.push(FacePart { file: self.objects.get(&place, &sm3)?, name: file.name });
        }
        self.note_share("share.face", subject, Some(&admitted), "shown", now)?;
        Ok(parts)
    }
}
