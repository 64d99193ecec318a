//! `verify`: files against trust data, and certificates against the register (R10).

mod answer;
mod device;
mod export;
mod file;
mod group;
mod mask;
mod online;
mod paper;
mod receipt;
mod receipt_check;
mod upload;

pub use answer::{FaceItem, VerifyAnswer};
pub use device::{DeviceEntry, Enrolled, NewDevice};
pub use file::{Checked, expand, load_trust, verify_file};
pub use group::{GroupEntry, ShownGroup};
pub use online::{Question, Sight};
pub use paper::{CheckOfMe, PaperLine};
pub use proof::receipt::CheckedReceipt;
pub use receipt::{ReceiptFilter, ReceiptLine, ReceiptPage, ReceiptWish};
pub use receipt_check::{check_receipt, receipt_texts};
pub use upload::{DeviceState, UPLOAD_MOST, UploadAnswer, UploadStatus, Uploaded};
