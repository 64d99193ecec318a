//! The integrator's pages: clients, sandbox, results.

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[];
