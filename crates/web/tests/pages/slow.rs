//! Slow clients: they hold back themselves, and nobody else.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use web::Limits;

use crate::server::Server;
use crate::support::sqlite;
use crate::visitor::Visitor;

/// A connection on which these bytes were sent.
fn sent(server: &Server, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.root().trim_start_matches("http://")).expect("a connection");
    stream.write_all(bytes.as_bytes()).expect("sent");
    stream
}

/// The head of a form whose body does not come.
const FORM: &str = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Sec-Fetch-Site: same-origin\r\nContent-Length: 100\r\n\r\naccount=";

/// Status of the answer that comes on a connection, if one does before it ends.
fn status(mut stream: &TcpStream) -> Option<String> {
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    Some(String::from_utf8_lossy(&head[9..]).into_owned())
}

#[test]
fn bodies_that_do_not_come_take_no_place_from_others() {
    let limits = Limits { requests: 2, form_seconds: 600, each: (512, 8), ..Limits::default() };
    let server = Server::over(sqlite(), limits);
    let slow: Vec<TcpStream> = (0..9).map(|_| sent(&server, FORM)).collect();
    // One of nine is told at once, which shows that the other eight are where they wait.
    let (tell, told) = std::sync::mpsc::channel();
    for one in &slow {
        let (one, tell) = (one.try_clone().expect("the same connection"), tell.clone());
        std::thread::spawn(move || tell.send(status(&one)));
    }
    assert_eq!(told.recv().expect("an answer").as_deref(), Some("503"));
    let visitor = Visitor::operator(&server, "jingban001", "窗口经办", "99");
    assert_eq!(visitor.get("/clerk").status, 200, "pages are answered");
    // Another address behind the gateway may send a form.
    let form = "account=nobody&password=wrong-password-1";
    let other = [("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", "192.0.2.9")];
    assert_eq!(Visitor::stranger(&server).send("/sign-in", &other, form).status, 403);
    for one in &slow {
        let _ = one.shutdown(Shutdown::Both);
    }
}

#[test]
fn a_page_without_a_body_waits_for_none() {
    let server = Server::start();
    let chunked = "GET /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(status(&sent(&server, chunked)).as_deref(), Some("413"));
}

#[test]
fn a_head_that_does_not_come_ends_its_connection() {
    let limits = Limits { head: Duration::from_millis(20), ..Limits::default() };
    let server = Server::over(sqlite(), limits);
    for begun in ["", "GET /sign-in HTTP/1.1\r\nHost:"] {
        let mut stream = sent(&server, begun);
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("the end");
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"), "{begun}");
    }
}
