//! `verify`: files against trust data, and certificates against the register (R10).

mod answer;
mod connector;
mod connector_http;
mod device;
mod elsewhere;
mod export;
mod file;
mod forward;
mod gate;
mod group;
mod holdings;
mod mask;
mod neighbours;
mod online;
mod paper;
mod photo;
mod receipt;
mod receipt_check;
mod upload;

pub use answer::{FaceItem, VerifyAnswer};
pub use connector::{Connector, ConnectorError, Connectors, ForeignAnswer, ForeignCode};
pub use connector_http::HttpConnector;
pub use device::{DeviceEntry, Enrolled, NewDevice};
pub use elsewhere::{About, Asked, Beginning, Chain, Elsewhere, Handed, Told};
pub use file::{Checked, expand, load_trust, verify_file};
pub use forward::{FORWARD, ForwardAnswer, Forwarded};
pub use group::{GroupEntry, ShownGroup};
pub use holdings::Holdings;
pub(crate) use mask::masked;
pub use neighbours::{Connect, Neighbours};
pub use online::{Question, Sight};
pub use paper::{CheckOfMe, PaperLine};
pub use proof::receipt::CheckedReceipt;
pub use receipt::{ReceiptFilter, ReceiptLine, ReceiptPage, ReceiptWish};
pub use receipt_check::{check_receipt, receipt_texts};
pub use upload::{DeviceState, UPLOAD_MOST, UploadAnswer, UploadStatus, Uploaded};
