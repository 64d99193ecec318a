//! The embedded store by itself: what it keeps, what it refuses, what it repairs.
#![allow(clippy::unwrap_used)] // Shared set-up outside #[test] functions may fail loudly too.

mod support;

use std::sync::Arc;

use objects::disk::{Call, Disk, Fault, Folder, Simulated};
use objects::{
    Condition, EmbeddedStore, Found, Object, ObjectError, ObjectKeys, ObjectStore, Options, Place, list_pack,
};
use support::{content, keys, object, open, small};

fn put(store: &EmbeddedStore, contents: &[Vec<u8>]) -> Vec<Place> {
    store.put_all(&contents.iter().map(|content| object(content)).collect::<Vec<_>>()).unwrap()
}

fn contents(count: u64, len: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| content(number, len)).collect()
}

#[test]
fn objects_come_back_by_place_and_by_digest() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let contents = [vec![], vec![1], content(2, 100_000)];
    let places = put(&store, &contents);
    for (content, place) in contents.iter().zip(&places) {
        let sm3 = object(content).sm3;
        assert_eq!(store.get(place, &sm3).unwrap(), *content);
        assert_eq!(store.find(&sm3).unwrap().as_ref(), Some(place));
    }
    assert_eq!(places[0].to_string(), "p1:16:0");
    assert_eq!(store.find(&[9; 32]).unwrap(), None);
}

#[test]
fn a_second_put_answers_the_first_place_and_writes_nothing() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let (one, two) = (contents(3, 50), contents(4, 50));
    let places = put(&store, &one);
    let twice = put(&store, &[one[0].clone(), one[0].clone()]);
    assert_eq!(twice, [places[0], places[0]]);
    assert_eq!(put(&store, &two)[..3], places);
    assert_eq!(list_pack(&disk, 1, None).unwrap().len(), 4);
}

#[test]
fn a_name_that_is_not_the_digest_is_refused() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let error = store.put_all(&[Object { sm3: [1; 32], bytes: b"x" }]).unwrap_err();
    assert!(matches!(error, ObjectError::NotNamed { .. }), "{error}");
}

#[test]
fn a_second_process_is_refused_until_the_first_is_gone() {
    let folder = std::env::temp_dir().join(format!("objects-lock-{}", std::process::id()));
    let disk: Arc<dyn Disk> = Arc::new(Folder::new(&folder).unwrap());
    let first = EmbeddedStore::open(disk.clone(), keys(), Options::default()).unwrap();
    let content = content(1, 1000);
    let place = put(&first, std::slice::from_ref(&content))[0];
    let error = EmbeddedStore::open(disk.clone(), keys(), Options::default()).unwrap_err();
    assert!(matches!(error, ObjectError::Locked), "{error}");
    drop(first);
    let options = Options { acknowledged: Some(place), ..Options::default() };
    let second = EmbeddedStore::open(disk, keys(), options).unwrap();
    assert_eq!(second.get(&place, &object(&content).sm3).unwrap(), content);
    second.probe().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn on_a_full_disk_a_batch_leaves_nothing_and_the_next_one_works() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let first = put(&store, &contents(1, 100))[0];
    disk.set_capacity(Some(1000));
    let large = content(5, 3000);
    let error = store.put_all(&[object(&large)]).unwrap_err();
    assert!(matches!(error, ObjectError::DiskFull { .. }), "{error}");
    let len = disk.open("000001.pack", false).unwrap().len().unwrap();
    assert_eq!(len, first.end().unwrap().1);
    disk.set_capacity(None);
    let place = store.put_all(&[object(&large)]).unwrap()[0];
    assert_eq!(store.get(&place, &object(&large).sm3).unwrap(), large);
}

#[test]
fn when_even_the_cut_fails_the_next_put_cuts_first() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let first = put(&store, &contents(1, 100))[0];
    disk.inject(Some(Call::WriteAt), 0, Fault::Error);
    disk.inject(Some(Call::Truncate), 0, Fault::Error);
    let large = content(5, 3000);
    assert!(store.put_all(&[object(&large)]).is_err());
    let place = put(&store, &[content(6, 10)])[0];
    assert_eq!(place.to_string(), format!("p1:{}:18", first.end().unwrap().1));
    assert_eq!(list_pack(&disk, 1, None).unwrap().len(), 2);
}

