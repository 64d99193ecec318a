//! The binary as its users use it: from a shell, with files. Nothing of the product's code is called here, except that
//! the workspace's JSON and sheet readers read what it wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod catalogue;
mod client;
mod crash;
mod import;
mod instructor;
mod issue;
mod keys;
mod output;
mod recall;
mod records;
mod resume;
mod sample;
mod show;
mod verify;
