/// What is wrong with one record of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The record.
    pub record_id: String,
    /// Short name of the item.
    pub item: String,
    /// Rule code of `data/rules.toml`.
    pub rule: &'static str,
}

impl Truth {
    /// Appends the line of `truth.jsonl`.
    pub fn append_line(&self, out: &mut Vec<u8>) {
        records::append_json(&[("record_id", &self.record_id), ("item", &self.item), ("rule", self.rule)], out);
    }
}
