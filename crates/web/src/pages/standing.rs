//! The colour of a status, the same on every page.

/// What cannot be used is red, what is held or overdue in some way amber; green is 正常 and nothing else. `status` is the node's
/// (`Rules::status_name`).
pub(super) fn tone(usable: bool, status: &str) -> &'static str {
    match (usable, status) {
        (false, _) => "bad",
        (true, "正常") => "ok",
        (true, _) => "ask",
    }
}

#[cfg(test)]
mod tests {
    use super::tone;

    #[test]
    fn only_a_clean_status_is_green() {
        let table = [
            (true, "正常", "ok"),
            (true, "停运", "ask"),
            (false, "暂扣", "bad"),
            (false, "已到期", "bad"),
            (false, "注销", "bad"),
            // Not to be used for another reason than the name says: never green.
            (false, "正常", "bad"),
        ];
        for (usable, status, colour) in table {
            assert_eq!(tone(usable, status), colour, "{status}");
        }
    }
}
