//! Laying out: items and tables of a template become text objects on pages.

use std::collections::HashMap;

use crate::template::{Align, Frame, ItemBox, Page, Table};
use crate::text::{ASCENT, BoxSpec, Fitted, LEADING, Misfit, Run, fit};
use crate::values::Value;
use crate::{FaceError, Fonts, Problem, Template, Values};

/// One line of text on a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextObject {
    /// Item path that it shows (`ZZBH`, `KZ_CYZG.LB`); empty for fixed words.
    pub item: String,
    pub font: usize,
    pub size: f32,
    pub color: String,
    pub x: f32,
    pub y: f32,
    pub run: Run,
}

/// The text objects of each page, before the identifier is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub(crate) pages: Vec<Vec<TextObject>>,
}

/// The item that exists only after the intent.
pub(crate) const LATE: &str = "ZZBS";

impl Layout {
    /// Lays out all values but the identifier.
    ///
    /// # Errors
    /// Every item that does not fit or lacks a glyph.
    pub fn new(template: &Template, values: &Values, fonts: &Fonts) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut layout = Self::default();
        // What the first box of an item could not hold, for its continued box.
        let mut rest: HashMap<&str, String> = HashMap::new();
        for page in &template.pages {
            let mut objects = Vec::new();
            for item in page.items.iter().filter(|item| item.item != LATE) {
                let text = match item.continued {
                    true => rest.remove(item.item.as_str()).unwrap_or_default(),
                    false => values.display(&item.item).to_owned(),
                };
                let text = match takes_rest(template, item) {
                    true => split(item, text, fonts, &mut rest),
                    false => text,
                };
                place_item(item, &text, fonts, &mut objects, &mut problems);
            }
            for table in &page.tables {
                place_table(template, table, values, fonts, &mut objects, &mut problems);
            }
            layout.pages.push(objects);
        }
        if problems.is_empty() { Ok(layout) } else { Err(problems) }
    }

    /// Adds the identifier wherever the template shows it.
    ///
    /// # Errors
    /// A template whose box is too small for an identifier.
    pub fn with_identifier(
        mut self,
        template: &Template,
        identifier: &str,
        fonts: &Fonts,
    ) -> Result<Self, FaceError> {
        let mut problems = Vec::new();
        for (page, objects) in template.pages.iter().zip(&mut self.pages) {
            for item in page.items.iter().filter(|item| item.item == LATE) {
                place_item(item, identifier, fonts, objects, &mut problems);
            }
        }
        match problems.is_empty() {
            true => Ok(self),
            false => Err(FaceError::Content {
                template: template.id.clone(),
                item: LATE.into(),
                what: format!("框太小，放不下证照标识“{identifier}”"),
            }),
        }
    }
}

/// Is there a continued box for this box's item?
fn takes_rest(template: &Template, item: &ItemBox) -> bool {
    let mut boxes = template.pages.iter().flat_map(|page| &page.items);
    !item.continued && boxes.any(|other| other.continued && other.item == item.item)
}

/// Keeps what fits and leaves the rest for the continued box; breaks at an enumeration comma if there is one.
fn split<'a>(item: &'a ItemBox, text: String, fonts: &Fonts, rest: &mut HashMap<&'a str, String>) -> String {
    const MORE: &str = "（下转副页）";
    let Ok(font) = fonts.index(&item.font) else { return text };
    let fits = |text: &str| fit(text, &fonts.at(font).glyphs, item.spec());
    let room = match fits(&text) {
        Err(Misfit::TooLong(room)) => room,
        _ => return text,
    };
    let chars: Vec<char> = text.chars().collect();
    let mut cut = room.min(chars.len());
    while cut > 0 {
        let at_comma = chars[..cut].iter().rposition(|ch| *ch == '、').map_or(cut, |at| at + 1);
        let head: String = chars[..at_comma].iter().collect();
        let head = format!("{}{MORE}", head.trim_end_matches('、'));
        if fits(&head).is_ok() {
            rest.insert(&item.item, chars[at_comma..].iter().collect());
            return head;
        }
        cut = at_comma.min(cut) - 1;
    }
    text
}

fn place_item(
    item: &ItemBox,
    text: &str,
    fonts: &Fonts,
    out: &mut Vec<TextObject>,
    problems: &mut Vec<Problem>,
) {
    // What stands for a missing value shows no item: the data index must not name it.
    let shows = if text.is_empty() { "" } else { item.item.as_str() };
    let text = match text {
        "" if item.empty.is_empty() => return,
        "" => item.empty.clone(),
        text if item.prefix.is_empty() && item.suffix.is_empty() => text.to_owned(),
        text => format!("{}{text}{}", item.prefix, item.suffix),
    };
    // `Prepared::new` has checked every role of the template.
    let Ok(font) = fonts.index(&item.font) else { return };
    match fit(&text, &fonts.at(font).glyphs, item.spec()) {
        Ok(fitted) => {
            let [left, top, width, height] = item.frame;
            let used = fitted.size * LEADING * fitted.lines.len() as f32;
            let frame = if item.top { [left, top, width, used.min(height)] } else { item.frame };
            stand(shows, fitted, frame, item.align, font, &item.color, out);
        }
        Err(misfit) => problems.push(misfit.of(&item.item, &text)),
    }
}

