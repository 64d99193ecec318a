//! 样例: an invented province's decisions, people, vehicles and photos, of which some are wrong in known ways.
//!
//! Invariant: the same options and catalogue give the same bytes on any day, each record is a function of the
//! seed and its own number, and every record is either clean or wrong in exactly the one way that `truth.jsonl` names.

mod canvas;
mod company;
mod dates;
mod driver;
mod error;
mod example;
mod inject;
mod licence;
mod number;
mod person;
mod place;
mod plan;
mod portrait;
mod random;
mod sink;
mod truth;
mod vehicle;
mod vehicle_photo;
mod words;
mod world;

pub use error::SampleError;
pub use example::{example, invented};
pub use place::Place;
pub use plan::{Case, Sample, SampleKind};
pub use sink::{Sink, write_sample};
pub use truth::Truth;

use jiff::civil::Date;

/// What to invent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleOptions {
    /// Records over all nine kinds, 1 to 4,000,000.
    pub count: usize,
    /// Another seed gives another province.
    pub seed: u64,
    /// The day on which clean records are valid; they stay so for 31 months more.
    pub today: Date,
    /// Of a thousand records, how many are wrong. 30 in 300 records and more show every class.
    pub wrong_per_mille: usize,
    /// The province that is invented.
    pub place: Place,
}

impl Default for SampleOptions {
    fn default() -> Self {
        // A constant, not the clock: the sample that a document shows is the one that everybody gets.
        Self {
            count: 900,
            seed: 1,
            today: jiff::civil::date(2026, 6, 1),
            wrong_per_mille: 30,
            place: Place::Demo,
        }
    }
}

/// Prepares a sample. Records and photos are made when they are asked for, so a large sample needs little memory.
///
/// # Errors
/// A catalogue without one of the nine kinds, or without an authority of the province that may issue one; an impossible count.
pub fn generate(options: SampleOptions, catalogue: &catalogue::Catalogue) -> Result<Sample<'_>, SampleError> {
    Sample::new(options, catalogue)
}
