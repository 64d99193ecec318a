//! Signed requests as bytes, made beforehand so that signing them is not the load; connections; percentiles.

use std::io::{Read, Write};
use std::net::TcpStream;

use link::sign::{HmacKey, Outgoing, Person, Signer};

use crate::clock::now;

/// The value below which a share of the values lies.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(at).copied().unwrap_or(0.0)
}

pub fn connect(address: &str) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    Ok(stream)
}

/// One request and its answer on a kept-alive connection: status and body.
pub fn exchange(stream: &mut TcpStream, request: &[u8]) -> Result<(u16, Vec<u8>), String> {
    let text = |error: std::io::Error| error.to_string();
    stream.write_all(request).map_err(text)?;
    let mut buffer = Vec::with_capacity(4096);
    let mut chunk = [0; 16_384];
    loop {
        let count = stream.read(&mut chunk).map_err(text)?;
        if count == 0 {
            return Err("the connection was closed".into());
        }
        buffer.extend_from_slice(&chunk[..count]);
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|text| text.trim().parse().ok());
        let whole = end + 4 + length.unwrap_or(0);
        if buffer.len() >= whole {
            let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
            return Ok((status, buffer[end + 4..whole].to_vec()));
        }
    }
}

/// A signed request as bytes, made beforehand so that signing it is not the load.
pub fn request(
    signer: &Signer,
    method: &str,
    path: &str,
    body: &[u8],
    nonce: u64,
) -> Result<Vec<u8>, String> {
    let person = Person::default();
    let nonce = format!("bench-{nonce:016x}");
    let outgoing = Outgoing { method, path, query: "", body, time: now(), nonce: &nonce, person: &person };
    let signed = signer.sign(&outgoing).map_err(|error| error.to_string())?;
    let mut bytes =
        format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for (name, value) in &signed.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Ok(bytes)
}

/// The key of a client that `client add` has made.
pub fn key(secret: &str) -> Result<HmacKey, String> {
    let bytes: Vec<u8> = (0..secret.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(secret.get(at..at + 2)?, 16).ok())
        .collect();
    HmacKey::new(&bytes).map_err(|error| error.to_string())
}

/// The value in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&mut values.into_iter().collect::<Vec<_>>(), 0.5)
}
