//! Why a container was refused.

use thiserror::Error;

/// The rule that an entry name broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// Name is not UTF-8.
    Utf8,
    /// Name is empty or has an empty segment (`a//b`).
    EmptySegment,
    /// Name has a `.` or `..` segment.
    DotSegment,
    /// Name starts with `/`.
    Absolute,
    /// Name holds a backslash.
    Backslash,
    /// Name holds a colon, as drive letters do.
    Drive,
    /// Name holds NUL or another control character.
    Control,
}

impl NameRule {
    /// The rule in words, for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Utf8 => "文件名必须是 UTF-8 编码",
            Self::EmptySegment => "文件名不得有空的路径段",
            Self::DotSegment => "文件名不得含“.”或“..”路径段",
            Self::Absolute => "文件名不得以“/”开头",
            Self::Backslash => "文件名不得含反斜杠",
            Self::Drive => "文件名不得含冒号或盘符",
            Self::Control => "文件名不得含控制字符",
        }
    }
}

/// A refusal of the container, each with the entry it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // the message of each variant says what it is; fields are the values it prints
pub enum ZipError {
    #[error("文件不是 OFD 文件包：开头不是 zip 标记；请确认选择了正确的 OFD 文件")]
    NotZip,
    #[error("文件包是空的：没有任何条目；请重新获取原始文件")]
    Empty,
    #[error("文件包长 {size} 字节，超过 {limit} 字节的上限；请确认是电子证照文件")]
    PackageTooLarge { size: u64, limit: u64 },
    #[error("文件包在第一个条目之前多出 {count} 字节；包内不得夹带数据，请勿使用并重新获取原始文件")]
    LeadingBytes { count: u64 },
    #[error("文件包在结尾标记之后多出 {count} 字节；包尾不得附加数据或注释，请勿使用并重新获取原始文件")]
    TrailingBytes { count: u64 },
    #[error("文件包缺少结尾目录标记，可能没有下载完整；请重新获取原始文件")]
    NoEnd,
    #[error("文件包的目录与结尾记录不一致（{what}）；文件已损坏或被改动，请重新获取原始文件")]
    DirectoryMismatch { what: &'static str },
    #[error("条目“{name}”与其他条目重叠；每个字节只能属于一个条目，请勿使用并重新获取原始文件")]
    Overlap { name: String },
    #[error(
        "条目“{name}”之后多出 {count} 字节未登记的数据；条目之间不得夹带数据，请勿使用并重新获取原始文件"
    )]
    Gap { name: String, count: u64 },
    #[error("文件包偏移 {offset} 处有一个目录未登记的条目“{name}”；请勿使用并重新获取原始文件")]
    Hidden { name: String, offset: u64 },
    #[error("条目“{name}”的本地头与目录不一致（{field}）；文件已损坏或被改动，请重新获取原始文件")]
    HeaderMismatch { name: String, field: &'static str },
    #[error("条目“{name}”的本地头缺失或不完整；文件已损坏，请重新获取原始文件")]
    BadLocalHeader { name: String },
    #[error("条目“{name}”出现了两次；包内文件名必须唯一，请勿使用并向出具单位核实")]
    DuplicateName { name: String },
    #[error("条目“{name}”与“{other}”只有大小写不同；包内文件名不得仅以大小写区分，请向出具单位核实")]
    CaseClash { name: String, other: String },
    #[error("条目名“{name}”不合规：{}；请勿使用并向出具单位核实", rule.text())]
    BadName { name: String, rule: NameRule },
    #[error("文件夹条目“{name}”带有数据；文件夹条目必须为空，请勿使用并向出具单位核实")]
    FolderNotEmpty { name: String },
    #[error("条目“{name}”已加密；OFD 证照不得使用 zip 加密，请向出具单位索取未加密的文件")]
    Encrypted { name: String },
    #[error("条目“{name}”使用了 zip64 格式；电子证照不需要此格式，请向出具单位核实")]
    Zip64 { name: String },
    #[error("文件包是分卷 zip；电子证照必须是单个文件，请取得完整文件")]
    MultiDisk,
    #[error("条目“{name}”的压缩方法 {method} 不受支持；只接受存储（0）与 deflate（8），请由出具单位重新生成")]
    UnknownMethod { name: String, method: u16 },
    #[error("条目“{name}”的标志位 {flags:#06x} 含有不支持的位；请由出具单位重新生成")]
    UnknownFlag { name: String, flags: u16 },
    #[error("条目“{name}”的扩展字段不合规；扩展字段须完整且不得改变文件名或内容，请由出具单位重新生成")]
    BadExtra { name: String },
    #[error("条目“{name}”带有注释；包内条目不得带注释，请由出具单位重新生成")]
    EntryComment { name: String },
    #[error("文件包有 {count} 个条目，超过 {limit} 个的上限；请确认是电子证照文件")]
    TooManyEntries { count: usize, limit: usize },
    #[error("条目“{name}”长 {size} 字节，超过 {limit} 字节的上限；请确认是电子证照文件")]
    EntryTooLarge { name: String, size: u64, limit: u64 },
    #[error("文件包展开后共 {size} 字节，超过 {limit} 字节的上限；请确认是电子证照文件")]
    TotalTooLarge { size: u64, limit: u64 },
    #[error("条目“{name}”的压缩比超过 {limit} 倍，疑似压缩炸弹；请勿使用并向出具单位核实")]
    Ratio { name: String, limit: u64 },
    #[error("条目“{name}”的数据描述符与目录不一致；文件已损坏或被改动，请重新获取原始文件")]
    BadDescriptor { name: String },
    #[error("条目“{name}”的压缩数据已损坏，无法展开；请重新获取原始文件")]
    BadDeflate { name: String },
    #[error("条目“{name}”的压缩数据提前结束；内容须与登记的长度一致，请重新获取原始文件")]
    EndsEarly { name: String },
    #[error("条目“{name}”的压缩数据超出登记的长度；内容须与登记的长度一致，请勿使用并重新获取原始文件")]
    EndsLate { name: String },
    #[error("条目“{name}”的 CRC-32 校验不符；文件已损坏或被改动，请重新获取原始文件")]
    CrcMismatch { name: String },
    #[error("文件包内没有“{name}”；该文件必须存在，请重新获取原始文件")]
    NotFound { name: String },
    #[error("写出的文件包长 {size} 字节、{entries} 个条目，超出 zip 格式的范围；请减少附件后重试")]
    TooLargeToWrite { size: u64, entries: usize },
}

