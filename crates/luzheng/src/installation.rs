//! What the administrators' pages are told of this installation.

use node::keys::NodeKeys;
use web::{DropFolder, Installation, Setting};

use crate::config::{Config, flat};

/// What this process runs with; `now` is microseconds UTC.
pub fn of(config: &Config, keys: &NodeKeys, now: i64) -> Installation {
    let drops = config.drops.iter();
    Installation {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now,
        file: config.origin.file.clone(),
        config: settings(config),
        keys: config.keys.folder.clone(),
        log: keys.log_certificate.clone(),
        drops: drops
            .map(|one| DropFolder { source: one.source.clone(), folder: one.folder.clone() })
            .collect(),
    }
}

/// The configuration in force, each value with where it comes from.
fn settings(config: &Config) -> Vec<Setting> {
    let Ok(table) = toml::Table::try_from(config) else { return Vec::new() };
    let origin = |name: &str| {
        if config.origin.environment.contains(name) {
            "环境变量"
        } else if config.origin.written.contains(name) {
            "配置文件"
        } else {
            "缺省"
        }
    };
    let setting =
        |(name, value): (String, String)| Setting { origin: origin(&name), value: hidden(&value), name };
    flat(&table).into_iter().map(setting).collect()
}

/// An address without the password in it.
pub fn hidden(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // The parameters of a PostgreSQL address may bear one too.
    let path = match path.split_once("password=") {
        Some((before, after)) => {
            let end = after.find('&').unwrap_or(after.len());
            format!("{before}password=******{}", &after[end..])
        }
        None => path.to_owned(),
    };
    // A password may hold an "@" of its own: the last one ends it.
    match authority.rsplit_once('@') {
        Some((who, host)) if who.contains(':') => {
            let user = who.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:******@{host}{path}")
        }
        _ => format!("{scheme}://{authority}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{hidden, settings};
    use crate::config::Config;

    #[test]
    fn no_address_shows_its_password() {
        let cases = [
            ("postgres://luzheng:geheim@10.0.0.5/luzheng", "postgres://luzheng:******@10.0.0.5/luzheng"),
            ("postgres://u:p@ss:w@db:5432/x?a=1", "postgres://u:******@db:5432/x?a=1"),
            ("postgres://u@db/x?password=geheim&b=2", "postgres://u@db/x?password=******&b=2"),
            ("sqlite:data/luzheng.db", "sqlite:data/luzheng.db"),
            ("http://10.0.0.5:9000", "http://10.0.0.5:9000"),
        ];
        for (value, shown) in cases {
            assert_eq!(hidden(value), shown);
        }
    }

    #[test]
    fn each_value_says_where_it_comes_from() {
        let environment = [("LUZHENG_STORE_READERS".to_owned(), "9".to_owned())];
        let config = Config::load(None, environment.into_iter()).expect("loads");
        let settings = settings(&config);
        let find = |name: &str| settings.iter().find(|one| one.name == name).expect("is there");
        assert_eq!((find("store.readers").value.as_str(), find("store.readers").origin), ("9", "环境变量"));
        assert_eq!(find("store.writers").origin, "缺省");
        assert_eq!(find("node.role").value, "province");
    }
}
