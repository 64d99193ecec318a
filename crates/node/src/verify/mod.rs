//! `verify`: files against trust data, and certificates against the register (R10).

mod answer;
mod file;
mod mask;
mod online;
mod photo;

pub use answer::{FaceItem, VerifyAnswer};
pub use file::{Checked, expand, load_trust, verify_file};
pub(crate) use mask::masked;
pub use online::{Question, Sight};
