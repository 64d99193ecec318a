//! The trial: every reader over one file of every template, genuine and mutated.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sofd::VerifyStatus;

use crate::Args;
use crate::agreement::{self, ForgeryRow, PageRow};
use crate::command;
use crate::der::SesSignature;
use crate::forgery::{self, Forgery};
use crate::issued::{self, Issued};
use crate::making;
use crate::openssl_reader::{Openssl, Stranger, flipped};
use crate::picture::{self, BoxMm, Difference};
use crate::tally::Tally;
use crate::{ofd_core_reader, ofdkit_reader, sofd_reader, text};

/// Largest difference from our drawing that the known habits of a reader explain.
struct Limits {
    mean: f64,
    share: f64,
    worst_tile: f64,
}

/// ofd-core: measured up to 0.11, 0.003 % and a tile of 6.0 (a photo scaled by another filter); a lost
/// text object raises its tile to 42 and more.
const OFD_CORE: Limits = Limits { mean: 0.3, share: 0.05, worst_tile: 15.0 };

/// sofd: measured up to 2.1, 0.54 % and a tile of 32.7 (the left edge of frames, which it does not
/// draw, and hairlines that it makes a pixel wide); a lost text object raises its tile to 42 and more.
const SOFD: Limits = Limits { mean: 3.0, share: 0.7, worst_tile: 38.0 };

/// What every part of the trial needs.
struct Bench {
    luzheng: PathBuf,
    keys: PathBuf,
    work: PathBuf,
    root: Vec<u8>,
    openssl: Openssl,
    python: PathBuf,
    stranger: Stranger,
}

impl Bench {
    /// Where a drawing is left for whoever must look at a difference.
    fn picture(&self, page: &str, reader: &str) -> PathBuf {
        self.work.join("pictures").join(format!("{page}, {reader}.png"))
    }
}

/// Holds the whole trial and compares (or rewrites) the agreement page.
///
/// # Errors
/// A program, a folder or a part of a file that the trial stands on is missing.
pub fn run(args: Args) -> Result<Tally> {
    let program = std::env::current_exe().context("cannot find this program's own folder")?;
    let target = program.ancestors().nth(2).context("this program stands in no target folder")?;
    let work = target.join("readers-work");
    std::fs::create_dir_all(work.join("pictures"))
        .with_context(|| format!("cannot make {}", work.display()))?;
    // Before anything is sealed: a signature that is older than its certificate is doubtful for another reason.
    let stranger = Openssl::stranger(&work)?;
    let made = match args.made {
        Some(made) => made,
        None => making::fresh(&args.luzheng, &work)?,
    };
    let root_path = made.keys.join("trust/roots/root.cer");
    let root = std::fs::read(&root_path).with_context(|| {
        format!("cannot read {}; run `luzheng keys init --dir` first", root_path.display())
    })?;
    let openssl = Openssl::new(&work, &root_path)?;
    let python = ofdkit_reader::install(target)?;
    let bench = Bench { luzheng: args.luzheng, keys: made.keys, work, root, openssl, python, stranger };

    let mut tally = Tally::default();
    let mut pages = Vec::new();
    let mut forgeries: Vec<ForgeryRow> =
        forgery::ALL.iter().map(|forgery| ForgeryRow::new(forgery.name())).collect();
    for (template, path) in issued::one_of_each(&made.files)? {
        let file = Issued::load(&template, &path, &bench.luzheng, &bench.work)
            .with_context(|| format!("{template}: {}", path.display()))?;
        let before = tally.failed;
        seal_by_openssl(&bench, &file, &mut tally)?;
        let openssl = if tally.failed == before { "all hold" } else { "FAILS" };
        pages.extend(genuine(&bench, &file, openssl, &mut tally)?);
        mutated(&bench, &file, &mut tally, &mut forgeries)?;
    }
    let outcome = agreement::settle(&args.docs, &pages, &forgeries, args.update);
    tally.expect("the agreement page", outcome);
    Ok(tally)
}

