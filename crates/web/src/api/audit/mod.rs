//! `audit`: what nodes ask of each other's logs.

pub mod checkpoints;
