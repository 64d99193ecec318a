//! What the command-line parser says, in Chinese: help headings, and what is wrong with a call.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};

/// The command with Chinese headings and help texts, all its subcommands too.
pub fn in_chinese(command: Command) -> Command {
    let help = Arg::new("帮助")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("显示帮助")
        .help_heading("选项");
    let command = command
        .disable_help_flag(true)
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}")
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let arg = arg.help_heading(heading);
            with_values(named(arg))
        })
        .arg(help);
    let command = match command.get_version() {
        Some(_) => command.disable_version_flag(true).arg(
            Arg::new("版本")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        ),
        None => command,
    };
    command.mut_subcommands(in_chinese)
}

/// A value that was given no name of its own is called by the first words of its help, not by the field's English name.
fn named(arg: Arg) -> Arg {
    let own = arg.get_id().as_str().to_uppercase();
    let is_own = arg.get_value_names().is_none_or(|names| names.iter().all(|name| name.as_str() == own));
    if !arg.get_action().takes_values() || !is_own {
        return arg;
    }
    let help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    match help.split(['：', '；', '，', '（', '、']).next() {
        Some(name) if !name.is_empty() => arg.value_name(name.to_owned()),
        _ => arg,
    }
}

/// Default and possible values stand in the help text, since clap's own words for them are English.
fn with_values(arg: Arg) -> Arg {
    if !arg.get_action().takes_values() {
        return arg;
    }
    let mut help = arg.get_help().map(StyledStr::to_string).unwrap_or_default();
    let possible = arg.get_possible_values();
    let names: Vec<&str> = possible.iter().map(|value| value.get_name()).collect();
    if !names.is_empty() {
        help.push_str(&format!("；可用 {}", names.join("、")));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if defaults.iter().any(|one| !one.is_empty()) {
        help.push_str(&format!("；缺省 {}", defaults.join("、")));
    }
    arg.help(help).hide_default_value(true).hide_possible_values(true)
}

/// Rendered help with the remaining English words replaced.
pub fn help(error: &Error) -> String {
    error.render().to_string().replace("[OPTIONS]", "[选项]")
}

/// One sentence for a call that cannot be understood.
pub fn complaint(error: &Error) -> String {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(list)) => list.join("、"),
        _ => String::new(),
    };
    let argument = word(ContextKind::InvalidArg);
    let value = word(ContextKind::InvalidValue);
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {argument}"),
        ErrorKind::UnknownArgument => format!("不认识参数“{argument}”"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", word(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if value.is_empty() => format!("参数“{argument}”后面缺少值"),
        ErrorKind::InvalidValue => {
            format!("参数“{argument}”不接受“{value}”，可用 {}", word(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => format!("参数“{argument}”的值“{value}”不对"),
        ErrorKind::ArgumentConflict => {
            let other = word(ContextKind::PriorArg);
            if other == argument {
                format!("参数“{argument}”只能给一次")
            } else {
                format!("参数“{argument}”不能和“{other}”同用")
            }
        }
        _ => format!("命令行无法理解（{}）", error.kind()),
    };
    format!("错误：{what}；用 --help 查看用法")
}
