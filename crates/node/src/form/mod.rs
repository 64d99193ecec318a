//! `form`: a record as fields that a person can fill in, made from the face schema of its kind, each finding beside its field; and back.

use catalogue::{Given, Item, ItemType, Kind};
use jiff::civil::Date;
use model::{FaceValue, Finding, Record, Row};

use crate::lifecycle::MendedField;
use crate::{NodeError, Province};

/// Rows of a repeated group at most.
const ROWS: usize = 12;
/// A list of codes longer than this is typed, not chosen from.
const OPTIONS: usize = 120;
/// One longer than this does not even stand by as a help.
const NAMED: usize = 600;

/// How a value is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Typed.
    #[default]
    Typed,
    /// One of the options.
    One,
    /// A code that is typed, with the options as a help.
    Named,
    /// Any number of the options, `、` between them.
    Several,
}

/// One field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form: `area`, `decision.no`, `CZZT`, `KZ_CYZGLB.0.KZ_LB`.
    pub path: String,
    /// In Chinese.
    pub name: String,
    /// What stands there.
    pub value: String,
    /// Must it be filled in?
    pub mandatory: bool,
    /// How it is written.
    pub help: &'static str,
    /// How it is chosen.
    pub choice: Choice,
    /// Codes and names to choose from; empty for a text.
    pub options: Vec<(String, String)>,
    /// What is wrong and how to mend it.
    pub findings: Vec<(String, String)>,
}

impl Field {
    /// The value with the names of its codes.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = |code: &str| {
            let found = self.options.iter().find(|(known, _)| known == code);
            found.map_or_else(|| code.to_owned(), |(code, name)| format!("{name}（{code}）"))
        };
        match self.choice {
            Choice::Typed => self.value.clone(),
            Choice::One | Choice::Named => name(&self.value),
            Choice::Several => self.codes().map(name).collect::<Vec<_>>().join("、"),
        }
    }

    /// The codes of a value of several.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.value.split('、').map(str::trim).filter(|code| !code.is_empty())
    }
}

/// A record as a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Chinese name of the kind.
    pub kind_name: String,
    /// Fields with a finding first, then the others, each in the order of the face.
    pub fields: Vec<Field>,
    /// The photo, for a kind whose face has one.
    pub photo: Option<PhotoField>,
    /// Findings that no field can mend: about the record as a whole.
    pub rest: Vec<Finding>,
}

/// The photo of a record: another one may be sent in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoField {
    /// In Chinese.
    pub name: String,
    /// Must there be one?
    pub mandatory: bool,
    /// Does the record bring one?
    pub given: bool,
    /// Can it be looked at?
    pub shown: bool,
    /// How it has to be.
    pub help: String,
    /// What is wrong and how to mend it.
    pub findings: Vec<(String, String)>,
}

/// What a form came back with.
pub struct Filled<'f> {
    /// The value of a field; one that it does not know stays as it is.
    pub value: &'f dyn Fn(&str) -> Option<String>,
    /// A photo in the place of the one that the record has.
    pub photo: Option<NewPhoto>,
}

/// A photo that was sent in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPhoto {
    /// Name of the file, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Form {
    /// A field beside those of the face, with its findings; among the first where it has any.
    pub(crate) fn put_first(&mut self, path: &str, name: &str, value: &str) {
        let (about, rest): (Vec<Finding>, Vec<Finding>) =
            std::mem::take(&mut self.rest).into_iter().partition(|finding| finding.item == path);
        self.rest = rest;
        let findings: Vec<(String, String)> = about.into_iter().map(|one| (one.what, one.fix)).collect();
        let wrong = self.fields.iter().take_while(|field| !field.findings.is_empty()).count();
        let place = if findings.is_empty() { wrong } else { 0 };
        let field = Field {
            path: path.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            mandatory: true,
            findings,
            ..Field::default()
        };
        self.fields.insert(place, field);
    }

    /// Says whether the photo that the record brings can be looked at.
    pub(crate) fn with_photo(mut self, bytes: Option<&[u8]>) -> Self {
        if let Some(photo) = &mut self.photo {
            photo.shown = bytes.is_some_and(|bytes| catalogue::inspect_photo(bytes).is_some());
        }
        self
    }
}

/// A photo as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPhoto {
    /// Media type.
    pub media: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl ShownPhoto {
    /// A photo, where it is one.
    pub(crate) fn of(bytes: Vec<u8>) -> Option<Self> {
        let media = match catalogue::inspect_photo(&bytes)?.format {
            catalogue::PhotoFormat::Jpeg => "image/jpeg",
            catalogue::PhotoFormat::Png => "image/png",
        };
        Some(Self { media, bytes })
    }
}

