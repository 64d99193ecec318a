//! One invented record of a kind, to show what its face looks like.

use catalogue::{Catalogue, Item, ItemType, Kind};
use jiff::civil::Date;
use model::{FaceValue, Record, Row};

use crate::{SampleOptions, generate};

/// Enough that every kind of the built-in plan has one.
const COUNT: usize = 360;

/// A record of a kind as it may come on a day, with its photo where the kind has one. Where the sample's plan does not fit the
/// catalogue (a province's own kinds and authorities), the record consists of words of about the right length.
pub fn example(kind: &Kind, catalogue: &Catalogue, today: Date) -> (Record, Option<Vec<u8>>) {
    let options = SampleOptions { count: COUNT, wrong_per_mille: 0, today, ..SampleOptions::default() };
    let found = generate(options, catalogue).ok().and_then(|sample| {
        let number = sample.kinds().iter().find(|one| one.kind.slug == kind.slug)?.range.start;
        Some((sample.case(number)?.record, sample.photo(number)))
    });
    found.unwrap_or_else(|| (invented(kind, catalogue), None))
}

/// A record for a kind that the sample does not know: words of about the right length.
pub fn invented(kind: &Kind, catalogue: &Catalogue) -> Record {
    let authority = catalogue.authorities.iter().next();
    let mut record = Record {
        record_id: "preview".into(),
        kind: kind.type_code.clone(),
        authority_uscc: authority.map(|one| one.uscc.as_str().to_owned()).unwrap_or_default(),
        area: authority.map(|one| one.area.as_str().to_owned()).unwrap_or_default(),
        ..Record::default()
    };
    let word = |item: &Item| match item.item_type {
        ItemType::Date | ItemType::Until => "2026-06-01".to_owned(),
        ItemType::Number => "12".to_owned(),
        ItemType::Code => {
            let table = item.table.as_deref().and_then(|id| catalogue.tables.table(id));
            let first = table.and_then(|table| table.iter().next().map(|(code, _)| code.to_owned()));
            item.only.first().cloned().or(first).unwrap_or_default()
        }
        _ => format!("{}示例", item.name),
    };
    for item in kind.items.iter().filter(|item| item.is_given()) {
        record.face.set(item.short.clone(), FaceValue::Text(word(item)));
    }
    for group in &kind.groups {
        let row: Row = group.items.iter().map(|item| (item.short.clone(), word(item))).collect();
        record.face.set(group.short.clone(), FaceValue::Rows(vec![row]));
    }
    record
}
