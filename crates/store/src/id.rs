//! Keys of rows: UUID version 7, so that new rows stand beside each other in the index.

/// A new row key: 32 hex digits, ordered by time. `entropy` is ten random bytes.
pub fn new_id(micros: i64, entropy: &[u8; 10]) -> String {
    let millis = u64::try_from(micros / 1000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, entropy).into_uuid().simple().to_string()
}
