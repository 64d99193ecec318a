//! `verify`: files against trust data, and certificates against the register (R10).

mod answer;
mod elsewhere;
mod file;
mod forward;
mod holdings;
mod mask;
mod neighbours;
mod online;
mod photo;

pub use answer::{FaceItem, VerifyAnswer};
pub use elsewhere::{About, Asked, Beginning, Chain, Elsewhere, Handed, Told};
pub use file::{Checked, expand, load_trust, verify_file};
pub use forward::{FORWARD, ForwardAnswer, Forwarded};
pub use holdings::Holdings;
pub use neighbours::{Connect, Neighbours};
pub(crate) use mask::masked;
pub use online::{Question, Sight};
