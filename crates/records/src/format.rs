/// A format of record files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON lines: one record a line, UTF-8.
    Jsonl,
    /// CSV with a header line, UTF-8 or GB18030.
    Csv,
    /// Excel workbook, first sheet.
    Xlsx,
}

impl Format {
    /// The format that a file name's extension says; `None` for any other extension (old `.xls` too).
    pub fn of(file_name: &str) -> Option<Self> {
        let (_, extension) = file_name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The extension of files that we write.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}
