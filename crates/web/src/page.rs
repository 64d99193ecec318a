//! The page of the interface for people, made from the OpenAPI document.

use std::fmt::Write as _;

use serde_json::Value;

/// Renders a document. What is not there is left out; nothing of it is believed to be HTML.
pub(crate) fn render(document: &str) -> String {
    // A file of ours, read by a test: it parses.
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let info = &document["info"];
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"stylesheet\" href=\"/docs.css\">\n",
    );
    let _ = writeln!(out, "<title>{0}</title>\n</head>\n<body>\n<h1>{0}</h1>", text(&info["title"]));
    let _ = writeln!(out, "<p>{}</p>", text(&info["description"]));
    out.push_str("<p>机器可读的描述：<a href=\"/openapi.json\">openapi.json</a></p>\n<nav><ul>\n");
    let all = operations(&document);
    for (method, path, operation) in &all {
        let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
        let _ = writeln!(
            out,
            "<li><a href=\"#{id}\"><span class=\"method\">{method}</span> <code>{}</code></a> {summary}</li>",
            escape(path)
        );
    }
    out.push_str("</ul></nav>\n");
    for (method, path, operation) in &all {
        section(&mut out, method, path, operation);
    }
    out.push_str("<h2>数据结构</h2>\n");
    schemas(&mut out, &document["components"]["schemas"]);
    out.push_str("</body>\n</html>\n");
    out
}

fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        })
        .collect()
}

fn section(out: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = writeln!(
        out,
        "<section id=\"{}\">\n<h2>{}</h2>\n<p><span class=\"method\">{method}</span> <code>{}</code></p>\n<p>{}</p>",
        text(&operation["operationId"]),
        text(&operation["summary"]),
        escape(path),
        text(&operation["description"]),
    );
    if let Some(right) = operation["x-right"].as_str() {
        let _ = writeln!(out, "<p>所需权限：<code>{}</code></p>", escape(right));
    }
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: Vec<_> = parameters.map(|one| [&one["name"], &one["in"], &one["description"]]).collect();
    table(out, ["参数", "位置", "含义"], &rows);
    let responses = operation["responses"].as_object().into_iter().flatten();
    let statuses: Vec<(Value, &Value)> =
        responses.map(|(status, one)| (Value::from(status.as_str()), &one["description"])).collect();
    let rows: Vec<_> = statuses.iter().map(|(status, what)| [status, *what]).collect();
    table(out, ["状态码", "含义"], &rows);
    for example in operation["x-examples"].as_array().into_iter().flatten() {
        let (title, target, status) = (&example["title"], &example["target"], &example["status"]);
        let _ = writeln!(out, "<h3>例：{}（{}）</h3>", text(title), text(status));
        let _ = writeln!(out, "<pre>{method} {}\n\n{}</pre>", text(target), text(&example["body"]));
    }
    out.push_str("</section>\n");
}

fn table<const N: usize>(out: &mut String, heads: [&str; N], rows: &[[&Value; N]]) {
    if rows.is_empty() {
        return;
    }
    let heads: String = heads.iter().map(|head| format!("<th>{head}</th>")).collect();
    let _ = writeln!(out, "<table>\n<tr>{heads}</tr>");
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", text(cell))).collect();
        let _ = writeln!(out, "<tr>{cells}</tr>");
    }
    out.push_str("</table>\n");
}

fn schemas(out: &mut String, schemas: &Value) {
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let _ = writeln!(out, "<h3>{}</h3>\n<p>{}</p>", escape(name), text(&schema["description"]));
        let properties = schema["properties"].as_object().into_iter().flatten();
        let named: Vec<(Value, &Value)> =
            properties.map(|(name, one)| (Value::from(name.as_str()), one)).collect();
        let rows: Vec<_> =
            named.iter().map(|(name, one)| [name, &one["type"], &one["description"]]).collect();
        table(out, ["字段", "类型", "含义"], &rows);
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escape(text),
        other => escape(&other.to_string()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
