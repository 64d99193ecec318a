//! The sections of a node's configuration, with what stands where nothing is said.

use std::path::PathBuf;

use node::operator::{Scheme, SignInPolicy};
use serde::{Deserialize, Serialize};

/// A folder into which a business system drops batches of events (`docs/file-interface.md`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// The folder.
    pub folder: PathBuf,
    /// The business system: its events are its own, as for an API client.
    pub source: String,
    /// Field map, where its names differ from ours.
    #[serde(default)]
    pub map: Option<PathBuf>,
}

/// Who this node is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Node {
    /// Id among nodes: lower-case letters, digits, hyphens.
    pub id: String,
    /// `province` or `ministry`.
    pub role: Role,
    /// First two digits of its area codes; empty for the ministry.
    pub area: String,
    /// A province's own catalogue data.
    pub data: Option<PathBuf>,
    /// Threads that render and seal; 0 is one a core.
    pub threads: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Province,
    Ministry,
}

/// Where it answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Address and port.
    pub address: String,
}

/// Where the rows are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rows {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    pub readers: usize,
    pub writers: usize,
}

/// Where the files are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Folder of the embedded file store.
    pub folder: PathBuf,
    /// A new pack is begun at this many bytes.
    pub pack_bytes: u64,
    /// An object storage instead of the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<S3>,
}

/// An object storage that speaks S3; its credentials come from the environment or from a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// `http://host:port`; TLS ends at a gateway.
    pub endpoint: String,
    pub bucket: String,
    /// Folder in the bucket.
    #[serde(default = "S3::prefix")]
    pub prefix: String,
    #[serde(default = "S3::region")]
    pub region: String,
    /// Does the other side honour `If-None-Match: *`?
    #[serde(default = "S3::conditional_put")]
    pub conditional_put: bool,
    /// Two lines: access key, secret. Without it both come from the environment.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
}

impl S3 {
    fn prefix() -> String {
        "luzheng/objects".into()
    }

    fn region() -> String {
        "us-east-1".into()
    }

    fn conditional_put() -> bool {
        true
    }
}

/// Where the keys are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Key folder of `keys init` or `keys import`.
    pub folder: PathBuf,
    /// Trust data (`keys export-trust`) to check seals with; the key folder's own where absent.
    pub trust: Option<PathBuf>,
}

/// How much is taken at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Events a request.
    pub events: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
}

/// How strictly people sign in (`docs/pages.md`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// `required`: roles with two factors have to give the second one; `off` is for demo keys only.
    pub second_factor: SecondFactor,
    /// How passwords are stored: `argon2id` or `pbkdf2-hmac-sm3`.
    pub password: Scheme,
    /// Days after which a password is changed; 0: never.
    pub password_days: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    #[default]
    Required,
    Off,
}

impl Default for SignIn {
    fn default() -> Self {
        let usual = SignInPolicy::default();
        Self {
            second_factor: SecondFactor::Required,
            password: usual.scheme,
            password_days: usual.password_days,
        }
    }
}

impl SignIn {
    /// The same as the node takes it.
    pub fn policy(&self) -> SignInPolicy {
        SignInPolicy {
            second_factor: self.second_factor == SecondFactor::Required,
            scheme: self.password,
            password_days: self.password_days,
        }
    }
}

/// How the province's offline packs are made (`docs/pack-format.md`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Packs {
    /// Minutes from one to the next; 0: only by `luzheng pack build`.
    pub every_minutes: u32,
    /// Hours after which one is stale.
    pub max_age_hours: u32,
}

impl Default for Packs {
    fn default() -> Self {
        Self { every_minutes: 60, max_age_hours: 72 }
    }
}

/// A node that gives out a province's pack: that province's own, or the ministry's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSource {
    /// First two digits of the province's area codes.
    pub province: String,
    /// Address (`http://host:port`).
    pub address: String,
}

/// How holders are told (`docs/deliver.md`): a folder, or an SMS gateway; neither where both are left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// Messages become lines of JSON in this folder.
    pub folder: Option<PathBuf>,
    /// `http://host:port` of the gateway.
    pub address: Option<String>,
    /// Path there.
    pub path: Option<String>,
    /// The gateway's id, as it stands in signatures.
    pub peer: Option<String>,
}

/// A system that knows codes which are not ours (`docs/connector.md`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// Its name, for people.
    pub name: String,
    /// Beginnings of its codes; `*`: all that nobody else claims.
    pub prefixes: Vec<String>,
    /// `http://host:port`.
    pub address: String,
    /// Path there.
    pub path: String,
    /// Its id, as it stands in our signatures.
    pub peer: String,
    /// Certificate (DER or PEM) whose receipt every answer must bear; without it the way to it is trusted.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Milliseconds that it may take to connect, and to answer.
    #[serde(default = "Foreign::timeout_ms")]
    pub timeout_ms: u64,
    /// Hours after which what it knows counts as old.
    #[serde(default = "Foreign::max_age_hours")]
    pub max_age_hours: u32,
}

impl Foreign {
    /// The officer's page waits four seconds in all.
    fn timeout_ms() -> u64 {
        2500
    }

    fn max_age_hours() -> u32 {
        24
    }
}

/// A destination of collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its name, `ministry` for the ministry.
    pub name: String,
    /// Address of the other node (`http://host:port`); or a folder.
    #[serde(default)]
    pub address: Option<String>,
    /// Id of the other node, as `peer add` enrolled it.
    #[serde(default)]
    pub peer: Option<String>,
    /// Drop folder of the file interface, where there is no address.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Field map of the file interface (docs/file-interface.md).
    #[serde(default)]
    pub map: Option<PathBuf>,
}

impl Default for Node {
    fn default() -> Self {
        Self { id: "node".into(), role: Role::Province, area: "99".into(), data: None, threads: 0 }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self { address: "127.0.0.1:8099".into() }
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self { url: "sqlite:data/luzheng.db".into(), readers: 4, writers: 2 }
    }
}

impl Default for Files {
    fn default() -> Self {
        Self { folder: "data/files".into(), pack_bytes: 1 << 30, s3: None }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { folder: "keys".into(), trust: None }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 1000, body_bytes: 64 << 20 }
    }
}
