//! Who may show what: the holder, and a driver with a grant that lives.

use ::lifecycle::Message;
use store::Session;
use store::rows::certificate::Certificate;
use store::rows::share::{self, GrantRow};

use super::grant::is_live;
use crate::audit::{self, Act};
use crate::deliver::{HolderSubject, find, held_as, not_yours, say};
use crate::{NodeError, Province};

/// Grants of one driver at most.
const MOST: u32 = 1_000;

/// A certificate that somebody may see.
pub(super) struct Admitted {
    pub certificate: Certificate,
    /// The form of the holder's number under which it is theirs; `None` for a driver.
    pub held_as: Option<String>,
    /// The driver's grant.
    pub grant: Option<GrantRow>,
}

/// A certificate (row key or 证照标识) that is the subject's own or granted to the subject; `None` alike for one that is not and one that
/// does not exist.
pub(super) fn look(
    session: &mut Session,
    subject: &HolderSubject,
    key: &str,
    now: i64,
) -> Result<Option<Admitted>, NodeError> {
    let Some(certificate) = find(session, key)? else { return Ok(None) };
    if let Some(held_as) = held_as(session, subject, &certificate.id)? {
        return Ok(Some(Admitted { certificate, held_as: Some(held_as), grant: None }));
    }
    for grant in share::grants_to(session, &subject.holder, now, MOST)? {
        let fits = grant.certificate_id == certificate.id && grant.driver_name == subject.name_blind;
        if fits && is_live(session, &grant, now)? {
            return Ok(Some(Admitted { certificate, held_as: None, grant: Some(grant) }));
        }
    }
    Ok(None)
}

/// A certificate that the subject may show now; else why not. Holds and expiry keep nobody from showing it: the verdict names them.
pub(super) fn admit(
    session: &mut Session,
    subject: &HolderSubject,
    key: &str,
    now: i64,
) -> Result<Result<Admitted, Message>, NodeError> {
    let Some(admitted) = look(session, subject, key, now)? else { return Ok(Err(not_yours())) };
    Ok(may_be_shown(session, &admitted.certificate)?.map(|()| admitted))
}

/// May a certificate be shown and printed at all?
pub(super) fn may_be_shown(
    session: &mut Session,
    one: &Certificate,
) -> Result<Result<(), Message>, NodeError> {
    if one.version == 0 {
        let fix = "纸质证件或 IC 卡仍然有效，请出示原件；办理下一次业务时将换发电子证照";
        return Ok(Err(say("NOT_CONVERTED", "该证照还没有电子证照", fix)));
    }
    if one.base != ::lifecycle::Base::Normal.name() {
        let what = format!("该证照已{}，不能再出示", one.base);
        return Ok(Err(say("ENDED", &what, "如有疑问请联系发证机关")));
    }
    if store::rows::deliver::activation(session, &one.id)?.is_none() {
        let fix = "请先在证照列表中激活；没有智能手机的请到窗口办理";
        return Ok(Err(say("NOT_ACTIVATED", "该证照尚未激活", fix)));
    }
    Ok(Ok(()))
}

impl Province {
    /// The audit row of something that a holder or driver did with a certificate.
    pub(super) fn share_act(
        &self,
        name: &str,
        subject: &HolderSubject,
        about: Option<&Admitted>,
        outcome: &str,
        now: i64,
    ) -> Act {
        let mut act = Act {
            act: name.into(),
            at: now,
            actor: subject.actor(),
            object: about.map(|about| about.certificate.id.clone()),
            area: about.map(|about| about.certificate.area.clone()),
            outcome: outcome.into(),
            ..Act::default()
        };
        if let Some(grant) = about.and_then(|about| about.grant.as_ref()) {
            act.detail.insert("grant".into(), grant.id.clone());
        }
        act
    }

    /// Writes that row; durable when it returns.
    pub(super) fn note_share(
        &self,
        name: &str,
        subject: &HolderSubject,
        about: Option<&Admitted>,
        outcome: &str,
        now: i64,
    ) -> Result<(), NodeError> {
        let (act, entry) = (self.share_act(name, subject, about, outcome, now), self.new_id(now));
        self.store
            .write(move |session| Ok(audit::append(session, entry.clone(), std::slice::from_ref(&act))?))
    }
}
