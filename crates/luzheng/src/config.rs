//! Configuration of a node: a TOML file, then the environment (`LUZHENG_STORE_URL` is `url` of `[store]`). Unknown keys are errors.

mod sections;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use sections::{
    Drop, Files, Foreign, Keys, Lane, Limits, Listen, Node, Notify, PackSource, Packs, Role, Rows, S3, SignIn,
};

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
    use node::operator::Scheme;

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
