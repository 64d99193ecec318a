//! Identifiers, numbers and code tables.
