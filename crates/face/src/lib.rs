//! 照面 face: how a kind looks. Template + values → laid-out pages → the parts of an OFD package.
//!
//! Invariant: every character that is laid out has a glyph in an embedded font and stands inside its box, or the caller
//! gets a problem that names the item; nothing vanishes. The same input gives the same bytes.

mod content;
mod error;
mod fonts;
mod ground;
mod layout;
mod package;
mod stamp;
mod template;
mod text;
mod values;

pub use error::{FaceError, Problem};
pub use fonts::{FontRole, FontSpec, Fonts};
pub use layout::Layout;
pub use package::{Content, Dynamic, PackagePart, Prepared, SealPlace};
pub use stamp::{STAMP_MM, StampText, round_stamp};
pub use template::{Symbology, Template, Templates};
pub use values::{Issued, Values};
