//! Sheets for many certificates at once, at a window: a job that a worker does a few certificates at a time.

use std::sync::Arc;

use ::lifecycle::{State, day_of};
use store::rows::certificate::{self, Certificate};
use store::rows::print::{self as rows, Item, Printing};
use store::rows::{job, share};

use super::sheet::{SheetReason, sheet_of};
use crate::audit::{self, Act, Actor};
use crate::certificate::{By, Search, Within};
use crate::client::check_operator;
use crate::deliver::{WindowActivation, check_proof};
use crate::job::JobFacts;
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// Certificates of one printing at most.
pub const PRINT_MOST: usize = 200;
/// Certificates that are prepared together.
const GROUP: u32 = 8;
/// Certificates that are named where a number is that of several.
const NAMED: u32 = 5;
/// Begins what is said then.
const SEVERAL: &str = "这个编号对应多件证照";
/// Longest identifier or number, characters.
const LONGEST: usize = 128;
/// Behind every row key, in any collation.
const END: &str = "z";

/// What is to be printed.
#[derive(Clone, Debug, Default)]
pub struct PrintWish {
    /// 证照标识 or 证照编号, one each.
    pub names: Vec<String>,
    /// Why and for whom, as a window writes it down.
    pub proof: String,
    /// New sheets also where one is there; what was printed before is void then.
    pub renew: bool,
}

/// One certificate of a printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrintLine {
    /// Place, from 1.
    pub n: i64,
    /// As it was named.
    pub name: String,
    /// `ready` until the worker comes to it, then `done`, `refused` or, for a fault of ours, `failed`.
    pub state: String,
    /// Row key.
    pub certificate: Option<String>,
    /// Number of its sheet.
    pub sheet: Option<i64>,
    /// Why there is none.
    pub why: String,
}

impl PrintLine {
    /// Was it a number of several certificates?
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.why.starts_with(SEVERAL)
    }

    /// The state in Chinese.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match self.state.as_str() {
            "ready" => "等待生成",
            "done" => "已生成",
            "refused" => "不能打印",
            _ => "未办成",
        }
    }
}

/// A sheet with what stands on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrintSheet {
    /// Row key of the certificate.
    pub id: String,
    /// Its version, for the face.
    pub version: i64,
    /// Parts of the face.
    pub parts: usize,
    /// Number of the sheet.
    pub n: u16,
    /// The code, `LZ:` and Base45.
    pub code: String,
    /// Made at, microseconds UTC.
    pub made_at: i64,
    /// Name of the kind.
    pub kind_name: String,
    /// Name of the holder, in full: it is the holder's paper.
    pub holder: String,
    /// 证照编号.
    pub number: String,
    /// First and last day.
    pub validity: String,
    /// Status when it is shown.
    pub status: String,
    /// Issuing authority.
    pub authority: String,
    /// 证照标识.
    pub identifier: String,
}

