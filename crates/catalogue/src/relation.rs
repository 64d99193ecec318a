//! Rules over several items of one record. Which items they look at is data (`rules` of a kind).

use codes::{CodeError, DocumentNumber, Plate, Validity};
use jiff::civil::Date;
use model::{FaceValue, Record, Row};

use crate::kind::DECISION_DATE;
use crate::lint::{Lint, Report};
use crate::{ItemType, Kind, RuleSpec, field};

/// Is this a rule that a kind may name?
pub(crate) fn is_known(rule: &str) -> bool {
    matches!(
        rule,
        "DATE_ORDER"
            | "DATE_SPAN"
            | "DATE_FUTURE"
            | "HOLDER_TYPE"
            | "ID_MATCHES"
            | "DUPLICATE"
            | "LIVE_TWICE"
    )
}

/// Applies the kind's rules, and the ones that follow from item types.
pub(crate) fn check(lint: &Lint<'_>, kind: &Kind, record: &Record, report: &mut Report<'_>) {
    for rule in &kind.rules {
        in_each_scope(kind, record, rule, report, |values, report| match rule.rule.as_str() {
            "DATE_ORDER" => date_order(rule, values, report),
            "DATE_SPAN" => date_span(rule, values, report),
            "DATE_FUTURE" => date_future(lint, rule, values, report),
            "HOLDER_TYPE" => holder_type(lint, kind, rule, values, report),
            "ID_MATCHES" => id_matches(lint, record, rule, report),
            // DUPLICATE and LIVE_TWICE need other records: see `duplicate.rs`.
            _ => {}
        });
    }
    plates(kind, record, report);
}

/// Runs a rule once for the record, or once for each row when one of its items stands in a group; not where an item
/// has already been found wrong.
fn in_each_scope<'r>(
    kind: &Kind,
    record: &'r Record,
    rule: &RuleSpec,
    report: &mut Report<'_>,
    mut run: impl FnMut(&[Option<&'r str>], &mut Report<'_>),
) {
    let single = |item: &str| match item {
        DECISION_DATE => Some(record.decision.date.as_str()),
        item => record.face.text(item),
    };
    let group = rule.items.iter().find_map(|item| kind.group(item.split_once('.')?.0));
    let rows: Vec<Option<&Row>> = match group.map(|group| record.face.get(&group.short)) {
        None => vec![None],
        Some(Some(FaceValue::Rows(rows))) => rows.iter().map(Some).collect(),
        Some(_) => return,
    };
    for (index, row) in rows.into_iter().enumerate() {
        report.row = row.and(group).map(|group| (group.name.clone(), index));
        if rule.items.iter().any(|item| report.is_wrong(item)) {
            continue;
        }
        let value = |item: &String| match (row, item.split_once('.')) {
            (Some(row), Some((group_short, short))) if group.is_some_and(|one| one.short == group_short) => {
                row.get(short).map(String::as_str)
            }
            _ => single(item),
        };
        run(&rule.items.iter().map(value).collect::<Vec<_>>(), report);
    }
    report.row = None;
}

/// The day that a text names; `None` for 长期 and for what is no date.
pub(crate) fn date_of(text: &str) -> Option<Date> {
    match Validity::parse(text) {
        Ok(Validity::Until(date)) => Some(date),
        _ => None,
    }
}

fn date_order(rule: &RuleSpec, values: &[Option<&str>], report: &mut Report<'_>) {
    for (index, pair) in values.windows(2).enumerate() {
        let (Some(first), Some(second)) = (pair[0].and_then(date_of), pair[1].and_then(date_of)) else {
            continue;
        };
        if first > second {
            let (earlier, later) = (&rule.items[index], &rule.items[index + 1]);
            // The row is named once, with the first of the two.
            let (earlier_name, later_name) = (report.name(earlier), report.label(later).to_owned());
            let what = format!("{earlier_name}（{first}）晚于{later_name}（{second}）");
            let source = rule.source.as_deref().unwrap_or("许可决定");
            let blamed = rule.blame.as_ref().unwrap_or(later);
            let fix = match rule.source {
                // The source settles the one date; the other one is not in it.
                Some(_) => format!("请按{source}核对{}", report.label(blamed)),
                None => format!("请按{source}核对{}和{later_name}", report.label(earlier)),
            };
            report.error(blamed, "DATE_ORDER", what, fix);
        }
    }
}

fn date_span(rule: &RuleSpec, values: &[Option<&str>], report: &mut Report<'_>) {
    let ([from, to], Some(years)) = (values, rule.years) else { return };
    let (Some(from), Some(to)) = (from.and_then(date_of), to.and_then(|text| Validity::parse(text).ok()))
    else {
        return;
    };
    let limit = from.checked_add(jiff::Span::new().years(years)).unwrap_or(Date::MAX);
    // 长期 is later than any limit.
    if to > Validity::Until(limit) {
        let (first, last) = (report.name(&rule.items[0]), report.label(&rule.items[1]).to_owned());
        let what = format!("{first}（{from}）至{last}（{to}）超过 {years} 年");
        report.error(&rule.items[1], "DATE_SPAN", what, format!("请按许可决定核对；{last}最迟为 {limit}"));
    }
}

fn date_future(lint: &Lint<'_>, rule: &RuleSpec, values: &[Option<&str>], report: &mut Report<'_>) {
    for (item, value) in rule.items.iter().zip(values) {
        if let Some(date) = value.and_then(date_of).filter(|date| *date > lint.today) {
            let what = format!("{}（{date}）晚于今天（{}）", report.name(item), lint.today);
            report.error(item, "DATE_FUTURE", what, "请按许可决定核对；日期未到的，到期再制发");
        }
    }
}

fn holder_type(
    lint: &Lint<'_>,
    kind: &Kind,
    rule: &RuleSpec,
    values: &[Option<&str>],
    report: &mut Report<'_>,
) {
    for (item, value) in rule.items.iter().zip(values) {
        let Some(code) = value.filter(|code| !rule.values.iter().any(|one| one == code)) else { continue };
        let table = kind.item(item).and_then(|item| lint.catalogue.tables.table(item.table.as_deref()?));
        let named = |code: &str| match table.and_then(|table| table.latest_name(code)) {
            Some(name) => format!("{code}（{name}）"),
            None => code.to_owned(),
        };
        let what = format!("持证主体代码类型 {}不适用于“{}”", named(code), kind.name);
        let allowed: Vec<String> = rule.values.iter().map(|code| named(code)).collect();
        report.error(item, "HOLDER_TYPE", what, format!("请从可用的类型中选取：{}", allowed.join("、")));
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
        let (Some(text), Some(colour)) = (record.face.text(&item.short), item.colour.as_deref()) else {
            continue;
        };
        // Without its colour a plate is not a key: the colour has its own finding.
        let Some(code) = record.face.text(colour).filter(|_| !report.is_wrong(colour)) else { continue };
        if report.is_wrong(&item.short) {
            continue;
        }
        match Plate::parse(text, code) {
            Err(CodeError::UnknownCode { .. }) => {}
            Err(error) => field::number_fault(&item.short, &error, "机动车行驶证", report),
            Ok(plate) => {
                for warning in plate.warnings() {
                    let (what, _) = warning.fault_and_fix();
                    report.error(colour, "FORMAT", what, "请按机动车行驶证核对号牌和颜色");
                }
            }
        }
    }
}
