//! Names of the envelope columns, and how headers are compared.

use model::Record;

/// A field of the record outside its face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    RecordId,
    Source,
    Kind,
    Authority,
    Area,
    DecisionNo,
    DecisionDate,
    Photo,
}

/// In the order of the columns that we write: Chinese header, field name.
pub(crate) const FIELDS: [(Field, &str, &str); 8] = [
    (Field::RecordId, "记录号", "record_id"),
    (Field::Source, "来源", "source"),
    (Field::Kind, "证照类型", "kind"),
    (Field::Authority, "发证机关代码", "authority_uscc"),
    (Field::Area, "行政区划代码", "area"),
    (Field::DecisionNo, "决定文号", "decision.no"),
    (Field::DecisionDate, "决定日期", "decision.date"),
    (Field::Photo, "照片", "photo"),
];

impl Field {
    /// The field of a normalised header.
    pub(crate) fn of(header: &str) -> Option<Self> {
        FIELDS
            .iter()
            .find(|(_, chinese, english)| header == *chinese || header == *english)
            .map(|entry| entry.0)
    }

    pub(crate) fn get(self, record: &Record) -> &str {
        match self {
            Self::RecordId => &record.record_id,
            Self::Source => &record.source,
            Self::Kind => &record.kind,
            Self::Authority => &record.authority_uscc,
            Self::Area => &record.area,
            Self::DecisionNo => &record.decision.no,
            Self::DecisionDate => &record.decision.date,
            Self::Photo => record.photo.as_deref().unwrap_or_default(),
        }
    }

    pub(crate) fn set(self, record: &mut Record, text: String) {
        match self {
            Self::RecordId => record.record_id = text,
            Self::Source => record.source = text,
            Self::Kind => record.kind = text,
            Self::Authority => record.authority_uscc = text,
            Self::Area => record.area = text,
            Self::DecisionNo => record.decision.no = text,
            Self::DecisionDate => record.decision.date = text,
            Self::Photo => record.photo = Some(text),
        }
    }
}

/// A header as it is compared: no white space, full-width letters, digits and signs as half-width ones.
pub(crate) fn normal(header: &str) -> String {
    let narrow = |character: char| match character {
        // U+FF01 to U+FF5E repeat ASCII 0x21 to 0x7E.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        // Other dots that input methods give for the middle dot.
        '・' | '•' => '·',
        other => other,
    };
    header.chars().filter(|character| !character.is_whitespace()).map(narrow).collect()
}

/// Least number of characters to insert, delete or change (Levenshtein).
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
