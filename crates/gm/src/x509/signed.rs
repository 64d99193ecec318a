//! The envelope that certificates and revocation lists share: `SEQUENCE { tbs, algorithm, signature }`.

use std::ops::Range;

use crate::der::{Reader, Tag, Writer};
use crate::sm2::{self, PublicKey, Signature};
use crate::{GmError, SigningKey, oid, sign_message};

/// A parsed envelope: all bytes, where the signed part lies, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) der: Vec<u8>,
    tbs: Range<usize>,
    pub(super) signature: Signature,
}

impl Signed {
    /// Takes an envelope apart and checks the outer algorithm.
    pub(super) fn from_der(item: &'static str, der: &[u8]) -> Result<Self, GmError> {
        let mut outer = Reader::new(der);
        let signed = outer.nested_with(Tag::SEQUENCE, |inner| {
            let start = inner.offset();
            inner.raw_tlv()?;
            let tbs = start..inner.offset();
            read_algorithm(item, inner)?;
            let signature = Signature::from_der(inner.bit_string()?)?;
            Ok(Self { der: der.to_vec(), tbs, signature })
        })?;
        outer.finish()?;
        Ok(signed)
    }

    /// The signed part, exactly as received.
    pub(super) fn tbs(&self) -> &[u8] {
        &self.der[self.tbs.clone()]
    }

    pub(super) fn verifies(&self, signer: &PublicKey) -> bool {
        sm2::verify(signer, self.tbs(), &self.signature)
    }

    /// Signs `tbs` and writes the envelope.
    pub(super) fn sign(tbs: &[u8], key: &dyn SigningKey) -> Result<Vec<u8>, GmError> {
        let signature = sign_message(key, tbs)?;
        let mut writer = Writer::new();
        writer.sequence(|w| {
            w.raw(tbs);
            write_algorithm(w);
            w.bit_string(&signature.to_der());
        });
        writer.finish()
    }
}

/// SM2 with SM3, without parameters (GB/T 33560).
pub(super) fn write_algorithm(writer: &mut Writer) {
    writer.sequence(|w| w.oid(&oid::SM2_WITH_SM3));
}

/// Demands SM2 with SM3. Some issuers add NULL parameters, which mean the same.
pub(super) fn read_algorithm(item: &'static str, reader: &mut Reader<'_>) -> Result<(), GmError> {
    reader.nested_with(Tag::SEQUENCE, |algorithm| {
        let found = algorithm.oid()?;
        if found != oid::SM2_WITH_SM3 {
            return Err(GmError::Algorithm { item, oid: found.to_string() });
        }
        if algorithm.is_next(Tag::NULL) { algorithm.null() } else { Ok(()) }
    })
}
