//! The clerk's window: for people without a smartphone (R27).

pub mod activate;
pub mod phone;

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[&activate::PAGE, &activate::SEND, &phone::PAGE, &phone::SEND];
