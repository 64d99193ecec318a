//! Configuration of a node: a TOML file, then the environment (`LUZHENG_STORE_URL` is `url` of `[store]`). Unknown keys are errors.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use node::operator::{Scheme, SignInPolicy};
use serde::{Deserialize, Serialize};

/// Names in the environment that configure something else than the node.
const NOT_OURS: [&str; 4] = [
    "LUZHENG_PASSPHRASE",
    "LUZHENG_CONFIG",
    // Secrets stand in no configuration (docs/file-store.md).
    "LUZHENG_S3_ACCESS_KEY_ID",
    "LUZHENG_S3_SECRET_ACCESS_KEY",
];
const PREFIX: &str = "LUZHENG_";

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub node: Node,
    pub listen: Listen,
    pub store: Rows,
    pub files: Files,
    pub keys: Keys,
    pub limits: Limits,
    /// How strictly people sign in.
    pub sign_in: SignIn,
    pub pack: Packs,
    /// Where other provinces' offline packs are fetched.
    #[serde(rename = "pack_source")]
    pub pack_sources: Vec<PackSource>,
    /// How holders are told.
    pub notify: Notify,
    /// Systems to which 2D codes that are not ours are handed.
    #[serde(rename = "connector")]
    pub connectors: Vec<Foreign>,
    /// Destinations of collection.
    #[serde(rename = "lane")]
    pub lanes: Vec<Lane>,
    /// Drop folders of business systems (file interface).
    #[serde(rename = "drop")]
    pub drops: Vec<Drop>,
    /// Where its values come from.
    #[serde(skip)]
    pub origin: Origin,
}

/// Where the values of a configuration come from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// Names (`store.url`) that the file gives.
    pub written: BTreeSet<String>,
    /// Names that the environment gives; they go over the file's.
    pub environment: BTreeSet<String>,
}

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

impl Config {
    /// Reads the file (if one is named) and the environment, and checks what can be checked without opening anything.
    ///
    /// # Errors
    /// A Chinese sentence that names the key.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, String> {
        let mut table = match path {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    format!("读不到配置文件“{}”：{}", path.display(), node::cause(&error))
                })?;
                text.parse().map_err(|error| format!("配置文件“{}”不合规：{error}", path.display()))?
            }
        };
        let mut origin = Origin { file: path.map(Path::to_owned), ..Origin::default() };
        origin.written.extend(flat(&table).into_iter().map(|(name, _)| name));
        origin.environment = overlay(&mut table, environment)?;
        let mut config: Self = table.try_into().map_err(|error: toml::de::Error| {
            format!("配置不合规：{}；请运行 luzheng config show 查看可用的键", error.message())
        })?;
        if let Some(folder) = path.and_then(Path::parent) {
            config.beside(folder);
        }
        config.check()?;
        config.origin = origin;
        Ok(config)
    }

    /// Relative paths are meant from the file's own folder.
    fn beside(&mut self, folder: &Path) {
        for path in [&mut self.files.folder, &mut self.keys.folder] {
            *path = folder.join(&*path);
        }
        for path in [&mut self.node.data, &mut self.keys.trust, &mut self.notify.folder].into_iter().flatten()
        {
            *path = folder.join(&*path);
        }
        if let Some(path) = self.files.s3.as_mut().and_then(|s3| s3.key_file.as_mut()) {
            *path = folder.join(&*path);
        }
        if let Some(path) = self.store.url.strip_prefix("sqlite:") {
            self.store.url = format!("sqlite:{}", folder.join(path).display());
        }
        for one in self.connectors.iter_mut().filter_map(|one| one.certificate.as_mut()) {
            *one = folder.join(&*one);
        }
        for one in &mut self.drops {
            one.folder = folder.join(&one.folder);
            if let Some(map) = &mut one.map {
                *map = folder.join(&*map);
            }
        }
        for lane in &mut self.lanes {
            for path in [&mut lane.folder, &mut lane.map].into_iter().flatten() {
                *path = folder.join(&*path);
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        let plain = |text: &str| {
            !text.is_empty()
                && text.len() <= 40
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !plain(&self.node.id) {
            return Err(format!("node.id“{}”只能用小写字母、数字和连字符，且不超过 40 个字符", self.node.id));
        }
        let digits = self.node.area.bytes().all(|byte| byte.is_ascii_digit());
        if self.node.role == Role::Province && (self.node.area.len() != 2 || !digits) {
            return Err(format!("node.area“{}”应为省级行政区划代码的前两位", self.node.area));
        }
        let notify = &self.notify;
        if notify.folder.is_some() && notify.address.is_some() {
            return Err("notify 应在 folder 和 address 中写明一个".into());
        }
        if notify.address.is_some() && (notify.path.is_none() || notify.peer.is_none()) {
            return Err("notify 有 address 时应同时写明 path（对方接口路径）和 peer（对方编号）".into());
        }
        if self.files.s3.as_ref().is_some_and(|s3| !s3.endpoint.starts_with("http://")) {
            return Err("files.s3.endpoint 应以 http:// 开头；TLS 由网关承担，请填本地网关的地址".to_owned());
        }
        for one in &self.connectors {
            if one.prefixes.is_empty()
                || one.prefixes.iter().any(|text| text.is_empty() || text.starts_with("LZ"))
            {
                let name = &one.name;
                return Err(format!(
                    "外部系统“{name}”的 prefixes 应写明其二维码的开头（* 为其余全部），且不能以 LZ 开头"
                ));
            }
            if !(100..=10_000).contains(&one.timeout_ms) {
                return Err(format!("外部系统“{}”的 timeout_ms 应在 100 和 10000 之间", one.name));
            }
        }
        for lane in &self.lanes {
            match (&lane.address, &lane.folder) {
                (Some(_), None) if lane.peer.is_none() => {
                    return Err(format!("归集通道“{}”有地址而没有对方节点编号 peer", lane.name));
                }
                // Nothing goes into a drop folder without a map from our fields to theirs.
                (None, Some(_)) if lane.map.is_none() => {
                    let name = &lane.name;
                    return Err(format!(
                        "归集通道“{name}”有目录而没有字段对照表 map；格式见 docs/file-interface.md"
                    ));
                }
                (None, Some(_)) if lane.map.is_none() => {
                    return Err(format!("归集通道“{}”走投放目录而没有字段映射文件 map", lane.name));
                }
                (Some(_), None) | (None, Some(_)) => {}
                _ => return Err(format!("归集通道“{}”应在 address 和 folder 中写明一个", lane.name)),
            }
        }
        Ok(())
    }
}

/// Every value of a table with its whole name: `store.url`, `lane[1].name`.
pub fn flat(table: &toml::Table) -> Vec<(String, String)> {
    fn walk(name: &str, value: &toml::Value, found: &mut Vec<(String, String)>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    walk(&name, value, found);
                }
            }
            toml::Value::Array(list) => {
                for (n, value) in (1..).zip(list) {
                    walk(&format!("{name}[{n}]"), value, found);
                }
            }
            toml::Value::String(text) => found.push((name.to_owned(), text.clone())),
            other => found.push((name.to_owned(), other.to_string())),
        }
    }
    let mut found = Vec::new();
    walk("", &toml::Value::Table(table.clone()), &mut found);
    found
}

