//! Checks of one item: present, of the right shape, and right by its type.

use codes::{CodeError, DocumentNumber, Uscc, Validity, Vin, Warning};
use model::{FaceValue, Record, Row};

use crate::lint::{Lint, Report};
use crate::{Group, Item, ItemType, code, number, text};

/// What separates two numbers that were put into one field.
const BETWEEN_NUMBERS: [char; 9] = ['/', '、', ',', '，', ';', '；', '|', '／', '和'];

/// Checks an item of the record, or of a row of a group (then `path` is `GROUP.ITEM`).
pub(crate) fn check(
    lint: &Lint<'_>,
    item: &Item,
    path: &str,
    record: &Record,
    value: Option<&FaceValue>,
    report: &mut Report<'_>,
) {
    let Some(value) = value else {
        if item.mandatory {
            report.error(
                path,
                "ITEM_MISSING",
                format!("缺少{}", report.name(path)),
                "请从业务系统补齐后重新提交",
            );
        }
        return;
    };
    match value {
        FaceValue::Text(text) => check_text(lint, item, path, record, text, report),
        FaceValue::List(list) if item.list => {
            for text in list.iter().filter(|text| !text.trim().is_empty()) {
                check_text(lint, item, path, record, text, report);
            }
            if list.iter().any(|text| text.trim().is_empty()) {
                report.error(
                    path,
                    "FORMAT",
                    format!("{}列表中有空白的一项", report.name(path)),
                    "请删去或补上该项",
                );
            }
            code::check_repeats(path, list, report);
        }
        _ if item.list => {
            let what = format!("{}应为列表，每项一个代码，不分行、不含子项", report.name(path));
            report.error(path, "FORMAT", what, "请写成代码列表，例如 [\"代码一\",\"代码二\"]");
        }
        _ => report.error(path, "FORMAT", format!("{}应为单个值", report.name(path)), "请只填一个值"),
    }
}

/// Checks every row of a repeated group.
pub(crate) fn check_group(lint: &Lint<'_>, group: &Group, record: &Record, report: &mut Report<'_>) {
    let rows = match record.face.get(&group.short) {
        None if group.mandatory => {
            let what = format!("缺少{}，至少应有一项", group.name);
            report.error(&group.short, "ITEM_MISSING", what, "请从业务系统补齐后重新提交");
            return;
        }
        None => return,
        Some(FaceValue::Rows(rows)) => rows,
        Some(_) => {
            let what = format!("{}应为若干行，每行各项分开", group.name);
            report.error(&group.short, "FORMAT", what, "请按记录格式逐行给出");
            return;
        }
    };
    for (index, row) in rows.iter().enumerate() {
        report.row = Some((group.name.clone(), index));
        check_row(lint, group, record, row, report);
        if let Some(key) = &group.key {
            check_key(group, key, &rows[..index], row, report);
        }
    }
    report.row = None;
}

fn check_row(lint: &Lint<'_>, group: &Group, record: &Record, row: &Row, report: &mut Report<'_>) {
    for item in &group.items {
        let path = format!("{}.{}", group.short, item.short);
        let value = row.get(&item.short).filter(|text| !text.trim().is_empty());
        let value = value.map(|text| FaceValue::Text(text.clone()));
        check(lint, item, &path, record, value.as_ref(), report);
    }
    for extra in row.keys().filter(|key| !group.items.iter().any(|item| item.short == **key)) {
        let path = format!("{}.{extra}", group.short);
        let what = format!("{}不是“{}”的项", report.name(&path), group.name);
        report.error(&path, "ITEM_UNKNOWN", what, "请删去该项，或改用目录中的短名");
    }
}

/// Two rows of one category with other dates: nobody knows which one holds.
fn check_key(group: &Group, key: &str, earlier: &[Row], row: &Row, report: &mut Report<'_>) {
    let Some(text) = row.get(key).filter(|text| !text.trim().is_empty()) else { return };
    if let Some(first) = earlier.iter().position(|one| one.get(key) == Some(text)) {
        let path = format!("{}.{key}", group.short);
        let what = format!("{}“{text}”与第 {} 行相同", report.name(&path), first + 1);
        report.hint(&path, "DUPLICATE", what, "请核对两行，只保留有效的一行");
    }
}

