//! Certificates that are not in our register: who else may know them, and what their word becomes here (`docs/api.md`, "Forwarding").

use std::sync::Arc;

use codes::CertificateId;
use model::{Reason, Verdict};
use proof::SignedCode;
use serde::{Deserialize, Serialize};

use super::online::Question;
use super::{Sight, VerifyAnswer};
use crate::audit::{Act, Actor};
use crate::{NodeError, Province};

/// Doubts of our own register that an answer of somebody who does know takes the place of.
const REPLACED: [&str; 3] = ["NOT_OURS", "PACK_MISSING", "CODE_KEY_UNKNOWN"];

/// What is asked of another node. Plates and document numbers never travel: only the issuer's register could answer them,
/// and they do not name the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// A 证照标识.
    Identifier(String),
    /// The whole text of a scanned code: only its issuer knows replaced sheets, codes shown before and its own keys.
    Code(String),
}

/// Where a question began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// The node whose client asks.
    pub node: String,
    /// That client.
    pub client: String,
}

/// A question that our own register could not answer.
#[derive(Clone, Debug)]
pub struct About {
    /// The certificate, as the question names it.
    pub id: CertificateId,
    /// What was asked.
    pub asked: Asked,
    /// Recorded time that the answer is about, microseconds UTC.
    pub as_of: Option<i64>,
    /// Who asked first.
    pub began: Beginning,
    /// The node that handed us the question; it is never handed back.
    pub not: Option<String>,
    /// What was found wrong or unknown so far, those who were asked before included.
    pub doubts: Vec<Reason>,
}

/// What somebody else says.
pub enum Told {
    /// Their answer, complete: `doubts` that still stand are in it ([`About::taken`] sees to that).
    Answer(Box<VerifyAnswer>),
    /// They cannot tell, and why, where that helps the reader; the next one is asked.
    Unknown(Option<Reason>),
}

/// Somebody else who may know a certificate: the ministry, the issuing province, what was collected, a pack. They are asked in
/// the order in which the node lists them, each only when those before could not tell.
pub trait Elsewhere: Send + Sync {
    /// Asks. Blocks for as long as the way there takes; never holds a connection of ours to the rows meanwhile.
    ///
    /// # Errors
    /// Our own rows cannot be read.
    fn ask(&self, about: &About, actor: &Actor, now: i64) -> Result<Told, NodeError>;
}

/// Those who may know, in their order.
pub type Chain = Arc<[Arc<dyn Elsewhere>]>;

/// How a forwarded question came to us.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The node that handed it over.
    pub by: String,
    /// Where it began.
    pub began: Beginning,
}

impl About {
    /// An answer from elsewhere as it is told here: our own doubts that it does not settle stay and weigh.
    pub fn taken(&self, mut theirs: VerifyAnswer) -> VerifyAnswer {
        let mut reasons: Vec<Reason> =
            self.doubts.iter().filter(|one| !REPLACED.contains(&one.code.as_str())).cloned().collect();
        // Weights do not travel. A code that we do not know yet counts through their verdict.
        let own = Verdict::from_reasons(&reasons);
        for mut reason in std::mem::take(&mut theirs.reasons) {
            reason.weight = Reason::new(&reason.code, "").weight;
            if reasons.iter().all(|known| known.code != reason.code || known.text != reason.text) {
                reasons.push(reason);
            }
        }
        theirs.verdict = theirs.verdict.max(own);
        theirs.reasons = reasons;
        theirs
    }
}

impl Province {
    /// Asks elsewhere when the register here does not have the certificate and its issuer is not ours; at the ministry no issuer
    /// is. Changes the one answer and the audit row to what was learned. Nothing is kept of it: the next check asks again, so
    /// that no answer is older than the question.
    ///
    /// # Errors
    /// Our own rows cannot be read.
    pub fn elsewhere(
        &self,
        chain: &Chain,
        question: &Question,
        (sight, handed): (Sight, Option<Handed>),
        (answers, act): (&mut [VerifyAnswer], &mut Act),
        now: i64,
    ) -> Result<(), NodeError> {
        let [answer] = answers else { return Ok(()) };
        let Some((id, asked)) = self.abroad(question, answer, now) else { return Ok(()) };
        let actor = act.actor.clone();
        let (not, began) = match handed {
            Some(handed) => (Some(handed.by), handed.began),
            None => (None, Beginning { node: self.id.clone(), client: actor.client.clone() }),
        };
        let doubts = answer.reasons.clone();
        let known = doubts.len();
        let mut about = About { id, asked, as_of: sight.as_of, began, not, doubts };
        let mut was_told = false;
        for one in chain.iter() {
            match one.ask(&about, &actor, now)? {
                Told::Answer(told) => {
                    act.object.clone_from(&told.identifier);
                    act.detail.insert("source".into(), told.source.clone());
                    *answer = *told;
                    was_told = true;
                    break;
                }
                Told::Unknown(reason) => about.doubts.extend(reason),
            }
        }
        if !was_told && about.doubts.len() > known {
            // Nobody could tell: the reader learns why, in place of the advice to ask.
            about.doubts.retain(|one| one.code != "NOT_OURS");
            answer.verdict = Verdict::from_reasons(&about.doubts);
            answer.reasons = about.doubts;
        }
        answer.verdict.text().clone_into(&mut act.outcome);
        Ok(())
    }

    /// The certificate and what to ask about it, where the question is one for somebody else.
    fn abroad(&self, question: &Question, answer: &VerifyAnswer, now: i64) -> Option<(CertificateId, Asked)> {
        // Found here, or proven false here: nothing is left to ask.
        if answer.identifier.is_some() || answer.verdict == Verdict::Invalid {
            return None;
        }
        let (id, asked) = match question {
            Question::Identifier(text) => {
                let id = CertificateId::parse(text).ok()?;
                let asked = Asked::Identifier(id.to_string());
                (id, asked)
            }
            Question::Code(text) => {
                (SignedCode::decode(text).ok()?.code.identifier, Asked::Code(text.clone()))
            }
            Question::File(bytes) => {
                let named = self.verifier.verify(bytes, now / 1_000_000).facts.identifier;
                let id = CertificateId::parse(&named).ok()?;
                let asked = Asked::Identifier(id.to_string());
                (id, asked)
            }
            Question::Plate(..) | Question::Holder(_) => return None,
        };
        let ours = !self.area.is_empty() && id.issuer().area().to_string().starts_with(&self.area);
        (!ours).then_some((id, asked))
    }
}
