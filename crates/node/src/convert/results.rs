//! The report as files, with what each city must supplement.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Finding;
use store::rows::convert::{self, Item};

use super::report::{Report, percent};
use super::state::{Opened, note};
use crate::audit::Actor;
use crate::lifecycle::parse;
use crate::{NodeError, Province, files};

/// Items that are read in one go.
const PAGE: u32 = 1000;

/// Findings that one workbook holds; the rest stands in the JSON lines.
const SHEET: usize = 1_000_000;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// All files.
    pub files: Vec<PathBuf>,
    /// Records in the lists of what must be supplemented.
    pub records: u64,
}

/// A record that is not converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanting {
    /// Its place in the input.
    pub n: i64,
    /// The system whose record it is; empty where the record was not filed.
    pub source: String,
    /// Its key in the source.
    pub record_id: String,
    /// Area code as given.
    pub area: String,
    /// Slug of the kind, or what the record says where there is no such kind.
    pub kind: String,
    /// Refused when its wave came; else found at the import.
    pub refused: bool,
    /// What is wrong and how to mend it.
    pub findings: Vec<Finding>,
}

impl Province {
    /// Writes `report.txt`, `report.xlsx` and for each city `supplement/<city>.xlsx` and `.jsonl` into a folder: for each record that
    /// is not converted what is wrong and how to mend it. These lists quote records: an audit row is durable before they are there.
    ///
    /// # Errors
    /// An unknown run; a folder that cannot be written; a database that cannot be read or written.
    pub fn convert_files(
        self: &Arc<Self>,
        name: &str,
        folder: &Path,
        actor: &Actor,
        now: i64,
    ) -> Result<Written, NodeError> {
        let report = self.convert_report(name, now)?;
        let (province, own, actor) = (Arc::clone(self), name.to_owned(), actor.clone());
        self.store.write(move |session| -> Result<_, NodeError> {
            note(session, &province, &actor, ("convert.supplements", "shown"), &own, now)
        })?;
        let lists = folder.join("supplement");
        files::create_dir(&lists)?;
        let mut written = Written::default();
        let mut put = |path: PathBuf, bytes: &[u8]| {
            files::place(&path, bytes)?;
            written.files.push(path);
            Ok::<_, NodeError>(())
        };
        put(folder.join("report.txt"), report.text().as_bytes())?;
        put(folder.join("report.xlsx"), &workbook(&report)?)?;
        let mut records = 0;
        let mut cities: Vec<&str> = report.causes.iter().map(|cause| cause.city.as_str()).collect();
        cities.dedup();
        for city in cities {
            let (findings, count) = self.wanting(name, city)?;
            records += count;
            // What a record gives for its area may hold anything.
            let is_code = city.len() == 4 && city.bytes().all(|byte| byte.is_ascii_digit());
            let stem = if is_code { city.to_owned() } else { format!("unknown-{}", hex_name(city)) };
            let mut lines = Vec::new();
            records::write_findings_jsonl(&mut lines, &findings)?;
            put(lists.join(format!("{stem}.jsonl")), &lines)?;
            let mut sheet = Cursor::new(Vec::new());
            let shown = &findings[..findings.len().min(SHEET)];
            records::write_findings_xlsx(&mut sheet, shown, &self.data.catalogue.rules)?;
            put(lists.join(format!("{stem}.xlsx")), sheet.get_ref())?;
        }
        written.records = records;
        files::sync(folder)?;
        Ok(written)
    }

    /// The report as rows under [`REPORT_HEADERS`]: one for each city with its rate, then for each of its kinds.
    ///
    /// # Errors
    /// An unknown run; a database that cannot be read.
    pub fn convert_rows(&self, name: &str, now: i64) -> Result<Vec<Vec<String>>, NodeError> {
        Ok(rows(&self.convert_overview(name, now)?.1))
    }

