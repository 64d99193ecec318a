//! Numbers of measure: plain decimal digits within bounds.

use crate::Item;
use crate::lint::Report;
use crate::text::half_width;

/// Checks one `number`.
pub(crate) fn check(item: &Item, path: &str, text: &str, report: &mut Report<'_>) {
    let name = report.name(path);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !is_digits(whole) || !is_digits(fraction) || whole.len() > 9 || fraction.len() > 3 {
        let (why, fix) = shape_fault(item, text);
        report.error(path, "FORMAT", format!("{name}“{text}”{why}"), fix);
        return;
    }
    // At most nine digits: they fit.
    let value: u64 = whole.parse().unwrap_or(u64::MAX);
    let decimals = fraction.bytes().any(|byte| byte != b'0');
    let unit = item.counted();
    let fix = match unit {
        "" => "请核对单位和数值".to_owned(),
        unit => format!("请核对单位（{unit}）和数值"),
    };
    let above = |max: u64| value > max || (value == max && decimals);
    if let Some(min) = item.min.filter(|min| value < u64::from(*min)) {
        report.error(path, "FORMAT", format!("{name}“{text}”小于 {min} {unit}").trim_end(), fix);
    } else if let Some(max) = item.max.filter(|max| above(u64::from(*max))) {
        report.error(path, "FORMAT", format!("{name}“{text}”超过 {max} {unit}").trim_end(), fix);
    } else if item.whole && decimals {
        report.error(path, "FORMAT", format!("{name}“{text}”不是整数"), fix);
    }
}

fn is_digits(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a text is no number, and the mend.
fn shape_fault(item: &Item, text: &str) -> (&'static str, String) {
    let half: String = text.chars().map(half_width).collect();
    let without_commas = half.replace([',', '，'], "");
    let digits_first = half.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let decimals = half.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let plain = |text: &str| text.split('.').all(is_digits) && text.matches('.').count() <= 1;
    let unit = item.counted();
    let kept = format!(
        "请只填阿拉伯数字{}",
        if unit.is_empty() { String::new() } else { format!("（单位：{unit}）") }
    );
    match () {
        () if half != text && plain(&half) => ("是全角数字", format!("请改用半角“{half}”")),
        () if half.strip_prefix(['-', '−']).is_some_and(plain) => ("不能为负", "请核对数值".into()),
        () if without_commas != half && plain(&without_commas) => {
            ("不能含逗号", format!("请改为“{without_commas}”"))
        }
        () if half.to_ascii_lowercase().split_once('e').is_some_and(|(base, _)| plain(base)) => {
            ("是科学计数", "请把该列设为文本后重新导出".into())
        }
        () if plain(&half) && decimals > 3 => ("的小数超过三位", "请核对数值，最多三位小数".into()),
        () if plain(&half) => ("的位数过多", "请核对是否填错列".into()),
        () if !digits_first.is_empty()
            && digits_first != half
            && digits_first.chars().all(|c| c.is_alphabetic() || "（）()".contains(c)) =>
        {
            ("不能带单位", kept)
        }
        () => ("不是数字", kept),
    }
}
