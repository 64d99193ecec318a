//! What is shipped is what lies in the folder.

use std::collections::BTreeSet;
use std::path::Path;

use web::pages::ASSETS;

use crate::server::Server;
use crate::visitor::Visitor;

fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, root, found);
        } else {
            found.insert(path.strip_prefix(root).expect("below").display().to_string());
        }
    }
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let mut files = BTreeSet::new();
    walk(&root, &root, &mut files);
    // Tests stay behind; service workers have addresses of their own, for these bound what they may serve.
    files.retain(|path| !path.starts_with("tests/") && !path.ends_with("worker.js"));
    let shipped: BTreeSet<String> = ASSETS.iter().map(|asset| asset.path.to_owned()).collect();
    assert_eq!(files, shipped);
}

#[test]
fn scripts_import_only_what_is_shipped() {
    let shipped: BTreeSet<&str> = ASSETS.iter().map(|asset| asset.path).collect();
    for asset in ASSETS.iter().filter(|asset| asset.path.ends_with(".js")) {
        let text = std::str::from_utf8(asset.bytes).expect("UTF-8");
        let folder = asset.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in text.lines().filter(|line| line.contains(" from \"./") || line.contains(" from \"../")) {
            let named = line.split('"').nth(1).expect("a path");
            let path = match named.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None if folder.is_empty() => named[2..].to_owned(),
                None => format!("{folder}/{}", &named[2..]),
            };
            assert!(shipped.contains(path.as_str()), "{} imports {named}", asset.path);
        }
    }
}

#[test]
fn workers_and_reasons_are_served() {
    let server = Server::start();
    let stranger = Visitor::stranger(&server);
    for path in ["/holder/worker.js", "/officer/worker.js"] {
        let got = stranger.get(path);
        assert!(got.header("content-type").starts_with("text/javascript"), "{path}");
        assert!(got.body.starts_with(b"const VERSION = '"));
    }
    let reasons = stranger.get("/reasons.json").json();
    assert_eq!(reasons["NOT_FOUND"]["weight"], "undecided");
}
