//! The S3 kind against a real server: `moto_server` from PyPI (`pip install "moto[s3,server]"`), started and stopped
//! here on a free port of loopback. Without it this test fails.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use objects::{ObjectError, ObjectKeys, ObjectStore, Place, S3Options, S3Store};
use support::{content, keys, object};

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start() -> Self {
        // Free when we asked; nobody else asks for it in the moment between.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let child = command.spawn().expect("this test needs moto_server: pip install 'moto[s3,server]'");
        let server = Self { child, address };
        let up = (0..300).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(address).is_ok()
        });
        assert!(up, "moto_server does not answer");
        server.request("PUT /files HTTP/1.1\r\nx-amz-acl: public-read-write", b"");
        server
    }

    /// A request without a signature, which the test server takes.
    fn request(&self, line: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        let head = format!(
            "{line}\r\nHost: {}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn store(&self, conditional_put: bool, keys: ObjectKeys) -> S3Store {
        let options = S3Options {
            endpoint: format!("http://{}", self.address),
            region: "us-east-1".to_owned(),
            bucket: "files".to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            prefix: "luzheng/objects".to_owned(),
            conditional_put,
        };
        S3Store::new(options, keys).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn path(place: &Place) -> String {
    let name = place.to_string().split_off(3);
    format!("/files/luzheng/objects/{}/{name}", &name[..2])
}

/// One test, since the server takes a second to start.
#[test]
fn the_contract_holds_on_a_real_server() {
    let server = Server::start();
    let store = server.store(true, keys());
    assert!(store.probe().unwrap().text.contains("条件写入有效"));

    let contents: Vec<_> = (0..40).map(|number| content(number, 3000)).collect();
    let objects: Vec<_> = contents.iter().map(|content| object(content)).collect();
    let places = store.put_all(&objects).unwrap();
    assert_eq!(store.put_all(&objects).unwrap(), places);
    for (object, place) in objects.iter().zip(&places) {
        assert_eq!(store.get(place, &object.sm3).unwrap(), object.bytes);
    }
    assert_eq!(store.find(&objects[3].sm3).unwrap(), Some(places[3]));
    assert_eq!(store.find(&[1; 32]).unwrap(), None);
    assert!(matches!(store.get(&Place::Remote([1; 32]), &[1; 32]), Err(ObjectError::Missing { .. })));
    assert!(store.get(&places[0], &objects[1].sm3).is_err());

    put_if_absent_keeps_the_first_bytes(&server, &objects[5], &places[5]);
    scrub_and_repair(&server, &store, &objects, &places);
    let elsewhere = S3Options {
        endpoint: "http://127.0.0.1:9".to_owned(),
        region: "r".to_owned(),
        bucket: "b".to_owned(),
        access_key_id: "id".to_owned(),
        secret_access_key: "secret".to_owned(),
        prefix: "p".to_owned(),
        conditional_put: true,
    };
    let error = S3Store::new(elsewhere, keys()).unwrap().probe().unwrap_err();
    assert!(matches!(error, ObjectError::Remote { .. }), "{error}");
}

/// Another key would write other bytes; the first are kept, with and without conditional puts.
fn put_if_absent_keeps_the_first_bytes(server: &Server, object: &objects::Object<'_>, place: &Place) {
    for conditional in [true, false] {
        let other = ObjectKeys::new((9, &[9; 16]), &[(7, &[0x42; 16])]).unwrap();
        let store = server.store(conditional, other);
        assert_eq!(store.put_all(std::slice::from_ref(object)).unwrap(), [*place]);
    }
    assert_eq!(server.store(true, keys()).get(place, &object.sm3).unwrap(), object.bytes);
}

fn scrub_and_repair(server: &Server, store: &S3Store, objects: &[objects::Object<'_>], places: &[Place]) {
    server.request(&format!("PUT {} HTTP/1.1", path(&places[7])), b"rot");
    let (mut from, mut count, mut damages) = (None, 0, Vec::new());
    loop {
        let piece = store.scrub(from.as_ref(), 15).unwrap();
        (count, from) = (count + piece.objects, piece.next);
        damages.extend(piece.damages);
        if from.is_none() {
            break;
        }
    }
    assert_eq!(count, 40);
    assert_eq!(damages.iter().map(|damage| damage.place).collect::<Vec<_>>(), [places[7]]);
    store.repair(&places[7], &objects[7]).unwrap();
    assert_eq!(store.get(&places[7], &objects[7].sm3).unwrap(), objects[7].bytes);
    assert!(matches!(store.repair(&places[7], &objects[8]), Err(ObjectError::Repair { .. })));
}
