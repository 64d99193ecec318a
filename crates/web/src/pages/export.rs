//! A list as a file: the rows on one sheet that a program can read, and what they are on a second one, 说明.
//!
//! Every workbook of a page is made here, so that none leaves without its entry in the audit log.

use link::problem::Problem;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::Visit;
use super::account::{area_names, minute};
use super::table::{Cell, EXPORT_ROWS, Head, Table, encode};
use crate::{App, Reply, problems};

/// What a file is, beside its rows.
pub(in crate::pages) struct Export<'a> {
    /// What the audit log calls the list.
    pub list: &'static str,
    /// Is there more than the file holds?
    pub more: bool,
    /// The Chinese word for a value of a field of the filter (field, value), also for an empty one; `None` where it stands for itself.
    pub words: &'a (dyn Fn(&str, &str) -> Option<String> + Sync),
}

impl Table {
    /// Hands the list out as xlsx, after the entry in the audit log is written.
    ///
    /// # Errors
    /// A log that cannot be written: then nothing is handed out. 500 when the workbook cannot be made.
    pub async fn hand_out(self, app: &App, visit: &Visit, export: Export<'_>) -> Result<Reply, Problem> {
        let (rows, more, list) = (self.rows.len(), export.more, export.list);
        let (filter, actor, now) = (self.asked(visit), visit.live()?.actor(), visit.now);
        let about = self.about(app, visit, &export)?;
        app.work(move |app| app.province.list_exported((list, &filter), (rows, more), &actor, now)).await?;
        let bytes = workbook(&self, &about).map_err(|_| problems::internal())?;
        let name = encode(&format!("{}-{}.xlsx", self.name, lifecycle::day_of(now)));
        let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(Reply::bytes(media, bytes)
            .header("Content-Disposition", format!("attachment; filename*=UTF-8''{name}"))
            .header("Cache-Control", "no-store"))
    }

    /// What the query asks for, for the audit log.
    fn asked(&self, visit: &Visit) -> String {
        let asked = self.fields.iter().filter(|field| !visit.query.get(field).is_empty());
        let asked: Vec<String> = asked.map(|field| format!("{field}={}", visit.query.get(field))).collect();
        asked.join("&")
    }

    /// The sheet 说明, line by line.
    fn about(
        &self,
        app: &App,
        visit: &Visit,
        export: &Export<'_>,
    ) -> Result<Vec<(&'static str, String)>, Problem> {
        let live = visit.live()?;
        let actor = live.actor();
        let said: Vec<String> = self
            .fields
            .iter()
            .filter_map(|field| {
                let value = visit.query.get(field);
                let word = (export.words)(field, value).or_else(|| word(app, visit, field, value))?;
                Some(format!("{}：{word}", label(field)))
            })
            .collect();
        let scope = match &live.visitor {
            node::session::Visitor::Operator { areas, .. } => area_names(areas),
            node::session::Visitor::Holder(_) => "本人".to_owned(),
        };
        let cut = match export.more {
            true => format!("是：只导出前 {EXPORT_ROWS} 条，请缩小筛选范围后分次导出"),
            false => "否：符合条件的已全部导出".to_owned(),
        };
        Ok(vec![
            ("名称", self.name.to_owned()),
            ("账号的行政区划", scope),
            ("筛选条件", if said.is_empty() { "无".to_owned() } else { said.join("；") }),
            ("导出时间", minute(visit.now)),
            ("导出账号", actor.operator.unwrap_or_default()),
            ("导出单位", actor.unit.unwrap_or_default()),
            ("行数", self.rows.len().to_string()),
            ("是否截断", cut),
        ])
    }
}

/// What people call a field of a filter.
fn label(field: &str) -> &'static str {
    match field {
        "kind" => "种类",
        "area" => "行政区划",
        "city" => "市州",
        "base" | "state" => "状态",
        "form" => "形式",
        "activated" => "激活",
        "limit" => "受限情况",
        "ends" => "有效期止于（含）",
        "from" => "自",
        "to" | "until" => "至（含）",
        "code" => "类别",
        "age" => "已等待",
        "status" | "outcome" => "结果",
        "source" => "来源",
        "event" => "事件编号",
        "province" => "省",
        "day" => "日期",
        "name" => "转化任务",
        "id" => "编号",
        "class" => "差异",
        "role" => "角色",
        "text" => "查找",
        "object" => "证照",
        "act" => "事项",
        "person" => "经办人",
        "client" => "客户端",
        _ => "条件",
    }
}

/// A value of a filter as people read it; `None` for an empty one.
fn word(app: &App, visit: &Visit, field: &str, value: &str) -> Option<String> {
    let named = |code: &str, name: String| if name == code { name } else { format!("{name}（{code}）") };
    match (field, value) {
        (_, "") => None,
        ("kind", slug) => Some(app.province.kind_text(slug, visit.now)),
        ("area", code) => Some(named(code, app.province.area_text(code, visit.now))),
        ("city", code) => Some(named(code, app.province.area_text(&format!("{code}00"), visit.now))),
        _ => Some(value.to_owned()),
    }
}

/// The word of a code in a list of both; for [`Export::words`].
pub(in crate::pages) fn of(list: &[(&str, &str)], value: &str) -> Option<String> {
    list.iter().find(|(code, _)| *code == value).map(|(_, word)| (*word).to_owned())
}

fn workbook(table: &Table, about: &[(&str, String)]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The library would ask the machine for the time; the true one stands on the sheet 说明.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title(table.name).set_creation_datetime(&created));
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name(table.name)?;
    for (column, Head { name, .. }) in (0..).zip(table.heads) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                // Counts stay far below 2^53.
                #[allow(clippy::cast_precision_loss)]
                Cell::Number(number) => sheet.write_number(line, column, *number as f64)?,
                Cell::Text(text) | Cell::Code(text) | Cell::Link(_, text) | Cell::Badge(_, text) => {
                    sheet.write_string(line, column, text)?
                }
            };
        }
    }
    sheet.autofit();
    let sheet = book.add_worksheet();
    sheet.set_name("说明")?;
    for (line, (name, value)) in (0..).zip(about) {
        sheet.write_string_with_format(line, 0, *name, &bold)?;
        sheet.write_string(line, 1, value)?;
    }
    sheet.autofit();
    book.save_to_buffer()
}
