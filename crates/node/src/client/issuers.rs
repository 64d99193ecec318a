//! The authorities that a province's node speaks for: entered and struck off by the ministry, beside `peer add`.

use codes::Uscc;
use store::rows::client;

use super::peer::entry;
use super::{PeerEntry, Role, act, check_operator, speaks_for};
use crate::audit::{self, Actor};
use crate::lifecycle::json;
use crate::{NodeError, Province};

/// What changes in the list of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerChange {
    /// This USCC, or this beginning of area codes (two, four or six digits), is spoken for from now on.
    Add(String),
    /// It is not any more.
    Drop(String),
}

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The USCC, or the beginning of area codes.
    pub entry: String,
    /// Name of the authority or area; empty where nothing names it.
    pub name: String,
}

/// What a province's node speaks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issuers {
    /// As enrolled.
    pub enrolled: Vec<Issuer>,
    /// Authorities of the directory in the province's area that no entry covers: what they issue is not taken.
    pub missing: Vec<Issuer>,
}

impl Province {
    /// The authorities that a node speaks for at an instant, and those of its area that are missing.
    #[must_use]
    pub fn peer_issuers(&self, peer: &PeerEntry, now: i64) -> Issuers {
        let today = ::lifecycle::day_of(now).date();
        let authorities = &self.data.catalogue.authorities;
        let name = |entry: &String| match entry.len() {
            18 => authorities.get(entry, today).map(|one| one.name.clone()).unwrap_or_default(),
            // 99 is a province, 9901 a city: the directory of areas knows them in full.
            _ => self.area_name(&format!("{entry:0<6}"), now).unwrap_or_default(),
        };
        let enrolled = peer.issuers.iter().map(|entry| Issuer { name: name(entry), entry: entry.clone() });
        let area = peer.issuers.first().and_then(|first| match first.len() {
            18 => first.get(2..4),
            _ => first.get(..2),
        });
        let missing = authorities.iter().filter(|one| {
            let uscc = one.uscc.as_str();
            area.is_some_and(|area| one.area.as_str().starts_with(area))
                && authorities.get(uscc, today).is_some()
                && speaks_for(&peer.issuers, uscc).is_none()
        });
        let mut missing: Vec<Issuer> = missing
            .map(|one| Issuer { entry: one.uscc.as_str().to_owned(), name: one.name.clone() })
            .collect();
        missing.dedup_by(|a, b| a.entry == b.entry);
        Issuers { enrolled: enrolled.collect(), missing }
    }

    /// Changes the authorities that a province's node speaks for; its next delivery is judged by the new list.
    ///
    /// # Errors
    /// An entry that is neither a USCC nor the beginning of area codes, that another node speaks for, that stands there already or
    /// does not, the last one; no such province, no operator.
    pub fn peer_issuers_change(
        &self,
        id: &str,
        change: &IssuerChange,
        operator: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        check_operator(operator)?;
        let (name, given) = match change {
            IssuerChange::Add(given) => ("peer.issuer_add", given.trim()),
            IssuerChange::Drop(given) => ("peer.issuer_drop", given.trim()),
        };
        let is_new = matches!(change, IssuerChange::Add(_));
        if is_new {
            check(given)?;
        }
        let line = act(name, id, operator, now, &[("issuer", given)]);
        let (id, given, row) = (id.to_owned(), given.to_owned(), self.new_id(now));
        self.store.write(move |session| -> Result<_, NodeError> {
            let mut list = match client::peers(session)?.into_iter().find(|peer| peer.id == id) {
                Some(row) => entry(row)?,
                None => return Err(nobody(&id)),
            };
            if list.role != Role::Province {
                return Err(nobody(&id));
            }
            if is_new {
                is_free(session, &list, &given)?;
                list.issuers.push(given.clone());
            } else {
                let before = list.issuers.len();
                list.issuers.retain(|one| *one != given);
                if list.issuers.len() == before {
                    let what = format!("“{given}”不在该省登记的发证机关中");
                    return Err(NodeError::refused(what, "请刷新页面后核对"));
                }
                if list.issuers.is_empty() {
                    let fix = "请先登记新的发证机关，再撤下这一个；整省不再归集的，请安全管理员停用该节点";
                    return Err(NodeError::refused("这是该省最后一个登记的发证机关", fix));
                }
            }
            client::set_peer_issuers(session, &id, &json(&list.issuers)?, now)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&line))?)
        })
    }
}

fn nobody(id: &str) -> NodeError {
    NodeError::refused(format!("没有编号为“{id}”的省级节点"), "请在各省情况中核对")
}

/// 18 characters with a right check digit, or two, four or six digits.
fn check(given: &str) -> Result<(), NodeError> {
    let digits = given.bytes().all(|byte| byte.is_ascii_digit());
    if matches!(given.len(), 2 | 4 | 6) && digits {
        return Ok(());
    }
    match Uscc::parse(given) {
        Ok(_) => Ok(()),
        Err(error) => Err(NodeError::refused(
            format!("“{given}”不是统一社会信用代码，也不是行政区划代码的开头：{error}"),
            "请填 18 位统一社会信用代码，或 2、4、6 位行政区划代码",
        )),
    }
}

/// Neither this node nor another one speaks for it, or for a part of it.
fn is_free(session: &mut store::Session, own: &PeerEntry, given: &str) -> Result<(), NodeError> {
    let covered = |list: &[String]| match given.len() {
        18 => speaks_for(list, given).is_some(),
        _ => list.iter().any(|one| one.len() <= 6 && given.starts_with(one.as_str())),
    };
    if covered(&own.issuers) {
        let what = format!("“{given}”已在该省登记的发证机关范围内");
        return Err(NodeError::refused(what, "不必再次登记；请省级重发归集死信"));
    }
    for row in client::peers(session)? {
        if row.id == own.id || row.role != Role::Province.name() {
            continue;
        }
        let other = entry(row)?;
        let within = |one: &String| {
            let area = if one.len() == 18 { one.get(2..8).unwrap_or_default() } else { one.as_str() };
            given.len() <= 6 && area.starts_with(given)
        };
        if covered(&other.issuers) || other.issuers.iter().any(within) {
            let what = format!("“{given}”在“{}”登记的发证机关范围内，一个机关只能由一个省报送", other.name);
            return Err(NodeError::refused(what, "请核对代码；确已划转的，请先在原登记的省撤下"));
        }
    }
    Ok(())
}
