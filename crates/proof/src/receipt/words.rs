//! A receipt in words, for the command line and the pages.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use model::Reason;

use super::{Bundle, CheckedReceipt, Knowledge, Receipt, Signer, Subject};

/// A moment (Unix seconds) as people here read it.
pub(super) fn moment(unix: i64) -> String {
    let time = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::fixed(offset(8)).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl CheckedReceipt {
    /// What the receipt says, as pairs of a name and a text; empty where nothing could be read.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        self.bundle.as_ref().map_or_else(Vec::new, Bundle::lines)
    }
}

impl Bundle {
    /// What the receipt says, as pairs of a name and a text.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let receipt = &self.receipt.content;
        let mut lines = vec![
            ("回执编号", hex(&self.receipt.digest())),
            ("核验人", self.officer()),
            ("核验对象", receipt.subject.words()),
            ("核验时间", format!("{}（北京时间，{}）", moment(receipt.checked_at), receipt.clock())),
            ("核验结论", receipt.verdict.text().to_owned()),
            ("理由", receipt.reason_words()),
            ("依据", receipt.knowledge_words()),
        ];
        if let Some(group) = &receipt.group {
            let text = format!("{}，第 {} 项（{}）", hex(&group.id), group.number, group.place.text());
            lines.push(("同一次检查", text));
        }
        lines.push(("处理结果", receipt.outcome.text().to_owned()));
        if let Signer::Device { sequence, previous } = &receipt.signer {
            let before = if *sequence == 1 { "无".to_owned() } else { hex(previous) };
            lines.push(("设备内序号", format!("{sequence}（前一回执 {before}）")));
        }
        lines
    }

    /// Who checked: from the receipt, the countersignature or the device certificate, whichever says it.
    fn officer(&self) -> String {
        let of = |node: &str, staff_no: &str, unit: &str, device: Option<&[u8; 8]>| {
            let device = device.map_or_else(String::new, |id| format!("，设备 {}", hex(id)));
            format!("{unit}，执法证号 {staff_no}{device}（节点 {node}）")
        };
        let key = &self.receipt.content.key_id;
        if let Signer::Node { node, staff_no, unit, device } = &self.receipt.content.signer {
            return of(node, staff_no, unit, device.as_ref());
        }
        if let Some(one) = self.countersignature.as_ref().map(|one| &one.content) {
            return of(&one.node, &one.staff_no, &one.unit, Some(key));
        }
        match self.device.as_ref().map(|one| &one.content) {
            Some(one) => of(&one.node, &one.staff_no, &one.unit, Some(key)),
            None => format!("设备 {}（未附设备证明）", hex(key)),
        }
    }
}

impl Subject {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Identifier(id) => format!("证照标识 {id}"),
            Self::Text(digest) => format!("未能对应证照的二维码或文字，摘要 {}", hex(digest)),
            Self::File(digest) => format!("未能对应证照的文件，摘要 {}", hex(digest)),
            Self::Unnamed => "按车牌或证件号码查询，未查到证照（号码不载入回执）".to_owned(),
        }
    }
}

impl Receipt {
    fn clock(&self) -> &'static str {
        match self.signer {
            Signer::Node { .. } => "节点时钟",
            Signer::Device { .. } => "设备时钟",
        }
    }

    /// The reasons as sentences, without their particulars, each with its code.
    fn reason_words(&self) -> String {
        let words = self.reasons.iter().map(|code| {
            let text = Reason::new(code, "…").text;
            format!("{text}（{code}）")
        });
        words.collect::<Vec<_>>().join("；")
    }

    fn knowledge_words(&self) -> String {
        match &self.knowledge {
            Knowledge::Register { node, at } => format!("节点 {node} 的登记，截至 {}", moment(*at)),
            Knowledge::Pack { area, number, made_at } => {
                let days = (self.checked_at - made_at).max(0) / 86_400;
                format!("{area} 省山区包第 {number} 号，{} 生成，核验时已 {days} 天", moment(*made_at))
            }
            Knowledge::Code => "只凭二维码或文件本身，未查登记".to_owned(),
        }
    }
}
