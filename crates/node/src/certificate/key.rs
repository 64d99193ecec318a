//! What somebody has typed: an identifier, a certificate number, a name, a document number or a plate.

use codes::{CertificateId, CodeTables, ResidentId, Uscc, fifteen_to_eighteen};
use jiff::civil::Date;
use store::{Blind, PersonalKeys};

use crate::deliver::Numbers;
use crate::lifecycle::plate_key;

/// By what a certificate is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// 证照标识 of any version.
    Identifier,
    /// 证照编号, one that it had before included, or the digits of one with words in it.
    Number,
    /// Name of the holder, whole.
    Name,
    /// Document number or USCC of the holder; 15 and 18 digits are one.
    Document,
    /// Plate, with or without its colour.
    Plate,
}

/// The table of plate colours.
const COLOURS: &str = "plate-colour";
/// First characters of plates.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领演试";

impl By {
    /// All of them, in the order in which a page offers them.
    pub const ALL: [Self; 5] = [Self::Identifier, Self::Number, Self::Name, Self::Document, Self::Plate];

    /// Its word in addresses and in the audit log.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Number => "number",
            Self::Name => "name",
            Self::Document => "document",
            Self::Plate => "plate",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identifier => "证照标识",
            Self::Number => "证照编号",
            Self::Name => "姓名或名称",
            Self::Document => "证件号码",
            Self::Plate => "车牌",
        }
    }

    /// Reads [`By::slug`].
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.slug() == slug)
    }

    /// What a text may be, likeliest first; never empty.
    pub(super) fn guess(text: &str, today: Date) -> Vec<Self> {
        let flat = flat(text);
        if flat.starts_with("1.2.156.") || CertificateId::parse_compact(&flat).is_ok() {
            return vec![Self::Identifier];
        }
        if plate(&flat).is_some() {
            return vec![Self::Plate];
        }
        if Uscc::parse(&flat).is_ok()
            || ResidentId::parse(&flat, today).is_ok()
            || fifteen_to_eighteen(&flat).is_ok()
        {
            return vec![Self::Document, Self::Number];
        }
        if wrong_digit(text, today).is_some() {
            return vec![Self::Document, Self::Number, Self::Name];
        }
        let digits = flat.chars().filter(char::is_ascii_digit).count();
        match (flat.is_ascii(), digits) {
            (true, _) => vec![Self::Number, Self::Document, Self::Name],
            (false, 0..6) => vec![Self::Name, Self::Number],
            (false, _) => vec![Self::Number, Self::Name],
        }
    }

    /// The blind indexes to look under, one set after the other until one has a hit: a number as it stands counts before its digits alone,
    /// which other numbers may share.
    pub(super) fn tiers(self, personal: &PersonalKeys, text: &str) -> Vec<Vec<String>> {
        let blinds = self.blinds(personal, text);
        match self {
            Self::Number => blinds.into_iter().map(|blind| vec![blind]).collect(),
            _ => vec![blinds],
        }
    }

    /// The blind indexes under which such a thing stands; none for an identifier, which is not personal.
    pub(super) fn blinds(self, personal: &PersonalKeys, text: &str) -> Vec<String> {
        match self {
            Self::Identifier => Vec::new(),
            Self::Name => vec![personal.blind(Blind::HolderName, text)],
            Self::Document => {
                let numbers = Numbers::of(personal, &flat(text));
                std::iter::once(numbers.holder).chain(numbers.others).collect()
            }
            Self::Number => {
                let digits: String = flat(text).chars().filter(char::is_ascii_digit).collect();
                let bare = (digits.len() >= 6).then(|| personal.blind(Blind::NumberDigits, &digits));
                std::iter::once(personal.blind(Blind::CertificateNumber, text)).chain(bare).collect()
            }
            Self::Plate => {
                let flat = flat(text);
                let Some((number, colour)) = plate(&flat) else { return Vec::new() };
                let tables = CodeTables::builtin();
                let Some(table) = tables.table(COLOURS) else { return Vec::new() };
                let fits = |code: &&str| {
                    let name = table.latest_name(code).unwrap_or_default();
                    colour.is_empty() || name == colour || name.strip_suffix('色') == Some(colour)
                };
                let codes = ["1", "2", "3", "4", "5", "9", "91", "92", "93", "94"];
                codes
                    .iter()
                    .filter(|code| fits(code))
                    .map(|code| personal.blind(Blind::Plate, &plate_key(number, code)))
                    .collect()
            }
        }
    }
}

