//! Packs of other provinces as the last to be asked about a certificate that is not in our register.

use std::sync::Arc;

use proof::{Evidence, conclude, examine};

use crate::audit::Actor;
use crate::verify::{About, Asked, Elsewhere, Told, VerifyAnswer};
use crate::{NodeError, Province};

/// The packs that this node holds.
///
/// Where the ministry or the issuer should have answered and did not, that doubt stays (`MINISTRY_UNREACHABLE`) and the pack only
/// tells what was last known: a certificate may have ended since the pack was made. What had ended by then is 无效.
pub struct Packs(pub Arc<Province>);

impl Elsewhere for Packs {
    fn ask(&self, about: &About, _actor: &Actor, now: i64) -> Result<Told, NodeError> {
        let knowledge = self.0.shelf.knowledge();
        let area = about.id.issuer().area().to_string();
        let held = area.get(..2).and_then(|province| knowledge.pack(province)).is_some();
        // A pack is found by the status index, which only a code has; it knows one moment only.
        let (true, None, Asked::Code(text)) = (held, about.as_of, &about.asked) else {
            return Ok(Told::Unknown(None));
        };
        let seconds = now / 1_000_000;
        let judged = conclude(&knowledge, examine(&knowledge, seconds, text), &Evidence::default(), seconds);
        let answer = VerifyAnswer {
            verdict: judged.verdict,
            reasons: judged.reasons,
            identifier: judged.identifier,
            kind: judged.type_code.and_then(|code| {
                let today = ::lifecycle::day_of(now);
                Some(self.0.data.catalogue.kind(&code, today.date())?.slug.clone())
            }),
            kind_name: judged.kind_name,
            status: judged.status,
            causes: Vec::new(),
            state_seq: None,
            valid_from: judged.valid_from,
            valid_to: judged.valid_to,
            face: Vec::new(),
            allows: Vec::new(),
            source: judged.source,
            known_at: judged.known_at,
        };
        Ok(Told::Answer(Box::new(about.taken(answer))))
    }
}
