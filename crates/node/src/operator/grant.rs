//! The part of 安全管理员: what an account may do, locks, second factors, certificates, sessions of others.

use gm::x509::Certificate;
use store::Session;
use store::rows::operator::{self as rows, OperatorRow};
use store::rows::session as sessions;

use super::deed::{Intent, Warrant};
use super::enable::EnableCode;
use super::{AccountState, Person, Rights, subject};
use crate::audit::Actor;
use crate::lifecycle::json;
use crate::session::SessionEntry;
use crate::{NodeError, Province};

/// The act of whoever grants.
const GRANT: &str = "operator.grant";

/// What an account is granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Role.
    pub role: String,
    /// Beginnings of area codes; `*` for all.
    pub areas: Vec<String>,
    /// Slugs of kinds; `*` for all.
    pub kinds: Vec<String>,
}

impl Province {
    /// `operator grant`: an account that waits can be used, or one in use may do something else; its sessions end. Gives the code for the
    /// first sign-in, where that takes one.
    ///
    /// # Errors
    /// No such account or a disabled one, an actor without the right, the own account, a role that the person must not have
    /// beside the one of another account.
    pub fn operator_grant(
        &self,
        name: &str,
        granted: &Granted,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<Option<EnableCode>, NodeError> {
        self.check_reach(&granted.role, &granted.areas, &granted.kinds)?;
        let (areas, kinds) = (json(&granted.areas)?, json(&granted.kinds)?);
        let role = granted.role.clone();
        let detail = vec![("role", role.clone()), ("areas", areas.clone()), ("kinds", kinds.clone())];
        let (code, issued) = self.enable_code(name, now);
        let emergency = matches!(warrant, Warrant::BreakGlass(_));
        let intent = Intent { act: "operator.grant", right: GRANT, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |session, row| {
            if row.state == AccountState::Disabled.name() {
                return Err(NodeError::refused(
                    format!("账号“{}”已停用，不能授权", row.name),
                    "请由系统管理员新建账号",
                ));
            }
            if !emergency {
                apart(session, row, &role)?;
            }
            sessions::end_all(session, &subject(&row.name), now)?;
            row.role.clone_from(&role);
            row.areas.clone_from(&areas);
            row.kinds.clone_from(&kinds);
            row.state = AccountState::Active.name().to_owned();
            Ok(issued.put(row).then(|| code.clone()))
        })
    }

    /// Does not grant what was asked for; `why` goes into the audit log.
    ///
    /// # Errors
    /// An account that does not wait; as [`Province::operator_grant`].
    pub fn operator_refuse(
        &self,
        name: &str,
        why: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        if why.trim().is_empty() {
            return Err(NodeError::refused("没有写明不予授权的理由", "请写明理由，供系统管理员更正"));
        }
        let detail = vec![("why", why.trim().to_owned())];
        let intent = Intent { act: "operator.refuse", right: GRANT, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |_, row| {
            if row.state != AccountState::Waiting.name() {
                return Err(NodeError::refused(
                    format!("账号“{}”不在待授权状态", row.name),
                    "请刷新列表；已授权的账号由系统管理员停用",
                ));
            }
            row.state = AccountState::Refused.name().to_owned();
            Ok(())
        })
    }

    /// `operator unlock`: a lock after wrong passwords or codes is lifted.
    ///
    /// # Errors
    /// As [`Province::operator_grant`].
    pub fn operator_unlock(
        &self,
        name: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        let detail = Vec::new();
        let intent = Intent { act: "operator.unlock", right: GRANT, account: name, detail, by, warrant };
        self.change_operator(intent, now, |_, row| {
            (row.failures, row.locked_until) = (0, 0);
            Ok(())
        })
    }

    /// Takes the second factor away, for a phone that was lost: the next sign-in enrols a new one. Sessions end.
    ///
    /// # Errors
    /// As [`Province::operator_grant`].
    pub fn operator_factor_reset(
        &self,
        name: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        let detail = Vec::new();
        let intent =
            Intent { act: "operator.factor_reset", right: GRANT, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |session, row| {
            sessions::end_all(session, &subject(&row.name), now)?;
            rows::set_recovery(session, &row.name, &[])?;
            (row.totp_sealed, row.totp_step, row.certificate) = (String::new(), 0, String::new());
            Ok(())
        })
    }

    /// Registers the SM2 certificate (PEM) whose key is the person's second factor. Whose it is 安全管理员 has seen.
    ///
    /// # Errors
    /// What is no SM2 certificate, one of an authority, one that is over; as [`Province::operator_grant`].
    pub fn operator_certificate(
        &self,
        name: &str,
        pem: &str,
        by: &Actor,
        warrant: Warrant<'_>,
        now: i64,
    ) -> Result<(), NodeError> {
        let fix = "请提供本人签名用的 SM2 证书（PEM，以 -----BEGIN CERTIFICATE----- 开头）";
        let read = gm::pem::decode("CERTIFICATE", pem).and_then(|der| Certificate::from_der(&der));
        let certificate = read.map_err(|_| NodeError::refused("这不是 SM2 证书", fix))?;
        let seconds = now / 1_000_000;
        if certificate.is_ca() {
            return Err(NodeError::refused("这是发证机构的证书，不能用于登录", fix));
        }
        if !(certificate.not_before()..=certificate.not_after()).contains(&seconds) {
            return Err(NodeError::refused("证书不在有效期内", "请换用有效期内的证书"));
        }
        let text = gm::base64::encode(certificate.as_der());
        let detail = vec![("certificate", certificate.subject().short_text())];
        let intent = Intent { act: "operator.certificate", right: GRANT, account: name, detail, by, warrant };
        self.change_operator(intent, now, move |_, row| {
            row.certificate.clone_from(&text);
            Ok(())
        })
    }

    /// The open sessions of an account, for whoever may end them.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn operator_sessions(&self, name: &str, now: i64) -> Result<Vec<SessionEntry>, NodeError> {
        let found = self.store.read(|session| sessions::of(session, &subject(name)))?;
        Ok(crate::session::entries(found, "", now))
    }

