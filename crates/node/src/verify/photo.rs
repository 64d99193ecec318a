//! The photo on a face, for an officer to compare with the person.

use store::rows::certificate;

use crate::audit::{Act, Actor, append};
use crate::{NodeError, Province};

impl Province {
    /// The photo that the certificate of an identifier (any version) stands on now, as it came (JPEG); `None` without one. Its audit
    /// row is durable when this returns.
    ///
    /// # Errors
    /// A database that cannot be read or written; a file store that is not open in this process.
    pub fn verify_photo(
        &self,
        identifier: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<Option<Vec<u8>>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(one) = certificate::by_identifier(session, identifier)? else { return Ok(None) };
            let photo = certificate::record(session, &one.id)?.and_then(|(_, photo)| photo);
            Ok(photo.map(|photo| (one.id, one.area, photo)))
        })?;
        let Some((id, area, photo)) = found else { return Ok(None) };
        let act = Act {
            act: "verify.photo".into(),
            at: now,
            actor: actor.clone(),
            object: Some(id),
            area: Some(area),
            outcome: "shown".into(),
            ..Act::default()
        };
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        let damaged = || NodeError::refused("照片的存放位置不合规", "请运行 luzheng doctor");
        let (digest, place) = photo.split_once('@').ok_or_else(damaged)?;
        let mut sm3 = [0; 32];
        for (byte, pair) in sm3.iter_mut().zip(digest.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| damaged())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| damaged())?;
        }
        let place = place.parse().map_err(|_| damaged())?;
        Ok(Some(self.objects.get(&place, &sm3)?))
    }
}
