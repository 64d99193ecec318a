//! The report of a run: Chinese lines, JSON lines, a workbook. Differences are read page by page.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::difference::{Difference, Side, field_name};
use super::run::Run;
use crate::{NodeError, Province};

/// In which form a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportForm {
    /// Chinese lines.
    Text,
    /// First the run, then one difference a line.
    Jsonl,
    /// One sheet, a row a difference.
    Xlsx,
}

const PAGE: u32 = 1_000;
const HEADERS: [&str; 9] =
    ["证照键", "证照标识", "证照编号", "类别", "不符项", "我方", "对方", "说明", "处理"];
const WIDTHS: [f64; 9] = [38.0, 36.0, 20.0, 10.0, 20.0, 40.0, 40.0, 30.0, 12.0];

impl Province {
    /// Writes the report of a run.
    ///
    /// # Errors
    /// No such run, a database that cannot be read, a writer that fails; more than 1,048,575 differences in a workbook.
    pub fn reconcile_report(
        &self,
        id: &str,
        form: ReportForm,
        out: &mut dyn Write,
    ) -> Result<Run, NodeError> {
        let run = self.reconcile_show(id)?;
        let unwritten = |error: std::io::Error| {
            NodeError::refused(format!("对账报告不能写出：{}", crate::cause(&error)), "请检查磁盘空间和权限")
        };
        match form {
            ReportForm::Text => {
                for line in lines(&run) {
                    writeln!(out, "{line}").map_err(unwritten)?;
                }
                self.each_difference(id, |one| writeln!(out, "{}", line(&one)).map_err(unwritten))?;
            }
            ReportForm::Jsonl => {
                writeln!(out, "{}", crate::lifecycle::json(&run)?).map_err(unwritten)?;
                self.each_difference(id, |one| {
                    writeln!(out, "{}", crate::lifecycle::json(&one)?).map_err(unwritten)
                })?;
            }
            ReportForm::Xlsx => {
                let mut rows = Vec::new();
                self.each_difference(id, |one| {
                    rows.push(cells(&one));
                    Ok(())
                })?;
                let bytes = workbook(&rows).map_err(|error| {
                    NodeError::refused(format!("对账报告不能写成 Excel 文件：{error}"), "请改用 JSON 行格式")
                })?;
                out.write_all(&bytes).map_err(unwritten)?;
            }
        }
        out.flush().map_err(unwritten)?;
        Ok(run)
    }

    fn each_difference(
        &self,
        id: &str,
        mut each: impl FnMut(Difference) -> Result<(), NodeError>,
    ) -> Result<(), NodeError> {
        let mut after = String::new();
        loop {
            let page = self.reconcile_differences(id, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.certificate);
            page.into_iter().try_for_each(&mut each)?;
        }
    }
}

/// The head of the report.
fn lines(run: &Run) -> Vec<String> {
    let (summary, compared) = (&run.summary, &run.summary.comparison);
    let form = match run.form.as_str() {
        "tree" => "摘要树",
        "list" => "清单",
        _ => "逐证查询",
    };
    let state = match run.state.as_str() {
        "done" if summary.is_equal() => "已完成，双方一致",
        "done" => "已完成，有差异",
        "running" => "进行中",
        _ => "已中断，结果不完整",
    };
    let mut lines = vec![
        format!("对账 {}：与“{}”比对，方式为{form}", run.id, run.lane),
        format!("状态：{state}"),
        format!("比对时点：{}；此后的变动和待归集的证照不计为差异", moment(run.watermark)),
        format!(
            "我方 {} 证，对方 {} 证；往返 {} 次，逐证比对 {} 证",
            compared.ours, compared.theirs, compared.messages, compared.compared
        ),
        format!(
            "对方缺失 {}，对方多出 {}，内容不符 {}；在途 {}",
            summary.missing, summary.extra, summary.different, summary.in_flight
        ),
    ];
    lines.extend(summary.cause.as_ref().map(|cause| format!("中断原因：{cause}")));
    lines.extend(
        compared
            .unexplained
            .iter()
            .map(|path| format!("“{path}”摘要不同而逐证相同：比对期间有变动，或一方摘要树需重建")),
    );
    lines
}

/// One difference.
fn line(one: &Difference) -> String {
    let [key, identifier, _, class, fields, ours, theirs, note, state] = cells(one);
    let name = if identifier.is_empty() { key } else { format!("{identifier}（{key}）") };
    let mut line = format!("{class} {name}");
    for (label, text) in
        [("不符项", fields), ("我方", ours), ("对方", theirs), ("说明", note), ("处理", state)]
    {
        if !text.is_empty() {
            line.push_str(&format!("；{label}：{text}"));
        }
    }
    line
}

fn cells(one: &Difference) -> [String; 9] {
    let known = |field: &str| {
        let of = |side: &Option<Side>| side.as_ref().and_then(|side| side.get(field).cloned());
        of(&one.ours).or_else(|| of(&one.theirs)).unwrap_or_default()
    };
    let names: Vec<&str> = one.fields.iter().map(|field| field_name(field)).collect();
    let state = match one.state.as_str() {
        "open" => "未处理".to_owned(),
        "resent" => "已重新归集".to_owned(),
        "drafted" => format!("已拟申请 {}", one.request.as_deref().unwrap_or_default()),
        _ => "已无需处理".to_owned(),
    };
    [
        one.certificate.clone(),
        known("identifier"),
        known("certificate_no"),
        one.class.name().to_owned(),
        names.join("、"),
        values(one, &one.ours),
        values(one, &one.theirs),
        one.note.clone(),
        state,
    ]
}

/// What differs of one side; everything where there is only one.
fn values(one: &Difference, side: &Option<Side>) -> String {
    let Some(side) = side else { return String::new() };
    let shown = side.iter().filter(|(field, _)| one.fields.is_empty() || one.fields.contains(field));
    let shown = shown.filter(|(field, _)| {
        !matches!(field.as_str(), "identifier" | "certificate_no") || !one.fields.is_empty()
    });
    shown.map(|(field, value)| format!("{} {value}", field_name(field))).collect::<Vec<_>>().join("，")
}

fn workbook(rows: &[[String; 9]]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The library would ask the machine for the time.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_bold().set_num_format("@");
    let sheet = book.add_worksheet();
    sheet.set_name("对账差异")?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (header, width)) in (0..).zip(HEADERS.iter().zip(WIDTHS)) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, *header, &bold)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    book.save_to_buffer()
}

fn beijing(at: i64) -> Option<jiff::Zoned> {
    let zone = TimeZone::fixed(Offset::constant(8));
    Some(Timestamp::from_microsecond(at).ok()?.to_zoned(zone))
}

fn moment(at: i64) -> String {
    beijing(at).map_or_else(|| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// The day in China of an instant (microseconds UTC).
pub(super) fn day(at: i64) -> String {
    beijing(at).map_or_else(String::new, |at| at.date().to_string())
}
