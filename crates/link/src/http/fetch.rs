//! Fetching a public, signed file of another node: no signature on the way, for the file bears its own.

use super::Timeouts;
use super::client::agent;

/// What came of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The file.
    File(Vec<u8>),
    /// It is the one that is held.
    Same,
    /// The other side has none.
    None,
}

/// Gets the file at `url`; `held` is the SM3 (hex) of the one that is held, which the other side names in its `ETag`.
///
/// # Errors
/// In Chinese: no connection, another status, more than `most` bytes.
pub fn fetch(url: &str, held: Option<&str>, most: u64, timeouts: Timeouts) -> Result<Fetched, String> {
    if !url.starts_with("http://") {
        return Err(format!("地址“{url}”应以 http:// 开头"));
    }
    let mut request = agent(timeouts, "*/*").get(url);
    if let Some(held) = held {
        request = request.header("If-None-Match", format!("\"{held}\""));
    }
    let mut response = request.call().map_err(|error| format!("读取“{url}”失败：{error}"))?;
    match response.status().as_u16() {
        200 => {
            let body = response.body_mut().with_config().limit(most).read_to_vec();
            body.map(Fetched::File).map_err(|error| format!("读取“{url}”失败：{error}"))
        }
        304 => Ok(Fetched::Same),
        404 => Ok(Fetched::None),
        other => Err(format!("读取“{url}”失败：对方答复 {other}")),
    }
}
