//! `share`: a holder shows a certificate (亮证): codes that change every 30 seconds, slots signed in advance for a day without network,
//! printed sheets of which only the newest counts, and the drivers whom a company lets show its vehicles' papers (R9, R27;
//! `docs/share.md`).
//!
//! Whoever is neither holder nor granted gets the same answer as for a certificate that does not exist.

mod admit;
mod face;
mod grant;
mod past;
mod present;
mod print;
mod sheet;
mod used;

pub use face::FacePart;
pub use grant::{GrantLine, GrantedTo, NewGrant};
pub use past::{OwnPast, PastLine};
pub use present::{PresentCode, Presentation, Presented};
pub use print::{PRINT_MOST, PrintLine, PrintSheet, PrintWish};
pub use proof::Slots;
pub use sheet::{NewestSheet, Sheet, SheetReason};
pub use used::CodeUse;

pub(crate) use grant::{granted_to, is_withdrawn};
