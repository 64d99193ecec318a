//! 2D codes for certificates: QR and Grid Matrix (GB/T 27766), as a grid of modules that can be drawn or saved.
//!
//! Invariant: a [`Symbol`] that this crate returns reads back as exactly the text that was put in, and the same
//! text with the same options always gives the same modules and the same PNG bytes.

mod deflate;
mod error;
pub mod gridmatrix;
mod png;
pub mod qr;
mod symbol;

pub use error::MatrixError;
pub use symbol::{Run, Symbol};
