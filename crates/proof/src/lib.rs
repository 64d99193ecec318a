//! What travels apart from the file and still proves something: today the content of our 2D code.
//!
//! Invariant: a code holds no name and no document number, and nothing in it is believed before its signature is checked.

mod base45;
mod code;
mod provider;

pub use code::{Code, CodeError, CodeType, PREFIX, SignedCode, check_day};
pub use provider::{CodeProvider, CodeRequest, OwnCodes};
