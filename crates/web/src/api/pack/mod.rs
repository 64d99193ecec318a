//! `pack`: offline packs for officers' devices and other provinces. Signed files without personal data: anybody may have them.

pub mod current;
pub mod delta;
pub mod trust;

use link::problem::Problem;
use node::pack::PackBytes;

use crate::{Reply, Response};

const FILE: Response = Response {
    status: 200,
    what: "数据包文件（格式见 docs/pack-format.md），ETag 为其 SM3；带 If-None-Match 且未变时答 304",
    schema: None,
    media: "application/octet-stream",
};
const NONE: Response =
    Response { status: 404, what: "没有这个数据包", schema: None, media: "application/octet-stream" };

fn file(pack: PackBytes) -> Reply {
    Reply::bytes("application/octet-stream", pack.file)
        .header("ETag", format!("\"{}\"", pack.sm3))
        .header("Cache-Control", "public, no-cache")
        .header("LZ-Pack-Number", pack.number.to_string())
}

fn none(what: &str, fix: &str) -> Problem {
    Problem::new(404, "PACK_NONE", "没有这个离线数据包").detail(what).fix(fix)
}
