//! The few file operations that a store is made of: one flat folder, files by name.
//!
//! What is written is durable only after [`DiskFile::sync_data`], and a name only after [`Disk::sync_dir`]; until then a
//! crash may lose, tear or reorder it. [`Folder`] is the real one; `Simulated` (feature `simulation`) makes that
//! happen.

mod folder;
#[cfg(feature = "simulation")]
mod simulated;

use std::any::Any;
use std::io;
use std::sync::Arc;

pub use folder::Folder;
#[cfg(feature = "simulation")]
pub use simulated::{Call, Fault, Simulated};

/// A folder.
pub trait Disk: Send + Sync {
    /// Opens a file for reading and writing; with `create` it is made if it is not there.
    ///
    /// # Errors
    /// Those of the operating system, as for all operations here.
    fn open(&self, name: &str, create: bool) -> io::Result<Arc<dyn DiskFile>>;
    /// Names of all files, in any order.
    ///
    /// # Errors
    /// As above.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Gives a file another name, in place of what bore it.
    ///
    /// # Errors
    /// As above.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As above.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes all names durable: files made, renamed or removed so far.
    ///
    /// # Errors
    /// As above.
    fn sync_dir(&self) -> io::Result<()>;
    /// Takes the folder for this process until the value returned is dropped; a dead process holds nothing.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when another has it.
    fn lock(&self, name: &str) -> io::Result<Box<dyn Any + Send + Sync>>;
}

/// An open file; several threads may read it while one writes.
#[expect(clippy::len_without_is_empty, reason = "a length that can fail has no use for a second question")]
pub trait DiskFile: Send + Sync {
    /// Length in bytes.
    ///
    /// # Errors
    /// Those of the operating system, as for all operations here.
    fn len(&self) -> io::Result<u64>;
    /// Fills the buffer from the bytes at `offset`.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when the file ends before.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all bytes at `offset`; an error may leave some of them written.
    ///
    /// # Errors
    /// As above.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Cuts the file to this length.
    ///
    /// # Errors
    /// As above.
    fn truncate(&self, len: u64) -> io::Result<()>;
    /// Makes content and length durable.
    ///
    /// # Errors
    /// As above; what was written since the last success may be lost even if it can still be read.
    fn sync_data(&self) -> io::Result<()>;
}
