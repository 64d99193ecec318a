//! `client add|list|disable|rotate`: API clients and their secrets.

use store::rows::client::{self, ClientRow};
use zeroize::Zeroizing;

use super::{ACTIVE, DISABLED, Right, act, check_id, check_operator, lack, rights};
use crate::audit::Actor;
use crate::callback;
use crate::issue::journal::hex;
use crate::lifecycle::parse;
use crate::{NodeError, Province};

/// A client that is to be.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// Key id; made up where absent.
    pub id: Option<String>,
    /// For people: system and unit.
    pub name: String,
    /// The source whose events it sends and whose results it reads.
    pub source: String,
    /// What it may do.
    pub rights: Vec<Right>,
    /// `http://` address, with a path where need be, to which results are pushed.
    pub callback: Option<String>,
}

/// A client with its secret: the only time that anybody sees it.
pub struct Issued {
    /// Key id.
    pub id: String,
    /// 32 bytes in hex.
    pub secret: Zeroizing<String>,
}

/// A client as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEntry {
    /// Key id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its source.
    pub source: String,
    /// What it may do.
    pub rights: Vec<Right>,
    /// Where results are sent to.
    pub callback: Option<String>,
    /// May it speak?
    pub active: bool,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub updated_at: i64,
}

impl Province {
    /// `client add`: a new client with a new secret.
    ///
    /// # Errors
    /// A malformed id, name or right, an id that is taken, no operator.
    pub fn client_add(&self, new: NewClient, operator: &Actor, now: i64) -> Result<Issued, NodeError> {
        check_operator(operator)?;
        check_new(&new)?;
        let id = new.id.unwrap_or_else(|| format!("c-{}", &self.new_id(now)[20..]));
        check_id(&id)?;
        let secret = self.new_secret();
        let rights = crate::lifecycle::json(&new.rights)?;
        let row = ClientRow {
            secret_sealed: self.personal.seal(&ClientRow::place(&id), &secret),
            id: id.clone(),
            name: new.name,
            source: new.source,
            rights,
            callback: new.callback,
            state: ACTIVE.to_owned(),
            created_at: now,
            updated_at: now,
        };
        let detail = [("name", row.name.as_str()), ("source", &row.source), ("rights", &row.rights)];
        let act = act("client.add", &id, operator, now, &detail);
        let added = self.change_speaker("客户端", act, now, move |session| -> Result<bool, NodeError> {
            client::insert_client(session, &row)?;
            if row.callback.is_some() {
                callback::begin(session, &row.id)?;
            }
            Ok(true)
        });
        added.map_err(|error| taken(error, &id))?;
        Ok(Issued { id, secret })
    }

