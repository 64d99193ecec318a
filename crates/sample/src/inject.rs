//! Makes finished records wrong, each in one way (M13). Shares no code with the rules that must find it.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::ItemType;
use model::{FaceValue, Record};

use crate::plan::{Case, Sample, SampleKind};
use crate::random::{Purpose, Random};
use crate::truth::Truth;
use crate::words::{DOTTED, FANCY};

/// A way of being wrong. Those that few records can have come first, so that they find their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    LiveTwice,
    PhotoDamaged,
    Duplicate,
    CheckDigit,
    DateOrder,
    ItemMissing,
    CodeUnknown,
    BoxOverflow,
    GlyphMissing,
}

const CLASSES: [Class; 9] = [
    Class::LiveTwice,
    Class::PhotoDamaged,
    Class::Duplicate,
    Class::CheckDigit,
    Class::DateOrder,
    Class::ItemMissing,
    Class::CodeUnknown,
    Class::BoxOverflow,
    Class::GlyphMissing,
];

/// What is to be wrong with one record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    class: Class,
    /// The earlier clean record that it repeats.
    original: Option<usize>,
    /// Does it repeat the whole record, person and all?
    whole: bool,
    /// Tells the variants of a class apart.
    variant: usize,
}

impl Fault {
    /// The record whose holder this one shows.
    pub(crate) fn same_person(&self) -> Option<usize> {
        self.original.filter(|_| self.whole)
    }
}

/// Items that this crate sets for vehicles: what a repeated vehicle takes over.
const VEHICLE: [&str; 9] =
    ["KZ_CLHP", "KZ_CPYS", "KZ_CLSBDH", "KZ_CLLX", "KZ_CLXH", "KZ_FDJH", "KZ_DZW", "KZ_ZW", "KZ_RLLX"];

/// Chooses the wrong records: the classes in turn, each in the kind that has fewest of them so far, anywhere within it.
pub(crate) fn plan(sample: &Sample<'_>, per_mille: usize) -> BTreeMap<usize, Fault> {
    let wanted = (sample.count() * per_mille + 500) / 1000;
    let mut random = sample.world().random(Purpose::Plan, 0);
    let mut faults = BTreeMap::new();
    // A record that another one repeats must itself stay clean.
    let mut originals = BTreeSet::new();
    let mut load = vec![0; sample.kinds().len()];
    for turn in 0..wanted {
        let class = CLASSES[turn % CLASSES.len()];
        let mut places: Vec<usize> =
            (0..load.len()).filter(|place| suits(class, &sample.kinds()[*place])).collect();
        places.sort_by_key(|place| (load[*place], random.next()));
        let found = places.into_iter().find_map(|place| {
            let kind = &sample.kinds()[place];
            // A kind that is nearly all wrong has no room left: then the next one gets it.
            let (number, original) =
                (0..50).find_map(|_| place_in(sample, kind, class, &faults, &originals, &mut random))?;
            Some((place, number, original))
        });
        if let Some((place, number, original)) = found {
            load[place] += 1;
            originals.extend(original);
            let whole = class == Class::Duplicate && !has_plate(&sample.kinds()[place]);
            faults.insert(number, Fault { class, original, whole, variant: turn / CLASSES.len() });
        }
    }
    faults
}

/// A record of the kind that may become wrong in this way, and the one that it repeats; `None` when the draw fails.
fn place_in(
    sample: &Sample<'_>,
    kind: &SampleKind<'_>,
    class: Class,
    faults: &BTreeMap<usize, Fault>,
    originals: &BTreeSet<usize>,
    random: &mut Random,
) -> Option<(usize, Option<usize>)> {
    let number = kind.range.start + random.below(kind.range.len());
    if kind.range.is_empty() || faults.contains_key(&number) || originals.contains(&number) {
        return None;
    }
    if !matches!(class, Class::LiveTwice | Class::Duplicate) {
        return Some((number, None));
    }
    original_of(sample, kind, number, class, faults).map(|original| (number, Some(original)))
}

fn has_plate(kind: &SampleKind<'_>) -> bool {
    kind.kind.items.iter().any(|item| item.item_type == ItemType::Plate)
}

fn suits(class: Class, kind: &SampleKind<'_>) -> bool {
    match class {
        Class::LiveTwice => has_plate(kind),
        Class::PhotoDamaged => kind.kind.photo_item().is_some(),
        _ => true,
    }
}

