//! Search by blind indexes: a handful of index keys, whatever the size of the register.

use ::lifecycle::{State, day_of};
use serde::{Deserialize, Serialize};
use store::rows::certificate::{self, Certificate, FoundRow};

use super::key::wrong_digit;
use super::{By, Within};
use crate::audit::{self, Act, Actor};
use crate::issue::journal::hex;
use crate::lifecycle::{json, parse};
use crate::verify::masked;
use crate::{NodeError, Province};

/// Longest text that is looked for, characters.
const LONGEST: usize = 128;
/// Behind every row key.
const END: &str = "z";

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// As typed.
    pub text: String,
    /// What it is; guessed where it is not said.
    pub by: Option<By>,
    /// Row key of the last hit of the page before.
    pub below: Option<String>,
    /// Hits at most.
    pub most: u32,
}

/// One certificate that was found. Name and plate as a list shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Row key.
    pub id: String,
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Name of the holder, masked.
    pub holder: String,
    /// 证照编号.
    pub number: String,
    /// Plate, for a vehicle's.
    pub plate: String,
    /// 证照标识; `None` while only on paper.
    pub identifier: Option<String>,
    /// Status in Chinese on this day.
    pub status: String,
    /// Can it be used today?
    pub usable: bool,
    /// First and last day as text.
    pub validity: String,
    /// Issuing authority.
    pub authority: String,
    /// It is called so no more: a number, plate or holder of before.
    pub former: bool,
}

/// What was found, and as what the text was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As what.
    pub by: By,
    /// Was that a guess?
    pub guessed: bool,
    /// The certificates, newest first.
    pub hits: Vec<Hit>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// Why there may be no hit: what was typed has a wrong check digit.
    pub hint: Option<String>,
}

/// A search as an address carries it: what was typed may be a name or a document number, which belongs in no history and no gateway's log.
#[derive(Serialize, Deserialize)]
struct Kept {
    text: String,
    by: String,
}

impl Province {
    /// A search as text for the address of its result page; it can be read again in the session of this id alone.
    ///
    /// # Errors
    /// None in practice.
    pub fn search_token(&self, text: &str, by: Option<By>, session: &str) -> Result<String, NodeError> {
        let by = by.map_or("", By::slug).to_owned();
        let kept = Kept { text: text.trim().chars().take(LONGEST + 1).collect(), by };
        Ok(self.personal.seal(&place(session), &json(&kept)?))
    }

    /// What [`Province::search_token`] has kept; `None` for another session's, or anything else.
    pub fn search_of(&self, token: &str, session: &str) -> Option<Search> {
        let text = self.personal.open(&place(session), token).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok()?;
        Some(Search { text: kept.text, by: By::parse(&kept.by), ..Search::default() })
    }

    /// Looks certificates up by identifier, number, name, document number or plate, within what the caller may see; of several possible
    /// readings of a text the first one with a hit counts. Audited before it returns, with the blind index in place of what was typed.
    ///
    /// # Errors
    /// A text that is empty or too long; a database that cannot be read or written.
    pub fn certificate_search(
        &self,
        search: &Search,
        within: &Within,
        actor: &Actor,
        now: i64,
    ) -> Result<Found, NodeError> {
        let text = search.text.trim();
        if text.is_empty() || text.chars().count() > LONGEST {
            let what = format!("查询内容应为 1 至 {LONGEST} 个字");
            return Err(NodeError::refused(what, "请输入证照标识、证照编号、姓名或名称、证件号码或车牌"));
        }
        let readings = match search.by {
            Some(by) => vec![by],
            None => By::guess(text, day_of(now).date()),
        };
        let most = search.most.clamp(1, 200);
        let below = search.below.as_deref().unwrap_or(END);
        let (by, mut rows) = self.store.read(|session| -> Result<_, NodeError> {
            let mut found = (readings[0], Vec::new());
            for by in readings {
                let rows = match by {
                    By::Identifier => identified(session, text, within)?,
                    _ => {
                        let mut rows = Vec::new();
                        for blinds in by.tiers(&self.personal, text).iter().filter(|one| !one.is_empty()) {
                            rows = certificate::search(session, blinds, within, below, most + 1)?;
                            // A further page is one of the same set, be it empty.
                            let any = !rows.is_empty()
                                || below != END
                                    && !certificate::search(session, blinds, within, END, 1)?.is_empty();
                            if any {
                                break;
                            }
                        }
                        rows
                    }
                };
                if !rows.is_empty() {
                    found = (by, rows);
                    break;
                }
            }
            Ok(found)
        })?;
        let more = rows.len() > most as usize;
        rows.truncate(most as usize);
        let next = rows.last().filter(|_| more).map(|row| row.certificate.id.clone());
        let hits: Result<Vec<Hit>, NodeError> = rows.into_iter().map(|row| self.hit(row, now)).collect();
        let hits = hits?;
        self.note_search(by, text, hits.len(), actor, now)?;
        let wrong = wrong_digit(text, day_of(now).date()).filter(|_| hits.is_empty());
        let hint = wrong
            .map(|what| format!("这不是正确的{what}：末位校验码与前 17 位不符，多半有一位录错，请逐位核对"));
        Ok(Found { by, guessed: search.by.is_none(), hits, next, hint })
    }

