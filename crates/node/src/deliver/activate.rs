//! 激活: by the holder, or by a clerk at the window for people without a smartphone (R27).

use ::lifecycle::Message;
use serde::Serialize;
use store::rows::certificate::{self, Certificate};
use store::rows::deliver::{self, ActivationRow};
use store::{Blind, PersonalKeys, Session};

use super::HolderSubject;
use super::contact::check_proof;
use super::holder::{Numbers, held_as};
use crate::audit::{self, Act, Actor};
use crate::client::check_operator;
use crate::lifecycle::parse;
use crate::{NodeError, Province, overview};

/// What came of one activation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Activated {
    /// Row key of the certificate; as it was asked for where there is none.
    pub certificate: String,
    /// Activated since, microseconds UTC; `None` where it was refused.
    pub at: Option<i64>,
    /// It was activated before.
    pub already: bool,
    /// Why not, with the fix.
    pub why: Option<Message>,
}

/// A clerk's activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowActivation {
    /// Row key or 证照标识.
    pub certificate: String,
    /// How the holder's identity was checked (`核对身份证原件，本人到场`).
    pub proof: String,
}

/// Certificates of one call at most.
const MOST: usize = 1_000;

impl Province {
    /// The holder activates certificates (row keys or 证照标识), at most 1,000. Durable when it returns.
    ///
    /// # Errors
    /// Too many; a database that cannot be written. A certificate that is not the holder's, has ended or is not converted is refused in
    /// its answer.
    pub fn deliver_activate(
        &self,
        subject: &HolderSubject,
        certificates: &[String],
        now: i64,
    ) -> Result<Vec<Activated>, NodeError> {
        if certificates.len() > MOST {
            return Err(NodeError::refused(format!("一次最多激活 {MOST} 件"), "请分批激活"));
        }
        let (subject, wanted) = (subject.clone(), certificates.to_vec());
        let entry = self.new_id(now);
        self.store.write(move |session| {
            let (mut done, mut acts) = (Vec::with_capacity(wanted.len()), Vec::new());
            for key in &wanted {
                // As if it did not exist: nobody learns what others hold.
                let one = match find(session, key)? {
                    Some(one) if held_as(session, &subject, &one.id)?.is_some() => one,
                    _ => {
                        done.push(refused(key, not_yours()));
                        continue;
                    }
                };
                let by = ActivationRow {
                    certificate_id: one.id.clone(),
                    holder: subject.holder.clone(),
                    name: subject.name_blind.clone(),
                    activated_at: now,
                    channel: "web".into(),
                    recorded_at: now,
                };
                let activated = activate(session, &one, &by, true)?;
                acts.push(act("deliver.activate", &one, &activated, &by, &subject.actor()));
                done.push(activated);
            }
            audit::append(session, entry.clone(), &acts)?;
            Ok(done)
        })
    }

    /// A clerk (经办) activates for the holder. Operator named, proof described, audited.
    ///
    /// # Errors
    /// No operator or proof; a database that cannot be written.
    pub fn deliver_activate_at_window(
        &self,
        one: &WindowActivation,
        operator: &Actor,
        now: i64,
    ) -> Result<Activated, NodeError> {
        check_operator(operator)?;
        check_proof(&one.proof)?;
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(found) = find(session, &one.certificate)? else { return Ok(None) };
            let (holder, name) = holder_of(session, &self.personal, &found.id)?;
            Ok(Some((found, holder, name)))
        })?;
        let Some((found, holder, name)) = found else {
            return Ok(refused(&one.certificate, not_found()));
        };
        let by = ActivationRow {
            certificate_id: found.id.clone(),
            holder,
            name,
            activated_at: now,
            channel: "window".into(),
            recorded_at: now,
        };
        let (operator, entry) = (operator.clone(), self.new_id(now));
        // What was shown is personal; that something was is not.
        let proof = self.personal.seal(&format!("deliver_activation.proof/{}", found.id), one.proof.trim());
        self.store.write(move |session| {
            // Read again in the transaction: it may have ended meanwhile.
            let Some(one) = certificate::lock(session, &found.id)? else {
                return Ok(refused(&found.id, not_found()));
            };
            let activated = activate(session, &one, &by, true)?;
            let mut act = act("deliver.activate_window", &one, &activated, &by, &operator);
            act.detail.insert("proof_sealed".into(), proof.clone());
            audit::append(session, entry.clone(), &[act])?;
            Ok(activated)
        })
    }
}

