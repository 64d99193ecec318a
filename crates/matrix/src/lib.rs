//! 2D codes.
