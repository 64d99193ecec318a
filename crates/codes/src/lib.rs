//! Identifiers, numbers, dated code tables, areas and working days of the road transport trade.
//!
//! Invariant: a value of one of these types was checked when it was made and cannot be wrong inside; what a
//! standard forbids is a [`CodeError`], what it only discourages is a [`Warning`] beside the value. Nothing here
//! reads a file, a clock or the environment: tables are embedded, "today" is a parameter.

mod area;
mod calendar;
mod certificate;
mod check;
mod checksum;
mod document;
mod embedded;
mod error;
mod foreign;
mod plate;
mod resident;
mod table;
mod text;
mod type_code;
mod uscc;
mod validity;
mod vin;
mod warning;

pub use area::{AreaCode, AreaLevel, Areas};
pub use calendar::{Calendar, DayKind, Deadline};
pub use certificate::{CertificateId, ROOT, Serial};
pub use document::{DocumentKind, DocumentNumber};
pub use error::CodeError;
pub use foreign::{ForeignCertificateId, ForeignIssuer};
pub use plate::{Plate, PlateKey, PlateKind};
pub use resident::{ResidentId, Sex, fifteen_to_eighteen};
pub use table::{CodeTable, CodeTables, Lookup, Period};
pub use type_code::TypeCode;
pub use uscc::Uscc;
pub use validity::{LegalDate, Validity};
pub use vin::Vin;
pub use warning::Warning;
