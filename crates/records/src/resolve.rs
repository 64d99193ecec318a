//! From a column header to the place in the record that its cells fill.

use catalogue::{Catalogue, Item, ItemType, Kind};

use crate::header::{FIELDS, Field, distance, normal};

/// Where the cells of a column go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// A field outside the face.
    Envelope(Field),
    /// A single item.
    Item(String),
    /// A list item in one unnumbered column; values stand behind each other with a separator.
    Whole(String),
    /// Value `number` of a list item.
    Listed { short: String, number: u16 },
    /// Sub-item `short` in row `number` of a group.
    Grouped { group: String, number: u16, short: String },
}

impl Target {
    /// May further columns of its kind follow, with higher numbers?
    pub(crate) fn is_numbered(&self) -> bool {
        matches!(self, Self::Listed { .. } | Self::Grouped { .. })
    }
}

/// What a column of a kind means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) target: Target,
    /// Cells hold dates.
    pub(crate) date: bool,
}

/// Characters that may stand between a group's number and the sub-item's name.
const SEPARATORS: [char; 4] = ['·', '-', '_', '.'];

/// What a header means for a kind; `None` when it means nothing there.
pub(crate) fn resolve(kind: &Kind, header: &str) -> Option<Column> {
    let header = normal(header);
    if let Some(field) = Field::of(&header) {
        return Some(Column { target: Target::Envelope(field), date: field == Field::DecisionDate });
    }
    if let Some(item) = find(&kind.items, &header) {
        return Some(single(kind, item, &header));
    }
    numbered(kind, &header).or_else(|| grouped(kind, &header))
}

fn find<'a>(items: &'a [Item], header: &str) -> Option<&'a Item> {
    // A short name is exact; a Chinese name may be shared, and the first item of the kind owns it.
    items
        .iter()
        .find(|item| item.short == header)
        .or_else(|| items.iter().find(|item| normal(&item.name) == header))
}

fn is_date(item: &Item) -> bool {
    matches!(item.item_type, ItemType::Date | ItemType::Until)
}

fn single(kind: &Kind, item: &Item, header: &str) -> Column {
    if item.item_type == ItemType::Photo {
        return Column { target: Target::Envelope(Field::Photo), date: false };
    }
    // 姓名 or 业户名称 repeat 持证主体: a clerk's table has the one name, the record the other.
    let source = item.from.as_deref().filter(|_| item.short != header).and_then(|from| kind.item(from));
    let item = source.unwrap_or(item);
    let short = item.short.clone();
    Column { target: if item.list { Target::Whole(short) } else { Target::Item(short) }, date: is_date(item) }
}

/// Splits `经营范围12` into `经营范围` and 12; the numbers count from 1.
fn split_number(header: &str) -> Option<(&str, u16)> {
    let name = header.trim_end_matches(|character: char| character.is_ascii_digit());
    let number: u16 = header[name.len()..].parse().ok().filter(|number| (1..=999).contains(number))?;
    Some((name.trim_end_matches(SEPARATORS), number))
}

fn numbered(kind: &Kind, header: &str) -> Option<Column> {
    let (name, number) = split_number(header)?;
    let item = find(&kind.items, name).filter(|item| item.list)?;
    Some(Column { target: Target::Listed { short: item.short.clone(), number }, date: is_date(item) })
}

fn grouped(kind: &Kind, header: &str) -> Option<Column> {
    for group in &kind.groups {
        for name in [normal(&group.name), group.short.clone()] {
            let Some(rest) = header.strip_prefix(name.as_str()) else { continue };
            let sub = rest.trim_start_matches(|character: char| character.is_ascii_digit());
            let digits = &rest[..rest.len() - sub.len()];
            // 「从业资格·类别」 without a number is the one row of a simple table.
            let number = if digits.is_empty() { Some(1) } else { digits.parse().ok() };
            let number = number.filter(|number| (1..=999).contains(number));
            let (Some(number), Some(sub)) = (number, sub.strip_prefix(SEPARATORS)) else { continue };
            if let Some(item) = find(&group.items, sub) {
                let (group, short) = (group.short.clone(), item.short.clone());
                return Some(Column {
                    target: Target::Grouped { group, number, short },
                    date: is_date(item),
                });
            }
        }
    }
    None
}

/// The known header most like an unknown one, if any is like it at all.
pub(crate) fn closest(catalogue: &Catalogue, header: &str) -> Option<String> {
    let header = normal(header);
    let known =
        FIELDS.iter().flat_map(|(_, chinese, english)| [(*chinese).to_owned(), (*english).to_owned()]);
    let known = known.chain(catalogue.kinds().iter().flat_map(headers));
    let scored = known.map(|name| (distance(&header, &normal(&name)), name));
    let (score, name) = scored.min_by_key(|(score, _)| *score)?;
    (score * 2 <= header.chars().count().max(2)).then_some(name)
}

fn headers(kind: &Kind) -> impl Iterator<Item = String> {
    let item = |item: &Item| match item.list {
        true => vec![format!("{}1", item.name), item.name.clone(), item.short.clone()],
        false => vec![item.name.clone(), item.short.clone()],
    };
    let items = kind.items.iter().flat_map(item);
    let groups = kind.groups.iter();
    items.chain(
        groups.flat_map(|group| group.items.iter().map(|item| format!("{}1·{}", group.name, item.name))),
    )
}
