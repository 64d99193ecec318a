//! Which areas and kinds somebody may see, as a condition of a statement: what lies outside is never read, so that a page of a list is
//! full and the number of rows says nothing of others'.

use crate::Value;

/// Areas and kinds: beginnings of area codes and slugs of kinds; `*` is all, an empty list is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Slugs of kinds.
    pub kinds: Vec<String>,
}

impl Within {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { areas: vec!["*".into()], kinds: vec!["*".into()] }
    }

    /// Does a certificate of this area and kind lie within?
    #[must_use]
    pub fn has(&self, area: &str, kind: &str) -> bool {
        let begins = |one: &String| one == "*" || (!one.is_empty() && area.starts_with(one.as_str()));
        self.areas.iter().any(begins) && self.kinds.iter().any(|one| one == "*" || one == kind)
    }

    /// The condition on two columns (`AND …`, or nothing); its values go behind those that stand in `values` already.
    pub fn sql(&self, area: &str, kind: Option<&str>, values: &mut Vec<Value<'static>>) -> String {
        let mut out = String::new();
        if !self.areas.iter().any(|one| one == "*") {
            // A range on the codes' text uses the index on both engines; LIKE does not. Codes are digits, so nines end the range in
            // every collation.
            let mut parts = Vec::new();
            for one in self.areas.iter().filter(|one| !one.is_empty()) {
                values.push(one.clone().into());
                let from = values.len();
                values.push(format!("{one}999999").into());
                parts.push(format!("({area} >= ${from} AND {area} <= ${})", values.len()));
            }
            out.push_str(&any(&parts));
        }
        if let Some(kind) = kind.filter(|_| !self.kinds.iter().any(|one| one == "*")) {
            let mut parts = Vec::new();
            for one in &self.kinds {
                values.push(one.clone().into());
                parts.push(format!("{kind} = ${}", values.len()));
            }
            out.push_str(&any(&parts));
        }
        out
    }
}

fn any(parts: &[String]) -> String {
    if parts.is_empty() { " AND 1 = 0".to_owned() } else { format!(" AND ({})", parts.join(" OR ")) }
}

#[cfg(test)]
mod tests {
    use super::Within;

    #[test]
    fn nothing_is_within_an_empty_list() {
        let none = Within { areas: Vec::new(), kinds: vec!["*".into()] };
        assert!(!none.has("990101", "transport-certificate"));
        assert_eq!(none.sql("c.area", Some("c.kind"), &mut Vec::new()), " AND 1 = 0");
        let blank = Within { areas: vec![String::new()], kinds: vec!["*".into()] };
        assert!(!blank.has("990101", "x"));
        assert_eq!(blank.sql("c.area", None, &mut Vec::new()), " AND 1 = 0");
    }

    #[test]
    fn an_area_holds_what_begins_with_it() {
        let one = Within { areas: vec!["9901".into()], kinds: vec!["qualification".into()] };
        assert!(one.has("990101", "qualification"));
        assert!(!one.has("990201", "qualification"));
        assert!(!one.has("990101", "taxi-driver"));
        let mut values = vec![1_i64.into()];
        let sql = one.sql("area", Some("kind"), &mut values);
        assert_eq!(sql, " AND ((area >= $2 AND area <= $3)) AND (kind = $4)");
        assert_eq!(values.len(), 4);
    }
}
