//! Grid Matrix against an independent encoder.

mod equal;
mod mixed;
mod oracle;
