//! Generated pages.

/// Rewrites them; the test command fails while a committed one differs.
///
/// # Errors
/// What failed.
pub fn generate() -> Result<(), String> {
    crate::test::readers(true)
}
