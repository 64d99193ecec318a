//! The thin layer over the disk.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::FileError;

/// Where in a drop folder a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The folder itself: batches to be taken, receipts to be fetched.
    Open,
    /// `done/`: batches that were taken, receipts that were fetched.
    Done,
    /// `bad/`: batches refused as a whole.
    Bad,
}

impl Place {
    fn sub(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Done => "done",
            Self::Bad => "bad",
        }
    }
}

/// A drop folder. Every change is durable when the call returns.
pub trait Folder {
    /// Names of the files lying open.
    ///
    /// # Errors
    /// [`FileError::Io`].
    fn names(&self) -> Result<Vec<String>, FileError>;

    /// A file's bytes; `None` if there is none.
    ///
    /// # Errors
    /// [`FileError::Io`], [`FileError::TooLarge`].
    fn read(&self, place: Place, name: &str) -> Result<Option<Vec<u8>>, FileError>;

    /// Makes an open file appear whole, in place of one of the same name.
    ///
    /// # Errors
    /// [`FileError::Io`].
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError>;

    /// Moves an open file under a name of its own; one that is not there any more is no error.
    ///
    /// # Errors
    /// [`FileError::Io`].
    fn shelve(&self, name: &str, place: Place, as_name: &str) -> Result<(), FileError>;
}

/// A drop folder on a disk or a share.
#[derive(Clone, Debug)]
pub struct DiskFolder {
    path: PathBuf,
    limit: u64,
}

impl DiskFolder {
    /// Opens a folder, with `done/` and `bad/` made where they are missing. Files above `limit` bytes are refused.
    ///
    /// # Errors
    /// [`FileError::Io`] if the folders cannot be made.
    pub fn open(path: &Path, limit: u64) -> Result<Self, FileError> {
        let folder = Self { path: path.to_owned(), limit };
        for place in [Place::Done, Place::Bad] {
            let sub = folder.path.join(place.sub());
            fs::create_dir_all(&sub).map_err(io("建立目录", &sub))?;
        }
        sync_folder(&folder.path)?;
        Ok(folder)
    }

    fn path(&self, place: Place, name: &str) -> PathBuf {
        self.path.join(place.sub()).join(name)
    }
}

impl Folder for DiskFolder {
    fn names(&self) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io("读取目录", &self.path))? {
            let entry = entry.map_err(io("读取目录", &self.path))?;
            // Links are not followed: they could lead out of the folder.
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    }

    fn read(&self, place: Place, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(place, name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io("打开", &path)(error)),
        };
        let mut bytes = Vec::new();
        file.take(self.limit.saturating_add(1)).read_to_end(&mut bytes).map_err(io("读取", &path))?;
        if bytes.len() as u64 > self.limit {
            return Err(FileError::TooLarge { name: name.to_owned(), limit: self.limit });
        }
        Ok(Some(bytes))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let (path, part) = (self.path(Place::Open, name), self.path(Place::Open, &format!("{name}.part")));
        let mut file = File::create(&part).map_err(io("写入", &part))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("写入", &part))?;
        fs::rename(&part, &path).map_err(io("写入", &path))?;
        sync_folder(&self.path)
    }

    fn shelve(&self, name: &str, place: Place, as_name: &str) -> Result<(), FileError> {
        let (from, to) = (self.path(Place::Open, name), self.path(place, as_name));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result.map_err(io("移动", &from))?,
        }
        // First the new name, so that a crash between the two leaves two names rather than none.
        sync_folder(&self.path.join(place.sub()))?;
        sync_folder(&self.path)
    }
}

fn sync_folder(path: &Path) -> Result<(), FileError> {
    match File::open(path).and_then(|folder| folder.sync_all()) {
        // Shares that keep no folders of their own to flush say so; the other machine sees to it.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result.map_err(io("写盘", path)),
    }
}

fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { act, path, source }
}
