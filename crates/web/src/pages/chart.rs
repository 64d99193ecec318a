//! Charts, drawn on the server: SVG with presentation attributes only (the pages allow no inline style), colours and patterns together,
//! and the same numbers as a table under them.

use std::fmt::Write;

/// One series of bars: each has a colour and a pattern of its own.
pub(in crate::pages) struct Series {
    /// In Chinese.
    pub name: &'static str,
    /// How it is filled.
    pub fill: Fill,
    /// One value a bar.
    pub values: Vec<i64>,
}

/// How a bar is filled; told apart without colour too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Fill {
    /// Plain blue.
    Plain,
    /// Yellow with dots.
    Dots,
    /// Red with strokes.
    Strokes,
}

impl Fill {
    fn paint(self) -> &'static str {
        match self {
            Self::Plain => "#1a5fa8",
            Self::Dots => "url(#chart-dots)",
            Self::Strokes => "url(#chart-strokes)",
        }
    }
}

const PATTERNS: &str = "<defs><pattern id=\"chart-dots\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
    <rect width=\"6\" height=\"6\" fill=\"#f3c969\"/><circle cx=\"3\" cy=\"3\" r=\"1.4\" fill=\"#6d4200\"/></pattern>\
    <pattern id=\"chart-strokes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <rect width=\"6\" height=\"6\" fill=\"#f2b6b9\"/><rect width=\"3\" height=\"6\" fill=\"#b3131f\"/></pattern></defs>";

/// Space for the numbers of the axis, above, right, and for the names below.
const LEFT: i64 = 56;
const TOP: i64 = 14;
const RIGHT: i64 = 8;
const BELOW: i64 = 28;

/// Marks of an axis from 0: at most five steps of 1, 2 or 5 times a power of ten, the last one not below `most`.
pub(in crate::pages) fn ticks(most: i64) -> Vec<i64> {
    let most = most.max(1);
    let mut power = 1_i64;
    loop {
        for step in [1, 2, 5].map(|step| power.saturating_mul(step)) {
            let steps = most / step + i64::from(most % step != 0);
            if steps <= 5 {
                return (0..=steps).map(|mark| mark.saturating_mul(step)).collect();
            }
        }
        power = power.saturating_mul(10);
    }
}

/// A number as people read it: `12,345`.
pub(in crate::pages) fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// Stacked bars, one a day. `days` are ISO dates; the first series stands at the bottom. `unit`: what is counted.
pub(in crate::pages) fn bars_by_day(title: &str, unit: &str, days: &[String], series: &[Series]) -> String {
    const WIDTH: i64 = 720;
    const HEIGHT: i64 = 220;
    let total = |day: usize| series.iter().filter_map(|one| one.values.get(day)).sum::<i64>();
    let most = (0..days.len()).map(total).max().unwrap_or(0);
    let marks = ticks(most);
    let top = marks.last().copied().unwrap_or(1);
    let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BELOW);
    let y = |n: i64| TOP + high - high * n / top.max(1);
    let mut out = head(title, &spoken(unit, days, &total), (WIDTH, HEIGHT)) + PATTERNS;
    // Writing into a string cannot fail; so everywhere below.
    for mark in &marks {
        let (line, at) = (if *mark == 0 { "#66768a" } else { "#d4dce4" }, y(*mark));
        let _ = write!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"{line}\"/>",
            WIDTH - RIGHT
        );
        let text = grouped(*mark);
        let _ = write!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{text}</text>", LEFT - 8, at + 4);
    }
    let count = i64::try_from(days.len()).unwrap_or(1).max(1);
    for (day, place) in days.iter().zip(0..) {
        let (from, to) = (LEFT + wide * place / count, LEFT + wide * (place + 1) / count);
        let (x, width) = (from + 2, (to - from - 4).max(2));
        let at = usize::try_from(place).unwrap_or(0);
        let parts: Vec<String> = series
            .iter()
            .filter_map(|one| Some(format!("{} {}", one.name, grouped(*one.values.get(at)?))))
            .collect();
        let _ = write!(out, "<g><title>{}：{}</title>", short(day), parts.join("，"));
        let mut below = 0;
        for one in series {
            let n = one.values.get(at).copied().unwrap_or(0);
            if n > 0 {
                // Something is seen of whatever is there.
                let (upper, lower) = (y(below + n), y(below));
                let height = (lower - upper).max(2);
                let fill = one.fill.paint();
                let _ = write!(
                    out,
                    "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>",
                    lower - height
                );
                below += n;
            }
        }
        out += "</g>";
        // Every fifth day counted from today, so that today always has its name.
        if (count - 1 - place) % 5 == 0 {
            let middle = (from + to) / 2;
            let _ = write!(
                out,
                "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - 8,
                short(day)
            );
        }
    }
    if most == 0 {
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">这 {count} 天没有{unit}</text>",
            LEFT + wide / 2,
            TOP + high / 2
        );
    }
    out + "</svg>"
}

/// One bar of a list: as wide as its share of the largest. The name and the number stand beside it as text.
pub(in crate::pages) fn bar(n: i64, most: i64) -> String {
    let share = if most > 0 { (n.max(0) * 1_000 / most).min(1_000) } else { 0 };
    // Something is seen of whatever is there.
    let share = if n > 0 { share.max(5) } else { 0 };
    let width = format!("{}.{}%", share / 10, share % 10);
    format!(
        "<svg class=\"bar\" width=\"100%\" height=\"14\" aria-hidden=\"true\" focusable=\"false\">\
         <rect width=\"100%\" height=\"14\" fill=\"#e8edf2\"/><rect width=\"{width}\" height=\"14\" fill=\"#1a5fa8\"/></svg>"
    )
}

