//! Checks of one item: present, length, format, check digit, code.

use codes::{DocumentNumber, Lookup, Uscc, Validity, Vin};
use jiff::civil::Date;
use model::{FaceValue, Record};

use crate::lint::{Lint, Report};
use crate::{Group, Item, ItemType};

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
            report.error(path, "ITEM_MISSING", format!("缺少{}", item.name), "请从业务系统补齐后重新提交");
        }
        return;
    };
    match value {
        FaceValue::Text(text) if item.list => check_text(lint, item, path, record, text, report),
        FaceValue::List(list) if item.list => {
            for text in list {
                check_text(lint, item, path, record, text, report);
            }
        }
        FaceValue::Text(text) => check_text(lint, item, path, record, text, report),
        _ => {
            let what = format!("{}应为单个值", item.name);
            report.error(path, "FORMAT", what, "请只填一个值");
        }
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
    for row in rows {
        for item in &group.items {
            let path = format!("{}.{}", group.short, item.short);
            let value = row.get(&item.short).filter(|text| !text.trim().is_empty());
            let value = value.map(|text| FaceValue::Text(text.clone()));
            check(lint, item, &path, record, value.as_ref(), report);
        }
        if let Some(extra) = row.keys().find(|key| !group.items.iter().any(|item| item.short == **key)) {
            let path = format!("{}.{extra}", group.short);
            let what = format!("{}中没有名为“{extra}”的项", group.name);
            report.error(&path, "ITEM_UNKNOWN", what, "请删去该项，或改用目录中的短名");
        }
    }
}

fn check_text(lint: &Lint<'_>, item: &Item, path: &str, record: &Record, text: &str, report: &mut Report<'_>) {
    let length = text.chars().count();
    if let Some(limit) = item.length.filter(|limit| length > *limit) {
        let what = format!("{}有 {length} 个字，超过规定的 {limit} 个", item.name);
        report.error(path, "LENGTH", what, "请按批准文件核对，必要时使用规范简称");
        return;
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        let what = format!("{}首尾有空白或含有换行、制表等控制字符", item.name);
        report.error(path, "FORMAT", what, "请去掉这些字符");
        return;
    }
    match item.item_type {
        ItemType::Text | ItemType::Photo | ItemType::Plate => {}
        ItemType::Code => check_code(lint, item, path, text, report),
        ItemType::Date => {
            if text.parse::<Date>().is_err() || text.len() != 10 {
                let what = format!("{}“{text}”不是日期", item.name);
                report.error(path, "FORMAT", what, "请写成 YYYY-MM-DD，例如 2026-05-01");
            }
        }
        ItemType::Until => {
            if Validity::parse(text).is_err() {
                let what = format!("{}“{text}”既不是日期也不是“长期”", item.name);
                report.error(path, "FORMAT", what, "请写成 YYYY-MM-DD，或写“长期”");
            }
        }
        ItemType::Number => check_number(item, path, text, report),
        ItemType::Uscc => {
            if let Err(error) = Uscc::parse(text) {
                report.error(path, "CHECK_DIGIT", error.to_string(), "请按营业执照或登记证书核对");
            }
        }
        ItemType::Vin => match Vin::parse(text) {
            Err(error) => report.error(path, "FORMAT", error.to_string(), "请按机动车行驶证核对车辆识别代号"),
            Ok(vin) if !vin.check_digit_holds() => {
                let what = format!("车辆识别代号“{text}”第 9 位校验位不符");
                report.hint(path, "VIN_CHECK_DIGIT", what, "早年车辆和挂车可能本无校验位，请按行驶证核对");
            }
            Ok(_) => {}
        },
        ItemType::Document => check_document(lint, path, record, text, report),
    }
}

fn check_code(lint: &Lint<'_>, item: &Item, path: &str, text: &str, report: &mut Report<'_>) {
    // A catalogue that names a missing table is refused when it is loaded.
    let Some(table) = item.table.as_deref().and_then(|id| lint.catalogue.tables.table(id)) else {
        return;
    };
    match table.get(text, lint.today) {
        Lookup::Unknown => {
            let what = format!("{}代码“{text}”不在代码表“{}”中", item.name, table.name());
            report.error(path, "CODE_UNKNOWN", what, "请改用代码表中的代码");
        }
        Lookup::Retired(name) => {
            let what = format!("{}代码“{text}”（{name}）已停用", item.name);
            report.hint(path, "CODE_RETIRED", what, "新办业务请改用现行代码");
        }
        Lookup::Known(name) => {
            let listed = item.only.is_empty() || item.only.iter().any(|code| code == text);
            let begins = item.prefixes.is_empty() || item.prefixes.iter().any(|code| text.starts_with(code.as_str()));
            if !listed || !begins {
                let what = format!("{}“{text}”（{name}）不适用于本类证照", item.name);
                report.error(path, "CODE_UNKNOWN", what, "请核对证照类型，或改用适用的代码");
            }
        }
    }
}

fn check_number(item: &Item, path: &str, text: &str, report: &mut Report<'_>) {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 || fraction.len() > 3 {
        let what = format!("{}“{text}”不是数字", item.name);
        report.error(path, "FORMAT", what, "请只填阿拉伯数字，最多三位小数，不带单位");
        return;
    }
    let value: u64 = whole.parse().unwrap_or(u64::MAX);
    if let Some(max) = item.max.filter(|max| value > u64::from(*max)) {
        let what = format!("{}“{text}”超过 {max} {}", item.name, item.unit.as_deref().unwrap_or(""));
        report.error(path, "FORMAT", what, "请核对单位和数值");
    }
}

fn check_document(lint: &Lint<'_>, path: &str, record: &Record, text: &str, report: &mut Report<'_>) {
    let Some(type_code) = record.face.text("CZZTDMLXDM") else {
        return;
    };
    if let Err(error) = DocumentNumber::parse(type_code, text, lint.today) {
        let rule = if error.is_check_digit() { "CHECK_DIGIT" } else { "FORMAT" };
        report.error(path, rule, error.to_string(), "请按证件原件核对号码和证件类型");
    }
}
