//! What acts and outcomes are called on pages. The log keeps the short words; a name that is missing here is shown as it is.

use model::state;

/// Acts of the log with their Chinese names.
pub const ACTS: &[(&str, &str)] = &[
    ("audit.alarm", "审计日志报警"),
    ("audit.as_of", "查询某时点状态"),
    ("audit.entry", "查看一条审计记录"),
    ("audit.export", "导出审计日志"),
    ("audit.prove", "出具审计证明"),
    ("audit.search", "检索审计日志"),
    ("audit.unreadable", "审计行无法读取"),
    ("audit.witness", "见证检查点"),
    ("batch.check", "检查导入文件"),
    ("batch.drop", "撤下导入文件"),
    ("batch.mend", "补正导入记录"),
    ("batch.read", "查看导入记录"),
    ("batch.start", "办理导入文件"),
    ("batch.stop", "停止办理导入文件"),
    ("certificate.export", "下载证照文件"),
    ("certificate.face", "查看证照照面"),
    ("certificate.read", "查看证照档案"),
    ("certificate.search", "查询证照"),
    ("client.add", "登记接口客户端"),
    ("client.disable", "停用接口客户端"),
    ("client.rights", "变更接口权限"),
    ("client.rotate", "更换接口密钥"),
    ("collect.dead", "归集转死信"),
    ("collect.deliver", "归集送达"),
    ("collect.receive", "接收归集"),
    ("collect.refused", "归集被退回"),
    ("collect.retry", "重发死信"),
    ("config.read", "查看生效配置"),
    ("convert.accept", "受理转化补充"),
    ("convert.plan", "制定转化计划"),
    ("convert.planned", "转化计划完成"),
    ("convert.record", "入库存量记录"),
    ("convert.run", "执行存量转化"),
    ("convert.settle", "转化结案"),
    ("convert.stop", "停止存量转化"),
    ("convert.supplements", "查看转化补充清单"),
    ("convert.wave", "转化批次"),
    ("deliver.activate", "激活证照"),
    ("deliver.activate_window", "窗口代办激活"),
    ("deliver.contact", "变更手机号码"),
    ("deliver.feed", "登记别处的激活"),
    ("deliver.my_certificates", "持证人查看证照"),
    ("deliver.retry", "重发通知"),
    ("deliver.sign_in", "持证人登录"),
    ("deliver.sign_in_start", "持证人索取验证码"),
    ("duty.add", "登记岗位或制度"),
    ("duty.close", "撤销岗位"),
    ("duty.fill", "岗位任职"),
    ("duty.read", "查看责任登记册"),
    ("duty.rule", "登记制度"),
    ("duty.vacate", "岗位离任"),
    ("intake.batch", "文件接口批次"),
    ("issue.due", "到日制发"),
    ("keys.read", "查看密钥和印章"),
    ("lifecycle.event", "业务事件"),
    ("lifecycle.read", "查询证照"),
    ("lifecycle.read_personal", "查询证照个人信息"),
    ("maintain.read", "查看数据维护申请"),
    ("manual.ask", "申请应急办理"),
    ("manual.confirm", "复核应急办理"),
    ("manual.reject", "退回应急办理"),
    ("manual.settle", "应急办理的结果"),
    ("operator.add", "建立账号"),
    ("operator.break_glass", "应急办理管理员事项"),
    ("operator.certificate", "登记登录证书"),
    ("operator.disable", "停用账号"),
    ("operator.enable", "输入启用码"),
    ("operator.enable_code", "签发启用码"),
    ("operator.enrol", "绑定动态口令"),
    ("operator.factor_reset", "清除第二因素"),
    ("operator.grant", "授予角色"),
    ("operator.password", "更改本人口令"),
    ("operator.refuse", "不予授权"),
    ("operator.reset", "重设口令"),
    ("operator.session_end", "结束他人登录"),
    ("operator.show", "查看账号"),
    ("operator.unlock", "解除锁定"),
    ("operator.vouch", "命令行核对经办人"),
    ("outage.alarm", "中断报警"),
    ("outage.complete", "确认补传完成"),
    ("outage.describe", "登记中断情况"),
    ("outage.end", "中断结束"),
    ("outage.open", "中断开始"),
    ("overview.export", "导出清单"),
    ("pack.build", "制作离线包"),
    ("pack.import", "导入离线包"),
    ("peer.add", "登记节点"),
    ("peer.disable", "停用节点"),
    ("peer.issuer_add", "登记省级节点的发证机关"),
    ("peer.issuer_drop", "撤下省级节点的发证机关"),
    ("peer.log", "登记节点日志证书"),
    ("reconcile.repair", "修复对账差异"),
    ("reconcile.run", "部省对账"),
    ("session.again", "再次验证"),
    ("session.end", "结束登录"),
    ("session.factor", "验证第二因素"),
    ("session.sign_in", "登录"),
    ("share.face", "查看证照照面"),
    ("share.grant", "授权亮证"),
    ("share.past", "查看证照经历"),
    ("share.present", "亮证"),
    ("share.print", "批量打印"),
    ("share.print_shown", "查看打印页"),
    ("share.sheet", "打印证照"),
    ("share.sheet_window", "窗口代办打印"),
    ("share.withdraw", "收回授权"),
    ("verify.code", "扫码核验"),
    ("verify.device_disable", "停用执法终端"),
    ("verify.device_enrol", "登记执法终端"),
    ("verify.file", "核验文件"),
    ("verify.group_open", "开始检查"),
    ("verify.group_outcome", "登记检查结果"),
    ("verify.holder", "按持证人核验"),
    ("verify.identifier", "按标识核验"),
    ("verify.outcome", "登记核验结果"),
    ("verify.paper_demanded", "反映被要求出示纸质证"),
    ("verify.photo", "核验时查看照片"),
    ("verify.plate", "按号牌核验"),
    ("verify.receipt_upload", "上传离线核验回执"),
    ("work.close", "关闭待办事项"),
    ("work.event", "查看未办成的业务"),
    ("work.events", "列出未办成的业务"),
    ("work.mend", "补正业务记录"),
];

