//! Our signed code.
