//! The OpenAPI 3.1 document, made from the table of routes and the hand-written schemas of `openapi/schemas.json`.

use serde_json::{Map, Value, json};

use crate::{Access, Endpoint, Example, Response};

/// Schemas of requests and answers.
const SCHEMAS: &str = include_str!("../../../openapi/schemas.json");
const PROBLEM: &str = "application/problem+json";

/// Makes the document. `openapi/luzheng.json` holds it; a test says when the two differ.
pub fn document(endpoints: &[&Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let place = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        place[endpoint.method.name().to_lowercase()] = operation(endpoint);
    }
    // A file of ours, read by a test: it parses.
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "路证节点接口",
            "version": "1",
            "description": "除健康检查和文档外，每个请求都须签名：API 客户端用 HMAC-SM3，节点用 SM2（docs/signing.md，含测试向量和示例代码）。\
                            每个拒绝都是一份问题文档（RFC 9457），含稳定代码 code、项目 item、规则 rule 和修改办法 fix。\
                            节点配有节点密钥时，应答带 LZ-Receipt 回执：\
                            办理类和对节点的应答用 SM2 签名；API 客户端的核验应答用其自身密钥的 HMAC-SM3，请求头带 LZ-Receipt: sm2 时改用 SM2 签名。",
        },
        "security": [{"signed": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "signed": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "LZ-HMAC-SM3 或 LZ-SM2 签名，见 docs/signing.md",
                },
            },
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let doc = &endpoint.doc;
    let mut made = json!({
        "summary": doc.summary,
        "description": doc.description,
        "operationId": operation_id(endpoint),
        "responses": responses(endpoint),
        "x-examples": doc.examples.iter().map(example).collect::<Vec<_>>(),
    });
    match endpoint.access {
        Access::Open => made["security"] = json!([]),
        Access::Local(act) => {
            made["security"] = json!([{}, {"signed": []}]);
            made["x-right"] = json!(act);
        }
        Access::Signed(act) => made["x-right"] = json!(act),
    }
    if !doc.params.is_empty() {
        made["parameters"] = doc.params.iter().map(|param| parameter(endpoint, param)).collect();
    }
    if let Some(schema) = doc.request {
        made["requestBody"] = json!({
            "required": true,
            "description": format!("至多 {} 字节", endpoint.body_limit),
            "content": {"application/json": {"schema": reference(schema)}},
        });
    }
    made
}

/// `POST /api/v1/lifecycle/events` is `post_lifecycle_events`.
fn operation_id(endpoint: &Endpoint) -> String {
    let parts = endpoint.path.trim_start_matches("/api/v1").split(['/', '.']).filter(|part| !part.is_empty());
    let named = parts.map(|part| part.trim_matches(['{', '}']));
    [endpoint.method.name().to_lowercase().as_str()].into_iter().chain(named).collect::<Vec<_>>().join("_")
}

fn parameter(endpoint: &Endpoint, param: &crate::Param) -> Value {
    let in_path = endpoint.path.contains(&format!("{{{}}}", param.name));
    json!({
        "name": param.name,
        "in": if in_path { "path" } else { "query" },
        "required": in_path,
        "description": param.what,
        "schema": {"type": "string"},
    })
}

fn responses(endpoint: &Endpoint) -> Value {
    let mut all = Map::new();
    for (status, what) in of_the_guard(endpoint) {
        all.insert(status.to_string(), response(what, Some("Problem"), PROBLEM));
    }
    for Response { status, what, schema, media } in endpoint.doc.responses {
        let problem = (*media == PROBLEM).then_some("Problem");
        all.insert(status.to_string(), response(what, schema.or(problem), media));
    }
    Value::Object(all)
}

/// The refusals that come before the handler.
fn of_the_guard(endpoint: &Endpoint) -> Vec<(u16, &'static str)> {
    let mut found = Vec::new();
    if endpoint.access != Access::Open {
        found.push((401, "没有签名，或签名、时间、随机数不对（AUTH_…）"));
        found.push((403, "没有权限（AUTH_RIGHT）"));
    }
    if endpoint.doc.request.is_some() || !endpoint.doc.params.is_empty() {
        found.push((400, "请求内容不合规，item 指明位置"));
    }
    found.push((413, "请求体过大"));
    found.push((500, "内部错误"));
    found.push((503, "维护中或繁忙，见 Retry-After"));
    found
}

fn response(what: &str, schema: Option<&str>, media: &str) -> Value {
    let schema = schema.map_or_else(|| json!({}), |name| json!({"schema": reference(name)}));
    json!({"description": what, "content": {media: schema}})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn example(example: &Example) -> Value {
    json!({
        "title": example.title,
        "target": example.target,
        "body": example.body,
        "signed": example.signed,
        "status": example.status,
    })
}
