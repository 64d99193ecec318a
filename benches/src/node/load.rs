//! Load over loopback: signed requests on kept-alive connections, latencies, a registry of any size.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use link::sign::{HmacKey, Outgoing, Person, Signer};
use node::Province;
use store::rows::certificate::{self, Certificate, Version};
use store::{Session, StoreError, Value};

use crate::clock::{Watch, now};

/// Certificates that share a transaction of the loader.
const BATCH: usize = 5_000;

/// Fills the registry with certificates that were never sealed: rows as `lifecycle` writes them, one in ten cancelled, one record
/// of a few items each. A file store of three million files would say nothing more about a look-up.
pub fn registry(province: &Arc<Province>, count: usize) -> Result<Vec<String>, String> {
    let mut sample = Vec::new();
    let mut state = lifecycle::State::unknown("transport-certificate");
    state.known = true;
    state.version = 1;
    state.state_seq = 1;
    let normal = serde_json::to_string(&state).map_err(|error| error.to_string())?;
    state.base = lifecycle::Base::Cancelled;
    let cancelled = serde_json::to_string(&state).map_err(|error| error.to_string())?;
    let type_code = "11100000000019713D013".parse::<codes::TypeCode>().map_err(|error| error.to_string())?;
    let issuer = codes::Uscc::parse("11990000MB0000000J").map_err(|error| error.to_string())?;
    for start in (0..count).step_by(BATCH) {
        let mut rows = Vec::with_capacity(BATCH);
        for number in start..(start + BATCH).min(count) {
            let serial =
                codes::Serial::parse(&format!("9900002026{number:08}")).map_err(|error| error.to_string())?;
            let id = codes::CertificateId::new(type_code.clone(), issuer.clone(), serial, 1);
            let identifier = id.map_err(|error| error.to_string())?.to_string();
            // Fewer than the table has rows, spread over it.
            if number % (count / 50_000).max(1) == 0 {
                sample.push(identifier.clone());
            }
            let is_cancelled = number % 10 == 9;
            rows.push((number, identifier, is_cancelled));
        }
        let (normal, cancelled, province_of) = (normal.clone(), cancelled.clone(), Arc::clone(province));
        let written: Result<(), StoreError> = province.store.write(move |session| {
            for (number, identifier, is_cancelled) in &rows {
                let state = if *is_cancelled { &cancelled } else { &normal };
                insert(session, &province_of, *number, identifier, state, *is_cancelled)?;
            }
            Ok(())
        });
        written.map_err(|error| error.to_string())?;
    }
    Ok(sample)
}

fn insert(
    session: &mut Session,
    province: &Province,
    number: usize,
    identifier: &str,
    state: &str,
    is_cancelled: bool,
) -> Result<(), StoreError> {
    let id = format!("{number:032x}");
    certificate::insert(
        session,
        &Certificate {
            kind: "transport-certificate".into(),
            issuer: "11990000MB0000000J".into(),
            area: "990100".into(),
            month: "2026-06".into(),
            serial: Some(format!("9900002026{number:08}")),
            source: "bench".into(),
            subject_ref: format!("L{number}"),
            status_index: Some(number as i64 + 1),
            version: 1,
            identifier: Some(identifier.into()),
            state_seq: 1,
            base: if is_cancelled { "注销" } else { "正常" }.into(),
            origin: state.into(),
            state: state.into(),
            id: id.clone(),
            ..Certificate::default()
        },
    )?;
    certificate::insert_version(
        session,
        &Version {
            identifier: identifier.into(),
            certificate_id: id.clone(),
            version: 1,
            ..Version::default()
        },
    )?;
    let record = format!(
        r#"{{"record_id":"L{number}","kind":"transport-certificate","face":{{"CZZT":"演示{number}号","CZZTDM":"990101199001011234","KZ_CLHP":"演A{number:05}"}}}}"#
    );
    let sealed = province.personal.seal(&certificate::record_place(&id), &record);
    certificate::put_record(session, &id, &sealed, None)?;
    let blind = province.personal.blind(store::Blind::HolderNumber, &number.to_string());
    let values: [Value<'_>; 4] = [(&blind).into(), (&id).into(), "holder_number".into(), true.into()];
    session.insert("INSERT INTO search_key (blind, certificate_id, what, live)", 4, "", &values)?;
    Ok(())
}

/// What a run of requests took.
pub struct Run {
    pub per_second: f64,
    pub p99_ms: f64,
}

/// Sends requests as fast as they are answered, on some connections, each after the answer to the last one.
pub fn flood(address: &str, connections: usize, requests: &[Vec<u8>]) -> Result<Run, String> {
    let next = AtomicUsize::new(0);
    let watch = Watch::start();
    let times: Vec<Result<Vec<f64>, String>> = std::thread::scope(|scope| {
        let worker = || -> Result<Vec<f64>, String> {
            let mut stream = connect(address)?;
            let mut times = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let began = Watch::start();
                let (status, _) = exchange(&mut stream, request)?;
                times.push(began.wall());
                if status != 200 {
                    return Err(format!("answered with {status}"));
                }
            }
            Ok(times)
        };
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(worker)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a sender panicked".into())))
            .collect()
    });
    let wall = watch.wall();
    let mut all = Vec::new();
    for one in times {
        all.extend(one?);
    }
    Ok(Run { per_second: all.len() as f64 / wall, p99_ms: percentile(&mut all, 0.99) * 1000.0 })
}

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

/// The signer of a client that `client add` has made.
pub fn signer(id: &str, secret: &str) -> Result<Signer, String> {
    let bytes: Vec<u8> = (0..secret.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(secret.get(at..at + 2)?, 16).ok())
        .collect();
    let key = HmacKey::new(&bytes).map_err(|error| error.to_string())?;
    Signer::hmac(id, key).map_err(|error| error.to_string())
}
