//! The load generator: one thread, many kept-alive connections, each with one request on its way.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use rustix::event::{PollFd, PollFlags, poll};

use super::load::connect;
use crate::clock::{Watch, thread_cpu};

/// What a run of requests took.
pub struct Run {
    pub per_second: f64,
    pub p99_ms: f64,
    /// CPU of the whole process (server, recorder, sequencer, this generator) a request, microseconds.
    pub cpu_us: f64,
    /// Of that, the generator's own.
    pub load_cpu_us: f64,
}

/// A connection, and what has come of the answer that it waits for.
struct Lane {
    stream: TcpStream,
    buffer: Vec<u8>,
    began: Watch,
    waits: bool,
}

/// Sends requests as fast as they are answered, each connection one after the answer to its last.
pub fn flood(address: &str, connections: usize, requests: &[Vec<u8>]) -> Result<Run, String> {
    let mut lanes = (0..connections).map(|_| lane(address)).collect::<Result<Vec<_>, _>>()?;
    let mut requests = requests.iter();
    let mut times = Vec::with_capacity(requests.len());
    let (watch, own) = (Watch::start(), thread_cpu());
    for lane in &mut lanes {
        lane.send(requests.next())?;
    }
    while lanes.iter().any(|lane| lane.waits) {
        for at in ready(&lanes)? {
            let lane = &mut lanes[at];
            let Some(status) = lane.receive()? else { continue };
            times.push(lane.began.wall());
            if status != 200 {
                return Err(format!("answered with {status}: {}", String::from_utf8_lossy(&lane.buffer)));
            }
            lane.send(requests.next())?;
        }
    }
    let (wall, cpu, own) = (watch.wall(), watch.cpu(), thread_cpu() - own);
    let count = times.len() as f64;
    Ok(Run {
        per_second: count / wall,
        p99_ms: super::load::percentile(&mut times, 0.99) * 1000.0,
        cpu_us: cpu / count * 1e6,
        load_cpu_us: own / count * 1e6,
    })
}

fn lane(address: &str) -> Result<Lane, String> {
    let stream = connect(address)?;
    stream.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(Lane { stream, buffer: Vec::with_capacity(4096), began: Watch::start(), waits: false })
}

/// Waits until something has come; which connections.
fn ready(lanes: &[Lane]) -> Result<Vec<usize>, String> {
    let mut waiting: Vec<PollFd<'_>> = lanes
        .iter()
        .map(|lane| PollFd::new(&lane.stream, if lane.waits { PollFlags::IN } else { PollFlags::empty() }))
        .collect();
    poll(&mut waiting, None).map_err(|error| error.to_string())?;
    let came = |at: &usize| !waiting[*at].revents().is_empty();
    Ok((0..lanes.len()).filter(came).collect())
}

impl Lane {
    fn send(&mut self, request: Option<&Vec<u8>>) -> Result<(), String> {
        self.waits = request.is_some();
        self.buffer.clear();
        self.began = Watch::start();
        // A few hundred bytes always fit into the socket's buffer.
        request.map_or(Ok(()), |bytes| self.stream.write_all(bytes)).map_err(|error| error.to_string())
    }

    /// Takes in what has come; the status once the answer is whole.
    fn receive(&mut self) -> Result<Option<u16>, String> {
        let mut chunk = [0; 16_384];
        match self.stream.read(&mut chunk) {
            Ok(0) => return Err("the connection was closed".into()),
            Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.to_string()),
        }
        let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = &self.buffer[..end];
        let length: usize = number_after(head, b"content-length: ").unwrap_or(0);
        if self.buffer.len() < end + 4 + length {
            return Ok(None);
        }
        Ok(Some(number_after(head, b"HTTP/1.1 ").and_then(|status| u16::try_from(status).ok()).unwrap_or(0)))
    }
}

/// The number that stands behind a name; our server writes header names small.
fn number_after(head: &[u8], name: &[u8]) -> Option<usize> {
    let at = head.windows(name.len()).position(|part| part == name)? + name.len();
    let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|byte| usize::from(byte - b'0')).reduce(|number, digit| number * 10 + digit)
}
