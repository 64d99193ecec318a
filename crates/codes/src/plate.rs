//! 机动车号牌 (GA 36) with its colour: number and colour together are the key of a vehicle.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check;
use crate::error::CodeError;
use crate::table::CodeTables;
use crate::warning::Warning;

const ITEM: &str = "机动车号牌号码";

/// First characters of real plates, then 演 and 试: invented, for the demonstration only.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新演试";

/// GA 36: class letters of new-energy plates, pure electric D A B C E, others F G H J K.
const NEW_ENERGY: &str = "DABCEFGHJK";

/// The table that colour codes come from.
const COLOURS: &str = "plate-colour";

/// The pattern of a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlateKind {
    /// Province, letter, five letters or digits.
    Ordinary,
    /// New energy, small vehicle: the third character is the class letter.
    NewEnergySmall,
    /// New energy, large vehicle: the last character is the class letter.
    NewEnergyLarge,
    /// Ends with 挂.
    Trailer,
    /// Ends with 学.
    Learner,
    /// Ends with 港.
    HongKong,
    /// Ends with 澳.
    Macau,
    /// Ends with 警.
    Police,
    /// Ends with 领.
    Consulate,
}

impl PlateKind {
    /// Whether the plate has eight characters and a green colour.
    #[must_use]
    pub fn is_new_energy(self) -> bool {
        matches!(self, Self::NewEnergySmall | Self::NewEnergyLarge)
    }
}

/// What identifies a vehicle in the registers: number and colour code, both checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawKey")]
pub struct PlateKey {
    number: String,
    colour: String,
}

/// The key as it comes from outside.
#[derive(Deserialize)]
struct RawKey {
    number: String,
    colour: String,
}

impl TryFrom<RawKey> for PlateKey {
    type Error = CodeError;

    fn try_from(raw: RawKey) -> Result<Self, CodeError> {
        Plate::parse(&raw.number, &raw.colour).map(|plate| plate.key)
    }
}

impl PlateKey {
    /// The number, e.g. 演A12345.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The code of table `plate-colour`.
    #[must_use]
    pub fn colour(&self) -> &str {
        &self.colour
    }
}

impl fmt::Display for PlateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = CodeTables::builtin();
        let name = tables.table(COLOURS).and_then(|table| table.latest_name(&self.colour));
        write!(f, "{}（{}）", self.number, name.unwrap_or(&self.colour))
    }
}

/// A plate whose number has one of the known patterns and whose colour is in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plate {
    key: PlateKey,
    kind: PlateKind,
    warnings: Vec<Warning>,
}

impl Plate {
    /// Reads a number exactly as it stands, with a colour code of table `plate-colour`.
    ///
    /// # Errors
    /// An unknown colour, a wrong number of characters, or a character that no pattern has at its place.
    pub fn parse(number: &str, colour_code: &str) -> Result<Self, CodeError> {
        let tables = CodeTables::builtin();
        let colours = tables.table(COLOURS);
        let Some(colour_name) = colours.and_then(|table| table.latest_name(colour_code)) else {
            let found = check::shortened(colour_code);
            return Err(CodeError::UnknownCode { table: "车牌颜色", found });
        };
        let kind = pattern(number)?;
        let key = PlateKey { number: number.to_owned(), colour: colour_code.to_owned() };
        let warnings = colour_warning(&key, kind, colour_name).into_iter().collect();
        Ok(Self { key, kind, warnings })
    }

    /// Number and colour.
    #[must_use]
    pub fn key(&self) -> &PlateKey {
        &self.key
    }

    /// The pattern.
    #[must_use]
    pub fn kind(&self) -> PlateKind {
        self.kind
    }

    /// Oddities: a colour that does not go with the pattern.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl fmt::Display for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

fn colour_warning(key: &PlateKey, kind: PlateKind, colour_name: &str) -> Option<Warning> {
    let colour = format!("{colour_name}（{}）", key.colour);
    let number = key.number.clone();
    let green = matches!(key.colour.as_str(), "5" | "93" | "94");
    match (kind.is_new_energy(), green) {
        (true, false) => Some(Warning::NewEnergyColour { number, colour }),
        // 5 绿 also stands for old green plates; 93 and 94 exist for new energy only.
        (false, true) if key.colour != "5" => Some(Warning::OrdinaryColour { number, colour }),
        _ => None,
    }
}

/// Finds the pattern, or the first character that breaks it.
fn pattern(number: &str) -> Result<PlateKind, CodeError> {
    let chars: Vec<char> = number.chars().collect();
    // The metal plate shows a dot behind the second character; its number has none. Said first, because with it
    // an ordinary number has eight characters and would be told about new-energy patterns.
    let is_gap = |c: char| c.is_whitespace() || "·•・‧.-－—".contains(c);
    if let Some(index) = chars.iter().position(|c| is_gap(*c)) {
        let what = if chars[index].is_whitespace() { "空格" } else { "间隔点" };
        return Err(CodeError::Separator { item: ITEM, what });
    }
    if let Some(c) = chars.first().filter(|c| !PROVINCES.contains(**c)) {
        return Err(check::character(ITEM, 0, *c, "省、自治区、直辖市简称"));
    }
    if let Some(c) = chars.get(1).filter(|c| !is_letter(**c)) {
        return Err(check::character(ITEM, 1, *c, "除I、O外的大写字母"));
    }
    match chars.len() {
        7 => seven(&chars),
        8 => eight(&chars),
        actual => Err(CodeError::Length { item: ITEM, expected: "7（新能源汽车号牌为8）", actual }),
    }
}

fn seven(chars: &[char]) -> Result<PlateKind, CodeError> {
    let kind = match chars[6] {
        '挂' => PlateKind::Trailer,
        '学' => PlateKind::Learner,
        '港' => PlateKind::HongKong,
        '澳' => PlateKind::Macau,
        '警' => PlateKind::Police,
        '领' => PlateKind::Consulate,
        _ => PlateKind::Ordinary,
    };
    let body = if kind == PlateKind::Ordinary { 7 } else { 6 };
    match (2..body).find(|&index| !is_serial(chars[index])) {
        Some(index) => Err(check::character(ITEM, index, chars[index], "数字或除I、O外的大写字母")),
        None => Ok(kind),
    }
}

fn eight(chars: &[char]) -> Result<PlateKind, CodeError> {
    let digits = |range: std::ops::Range<usize>| chars[range].iter().all(char::is_ascii_digit);
    if NEW_ENERGY.contains(chars[2]) && is_serial(chars[3]) && digits(4..8) {
        return Ok(PlateKind::NewEnergySmall);
    }
    if digits(2..7) && NEW_ENERGY.contains(chars[7]) {
        return Ok(PlateKind::NewEnergyLarge);
    }
    let detail = "8位新能源汽车号牌应为：小型车第3位为A至K中的类别字母（不含I）、第5至8位为数字，\
                  或大型车第3至7位为数字、第8位为类别字母"
        .to_owned();
    Err(CodeError::Structure { item: ITEM, detail })
}

fn is_letter(c: char) -> bool {
    c.is_ascii_uppercase() && !matches!(c, 'I' | 'O')
}

fn is_serial(c: char) -> bool {
    c.is_ascii_digit() || is_letter(c)
}
