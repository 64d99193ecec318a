//! Where random bytes come from: always the caller.

/// A source of random bytes of cryptographic quality.
///
/// Every `FnMut(&mut [u8])` is one, so the binary hands in the machine's generator and a test hands in a fixed one.
pub trait RngSource {
    /// Fills the whole of `out`. A source that cannot do so must not return.
    fn fill(&mut self, out: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> RngSource for F {
    fn fill(&mut self, out: &mut [u8]) {
        self(out);
    }
}