/// A genuine file before every reader: one row of the page for each page of the file.
fn genuine(bench: &Bench, file: &Issued, openssl: &str, tally: &mut Tally) -> Result<Vec<PageRow>> {
    let name = &file.template;
    let bytes = std::fs::read(&file.path)?;

    let check = ofd_core_reader::check(&bytes)?;
    tally.expect(&format!("{name}: ofd-core verdict"), ofd_core_reader::must_be_valid(&check));
    let verdicts = sofd_reader::verify(&bytes, &bench.root)?;
    let valid = sofd_reader::must_be(&verdicts, VerifyStatus::Valid);
    tally.expect(&format!("{name}: sofd verdict"), valid);
    let ours = issued::luzheng_verdict(&bench.luzheng, &bench.keys, &file.path)?;
    tally.expect(&format!("{name}: luzheng verdict"), must_equal(&ours, "有效"));

    let mut read = ofdkit_reader::read(&bench.python, std::slice::from_ref(&file.path))?;
    let ofdkit = read.remove(&file.path).context("ofdkit said nothing of the file")?;
    tally.expect(&format!("{name}: ofdkit metadata"), ofdkit_reader::same_metadata(&ofdkit, file));
    let values = ofdkit_reader::every_value(&ofdkit, file);
    let tied = values.as_ref().map_or("values DIFFER".to_owned(), |count| format!("{count} values"));
    tally.expect(&format!("{name}: ofdkit values"), values.map(drop));

    let texts = [
        ("ofd-core", ofd_core_reader::text(&bytes)?),
        ("sofd", sofd_reader::text(&bytes)?),
        ("ofdkit", ofdkit.runs()),
    ];
    let mut equal = Vec::new();
    for (reader, pages) in &texts {
        let outcome = text::same(&pages.concat(), &file.text);
        equal.push(if outcome.is_ok() { "" } else { " DIFFER" });
        tally.expect(&format!("{name}: text of {reader}"), outcome);
    }
    let mut rows = Vec::new();
    for (index, page) in file.pages.iter().enumerate() {
        let label = format!("{name}, page {}", index + 1);
        let runs = texts.iter().zip(&equal).map(|((_, pages), equal)| {
            format!("{} runs{equal}", pages.get(index).map_or(0, |runs| runs.len()))
        });
        let mut cells: Vec<String> = runs.collect();
        if let Some(ofdkit) = cells.last_mut() {
            ofdkit.push_str(&format!(", {tied}"));
        }
        let drawings = [
            ("ofd-core", ofd_core_reader::draw(&bytes, index)?, &OFD_CORE),
            ("sofd", sofd_reader::draw(&bytes, index)?, &SOFD),
        ];
        page.picture.save(bench.picture(&label, "luzheng"))?;
        let mut pictures = Vec::new();
        for (reader, drawing, limits) in drawings {
            drawing.save(bench.picture(&label, reader))?;
            let difference = picture::compare(&page.picture, &drawing, &page.masks)?;
            tally.expect(&format!("{label}: picture of {reader}"), within(&difference, limits));
            pictures.push(difference);
        }
        rows.push(PageRow {
            label,
            ofd_core: format!("{} {}", check.digests, listed(&check.verdicts)),
            sofd: listed(&verdicts),
            openssl: openssl.to_owned(),
            texts: cells,
            pictures,
        });
    }
    Ok(rows)
}

/// The seal before openssl, each question with the copy that it must refuse.
fn seal_by_openssl(bench: &Bench, file: &Issued, tally: &mut Tally) -> Result<()> {
    let (name, openssl) = (&file.template, &bench.openssl);
    let parts = SesSignature::parse(file.signed_value()?)?;
    let questions = [
        ("SM2 over TBS_Sign", parts.to_sign, parts.signer, parts.signature),
        ("SM2 over the seal", parts.seal_info, parts.maker, parts.seal_signature),
    ];
    for (what, message, certificate, signature) in questions {
        let holds = openssl.signature(message, certificate, signature);
        tally.expect(&format!("{name}: openssl, {what}"), holds);
        let refused = refuses(openssl.signature(&flipped(message)?, certificate, signature));
        tally.expect(&format!("{name}: openssl, {what}, one bit flipped"), refused);
    }
    for (what, certificate) in [("signer", parts.signer), ("seal maker", parts.maker)] {
        tally.expect(&format!("{name}: openssl, chain of the {what}"), openssl.chain(certificate));
        let refused = refuses(openssl.chain(&flipped(certificate)?));
        tally.expect(&format!("{name}: openssl, chain of the {what}, one bit flipped"), refused);
    }
    let signature_xml = file.container.entry(&file.signature_loc)?;
    let same = openssl.sm3(signature_xml)? == parts.data_hash;
    tally.expect(&format!("{name}: openssl, dataHash"), truth(same, "SM3 of Signature.xml is another"));
    let changed = openssl.sm3(&flipped(signature_xml)?)? != parts.data_hash;
    tally.expect(&format!("{name}: openssl, dataHash, one bit flipped"), truth(changed, "same digest"));
    Ok(())
}

