use std::path::{Path, PathBuf};

use ::catalogue::Kind;
use ::sample::{SampleOptions, generate, invented};
use clap::Subcommand;
use model::{FaceValue, Record};
use node::{Data, Engine, preview};

use super::{Failure, load};
use crate::machine;

#[derive(Subcommand)]
pub enum Command {
    /// 用典型、最长、最短的数据画出照面，供编辑模板的人查看
    Preview {
        /// 类型（代码、名称或英文短名），all 为全部
        #[arg(long, default_value = "all")]
        kind: String,
        /// 输出目录
        #[arg(long, value_name = "目录")]
        out: PathBuf,
    },
}

/// Print size, and the width of a phone.
const PRINT_DPI: f32 = 200.0;
const PHONE_PIXELS: f64 = 360.0;

pub fn run(command: &Command, data: Option<&Path>) -> Result<u8, Failure> {
    let Command::Preview { kind, out } = command;
    let data = load(data)?;
    let engine = Engine::new(&data, true)?;
    let wanted: Vec<&Kind> = data
        .catalogue
        .kinds()
        .iter()
        .filter(|one| kind == "all" || one.slug == *kind || one.name == *kind || one.type_code == *kind)
        .collect();
    if wanted.is_empty() {
        return Err(Failure(format!("目录中没有“{kind}”；可用 luzheng catalogue list 查看全部类型")));
    }
    std::fs::create_dir_all(out)?;
    let cases = cases(&data, &wanted)?;
    let bar = super::bar("绘制", cases.len() as u64);
    let mut problems = 0;
    for (name, record, photo) in &cases {
        for part in preview(&data, &engine, record, photo.as_deref(), machine::now())? {
            for problem in &part.problems {
                problems += 1;
                bar.suspend(|| say!("{}（{name}）放不下：{problem}", part.template));
            }
            for (index, page) in part.pages.iter().enumerate() {
                let file = out.join(format!("{}-{name}-{}.png", part.template, index + 1));
                let png = ofd::draw::to_png(page, PRINT_DPI).map_err(|error| Failure(error.to_string()))?;
                std::fs::write(file, png)?;
                let dpi = (PHONE_PIXELS / page.width_mm * 25.4) as f32;
                let small = ofd::draw::to_png(page, dpi).map_err(|error| Failure(error.to_string()))?;
                std::fs::write(out.join(format!("{}-{name}-{}-360px.png", part.template, index + 1)), small)?;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    say!(
        "预览图在“{}”：每个模板按典型（typical）、最长（longest）、最短（shortest）三种数据，印刷尺寸和 360 像素宽各一张",
        out.display()
    );
    Ok(if problems > 0 { 2 } else { 0 })
}

type Case = (&'static str, Record, Option<Vec<u8>>);

fn cases(data: &Data, kinds: &[&Kind]) -> Result<Vec<Case>, Failure> {
    let options = SampleOptions { count: 360, wrong_per_mille: 0, ..SampleOptions::default() };
    let sample = generate(options, &data.catalogue).map_err(|error| Failure(error.to_string()))?;
    let mut cases = Vec::new();
    for kind in kinds {
        let range = sample.kinds().iter().find(|one| one.kind.slug == kind.slug).map(|one| one.range.clone());
        let Some(range) = range else {
            cases.push(("typical", invented(kind, &data.catalogue), None));
            continue;
        };
        let records: Vec<(usize, Record)> =
            range.filter_map(|number| Some((number, sample.case(number)?.record))).collect();
        let length = |record: &Record| record.canonical().len();
        let longest = records.iter().max_by_key(|(_, record)| length(record));
        let shortest = records.iter().min_by_key(|(_, record)| length(record));
        let chosen = [("typical", records.first()), ("longest", longest), ("shortest", shortest)];
        for (name, found) in chosen {
            let Some((number, record)) = found else { continue };
            let mut record = record.clone();
            if name == "longest" {
                stretch(&mut record);
            }
            cases.push((name, record, sample.photo(*number)));
        }
    }
    Ok(cases)
}

/// The longest of what really occurs: a name of twenty characters, a long address, all scopes.
fn stretch(record: &mut Record) {
    let person = record.face.text("CZZTDMLXDM") != Some("001");
    let name = if person {
        "阿卜杜外力·买买提艾合买提·吐尔逊㛃䶮"
    } else {
        "演示省甲演市顺达通国际冷链物流与多式联运供应链管理服务有限责任公司"
    };
    record.face.set("CZZT", name);
    for item in ["KZ_ZZ", "KZ_YHDZ"] {
        if record.face.get(item).is_some() {
            record.face.set(item, "演示省甲演市甲演经济技术开发区创新大道与科技三路交叉口西北角智慧物流园区第一百二十八号楼二单元一千六百零五室");
        }
    }
    if let Some(FaceValue::List(scope)) = record.face.get("KZ_JYFW").cloned() {
        let more = ["02101", "02201", "02202", "02203", "02301", "02302", "02303", "02304"];
        let dangerous = scope.iter().any(|code| code.starts_with("03"));
        let all = if dangerous { scope } else { more.iter().map(|code| (*code).to_owned()).collect() };
        record.face.set("KZ_JYFW", FaceValue::List(all));
    }
}
