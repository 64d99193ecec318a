//! `session`: who is signed in on pages. The cookie is 32 random bytes; only its SM3 is stored.

use gm::sm3::sm3;
use store::Session;
use store::rows::operator::{self, OperatorRow};
use store::rows::session::{self as rows, SessionRow};

use crate::audit::{Act, Actor, append};
use crate::issue::journal::hex;
use crate::operator::{Area, Given, Rights, RoleRule, stage_of};
use crate::{NodeError, Province};

/// A minute, microseconds.
const MINUTE: i64 = 60_000_000;
/// A sign-in that is not finished by then is over.
const UNFINISHED: i64 = 15 * MINUTE;
/// Password and factor are fresh for so long.
const FRESH: i64 = 10 * MINUTE;
/// Ended sessions are kept so long for their list.
const KEPT: i64 = 30 * 24 * 60 * MINUTE;

/// How far a sign-in has come. Before [`Stage::Full`] a session opens nothing but the page that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the second factor is outstanding.
    Factor,
    /// Somebody else knows the password and no second factor proves the person: the code of 安全管理员 is outstanding.
    Enable,
    /// The role asks for a second factor, and the person has none yet.
    Enrol,
    /// Somebody else knows the password, or it is too old.
    Password,
    /// Signed in.
    Full,
}

impl Stage {
    /// The page that it waits for.
    pub fn page(self) -> Option<&'static str> {
        match self {
            Self::Factor => Some("/sign-in/factor"),
            Self::Enable => Some("/sign-in/enable"),
            Self::Enrol => Some("/sign-in/enrol"),
            Self::Password => Some("/sign-in/password"),
            Self::Full => None,
        }
    }
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The cookie's value: 64 hex digits. Nobody else ever has it.
    pub cookie: String,
    /// First page of the role.
    pub home: String,
    /// When it ends in any case, microseconds UTC.
    pub ends_at: i64,
    /// What is still to be done.
    pub stage: Stage,
}

/// Who stands behind a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// An account.
    Operator {
        /// Account name.
        account: String,
        /// The person's name.
        person: String,
        /// Unit.
        unit: String,
        /// 执法证号 or staff number.
        staff_no: String,
        /// Beginnings of area codes.
        areas: Vec<String>,
        /// Slugs of kinds; `*` for all.
        kinds: Vec<String>,
    },
    /// A holder, as the sign-in made the subject (JSON).
    Holder(String),
}

/// The certificates that an account is for; pages push it into their SQL. Empty lists allow nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Beginnings of area codes; exactly `["*"]` for all.
    pub areas: Vec<String>,
    /// Slugs of kinds; exactly `["*"]` for all.
    pub kinds: Vec<String>,
}

impl Scope {
    /// Everything.
    pub fn all() -> Self {
        Self { areas: vec!["*".into()], kinds: vec!["*".into()] }
    }

    /// Is a certificate of this area and kind inside?
    pub fn covers(&self, area: &str, kind: &str) -> bool {
        let begins = |one: &String| one == "*" || (!one.is_empty() && area.starts_with(one.as_str()));
        self.areas.iter().any(begins) && self.kinds.iter().any(|one| one == "*" || one == kind)
    }
}

/// A session in use.
#[derive(Clone, Debug)]
pub struct Live {
    /// SM3 of the cookie, hex.
    pub id: String,
    /// `operator:NAME` or `holder:BLIND`.
    pub subject: String,
    /// What the role may do.
    pub role: RoleRule,
    /// Who it is.
    pub visitor: Visitor,
    /// When it ends in any case, microseconds UTC.
    pub ends_at: i64,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// When password and second factor were last given, microseconds UTC.
    pub fresh_at: i64,
    /// Has the account one-time codes, and a certificate?
    pub factors: (bool, bool),
}

/// A line of the list of own sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEntry {
    /// SM3 of the cookie, hex.
    pub id: String,
    /// Browser, in a few words.
    pub device: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// When it ends in any case.
    pub ends_at: i64,
    /// Is it the one that asks?
    pub own: bool,
}

/// A session before its row is written: its randomness is drawn outside the transaction, which may run twice.
#[derive(Clone)]
pub(crate) struct Beginning {
    cookie: String,
    row: SessionRow,
}

