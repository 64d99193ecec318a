//! The supervisors' pages: what runs, what is late, what is wrong, in their areas.

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[];
