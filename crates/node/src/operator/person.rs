//! Who a person is, under whichever account: unit and number, however they were typed.

use crate::audit::Actor;

/// A person as two accounts are compared: one without a number is nobody's twin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person(Option<(String, String)>);

impl Person {
    /// A person by unit and number.
    pub fn new(unit: &str, staff_no: &str) -> Self {
        let staff_no = folded(staff_no);
        Self((!staff_no.is_empty()).then(|| (folded(unit), staff_no)))
    }

    /// Whoever acts.
    pub fn of(actor: &Actor) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self::new(&text(&actor.unit), &text(&actor.staff_no))
    }

    /// Is it the same person? One with two accounts is.
    pub fn is(&self, other: &Self) -> bool {
        self.0.is_some() && self == other
    }
}

/// Without space and in half width, as numbers are kept.
pub(super) fn plain(text: &str) -> String {
    let half = |one: char| match one {
        '！'..='～' => char::from_u32(u32::from(one) - 0xFEE0).unwrap_or(one),
        other => other,
    };
    text.chars().filter(|one| !one.is_whitespace()).map(half).collect()
}

fn folded(text: &str) -> String {
    plain(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Person;

    #[test]
    fn one_person_is_one_however_the_number_is_typed() {
        let one = Person::new("演示市交通运输局", "JX-0001");
        for other in ["JX-0001", " jx-0001 ", "ＪＸ－０００１", "jx- 0001　"] {
            assert!(one.is(&Person::new(" 演示市交通运输局", other)), "{other}");
        }
        assert!(!one.is(&Person::new("演示县交通运输局", "JX-0001")), "another unit's number");
        assert!(!Person::new("甲", " ").is(&Person::new("甲", "")), "nobody is nobody's twin");
    }
}
