use std::path::{Path, PathBuf};

use ::catalogue::{Given, Item, Kind};
use clap::Subcommand;

use super::{Failure, load};
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 列出全部证照类型
    List,
    /// 显示一个类型的定义、照面项和规则
    Show {
        /// 类型代码、名称或英文短名
        kind: String,
    },
    /// 检查一个目录数据文件夹能否使用
    Check {
        /// 目录数据
        dir: PathBuf,
    },
    /// 比较两份目录数据（“-”表示内置目录）
    Diff {
        /// 旧
        old: PathBuf,
        /// 新
        new: PathBuf,
    },
}

pub fn run(command: &Command, data: Option<&Path>) -> Result<u8, Failure> {
    match command {
        Command::List => {
            let data = load(data)?;
            for kind in data.catalogue.kinds() {
                let mark = if kind.illustrative { "示意" } else { "正式" };
                say!(
                    "{}　{}　{}　版本 {}（{mark}，自 {} 起）",
                    kind.type_code,
                    kind.slug,
                    kind.name,
                    kind.version,
                    kind.effective_from
                );
            }
        }
        Command::Show { kind } => {
            let data = load(data)?;
            let today = jiff::Timestamp::from_second(machine::now()).unwrap_or_default();
            let today = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(today).date();
            let found = data.catalogue.kind(kind, today);
            let found = found.ok_or_else(|| {
                Failure(format!("目录中没有“{kind}”；可用 luzheng catalogue list 查看全部类型"))
            })?;
            show(found);
        }
        Command::Check { dir } => {
            let loaded = load(Some(dir))?;
            let engine = node::Engine::new(&loaded, true)?;
            for kind in loaded.catalogue.kinds() {
                let parts: Vec<&str> = engine.parts(kind).map(|(name, _)| name).collect();
                say!(
                    "{}　照面项 {}　规则 {}　部分 {}",
                    kind.name,
                    kind.items.len(),
                    kind.rules.len(),
                    parts.join("、")
                );
            }
            say!("目录数据可用，共 {} 个类型", loaded.catalogue.kinds().len());
        }
        Command::Diff { old, new } => {
            let side = |path: &Path| load((path != Path::new("-")).then_some(path));
            let lines = ::catalogue::diff(&side(old)?.catalogue, &side(new)?.catalogue);
            if lines.is_empty() {
                say!("两份目录没有差别");
            }
            lines.iter().for_each(|line| say!("{line}"));
        }
    }
    Ok(0)
}

fn show(kind: &Kind) {
    let definition = &kind.definition;
    say!("证照类型名称　　{}", kind.name);
    say!("照面标题　　　　{}", kind.title);
    say!("证照类型代码　　{}", kind.type_code);
    say!(
        "依据标准　　　　{}{}",
        kind.standard,
        if kind.illustrative { "（示意：标准原文未能查阅）" } else { "" }
    );
    say!("版本　　　　　　{}，自 {} 起", kind.version, kind.effective_from);
    say!("归集起始时间　　{}", kind.collect_since);
    say!(
        "证照定义机构　　{}（{}，{}）",
        definition.define_authority,
        definition.define_authority_code,
        definition.define_authority_level
    );
    say!("持证主体类别　　{}", definition.holder_category);
    say!("颁发机构　　　　{}（{}）", definition.issuing_authority, definition.issuing_level);
    say!("有效期限范围　　{}", definition.validity_range);
    let parts: Vec<&str> = kind.parts.iter().map(|part| part.name.as_str()).collect();
    say!("部分　　　　　　{}", parts.join("、"));
    say!("照面项：");
    kind.items.iter().for_each(|item| show_item("", item));
    for group in &kind.groups {
        say!("　{}　{}（可多行）{}", group.short, group.name, if group.mandatory { "　必填" } else { "" });
        group.items.iter().for_each(|item| show_item("　", item));
    }
    say!("规则：");
    for rule in &kind.rules {
        let items: Vec<&str> = rule.items.iter().map(|item| kind.label(item)).collect();
        say!("　{}　{}", rule.rule, items.join("、"));
    }
}

fn show_item(indent: &str, item: &Item) {
    let given = if item.given == Given::Derived { "　系统生成" } else { "" };
    let mandatory = if item.mandatory { "　必填" } else { "" };
    let table = item.table.as_deref().map(|table| format!("　代码表 {table}")).unwrap_or_default();
    let length = item.length.map(|length| format!("　最长 {length} 字")).unwrap_or_default();
    let list = if item.list { "　可多项" } else { "" };
    say!("　{indent}{}　{}{mandatory}{given}{list}{length}{table}", item.short, item.name);
}
