//! Checks of what stands around the face: record number, authority, area, decision.

use codes::{Lookup, Uscc};
use model::Record;

use crate::kind::{DECISION_DATE, envelope_label};
use crate::lint::{Lint, Report};
use crate::relation::date_of;
use crate::{field, text};

/// Checks the envelope of one record. A blank field is missing and nothing else.
pub(crate) fn check(lint: &Lint<'_>, record: &Record, report: &mut Report<'_>) {
    let fields = [
        ("record_id", &record.record_id),
        ("authority_uscc", &record.authority_uscc),
        ("area", &record.area),
        ("decision.no", &record.decision.no),
        (DECISION_DATE, &record.decision.date),
    ];
    for (item, given) in fields {
        let name = envelope_label(item);
        if given.trim().is_empty() {
            report.error(item, "ITEM_MISSING", format!("缺少{name}"), "请从业务系统补齐后重新导出");
        } else if let Some((what, fix)) = text::fault(given) {
            report.error(item, "FORMAT", format!("{name}{what}"), fix);
        }
    }
    if !report.is_wrong("area") {
        area(lint, record, report);
    }
    if !report.is_wrong("authority_uscc") {
        authority(lint, record, report);
    }
    if !report.is_wrong(DECISION_DATE) {
        decision_date(lint, record, report);
    }
}

fn area(lint: &Lint<'_>, record: &Record, report: &mut Report<'_>) {
    let code = &record.area;
    let (what, fix) = match lint.catalogue.areas.get(code, lint.today) {
        Lookup::Known(_) => return,
        Lookup::Retired(name) => {
            (format!("行政区划代码“{code}”（{name}）已撤销"), "请填写现行的行政区划代码")
        }
        Lookup::Unknown => (format!("行政区划代码“{code}”不存在"), "请填写 GB/T 2260 的 6 位行政区划代码"),
    };
    report.error("area", "AREA_UNKNOWN", what, fix);
}

fn authority(lint: &Lint<'_>, record: &Record, report: &mut Report<'_>) {
    let uscc = &record.authority_uscc;
    if let Err(error) = Uscc::parse(uscc) {
        field::number_fault("authority_uscc", &error, "机构登记证书", report);
        return;
    }
    let Some(authority) = lint.catalogue.authorities.get(uscc, lint.today) else {
        let what = format!("发证机关代码“{uscc}”不在发证机关名录中");
        report.error("authority_uscc", "AUTHORITY_UNKNOWN", what, "请核对代码；新设机关应先登记到名录");
        return;
    };
    // The zeros at the end of a code stand for whatever lies below: 990100 covers 990101.
    let significant = authority.area.as_str().trim_end_matches('0').len().div_ceil(2) * 2;
    if !report.is_wrong("area") && !record.area.starts_with(&authority.area.as_str()[..significant]) {
        let what = format!("行政区划“{}”不在“{}”的管辖范围内", record.area, authority.name);
        report.error("area", "AREA_MISMATCH", what, "请核对行政区划代码或发证机关代码");
    }
}

fn decision_date(lint: &Lint<'_>, record: &Record, report: &mut Report<'_>) {
    let text = &record.decision.date;
    if let Some((what, fix)) = field::date_fault(text, false) {
        report.error(DECISION_DATE, "FORMAT", format!("决定日期{what}"), fix);
    } else if let Some(date) = date_of(text).filter(|date| *date > lint.today) {
        let what = format!("决定日期 {date} 晚于今天 {}", lint.today);
        report.error(DECISION_DATE, "DATE_FUTURE", what, "请核对许可决定的日期");
    }
}
