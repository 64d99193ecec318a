//! The lint before sealing (B2): one record against its kind, the code tables and the dated rules.

use jiff::civil::Date;
use model::{Finding, Record, Severity};

use crate::kind::{Item, ItemType, envelope_label};
use crate::{Catalogue, Kind, envelope, field, photo, relation};

/// The lint of one day: what may be sealed today.
pub struct Lint<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) today: Date,
}

/// Collects the findings of one record.
pub(crate) struct Report<'a> {
    record_id: &'a str,
    kind: Option<&'a Kind>,
    /// The row of a group that is being looked at: the group's name, and the row from 0.
    pub(crate) row: Option<(String, usize)>,
    findings: Vec<Finding>,
    /// The row that each finding is about.
    rows: Vec<Option<usize>>,
}

impl<'a> Report<'a> {
    pub(crate) fn error(&mut self, item: &str, rule: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.push(item, rule, Severity::Error, what.into(), fix.into());
    }

    pub(crate) fn hint(&mut self, item: &str, rule: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.push(item, rule, Severity::Hint, what.into(), fix.into());
    }

    fn push(&mut self, item: &str, rule: &str, severity: Severity, what: String, fix: String) {
        self.rows.push(self.row.as_ref().map(|(_, row)| *row));
        self.findings.push(Finding {
            record_id: self.record_id.to_owned(),
            item: item.to_owned(),
            item_name: self.label(item).to_owned(),
            rule: rule.to_owned(),
            severity,
            what,
            fix,
        });
    }

    pub(crate) fn label<'b>(&'b self, item: &'b str) -> &'b str {
        self.kind.map_or_else(|| envelope_label(item), |kind| kind.label(item))
    }

    /// What a sentence calls an item: its Chinese name, with the row it stands in (从业资格第 2 行的类别).
    pub(crate) fn name(&self, item: &str) -> String {
        match &self.row {
            Some((group, row)) if item.contains('.') => {
                // A sub-item that the catalogue does not have has no name but its short one.
                let known = self.kind.is_some_and(|kind| kind.path(item).is_some());
                let short = item.split_once('.').map_or(item, |(_, short)| short);
                let name = if known { self.label(item).to_owned() } else { format!("“{short}”") };
                format!("{group}第 {} 行的{name}", row + 1)
            }
            _ => self.label(item).to_owned(),
        }
    }

    pub(crate) fn kind_name(&self) -> &str {
        self.kind.map_or("", |kind| &kind.name)
    }

    /// Has this item (of this row) already been found wrong? Rules that follow from it would only repeat the finding.
    pub(crate) fn is_wrong(&self, item: &str) -> bool {
        let row = self.row.as_ref().map(|(_, row)| *row);
        self.findings.iter().zip(&self.rows).any(|(finding, at)| {
            finding.item == item && finding.severity == Severity::Error && (!item.contains('.') || *at == row)
        })
    }
}

impl<'a> Lint<'a> {
    /// A lint against a catalogue on a day (Asia/Shanghai).
    pub fn new(catalogue: &'a Catalogue, today: Date) -> Self {
        Self { catalogue, today }
    }

    /// The kind of a record, if the catalogue has it today.
    pub fn kind_of(&self, record: &Record) -> Option<&'a Kind> {
        self.catalogue.kind(record.kind.trim(), self.today)
    }

    /// Everything wrong within one record. `photo` is the file that the record names, `None` when it could not be read.
    pub fn record(&self, record: &Record, photo: Option<&[u8]>) -> Vec<Finding> {
        let kind = self.kind_of(record);
        let mut report =
            Report { record_id: &record.record_id, kind, row: None, findings: Vec::new(), rows: Vec::new() };
        envelope::check(self, record, &mut report);
        match kind {
            Some(kind) => {
                self.items(kind, record, &mut report);
                self.photo(kind, record, photo, &mut report);
                relation::check(self, kind, record, &mut report);
            }
            None => report.error(
                "kind",
                "KIND_UNKNOWN",
                match record.kind.trim() {
                    "" => "没有填写证照类型".to_owned(),
                    kind => format!("证照类型“{kind}”不在目录中"),
                },
                "请填写目录中的证照类型代码或名称，可用 luzheng catalogue list 查看",
            ),
        }
        report.findings
    }

    fn items(&self, kind: &Kind, record: &Record, report: &mut Report<'_>) {
        for item in kind.items.iter().filter(|item| item.is_given()) {
            field::check(self, item, &item.short, record, record.face.get(&item.short), report);
        }
        for group in &kind.groups {
            field::check_group(self, group, record, report);
        }
        for (short, _) in record.face.iter() {
            let known = kind.item(short).is_some_and(Item::is_given) || kind.group(short).is_some();
            if !known {
                surplus(kind, short, report);
            }
        }
    }

    fn photo(&self, kind: &Kind, record: &Record, bytes: Option<&[u8]>, report: &mut Report<'_>) {
        let Some(item) = kind.photo_item() else {
            return;
        };
        match (&record.photo, bytes) {
            (None, _) if item.mandatory => {
                report.error(&item.short, "ITEM_MISSING", format!("缺少{}", item.name), "请补充照片文件");
            }
            (None, _) => {}
            (Some(path), None) => photo::unreadable(item, path, report),
            (Some(_), Some(bytes)) => photo::check(item, bytes, report),
        }
    }
}

/// An item that the record must not bring.
fn surplus(kind: &Kind, short: &str, report: &mut Report<'_>) {
    let (what, fix) = match kind.item(short) {
        Some(item) if item.item_type == ItemType::Photo => (
            format!("“{}”（{short}）是图片，不能写在照面项里", item.name),
            "请删去该项，把照片文件的路径写在 photo 中",
        ),
        Some(item) => (format!("“{}”（{short}）由系统生成，不能由记录给出", item.name), "请删去该项"),
        None => (format!("“{}”没有名为“{short}”的照面项", kind.name), "请删去该项，或改用目录中的短名"),
    };
    report.error(short, "ITEM_UNKNOWN", what, fix);
}
