//! A question handed from node to node: the message, and the issuing province's answer to it.

use serde::{Deserialize, Serialize};

use super::elsewhere::{Asked, Beginning};
use super::online::Question;
use super::{Sight, VerifyAnswer};
use crate::audit::{Act, Actor};
use crate::{NodeError, Province};

/// Where questions of other nodes are posted.
pub const FORWARD: &str = "/api/v1/verify/forward";

/// A question on its way to the issuing province. The person behind it travels in the signed headers of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// What is asked.
    pub asked: Asked,
    /// Recorded time that the answer is about, microseconds UTC; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// Where the question began.
    pub began: Beginning,
}

/// The answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForwardAnswer {
    /// One a certificate found; at least one.
    pub answers: Vec<VerifyAnswer>,
}

impl Forwarded {
    /// As our own register takes it.
    pub fn question(&self) -> Question {
        match &self.asked {
            Asked::Identifier(text) => Question::Identifier(text.clone()),
            Asked::Code(text) => Question::Code(text.clone()),
        }
    }

    /// Masked, whoever asks: only masked faces leave a province.
    pub fn sight(&self) -> Sight {
        Sight { unmasked: false, as_of: self.as_of }
    }
}

impl Province {
    /// The register's answer to another node, with the act for the audit log.
    ///
    /// # Errors
    /// As [`Province::verify`].
    pub fn answer_forwarded(
        &self,
        forwarded: &Forwarded,
        actor: &Actor,
        now: i64,
    ) -> Result<(Vec<VerifyAnswer>, Act), NodeError> {
        let (mut answers, mut act) = self.verify(&forwarded.question(), forwarded.sight(), actor, now)?;
        for one in &mut answers {
            // "本省" would be the reader's province there.
            one.source = format!("发证省份登记（{}）", self.id);
        }
        let Beginning { node, client } = &forwarded.began;
        act.detail.insert("began".into(), format!("{node}/{client}"));
        Ok((answers, act))
    }
}