/// Outcomes that several acts share.
const OUTCOMES: &[(&str, &str)] = &[
    ("already", "此前已接收"),
    ("answered", "已答复"),
    ("asked", "已申请"),
    ("applied", state::APPLIED),
    ("begun", "已开始"),
    ("changed", "已变更"),
    ("closed", "已关闭"),
    ("confirmed", "已复核"),
    ("completed", "已确认补传完成"),
    ("conflict", state::CONFLICT),
    ("cosigned", "已见证"),
    ("delivered", "已送达"),
    ("done", "完成"),
    ("ended", "已结束"),
    ("failed", "失败"),
    ("granted", "已授权"),
    ("in", "已登录"),
    ("invalid", "无效"),
    ("locked", "已锁定"),
    ("made", "已制作"),
    ("missing", "没有有效的启用码"),
    ("none", "未查到"),
    ("open", "已开始"),
    ("pending", "待处理"),
    ("planned", "已制定"),
    ("raised", "已报警"),
    ("read", "已读取"),
    ("refused", state::REFUSED),
    ("rejected", "已退回"),
    ("resent", "已重新归集"),
    ("revived", "已重发"),
    ("running", "进行中"),
    ("sent", "已发送"),
    ("shown", "已显示"),
    ("stopped", "已停下"),
    ("taken", "已接收"),
    ("undecided", "无法判定"),
    ("unfit", state::UNFIT),
    ("unknown", "查无此人"),
    ("valid", "有效"),
    ("waiting", state::WAITING),
    ("withdrawn", "已收回"),
    ("work", state::WORK),
];

/// The Chinese name of an act, or the act itself.
pub fn act_name(act: &str) -> &str {
    named(ACTS, act)
}

/// The Chinese name of an outcome, or the outcome itself.
pub fn outcome_name(outcome: &str) -> &str {
    named(OUTCOMES, outcome)
}

fn named<'t>(names: &[(&'static str, &'static str)], word: &'t str) -> &'t str {
    names.iter().find(|(known, _)| *known == word).map_or(word, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{ACTS, OUTCOMES};

    fn sources(folder: &Path, all: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|end| end == "rs") {
                all.push(std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }

    /// Every outcome that an act is written with here: `outcome: "done"`, `act.outcome = "stopped"`, `("convert.run", "running")`.
    #[test]
    fn no_outcome_reaches_a_page_bare() {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
        let mut written = BTreeSet::new();
        for text in &texts {
            let pairs: Vec<String> = ACTS.iter().map(|(act, _)| format!("(\"{act}\", \"")).collect();
            let before = ["outcome: \"", "outcome = \""].into_iter().map(str::to_owned).chain(pairs);
            for before in before {
                for rest in text.split(before.as_str()).skip(1) {
                    written.insert(rest.split('"').next().unwrap_or_default().to_owned());
                }
            }
        }
        assert!(written.contains("running") && written.len() > 12, "{written:?}");
        let is_code = |word: &&String| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let bare: Vec<&String> = written
            .iter()
            .filter(is_code)
            .filter(|word| !OUTCOMES.iter().any(|(known, _)| known == word))
            .collect();
        assert!(bare.is_empty(), "{bare:?}");
    }
}
