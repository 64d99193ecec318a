//! Invented records.
