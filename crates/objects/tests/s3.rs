//! The S3 kind against a real server: `moto_server` from PyPI, started and stopped here on a free port of loopback. `cargo xtask
//! test` installs it; where it is not there, this test says so and does nothing.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use objects::{ObjectError, ObjectKeys, ObjectStore, Place, S3Options, S3Store};
use support::{content, keys, object};
use testbed::ObjectStorage;

fn open(server: &ObjectStorage, conditional_put: bool, keys: ObjectKeys) -> S3Store {
    let options = S3Options {
        endpoint: server.endpoint(),
        region: "us-east-1".to_owned(),
        bucket: server.bucket().to_owned(),
        access_key_id: "id".to_owned(),
        secret_access_key: "secret".to_owned(),
        prefix: "luzheng/objects".to_owned(),
        conditional_put,
    };
    S3Store::new(options, keys).unwrap()
}

fn path(place: &Place) -> String {
    let name = place.to_string().split_off(3);
    format!("/files/luzheng/objects/{}/{name}", &name[..2])
}

/// One test, since the server takes a second to start.
#[test]
fn the_contract_holds_on_a_real_server() {
    let Some(server) = ObjectStorage::start() else { return };
    let store = open(&server, true, keys());
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
fn put_if_absent_keeps_the_first_bytes(server: &ObjectStorage, object: &objects::Object<'_>, place: &Place) {
    for conditional in [true, false] {
        let other = ObjectKeys::new((9, &[9; 16]), &[(7, &[0x42; 16])]).unwrap();
        let store = open(server, conditional, other);
        assert_eq!(store.put_all(std::slice::from_ref(object)).unwrap(), [*place]);
    }
    assert_eq!(open(server, true, keys()).get(place, &object.sm3).unwrap(), object.bytes);
}

fn scrub_and_repair(
    server: &ObjectStorage,
    store: &S3Store,
    objects: &[objects::Object<'_>],
    places: &[Place],
) {
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