    /// Ends a session of an account; `None` for all of them.
    ///
    /// # Errors
    /// As [`Province::operator_grant`]; no such session.
    pub fn operator_session_end(
        &self,
        name: &str,
        id: Option<&str>,
        by: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let warrant = Warrant::Account;
        let detail = Vec::new();
        let intent = Intent { act: "operator.session_end", right: GRANT, account: name, detail, by, warrant };
        let id = id.map(str::to_owned);
        self.change_operator(intent, now, move |session, row| {
            let subject = subject(&row.name);
            let ended = match &id {
                Some(id) => sessions::end(session, &subject, id, now)?,
                None => sessions::end_all(session, &subject, now)? > 0,
            };
            if ended {
                return Ok(());
            }
            Err(NodeError::refused("没有这个登录，或它已经结束", "请刷新登录列表"))
        })
    }
}

/// What one person must not be at once, under whichever account: two of the three administrators, an administrator and anything else, or
/// the two people of an emergency act.
fn apart(session: &mut Session, row: &OperatorRow, role: &str) -> Result<(), NodeError> {
    let rights = Rights::builtin()?;
    let person = Person::new(&row.unit, &row.staff_no);
    let others = rows::of_person(session, &row.staff_no)?;
    let mut others = others.into_iter().filter(|one| {
        one.name != row.name
            && one.state == AccountState::Active.name()
            && Person::new(&one.unit, &one.staff_no).is(&person)
    });
    let Some((other, fix)) =
        others.find_map(|other| rights.conflict(role, &other.role).map(|fix| (other, fix)))
    else {
        return Ok(());
    };
    Err(NodeError::refused(
        format!("同一人（证号 {}）已有账号“{}”担任{}", row.staff_no, other.name, other.role),
        fix,
    ))
}
