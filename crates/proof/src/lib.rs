//! What travels apart from the file and still proves something: the content of our 2D code, and the verdict over what is known.
//!
//! Invariant: a code holds no name and no document number, and nothing in it is believed before its signature is checked.

mod base45;
mod code;
mod pack;
mod present;
mod provider;
pub mod receipt;
mod standing;
mod trust;
mod verdict;

pub use code::{Code, CodeError, CodeType, PREFIX, SLOT_EPOCH, SLOT_LEN, SignedCode, check_day};
pub use pack::{
    Base, Columns, Entry, Head, MOST_COUNT, MOST_STATES, Override, Pack, PackError, PackFile, PackKind,
    PackState, VerifiedFile,
};
pub use present::Slots;
pub use provider::{CodeProvider, CodeRequest, OwnCodes};
pub use standing::{Held, Standing, weigh};
pub use trust::{CodeKeyData, NodeData, SignerData, Trust, TrustData, TrustError};
pub use verdict::{Answer, Evidence, Examined, Input, Knowledge, Register, Said, conclude, examine, judge};
