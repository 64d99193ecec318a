//! Sealing and verifying: the product's own use cases over different records of all nine kinds.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use node::issue::{IssueRequest, issue};
use node::keys::{KeyFolder, SigningKeys};
use node::{Data, Engine, expand, load_trust, verify_file};
use seal::Verifier;
use serde_json::{Map, Value, json};

use crate::clock::{Watch, now};
use crate::crypto;
use crate::world::{PASSPHRASE, Scratch, keys, records, records_sharing_photos};

/// Different records for the rates: own photo, own names, own code.
const RECORDS: usize = 4_500;

pub fn run(small: bool) -> Result<Map<String, Value>, String> {
    let text = |error: node::NodeError| error.to_string();
    let disk = std::env::current_dir().map_err(|error| error.to_string())?.join("target");
    let memory = if Path::new("/dev/shm").is_dir() { PathBuf::from("/dev/shm") } else { disk.clone() };
    let data = Data::load(None).map_err(text)?;
    let world = Scratch::new(&disk, "world")?;
    let (input, key_dir) = (world.0.join("in"), world.0.join("keys"));
    eprintln!("making {RECORDS} records with photos");
    records(&input, RECORDS, &data)?;
    let folder = keys(&key_dir, &data).map_err(text)?;
    let unlocked = folder.unlock(PASSPHRASE).map_err(text)?;
    let engine = Engine::new(&data, true).map_err(text)?;
    let world_of = World { input: &input, data: &data, engine: &engine, keys: &unlocked };

    eprintln!("sealing on one thread");
    let out = Scratch::new(&memory, "sealed")?;
    // Glyphs and caches warm up on the first pass, as in any run of more than a second.
    issue(&world_of.request(&out.0, 1), &mut |_| {}).map_err(text)?;
    drop(out);
    let out = Scratch::new(&memory, "sealed")?;
    let watch = Watch::start();
    let summary = issue(&world_of.request(&out.0, 1), &mut |_| {}).map_err(text)?;
    let cpu = watch.cpu();
    let (sealed, files) = (summary.issued as f64 / cpu, summary.files as f64 / cpu);
    let paths = expand(std::slice::from_ref(&out.0)).map_err(text)?;
    let bytes: u64 = paths.iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum();

    eprintln!("verifying");
    let trust = || load_trust(&key_dir).map_err(text);
    let cached = verified(&Verifier::new(trust()?), &paths)?;
    let uncached = verified(&Verifier::uncached(trust()?), &paths)?;
    check_sample(&key_dir, &paths)?;
    let file_bytes = bytes / paths.len().max(1) as u64;
    drop(out);

    eprintln!("sealing durably on all cores");
    let out = Scratch::new(&disk, "durable")?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let watch = Watch::start();
    let summary = issue(&world_of.request(&out.0, threads), &mut |_| {}).map_err(text)?;
    let durable = summary.issued as f64 / watch.wall();
    drop(out);

    let (sign, verify, sm3) = crypto::figures();
    let mut figures = Map::new();
    let mut put = |name: &str, value: f64| figures.insert(name.into(), json!(value.round() as u64));
    put("sealed_per_core_second", sealed);
    put("sealed_files_per_core_second", files);
    put("durable_per_second", durable);
    put("verified_per_core_second", cached);
    put("verified_uncached_per_core_second", uncached);
    put("sm2_sign_per_core_second", sign);
    put("sm2_verify_per_core_second", verify);
    put("sm3_mb_per_second", sm3);
    let counts = if small { [1_000, 10_000] } else { [10_000, 100_000] };
    for (count, name) in counts.into_iter().zip(["peak_rss_mb_10k", "peak_rss_mb_100k"]) {
        eprintln!("memory over {count} records");
        put(name, memory_of(count, &disk, &input, &key_dir, &data)?);
    }
    put("file_bytes", file_bytes as f64);
    put("records", RECORDS as f64);
    Ok(figures)
}

/// What every run of the bench shares.
struct World<'a> {
    input: &'a Path,
    data: &'a Data,
    engine: &'a Engine,
    keys: &'a SigningKeys,
}

impl World<'_> {
    fn request<'b>(&'b self, out: &'b Path, threads: usize) -> IssueRequest<'b> {
        let Self { input, data, engine, keys } = self;
        IssueRequest { input, out, data, engine, keys, clock: &now, threads }
    }
}

fn verified(verifier: &Verifier, paths: &[PathBuf]) -> Result<f64, String> {
    let watch = Watch::start();
    for path in paths {
        let checked = verify_file(verifier, path, now()).map_err(|error| error.to_string())?;
        if !checked.verdict.verdict.is_valid() {
            return Err(format!("{}: {:?}", path.display(), checked.verdict.reasons));
        }
    }
    Ok(paths.len() as f64 / watch.cpu())
}

/// One in a hundred through the product's own command, when it is built.
fn check_sample(keys: &Path, paths: &[PathBuf]) -> Result<(), String> {
    let binary = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("luzheng");
    if !binary.is_file() {
        return Err(format!("{} is not built; run cargo build --release first", binary.display()));
    }
    // A stride that is prime to the order of the kinds picks from all of them.
    let picked = paths.iter().skip(37).step_by(97);
    let status =
        Command::new(binary).arg("verify").arg("--trust").arg(keys).arg("--json").args(picked).output();
    let output = status.map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err("luzheng verify refused a sealed file".into()) }
}

/// Peak resident memory (MB) of a process that issues `count` records.
fn memory_of(count: usize, disk: &Path, photos: &Path, keys: &Path, data: &Data) -> Result<f64, String> {
    let world = Scratch::new(disk, "memory")?;
    let (input, out) = (world.0.join("in"), world.0.join("out"));
    std::fs::create_dir_all(&input).map_err(|error| error.to_string())?;
    enough_space(disk, count as u64 * 220_000)?;
    records_sharing_photos(&input, count, &photos.join("photos"), data)?;
    let exe = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(exe).arg("memory-child").args([&input, keys, &out]).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().map_err(|_| format!("memory run failed: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Stops a bench that would fill the disk.
pub fn enough_space(disk: &Path, need: u64) -> Result<(), String> {
    let stat = rustix::fs::statvfs(disk).map_err(|error| error.to_string())?;
    let free = stat.f_bavail * stat.f_frsize;
    if free > need { Ok(()) } else { Err(format!("{} MB free, {} MB needed", free >> 20, need >> 20)) }
}

/// Issues and prints the peak resident memory of this process in MB.
pub fn memory_child(args: &[String]) -> ExitCode {
    let run = || -> Result<f64, String> {
        let [input, keys, out] = args else { return Err("three folders expected".into()) };
        let text = |error: node::NodeError| error.to_string();
        let data = Data::load(None).map_err(text)?;
        let unlocked =
            KeyFolder::open(Path::new(keys)).and_then(|folder| folder.unlock(PASSPHRASE)).map_err(text)?;
        let engine = Engine::new(&data, true).map_err(text)?;
        let request = IssueRequest {
            input: Path::new(input),
            out: Path::new(out),
            data: &data,
            engine: &engine,
            keys: &unlocked,
            clock: &now,
            threads: 2,
        };
        issue(&request, &mut |_| {}).map_err(text)?;
        let status = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| "VmHWM is no number")?;
        Ok(kilobytes / 1024.0)
    };
    match run() {
        Ok(megabytes) => {
            println!("{megabytes:.0}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
