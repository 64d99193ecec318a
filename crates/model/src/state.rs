//! What the states of an event and the other side of a delivery are called: one word each, on every page.

/// The rules let it through and it is in force, or will be on its day.
pub const APPLIED: &str = "已办理";
/// It came before another event that must be first.
pub const WAITING: &str = "等待先行业务";
/// A person must decide.
pub const WORK: &str = "转人工处理";
/// The rules do not allow it.
pub const REFUSED: &str = "已拒绝";
/// Its message or record is wrong; it may be mended.
pub const UNFIT: &str = "待补正";
/// Another content came under the same id.
pub const CONFLICT: &str = "内容不一致";
/// It is being done.
pub const OPEN: &str = "办理中";
/// Nothing was done: it is sent again.
pub const AGAIN: &str = "请再次提交";

/// States of an event, as rows and answers spell them, with their words.
pub const EVENT: &[(&str, &str)] = &[
    ("applied", APPLIED),
    ("waiting", WAITING),
    ("work", WORK),
    ("refused", REFUSED),
    ("unfit", UNFIT),
    ("conflict", CONFLICT),
    ("open", OPEN),
    ("busy", AGAIN),
    ("failed", AGAIN),
];

/// The word of an event's state. A state that nobody knows is one that is not over.
#[must_use]
pub fn event(code: &str) -> &'static str {
    EVENT.iter().find(|(known, _)| *known == code).map_or(OPEN, |(_, word)| word)
}

/// What people call where an act is collected, or who sent an event: names of ours have words, all others are names already.
#[must_use]
pub fn party(name: &str) -> &str {
    match name {
        "ministry" => "部级",
        "manual" => "应急办理",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENT, event, party};

    #[test]
    fn every_state_has_one_word_and_no_code_is_its_own_word() {
        for (code, word) in EVENT {
            assert!(event(code) == *word && word.chars().all(|letter| !letter.is_ascii()), "{code}");
        }
        assert!(event("never heard of").chars().all(|letter| !letter.is_ascii()));
        assert_eq!((party("ministry"), party("manual"), party("演示运政")), ("部级", "应急办理", "演示运政"));
    }
}
