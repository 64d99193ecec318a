//! The demo's folder: made once, kept afterwards; one that was not finished is begun again.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::interfaces::DROP;
use super::nodes::{MINISTRY, SOURCE, SPECS, Spec};
use crate::cli::Failure;
use crate::config::Config;
use crate::machine;
use node::Data;
use node::keys::{InitRequest, KeyFolder, export_trust, import_neighbour, init};

/// Says that a folder is a demo's, and how far it is.
const MARK: &str = "demo.toml";
/// The passphrase of all its keys: invented data only.
const PASSPHRASE: &str = "passphrase";
/// Who may sign in, and with what: shown at each start.
const SIGN_INS: &str = "sign-ins.toml";
/// What the seeding makes beside the nodes' own folders.
const TRUST: &str = "trust";

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Empty,
    /// A demo whose seeding was cut off.
    Unfinished,
    /// A demo.
    Ready,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    note: String,
    ready: bool,
    version: String,
}

/// An API client of the demo.
#[derive(Clone, Serialize, Deserialize)]
pub struct ClientNote {
    /// Id of the node that knows it.
    pub node: String,
    /// Key id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Secret, hex.
    pub secret: String,
}

/// An account of somebody who works on pages.
#[derive(Clone, Serialize, Deserialize)]
pub struct OperatorNote {
    /// Id of the node.
    pub node: String,
    /// Role.
    pub role: String,
    /// Account.
    pub account: String,
    /// Password.
    pub password: String,
}

/// A holder that a visitor may be.
#[derive(Clone, Serialize, Deserialize)]
pub struct HolderNote {
    /// Id of the node.
    pub node: String,
    /// What there is to see.
    pub what: String,
    /// Name.
    pub name: String,
    /// Document number.
    pub number: String,
    /// Phone on record.
    pub phone: String,
}

/// All of them.
#[derive(Default, Serialize, Deserialize)]
pub struct SignIns {
    /// API clients.
    pub client: Vec<ClientNote>,
    /// People who work on pages.
    pub operator: Vec<OperatorNote>,
    /// Holders.
    pub holder: Vec<HolderNote>,
}

/// The folder.
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
}

impl Folder {
    /// Names a folder; nothing is touched.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// What it holds.
    ///
    /// # Errors
    /// Something else than a demo, which is left alone.
    pub fn found(&self) -> Result<Found, Failure> {
        let text = std::fs::read_to_string(self.path.join(MARK)).unwrap_or_default();
        // The mark is written whole or not at all: what does not read as one is somebody else's.
        if let Ok(mark) = toml::from_str::<Mark>(&text) {
            return Ok(if mark.ready { Found::Ready } else { Found::Unfinished });
        }
        let occupied = self.path.exists() && std::fs::read_dir(&self.path)?.next().is_some();
        if occupied {
            let shown = self.path.display();
            return Err(format!("“{shown}”里有别的内容，不是演示目录；请用 --folder 换一个目录").into());
        }
        Ok(Found::Empty)
    }

    /// Removes what a demo made, nothing else.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn clear(&self) -> Result<(), Failure> {
        for name in SPECS.iter().map(|spec| spec.folder).chain([TRUST]) {
            let path = self.path.join(name);
            if path.exists() {
                std::fs::remove_dir_all(&path)?;
            }
        }
        // The mark goes last: until then the folder is known for an unfinished demo.
        for name in [PASSPHRASE, SIGN_INS, MARK] {
            match std::fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Marks it as begun or as ready.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn mark(&self, ready: bool) -> Result<(), Failure> {
        std::fs::create_dir_all(&self.path)?;
        let mark = Mark {
            note: "路证演示目录：全部数据、机关和密钥均为虚构，不得用于真实证照。可整个删除。".into(),
            ready,
            version: env!("CARGO_PKG_VERSION").into(),
        };
        self.write(MARK, &toml::to_string(&mark).map_err(|error| error.to_string())?)
    }

    /// Writes a text that only its owner may read, whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        use std::os::unix::fs::OpenOptionsExt;
        let part = self.path.join(format!("{name}.part"));
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        std::io::Write::write_all(&mut &file, text.as_bytes())?;
        file.sync_all()?;
        Ok(std::fs::rename(part, self.path.join(name))?)
    }

