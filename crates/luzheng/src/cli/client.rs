use clap::{Parser, Subcommand};
use node::Province;
use node::audit::Actor;
use node::client::{NewClient, Right};
use store::rows::callback::Callback;

use super::Failure;
use super::config::FileArgs;
use super::proof::ProofArgs;
use super::serve::open_node;
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 登记接口客户端，生成密钥（只显示一次）
    Add(AddArgs),
    /// 列出客户端及其权限
    List(FileArgs),
    /// 停用客户端
    Disable(OneArgs),
    /// 为客户端换新密钥，旧密钥立即失效
    Rotate(OneArgs),
    /// 查看客户端的权限；授予或收回（安全管理员，须本人口令），立即生效
    Rights(RightsArgs),
}

/// Who acts: every change names its operator (`domain.md`, "Who may speak").
#[derive(Parser)]
pub struct OperatorArgs {
    /// 经办人：有权办理的账号；本节点还没有账号时写姓名
    #[arg(long, value_name = "账号")]
    operator: String,
    /// 事由
    #[arg(long)]
    purpose: Option<String>,
    #[command(flatten)]
    proof: ProofArgs,
}

impl OperatorArgs {
    /// For the audit log. Where the node has accounts, the name is that of one whose role has one of these acts (none: any role); what
    /// administrators do, the person proves with password and code, or breaks the glass.
    pub fn actor(&self, province: &Province, acts: &[&str]) -> Result<Actor, Failure> {
        match &self.proof.break_glass {
            Some(why) => {
                province.operator_break_glass(&self.operator, acts, why, machine::micros())?;
                self.proof.alarm(&self.operator, "办理了管理员的事项");
            }
            None => {
                if province.operator_may(&self.operator, acts)? {
                    self.proof.vouch(province, &self.operator)?;
                }
            }
        }
        Ok(Actor {
            client: "cli".into(),
            operator: Some(self.operator.clone()),
            purpose: self.purpose.clone(),
            ..Actor::default()
        })
    }
}

#[derive(Parser)]
pub struct AddArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    operator: OperatorArgs,
    /// 客户端编号；缺省自动生成
    #[arg(long)]
    id: Option<String>,
    /// 名称：系统和单位
    #[arg(long)]
    name: String,
    /// 业务系统名称：报送的事件和取回的结果都归它
    #[arg(long)]
    source: String,
    /// 权限，可多次给出：事项[@区划,区划][/种类,种类]，如 lifecycle.submit@9901/transport-certificate
    #[arg(long = "right", required = true)]
    rights: Vec<Right>,
    /// 结果回调地址（http://主机:端口/路径）；须有 lifecycle.results 权限
    #[arg(long)]
    callback: Option<String>,
}

/// One client or node, and who acts on it.
#[derive(Parser)]
pub struct OneArgs {
    #[command(flatten)]
    pub file: FileArgs,
    #[command(flatten)]
    pub operator: OperatorArgs,
    /// 编号
    pub id: String,
}

#[derive(Parser)]
pub struct RightsArgs {
    #[command(flatten)]
    file: FileArgs,
    /// 授予的权限，可多次给出：事项[@区划,区划][/种类,种类]，如 lifecycle.submit@9901/transport-certificate
    #[arg(long, value_name = "权限", requires = "operator")]
    give: Vec<String>,
    /// 收回的权限，可多次给出，写法与列出的相同
    #[arg(long, value_name = "权限", requires = "operator")]
    drop: Vec<String>,
    /// 经办人：授予或收回时必填，安全管理员的账号
    #[arg(long, value_name = "账号")]
    operator: Option<String>,
    #[command(flatten)]
    proof: ProofArgs,
    /// 编号
    id: String,
}

pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Add(args) => add(args),
        Command::List(args) => list(&args),
        Command::Rights(args) => rights(args),
        Command::Disable(args) => {
            let opened = open_node(&args.file.load()?, None, false)?;
            opened.province.client_disable(
                &args.id,
                &args.operator.actor(&opened.province, &["client.manage"])?,
                machine::micros(),
            )?;
            say!("客户端“{}”已停用。", args.id);
            Ok(0)
        }
        Command::Rotate(args) => {
            let opened = open_node(&args.file.load()?, None, false)?;
            let issued = opened.province.client_rotate(
                &args.id,
                &args.operator.actor(&opened.province, &["client.manage"])?,
                machine::micros(),
            )?;
            say!(
                "客户端　{}\n新密钥　{}\n请立即交给对方并妥善保管；密钥不会再次显示。",
                issued.id,
                *issued.secret
            );
            Ok(0)
        }
    }
}

fn add(args: AddArgs) -> Result<u8, Failure> {
    let opened = open_node(&args.file.load()?, None, false)?;
    let new = NewClient {
        id: args.id,
        name: args.name,
        source: args.source,
        rights: args.rights,
        callback: args.callback,
    };
    let issued = opened.province.client_add(
        new,
        &args.operator.actor(&opened.province, &["client.manage"])?,
        machine::micros(),
    )?;
    say!("客户端　{}\n密　钥　{}\n请立即交给对方并妥善保管；密钥不会再次显示。", issued.id, *issued.secret);
    Ok(0)
}

fn list(file: &FileArgs) -> Result<u8, Failure> {
    let province = open_node(&file.load()?, None, false)?.province;
    let clients = province.client_list()?;
    if clients.is_empty() {
        say!("还没有登记客户端；用 luzheng client add 登记。");
    }
    for one in clients {
        let state = if one.active { "在用" } else { "停用" };
        say!("{}　{state}　{}（来源 {}）", one.id, one.name, one.source);
        for right in &one.rights {
            say!("　　{}　区划 {}　种类 {}", right.act, right.areas.join("、"), right.kinds.join("、"));
        }
        if let Some(url) = &one.callback {
            say!("　　回调 {url}　{}", pushed(&province.callback_state(&one.id)?, machine::micros()));
        }
    }
    Ok(0)
}

/// Shows the rights of a client, or changes them first.
fn rights(args: RightsArgs) -> Result<u8, Failure> {
    let province = open_node(&args.file.load()?, None, false)?.province;
    let changed = match args.operator {
        Some(operator) if !args.give.is_empty() || !args.drop.is_empty() => {
            let by = OperatorArgs { operator, purpose: None, proof: args.proof };
            let actor = by.actor(&province, &["client.manage"])?;
            // What is wrong with a right is said by the right itself: what, and what there is.
            let give: Vec<Right> = args.give.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
            let as_shown =
                |text: &String| text.parse().map_or_else(|_| text.clone(), |one: Right| one.to_string());
            let drop: Vec<String> = args.drop.iter().map(as_shown).collect();
            province.client_rights_change(&args.id, (&give, &drop), &actor, machine::micros())?;
            true
        }
        _ => false,
    };
    let one = province.client_list()?.into_iter().find(|one| one.id == args.id).ok_or_else(|| {
        let what = format!("没有编号为“{}”的客户端", args.id);
        node::NodeError::Refused { what, fix: "请用 luzheng client list 核对编号".into() }
    })?;
    let state = if one.active { "在用" } else { "停用" };
    let said = if changed { "　权限已变更，立即生效" } else { "" };
    say!("{}　{state}　{}（来源 {}）{said}", one.id, one.name, one.source);
    for right in &one.rights {
        say!("　　{right}");
    }
    Ok(0)
}

/// How pushing stands.
fn pushed(state: &Callback, now: i64) -> String {
    let seconds = |micros: i64| micros.max(0) / 1_000_000;
    let last = state.last_at.map_or("还没有送达过".to_owned(), |at| {
        format!("已送达到第 {} 号（{} 秒前）", state.seq, seconds(now - at))
    });
    match &state.error {
        Some(why) => {
            let wait = seconds(state.run_at - now);
            format!("{last}；连续失败 {} 次，{wait} 秒后再试：{why}", state.attempts)
        }
        None => last,
    }
}
