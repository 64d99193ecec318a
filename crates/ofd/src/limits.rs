//! How much a package may ask of the machine.

const MIB: u64 = 1024 * 1024;

/// Bounds for reading a package from a stranger.
///
/// The defaults keep the memory of one reader under 64 MB: the package, its largest entry and one parsed XML
/// file together stay below that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole package.
    pub package_bytes: u64,
    /// Entries in the container, folders included.
    pub entries: usize,
    /// Bytes of one entry once inflated.
    pub entry_bytes: u64,
    /// Bytes of all entries once inflated.
    pub total_bytes: u64,
    /// Inflated bytes allowed for each compressed byte of an entry.
    pub ratio: u64,
    /// Bytes of one XML file.
    pub xml_bytes: usize,
    /// Nesting of elements in one XML file.
    pub xml_depth: usize,
    /// Elements and attributes in one XML file, and in all files of one document together.
    pub xml_nodes: usize,
    /// Pages, resources, attachments or tags that one document may list.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            package_bytes: 24 * MIB,
            entries: 2_000,
            entry_bytes: 32 * MIB,
            total_bytes: 48 * MIB,
            ratio: 200,
            xml_bytes: 8 << 20,
            xml_depth: 64,
            xml_nodes: 100_000,
            items: 10_000,
        }
    }
}