fn check_text(
    lint: &Lint<'_>,
    item: &Item,
    path: &str,
    record: &Record,
    text: &str,
    report: &mut Report<'_>,
) {
    if !text::check(item, path, text, report) {
        return;
    }
    match item.item_type {
        ItemType::Text | ItemType::Photo | ItemType::Plate => {}
        ItemType::Code => code::check(lint, item, path, text, report),
        ItemType::Date => check_date(path, text, false, report),
        ItemType::Until => check_date(path, text, true, report),
        ItemType::Number => number::check(item, path, text, report),
        ItemType::Uscc => {
            if let Err(error) = Uscc::parse(text) {
                number_fault(path, &error, "营业执照或登记证书", report);
            }
        }
        ItemType::Vin => match Vin::parse(text) {
            Err(error) => number_fault(path, &error, "机动车行驶证", report),
            Ok(vin) if !vin.check_digit_holds() => {
                let what = format!("{}“{text}”第 9 位校验位不符", report.name(path));
                report.hint(path, "VIN_CHECK_DIGIT", what, "早年车辆和挂车可能本无校验位，请按行驶证核对");
            }
            Ok(_) => {}
        },
        ItemType::Document => check_document(lint, path, record, text, report),
    }
}

/// A number that breaks its own rule. The fix of the number's type says where to look: here that place has a name.
pub(crate) fn number_fault(path: &str, error: &CodeError, source: &str, report: &mut Report<'_>) {
    let rule = if error.is_check_digit() { "CHECK_DIGIT" } else { "FORMAT" };
    let (what, fix) = error.fault_and_fix();
    report.error(path, rule, what, fix.replace("请核对原件", &format!("请按{source}核对")));
}

/// A day (`long_term` says whether 长期 may stand there) that is not one: the text behind the name, and the mend.
pub(crate) fn date_fault(text: &str, long_term: bool) -> Option<(String, &'static str)> {
    const FORM: &str = "请写成“年-月-日”（如 2026-05-01）";
    let fault = match Validity::parse(text) {
        Ok(Validity::LongTerm) if !long_term => {
            ("不能填“长期”".to_owned(), "请填写具体日期（如 2026-05-01）")
        }
        Ok(_) => return None,
        Err(CodeError::NoSuchDay { .. }) => (format!("“{text}”这一天不存在"), "请按原件核对日期"),
        Err(_) if text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            (format!("“{text}”像是电子表格的日期序号"), FORM)
        }
        Err(_) if long_term => {
            (format!("“{text}”既不是日期也不是“长期”"), "请写成“年-月-日”（如 2026-05-01），或写“长期”")
        }
        Err(_) => (format!("“{text}”不是“年-月-日”形式的日期"), FORM),
    };
    Some(fault)
}

fn check_date(path: &str, text: &str, long_term: bool, report: &mut Report<'_>) {
    if let Some((what, fix)) = date_fault(text, long_term) {
        report.error(path, "FORMAT", format!("{}{what}", report.name(path)), fix);
    }
}

fn check_document(lint: &Lint<'_>, path: &str, record: &Record, text: &str, report: &mut Report<'_>) {
    let Some(type_code) = record.face.text("CZZTDMLXDM").filter(|_| !report.is_wrong("CZZTDMLXDM")) else {
        return;
    };
    let two = text.contains(BETWEEN_NUMBERS);
    match DocumentNumber::parse(type_code, text, lint.today) {
        // An unknown type is the fault of the type's own item.
        Err(CodeError::UnknownCode { .. }) => {}
        Err(error) if two => {
            let (what, _) = error.fault_and_fix();
            report.error(
                path,
                "FORMAT",
                format!("{what}；可能填了两个号码"),
                "请只填一个号码，按证件原件核对",
            );
        }
        Err(error) => {
            let source = if type_code == "001" { "营业执照或登记证书" } else { "证件原件" };
            number_fault(path, &error, source, report);
        }
        Ok(_) if two => {
            let what = format!("{}中有分隔符号，可能填了两个号码", report.name(path));
            report.hint(path, "FORMAT", what, "请按证件原件核对，只填一个号码");
        }
        Ok(number) => number.warnings().iter().for_each(|warning| document_warning(path, warning, report)),
    }
}

fn document_warning(path: &str, warning: &Warning, report: &mut Report<'_>) {
    let (what, fix) = warning.fault_and_fix();
    match warning {
        // Identity numbers keep the area of their first registration for life.
        Warning::AreaRetired { .. } => {}
        Warning::AreaUnknown { .. } => report.hint(path, "AREA_UNKNOWN", what, fix),
        _ => report.error(path, "FORMAT", what, fix),
    }
}
