//! A system of somebody else on loopback: it knows codes that are not ours.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What came: head and body.
pub type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// A running system.
pub struct Foreign {
    /// `http://host:port`.
    pub address: String,
    /// Requests, in their order.
    pub seen: Seen,
}

/// Answers each request with a status and a body that `answer` makes of the request's body; `None`: it never answers.
pub fn serve(answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Foreign {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let seen = Seen::default();
    let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
    std::thread::spawn(move || {
        // Connections without an answer stay open: the other side must give up by itself.
        let mut silent = Vec::new();
        for stream in listener.incoming().flatten() {
            let request = read(&stream);
            kept.lock().expect("no panic before").push(request.clone());
            match answer(&request.1) {
                Some((status, body)) => write(&stream, status, &body),
                None => silent.push(stream),
            }
        }
    });
    Foreign { address, seen }
}

fn read(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a line") == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    (head, String::from_utf8(body).expect("text"))
}

fn write(mut stream: &TcpStream, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).expect("written");
}