/// A clean record before this one, of the same kind, and for a repeated number of the same authority.
fn original_of(
    sample: &Sample<'_>,
    kind: &SampleKind<'_>,
    number: usize,
    class: Class,
    faults: &BTreeMap<usize, Fault>,
) -> Option<usize> {
    let authority = sample.authority(kind, number);
    let fits =
        |other: &usize| class == Class::LiveTwice || sample.authority(kind, *other).uscc == authority.uscc;
    (kind.range.start..number).rev().filter(|other| !faults.contains_key(other)).find(fits)
}

/// Makes a finished record wrong.
pub(crate) fn apply(
    sample: &Sample<'_>,
    kind: &SampleKind<'_>,
    mut record: Record,
    number: usize,
    fault: &Fault,
) -> Case {
    let mut random = sample.world().random(Purpose::Fault, number);
    let original = fault.original.map(|number| sample.clean(kind, number));
    let (rule, item) = match (fault.class, original) {
        (Class::LiveTwice, Some(original)) => ("LIVE_TWICE", same_vehicle(&mut record, &original)),
        (Class::Duplicate, Some(original)) => ("DUPLICATE", repeat(&mut record, original, fault.whole)),
        // `plan` gives these two classes an original; without one the record would stay as it is.
        (Class::LiveTwice | Class::Duplicate, None) => return Case { record, truth: None },
        (Class::PhotoDamaged, _) => {
            ("PHOTO_DAMAGED", kind.kind.photo_item().map(|item| item.short.clone()).unwrap_or_default())
        }
        (Class::CheckDigit, _) => ("CHECK_DIGIT", wrong_check_digit(sample, &mut record, &mut random)),
        (Class::DateOrder, _) => ("DATE_ORDER", wrong_order(&mut record, fault.variant)),
        (Class::ItemMissing, _) => ("ITEM_MISSING", missing(&mut record, kind, &mut random)),
        (Class::CodeUnknown, _) => ("CODE_UNKNOWN", unknown_code(sample, &mut record, kind, &mut random)),
        (Class::BoxOverflow, _) => ("BOX_OVERFLOW", too_long(&mut record, &mut random)),
        (Class::GlyphMissing, _) => ("GLYPH_MISSING", no_glyph(&mut record, &mut random)),
    };
    let truth = Truth { record_id: record.record_id.clone(), item, rule };
    Case { record, truth: Some(truth) }
}

fn same_vehicle(record: &mut Record, original: &Record) -> String {
    for short in VEHICLE {
        if let Some(value) = original.face.get(short) {
            record.face.set(short, value.clone());
        }
    }
    "KZ_CLHP".to_owned()
}

/// The same decision sent twice; of a vehicle only the number, for the same vehicle would be wrong in a second way.
fn repeat(record: &mut Record, original: Record, whole: bool) -> String {
    if whole {
        record.face = original.face;
        record.decision = original.decision;
    } else if let Some(number) = original.face.get("ZZBH") {
        record.face.set("ZZBH", number.clone());
    }
    "ZZBH".to_owned()
}

/// Changes the last character of a resident number or USCC to another one that may stand there.
fn wrong_check_digit(sample: &Sample<'_>, record: &mut Record, random: &mut Random) -> String {
    let resident = record.face.text("CZZTDMLXDM") == Some("111");
    let mut number = record.face.text("CZZTDM").unwrap_or_default().to_owned();
    if !resident && record.face.text("CZZTDMLXDM") != Some("001") {
        // Passports and passes carry no check digit: the person shows a resident number with a wrong one instead.
        let birth: String =
            record.face.text("KZ_CSRQ").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let order = if record.face.text("KZ_XB") == Some("1") { "101" } else { "102" };
        number =
            crate::number::resident_id(&format!("{}{birth}{order}", sample.world().place.words().county));
        record.face.set("CZZTDMLXDM", "111");
        record.face.set("KZ_GJ", "CHN");
    }
    let last = number.pop().unwrap_or('0');
    let others: Vec<char> = "0123456789".chars().filter(|digit| *digit != last).collect();
    number.push(*random.pick(&others));
    record.face.set("CZZTDM", FaceValue::Text(number));
    "CZZTDM".to_owned()
}

/// Swaps the ends of the term, or for every second vehicle lets the inspection end before the issue.
fn wrong_order(record: &mut Record, variant: usize) -> String {
    let text = |short: &str| record.face.text(short).map(str::to_owned);
    let end = text("ZZYXQJZRQ").unwrap_or_default();
    let issued: Option<jiff::civil::Date> = text("ZZBFRQ").and_then(|text| text.parse().ok());
    if let (Some(issued), true) = (issued, text("KZ_NSYXQ").is_some() && (variant % 2 == 1 || end == "长期"))
    {
        record.face.set("KZ_NSYXQ", crate::driver::text(crate::dates::add_days(issued, -1)));
        return "KZ_NSYXQ".to_owned();
    }
    let start = text("ZZYXQQSRQ").unwrap_or_default();
    record.face.set("ZZYXQQSRQ", FaceValue::Text(end));
    record.face.set("ZZYXQJZRQ", FaceValue::Text(start));
    "ZZYXQJZRQ".to_owned()
}

