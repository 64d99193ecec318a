//! Lists of findings for the clerk who mends the records (B2).

use std::io::Write;

use catalogue::Rules;
use model::{Finding, Severity};

use crate::WriteError;
use crate::sheet::Sheet;

const HEADERS: [&str; 8] = ["记录号", "项", "项名", "规则", "规则名", "严重程度", "问题", "改正办法"];

/// Writes findings as a workbook with one sheet 核查结果.
///
/// # Errors
/// [`WriteError::Sheet`] with more than 1,048,575 findings.
pub fn write_findings_xlsx(
    mut writer: impl Write,
    findings: &[Finding],
    rules: &Rules,
) -> Result<(), WriteError> {
    let mut sheet = Sheet::new("核查结果", &HEADERS.map(str::to_owned))?;
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "错误",
            Severity::Hint => "提示",
        };
        let cells = [
            &finding.record_id,
            &finding.item,
            &finding.item_name,
            &finding.rule,
            rules.name(&finding.rule),
            severity,
            &finding.what,
            &finding.fix,
        ];
        sheet.row(cells.into_iter())?;
    }
    sheet.finish(&mut writer)
}

/// Writes findings as JSON lines with the field names of [`Finding`].
pub fn write_findings_jsonl<'a>(
    mut writer: impl Write,
    findings: impl IntoIterator<Item = &'a Finding>,
) -> Result<(), WriteError> {
    for finding in findings {
        // Serialising plain strings cannot fail: what fails here is the writer.
        serde_json::to_writer(&mut writer, finding).map_err(std::io::Error::from)?;
        writer.write_all(b"\n")?;
    }
    Ok(writer.flush()?)
}
