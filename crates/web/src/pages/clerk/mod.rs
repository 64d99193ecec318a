//! The clerk's pages and the reviewer's: find, see, mend, import, print, act by hand in an emergency.

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[];