/// What a text of 18 characters is, if nothing but its check digit is wrong: most often one character was copied wrongly.
pub(super) fn wrong_digit(text: &str, today: Date) -> Option<&'static str> {
    let flat = flat(text);
    if flat.chars().count() != 18 {
        return None;
    }
    match (ResidentId::parse(&flat, today), Uscc::parse(&flat)) {
        (Ok(_), _) | (_, Ok(_)) => None,
        (Err(error), _) if error.is_check_digit() => Some("公民身份号码"),
        (_, Err(error)) if error.is_check_digit() => Some("统一社会信用代码"),
        _ => None,
    }
}

/// Without blanks and in half width, upper case: how numbers are compared.
fn flat(text: &str) -> String {
    let half = |ch: char| match ch {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(ch as u32 - 0xfee0).unwrap_or(ch),
        _ => ch,
    };
    let kept = text.chars().filter(|ch| !ch.is_whitespace() && !"·•・（）()".contains(*ch));
    kept.map(half).flat_map(char::to_uppercase).filter(|ch| !"()".contains(*ch)).collect()
}

/// Splits `演A12345黄色` into number and colour (empty where none is named).
fn plate(flat: &str) -> Option<(&str, &str)> {
    let mut chars = flat.char_indices();
    let (_, first) = chars.next()?;
    let (_, second) = chars.next()?;
    if !PROVINCES.contains(first) || !second.is_ascii_uppercase() {
        return None;
    }
    let in_number = |ch: char| ch.is_ascii_alphanumeric() || "挂学警港澳领".contains(ch);
    let end = chars.find(|(_, ch)| !in_number(*ch)).map_or(flat.len(), |(place, _)| place);
    let (number, colour) = flat.split_at(end);
    (7..=8).contains(&number.chars().count()).then_some((number, colour))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{By, plate, wrong_digit};

    #[test]
    fn kinds_are_guessed() {
        let first = |text: &str| By::guess(text, date(2026, 11, 22))[0];
        assert_eq!(first("1.2.156.3005.2.11100000000019713D013.x"), By::Identifier);
        assert_eq!(first("演A12345"), By::Plate);
        assert_eq!(first("演 A·12345 黄色"), By::Plate);
        assert_eq!(first("演AD12345"), By::Plate);
        assert_eq!(first("11990000MB0000000J"), By::Document);
        assert_eq!(first("11990000MB0000000K"), By::Document, "with a wrong check digit");
        assert_eq!(first("990101000001"), By::Number);
        assert_eq!(first("演交运管许可字990101000001号"), By::Number);
        assert_eq!(first("张三"), By::Name);
        assert_eq!(first("演示市平安运输有限公司"), By::Name);
    }

    #[test]
    fn a_wrong_check_digit_is_known() {
        let said = |text: &str| wrong_digit(text, date(2026, 11, 22));
        assert_eq!(said("11990000MB0000000J"), None);
        assert_eq!(said("11990000MB0000000K"), Some("统一社会信用代码"));
        assert_eq!(said("11010519491231002X"), None);
        assert_eq!(said("110105194912310021"), Some("公民身份号码"));
        assert_eq!(said("990101000001"), None);
    }

    #[test]
    fn a_plate_is_split_from_its_colour() {
        assert_eq!(plate("演A12345黄色"), Some(("演A12345", "黄色")));
        assert_eq!(plate("演A1234挂黄"), Some(("演A1234挂", "黄")));
        assert_eq!(plate("演A12"), None);
        assert_eq!(plate("张三"), None);
    }
}
