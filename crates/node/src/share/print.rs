//! Sheets for many certificates at once, at a window.

use ::lifecycle::{State, day_of};
use serde::{Deserialize, Serialize};
use store::rows::certificate::{self, Certificate};
use store::rows::print::{self as rows, Printing};
use store::rows::share;

use super::sheet::{SheetReason, sheet_of};
use crate::audit::{self, Act, Actor};
use crate::certificate::{By, Search, Within};
use crate::client::check_operator;
use crate::deliver::{WindowActivation, check_proof};
use crate::lifecycle::{json, parse};
use crate::{NodeError, Province};

/// Certificates of one printing at most.
pub const PRINT_MOST: usize = 200;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintLine {
    /// As it was named.
    pub name: String,
    /// Row key.
    pub id: Option<String>,
    /// Number of its sheet.
    pub sheet: Option<u16>,
    /// Why there is none.
    pub why: String,
}

/// A printing of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrintFacts {
    /// Row key.
    pub id: String,
    /// How many sheets.
    pub sheets: i64,
    /// Its certificates.
    pub lines: Vec<PrintLine>,
    /// Microseconds UTC.
    pub created_at: i64,
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
    /// Makes the sheets that are missing, and keeps the printing; its row key. A certificate of which no sheet can be made says why and
    /// holds up no other one.
    ///
    /// # Errors
    /// Nothing or too much asked for; no proof; a database that cannot be written.
    pub fn print_make(
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
        let mut lines = Vec::with_capacity(wish.names.len());
        for name in &wish.names {
            lines.push(self.print_line(name, wish, (within, actor), now)?);
        }
        let sheets = lines.iter().filter(|line| line.sheet.is_some()).count() as i64;
        let owner = actor.operator.clone().unwrap_or_default();
        let id = self.new_id(now);
        let one = Printing { id: id.clone(), owner, body: json(&lines)?, sheets, created_at: now };
        let mut act = Act {
            act: "share.print".into(),
            at: now,
            actor: actor.clone(),
            outcome: "made".into(),
            ..Act::default()
        };
        act.detail.insert("printing".into(), id.clone());
        act.detail.insert("sheets".into(), sheets.to_string());
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::insert(session, &one)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// The newest printings of an account.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn print_list(&self, owner: &str, most: u32) -> Result<Vec<PrintFacts>, NodeError> {
        let found = self.store.read(|session| rows::of(session, owner, None, most))?;
        found.into_iter().map(facts).collect()
    }

    /// A printing of an account with its sheets as they stand now; `None` for another account's. Audited.
    ///
    /// # Errors
    /// A database that cannot be read or written.
    pub fn print_show(
        &self,
        (owner, id): (&str, &str),
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<Option<(PrintFacts, Vec<PrintSheet>)>, NodeError> {
        let found = self.store.read(|session| rows::of(session, owner, Some(id), 1))?;
        let Some(one) = found.into_iter().next() else { return Ok(None) };
        let one = facts(one)?;
        let sheets = self.store.read(|session| -> Result<_, NodeError> {
            let mut out = Vec::new();
            for line in one.lines.iter().filter(|line| line.sheet.is_some()) {
                let Some(id) = &line.id else { continue };
                let found = certificate::by_id(session, id)?.filter(|one| within.has(&one.area, &one.kind));
                let Some(found) = found else { continue };
                out.extend(self.print_sheet(session, found, now)?);
            }
            Ok(out)
        })?;
        let mut act = Act {
            act: "share.print_shown".into(),
            at: now,
            actor: actor.clone(),
            outcome: "shown".into(),
            ..Act::default()
        };
        act.detail.insert("printing".into(), one.id.clone());
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(Some((one, sheets)))
    }

    fn print_line(
        &self,
        name: &str,
        wish: &PrintWish,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<PrintLine, NodeError> {
        let mut line = PrintLine { name: name.to_owned(), ..PrintLine::default() };
        let by = if name.starts_with("1.2.156.") { By::Identifier } else { By::Number };
        let search = Search { text: name.to_owned(), by: Some(by), below: None, most: 2 };
        let found = self.certificate_search(&search, within, actor, now)?.hits;
        let one = match found.as_slice() {
            [one] => one,
            [] => {
                line.why = "本账号的行政区划内没有这件证照；请核对标识或编号".into();
                return Ok(line);
            }
            _ => {
                line.why = "这个编号对应多件证照；请改用证照标识".into();
                return Ok(line);
            }
        };
        line.id = Some(one.id.clone());
        let newest = self.store.read(|session| share::newest_sheet(session, &one.id))?;
        let reason = if newest.is_some() { SheetReason::Renewed } else { SheetReason::First };
        // The code of a sheet names a version: of an older one, a new sheet is made.
        let current = newest.filter(|sheet| Some(&sheet.identifier) == one.identifier.as_ref());
        if let Some(sheet) = current.filter(|_| !wish.renew) {
            line.sheet = u16::try_from(sheet.n).ok();
            return Ok(line);
        }
        let window = WindowActivation {
            certificate: one.identifier.clone().unwrap_or_else(|| one.id.clone()),
            proof: wish.proof.clone(),
        };
        match self.share_sheet_at_window(&window, reason, actor, now) {
            Ok(sheet) => line.sheet = Some(sheet.n),
            Err(NodeError::Refused { what, fix }) => line.why = format!("{what}；{fix}"),
            Err(error) => return Err(error),
        }
        Ok(line)
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

fn facts(one: Printing) -> Result<PrintFacts, NodeError> {
    Ok(PrintFacts {
        lines: parse(&one.body, "打印记录")?,
        id: one.id,
        sheets: one.sheets,
        created_at: one.created_at,
    })
}
