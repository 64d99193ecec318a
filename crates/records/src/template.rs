//! An empty workbook for the records of a kind: its columns under a header, what goes into each, and the codes that may.

use std::io::Write;

use catalogue::{Catalogue, Item, ItemType, Kind};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use crate::WriteError;
use crate::header::Field;
use crate::resolve::Target;
use crate::sheet::Sheet;
use crate::write::columns;

/// Codes of one table at most: longer ones (areas of the whole country) are named, not listed.
const MOST: usize = 600;

/// Writes the workbook: the first sheet is the one to fill in and is read back as a file without records. `notes`: lines about the file as a
/// whole; `authorities`: code and name of those that may issue.
///
/// # Errors
/// [`WriteError::Sheet`] when the library refuses a sheet.
pub fn write_template_xlsx(
    mut writer: impl Write,
    kind: &Kind,
    catalogue: &Catalogue,
    notes: &[String],
    authorities: &[(String, String)],
) -> Result<(), WriteError> {
    let columns = columns(kind, &[])?;
    let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
    let fill = Sheet::new(&kind.name, &headers)?;
    let mut about = Sheet::new("填写说明", &["列", "必填", "填写方法"].map(str::to_owned))?;
    for note in notes {
        about.row(["（整个文件）", "", note.as_str()].into_iter())?;
    }
    let mut codes = Sheet::new("代码", &["列", "代码", "名称"].map(str::to_owned))?;
    for column in &columns {
        let item = match &column.target {
            Target::Envelope(field) => {
                let (mandatory, how) = envelope(*field, kind);
                about.row([&*column.header, if mandatory { "是" } else { "" }, &how].into_iter())?;
                if *field == Field::Authority {
                    for (code, name) in authorities {
                        codes.row([&*column.header, code, name].into_iter())?;
                    }
                }
                continue;
            }
            Target::Item(short) | Target::Whole(short) | Target::Listed { short, .. } => kind.item(short),
            Target::Grouped { group, short, .. } => {
                kind.group(group).and_then(|group| group.items.iter().find(|item| item.short == *short))
            }
        };
        let Some(item) = item else { continue };
        let listed = listed(item, catalogue);
        let how = how(item, column.target.is_numbered(), listed.len());
        about.row([&*column.header, if item.mandatory { "是" } else { "" }, &how].into_iter())?;
        for (code, name) in listed.iter().take(MOST) {
            codes.row([&*column.header, code, name].into_iter())?;
        }
    }
    let mut book = Workbook::new();
    for sheet in [fill, about, codes] {
        book.push_worksheet(sheet.into_worksheet()?);
    }
    // The library would ask the machine for the time.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    writer.write_all(&book.save_to_buffer()?)?;
    Ok(writer.flush()?)
}

fn envelope(field: Field, kind: &Kind) -> (bool, String) {
    let (mandatory, how) = match field {
        Field::RecordId => {
            (true, "业务系统中这条记录的唯一编号；没有的自行编定，同一件证照以后一直用这个编号")
        }
        Field::Source => (false, "记录出自哪个系统；没有的留空，由系统按行政区划编定"),
        Field::Kind => return (true, format!("每行都填“{}”", kind.name)),
        Field::Authority => (true, "发证机关的统一社会信用代码，见“代码”表"),
        Field::Area => (true, "6 位行政区划代码"),
        Field::DecisionNo => (true, "许可决定的文号"),
        Field::DecisionDate => (true, "如 2026-06-01"),
        Field::Photo => {
            (kind.photo_item().is_some_and(|item| item.mandatory), "照片的文件名；照片与本文件一起上传")
        }
    };
    (mandatory, how.to_owned())
}

/// The codes that an item may have, with their newest names.
fn listed(item: &Item, catalogue: &Catalogue) -> Vec<(String, String)> {
    let table = item.table.as_deref().and_then(|table| catalogue.tables.table(table));
    let Some(table) = table else { return Vec::new() };
    table
        .iter()
        .filter(|(code, _)| item.allows(code))
        .map(|(code, _)| (code.to_owned(), table.latest_name(code).unwrap_or(code).to_owned()))
        .collect()
}

fn how(item: &Item, numbered: bool, codes: usize) -> String {
    let text = match item.item_type {
        ItemType::Date => "如 2026-06-01",
        ItemType::Until => "如 2032-05-31，无截止日期的填“长期”",
        ItemType::Code if codes > MOST => "填代码（代码表较长，未列出）",
        ItemType::Code => "填代码，见“代码”表",
        ItemType::Number => "填数字，不带单位",
        ItemType::Plate => "如 演A12345，不带间隔点",
        ItemType::Uscc => "18 位统一社会信用代码",
        ItemType::Vin => "17 位车辆识别代号",
        ItemType::Document => "证件号码，含字母的照原样",
        ItemType::Text | ItemType::Photo => "照原样填写",
    };
    let length = item.length.map_or_else(String::new, |most| format!("，至多 {most} 个字"));
    let more =
        if numbered { "；不止一项的，在后面加列，列名的数字依次加 1" } else { "" };
    format!("{text}{length}{more}")
}
