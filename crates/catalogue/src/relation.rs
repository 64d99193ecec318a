//! Rules over several items of one record. Which items they look at is data (`rules` of a kind).

use codes::{DocumentNumber, Plate, Validity};
use jiff::civil::Date;
use model::{FaceValue, Record};

use crate::lint::{Lint, Report};
use crate::{ItemType, Kind, RuleSpec};

/// Is this a rule that a kind may name?
pub(crate) fn is_known(rule: &str) -> bool {
    matches!(
        rule,
        "DATE_ORDER" | "DATE_SPAN" | "DATE_FUTURE" | "HOLDER_TYPE" | "ID_MATCHES" | "DUPLICATE" | "LIVE_TWICE"
    )
}

/// Applies the kind's rules, and the ones that follow from item types.
pub(crate) fn check(lint: &Lint<'_>, kind: &Kind, record: &Record, report: &mut Report<'_>) {
    for rule in &kind.rules {
        if rule.items.iter().any(|item| report.is_wrong(item)) {
            continue;
        }
        match rule.rule.as_str() {
            "DATE_ORDER" => in_each_scope(kind, record, rule, |values| date_order(kind, rule, values, report)),
            "DATE_SPAN" => in_each_scope(kind, record, rule, |values| date_span(kind, rule, values, report)),
            "DATE_FUTURE" => date_future(lint, kind, record, rule, report),
            "HOLDER_TYPE" => holder_type(kind, record, rule, report),
            "ID_MATCHES" => id_matches(lint, record, rule, report),
            // DUPLICATE and LIVE_TWICE need other records: see `duplicate.rs`.
            _ => {}
        }
    }
    plates(kind, record, report);
}

/// Runs a rule once for the record, or once for each row when its items stand in a group.
fn in_each_scope(kind: &Kind, record: &Record, rule: &RuleSpec, mut run: impl FnMut(&[Option<&str>])) {
    let group = rule.items.iter().find_map(|item| item.split_once('.')).map(|(group, _)| group);
    let single = |item: &str| record.face.text(item);
    match group.and_then(|group| kind.group(group)) {
        None => run(&rule.items.iter().map(|item| single(item)).collect::<Vec<_>>()),
        Some(group) => {
            let Some(FaceValue::Rows(rows)) = record.face.get(&group.short) else { return };
            for row in rows {
                let value = |item: &String| match item.split_once('.') {
                    Some((_, short)) => row.get(short).map(String::as_str),
                    None => single(item),
                };
                run(&rule.items.iter().map(value).collect::<Vec<_>>());
            }
        }
    }
}

fn date_of(text: &str) -> Option<Date> {
    match Validity::parse(text) {
        Ok(Validity::Until(date)) => Some(date),
        _ => None,
    }
}

fn date_order(kind: &Kind, rule: &RuleSpec, values: &[Option<&str>], report: &mut Report<'_>) {
    for (index, pair) in values.windows(2).enumerate() {
        let (Some(first), Some(second)) = (pair[0].and_then(date_of), pair[1].and_then(date_of)) else {
            continue;
        };
        if first > second {
            let (earlier, later) = (&rule.items[index], &rule.items[index + 1]);
            let (earlier, later_name) = (kind.label(earlier), kind.label(later));
            let what = format!("{earlier}（{first}）晚于{later_name}（{second}）");
            let fix = format!("请按许可决定核对{earlier}和{later_name}");
            report.error(later, "DATE_ORDER", what, fix);
        }
    }
}

fn date_span(kind: &Kind, rule: &RuleSpec, values: &[Option<&str>], report: &mut Report<'_>) {
    let dates: Vec<_> = values.iter().map(|value| value.and_then(date_of)).collect();
    let ([Some(from), Some(to)], Some(years)) = (dates.as_slice(), rule.years) else {
        return;
    };
    let limit = from.checked_add(jiff::Span::new().years(years)).unwrap_or(Date::MAX);
    if *to > limit {
        let what = format!("从 {from} 到 {to} 超过 {years} 年");
        let fix = format!("{}最迟为 {limit}", kind.label(&rule.items[1]));
        report.error(&rule.items[1], "DATE_SPAN", what, fix);
    }
}

fn date_future(lint: &Lint<'_>, kind: &Kind, record: &Record, rule: &RuleSpec, report: &mut Report<'_>) {
    for item in &rule.items {
        let Some(date) = record.face.text(item).and_then(date_of).filter(|date| *date > lint.today) else {
            continue;
        };
        let what = format!("{}（{date}）晚于今天（{}）", kind.label(item), lint.today);
        report.error(item, "DATE_FUTURE", what, "请核对日期；未到日期的证照到期再制发");
    }
}

fn holder_type(kind: &Kind, record: &Record, rule: &RuleSpec, report: &mut Report<'_>) {
    for item in &rule.items {
        let Some(code) = record.face.text(item).filter(|code| !rule.values.iter().any(|one| one == code)) else {
            continue;
        };
        let what = format!("持证主体代码类型“{code}”不适用于“{}”", kind.name);
        let fix = format!("可用的类型代码：{}", rule.values.join("、"));
        report.error(item, "HOLDER_TYPE", what, fix);
    }
}

fn id_matches(lint: &Lint<'_>, record: &Record, rule: &RuleSpec, report: &mut Report<'_>) {
    let [document, birth, sex] = rule.items.as_slice() else { return };
    let Some(number) = record.face.text(document) else { return };
    let type_code = record.face.text("CZZTDMLXDM").unwrap_or_default();
    let Ok(number) = DocumentNumber::parse(type_code, number, lint.today) else { return };
    if let (Some(carried), Some(given)) = (number.birth_date(), record.face.text(birth).and_then(date_of))
        && carried != given
    {
        let what = format!("出生日期（{given}）与证件号码中的 {carried} 不一致");
        report.error(birth, "ID_MATCHES", what, "请按证件原件核对出生日期和证件号码");
    }
    if let (Some(carried), Some(given)) = (number.sex(), record.face.text(sex)) {
        let carried = carried.code();
        if matches!(given, "1" | "2") && carried != given {
            let word = |code: &str| if code == "1" { "男" } else { "女" };
            let what = format!("性别（{}）与证件号码所示（{}）不一致", word(given), word(carried));
            report.error(sex, "ID_MATCHES", what, "请按证件原件核对性别和证件号码");
        }
    }
}

fn plates(kind: &Kind, record: &Record, report: &mut Report<'_>) {
    for item in kind.items.iter().filter(|item| item.item_type == ItemType::Plate) {
        let colour = item.colour.as_deref().and_then(|short| record.face.text(short)).unwrap_or_default();
        let Some(text) = record.face.text(&item.short) else { continue };
        if let Err(error) = Plate::parse(text, colour) {
            report.error(&item.short, "FORMAT", error.to_string(), "请按机动车行驶证核对号牌和颜色");
        }
    }
}
