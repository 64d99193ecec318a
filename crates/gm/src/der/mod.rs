//! A small toolkit for strict DER (X.690 §10–11): a [`Reader`] that refuses every BER liberty, and a [`Writer`].
//!
//! Only low tag numbers (0 to 30) exist here; no structure of ours needs more.

mod object_id;
mod reader;
mod strings;
mod tag;
mod time;
mod writer;

pub use object_id::Oid;
pub use reader::{BitString, MAX_DEPTH, Reader};
pub use tag::Tag;
pub(crate) use time::utc_text;
pub use writer::Writer;
