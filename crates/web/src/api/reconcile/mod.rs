//! `reconcile`: the answering side of 对账.

pub mod questions;
