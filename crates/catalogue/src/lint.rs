//! The lint before sealing (B2): one record against its kind, the code tables and the dated rules.

use jiff::civil::Date;
use model::{Finding, Record, Severity};

use crate::kind::{ItemType, envelope_label};
use crate::{Catalogue, Kind, field, photo, relation};

/// The lint of one day: what may be sealed today.
pub struct Lint<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) today: Date,
}

/// Collects the findings of one record.
pub(crate) struct Report<'a> {
    record_id: &'a str,
    kind: Option<&'a Kind>,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn error(&mut self, item: &str, rule: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.push(item, rule, Severity::Error, what.into(), fix.into());
    }

    pub(crate) fn hint(&mut self, item: &str, rule: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.push(item, rule, Severity::Hint, what.into(), fix.into());
    }

    fn push(&mut self, item: &str, rule: &str, severity: Severity, what: String, fix: String) {
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

    /// Has this item already been found wrong? Rules that follow from it would only repeat the finding.
    pub(crate) fn is_wrong(&self, item: &str) -> bool {
        self.findings.iter().any(|finding| finding.item == item && finding.severity == Severity::Error)
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
        let mut report = Report { record_id: &record.record_id, kind, findings: Vec::new() };
        self.envelope(record, &mut report);
        match kind {
            Some(kind) => {
                self.items(kind, record, &mut report);
                self.photo(kind, record, photo, &mut report);
                relation::check(self, kind, record, &mut report);
            }
            None => report.error(
                "kind",
                "KIND_UNKNOWN",
                format!("证照类型“{}”不在目录中", record.kind),
                "请填写目录中的证照类型代码或名称，可用 luzheng catalogue list 查看",
            ),
        }
        report.findings
    }

    fn envelope(&self, record: &Record, report: &mut Report<'_>) {
        let required = [
            ("record_id", &record.record_id),
            ("authority_uscc", &record.authority_uscc),
            ("area", &record.area),
            ("decision.no", &record.decision.no),
            ("decision.date", &record.decision.date),
        ];
        for (item, text) in required {
            if text.trim().is_empty() {
                let what = format!("缺少{}", envelope_label(item));
                report.error(item, "ITEM_MISSING", what, "请从业务系统补齐后重新导出");
            }
        }
        self.authority(record, report);
        if record.decision.date.is_empty() {
            return;
        }
        match record.decision.date.parse::<Date>() {
            Err(_) => {
                let what = format!("决定日期“{}”不是日期", record.decision.date);
                report.error("decision.date", "FORMAT", what, "请写成 YYYY-MM-DD，例如 2026-05-01");
            }
            Ok(date) if date > self.today => {
                let what = format!("决定日期 {date} 晚于今天 {}", self.today);
                report.error("decision.date", "DATE_FUTURE", what, "请核对许可决定的日期");
            }
            Ok(_) => {}
        }
    }

    fn authority(&self, record: &Record, report: &mut Report<'_>) {
        if !record.area.is_empty() && self.catalogue.areas.name(&record.area, self.today).is_none() {
            let what = format!("行政区划代码“{}”不存在", record.area);
            report.error("area", "AREA_UNKNOWN", what, "请填写 6 位 GB/T 2260 行政区划代码");
        }
        if record.authority_uscc.is_empty() {
            return;
        }
        if let Err(error) = codes::Uscc::parse(&record.authority_uscc) {
            report.error("authority_uscc", "CHECK_DIGIT", error.to_string(), "请按机构登记证书核对发证机关代码");
            return;
        }
        let Some(authority) = self.catalogue.authorities.get(&record.authority_uscc, self.today) else {
            let what = format!("发证机关代码“{}”不在发证机关名录中", record.authority_uscc);
            report.error("authority_uscc", "AUTHORITY_UNKNOWN", what, "请核对代码；新设机关应先登记到名录");
            return;
        };
        let significant = authority.area.as_str().trim_end_matches('0').len().div_ceil(2) * 2;
        if !record.area.is_empty() && !record.area.starts_with(&authority.area.as_str()[..significant]) {
            let what = format!("行政区划“{}”不在“{}”的管辖范围内", record.area, authority.name);
            report.error("area", "AREA_MISMATCH", what, "请核对行政区划代码或发证机关代码");
        }
    }

    fn items(&self, kind: &Kind, record: &Record, report: &mut Report<'_>) {
        for item in kind.items.iter().filter(|item| item.is_given()) {
            field::check(self, item, &item.short, record, record.face.get(&item.short), report);
        }
        for group in &kind.groups {
            field::check_group(self, group, record, report);
        }
        for (short, _) in record.face.iter() {
            let known = kind.item(short).is_some_and(|item| item.is_given()) || kind.group(short).is_some();
            if !known {
                let what = match kind.item(short) {
                    Some(item) if item.item_type == ItemType::Photo => format!("“{short}”是照片，不能写在照面项里"),
                    Some(_) => format!("“{short}”由系统生成，不能由记录给出"),
                    None => format!("“{}”没有名为“{short}”的照面项", kind.name),
                };
                report.error(short, "ITEM_UNKNOWN", what, "请删去该项，或改用目录中的短名");
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
            (Some(path), None) => {
                let what = format!("照片文件“{path}”读不到");
                report.error(&item.short, "PHOTO_DAMAGED", what, "请把照片放到记录所写的位置后重新提交");
            }
            (Some(_), Some(bytes)) => photo::check(item, bytes, report),
        }
    }
}
