//! The rows of each capability: plain structs and the statements that read and write them. No rule stands here.

pub mod audit;
pub mod batch;
pub mod call;
pub mod callback;
pub mod certificate;
pub mod client;
pub mod collect;
pub mod convert;
pub mod deliver;
pub mod dossier;
pub mod duty;
pub mod event;
pub mod holding;
pub mod issue;
pub mod job;
pub mod lease;
pub mod manual;
pub mod operator;
pub mod outage;
pub mod overview;
pub mod pack;
pub mod print;
pub mod reconcile;
pub mod result;
pub mod search;
pub mod session;
pub mod setting;
pub mod share;
pub mod verify;
pub mod version;
pub mod within;
pub mod work;

/// The condition that a column begins with one of `prefixes`, whose values stand from placeholder `at` on. Nothing begins with none
/// of them; an empty one is the beginning of everything.
pub(crate) fn begins(column: &str, prefixes: &[String], at: usize) -> String {
    let one = |(place, prefix): (usize, &String)| {
        // Not LIKE: a prefix is no pattern, and the two engines differ about case.
        format!("SUBSTR({column}, 1, {}) = ${place}", prefix.chars().count())
    };
    let any: Vec<String> = (at..).zip(prefixes).map(one).collect();
    if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" OR ")) }
}

/// The condition that a column is one of `values`, which stand from placeholder `at` on; an empty one lets everything pass.
pub(crate) fn one_of(column: &str, values: &[String], at: usize) -> String {
    let one = |place: usize| format!("${place} = '' OR {column} = ${place}");
    let any: Vec<String> = (at..at + values.len()).map(one).collect();
    if any.is_empty() { "1 = 0".into() } else { format!("({})", any.join(" OR ")) }
}
