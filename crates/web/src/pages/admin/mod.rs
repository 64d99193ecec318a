//! The three administrators' pages (三员): each their own work and no other's.

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[];
