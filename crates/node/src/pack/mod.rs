//! `pack`: offline packs (`docs/pack-format.md`): built of the rows, kept, brought up to date by deltas; those of other provinces
//! held as knowledge for codes.

mod build;
mod elsewhere;
mod keep;
mod shelf;

pub use build::{PackOrder, columns_of};
pub use elsewhere::Packs;
pub use keep::{PackBytes, read_pack};
pub use shelf::{Shelf, trust_data};