    /// `client list`.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn client_list(&self) -> Result<Vec<ClientEntry>, NodeError> {
        let rows = self.store.read(client::clients)?;
        let entry = |row: ClientRow| {
            Ok(ClientEntry {
                rights: parse(&row.rights, "客户端权限")?,
                active: row.state == ACTIVE,
                id: row.id,
                name: row.name,
                source: row.source,
                callback: row.callback,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// `client disable`: it may not speak any more; its row stays, for the audit log names it.
    ///
    /// # Errors
    /// No such client, no operator.
    pub fn client_disable(&self, id: &str, operator: &Actor, now: i64) -> Result<(), NodeError> {
        check_operator(operator)?;
        let act = act("client.disable", id, operator, now, &[]);
        let id = id.to_owned();
        self.change_speaker("客户端", act, now, move |session| {
            client::set_client_state(session, &id, DISABLED, now)
        })
    }

    /// Gives a client other rights, in the place of those that it has.
    ///
    /// # Errors
    /// No right at all, or a malformed one; results pushed without the right to them; no such client, no operator.
    pub fn client_rights(
        &self,
        id: &str,
        given: &[Right],
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        self.replace_rights(id, given, None, operator, now)
    }

    /// The same, where the rights are still those that `was` says.
    fn replace_rights(
        &self,
        id: &str,
        given: &[Right],
        was: Option<&[Right]>,
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        check_operator(operator)?;
        if given.is_empty() {
            return Err(NodeError::refused("客户端没有任何权限", "请至少给一项权限，或停用该客户端"));
        }
        rights::check(given)?;
        let pushed = self.client_list()?.into_iter().any(|one| one.id == id && one.callback.is_some());
        if pushed && lack(given, callback::RIGHT, None, None).is_some() {
            let what = "有回调地址而没有读取结果反馈的权限";
            return Err(NodeError::refused(what, "请保留 lifecycle.results 权限"));
        }
        let text = crate::lifecycle::json(&given)?;
        let act = act("client.rights", id, operator, now, &[("rights", &text)]);
        let id = id.to_owned();
        let was = was.map(|was| crate::lifecycle::json(&was)).transpose()?;
        self.change_speaker("客户端", act, now, move |session| -> Result<bool, NodeError> {
            let done = client::set_client_rights(session, &id, &text, was.as_deref(), now)?;
            if done || was.is_none() { Ok(done) } else { Err(stale()) }
        })
    }

    /// Gives a client some rights more and takes others away, as they are written (`act@areas/kinds`). The rights that it has then.
    ///
    /// # Errors
    /// A right to take away that it does not have; no such client; as [`Province::client_rights`].
    pub fn client_rights_change(
        &self,
        id: &str,
        (give, drop): (&[Right], &[String]),
        operator: &Actor,
        now: i64,
    ) -> Result<Vec<Right>, NodeError> {
        let one = self.client_list()?.into_iter().find(|one| one.id == id).ok_or_else(|| {
            NodeError::refused(format!("没有编号为“{id}”的客户端"), "请用 luzheng client list 核对编号")
        })?;
        let mut rights = one.rights.clone();
        for text in drop {
            let before = rights.len();
            rights.retain(|right| right.to_string() != *text);
            if rights.len() == before {
                return Err(NodeError::refused(
                    format!("客户端“{id}”没有权限“{text}”"),
                    "请按列出的写法填写要收回的权限；可能已由他人收回",
                ));
            }
        }
        for right in give {
            if !rights.contains(right) {
                rights.push(right.clone());
            }
        }
        // Read before, so it counts only where nobody has changed them since: a right that was withdrawn does not come back.
        self.replace_rights(id, &rights, Some(&one.rights), operator, now)?;
        Ok(rights)
    }

    /// `client rotate`: a new secret under the same id; the old one stops at once. A change-over without a gap is a second
    /// client of the same source.
    ///
    /// # Errors
    /// As [`Province::client_disable`].
    pub fn client_rotate(&self, id: &str, operator: &Actor, now: i64) -> Result<Issued, NodeError> {
        self.client_rotate_seen(id, None, operator, now)
    }

    /// The same, where the client has not been changed since `seen` (microseconds UTC): a page that is sent again must not void the secret
    /// that was just handed over.
    ///
    /// # Errors
    /// One that was changed; as [`Province::client_rotate`].
    pub fn client_rotate_seen(
        &self,
        id: &str,
        seen: Option<i64>,
        operator: &Actor,
        now: i64,
    ) -> Result<Issued, NodeError> {
        check_operator(operator)?;
        let secret = self.new_secret();
        let sealed = self.personal.seal(&ClientRow::place(id), &secret);
        let act = act("client.rotate", id, operator, now, &[]);
        let name = id.to_owned();
        self.change_speaker("客户端", act, now, move |session| -> Result<bool, NodeError> {
            let done = client::set_client_secret(session, &name, &sealed, seen, now)?;
            if done || seen.is_none() { Ok(done) } else { Err(stale()) }
        })?;
        Ok(Issued { id: id.to_owned(), secret })
    }

    fn new_secret(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 32]);
        (self.chance)(&mut bytes[..]);
        Zeroizing::new(hex(&bytes[..]))
    }
}

fn stale() -> NodeError {
    NodeError::refused("该客户端刚被他人变更，这次没有办理", "请刷新页面核对后再办理")
}

fn check_new(new: &NewClient) -> Result<(), NodeError> {
    if new.name.trim().is_empty() || new.source.trim().is_empty() {
        return Err(NodeError::refused("客户端没有写明名称或来源", "请用 --name 和 --source 写明"));
    }
    if crate::batch::is_reserved(&new.source) {
        let what = format!("来源“{}”是系统自用的", new.source.trim());
        return Err(NodeError::refused(what, "请换一个来源名称"));
    }
    if new.rights.is_empty() {
        return Err(NodeError::refused("客户端没有任何权限", "请用 --right 至少给一项权限"));
    }
    if let Some(url) = &new.callback {
        callback::split_address(url)?;
        if lack(&new.rights, callback::RIGHT, None, None).is_some() {
            let what = "有回调地址而没有读取结果反馈的权限";
            return Err(NodeError::refused(what, "请加上 --right lifecycle.results，或去掉 --callback"));
        }
    }
    rights::check(&new.rights)
}

/// A taken id, said so.
pub(super) fn taken(error: NodeError, id: &str) -> NodeError {
    match &error {
        NodeError::Store(cause) if cause.is_duplicate() => {
            NodeError::refused(format!("编号“{id}”已被使用"), "请换一个编号；停用的编号也不能再用")
        }
        _ => error,
    }
}
