//! Checkpoints: what the log says of itself at one moment, as a signed note (C2SP tlog-checkpoint, with SM2 and SM3).

mod body;
mod note;

pub use body::Checkpoint;
pub use note::{Cosigned, NamedKey, SignedCheckpoint, Verified};
