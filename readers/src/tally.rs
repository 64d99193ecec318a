//! Counts of what passed and what failed, each failure printed once, where it happens.

use anyhow::Result;

/// Running counts of one trial.
#[derive(Default)]
pub struct Tally {
    /// Assertions that held.
    pub passed: u32,
    /// Assertions that did not.
    pub failed: u32,
}

impl Tally {
    /// Counts one assertion named `what`; prints it when it failed.
    pub fn expect(&mut self, what: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                println!("FAILED  {what}: {error:#}");
            }
        }
    }
}
