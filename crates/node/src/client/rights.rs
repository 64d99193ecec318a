//! What a client or a peer may do: acts, areas, kinds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::NodeError;

/// The acts that a right can name, with what each means to people. A right may also name the first word alone, which
/// stands for all its acts but those that show personal data: these must be named one by one.
pub const ACTS: &[(&str, &str)] = &[
    ("audit.read", "读取审计日志与证明"),
    ("audit.witness", "见证审计检查点"),
    ("collect.deliver", "归集证照"),
    ("deliver.activate", "报送别处完成的激活"),
    ("lifecycle.read", "查询证照的状态、版本和业务事件"),
    ("lifecycle.read_personal", "查询证照业务事件中的个人信息"),
    ("lifecycle.results", "读取结果反馈"),
    ("lifecycle.submit", "报送业务事件"),
    ("operate.metrics", "读取运行指标"),
    ("reconcile.read", "读取对账摘要"),
    ("sandbox.lint", "试校验照面记录"),
    ("verify.read", "核验证照"),
    ("verify.read_personal", "核验时查看完整照面"),
    ("verify.receipts", "上传离线核验回执"),
];

/// Ending of the acts that show personal data.
const PERSONAL: &str = "_personal";

/// One right. As in the scope of a seal, an empty list allows nothing and `*` allows all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Act (`lifecycle.submit`) or capability (`lifecycle`).
    pub act: String,
    /// Beginnings of area codes.
    pub areas: Vec<String>,
    /// Slugs of kinds.
    pub kinds: Vec<String>,
}

/// What is missing from the rights of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The act at all.
    Act(String),
    /// The act, in this area.
    Area(String, String),
    /// The act, for this kind.
    Kind(String, String),
}

impl Right {
    fn covers(&self, act: &str) -> bool {
        let whole = act.split_once('.').is_some_and(|(capability, _)| capability == self.act);
        self.act == act || (whole && !act.ends_with(PERSONAL))
    }

    fn has_area(&self, area: &str) -> bool {
        self.areas.iter().any(|one| one == "*" || (!one.is_empty() && area.starts_with(one.as_str())))
    }

    fn has_kind(&self, kind: &str) -> bool {
        self.kinds.iter().any(|one| one == "*" || one == kind)
    }

    fn is_known(&self) -> bool {
        ACTS.iter().any(|(act, _)| *act == self.act || act.split('.').next() == Some(&self.act))
    }
}

/// What of an act is missing; `None` if one right covers all of it. `area` or `kind` that is not known yet is not asked for.
pub fn lack(rights: &[Right], act: &str, area: Option<&str>, kind: Option<&str>) -> Option<Lack> {
    let of_act: Vec<&Right> = rights.iter().filter(|right| right.covers(act)).collect();
    if of_act.is_empty() {
        return Some(Lack::Act(act.to_owned()));
    }
    let in_area: Vec<&&Right> =
        of_act.iter().filter(|right| area.is_none_or(|area| right.has_area(area))).collect();
    if in_area.is_empty() {
        return Some(Lack::Area(act.to_owned(), area.unwrap_or_default().to_owned()));
    }
    let fits = in_area.iter().any(|right| kind.is_none_or(|kind| right.has_kind(kind)));
    (!fits).then(|| Lack::Kind(act.to_owned(), kind.unwrap_or_default().to_owned()))
}

/// Does some right cover the act everywhere and for every kind?
pub fn unlimited(rights: &[Right], act: &str) -> bool {
    let all = |list: &[String]| list.iter().any(|one| one == "*");
    rights.iter().any(|right| right.covers(act) && all(&right.areas) && all(&right.kinds))
}

/// Checks rights that are to be given.
///
/// # Errors
/// [`NodeError::Refused`] for an act that does not exist and for a list that allows nothing.
pub(super) fn check(rights: &[Right]) -> Result<(), NodeError> {
    for right in rights {
        if !right.is_known() {
            let known: Vec<&str> = ACTS.iter().map(|(act, _)| *act).collect();
            return Err(NodeError::refused(
                format!("没有名为“{}”的权限", right.act),
                format!("可用的权限：{}", known.join("、")),
            ));
        }
        if right.areas.is_empty() || right.kinds.is_empty() {
            return Err(NodeError::refused(
                format!("权限“{}”没有写明行政区划或证照种类", right.act),
                "请写明行政区划代码的开头和种类，不限的写 *",
            ));
        }
    }
    Ok(())
}

/// `act@areas/kinds`, lists separated by commas, `*` where a part is left out: `lifecycle.submit@9901,9902/taxi-driver`.
impl FromStr for Right {
    type Err = NodeError;

    fn from_str(text: &str) -> Result<Self, NodeError> {
        let (head, kinds) = text.split_once('/').unwrap_or((text, "*"));
        let (act, areas) = head.split_once('@').unwrap_or((head, "*"));
        let list = |text: &str| {
            text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
        };
        let right = Self { act: act.trim().to_owned(), areas: list(areas), kinds: list(kinds) };
        check(std::slice::from_ref(&right))?;
        Ok(right)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}/{}", self.act, self.areas.join(","), self.kinds.join(","))
    }
}

impl fmt::Display for Lack {
    /// What is missing, without an end to the sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Act(act) | Self::Area(act, _) | Self::Kind(act, _)) = self;
        let meaning = ACTS.iter().find(|(name, _)| name == act).map_or("", |(_, meaning)| meaning);
        write!(f, "缺少权限“{act}”（{meaning}）")?;
        match self {
            Self::Act(_) => Ok(()),
            Self::Area(_, area) => write!(f, "，行政区划“{area}”不在授权范围内"),
            Self::Kind(_, kind) => write!(f, "，证照种类“{kind}”不在授权范围内"),
        }
    }
}
