//! OFD packages.
