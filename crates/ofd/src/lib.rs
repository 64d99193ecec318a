//! OFD packages (GB/T 33190-2016): writes the container, reads documents, draws pages; bytes in, bytes out.
//!
//! *Invariant: no input, however hostile, makes this crate panic, loop without end or take memory that its
//! [`Limits`] do not allow; whatever is refused is refused with its own error.*

mod content;
pub mod draw;
mod error;
mod geometry;
mod limits;
pub mod notation;
pub mod package;
pub mod path;
pub mod text;
pub mod xml;
pub mod zip;

pub use error::OfdError;
pub use geometry::{Matrix, Rect};
pub use limits::Limits;
pub use package::Package;
pub use path::PathError;
pub use text::{page_text, plain_text, text};
pub use xml::XmlError;
pub use zip::ZipError;

/// The XML namespace of every OFD element (GB/T 33190-2016 §7.1).
pub const NAMESPACE: &str = "http://www.ofdspec.org/2016";
