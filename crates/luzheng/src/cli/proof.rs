//! How whoever sits at the terminal proves to be the person of an account.

use clap::Parser;
use node::Province;
use zeroize::Zeroizing;

use super::Failure;
use crate::machine;

#[derive(Parser)]
pub struct ProofArgs {
    /// 从该文件描述符读经办人本人的口令；缺省从终端读入
    #[arg(long, value_name = "N")]
    operator_password_fd: Option<i32>,
    /// 经办人的动态口令或恢复码；缺省从终端读入
    #[arg(long, value_name = "动态口令")]
    code: Option<String>,
    /// 应急：还没有管理员账号或情况紧急时写明原因；会报警并记入审计日志
    #[arg(long, value_name = "原因")]
    pub break_glass: Option<String>,
}

impl ProofArgs {
    /// Password and code of the account: a name alone is not enough.
    pub fn vouch(&self, province: &Province, operator: &str) -> Result<(), Failure> {
        let password = machine::own_password(self.operator_password_fd)?;
        let code = match &self.code {
            Some(code) => Some(Zeroizing::new(code.clone())),
            None if province.operator_needs_code(operator)? => Some(machine::own_code()?),
            None => None,
        };
        let code = code.as_ref().map(|code| code.as_str());
        Ok(province.operator_vouch(operator, &password, code, machine::micros())?)
    }

    /// The alarm, where everybody who reads the terminal or the service's log sees it.
    pub fn alarm(&self, operator: &str, what: &str) {
        if let Some(why) = &self.break_glass {
            eprintln!("报警：{operator}以应急方式{what}，原因：{why}。已记入审计日志和待处理事项。");
        }
    }
}
