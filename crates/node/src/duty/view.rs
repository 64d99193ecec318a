//! The register as it is read: names masked in the list, in full on the page of one post (and on record).

use lifecycle::day_of;
use store::rows::duty::{self as rows, HolderRow, PostRow};

use super::change::act;
use crate::audit::{Actor, append};
use crate::verify::masked;
use crate::{NodeError, Province};

/// Where a page of the list ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Area of the last post.
    pub area: String,
    /// Its row key.
    pub id: String,
}

/// A post in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Row key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 省, 市 or 县.
    pub level: String,
    /// Area code.
    pub area: String,
    /// Name of the area.
    pub area_name: String,
    /// What it answers for.
    pub what: String,
    /// Where the duty comes from.
    pub basis: String,
    /// When it was made, microseconds UTC.
    pub created_at: i64,
    /// Was it given up?
    pub closed: bool,
    /// Who holds it today.
    pub holder: Option<Holder>,
}

/// Somebody in a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Name.
    pub person: String,
    /// Telephone.
    pub phone: String,
    /// Unit.
    pub unit: String,
    /// First day, ISO.
    pub begins_on: String,
    /// Last day, where it is known.
    pub ends_on: Option<String>,
    /// Who recorded it, and who recorded the end.
    pub recorded_by: (String, Option<String>),
    /// When, microseconds UTC.
    pub recorded_at: i64,
    /// Does it hold the post today?
    pub now: bool,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Posts.
    pub posts: Vec<Post>,
    /// Where to go on; absent at the end.
    pub next: Option<Place>,
}

/// A post with everybody who ever held it, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostView {
    /// The post.
    pub post: Post,
    /// Its past.
    pub holders: Vec<Holder>,
}

impl Province {
    /// The open posts in areas (beginnings of codes, `*` for all), after `after`, at most `most`; `empty`: only those that nobody holds
    /// today. Names and telephones are masked.
    ///
    /// # Errors
    /// The rows; a value that cannot be opened.
    pub fn duty_list(
        &self,
        areas: &[String],
        empty: bool,
        after: &Place,
        most: u32,
        now: i64,
    ) -> Result<Listed, NodeError> {
        let day = day_of(now).to_string();
        let mut found = self.store.read(|session| {
            rows::posts(session, areas, &day, empty, (&after.area, &after.id), most.saturating_add(1))
        })?;
        let more = found.len() > most as usize;
        found.truncate(most as usize);
        let next = found.last().filter(|_| more);
        let next = next.map(|(post, _)| Place { area: post.area.clone(), id: post.id.clone() });
        let post = |(post, holder): (PostRow, Option<HolderRow>)| -> Result<Post, NodeError> {
            let mut holder = holder.map(|row| self.duty_holder(row, &day)).transpose()?;
            if let Some(one) = &mut holder {
                one.person = masked("name", &one.person);
                one.phone = masked("phone", &one.phone);
            }
            Ok(Post { holder, ..self.post_of(post, now) })
        };
        Ok(Listed { posts: found.into_iter().map(post).collect::<Result<_, _>>()?, next })
    }

    /// A post with its past, names in full; the look is an entry of the audit log. `None` where there is none in these areas.
    ///
    /// # Errors
    /// The rows; a value that cannot be opened.
    pub fn duty_view(
        &self,
        id: &str,
        areas: &[String],
        actor: &Actor,
        now: i64,
    ) -> Result<Option<PostView>, NodeError> {
        let found = self.store.read(|session| -> Result<_, NodeError> {
            let Some(post) = rows::post(session, id)? else { return Ok(None) };
            Ok(Some((rows::holders(session, id)?, post)))
        })?;
        let inside = |area: &str| areas.iter().any(|one| one == "*" || area.starts_with(one.as_str()));
        let Some((holders, row)) = found.filter(|(_, post)| inside(&post.area)) else { return Ok(None) };
        if !holders.is_empty() {
            let (act, id) = (act("duty.read", &row, actor, now, &[]), self.new_id(now));
            self.store.write(move |session| append(session, id.clone(), std::slice::from_ref(&act)))?;
        }
        let day = day_of(now).to_string();
        let holders =
            holders.into_iter().map(|row| self.duty_holder(row, &day)).collect::<Result<Vec<_>, _>>()?;
        let holder = holders.iter().find(|one| one.now).cloned();
        Ok(Some(PostView { post: Post { holder, ..self.post_of(row, now) }, holders }))
    }

    fn post_of(&self, row: PostRow, now: i64) -> Post {
        let day = day_of(now).date();
        let area = codes::AreaCode::parse(&row.area).ok();
        let name = area.and_then(|area| self.data.catalogue.areas.full_name(area, day));
        Post {
            area_name: name.unwrap_or_else(|| row.area.clone()),
            id: row.id,
            name: row.name,
            level: row.level,
            area: row.area,
            what: row.what,
            basis: row.basis,
            created_at: row.created_at,
            closed: row.closed_at.is_some(),
            holder: None,
        }
    }

    fn duty_holder(&self, row: HolderRow, day: &str) -> Result<Holder, NodeError> {
        let open = |what: &str, sealed: &str| -> Result<String, NodeError> {
            Ok(self.personal.open(&HolderRow::place(&row.id, what), sealed)?.to_string())
        };
        let running = row.ended_at.is_none()
            && row.begins_on.as_str() <= day
            && row.ends_on.as_deref().is_none_or(|last| last >= day);
        Ok(Holder {
            person: open("person", &row.person_sealed)?,
            phone: open("phone", &row.phone_sealed)?,
            unit: row.unit,
            begins_on: row.begins_on,
            ends_on: row.ends_on,
            recorded_by: (row.recorded_by, row.ended_by),
            recorded_at: row.recorded_at,
            now: running,
        })
    }
}