/// `LUZHENG_STORE_URL=x` sets `url` of `[store]`. Returns the names that it set.
fn overlay(
    table: &mut toml::Table,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|_| !NOT_OURS.contains(&name.as_str())) else {
            continue;
        };
        let rest = rest.to_lowercase();
        // The one section whose name has two words.
        let two_words = rest.strip_prefix("sign_in_").map(|key| ("sign_in", key));
        let (section_name, key) = two_words
            .or_else(|| rest.split_once('_'))
            .ok_or_else(|| format!("环境变量 {name} 不能识别；应为 LUZHENG_节_键"))?;
        let entry =
            table.entry(section_name.to_owned()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let toml::Value::Table(section) = entry else {
            return Err(format!("环境变量 {name} 所指的“{section_name}”不是配置节"));
        };
        let value = value.parse::<i64>().map_or(toml::Value::String(value), toml::Value::Integer);
        names.insert(format!("{section_name}.{key}"));
        section.insert(key.to_owned(), value);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, String> {
        Config::load(None, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_says_how_people_sign_in() {
        let config = load(&[
            ("LUZHENG_SIGN_IN_PASSWORD", "pbkdf2-hmac-sm3"),
            ("LUZHENG_SIGN_IN_SECOND_FACTOR", "off"),
        ]);
        let policy = config.expect("loads").sign_in.policy();
        assert_eq!((policy.scheme, policy.second_factor), (Scheme::Pbkdf2Sm3, false));
        assert!(load(&[("LUZHENG_SIGN_IN_PASSWORD", "md5")]).is_err());
    }

    #[test]
    fn the_environment_goes_over_the_defaults() {
        let config = load(&[("LUZHENG_STORE_URL", "postgres://x/y"), ("LUZHENG_STORE_READERS", "9")]);
        let config = config.expect("loads");
        assert_eq!((config.store.url.as_str(), config.store.readers), ("postgres://x/y", 9));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let error = load(&[("LUZHENG_STORE_ULR", "x")]).expect_err("refused");
        assert!(error.contains("ulr"), "{error}");
    }

    #[test]
    fn secrets_are_no_configuration() {
        let secrets = ["LUZHENG_PASSPHRASE", "LUZHENG_S3_ACCESS_KEY_ID", "LUZHENG_S3_SECRET_ACCESS_KEY"];
        assert!(load(&secrets.map(|name| (name, "secret"))).is_ok());
    }

    #[test]
    fn an_object_storage_needs_a_gateway_and_takes_no_secret() {
        let s3 = |more: &str| {
            let text = format!("[files.s3]\nbucket = \"b\"\n{more}");
            toml::from_str::<Config>(&text).map_err(|error| error.to_string()).and_then(|config| {
                config.check()?;
                Ok(config)
            })
        };
        let config = s3("endpoint = \"http://10.0.0.5:9000\"").expect("fits");
        assert!(config.files.s3.is_some_and(|s3| s3.conditional_put && s3.prefix == "luzheng/objects"));
        assert!(s3("endpoint = \"https://10.0.0.5\"").is_err());
        assert!(s3("endpoint = \"http://10.0.0.5\"\nsecret_access_key = \"x\"").is_err());
    }

    #[test]
    fn a_lane_needs_one_way() {
        let lane = Lane { name: "ministry".into(), address: None, peer: None, folder: None, map: None };
        let config = Config { lanes: vec![lane], ..Config::default() };
        assert!(config.check().is_err());
    }
}