/// Items whose absence or change would be wrong in more than one way.
const ENTANGLED: [&str; 2] = ["CZZTDMLXDM", "KZ_CPYS"];

fn missing(record: &mut Record, kind: &SampleKind<'_>, random: &mut Random) -> String {
    let items = kind
        .kind
        .items
        .iter()
        .filter(|item| item.mandatory && item.is_given())
        .map(|item| item.short.as_str());
    let groups = kind.kind.groups.iter().filter(|group| group.mandatory).map(|group| group.short.as_str());
    let present = |short: &&str| record.face.get(short).is_some() && !ENTANGLED.contains(short);
    let candidates: Vec<&str> = items.chain(groups).filter(present).collect();
    let item = (*random.pick(&candidates)).to_owned();
    record.face.remove(&item);
    item
}

/// A code that a typing error makes: no table has it.
fn unknown_code(
    sample: &Sample<'_>,
    record: &mut Record,
    kind: &SampleKind<'_>,
    random: &mut Random,
) -> String {
    let coded = kind.kind.items.iter().filter(|item| item.item_type == ItemType::Code);
    let present =
        |short: &str| record.face.get(short).is_some() && !ENTANGLED.contains(&short) && short != "KZ_XB";
    let candidates: Vec<_> = coded.filter(|item| present(&item.short)).collect();
    let item = *random.pick(&candidates);
    let table = item.table.as_deref().unwrap_or_default();
    let wrong =
        ["7", "77", "777", "77777", "X77"].iter().rev().find(|code| !sample.world().is_code(table, code));
    let wrong = wrong.map_or("X77", |code| code).to_owned();
    let value = match record.face.get(&item.short) {
        Some(FaceValue::List(list)) => {
            let mut list = list.clone();
            let place = random.below(list.len());
            list[place] = wrong;
            FaceValue::List(list)
        }
        _ => FaceValue::Text(wrong),
    };
    record.face.set(item.short.as_str(), value);
    item.short.clone()
}

/// A holder's name of 120 to 200 characters: allowed by the item, too long for any box on a face.
fn too_long(record: &mut Record, random: &mut Random) -> String {
    let person = record.face.text("CZZTDMLXDM") != Some("001");
    let length = random.between(120, 190);
    let mut name = if person { String::new() } else { "演示省".to_owned() };
    while name.chars().count() < length {
        name.push_str(if person { random.word(&DOTTED) } else { random.word(&FANCY) });
        name.push_str(if person { "·" } else { "" });
    }
    let name =
        if person { name.trim_end_matches('·').to_owned() } else { name + "运输集团有限公司" };
    record.face.set("CZZT", FaceValue::Text(name));
    "CZZT".to_owned()
}

/// Puts a character that no font draws into the name or the address: private use, or not assigned in Unicode.
fn no_glyph(record: &mut Record, random: &mut Random) -> String {
    let candidates: Vec<&str> =
        ["CZZT", "KZ_ZZ", "KZ_YHDZ"].into_iter().filter(|short| record.face.text(short).is_some()).collect();
    let item = *random.pick(&candidates);
    let private = char::from_u32(0xE000 + random.below(0x18FF) as u32).unwrap_or('\u{E000}');
    let character = *random.pick(&[private, private, '\u{2FE5}', '\u{F0000}']);
    let mut text: Vec<char> = record.face.text(item).unwrap_or_default().chars().collect();
    text.insert(text.len().min(1), character);
    record.face.set(item, FaceValue::Text(text.into_iter().collect()));
    item.to_owned()
}

/// The photo as its fault leaves it.
pub(crate) fn damage(fault: &Fault, mut photo: Vec<u8>) -> Vec<u8> {
    if fault.class != Class::PhotoDamaged {
        return photo;
    }
    match fault.variant % 4 {
        // Broken off while it was copied.
        0 => photo.truncate(photo.len() * 3 / 5),
        // A block that was never written to the disk.
        1 => {
            let from = photo.len() * 2 / 3;
            photo[from..].fill(0);
        }
        // The answer of a server that was down.
        2 => photo = b"<html><body>502 Bad Gateway</body></html>\n".to_vec(),
        _ => photo.clear(),
    }
    photo
}