/// A certificate by row key or by 证照标识 of any version.
pub(crate) fn find(session: &mut Session, key: &str) -> Result<Option<Certificate>, NodeError> {
    Ok(match certificate::by_id(session, key)? {
        Some(one) => Some(one),
        None => certificate::by_identifier(session, key)?,
    })
}

/// Blind indexes of number and name of whoever holds a certificate now.
pub(super) fn holder_of(
    session: &mut Session,
    personal: &PersonalKeys,
    id: &str,
) -> Result<(String, String), NodeError> {
    let Some((sealed, _)) = certificate::record(session, id)? else {
        return Ok((String::new(), String::new()));
    };
    let record: model::Record = parse(&personal.open(&certificate::record_place(id), &sealed)?, "照面记录")?;
    let face = |short: &str| record.face.text(short).unwrap_or_default();
    Ok((Numbers::of(personal, face("CZZTDM")).holder, personal.blind(Blind::HolderName, face("CZZT"))))
}

/// Activates a certificate unless it was before. One that has ended is activated only where that is told as a fact (`live` false).
pub(super) fn activate(
    session: &mut Session,
    one: &Certificate,
    by: &ActivationRow,
    live: bool,
) -> Result<Activated, NodeError> {
    if one.version == 0 {
        return Ok(refused(
            &one.id,
            say("NOT_CONVERTED", "该证照还没有电子证照", "请先办理一次业务，由发证机关换发电子证照"),
        ));
    }
    // Said before "activated already": whoever hears that something is in order must not hear it of what has ended.
    if live && one.base != ::lifecycle::Base::Normal.name() {
        let what = format!("该证照已{}，不能激活", one.base);
        return Ok(refused(&one.id, say("ENDED", &what, "如有疑问请联系发证机关")));
    }
    if let Some(before) = deliver::activation(session, &one.id)? {
        return Ok(already(&one.id, before.activated_at));
    }
    if !deliver::activate(session, by)? {
        // Somebody else was first, in another transaction.
        let at = deliver::activation(session, &one.id)?.map_or(by.activated_at, |row| row.activated_at);
        return Ok(already(&one.id, at));
    }
    overview::activated(session, one, 1);
    Ok(Activated { certificate: one.id.clone(), at: Some(by.activated_at), already: false, why: None })
}

pub(super) fn act(
    name: &str,
    one: &Certificate,
    activated: &Activated,
    by: &ActivationRow,
    actor: &Actor,
) -> Act {
    let outcome = match activated {
        Activated { why: Some(why), .. } => why.code.as_str(),
        Activated { already: true, .. } => "already",
        _ => "activated",
    };
    let mut act = Act {
        act: name.into(),
        at: by.recorded_at,
        actor: actor.clone(),
        object: Some(one.id.clone()),
        area: Some(one.area.clone()),
        outcome: outcome.to_owned(),
        ..Act::default()
    };
    act.detail.insert("channel".into(), by.channel.clone());
    act.detail.insert("version".into(), one.version.to_string());
    act
}

fn already(id: &str, at: i64) -> Activated {
    Activated { certificate: id.to_owned(), at: Some(at), already: true, why: None }
}

fn refused(id: &str, why: Message) -> Activated {
    Activated { certificate: id.to_owned(), why: Some(why), ..Activated::default() }
}

fn not_found() -> Message {
    say("NOT_FOUND", "没有这件证照", "请核对证照标识")
}

/// Said of what is somebody else's and of what does not exist alike.
pub(crate) fn not_yours() -> Message {
    say("NOT_YOURS", "您名下没有这件证照", "请返回证照列表重新选择")
}

pub(crate) fn say(code: &str, what: &str, fix: &str) -> Message {
    Message { code: code.into(), what: what.into(), fix: fix.into() }
}
