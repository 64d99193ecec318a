//! The ministry's pages: provinces side by side.

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[];
