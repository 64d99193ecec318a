//! Record files.
