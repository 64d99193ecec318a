//! Workbooks as Excel leaves them.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::io::Cursor;
use std::sync::LazyLock;

use catalogue::Catalogue;
use model::Record;
use records::{Format, ReadError, read, read_within};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook, Worksheet};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

/// Reads the one data row of a sheet with these headers, after `fill` has filled row 1.
fn row(headers: &[&str], fill: impl Fn(&mut Worksheet)) -> Result<Record, ReadError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in ["记录号", "证照类型"].iter().chain(headers).enumerate() {
        sheet.write_string(0, column as u16, *header).unwrap();
    }
    sheet.write_string(1, 0, "1").unwrap();
    sheet.write_string(1, 1, "transport-certificate").unwrap();
    fill(sheet);
    let bytes = book.save_to_buffer().unwrap();
    let mut entries: Vec<_> = read(Format::Xlsx, Cursor::new(bytes), &CATALOGUE).collect();
    assert_eq!(entries.len(), 1);
    entries.remove(0).map(|entry| entry.record)
}

#[test]
fn numbers_have_no_decimal_point() {
    let record = row(&["车辆长", "吨（座）位"], |sheet| {
        sheet.write_number(1, 2, 12000.0).unwrap();
        sheet.write_number(1, 3, 31.5).unwrap();
    });
    let record = record.unwrap();
    assert_eq!((record.face.text("KZ_C"), record.face.text("KZ_DZW")), (Some("12000"), Some("31.5")));
}

#[test]
fn dates_become_iso_text() {
    let date = CellFormat::new().set_num_format("yyyy/m/d");
    let record = row(&["初领日期", "决定日期", "证照有效期截止日期"], |sheet| {
        let day = ExcelDateTime::from_ymd(2026, 6, 1).unwrap();
        sheet.write_datetime_with_format(1, 2, &day, &date).unwrap();
        sheet.write_string(1, 3, "2026/5/9").unwrap();
        sheet.write_number(1, 4, 46_174.0).unwrap();
    });
    let record = record.unwrap();
    assert_eq!(record.face.text("KZ_CLRQ"), Some("2026-06-01"));
    assert_eq!(record.decision.date, "2026-05-09");
    assert_eq!(record.face.text("ZZYXQJZRQ"), Some("2026-06-01"));
}

#[test]
fn a_text_that_became_a_date_is_refused() {
    let date = CellFormat::new().set_num_format("m月d日");
    let error = row(&["厂牌型号"], |sheet| {
        let day = ExcelDateTime::from_ymd(2026, 6, 1).unwrap();
        sheet.write_datetime_with_format(1, 2, &day, &date).unwrap();
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("第 2 行“厂牌型号”列") && error.contains("2026-06-01"), "{error}");
}

#[test]
fn a_number_of_more_than_15_digits_is_refused() {
    let error = row(&["持证主体代码"], |sheet| {
        sheet.write_number(1, 2, 110_101_199_003_074_000.0).unwrap();
    });
    assert!(error.unwrap_err().to_string().contains("超过 15 位"));
}

#[test]
fn a_formula_error_is_refused() {
    let error = row(&["厂牌型号"], |sheet| {
        sheet.write_formula(1, 2, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).unwrap();
    });
    let text = match error {
        Err(error) => error.to_string(),
        Ok(record) => panic!("{record:?}"),
    };
    assert!(text.contains("厂牌型号"), "{text}");
}

#[test]
fn a_file_that_is_no_workbook_says_so_once() {
    let entries: Vec<_> = read(Format::Xlsx, Cursor::new(b"record_id,kind\n"), &CATALOGUE).collect();
    assert_eq!(entries.len(), 1);
    assert!(entries[0].as_ref().unwrap_err().to_string().contains("xlsx"));
}

/// One text in many cells is one string in the file and many in memory; many texts of one letter are small in the file only.
#[test]
fn a_workbook_that_swells_is_refused_before_it_takes_the_memory() {
    for same in [true, false] {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for row in 0..2_000 {
            let text = if same { "甲".repeat(9_000) } else { format!("{row}{}", "a".repeat(9_000)) };
            sheet.write_string(row, 0, text).unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        assert!(bytes.len() < 1_000_000, "{}", bytes.len());
        let within = |most| {
            let first = read_within(Format::Xlsx, Cursor::new(&bytes), most, &CATALOGUE).next();
            first.and_then(Result::err).map(|error| error.to_string()).unwrap_or_default()
        };
        assert!(within(10_000_000).contains("展开后超过 10 MB；请只保留"), "{}", within(10_000_000));
        assert!(!within(100_000_000).contains("展开后"), "{}", within(100_000_000));
    }
}

#[test]
fn a_template_names_columns_and_codes_and_is_read_back_as_an_empty_file() {
    let catalogue = &*CATALOGUE;
    let mut seen = std::collections::HashSet::new();
    for kind in catalogue.kinds().iter().filter(|kind| seen.insert(kind.slug.clone())) {
        let mut bytes = Vec::new();
        let authorities = [("11990000MB0000000J".to_owned(), "演示省交通运输厅".to_owned())];
        records::write_template_xlsx(&mut bytes, kind, catalogue, &["说明".into()], &authorities)
            .expect("a workbook");
        let read: Vec<_> =
            records::read(records::Format::Xlsx, std::io::Cursor::new(&bytes), catalogue).collect();
        assert!(read.is_empty(), "{}: {read:?}", kind.name);
        use calamine::Reader;
        let mut book: calamine::Xlsx<_> =
            calamine::Xlsx::new(std::io::Cursor::new(&bytes)).expect("a workbook");
        assert_eq!(book.sheet_names()[1..], ["填写说明", "代码"]);
        let codes = book.worksheet_range("代码").expect("codes");
        let authority = codes.rows().find(|row| row[1] == "11990000MB0000000J");
        assert_eq!(authority.expect("the authority")[0].to_string(), "发证机关代码");
        let about = book.worksheet_range("填写说明").expect("about");
        assert!(about.height() > 10, "{}", kind.name);
    }
}

#[test]
fn what_a_kind_does_not_have_is_named_by_its_column() {
    let catalogue = &*CATALOGUE;
    let read = |text: &str| -> Vec<String> {
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        records::read(records::Format::Csv, bytes, catalogue)
            .filter_map(Result::err)
            .map(|error| error.to_string())
            .collect()
    };
    let kinds = catalogue.kinds();
    let strange = |kind: &catalogue::Kind| {
        kinds
            .iter()
            .flat_map(|one| &one.items)
            .find(|item| kind.items.iter().all(|own| own.name != item.name))
    };
    let item = strange(&kinds[0]).expect("an item of another kind");
    let said = read(&format!("记录号,证照类型,{}\r\nR1,{},x\r\n", item.name, kinds[0].type_code));
    assert!(said[0].contains(&format!("“{}”没有“{}”这一项", kinds[0].name, item.name)), "{said:?}");
    let said = read("记录号,证照类型,完全不相干的一列名字\r\n");
    assert!(said[0].contains("“完全不相干的一列名字”") && said[0].contains("记录号、来源"), "{said:?}");
    let bad = records::read(records::Format::Xlsx, std::io::Cursor::new(b"no".to_vec()), catalogue);
    let said: Vec<String> = bad.filter_map(Result::err).map(|error| error.to_string()).collect();
    assert!(said[0].contains("不是 Excel 工作簿") && !said[0].contains("Zip"), "{said:?}");
}
