//! The posts to begin with, from `data/duty.toml`: illustrative, a province's to change.

use codes::AreaLevel;
use lifecycle::day_of;
use serde::Deserialize;

use super::NewPost;
use crate::audit::Actor;
use crate::{NodeError, Province};

/// The file as it stands with the program.
pub(crate) const DEFAULTS: &str = include_str!("../../../../data/duty.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Ours, no standard behind it.
    #[allow(dead_code, reason = "it says what the file is to whoever reads it")]
    illustrative: bool,
    post: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    level: String,
    name: String,
    what: String,
    basis: String,
}

impl Province {
    /// Makes the illustrative posts in every area of the province that is in force; those that are there already stay as they
    /// are. Returns how many were made.
    ///
    /// # Errors
    /// As [`Province::duty_add`].
    pub fn duty_defaults(&self, actor: &Actor, now: i64) -> Result<usize, NodeError> {
        let file: File = toml::from_str(DEFAULTS).map_err(|error| {
            NodeError::refused(format!("示例岗位无法读取：{error}"), "请核对 data/duty.toml")
        })?;
        let day = day_of(now).date();
        let areas = &self.data.catalogue.areas;
        let mut made = 0;
        for (area, _) in areas.iter().filter(|(area, _)| area.as_str().starts_with(&self.area)) {
            // 市辖区 and the like are fillers of the table, nobody's authority.
            let Some(name) = areas.name(area, day) else { continue };
            let level = match area.level() {
                AreaLevel::Nation => continue,
                AreaLevel::Province => "省",
                AreaLevel::City => "市",
                AreaLevel::County if name == "市辖区" => continue,
                AreaLevel::County => "县",
            };
            for line in file.post.iter().filter(|line| line.level == level) {
                let new = NewPost {
                    name: line.name.clone(),
                    area: area.to_string(),
                    what: line.what.clone(),
                    basis: line.basis.clone(),
                };
                let there = self
                    .store
                    .read(|session| store::rows::duty::has_post(session, area.as_str(), &new.name))?;
                if !there {
                    self.duty_add(&new, actor, now)?;
                    made += 1;
                }
            }
        }
        Ok(made)
    }
}
