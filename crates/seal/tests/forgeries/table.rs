//! `tests/forgeries.toml`, and its form for people.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    /// What was done to the file.
    pub what: String,
    pub verdict: String,
    /// A reason that must be among those given.
    pub code: String,
    /// Why the file may pass, for rows that do.
    pub passes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "group")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    rows: Vec<Row>,
}

fn groups() -> Vec<Group> {
    toml::from_str::<Table>(include_str!("../forgeries.toml")).unwrap().groups
}

pub fn rows() -> Vec<Row> {
    groups().into_iter().flat_map(|group| group.rows).collect()
}

const HEAD: &str = include_str!("head.md");
const TAIL: &str = include_str!("tail.md");

/// `docs/forgeries.md`.
pub fn markdown() -> String {
    let mut out = HEAD.replace("{count}", &rows().len().to_string());
    for group in groups() {
        out.push_str(&format!(
            "\n## {}\n\n| row | file | verdict | reason |\n|---|---|---|---|\n",
            group.title
        ));
        for row in group.rows {
            let why = row.passes.map(|why| format!(" ({why})")).unwrap_or_default();
            out.push_str(&format!(
                "| `{}` | {}{why} | {} | `{}` |\n",
                row.id, row.what, row.verdict, row.code
            ));
        }
    }
    out.push('\n');
    out.push_str(TAIL);
    out
}
