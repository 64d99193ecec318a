//! The sealed files of a certificate, of any version, for an office.

use model::{Reason, Verdict};
use store::rows::{certificate, issue};

use super::Within;
use crate::audit::Actor;
use crate::issue::journal::parse_hex;
use crate::{NodeError, Province};

/// A sealed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFile {
    /// `正本`, `副本`.
    pub part: String,
    /// 证照标识 of its version.
    pub identifier: String,
    /// The OFD file.
    pub bytes: Vec<u8>,
}

/// What the seal of a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct FileCheck {
    /// `正本`, `副本`.
    pub part: String,
    /// The word.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Province {
    /// A file of a version of a certificate, by place among its parts; `None` outside of what the caller may see, and where there is none.
    /// `taken` says that it leaves the system (a download) rather than being drawn on a page. Both are audited: a face is name, number and
    /// photo.
    ///
    /// # Errors
    /// A database that cannot be read or written; a file store that cannot give the file.
    pub fn certificate_file(
        &self,
        (id, version, part): (&str, i64, usize),
        taken: bool,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<CertificateFile>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(identifier) = identifier(session, id, version, within)? else { return Ok(None) };
            let file = issue::files(session, &identifier.0)?.into_iter().nth(part);
            Ok(file.map(|file| (identifier, file)))
        })?;
        let Some(((identifier, area), file)) = found else { return Ok(None) };
        let bytes = self.stored(&file)?;
        let act = if taken { "certificate.export" } else { "certificate.face" };
        let detail = [("identifier", identifier.as_str()), ("part", &file.name), ("sm3", &file.sm3)];
        self.note_certificate(act, (id.to_owned(), area), &detail, actor, now)?;
        Ok(Some(CertificateFile { part: file.name, identifier, bytes }))
    }

    /// Checks the seals of a version's files against today's trust data.
    ///
    /// # Errors
    /// As [`Province::certificate_file`].
    pub fn certificate_check(
        &self,
        (id, version): (&str, i64),
        within: &Within,
        now: i64,
    ) -> Result<Option<Vec<FileCheck>>, NodeError> {
        let files = self.store.read(|session| -> Result<_, NodeError> {
            match identifier(session, id, version, within)? {
                Some((identifier, _)) => Ok(Some(issue::files(session, &identifier)?)),
                None => Ok(None),
            }
        })?;
        let Some(files) = files else { return Ok(None) };
        let mut out = Vec::with_capacity(files.len());
        for file in files {
            let judged = self.verifier.verify(&self.stored(&file)?, now / 1_000_000);
            out.push(FileCheck { part: file.name, verdict: judged.verdict, reasons: judged.reasons });
        }
        Ok(Some(out))
    }

    fn stored(&self, file: &issue::FileRow) -> Result<Vec<u8>, NodeError> {
        let damaged = || {
            let what = format!("证照文件“{}”的存放位置不合规", file.name);
            NodeError::refused(what, "请运行 luzheng doctor")
        };
        let place = file.place.parse().map_err(|_| damaged())?;
        let sm3 = parse_hex(&file.sm3).ok_or_else(damaged)?;
        Ok(self.objects.get(&place, &sm3)?)
    }
}

/// Identifier of a version and area of its certificate.
fn identifier(
    session: &mut store::Session,
    id: &str,
    version: i64,
    within: &Within,
) -> Result<Option<(String, String)>, NodeError> {
    let found = certificate::by_id(session, id)?;
    let Some(one) = found.filter(|one| within.has(&one.area, &one.kind)) else { return Ok(None) };
    let all = store::rows::version::of(session, id)?;
    let wanted = all.into_iter().find(|row| row.version == version);
    Ok(wanted.map(|row| (row.identifier, one.area)))
}
