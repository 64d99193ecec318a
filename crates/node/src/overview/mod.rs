//! `overview`: what runs, what is late, what is wrong, within the areas of whoever asks (R6, R7, R14 as far as counts are exact).
//!
//! Counts of certificates and events come from counters that are written with the rows (`overview_count`), never from counting
//! millions. A counter may differ from its list only by what is committed between the two.

mod count;
mod list;
mod now;

pub(crate) use count::{Counted, activated, lagged, moved, put_event};
pub use list::Listed;
pub use now::{Bar, DAYS, DayCount, HOURS, HourLag, MOST, Overview, PackAge};
pub use store::rows::overview::Reach;
pub use store::rows::overview::list::{CertificateFilter, CertificateLine, EventFilter, EventItem, Order};
