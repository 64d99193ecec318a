//! Reading and checking an uploaded file; nothing of the register changes.

use std::collections::HashMap;
use std::io::Cursor;

use model::{Finding, Record, Severity};
use objects::Object;
use records::{Entry, Format, ReadError};
use serde::Deserializer;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use store::rows::batch::{self as rows, Batch, Item};

use super::bound::{Bound, Uploader};
use super::{EVENTS, MOST};
use crate::audit::{self, Actor};
use crate::certificate::Within;
use crate::issue::journal::hex;
use crate::issue::{check, each};
use crate::lifecycle::json;
use crate::{NodeError, Province};

/// Bytes that a workbook may have, inflated.
const INFLATED: u64 = 200_000_000;

/// A file as it was uploaded.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Its name; the extension says what it is.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Photos by file name, as the records name them.
    pub photos: Vec<(String, Vec<u8>)>,
    /// Kind of event.
    pub event: String,
}

impl Province {
    /// Reads and checks a file and keeps it with its findings; its row key.
    ///
    /// # Errors
    /// A file of another format, an empty or too long one, one that cannot be read at all; a database or file store that cannot be
    /// written. What is wrong with one record is its finding.
    pub fn batch_check(
        &self,
        upload: Upload,
        owner: &str,
        (within, actor): (&Within, &Actor),
        now: i64,
    ) -> Result<String, NodeError> {
        if !EVENTS.contains(&upload.event.as_str()) {
            return Err(NodeError::refused("没有选择业务种类", format!("请选择{}之一", EVENTS.join("、"))));
        }
        let id = self.new_id(now);
        let entries = entries(&upload, &self.data.catalogue)?;
        if entries.is_empty() {
            return Err(NodeError::refused("文件里没有记录", "请核对是否选错了文件，或第一行表头是否完整"));
        }
        let photos: HashMap<String, &Vec<u8>> =
            upload.photos.iter().map(|(name, bytes)| (base(name), bytes)).collect();
        let sent: Vec<(&str, &[u8])> =
            upload.photos.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let places = self.keep_photos(&sent)?;
        let numbered: Vec<(usize, Read)> = entries.into_iter().enumerate().collect();
        let mut seen: HashMap<String, i64> = HashMap::new();
        let mut twins = Vec::new();
        for (_, entry) in &numbered {
            let read = entry.as_ref().ok();
            let record = read.map(|entry| (entry.record.record_id.trim().to_owned(), entry.line as i64));
            let twin = record.filter(|(id, _)| !id.is_empty());
            twins.push(twin.and_then(|(id, line)| match seen.get(&id) {
                Some(first) => Some(*first),
                None => seen.insert(id, line),
            }));
        }
        let bound = self.batch_bound(within)?;
        let made = each(self.threads, numbered, |(place, entry)| -> Result<Item, NodeError> {
            let mut item = Item { batch_id: id.clone(), n: place as i64 + 1, ..Item::default() };
            match entry {
                Err((line, finding)) => {
                    item.line = line as i64;
                    item.record_id.clone_from(&finding.record_id);
                    item.state = "wrong".into();
                    seal_findings(self, &mut item, std::slice::from_ref(&finding))?;
                }
                Ok(Entry { line, record }) => {
                    item.line = line as i64;
                    let named = record.photo.as_deref().map(base);
                    let photo =
                        named.as_ref().and_then(|name| photos.get(name)).map(|bytes| (*bytes).clone());
                    item.photo = named.and_then(|name| places.get(&name).cloned());
                    let mut findings = self.batch_lint(&record, photo, &bound, now)?;
                    findings.extend(twins[place].map(|first| repeated(&record, first)));
                    write(self, &mut item, &record, &findings)?;
                }
            }
            Ok(item)
        });
        let items = made.into_iter().collect::<Result<Vec<Item>, NodeError>>()?;
        let batch = Batch {
            id: id.clone(),
            owner: owner.to_owned(),
            name: upload.name.chars().take(100).collect(),
            event: upload.event.clone(),
            state: "checked".into(),
            actor: json(&Uploader {
                actor: actor.clone(),
                areas: within.areas.clone(),
                kinds: within.kinds.clone(),
            })?,
            total: items.len() as i64,
            created_at: now,
            updated_at: now,
        };
        let total = items.len().to_string();
        let act = self.batch_act("batch.check", &id, &[("records", &total)], actor, now);
        let row = self.new_id(now);
        self.store.write(move |session| -> Result<_, NodeError> {
            rows::insert(session, &batch)?;
            rows::insert_items(session, &items)?;
            Ok(audit::append(session, row.clone(), std::slice::from_ref(&act))?)
        })?;
        Ok(id)
    }

