//! The three administrators' pages (三员): each their own work and no other's.

pub mod audit;

use super::Page;

/// The pages of this folder.
pub static PAGES: &[&Page] = &[
    &audit::PAGE,
    &audit::EXPORT,
    &audit::STATE,
    &audit::FILE,
    &audit::CERTIFICATE,
    &audit::ENTRY,
    &audit::PROOF,
];
