//! Every refusal of this crate.

use thiserror::Error;

use crate::{PathError, XmlError, ZipError};

/// Why a package, a document or a drawing was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // the message of each variant says what it is; fields are the values it prints
pub enum OfdError {
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error(transparent)]
    Path(#[from] PathError),
    #[error("文件“{file}”{error}")]
    Xml { file: String, error: XmlError },
    #[error("文件“{file}”的根元素不是 OFD 命名空间的“{expected}”；请由出具单位重新生成")]
    WrongRoot { file: String, expected: &'static str },
    #[error("文件“{file}”缺少“{element}”；GB/T 33190 要求此项，请由出具单位重新生成")]
    Missing { file: String, element: &'static str },
    #[error("文件“{file}”（偏移 {offset}）的“{item}”值“{value}”不合规；请由出具单位改正")]
    BadValue { file: String, offset: u64, item: &'static str, value: String },
    #[error("文件“{file}”重复使用了标识 {id}；同类对象的标识必须唯一，请由出具单位改正")]
    DuplicateId { file: String, id: u32 },
    #[error("文件“{file}”列出的“{item}”超过 {limit} 个；请确认是电子证照文件")]
    TooManyItems { file: String, item: &'static str, limit: usize },
    #[error("没有第 {} 页；文档共 {pages} 页，请核对页码", index + 1)]
    NoPage { index: usize, pages: usize },
    #[error("第 {} 页的文件“{path}”不在包内；请重新获取原始文件", index + 1)]
    PageMissing { index: usize, path: String },
    #[error("页面 {width} × {height} 毫米按 {dpi} dpi 绘制超过 {limit} 像素的上限；请降低分辨率")]
    PageTooLarge { width: String, height: String, dpi: u32, limit: u64 },
    #[error("页面内容过于复杂（{what}），超过绘制上限；请确认是电子证照文件")]
    TooComplex { what: &'static str },
    #[error("图片无法解码（{what}）；只支持 8 位 JPEG 与 PNG，请由出具单位更换图片")]
    BadImage { what: &'static str },
    #[error("图片写出失败；请重试或降低分辨率")]
    Encode,
}

impl OfdError {
    /// Stable code of this refusal; never reused for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Zip(error) => error.code(),
            Self::Path(error) => error.code(),
            Self::Xml { error, .. } => error.code(),
            Self::WrongRoot { .. } => "OFD-D01",
            Self::Missing { .. } => "OFD-D02",
            Self::BadValue { .. } => "OFD-D03",
            Self::DuplicateId { .. } => "OFD-D04",
            Self::TooManyItems { .. } => "OFD-D05",
            Self::NoPage { .. } => "OFD-D06",
            Self::PageMissing { .. } => "OFD-D07",
            Self::PageTooLarge { .. } => "OFD-G01",
            Self::TooComplex { .. } => "OFD-G02",
            Self::BadImage { .. } => "OFD-G03",
            Self::Encode => "OFD-G04",
        }
    }
}