    /// The lint, and whether the record is the account's to hand in.
    pub(super) fn batch_lint(
        &self,
        record: &Record,
        photo: Option<Vec<u8>>,
        bound: &Bound,
        now: i64,
    ) -> Result<Vec<Finding>, NodeError> {
        let today = ::lifecycle::day_of(now).date();
        let mut findings = check(self.works(), record.clone(), photo, today).findings;
        findings.extend(self.batch_outside(record, bound, now)?);
        if record.record_id.trim().is_empty() {
            findings.push(Finding {
                record_id: String::new(),
                item: "record_id".into(),
                item_name: "记录号".into(),
                rule: "RECORD_SHAPE".into(),
                severity: Severity::Error,
                what: "没有记录号".into(),
                fix: "请填写业务系统中这条记录的唯一编号；没有的可以用许可决定文号等自行编定".into(),
            });
        }
        Ok(findings)
    }

    /// Photos into the file store: where each lies, by name.
    pub(super) fn keep_photos(&self, photos: &[(&str, &[u8])]) -> Result<HashMap<String, String>, NodeError> {
        if photos.is_empty() {
            return Ok(HashMap::new());
        }
        let contents: Vec<&[u8]> = photos.iter().map(|(_, bytes)| *bytes).collect();
        let digests = gm::sm3::sm3_many(&contents);
        let objects: Vec<Object<'_>> =
            digests.iter().zip(&contents).map(|(sm3, bytes)| Object { sm3: *sm3, bytes }).collect();
        let places = self.objects.put_all(&objects)?;
        let ends: Vec<String> = places.iter().map(ToString::to_string).collect();
        self.store
            .write(move |session| crate::lifecycle::note_end(session, ends.iter().map(String::as_str)))?;
        let named = photos.iter().zip(&digests).zip(&places);
        Ok(named.map(|(((name, _), sm3), place)| (base(name), format!("{}@{place}", hex(sm3)))).collect())
    }
}

/// Writes record, findings and what follows from them into an item.
pub(super) fn write(
    province: &Province,
    item: &mut Item,
    record: &Record,
    findings: &[Finding],
) -> Result<(), NodeError> {
    let place = Item::place(&item.batch_id, item.n);
    let kind = province.data.catalogue.kinds().iter().find(|kind| {
        let name = record.kind.trim();
        kind.slug == name || kind.name == name || kind.type_code == name
    });
    item.record_id = record.record_id.trim().to_owned();
    item.kind = kind.map_or_else(|| record.kind.clone(), |kind| kind.name.clone());
    item.record_sealed = Some(province.personal.seal(&place, &json(record)?));
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    item.state = if wrong { "wrong" } else { "ready" }.to_owned();
    item.why = String::new();
    seal_findings(province, item, findings)
}

pub(super) fn seal_findings(
    province: &Province,
    item: &mut Item,
    findings: &[Finding],
) -> Result<(), NodeError> {
    let place = Item::place(&item.batch_id, item.n);
    item.findings_sealed = match findings.is_empty() {
        true => None,
        false => Some(province.personal.seal(&place, &json(&findings)?)),
    };
    Ok(())
}

