//! 国密 cryptography.
