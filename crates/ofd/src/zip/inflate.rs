//! Inflating one entry under a hard cap.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::error::ZipError;

thread_local! {
    /// Kept, for a new one takes longer than a small file does.
    static STATE: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// Inflates `data` to exactly `len` bytes.
///
/// `len` was held against the limits when the directory was read, so the buffer is bounded; one byte more is
/// allowed for, to tell a stream that goes on from one that ends.
pub(super) fn inflate(name: &str, data: &[u8], len: usize) -> Result<Vec<u8>, ZipError> {
    STATE.with_borrow_mut(|state| {
        state.reset(false);
        inflate_with(state, name, data, len)
    })
}

fn inflate_with(state: &mut Decompress, name: &str, data: &[u8], len: usize) -> Result<Vec<u8>, ZipError> {
    let name_owned = || name.to_owned();
    let mut out = Vec::with_capacity(len + 1);
    loop {
        let (before_in, before_out) = (state.total_in(), state.total_out());
        let rest = data.get(before_in as usize..).unwrap_or_default();
        let status = state
            .decompress_vec(rest, &mut out, FlushDecompress::Finish)
            .map_err(|_| ZipError::BadDeflate { name: name_owned() })?;
        if out.len() > len {
            return Err(ZipError::EndsLate { name: name_owned() });
        }
        if status == Status::StreamEnd {
            break;
        }
        if state.total_in() == before_in && state.total_out() == before_out {
            return Err(ZipError::EndsEarly { name: name_owned() });
        }
    }
    if out.len() < len {
        return Err(ZipError::EndsEarly { name: name_owned() });
    }
    // Bytes after the last deflate block would be read by nobody and covered by no CRC.
    if state.total_in() != data.len() as u64 {
        return Err(ZipError::EndsLate { name: name_owned() });
    }
    Ok(out)
}