#[test]
fn a_pack_shorter_than_what_the_database_names_is_refused() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let place = put(&store, &contents(2, 500))[1];
    drop(store);
    let file = disk.open("000001.pack", false).unwrap();
    file.truncate(place.end().unwrap().1 - 1).unwrap();
    let error = open(&disk, small(Some(place))).unwrap_err();
    assert!(matches!(error, ObjectError::Shorter { pack: 1, .. }), "{error}");
    // For a database that does not name it, the same pack has a torn tail.
    assert_eq!(open(&disk, small(None)).unwrap().scrub(None, 9).unwrap().objects, 1);
}

#[test]
fn a_missing_pack_is_refused_by_its_number() {
    let disk = Simulated::new();
    let store = open(&disk, small(None)).unwrap();
    let last =
        contents(9, 1500).iter().map(|content| put(&store, std::slice::from_ref(content))[0]).max().unwrap();
    drop(store);
    let (last_pack, _) = last.end().unwrap();
    assert!(last_pack >= 3);
    let name = |pack| format!("{pack:06}.pack");
    disk.rename(&name(last_pack), "away").unwrap();
    let error = open(&disk, small(Some(last))).unwrap_err();
    assert!(matches!(error, ObjectError::NoPack { pack } if pack == last_pack), "{error}");
    disk.rename("away", &name(last_pack)).unwrap();
    disk.remove(&name(2)).unwrap();
    let error = open(&disk, small(Some(last))).unwrap_err();
    assert!(matches!(error, ObjectError::NoPack { pack: 2 }), "{error}");
}

#[test]
fn a_pack_of_another_version_is_refused_and_left_alone() {
    let disk = Simulated::new();
    let file = disk.open("000001.pack", true).unwrap();
    file.write_at(b"LZPACK2\n and what a later program wrote", 0).unwrap();
    let error = open(&disk, small(None)).unwrap_err();
    assert!(matches!(error, ObjectError::Version { pack: 1 }), "{error}");
    assert_eq!(file.len().unwrap(), 39);
}

#[test]
fn a_lost_or_rotten_index_is_made_again() {
    let disk = Simulated::new();
    let store = open(&disk, small(None)).unwrap();
    let contents = contents(9, 1500);
    let places: Vec<_> =
        contents.iter().map(|content| put(&store, std::slice::from_ref(content))[0]).collect();
    drop(store);
    disk.remove("000001.index").unwrap();
    disk.rot("000002.index", 30, 1);
    let store = open(&disk, small(places.last().copied())).unwrap();
    for (content, place) in contents.iter().zip(&places) {
        assert_eq!(store.find(&object(content).sm3).unwrap().as_ref(), Some(place));
    }
    assert!(disk.list().unwrap().contains(&"000001.index".to_owned()));
}

#[test]
fn the_scrub_finds_rot_in_pieces_and_the_repair_mends_it() {
    let disk = Simulated::new();
    let store = open(&disk, small(None)).unwrap();
    let contents = contents(12, 1000);
    let places: Vec<_> =
        contents.iter().map(|content| put(&store, std::slice::from_ref(content))[0]).collect();
    for (which, byte) in [(1, 200), (2, 5), (8, 1000)] {
        let Place::Pack { pack, offset, .. } = places[which] else { unreachable!() };
        disk.rot(&format!("{pack:06}.pack"), offset as usize + byte, 0x40);
    }
    let scrub = || {
        let (mut damages, mut objects, mut from) = (Vec::new(), 0, None);
        loop {
            let piece = store.scrub(from.as_ref(), 3).unwrap();
            objects += piece.objects;
            damages.extend(piece.damages);
            from = piece.next;
            if from.is_none() {
                return (objects, damages);
            }
        }
    };
    let (objects, damages) = scrub();
    // The header of one is gone: a gap, and no object.
    assert_eq!(objects, 11);
    assert_eq!(
        damages.iter().map(|damage| damage.place).collect::<Vec<_>>(),
        [places[1], places[2], places[8]]
    );
    assert_eq!(damages[1].sm3, None);
    for which in [1, 2, 8] {
        store.repair(&places[which], &object(&contents[which])).unwrap();
    }
    let (objects, damages) = scrub();
    assert_eq!((objects, damages), (12, vec![]));
}