    /// The passphrase of its keys, made at the first call.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn passphrase(&self) -> Result<Zeroizing<String>, Failure> {
        let path = self.path.join(PASSPHRASE);
        if !path.is_file() {
            let text: String = machine::sixteen().iter().map(|byte| format!("{byte:02x}")).collect();
            self.write(PASSPHRASE, &text)?;
        }
        Ok(Zeroizing::new(std::fs::read_to_string(path)?.trim().to_owned()))
    }

    /// Notes who may sign in.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn note_sign_ins(&self, all: &SignIns) -> Result<(), Failure> {
        self.write(SIGN_INS, &toml::to_string(all).map_err(|error| error.to_string())?)
    }

    /// Who may sign in.
    ///
    /// # Errors
    /// A file that is missing or damaged.
    pub fn sign_ins(&self) -> Result<SignIns, Failure> {
        let text = std::fs::read_to_string(self.path.join(SIGN_INS))?;
        toml::from_str(&text)
            .map_err(|error| format!("演示目录中的 {SIGN_INS} 已损坏：{error}；请用 --fresh 重新开始").into())
    }

    /// A node's own folder.
    pub fn of(&self, spec: &Spec) -> PathBuf {
        self.path.join(spec.folder)
    }

    /// Makes the keys of all nodes under one demo root, valid from `now` (Unix seconds) on, and the trust data that all share.
    ///
    /// # Errors
    /// Fonts that are not installed; a disk that fails.
    pub fn make_keys(&self, data: &Data, now: i64) -> Result<(), Failure> {
        let (fonts, passphrase) = (data.open_fonts()?, self.passphrase()?);
        let root = self.of(&SPECS[MINISTRY]).join("keys");
        for (place, spec) in SPECS.iter().enumerate() {
            let under = if place == MINISTRY { None } else { Some(KeyFolder::open(&root)?) };
            let request = InitRequest {
                dir: &self.of(spec).join("keys"),
                authority: spec.authority,
                uscc: spec.uscc,
                passphrase: &passphrase,
                now,
                under: under.as_ref().map(|folder| (folder, passphrase.as_str())),
            };
            let other = init(&request, &data.catalogue, &fonts, &mut machine::random)?;
            if place != MINISTRY {
                let mut folder = KeyFolder::open(&root)?;
                import_neighbour(&mut folder, &other, &format!("province-{}", spec.area), now)?;
            }
        }
        export_trust(&KeyFolder::open(&root)?, &self.path.join(TRUST))?;
        Ok(())
    }

    /// Writes the configuration of a node, for this start's addresses, and reads it as `serve` would.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn configure(&self, spec: &Spec, address: &str, ministry: &str) -> Result<Config, Failure> {
        let role = if spec.area.is_empty() { "ministry" } else { "province" };
        let mut text = format!(
            "# {}（演示）。口令在上一级目录的 passphrase 文件里。\n\
             [node]\nid = \"{}\"\nrole = \"{role}\"\narea = \"{}\"\n[listen]\naddress = \"{address}\"\n\
             [store]\nurl = \"sqlite:rows.db\"\n[files]\nfolder = \"files\"\n\
             [keys]\nfolder = \"keys\"\ntrust = \"../{TRUST}\"\n\
             # 只有演示密钥的节点才能不强制双因素。\n[sign_in]\nsecond_factor = \"off\"\npassword_days = 0\n",
            spec.name, spec.id, spec.area
        );
        if !spec.area.is_empty() {
            let peer = SPECS[MINISTRY].id;
            text.push_str(&format!(
                "[[lane]]\nname = \"ministry\"\naddress = \"http://{ministry}\"\npeer = \"{peer}\"\n\
                 [[drop]]\nfolder = \"{DROP}\"\nsource = \"{SOURCE}\"\n"
            ));
            std::fs::create_dir_all(self.of(spec).join(DROP))?;
        }
        let path = self.of(spec).join("node.toml");
        std::fs::write(&path, text)?;
        // The demo's own settings only: what the environment says is meant for a real node.
        Ok(Config::load(Some(&path), std::iter::empty())?)
    }
}
