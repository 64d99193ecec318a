//! The round that sees to the alarms: terms end and begin with the days, without anybody doing anything.

use lifecycle::day_of;
use store::rows::duty as rows;

use super::change::{calm, open_post, raise};
use crate::{NodeError, Province};

/// Posts read at a time.
const PAGE: u32 = 500;

impl Province {
    /// Raises the alarm of every post that nobody holds today and ends that of every post that somebody does; how many are empty.
    ///
    /// # Errors
    /// The rows.
    pub fn duty_check(&self, now: i64) -> Result<u64, NodeError> {
        let day = day_of(now).to_string();
        let all = ["*".to_owned()];
        let (mut after, mut empty) = ((String::new(), String::new()), 0);
        loop {
            let found = self
                .store
                .read(|session| rows::posts(session, &all, &day, false, (&after.0, &after.1), PAGE))?;
            for (post, holder) in &found {
                empty += u64::from(holder.is_none());
                if holder.is_none() == post.work_id.is_some() {
                    continue;
                }
                let (id, work, fill) = (post.id.clone(), self.new_id(now), holder.is_some());
                self.store.write(move |session| {
                    // As it stands now: it may have been filled, vacated or given up since it was read.
                    let Ok(post) = open_post(session, &id) else { return Ok(()) };
                    if fill { calm(session, &post, now) } else { raise(session, &post, work.clone(), now) }
                })?;
            }
            match found.last() {
                Some((post, _)) if found.len() == PAGE as usize => {
                    after = (post.area.clone(), post.id.clone());
                }
                _ => return Ok(empty),
            }
        }
    }

    /// How many open posts nobody holds today, over the whole province.
    ///
    /// # Errors
    /// The rows.
    pub fn duty_empty(&self, now: i64) -> Result<i64, NodeError> {
        let day = day_of(now).to_string();
        Ok(self.store.read(|session| rows::count_empty(session, &day))?)
    }

    /// The register as Prometheus text.
    ///
    /// # Errors
    /// The rows.
    pub fn duty_metrics(&self, now: i64) -> Result<String, NodeError> {
        let empty = self.duty_empty(now)?;
        Ok(format!(
            "# HELP luzheng_duty_empty_posts Posts of the responsibility register that nobody holds\n\
             # TYPE luzheng_duty_empty_posts gauge\nluzheng_duty_empty_posts {empty}\n"
        ))
    }
}
