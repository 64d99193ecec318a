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
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let fields = [("record_id", self.record_id.as_str()), ("item", &self.item), ("rule", self.rule)];
        let fields: Vec<_> = fields.map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).into();
        out.extend_from_slice(format!("{{{}}}\n", fields.join(",")).as_bytes());
    }
}