    /// A certificate in short, as a search shows it.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn certificate_brief(&self, id: &str, within: &Within, now: i64) -> Result<Option<Hit>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(one) = certificate::by_id(session, id)? else { return Ok(None) };
            let record = certificate::record(session, id)?.map(|(sealed, _)| sealed);
            Ok(Some((one, record)))
        })?;
        let found = found.filter(|(one, _)| within.has(&one.area, &one.kind));
        let row = |(certificate, record_sealed)| FoundRow { certificate, live: true, record_sealed };
        found.map(|found| self.hit(row(found), now)).transpose()
    }

    fn hit(&self, row: FoundRow, now: i64) -> Result<Hit, NodeError> {
        let FoundRow { certificate: one, live, record_sealed } = row;
        let today = day_of(now);
        let state: State = parse(&one.state, "证照状态")?;
        let record: Option<model::Record> = record_sealed
            .map(|sealed| {
                let text = self.personal.open(&certificate::record_place(&one.id), &sealed)?;
                parse(&text, "照面记录")
            })
            .transpose()?;
        let face =
            |short: &str| record.as_ref().and_then(|record| record.face.text(short)).unwrap_or_default();
        Ok(Hit {
            kind_name: self.name_of_kind(&one.kind, now),
            holder: masked("name", face("CZZT")),
            plate: face("KZ_CLHP").to_owned(),
            number: one.certificate_no.clone().unwrap_or_default(),
            status: self.rules.status_name(&state, today),
            usable: self.usable(&state, today),
            validity: validity(&state),
            authority: self.authority_name(&one.issuer, now),
            former: !live,
            identifier: one.identifier,
            id: one.id,
        })
    }

    fn note_search(
        &self,
        by: By,
        text: &str,
        found: usize,
        actor: &Actor,
        now: i64,
    ) -> Result<(), NodeError> {
        let mut act = Act {
            act: "certificate.search".into(),
            at: now,
            actor: actor.clone(),
            outcome: if found == 0 { "none" } else { "shown" }.into(),
            ..Act::default()
        };
        act.detail.insert("by".into(), by.slug().into());
        act.detail.insert("found".into(), found.to_string());
        // Who looked for a person can be found out later, without the log telling who that person is.
        act.detail.insert("key".into(), self.search_key(by, text));
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })
    }

    /// What was looked for, as the log names it: by blind index; an identifier as it is, for it says nothing of a person. What is none of
    /// them may be a name in the wrong box: a keyed digest.
    fn search_key(&self, by: By, text: &str) -> String {
        if let Some(blind) = by.blinds(&self.personal, text).into_iter().next() {
            return blind;
        }
        let id = codes::CertificateId::parse(text).or_else(|_| codes::CertificateId::parse_compact(text));
        match (by, id) {
            (By::Identifier, Ok(id)) => id.to_string(),
            _ => hex(&self.personal.mac("certificate.search", text)[..16]),
        }
    }

    /// Chinese name of a kind; its slug where the catalogue lacks it.
    pub(super) fn name_of_kind(&self, slug: &str, now: i64) -> String {
        let kind = self.data.catalogue.kind(slug, day_of(now).date());
        kind.map_or_else(|| slug.to_owned(), |kind| kind.name.clone())
    }

    /// Name of an authority; its USCC where the directory lacks it.
    pub(super) fn authority_name(&self, uscc: &str, now: i64) -> String {
        let authority = self.data.catalogue.authorities.get(uscc, day_of(now).date());
        authority.map_or_else(|| uscc.to_owned(), |one| one.name.clone())
    }
}

fn place(session: &str) -> String {
    format!("certificate.search/{session}")
}

/// The certificate of an identifier, of any version, if it lies within.
fn identified(session: &mut store::Session, text: &str, within: &Within) -> Result<Vec<FoundRow>, NodeError> {
    let id = codes::CertificateId::parse(text).or_else(|_| codes::CertificateId::parse_compact(text));
    let asked = id.map_or_else(|_| text.to_owned(), |id| id.to_string());
    let found: Option<Certificate> = certificate::by_identifier(session, &asked)?;
    let Some(one) = found.filter(|one| within.has(&one.area, &one.kind)) else { return Ok(Vec::new()) };
    let record_sealed = certificate::record(session, &one.id)?.map(|(sealed, _)| sealed);
    Ok(vec![FoundRow { live: one.identifier.as_deref() == Some(&*asked), certificate: one, record_sealed }])
}

/// `2026-06-01 至 2032-05-31`.
pub(crate) fn validity(state: &State) -> String {
    match (&state.valid_from, &state.valid_to) {
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (None, Some(to)) => format!("至 {to}"),
        (Some(from), None) => format!("{from} 起"),
        (None, None) => "未载明".to_owned(),
    }
}