impl ZipError {
    /// Stable code of this refusal; never reused for another.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotZip => "OFD-Z01",
            Self::Empty => "OFD-Z02",
            Self::PackageTooLarge { .. } => "OFD-Z03",
            Self::LeadingBytes { .. } => "OFD-Z04",
            Self::TrailingBytes { .. } => "OFD-Z05",
            Self::NoEnd => "OFD-Z06",
            Self::DirectoryMismatch { .. } => "OFD-Z07",
            Self::Overlap { .. } => "OFD-Z08",
            Self::Gap { .. } => "OFD-Z09",
            Self::Hidden { .. } => "OFD-Z10",
            Self::HeaderMismatch { .. } => "OFD-Z11",
            Self::BadLocalHeader { .. } => "OFD-Z12",
            Self::DuplicateName { .. } => "OFD-Z13",
            Self::CaseClash { .. } => "OFD-Z14",
            Self::BadName { .. } => "OFD-Z15",
            Self::FolderNotEmpty { .. } => "OFD-Z16",
            Self::Encrypted { .. } => "OFD-Z17",
            Self::Zip64 { .. } => "OFD-Z18",
            Self::MultiDisk => "OFD-Z19",
            Self::UnknownMethod { .. } => "OFD-Z20",
            Self::UnknownFlag { .. } => "OFD-Z21",
            Self::BadExtra { .. } => "OFD-Z22",
            Self::EntryComment { .. } => "OFD-Z23",
            Self::TooManyEntries { .. } => "OFD-Z24",
            Self::EntryTooLarge { .. } => "OFD-Z25",
            Self::TotalTooLarge { .. } => "OFD-Z26",
            Self::Ratio { .. } => "OFD-Z27",
            Self::BadDescriptor { .. } => "OFD-Z28",
            Self::BadDeflate { .. } => "OFD-Z29",
            Self::EndsEarly { .. } => "OFD-Z30",
            Self::EndsLate { .. } => "OFD-Z31",
            Self::CrcMismatch { .. } => "OFD-Z32",
            Self::NotFound { .. } => "OFD-Z33",
            Self::TooLargeToWrite { .. } => "OFD-Z34",
        }
    }
}