    /// Records within these areas and of these kinds (one empty text for all) that are not converted, after a place in the input, with what is wrong and how to mend it. They
    /// quote records: the audit row is durable before they are returned.
    ///
    /// # Errors
    /// An unknown run; a database that cannot be read or written.
    pub fn convert_wanting(
        self: &Arc<Self>,
        name: &str,
        (areas, kinds): (&[String], &[String]),
        (after, most): (i64, u32),
        (actor, now): (&Actor, i64),
    ) -> Result<Vec<Wanting>, NodeError> {
        let items = self.store.read(|session| -> Result<_, NodeError> {
            let run = Opened::named(session, name)?.run.id;
            Ok(convert::wanting_within(session, &run, (areas, kinds), after, most)?)
        })?;
        let (province, own, actor) = (Arc::clone(self), name.to_owned(), actor.clone());
        self.store.write(move |session| -> Result<_, NodeError> {
            note(session, &province, &actor, ("convert.supplements", "shown"), &own, now)
        })?;
        let mut wanting = Vec::with_capacity(items.len());
        for item in items {
            let findings = match &item.findings_sealed {
                Some(sealed) => {
                    parse(&self.personal.open(&Item::place(&item.run_id, item.n), sealed)?, "核查结果")?
                }
                None => Vec::new(),
            };
            wanting.push(Wanting {
                n: item.n,
                source: if item.certificate_id.is_some() { item.source } else { String::new() },
                record_id: item.record_id,
                area: item.area,
                kind: item.kind,
                refused: item.state == super::state::item::REFUSED,
                findings,
            });
        }
        Ok(wanting)
    }

    /// The findings of a city's records that are not converted, and how many records these are.
    fn wanting(&self, name: &str, city: &str) -> Result<(Vec<Finding>, u64), NodeError> {
        let (mut findings, mut count, mut after) = (Vec::new(), 0, 0);
        loop {
            let items = self.store.read(|session| -> Result<_, NodeError> {
                let run = Opened::named(session, name)?.run.id;
                Ok(convert::wanting(session, (&run, city), after, PAGE)?)
            })?;
            let Some(last) = items.last() else { return Ok((findings, count)) };
            after = last.n;
            count += items.len() as u64;
            for item in &items {
                let Some(sealed) = &item.findings_sealed else { continue };
                let text = self.personal.open(&Item::place(&item.run_id, item.n), sealed)?;
                findings.extend(parse::<Vec<Finding>>(&text, "核查结果")?);
            }
        }
    }
}

fn hex_name(text: &str) -> String {
    let name = crate::issue::journal::hex(text.as_bytes());
    if name.is_empty() { "none".to_owned() } else { name.chars().take(32).collect() }
}

/// Columns of the report as a table.
pub const REPORT_HEADERS: [&str; 16] = [
    "市州代码",
    "市州",
    "证照类型",
    "读入",
    "待转化",
    "本次已转化",
    "另经业务转化",
    "导入前已转化",
    "重复记录",
    "须补正",
    "制发时被拒",
    "有效证照",
    "电子证照",
    "转化前转化率",
    "目前转化率",
    "全部办结后转化率",
];

/// A row for each city with its rate, then a row for each of its kinds; last the sum.
fn rows(report: &Report) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for city in &report.cities {
        let mut row = vec![city.city.clone(), city.city_name.clone(), "（转化率）".to_owned()];
        row.extend(std::iter::repeat_n(String::new(), 8));
        row.extend([
            city.standing.to_string(),
            city.electronic.to_string(),
            city.before.map_or_else(String::new, percent),
            percent(city.now),
            percent(city.planned),
        ]);
        rows.push(row);
    }
    let numbers = |counts: &super::Counts| {
        let super::Counts { ready, converted, elsewhere, already, repeated, supplement, refused } = *counts;
        [counts.total(), ready, converted, elsewhere, already, repeated, supplement, refused]
            .map(|number| number.to_string())
    };
    for line in &report.lines {
        let mut row = vec![line.city.clone(), line.city_name.clone(), line.kind_name.clone()];
        row.extend(numbers(&line.counts));
        rows.push(row);
    }
    let mut sum = vec![String::new(), "合计".to_owned(), String::new()];
    sum.extend(numbers(&report.total));
    rows.push(sum);
    rows
}

fn workbook(report: &Report) -> Result<Vec<u8>, NodeError> {
    let mut out = Cursor::new(Vec::new());
    records::write_table_xlsx(&mut out, "存量转化", &REPORT_HEADERS, &rows(report))?;
    Ok(out.into_inner())
}