/// A curve over hours of upper bounds in seconds, on a logarithmic axis from one second to a day; a gap where there is none.
pub(in crate::pages) fn curve(title: &str, points: &[(String, Option<i64>)]) -> String {
    const WIDTH: i64 = 720;
    const HEIGHT: i64 = 132;
    let (wide, high) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BELOW);
    let y = |seconds: i64| {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a place on a picture"
        )]
        let share = ((seconds.max(1) as f64).ln() / 86_400_f64.ln() * high as f64) as i64;
        TOP + high - share
    };
    let worst = points.iter().filter_map(|(hour, within)| Some((*within.as_ref()?, hour))).max();
    let said = worst.map_or_else(
        || "这段时间没有送达".to_owned(),
        |(within, hour)| format!("最慢的一小时：{hour} 时，99% 在{}内", seconds(within)),
    );
    let mut out = head(title, &said, (WIDTH, HEIGHT));
    for (mark, name) in [(1, "1 秒"), (60, "1 分"), (3_600, "1 小时"), (86_400, "1 天")] {
        let at = y(mark);
        let _ = write!(
            out,
            "<line x1=\"{LEFT}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"#d4dce4\"/>",
            WIDTH - RIGHT
        );
        let _ = write!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>", LEFT - 8, at + 4);
    }
    let count = i64::try_from(points.len()).unwrap_or(1).max(1);
    let mut line = String::new();
    for ((hour, within), place) in points.iter().zip(0..) {
        let x = LEFT + wide * (2 * place + 1) / (2 * count);
        match within {
            Some(within) => {
                let at = y(*within);
                let _ = write!(line, "{x},{at} ");
                let _ = write!(
                    out,
                    "<circle cx=\"{x}\" cy=\"{at}\" r=\"3\" fill=\"#1a5fa8\"><title>{hour} 时：99% 在{}内</title></circle>",
                    seconds(*within)
                );
            }
            None => flush(&mut out, &mut line),
        }
        if let Some((day, hour)) = hour.split_once(' ')
            && (place == 0 || hour == "00" || hour == "12")
            && place + 3 < count
        {
            let text = if hour == "12" { "12 时".to_owned() } else { format!("{} {hour} 时", short(day)) };
            // The first name would stand in the second one's way.
            let near = |next: i64| points.get(usize::try_from(place + next).unwrap_or(0));
            let crowded = place == 0
                && (1..6).filter_map(near).any(|(hour, _)| hour.ends_with(" 00") || hour.ends_with(" 12"));
            if !crowded {
                let _ =
                    write!(out, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{text}</text>", HEIGHT - 8);
            }
        }
    }
    flush(&mut out, &mut line);
    if worst.is_none() {
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">这段时间没有送达</text>",
            LEFT + wide / 2,
            TOP + high / 2
        );
    }
    out + "</svg>"
}

fn flush(out: &mut String, line: &mut String) {
    if line.contains(' ') {
        let _ = write!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#1a5fa8\" stroke-width=\"2\"/>",
            line.trim_end()
        );
    }
    line.clear();
}

/// A span in seconds as people say it, with a space before its number.
pub(in crate::pages) fn seconds(seconds: i64) -> String {
    match seconds {
        ..60 => format!(" {seconds} 秒"),
        60..3_600 => format!(" {} 分钟", seconds / 60),
        3_600..86_400 => format!(" {} 小时", seconds / 3_600),
        _ => format!(" {} 天", seconds / 86_400),
    }
}

/// `11-22` of an ISO date.
fn short(day: &str) -> &str {
    day.get(5..10).unwrap_or(day)
}

fn head(title: &str, said: &str, (width, height): (i64, i64)) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}。{said}\" \
         font-size=\"12\" fill=\"#4a5a6a\">"
    )
}

fn spoken(unit: &str, days: &[String], total: &dyn Fn(usize) -> i64) -> String {
    let sum: i64 = (0..days.len()).map(total).sum();
    let most = (0..days.len()).max_by_key(|day| total(*day));
    match most.filter(|_| sum > 0).and_then(|day| Some((day, days.get(day)?))) {
        Some((day, date)) => {
            format!(
                "{} 天共 {} 件{unit}，最多的是 {}，{} 件",
                days.len(),
                grouped(sum),
                short(date),
                grouped(total(day))
            )
        }
        None => format!("{} 天没有{unit}", days.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_marks_and_reaches_its_most() {
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(4), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(23), [0, 5, 10, 15, 20, 25]);
        assert_eq!(ticks(1_001), [0, 500, 1_000, 1_500]);
        assert!(ticks(i64::MAX / 2).len() <= 6);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
    }

    #[test]
    fn a_chart_without_numbers_says_so() {
        let days = vec!["2026-11-21".to_owned(), "2026-11-22".to_owned()];
        let series = [Series { name: "已办理", fill: Fill::Plain, values: vec![0, 0] }];
        let svg = bars_by_day("业务事件", "业务事件", &days, &series);
        assert!(svg.contains("这 2 天没有业务事件"));
        assert!(!svg.contains("style="));
        assert!(curve("滞留", &[("2026-11-22 09".into(), None)]).contains("这段时间没有送达"));
    }
}