impl Province {
    /// Records what is to be printed; its row key. A worker makes the sheets that are missing ([`Province::print_work`]). A certificate of
    /// which no sheet can be made says why and holds up no other one.
    ///
    /// # Errors
    /// Nothing or too much asked for; no proof; a database that cannot be written.
    pub fn print_start(
        &self,
        wish: &PrintWish,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<String, NodeError> {
        check_operator(actor)?;
        check_proof(&wish.proof)?;
        if wish.names.is_empty() || wish.names.len() > PRINT_MOST {
            return Err(NodeError::refused(
                format!("一次可以打印 1 至 {PRINT_MOST} 件证照"),
                "请每行填写一个证照标识或证照编号；更多的请分次打印",
            ));
        }
        if let Some(place) = wish.names.iter().position(|name| name.chars().count() > LONGEST) {
            let what = format!("第 {} 件的标识或编号超过 {LONGEST} 个字", place + 1);
            return Err(NodeError::refused(what, "请核对后重新填写，每行一个"));
        }
        let id = self.new_id(now);
        let item = |(place, name): (usize, &String)| Item {
            print_id: id.clone(),
            n: place as i64 + 1,
            name: name.clone(),
            state: "ready".into(),
            ..Item::default()
        };
        let items: Vec<Item> = wish.names.iter().enumerate().map(item).collect();
        let one = Printing {
            id: id.clone(),
            owner: actor.operator.clone().unwrap_or_default(),
            state: "running".into(),
            actor: json(actor)?,
            reach: json(&(&within.areas, &within.kinds))?,
            proof_sealed: self.personal.seal(&Printing::place(&id), wish.proof.trim()),
            renew: wish.renew,
            total: items.len() as i64,
            created_at: now,
            updated_at: now,
        };
        let mut act = print_act("share.print", "asked", &id, actor, now);
        act.detail.insert("certificates".into(), items.len().to_string());
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::insert(session, &one, &items)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// Makes the next sheets of the oldest printing under way; true when there is more to do. Any number of workers may call it: one at a
    /// time works. `owner` names the caller.
    ///
    /// # Errors
    /// A database that cannot be read or written; what is wrong with a certificate stands in its row.
    pub fn print_work(self: &Arc<Self>, owner: &str, now: i64) -> Result<bool, NodeError> {
        self.job_step(&job::PRINT, owner, now, |id| self.print_group(id, now))
    }

    fn print_group(&self, id: &str, now: i64) -> Result<bool, NodeError> {
        let (one, items) = self.store.read(|session| -> Result<_, NodeError> {
            let one = rows::by_id(session, id)?.ok_or_else(none)?;
            Ok((one, rows::items(session, id, "ready", 0, GROUP)?))
        })?;
        let actor: Actor = parse(&one.actor, "打印的经办人")?;
        let (areas, kinds) = parse(&one.reach, "打印的范围")?;
        let within = Within { areas, kinds };
        let proof = self.personal.open(&Printing::place(id), &one.proof_sealed)?;
        let any = !items.is_empty();
        for mut item in items {
            self.stage("print")?;
            (item.state, item.why) =
                match self.print_item(&mut item, (&proof, one.renew), (&within, &actor), now) {
                    Ok(None) => continue,
                    Ok(Some(why)) => ("refused".into(), why),
                    Err(NodeError::Refused { what, fix }) => ("refused".into(), format!("{what}；{fix}")),
                    // Without rows or files nothing can be done: all of it waits until they are back.
                    Err(error @ (NodeError::Store(_) | NodeError::Objects(_))) => return Err(error),
                    Err(error) => ("failed".into(), format!("{error}；请稍后重新打印")),
                };
            self.store.write(move |session| rows::settle(session, &item))?;
        }
        Ok(any)
    }

    /// Finds a certificate and has its sheet; why there is none. What was done for it is written in one transaction with its row.
    fn print_item(
        &self,
        item: &mut Item,
        (proof, renew): (&str, bool),
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<String>, NodeError> {
        let by = if item.name.starts_with("1.2.156.") { By::Identifier } else { By::Number };
        let search = Search { text: item.name.clone(), by: Some(by), below: None, most: NAMED };
        let found = self.certificate_search(&search, within, actor, now)?.hits;
        let one = match found.as_slice() {
            [one] => one,
            [] => return Ok(Some("本账号的办理范围内没有这件证照；请核对标识或编号".into())),
            several => {
                let names: Vec<String> =
                    several.iter().map(|one| format!("{}（{}）", one.number, one.kind_name)).collect();
                return Ok(Some(format!(
                    "{SEVERAL}：{}；请点编号查看，改填证照标识或完整的编号",
                    names.join("、")
                )));
            }
        };
        item.certificate_id = Some(one.id.clone());
        let (newest, before) = self.store.read(|session| -> Result<_, NodeError> {
            let before = rows::place_of(session, &item.print_id, &one.id)?;
            Ok((share::newest_sheet(session, &one.id)?, before))
        })?;
        if let Some(n) = before {
            return Ok(Some(format!("与第 {n} 件是同一件证照，只打印一页；不需要处理")));
        }
        let reason = if newest.is_some() { SheetReason::Renewed } else { SheetReason::First };
        // The code of a sheet names a version: of an older one, a new sheet is made.
        let current = newest.filter(|sheet| Some(&sheet.identifier) == one.identifier.as_ref());
        let mut settled = Item { state: "done".into(), ..item.clone() };
        if let Some(sheet) = current.filter(|_| !renew) {
            settled.sheet = Some(sheet.n);
            self.store.write(move |session| rows::settle(session, &settled))?;
            return Ok(None);
        }
        let window = WindowActivation {
            certificate: one.identifier.clone().unwrap_or_else(|| one.id.clone()),
            proof: proof.to_owned(),
        };
        self.sheet_at_window(&window, (reason, actor), now, move |session, n| {
            settled.sheet = Some(n);
            // Somebody else was faster, whose sheet counts: this one is not written.
            if rows::settle(session, &settled)? { Ok(()) } else { Err(taken()) }
        })?;
        Ok(None)
    }

    /// The printings of an account, newest first, below a key.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn print_list(
        &self,
        owner: &str,
        below: Option<&str>,
        most: u32,
    ) -> Result<Vec<JobFacts>, NodeError> {
        self.store.read(|session| {
            let found = rows::of(session, owner, below.unwrap_or(END), most)?;
            found.into_iter().map(|one| facts(session, one)).collect()
        })
    }

    /// How far a printing of an account has come; `None` for another account's.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn print_show(&self, owner: &str, id: &str) -> Result<Option<JobFacts>, NodeError> {
        self.store.read(|session| {
            let found = rows::get(session, owner, id)?;
            found.map(|one| facts(session, one)).transpose()
        })
    }

    /// Certificates of a printing of an account behind a place, of one state or (`""`) of all.
    ///
    /// # Errors
    /// No such printing of this account; a database that cannot be read.
    pub fn print_lines(
        &self,
        (owner, id): (&str, &str),
        (state, after, most): (&str, i64, u32),
    ) -> Result<Vec<PrintLine>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            rows::get(session, owner, id)?.ok_or_else(none)?;
            Ok(rows::items(session, id, state, after, most)?)
        })?;
        let line = |item: Item| PrintLine {
            n: item.n,
            name: item.name,
            state: item.state,
            certificate: item.certificate_id,
            sheet: item.sheet,
            why: item.why,
        };
        Ok(found.into_iter().map(line).collect())
    }

    /// The sheets of a printing of an account as they stand now; `None` for another account's. Audited.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn print_sheets(
        &self,
        (owner, id): (&str, &str),
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<(JobFacts, Vec<PrintSheet>)>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(one) = rows::get(session, owner, id)? else { return Ok(None) };
            let mut sheets = Vec::new();
            for item in rows::items(session, id, "done", 0, PRINT_MOST as u32)? {
                let Some(id) = &item.certificate_id else { continue };
                let found = certificate::by_id(session, id)?.filter(|one| within.has(&one.area, &one.kind));
                let Some(found) = found else { continue };
                sheets.extend(self.print_sheet(session, found, now)?);
            }
            Ok(Some((facts(session, one)?, sheets)))
        })?;
        let Some((one, sheets)) = found else { return Ok(None) };
        let mut act = print_act("share.print_shown", "shown", id, actor, now);
        act.detail.insert("sheets".into(), sheets.len().to_string());
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(Some((one, sheets)))
    }

    fn print_sheet(
        &self,
        session: &mut store::Session,
        one: Certificate,
        now: i64,
    ) -> Result<Option<PrintSheet>, NodeError> {
        let Some(sheet) = share::newest_sheet(session, &one.id)? else { return Ok(None) };
        let sheet = sheet_of(sheet);
        let state: State = parse(&one.state, "证照状态")?;
        let record = self.record_of(session, &one.id)?;
        let identifier = one.identifier.clone().unwrap_or_default();
        let day = day_of(now).date();
        let kind = self.data.catalogue.kind(&one.kind, day);
        let authority = self.data.catalogue.authorities.get(&one.issuer, day);
        Ok(Some(PrintSheet {
            parts: store::rows::issue::files(session, &identifier)?.len(),
            version: one.version,
            n: sheet.n,
            code: sheet.code,
            made_at: sheet.made_at,
            kind_name: kind.map_or_else(|| one.kind.clone(), |kind| kind.name.clone()),
            holder: record
                .as_ref()
                .and_then(|record| record.face.text("CZZT"))
                .unwrap_or_default()
                .to_owned(),
            number: one.certificate_no.unwrap_or_default(),
            validity: crate::certificate::validity(&state),
            status: self.rules.status_name(&state, day_of(now)),
            authority: authority.map_or(one.issuer, |one| one.name.clone()),
            identifier,
            id: one.id,
        }))
    }
}

fn facts(session: &mut store::Session, one: Printing) -> Result<JobFacts, NodeError> {
    Ok(JobFacts {
        counts: job::counts(session, &job::PRINT, &one.id)?,
        id: one.id,
        state: one.state,
        total: one.total,
        created_at: one.created_at,
        updated_at: one.updated_at,
    })
}

fn print_act(name: &str, outcome: &str, id: &str, actor: &Actor, now: i64) -> Act {
    let mut act = Act {
        act: name.to_owned(),
        at: now,
        actor: actor.clone(),
        outcome: outcome.to_owned(),
        ..Act::default()
    };
    act.detail.insert("printing".into(), id.to_owned());
    act
}

fn none() -> NodeError {
    NodeError::refused("没有这次打印", "请回到“批量打印”重新选择")
}

fn taken() -> NodeError {
    NodeError::refused("这件证照已由另一个进程生成打印页", "不需要处理")
}
