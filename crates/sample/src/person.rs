//! Invented people. Their document numbers lie in area 99, which no real number has.

use jiff::civil::Date;

use crate::dates::{add_days, add_months};
use crate::number::resident_id;
use crate::random::{Purpose, Random, scatter};
use crate::words::{COMPOUND_SURNAMES, DOTTED, FEMALE, MALE, RARE, SURNAMES};
use crate::world::World;

/// Youngest and oldest, in months before today.
const AGES: (i32, i32) = (26 * 12, 58 * 12);

pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) female: bool,
    pub(crate) birth: Date,
    /// 持证主体代码类型.
    pub(crate) document_type: &'static str,
    pub(crate) document: String,
    pub(crate) nationality: &'static str,
}

impl Person {
    /// The person of a number: another number is another person with another document.
    pub(crate) fn new(world: &World<'_>, number: usize) -> Self {
        let mut random = world.random(Purpose::Person, number);
        let female = random.percent(14);
        let (birth, id) = identity(world, number, female);
        let (document_type, document, nationality) = match random.below(100) {
            0 => ("414", format!("E{:08}", scatter(world.seed, number, 100_000_000)), "MNG"),
            1 => ("516", format!("H{:08}", scatter(world.seed, number, 100_000_000)), "CHN"),
            2 => ("511", format!("{:08}", scatter(world.seed, number, 100_000_000)), "CHN"),
            _ => ("111", id, "CHN"),
        };
        Self { name: name(&mut random, female), female, birth, document_type, document, nationality }
    }
}

/// Birth date and resident number, both from one scattered number, so that no two people of a sex share them.
fn identity(world: &World<'_>, number: usize, female: bool) -> (Date, String) {
    let oldest = add_months(world.today, -AGES.1);
    let days = (AGES.1 - AGES.0) as u64 * 30;
    let areas = world.counties.len() as u64;
    let value = scatter(world.seed, number, areas * days * 500);
    let area = &world.counties[(value % areas) as usize].0;
    let birth = add_days(oldest, (value / areas % days) as i32);
    // The 17th digit is odd for men.
    let order = value / areas / days * 2 + u64::from(!female);
    let (year, month, day) = (birth.year(), birth.month(), birth.day());
    (birth, resident_id(&format!("{area}{year:04}{month:02}{day:02}{order:03}")))
}

/// A name of 2 to 4 characters; one in 25 is joined with dots (2–20 characters), one in 30 has a rare character.
pub(crate) fn name(random: &mut Random, female: bool) -> String {
    if random.percent(4) {
        let parts = random.between(2, 3);
        let parts: Vec<_> = (0..parts).map(|_| *random.pick(&DOTTED)).collect();
        return parts.join("·");
    }
    let mut name = match random.below(100) {
        0..=1 => (*random.pick(&COMPOUND_SURNAMES)).to_owned(),
        2..=59 => random.letter(&SURNAMES.chars().take(20).collect::<String>()).to_string(),
        60 => "禤".to_owned(),
        _ => random.letter(SURNAMES).to_string(),
    };
    let given = if female { FEMALE } else { MALE };
    let first = if random.percent(3) { RARE } else { given };
    name.push(random.letter(first));
    if random.percent(68) {
        name.push(random.letter(given));
    }
    name
}
