//! Writes a sample into a folder and says how long the parts took: `cargo run -p sample --example show -- DIR COUNT SEED`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use sample::{SampleOptions, Sink, generate, write_sample};

struct Folder(PathBuf);

impl Sink for Folder {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.0.join(path), bytes)
    }

    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().create(true).append(true).open(self.0.join(path))?.write_all(bytes)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("DIR COUNT SEED")?);
    let count = arguments.next().ok_or("COUNT")?.parse()?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    // A second run would append to the files of the first.
    let _ = fs::remove_dir_all(folder.join("photos"));
    fs::create_dir_all(folder.join("photos"))?;
    let catalogue = catalogue::Catalogue::builtin()?;
    let sample = generate(SampleOptions { count, seed, ..SampleOptions::default() }, &catalogue)?;
    write_sample(&sample, records::Format::Jsonl, &mut Folder(folder), |_| {})?;
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for truth in sample.iter().filter_map(|case| case.truth) {
        *classes.entry(truth.rule).or_default() += 1;
    }
    println!("{} records, {} wrong: {classes:?}", sample.count(), sample.wrong());
    Ok(())
}
