//! Receipts and the report about paper as workbooks.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::receipt::{ReceiptFilter, ReceiptLine};
use crate::{NodeError, Province};

/// Rows of a workbook at most; more are for the interface.
const MOST: usize = 100_000;
const RECEIPTS: [(&str, f64); 11] = [
    ("序号", 10.0),
    ("核验时间", 26.0),
    ("收到时间", 26.0),
    ("执法证号", 18.0),
    ("单位", 30.0),
    ("证照标识", 50.0),
    ("结论", 16.0),
    ("处理结果", 12.0),
    ("检查组", 20.0),
    ("离线设备", 20.0),
    ("回执编号", 66.0),
];
const PAPER: [(&str, f64); 4] =
    [("月份", 12.0), ("单位", 40.0), ("核验次数", 12.0), ("要求纸质证件次数", 18.0)];

impl Province {
    /// The receipts of a filter as a workbook (xlsx), newest first. It has all columns of the list but the receipts' texts.
    ///
    /// # Errors
    /// More than 100,000; a database that cannot be read.
    pub fn receipt_workbook(&self, wanted: &ReceiptFilter) -> Result<Vec<u8>, NodeError> {
        let mut rows = Vec::new();
        let mut before = i64::MAX;
        loop {
            let page = self.receipt_list(wanted, before, 500)?;
            rows.extend(page.receipts.into_iter().map(cells));
            if rows.len() > MOST {
                return Err(NodeError::refused(
                    format!("符合条件的回执超过 {MOST} 份"),
                    "请缩小时间范围后分次导出",
                ));
            }
            match page.next {
                Some(next) => before = next,
                None => break,
            }
        }
        workbook("核验回执", &RECEIPTS, &rows)
    }

    /// [`Province::paper_report`] as a workbook (xlsx).
    ///
    /// # Errors
    /// As there.
    pub fn paper_workbook(&self, from: &str, to: &str) -> Result<Vec<u8>, NodeError> {
        let lines = self.paper_report(from, to)?.into_iter();
        let rows: Vec<Vec<String>> = lines
            .map(|line| vec![line.month, line.unit, line.checks.to_string(), line.demands.to_string()])
            .collect();
        workbook("要求纸质证件", &PAPER, &rows)
    }
}

fn cells(line: ReceiptLine) -> Vec<String> {
    let device = match (line.device, line.sequence) {
        (Some(device), Some(sequence)) => {
            format!("{device} 第 {sequence} 号{}", if line.fork { "（有冲突）" } else { "" })
        }
        _ => String::new(),
    };
    vec![
        line.number.to_string(),
        line.checked_at,
        line.received_at,
        line.staff_no,
        line.unit,
        line.identifier.unwrap_or_default(),
        line.verdict,
        line.outcome,
        line.group.unwrap_or_default(),
        device,
        line.digest,
    ]
}

fn workbook(name: &str, columns: &[(&str, f64)], rows: &[Vec<String>]) -> Result<Vec<u8>, NodeError> {
    written(name, columns, rows)
        .map_err(|error| NodeError::refused(format!("不能写成 Excel 文件：{error}"), "请缩小范围后重试"))
}

fn written(name: &str, columns: &[(&str, f64)], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The library would ask the machine for the time.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_bold().set_num_format("@"));
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (header, width)) in (0..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, *header, &bold)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    book.save_to_buffer()
}