/// A record, or the line that could not be read and why.
type Read = Result<Entry, (usize, Finding)>;

fn entries(upload: &Upload, catalogue: &catalogue::Catalogue) -> Result<Vec<Read>, NodeError> {
    let is_json = upload.name.to_ascii_lowercase().ends_with(".json");
    let lines = if is_json { Some(lines_of(&upload.bytes)?) } else { None };
    let format = if is_json { Some(Format::Jsonl) } else { Format::of(&upload.name) };
    let Some(format) = format else {
        let what = format!("“{}”不是可以导入的文件", upload.name);
        return Err(NodeError::refused(what, "请上传 csv、xlsx、json 或 jsonl 文件；旧的 xls 请另存为 xlsx"));
    };
    let bytes = lines.as_deref().unwrap_or(&upload.bytes);
    let mut out = Vec::new();
    for entry in records::read_within(format, Cursor::new(bytes), INFLATED, catalogue) {
        match entry {
            Ok(entry) => out.push(Ok(entry)),
            Err(error) if error.is_line() => out.push(Err(unreadable(&error))),
            Err(error) => {
                let text = error.to_string();
                let (what, fix) = text.rsplit_once('；').unwrap_or((&text, "请重新导出该文件"));
                return Err(NodeError::refused(what, fix));
            }
        }
        if out.len() > MOST {
            return Err(too_many());
        }
    }
    Ok(out)
}

fn too_many() -> NodeError {
    let what = format!("文件超过 {MOST} 条记录");
    NodeError::refused(what, "请分成几个文件上传；更多的请由系统管理员用命令行导入")
}

/// A JSON array as lines; lines stay lines.
fn lines_of(bytes: &[u8]) -> Result<Vec<u8>, NodeError> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Ok(text.to_vec());
    }
    let wrong =
        |_| NodeError::refused("文件不是合规的 JSON", "请重新导出：一个 JSON 数组，或每行一个 JSON 对象");
    let mut json = serde_json::Deserializer::from_slice(text);
    let (lines, count) = json.deserialize_seq(Lines).map_err(wrong)?;
    json.end().map_err(wrong)?;
    if count > MOST {
        return Err(too_many());
    }
    Ok(lines)
}

/// The elements of an array, a line each, and how many; those beyond [`MOST`] are counted only.
struct Lines;

impl<'de> Visitor<'de> for Lines {
    type Value = (Vec<u8>, usize);

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut lines, mut count) = (Vec::new(), 0);
        while count < MOST {
            let Some(one) = seq.next_element::<serde_json::Value>()? else { return Ok((lines, count)) };
            lines.extend(one.to_string().into_bytes());
            lines.push(b'\n');
            count += 1;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok((lines, count))
    }
}

fn unreadable(error: &ReadError) -> (usize, Finding) {
    let (line, column, what, fix) = match error {
        ReadError::Line { line, column, what, fix } => (*line, column.as_deref(), what.clone(), fix.clone()),
        other => (0, None, other.to_string(), "请重新导出该文件".into()),
    };
    let item_name = column.map_or_else(|| format!("第 {line} 行"), |column| format!("“{column}”一列"));
    let finding = Finding {
        record_id: format!("第 {line} 行"),
        item: "record".into(),
        item_name,
        rule: "RECORD_SHAPE".into(),
        severity: Severity::Error,
        what,
        fix,
    };
    (line, finding)
}

/// A record id that an earlier record of the file has; `line`: where that one stands.
pub(super) fn repeated(record: &Record, line: i64) -> Finding {
    Finding {
        record_id: record.record_id.clone(),
        item: "record_id".into(),
        item_name: "记录号".into(),
        rule: "RECORD_CHANGED".into(),
        severity: Severity::Error,
        what: format!("该记录号在本文件第 {line} 行已出现"),
        fix: "请改正记录号；确是同一条记录的，不必再办理这一行".into(),
    }
}

/// A file name without its folders.
pub(super) fn base(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase()
}
