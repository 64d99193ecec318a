//! Reads a source font and makes the small TrueType subsets that travel inside OFD certificates.
//!
//! Invariant: a character is either drawn exactly as its font (or its supplied vector) draws it or
//! refused with an error – no subset ever lacks, blanks or swaps a glyph that was asked for.
//!
//! Bytes come in and go out: this crate opens no file. Every length that is not a source value is in
//! 1/1000 em, the unit of the subsets; outlines are in em, y up.

mod cache;
mod cmap;
mod contour;
mod error;
mod face;
mod file;
mod outline;
mod quadratic;
mod record;
mod sfnt;
mod subset;
mod svg_path;
mod tables;

pub use cache::GlyphCache;
pub use error::FontError;
pub use file::{FontFile, Metrics};
pub use outline::{Bounds, Outline, Segment};
pub use subset::Subset;
pub use ttf_parser::GlyphId;
