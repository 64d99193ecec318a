//! `verify`: checks against the register.
//!
//! The place of `GET /api/v1/verify/{identifier}` and the others of R10: one file an endpoint beside this one, in the pattern of
//! `api/lifecycle/certificates.rs` (look up, ask [`crate::Call::lack`] for area and kind, run the use case in
//! [`crate::App::work`], answer), each with its line in [`super::ENDPOINTS`].