impl Beginning {
    /// Writes the row. `sealed` is who it is, sealed for the row's place.
    pub fn insert(
        &self,
        session: &mut Session,
        rule: &RoleRule,
        sealed: &str,
        stage: Stage,
    ) -> Result<Begun, NodeError> {
        let mut row = self.row.clone();
        row.role.clone_from(&rule.name);
        row.who_sealed = sealed.to_owned();
        row.idle = rule.idle * MINUTE;
        row.ends_at = row.created_at + rule.whole * MINUTE;
        // Where a factor is outstanding nothing is fresh yet.
        row.fresh_at = if matches!(stage, Stage::Full | Stage::Password) { row.created_at } else { 0 };
        rows::drop_before(session, row.created_at - KEPT)?;
        rows::insert(session, &row)?;
        let home = stage.page().map_or_else(|| rule.home.clone(), str::to_owned);
        Ok(Begun { cookie: self.cookie.clone(), home, ends_at: row.ends_at, stage })
    }
}

impl Province {
    pub(crate) fn begin_row(&self, subject: &str, device: &str, now: i64) -> Beginning {
        let mut secret = [0; 32];
        (self.chance)(&mut secret);
        let cookie = hex(&secret);
        let row = SessionRow {
            id: hex(&sm3(cookie.as_bytes())),
            subject: subject.to_owned(),
            device: device.chars().take(60).collect(),
            created_at: now,
            seen_at: now,
            ..SessionRow::default()
        };
        Beginning { cookie, row }
    }

