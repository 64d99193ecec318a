//! Why an XML file was refused.

use thiserror::Error;

/// A refusal of an XML file; offsets count bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // the message of each variant says what it is; fields are the values it prints
pub enum XmlError {
    #[error("不是 UTF-8 编码（偏移 {offset}）；XML 必须使用 UTF-8，请由出具单位重新生成")]
    NotUtf8 { offset: u64 },
    #[error("声明了 {encoding} 编码；XML 必须使用 UTF-8，请由出具单位重新生成")]
    Encoding { encoding: String },
    #[error("含有 DTD 或实体声明（偏移 {offset}）；证照 XML 不得含有，请勿使用并向出具单位核实")]
    Doctype { offset: u64 },
    #[error("引用了未定义的实体“{name}”（偏移 {offset}）；只允许五个预定义实体与字符引用，请由出具单位改正")]
    Entity { name: String, offset: u64 },
    #[error("含有处理指令“{target}”（偏移 {offset}）；只允许开头的 XML 声明，请由出具单位改正")]
    Instruction { target: String, offset: u64 },
    #[error("嵌套超过 {limit} 层（偏移 {offset}）；请确认是电子证照文件")]
    TooDeep { limit: usize, offset: u64 },
    #[error("元素与属性过多（偏移 {offset}），超过上限 {limit}；请确认是电子证照文件")]
    TooManyNodes { limit: usize, offset: u64 },
    #[error("长 {size} 字节，超过 {limit} 字节的上限；请确认是电子证照文件")]
    TooLong { size: usize, limit: usize },
    #[error(
        "元素“{element}”的属性重复或写法有误（偏移 {offset}）；每个属性只能出现一次并用引号括起，请由出具单位改正"
    )]
    Attribute { element: String, offset: u64 },
    #[error("名称“{name}”不合规或前缀未声明（偏移 {offset}）；请由出具单位改正")]
    Name { name: String, offset: u64 },
    #[error("含有 XML 不允许的字符（偏移 {offset}）；请由出具单位改正")]
    Character { offset: u64 },
    #[error("根元素之外还有内容（偏移 {offset}）；一个文件只能有一个根元素，请勿使用并向出具单位核实")]
    Trailing { offset: u64 },
    #[error("没有根元素；请由出具单位重新生成")]
    NoRoot,
    #[error("标签不配对或不完整（偏移 {offset}）；文件已损坏，请重新获取原始文件")]
    Malformed { offset: u64 },
}

impl XmlError {
    /// Stable code of this refusal; never reused for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => "OFD-X01",
            Self::Encoding { .. } => "OFD-X02",
            Self::Doctype { .. } => "OFD-X03",
            Self::Entity { .. } => "OFD-X04",
            Self::Instruction { .. } => "OFD-X05",
            Self::TooDeep { .. } => "OFD-X06",
            Self::TooManyNodes { .. } => "OFD-X07",
            Self::TooLong { .. } => "OFD-X08",
            Self::Attribute { .. } => "OFD-X09",
            Self::Name { .. } => "OFD-X10",
            Self::Character { .. } => "OFD-X11",
            Self::Trailing { .. } => "OFD-X12",
            Self::NoRoot => "OFD-X13",
            Self::Malformed { .. } => "OFD-X14",
        }
    }
}