#[test]
fn a_repair_never_overwrites_another_object() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let contents = contents(3, 100);
    let places = put(&store, &contents);
    let error = store.repair(&places[0], &object(&contents[1])).unwrap_err();
    assert!(matches!(error, ObjectError::Repair { .. }), "{error}");
    let beyond = Place::Pack { pack: 1, offset: places[2].end().unwrap().1 as u32, len: 108 };
    assert!(matches!(store.repair(&beyond, &object(&contents[1])), Err(ObjectError::Repair { .. })));
}

#[test]
fn a_rotten_object_that_is_put_again_is_stored_again() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let content = content(1, 100);
    let first = put(&store, std::slice::from_ref(&content))[0];
    disk.rot("000001.pack", 120, 1);
    let second = put(&store, std::slice::from_ref(&content))[0];
    assert_ne!(first, second);
    assert_eq!(store.get(&second, &object(&content).sm3).unwrap(), content);
}

#[test]
fn older_keys_open_and_a_missing_one_is_named() {
    let disk = Simulated::new();
    let content = content(1, 100);
    let place = put(&open(&disk, Options::default()).unwrap(), std::slice::from_ref(&content))[0];
    let reopen = |keys| EmbeddedStore::open(Arc::new(disk.clone()), keys, Options::default()).unwrap();
    let store = reopen(ObjectKeys::new((8, &[1; 16]), &[(7, &[0x42; 16])]).unwrap());
    assert_eq!(store.get(&place, &object(&content).sm3).unwrap(), content);
    drop(store);
    let store = reopen(ObjectKeys::new((8, &[1; 16]), &[]).unwrap());
    assert!(matches!(store.get(&place, &object(&content).sm3), Err(ObjectError::NoKey { id: 7 })));
    drop(store);
    let store = reopen(ObjectKeys::new((7, &[1; 16]), &[]).unwrap());
    let error = store.get(&place, &object(&content).sm3).unwrap_err();
    assert!(error.to_string().contains("鉴别标签不符"), "{error}");
    assert!(ObjectKeys::new((7, &[1; 16]), &[(7, &[2; 16])]).is_err());
}

#[test]
fn a_wrong_place_or_digest_never_yields_content() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let contents = contents(2, 100);
    let places = put(&store, &contents);
    assert!(matches!(store.get(&places[0], &object(&contents[1]).sm3), Err(ObjectError::Damaged { .. })));
    for text in ["p1:17:108", "p1:16:107", "p1:9999:5", "p2:16:108", "p1:16:4294967295"] {
        assert!(store.get(&text.parse().unwrap(), &object(&contents[0]).sm3).is_err(), "{text}");
    }
}

#[test]
fn a_listing_shows_records_gaps_and_states() {
    let disk = Simulated::new();
    let store = open(&disk, Options::default()).unwrap();
    let places = put(&store, &contents(3, 100));
    disk.rot("000001.pack", places[1].end().unwrap().1 as usize - 1, 1);
    let states = |keys| {
        let listed = list_pack(&disk, 1, keys).unwrap();
        listed.into_iter().map(|line| line.condition).collect::<Vec<_>>()
    };
    assert_eq!(states(None), [Condition::Whole, Condition::Rotten, Condition::Whole]);
    assert_eq!(states(Some(&keys())), [Condition::Good, Condition::Rotten, Condition::Good]);
    disk.rot("000001.pack", 20, 1);
    assert_eq!(list_pack(&disk, 1, None).unwrap()[0].found, Found::Gap(188));
}

#[test]
fn several_threads_put_and_read_at_once() {
    let disk = Simulated::new();
    let store = open(&disk, small(None)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..20 {
                    let content = content(thread * 100 + number, 300);
                    let place = put(store, std::slice::from_ref(&content))[0];
                    assert_eq!(store.get(&place, &object(&content).sm3).unwrap(), content);
                }
            });
        }
    });
    let scrubbed = store.scrub(None, 1000).unwrap();
    assert_eq!((scrubbed.objects, scrubbed.damages), (80, vec![]));
}