impl Province {
    /// The form of a record with its findings.
    ///
    /// # Errors
    /// A record of no kind of this day's catalogue: its form cannot be known.
    pub fn form_of(&self, record: &Record, findings: &[Finding], now: i64) -> Result<Form, NodeError> {
        let today = ::lifecycle::day_of(now).date();
        let kind = self.kind_of_record(record, today).ok_or_else(|| {
            NodeError::refused(
                format!("证照类型“{}”不在目录中，无法生成补正表", record.kind),
                "请在业务系统或原文件中改正证照类型后重新提交",
            )
        })?;
        let mut fields = self.envelope(record, today);
        for item in kind.items.iter().filter(|item| is_typed(item)) {
            let value = record.face.get(&item.short).map_or_else(String::new, text_of);
            fields.push(self.field(item, item.short.clone(), item.name.clone(), value));
        }
        for group in &kind.groups {
            let rows: &[Row] = match record.face.get(&group.short) {
                Some(FaceValue::Rows(rows)) => rows,
                _ => &[],
            };
            for place in 0..rows.len().clamp(1, ROWS) {
                for item in group.items.iter().filter(|item| is_typed(item)) {
                    let value = rows.get(place).and_then(|row| row.get(&item.short)).cloned();
                    let path = format!("{}.{place}.{}", group.short, item.short);
                    let name = format!("{}（{}）{}", group.name, place + 1, item.name);
                    fields.push(self.field(item, path, name, value.unwrap_or_default()));
                }
            }
        }
        let photo_item = kind.photo_item();
        let mut photo = photo_item.map(|item| PhotoField {
            name: item.name.clone(),
            mandatory: item.mandatory,
            given: record.photo.is_some(),
            shown: false,
            help: catalogue::photo_help(),
            findings: Vec::new(),
        });
        let mut rest = Vec::new();
        for finding in findings {
            let said = (finding.what.clone(), finding.fix.clone());
            match fields.iter_mut().find(|field| is_about(field, &finding.item)) {
                Some(field) => field.findings.push(said),
                None => match &mut photo {
                    Some(photo) if photo_item.is_some_and(|item| is_photo(item, &finding.item)) => {
                        photo.findings.push(said);
                    }
                    _ => rest.push(finding.clone()),
                },
            }
        }
        // A stable sort: what is wrong comes first, each part in the order of the face.
        fields.sort_by_key(|field| field.findings.is_empty());
        Ok(Form { kind_name: kind.name.clone(), fields, photo, rest })
    }

    /// What of a record is otherwise in another one, as its form writes it: path, name, before, after.
    ///
    /// # Errors
    /// As [`Province::form_of`].
    pub(crate) fn form_changes(
        &self,
        (before, after): (&Record, &Record),
        now: i64,
    ) -> Result<Vec<MendedField>, NodeError> {
        let was = self.form_of(before, &[], now)?.fields;
        let is = self.form_of(after, &[], now)?.fields;
        let mut out = Vec::new();
        let value = |fields: &[Field], path: &str| {
            fields.iter().find(|field| field.path == path).map(Field::shown).unwrap_or_default()
        };
        let gone = was.iter().filter(|field| is.iter().all(|other| other.path != field.path));
        for field in is.iter().chain(gone) {
            let (before, after) = (value(&was, &field.path), value(&is, &field.path));
            if before != after {
                let (path, name) = (field.path.clone(), field.name.clone());
                out.push(MendedField { path, name, before, after });
            }
        }
        Ok(out)
    }

    /// The record with what was filled in; a field that `value` does not know stays as it is.
    pub fn form_filled(
        &self,
        mut record: Record,
        value: &dyn Fn(&str) -> Option<String>,
        now: i64,
    ) -> Record {
        let today = ::lifecycle::day_of(now).date();
        for (path, place) in [
            ("authority_uscc", &mut record.authority_uscc),
            ("area", &mut record.area),
            ("decision.no", &mut record.decision.no),
            ("decision.date", &mut record.decision.date),
        ] {
            if let Some(text) = value(path) {
                *place = text;
            }
        }
        let Some(kind) = self.kind_of_record(&record, today) else { return record };
        for item in kind.items.iter().filter(|item| is_typed(item)) {
            let Some(text) = value(&item.short) else { continue };
            let old = record.face.get(&item.short).map_or_else(String::new, text_of);
            // What was not touched keeps its shape: a list of one stays a list.
            if text != old {
                record.face.set(&item.short, read(item, &text));
            }
        }
        for group in &kind.groups {
            let mut rows: Vec<Row> = match record.face.get(&group.short) {
                Some(FaceValue::Rows(rows)) => rows.clone(),
                _ => Vec::new(),
            };
            for place in 0..ROWS {
                for item in &group.items {
                    let path = format!("{}.{place}.{}", group.short, item.short);
                    let Some(text) = value(&path) else { continue };
                    if rows.len() <= place && !text.is_empty() {
                        rows.resize(place + 1, Row::default());
                    }
                    if let Some(row) = rows.get_mut(place) {
                        row.insert(item.short.clone(), text);
                    }
                }
            }
            // A row that was emptied is gone.
            rows.retain(|row| row.values().any(|text| !text.trim().is_empty()));
            if !rows.is_empty() || record.face.get(&group.short).is_some() {
                record.face.set(&group.short, FaceValue::Rows(rows));
            }
        }
        record
    }

