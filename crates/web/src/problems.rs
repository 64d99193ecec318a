//! The one place that maps inner errors to what a caller sees.

use link::problem::Problem;
use node::NodeError;
use node::client::Lack;

use crate::Maintenance;

/// A [`NodeError`] as a problem. What a person asked for and cannot have is 409; what our own stores could not do is 503, for
/// the same again may succeed; anything else is our fault.
pub(crate) fn of(error: &NodeError) -> Problem {
    let text = error.to_string();
    let (what, fix) = text.rsplit_once('；').unwrap_or((&text, "请稍后重试"));
    let problem = match error {
        NodeError::Refused { .. } => Problem::new(409, "REFUSED", "不能办理"),
        NodeError::Forked { .. } => Problem::new(409, node::audit::NOT_CONTINUED, "审计检查点不能见证"),
        NodeError::Store(_) | NodeError::Objects(_) | NodeError::Io { .. } => {
            Problem::new(503, "STORE_UNAVAILABLE", "暂时无法受理")
        }
        _ => Problem::new(500, "INTERNAL", "内部错误"),
    };
    problem.detail(what).fix(fix)
}

/// A fault of our own: a panic, a lost thread.
pub(crate) fn internal() -> Problem {
    Problem::new(500, "INTERNAL", "内部错误")
        .detail("处理请求时发生内部错误，数据未改动")
        .fix("请以同一请求内容重试；如仍出错，请把发生时间告知管理员")
}

/// A missing right.
pub(crate) fn right(lack: &Lack, who: &str) -> Problem {
    Problem::new(403, "AUTH_RIGHT", "没有权限")
        .item(who)
        .detail(lack.to_string())
        .rule("每个客户端和节点只能办理已授权的事项、行政区划和证照种类")
        .fix("请管理员核对该客户端的权限（luzheng client list）")
}

/// No such route.
pub(crate) fn no_route(path: &str) -> Problem {
    Problem::new(404, "NO_ROUTE", "没有这个接口")
        .item(path)
        .detail("请求的路径不存在")
        .fix("请按接口文档（/docs）核对路径")
}

/// The route is there, for another method.
pub(crate) fn no_method(method: &str) -> Problem {
    Problem::new(405, "METHOD", "请求方法不对")
        .item(method)
        .detail("该路径不支持这种请求方法")
        .fix("请按接口文档（/docs）核对请求方法")
}

/// Nothing under this name.
pub(crate) fn not_found(what: &str, id: &str) -> Problem {
    Problem::new(404, "NOT_FOUND", format!("没有这个{what}"))
        .item(id)
        .detail(format!("本节点没有编号为“{id}”的{what}"))
        .fix("请核对编号；纸质证和 IC 卡证可能尚未入库，查不到不等于证照无效")
}

/// A body that is too long.
pub(crate) fn too_large(limit: usize) -> Problem {
    let rule = if limit == 0 {
        "该接口不接收请求体".to_owned()
    } else {
        format!("请求体不得超过 {limit} 字节")
    };
    Problem::new(413, "BODY_TOO_LARGE", "请求体过大")
        .detail("请求体超过该接口的上限")
        .rule(rule)
        .fix("请分成几次发送")
}

/// A body that did not arrive.
pub(crate) fn body_broken(slow: bool) -> Problem {
    let (status, code) = if slow { (408, "BODY_TIMEOUT") } else { (400, "BODY_BROKEN") };
    Problem::new(status, code, "请求体没有收全")
        .detail("请求体在传输中断开或过慢")
        .fix("请检查网络后重新签名发送")
}

/// Too much at once.
pub(crate) fn busy(what: &str) -> Problem {
    Problem::new(503, "BUSY", "暂时无法受理").detail(what).fix("请按 Retry-After 稍后重试，并降低并发")
}

/// A planned window is open; its end stands in the text and in `Retry-After`.
pub(crate) fn maintenance(window: &Maintenance) -> Problem {
    let until = crate::api::local_time(window.until);
    Problem::new(503, "MAINTENANCE", "系统维护中")
        .item(until.clone())
        .detail(format!("{}，预计 {until} 结束", window.why))
        .fix("请在维护结束后以同一请求内容重新签名发送")
}
