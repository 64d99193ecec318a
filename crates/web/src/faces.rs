//! Pictures of faces, drawn once: the newest few are kept by the SM3 of their file.

use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use gm::sm3::sm3;
use node::NodeError;

/// Pictures kept at most; about 300 KiB each.
const MOST: usize = 64;

/// The newest pictures, least recently used first.
#[derive(Default)]
pub(crate) struct Faces(Mutex<Vec<([u8; 32], Bytes)>>);

impl Faces {
    /// The first page of a sealed file as PNG.
    ///
    /// # Errors
    /// A file that cannot be drawn.
    pub fn picture(&self, file: &[u8], dpi: f32) -> Result<Bytes, NodeError> {
        let key = sm3(file);
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut kept = lock();
            if let Some(place) = kept.iter().position(|(known, _)| *known == key) {
                let found = kept.remove(place);
                let bytes = found.1.clone();
                kept.push(found);
                return Ok(bytes);
            }
        }
        let bytes = Bytes::from(node::show(file)?.png(0, dpi)?);
        let mut kept = lock();
        kept.push((key, bytes.clone()));
        if kept.len() > MOST {
            kept.remove(0);
        }
        Ok(bytes)
    }
}