    /// Begins the session of a holder whom a sign-in has established. `key` is a blind index of the holder, `who` the subject as JSON.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub fn session_begin_holder(
        &self,
        key: &str,
        who: &str,
        device: &str,
        now: i64,
    ) -> Result<Begun, NodeError> {
        let begin = self.begin_row(&format!("holder:{key}"), device, now);
        let sealed = self.personal.seal(&SessionRow::place(&begin.row.id), who);
        let rights = Rights::builtin()?;
        let rule = rights
            .role(crate::operator::HOLDER)
            .cloned()
            .ok_or_else(|| NodeError::refused("权限表没有持证主体", "请核对 data/rights.toml"))?;
        let id = self.new_id(now);
        let act = Act {
            act: "session.sign_in".into(),
            at: now,
            actor: Actor {
                client: "web".into(),
                operator: Some(format!("holder:{key}")),
                ..Actor::default()
            },
            outcome: "done".into(),
            ..Act::default()
        };
        self.store.write(move |session| -> Result<_, NodeError> {
            append(session, id.clone(), std::slice::from_ref(&act))?;
            begin.insert(session, &rule, &sealed, Stage::Full)
        })
    }

    /// The session of a cookie, if it is open and its account may be used. Notes the use, once a minute.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn session_of(&self, cookie: &str, now: i64) -> Result<Option<Live>, NodeError> {
        if cookie.len() != 64 {
            return Ok(None);
        }
        let id = hex(&sm3(cookie.as_bytes()));
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(row) = rows::get(session, &id)? else { return Ok(None) };
            let account = match row.subject.strip_prefix("operator:") {
                Some(name) => operator::get(session, name)?,
                None => None,
            };
            Ok(Some((row, account)))
        })?;
        let Some((row, account)) = found else { return Ok(None) };
        let open = row.ended_at.is_none() && now < row.ends_at && now < row.seen_at.saturating_add(row.idle);
        if !open {
            return Ok(None);
        }
        if now - row.seen_at >= MINUTE {
            let id = row.id.clone();
            self.store.write(move |session| rows::seen(session, &id, now))?;
        }
        self.live(row, account, now)
    }

    fn live(
        &self,
        row: SessionRow,
        account: Option<OperatorRow>,
        now: i64,
    ) -> Result<Option<Live>, NodeError> {
        let Some(role) = Rights::builtin()?.role(&row.role).cloned() else { return Ok(None) };
        let given = Given { factor: row.factor, code: row.enabled };
        let stage = account
            .as_ref()
            .map_or(Stage::Full, |account| stage_of(account, &role, given, self.sign_in, now));
        if matches!(stage, Stage::Factor | Stage::Enable | Stage::Enrol)
            && now >= row.created_at + UNFINISHED
            && row.fresh_at == 0
        {
            return Ok(None);
        }
        let mut factors = (false, false);
        let visitor = if row.subject.starts_with("operator:") {
            let Some(account) = account else { return Ok(None) };
            // A role that was changed takes effect with the next sign-in; a disabled account at once.
            let entry = self.operator_entry(account)?;
            factors = (entry.totp, entry.certificate.is_some());
            if !entry.active() || entry.role != row.role {
                return Ok(None);
            }
            Visitor::Operator {
                account: entry.name,
                person: entry.person,
                unit: entry.unit,
                staff_no: entry.staff_no,
                areas: entry.areas,
                kinds: entry.kinds,
            }
        } else {
            Visitor::Holder(self.personal.open(&SessionRow::place(&row.id), &row.who_sealed)?.to_string())
        };
        Ok(Some(Live {
            id: row.id,
            subject: row.subject,
            role,
            visitor,
            ends_at: row.ends_at,
            stage,
            fresh_at: row.fresh_at,
            factors,
        }))
    }

    /// The open sessions of whoever asks, newest first.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn session_list(&self, live: &Live, now: i64) -> Result<Vec<SessionEntry>, NodeError> {
        let rows = self.store.read(|session| rows::of(session, &live.subject))?;
        Ok(entries(rows, &live.id, now))
    }

    /// Ends a session of whoever asks; `None` for all of them.
    ///
    /// # Errors
    /// No such session among the own ones; a database that cannot be written.
    pub fn session_end(&self, live: &Live, id: Option<&str>, now: i64) -> Result<(), NodeError> {
        let row = self.new_id(now);
        let (subject, id) = (live.subject.clone(), id.map(str::to_owned));
        let act = Act {
            act: "session.end".into(),
            at: now,
            actor: live.actor(),
            outcome: "done".into(),
            ..Act::default()
        };
        self.store.write(move |session| {
            let ended = match &id {
                Some(id) => rows::end(session, &subject, id, now)?,
                None => rows::end_all(session, &subject, now)? > 0,
            };
            if !ended {
                return Err(NodeError::refused("没有这个登录，或它已经结束", "请刷新登录列表"));
            }
            Ok(append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }
}

/// Those that are open.
pub(crate) fn entries(rows: Vec<SessionRow>, own: &str, now: i64) -> Vec<SessionEntry> {
    let open = rows.into_iter().filter(|row| now < row.ends_at && now < row.seen_at + row.idle);
    let entry = |row: SessionRow| SessionEntry {
        own: row.id == own,
        id: row.id,
        device: row.device,
        created_at: row.created_at,
        seen_at: row.seen_at,
        ends_at: row.ends_at,
    };
    open.map(entry).collect()
}

impl Live {
    /// Were password and second factor given within the last ten minutes? Dangerous acts ask for it.
    pub fn fresh(&self, now: i64) -> bool {
        self.stage == Stage::Full && now < self.fresh_at + FRESH
    }

    /// Who acts, for the audit log.
    pub fn actor(&self) -> Actor {
        match &self.visitor {
            Visitor::Operator { account, unit, staff_no, .. } => Actor {
                client: "web".into(),
                operator: Some(account.clone()),
                unit: Some(unit.clone()),
                staff_no: Some(staff_no.clone()),
                ..Actor::default()
            },
            Visitor::Holder(_) => {
                Actor { client: "web".into(), operator: Some(self.subject.clone()), ..Actor::default() }
            }
        }
    }

    /// May it do an act on something of this area?
    pub fn may(&self, act: &str, area: Option<&str>) -> bool {
        match (&self.visitor, area) {
            (_, None) => self.role.area_of(act).is_some(),
            (Visitor::Operator { areas, .. }, Some(area)) => self.role.allows(act, area, areas),
            (Visitor::Holder(_), Some(_)) => self.role.area_of(act).is_some(),
        }
    }

    /// May it do an act on a certificate of this area and kind? An act that the role has everywhere is not bound by kinds either.
    pub fn may_kind(&self, act: &str, area: &str, kind: &str) -> bool {
        self.may(act, Some(area)) && self.reach(act).covers(area, kind)
    }

    /// The areas and kinds of the account; nothing for a holder, whose certificates are found by the holder.
    pub fn scope(&self) -> Scope {
        let one_star = |list: &[String]| match list.iter().any(|one| one == "*") {
            true => vec!["*".to_owned()],
            false => list.to_vec(),
        };
        match &self.visitor {
            Visitor::Operator { areas, kinds, .. } => {
                Scope { areas: one_star(areas), kinds: one_star(kinds) }
            }
            Visitor::Holder(_) => Scope::default(),
        }
    }

    /// Where an act may be done: all of it, the account's own, or nothing.
    pub fn reach(&self, act: &str) -> Scope {
        match self.role.area_of(act) {
            Some(Area::Own) => self.scope(),
            Some(Area::Any | Area::Mine) => Scope::all(),
            None => Scope::default(),
        }
    }

    /// Beginnings of the area codes on which it may do an act, for the rows to choose by: one empty text for everywhere, none for
    /// nowhere.
    pub fn areas_of(&self, act: &str) -> Vec<String> {
        match (self.role.area_of(act), &self.visitor) {
            (Some(Area::Own), Visitor::Operator { areas, .. }) if areas.iter().any(|area| area == "*") => {
                vec![String::new()]
            }
            (Some(Area::Own), Visitor::Operator { areas, .. }) => {
                areas.iter().filter(|area| !area.is_empty()).cloned().collect()
            }
            (Some(Area::Any), Visitor::Operator { .. }) => vec![String::new()],
            _ => Vec::new(),
        }
    }
}
