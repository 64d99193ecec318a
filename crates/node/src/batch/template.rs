//! The empty workbook that a clerk fills in.

use super::EVENTS;
use crate::certificate::Within;
use crate::{NodeError, Province};

impl Province {
    /// The kinds whose files somebody may bring in: slug and name.
    #[must_use]
    pub fn batch_kinds(&self, within: &Within, now: i64) -> Vec<(String, String)> {
        let today = ::lifecycle::day_of(now).date();
        let mut out: Vec<(String, String)> = Vec::new();
        for kind in self.data.catalogue.kinds() {
            let ours = within.kinds.iter().any(|one| one == "*" || *one == kind.slug);
            let known = out.iter().any(|(slug, _)| *slug == kind.slug);
            if ours && !known && self.data.catalogue.kind(&kind.slug, today).is_some() {
                out.push((kind.slug.clone(), kind.name.clone()));
            }
        }
        out
    }

    /// The workbook for a kind and an event: name of the file and its bytes.
    ///
    /// # Errors
    /// No such kind or event; a workbook that cannot be written.
    pub fn batch_template(
        &self,
        (kind, event): (&str, &str),
        now: i64,
    ) -> Result<(String, Vec<u8>), NodeError> {
        let today = ::lifecycle::day_of(now).date();
        let found = self.data.catalogue.kind(kind, today);
        let (Some(kind), true) = (found, EVENTS.contains(&event)) else {
            return Err(NodeError::refused("没有这样的模板", "请重新选择证照类型和业务种类"));
        };
        let about = match event {
            "初领" => "新发证照：每行一件，记录号不能与已有的证照相同",
            _ => "已有证照的业务：记录号和来源与首次办理时相同；照面各项填办理后的内容，不变的照抄",
        };
        let notes = [
            format!("业务种类：{event}。{about}"),
            "只填第一张表；第一行列名不要改动，不需要的列可以删去".to_owned(),
            "号码和日期已设为文本格式，照原样填写".to_owned(),
        ];
        let mut bytes = Vec::new();
        records::write_template_xlsx(
            &mut bytes,
            kind,
            &self.data.catalogue,
            &notes,
            &self.own_authorities(today),
        )?;
        Ok((format!("{}（{event}）模板.xlsx", kind.name), bytes))
    }
}