impl ItemBox {
    fn spec(&self) -> BoxSpec {
        let [_, _, width, height] = self.frame;
        let min = self.min.unwrap_or(self.size * 0.7);
        BoxSpec { width, height, size: self.size, min, lines: self.lines }
    }
}

impl Misfit {
    fn of(self, item: &str, text: &str) -> Problem {
        match self {
            Self::Missing(missing) => Problem::Glyph { item: item.into(), missing },
            Self::TooLong(fits) => Problem::Overflow { item: item.into(), text: text.into(), fits },
        }
    }
}

/// Puts fitted lines into a frame: vertically centred, aligned.
pub(crate) fn stand(
    item: &str,
    fitted: Fitted,
    frame: Frame,
    align: Align,
    font: usize,
    color: &str,
    out: &mut Vec<TextObject>,
) {
    let [left, top, width, height] = frame;
    let step = fitted.size * LEADING;
    let block = step * fitted.lines.len() as f32;
    let mut y = top + (height - block) / 2.0 + (step - fitted.size) / 2.0 + fitted.size * ASCENT;
    for mut run in fitted.lines {
        let slack = (width - run.width()).max(0.0);
        let x = match align {
            Align::Left => left,
            Align::Center => left + slack / 2.0,
            Align::Right => left + slack,
            Align::Spread => {
                spread(&mut run, slack);
                left
            }
        };
        out.push(TextObject { item: item.into(), font, size: fitted.size, color: color.into(), x, y, run });
        y += step;
    }
}

/// Shares the slack between the characters, so that labels of different length end at the same place.
fn spread(run: &mut Run, slack: f32) {
    let gaps = run.advances.len().saturating_sub(1);
    if gaps > 0 {
        let share = slack / gaps as f32;
        run.advances.iter_mut().take(gaps).for_each(|advance| *advance += share);
    }
}

fn place_table(
    template: &Template,
    table: &Table,
    values: &Values,
    fonts: &Fonts,
    out: &mut Vec<TextObject>,
    problems: &mut Vec<Problem>,
) {
    let Some(group) = values.groups.iter().find(|group| group.short == table.group) else { return };
    let tables =
        || template.pages.iter().flat_map(|page| &page.tables).filter(|one| one.group == table.group);
    let before: usize =
        if table.continued { tables().filter(|one| !one.continued).map(|one| one.rows).sum() } else { 0 };
    let rows = group.rows.get(before..).unwrap_or_default();
    let is_last = table.continued || !tables().any(|one| one.continued);
    if is_last && rows.len() > table.rows {
        let text = format!("{}有 {} 行", group.name, group.rows.len());
        problems.push(Problem::Overflow { item: table.group.clone(), text, fits: before + table.rows });
        return;
    }
    let Ok(font) = fonts.index(&table.font) else { return };
    let [left, top, _, height] = table.frame;
    let row_height = height / table.rows as f32;
    for (index, row) in rows.iter().take(table.rows).enumerate() {
        for column in &table.columns {
            let Some(value) = cell(row, &column.item) else { continue };
            let path = format!("{}.{}", table.group, column.item);
            let frame = [left + column.x, top + row_height * index as f32, column.width, row_height];
            let spec = BoxSpec {
                width: column.width,
                height: row_height,
                size: table.size,
                min: table.size * 0.6,
                lines: 2,
            };
            match fit(&value.display, &fonts.at(font).glyphs, spec) {
                Ok(fitted) => stand(&path, fitted, frame, column.align, font, &table.color, out),
                Err(misfit) => problems.push(misfit.of(&path, &value.display)),
            }
        }
    }
}

fn cell<'a>(row: &'a [Value], short: &str) -> Option<&'a Value> {
    row.iter().find(|value| value.short == short)
}

/// The fixed words of a page.
pub(crate) fn labels(
    page: &Page,
    demo: bool,
    fonts: &Fonts,
    template: &str,
) -> Result<Vec<TextObject>, FaceError> {
    let mut out = Vec::new();
    for label in page.labels.iter().filter(|label| demo || !label.demo) {
        let bad =
            |what: String| FaceError::Content { template: template.into(), item: label.text.clone(), what };
        let font = fonts.index(&label.font)?;
        let [_, _, width, height] = label.frame;
        let spec = BoxSpec { width, height, size: label.size, min: label.size, lines: 99 };
        let fitted = fit(&label.text, &fonts.at(font).glyphs, spec).map_err(|misfit| match misfit {
            Misfit::Missing(chars) => bad(format!("字体没有这些字：{chars:?}")),
            Misfit::TooLong(_) => bad("框放不下固定文字".into()),
        })?;
        stand("", fitted, label.frame, label.align, font, &label.color, &mut out);
    }
    Ok(out)
}