/// The mutated copies before every reader; their verdicts go into `rows`.
fn mutated(bench: &Bench, file: &Issued, tally: &mut Tally, rows: &mut [ForgeryRow]) -> Result<()> {
    let name = &file.template;
    for (index, forgery) in forgery::ALL.into_iter().enumerate() {
        let bytes = forgery.of(file, &bench.openssl, &bench.stranger)?;
        let path = bench.work.join(format!("forgery-{index}.ofd"));
        command::write(&path, &bytes)?;
        let core = ofd_core_reader::check(&bytes)?;
        let sofd = sofd_reader::verify(&bytes, &bench.root)?;
        let ours = issued::luzheng_verdict(&bench.luzheng, &bench.keys, &path)?;
        let openssl = signature_and_chain(bench, &bytes, file)?;

        let label = |reader: &str| format!("{name}: {reader} refuses: {}", forgery.name());
        tally.expect(&label("luzheng"), truth(ours == "无效", &format!("its verdict is {ours}")));
        match forgery {
            Forgery::PageText | Forgery::SealFile => {
                tally.expect(&label("ofd-core"), refuses(ofd_core_reader::must_be_valid(&core)));
            }
            Forgery::SignatureValue => {
                tally.expect(&label("sofd"), sofd_reader::must_be(&sofd, VerifyStatus::Tampered));
            }
            Forgery::Stranger => {
                tally.expect(&label("sofd"), sofd_reader::must_be(&sofd, VerifyStatus::Untrusted));
                tally.expect(&label("openssl"), truth(openssl == "no chain", &openssl));
            }
        }
        if forgery == Forgery::PageText {
            texts_differ(bench, file, &bytes, &path, tally)?;
        }
        let verdicts = [ours, listed(&core.verdicts), listed(&sofd), openssl];
        rows[index].add(verdicts);
    }
    lost_text(file, tally)
}

/// The three text assertions must fail on a page whose text was changed.
fn texts_differ(bench: &Bench, file: &Issued, bytes: &[u8], path: &Path, tally: &mut Tally) -> Result<()> {
    let read = ofdkit_reader::read(&bench.python, &[path.to_owned()])?;
    let ofdkit = read.get(path).context("ofdkit said nothing of the file")?;
    let texts = [
        ("ofd-core", ofd_core_reader::text(bytes)?),
        ("sofd", sofd_reader::text(bytes)?),
        ("ofdkit", ofdkit.runs()),
    ];
    for (reader, pages) in texts {
        let outcome = refuses(text::same(&pages.concat(), &file.text));
        tally.expect(&format!("{}: text of {reader} shows the change", file.template), outcome);
    }
    let outcome = refuses(ofdkit_reader::every_value(ofdkit, file).map(drop));
    tally.expect(&format!("{}: values of ofdkit show the change", file.template), outcome);
    Ok(())
}

/// The picture assertions must fail when one text object is missing from the page.
fn lost_text(file: &Issued, tally: &mut Tally) -> Result<()> {
    let page = file.pages.first().context("the file has no page")?;
    let bytes = forgery::without_first_text(file, 0)?;
    let drawings = [
        ("ofd-core", ofd_core_reader::draw(&bytes, 0)?, &OFD_CORE),
        ("sofd", sofd_reader::draw(&bytes, 0)?, &SOFD),
    ];
    for (reader, drawing, limits) in drawings {
        let masks: &[BoxMm] = &page.masks;
        let outcome = refuses(within(&picture::compare(&page.picture, &drawing, masks)?, limits));
        tally.expect(&format!("{}: picture of {reader} shows a lost text", file.template), outcome);
    }
    Ok(())
}

/// openssl over the signature and the chain of a mutated file, in a word or two.
fn signature_and_chain(bench: &Bench, bytes: &[u8], file: &Issued) -> Result<String> {
    let container = crate::container::Container::open(bytes)?;
    let parts = SesSignature::parse(container.entry(&file.signed_value_loc)?)?;
    let signature = bench.openssl.signature(parts.to_sign, parts.signer, parts.signature);
    Ok(match (signature, bench.openssl.chain(parts.signer)) {
        (Ok(()), Ok(())) => "accepted",
        (Err(_), Ok(())) => "bad signature",
        (Ok(()), Err(_)) => "no chain",
        (Err(_), Err(_)) => "bad signature, no chain",
    }
    .to_owned())
}

fn within(difference: &Difference, limits: &Limits) -> Result<()> {
    let Difference { mean, share, worst_tile, worst_at: (x, y) } = *difference;
    if mean > limits.mean || share > limits.share || worst_tile > limits.worst_tile {
        bail!("mean {mean:.2}, {share:.2} % of pixels, worst tile {worst_tile:.1} at {x:.0}, {y:.0} mm");
    }
    Ok(())
}

fn listed(verdicts: &[impl std::fmt::Debug]) -> String {
    verdicts.iter().map(|verdict| format!("{verdict:?}")).collect::<Vec<_>>().join(", ")
}

fn refuses(outcome: Result<()>) -> Result<()> {
    truth(outcome.is_err(), "it was accepted")
}

fn must_equal(found: &str, wanted: &str) -> Result<()> {
    truth(found == wanted, &format!("“{found}” instead of “{wanted}”"))
}

fn truth(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { bail!("{otherwise}") }
}