    /// The kind that a record names by type code, name or slug.
    pub(crate) fn kind_of_record(&self, record: &Record, today: Date) -> Option<&Kind> {
        self.data.catalogue.kind(record.kind.trim(), today)
    }

    /// The authorities of this province on a day: code and name.
    pub(crate) fn own_authorities(&self, today: Date) -> Vec<(String, String)> {
        let authorities = self.data.catalogue.authorities.iter();
        authorities
            .filter(|one| one.area.to_string().starts_with(&self.area))
            .filter(|one| one.valid_from <= today && one.valid_to.is_none_or(|end| today <= end))
            .map(|one| (one.uscc.to_string(), one.name.clone()))
            .collect()
    }

    fn envelope(&self, record: &Record, today: Date) -> Vec<Field> {
        let mut options = self.own_authorities(today);
        options.truncate(OPTIONS);
        let field = |path: &str, name: &str, value: &str, help: &'static str| Field {
            path: path.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            mandatory: true,
            help,
            ..Field::default()
        };
        vec![
            Field {
                choice: Choice::One,
                options,
                ..field("authority_uscc", "发证机关", &record.authority_uscc, "")
            },
            field("area", "行政区划", &record.area, "6 位行政区划代码"),
            field("decision.no", "决定文号", &record.decision.no, ""),
            field("decision.date", "决定日期", &record.decision.date, "如 2026-06-01"),
        ]
    }

    fn field(&self, item: &Item, path: String, name: String, value: String) -> Field {
        let table = item.table.as_deref().and_then(|table| self.data.catalogue.tables.table(table));
        let mut options: Vec<(String, String)> = match table {
            Some(table) => table
                .iter()
                .filter(|(code, _)| item.allows(code))
                .map(|(code, _)| (code.to_owned(), table.latest_name(code).unwrap_or(code).to_owned()))
                .collect(),
            None => Vec::new(),
        };
        let choice = match options.len() {
            0 => Choice::Typed,
            1..=OPTIONS if item.list => Choice::Several,
            1..=OPTIONS => Choice::One,
            _ if !item.list && options.len() <= NAMED => Choice::Named,
            _ => {
                options.clear();
                Choice::Typed
            }
        };
        let help = match item.item_type {
            ItemType::Date => "如 2026-06-01",
            ItemType::Until => "如 2032-05-31，无截止日期的填“长期”",
            ItemType::Code if choice == Choice::Named => "填代码；输入名称的一部分可以从列表中选",
            ItemType::Code if item.list && choice == Choice::Typed => "填代码，多个用“、”隔开",
            ItemType::Code if choice == Choice::Typed => "填代码",
            ItemType::Number => "填数字，不带单位",
            ItemType::Plate => "如 演A12345，不带间隔点",
            _ => "",
        };
        Field { path, name, value, mandatory: item.mandatory, help, choice, options, findings: Vec::new() }
    }
}

/// Is it typed by somebody? The system computes derived items; photos come as files.
fn is_typed(item: &Item) -> bool {
    item.given == Given::Record && item.item_type != ItemType::Photo
}

/// A finding names an item, an item of a group (`GROUP.SHORT`) or a field of the envelope.
fn is_about(field: &Field, item: &str) -> bool {
    if field.path == item {
        return true;
    }
    let mut parts = field.path.split('.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(group), Some(_), Some(short)) => {
            item == group
                || item.split_once('.').is_some_and(|(head, tail)| head == group && tail.ends_with(short))
        }
        _ => false,
    }
}

/// A finding names the photo by its item, or by the field of the message that carries it.
fn is_photo(item: &Item, named: &str) -> bool {
    item.short == named || named == "photo"
}

fn text_of(value: &FaceValue) -> String {
    match value {
        FaceValue::Text(text) => text.clone(),
        FaceValue::List(list) => list.join("、"),
        FaceValue::Rows(_) => String::new(),
    }
}

fn read(item: &Item, text: &str) -> FaceValue {
    if !item.list {
        return FaceValue::Text(text.to_owned());
    }
    let parts = text.split(['、', '，', ',', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
    FaceValue::List(parts.map(str::to_owned).collect())
}
