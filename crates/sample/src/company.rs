//! Invented companies.

use crate::number::uscc;
use crate::person;
use crate::place::Words;
use crate::random::{Purpose, Random};
use crate::words::FANCY;
use crate::world::World;

pub(crate) struct Company {
    pub(crate) name: String,
    pub(crate) uscc: String,
    pub(crate) representative: String,
    pub(crate) branch: bool,
    pub(crate) economic_type: String,
}

impl Company {
    /// The company of a number, in an area; `trades` are the words for its business.
    pub(crate) fn new(world: &World<'_>, number: usize, area: &str, trades: &[&str]) -> Self {
        let mut random = world.random(Purpose::Company, number);
        let branch = random.percent(8);
        let types = world.codes("economic-type", &["110", "150", "151", "159", "160", "173", "174", "310"]);
        let representative = person::name(&mut random, false);
        Self {
            name: name(&mut random, world.place.words(), trades, branch),
            uscc: uscc(world.seed, area, number),
            representative,
            branch,
            economic_type: types.get(random.below(types.len())).cloned().unwrap_or_default(),
        }
    }
}

fn name(random: &mut Random, words: &Words, trades: &[&str], branch: bool) -> String {
    let place = *random.pick(&words.companies);
    let (first, trade) = (random.pick(&FANCY), random.pick(trades));
    let mut name = format!("{place}{first}{trade}");
    if random.percent(6) {
        // Merged companies carry both names: long, but they fit their box.
        name = format!("{place}{first}{}{trade}集团", random.pick(&FANCY));
    }
    name.push_str(if random.percent(15) { "股份有限公司" } else { "有限公司" });
    if branch {
        name.push_str(random.word(&words.branches));
    }
    name
}
