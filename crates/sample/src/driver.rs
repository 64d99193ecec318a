//! Records of people: 从业资格证 and the two 驾驶员证.

use catalogue::Authority;
use jiff::civil::Date;
use model::{FaceData, FaceValue, Row};

use crate::dates::{Term, add_months, between, earliest_start, end_of, horizon};
use crate::person::Person;
use crate::random::{Purpose, Random};
use crate::world::World;

/// The driver's certificates that have one category and a registration.
#[derive(Clone, Copy)]
pub(crate) struct Taxi {
    pub(crate) category: &'static str,
    pub(crate) is_ride_hailing: bool,
}

/// Categories that go together, and the classes of the driving licence that they need.
const CAREERS: [(&[&str], &[&str]); 7] = [
    (&["02001"], &["B2"]),
    (&["02001"], &["A2"]),
    (&["01001", "02001"], &["A1", "A2"]),
    (&["02001", "03001", "03003"], &["A2"]),
    (&["01001", "02001", "03001", "03009"], &["A1", "A2", "D"]),
    (&["03002", "03003"], &[]),
    (&["02001", "03001"], &["A2", "E"]),
];

fn common(
    world: &World<'_>,
    number: usize,
    authority: &Authority,
    random: &mut Random,
) -> (FaceData, Person) {
    let person = Person::new(world, number);
    let mut face = FaceData::default();
    face.set("CZZT", person.name.as_str());
    face.set("CZZTDMLXDM", person.document_type);
    face.set("CZZTDM", person.document.as_str());
    face.set("KZ_XB", if person.female { "2" } else { "1" });
    face.set("KZ_CSRQ", text(person.birth));
    face.set("KZ_GJ", person.nationality);
    face.set("KZ_ZZ", FaceValue::Text(world.address(random, true)));
    // Today's certificates are numbered by the holder's document, older ones by area, trade, year and order.
    let own = person.document_type == "111" && !random.percent(10);
    let number = match own {
        true => person.document.clone(),
        false => format!("{}02001{:02}{:06}", authority.area, random.between(12, 22), number % 1_000_000),
    };
    face.set("ZZBH", FaceValue::Text(number));
    (face, person)
}

fn set_term(face: &mut FaceData, term: &Term) {
    face.set("ZZBFRQ", text(term.issued));
    face.set("ZZYXQQSRQ", text(term.start));
    face.set("ZZYXQJZRQ", text(term.end));
}

pub(crate) fn text(date: Date) -> FaceValue {
    FaceValue::Text(date.to_string())
}

fn list(codes: Vec<String>) -> FaceValue {
    FaceValue::List(codes)
}

/// A 从业资格证 with one to four categories, each with its own term.
pub(crate) fn qualification(world: &World<'_>, number: usize, authority: &Authority) -> (FaceData, Date) {
    let mut random = world.random(Purpose::Record, number);
    let (mut face, person) = common(world, number, authority, &mut random);
    let term = Term::of_years(&mut random, world.today, 6);
    set_term(&mut face, &term);
    let (categories, classes) = *random.pick(&CAREERS);
    let rows = world.codes("qualification-category", categories).into_iter().map(|category| {
        let start = between(&mut random, earliest_start(world.today, 6), term.start);
        let adult = add_months(person.birth, 21 * 12);
        let first = between(&mut random, adult.max(add_months(start, -96)), start);
        let days = [("CCLZRQ", first), ("YXQS", start), ("YXQZ", end_of(start, 6))];
        let mut row: Row = days.map(|(short, day)| (short.to_owned(), day.to_string())).into();
        row.insert("LB".to_owned(), category);
        row.insert("FZJG".to_owned(), authority.name.clone());
        row
    });
    face.set("KZ_CYZG", FaceValue::Rows(rows.collect()));
    let classes = world.codes("driving-class", classes);
    if !classes.is_empty() {
        face.set("KZ_ZJCX", list(classes));
    }
    if random.percent(70) {
        face.set("KZ_DABH", FaceValue::Text(format!("{}{:08}", authority.area, number + 1)));
    }
    let grades = world.codes("integrity-grade", &["AAA", "AAA", "AA", "A"]);
    if random.percent(80) && !grades.is_empty() {
        face.set("KZ_CXKHDJ", random.pick(&grades).as_str());
        face.set("KZ_CXKHYXQ", text(add_months(horizon(world.today), random.below(12) as i32)));
    }
    (face, term.issued)
}

/// A 巡游 or 网络预约 出租汽车驾驶员证.
pub(crate) fn taxi(world: &World<'_>, number: usize, authority: &Authority, taxi: Taxi) -> (FaceData, Date) {
    let mut random = world.random(Purpose::Record, number);
    let (mut face, person) = common(world, number, authority, &mut random);
    let term = Term::of_years(&mut random, world.today, 6);
    set_term(&mut face, &term);
    let classes = world.codes("driving-class", if random.percent(85) { &["C1"] } else { &["C2"] });
    if !classes.is_empty() {
        face.set("KZ_ZJCX", list(classes));
    }
    face.set("KZ_ZGLB", taxi.category);
    let adult = add_months(person.birth, 21 * 12);
    let first = between(&mut random, adult.max(add_months(term.start, -72)), term.start);
    face.set("KZ_CCLZRQ", text(first));
    if random.percent(85) {
        let words = world.place.words();
        let employers: &[&str] = if taxi.is_ride_hailing { &words.ride_hailing } else { &words.taxis };
        face.set("KZ_FWDW", *random.pick(employers));
        face.set("KZ_ZCYXQ", text(term.end));
    }
    let grades = world.codes("integrity-grade", &["AAA", "AAA", "AA", "A"]);
    if random.percent(70) && !grades.is_empty() {
        face.set("KZ_CXKHDJ", random.pick(&grades).as_str());
    }
    (face, term.issued)
}
