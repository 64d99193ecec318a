//! Planning: the stock comes in as records, in batches; nothing is issued.

use std::path::Path;
use std::sync::Arc;

use ::lifecycle::{Base, day_of};
use store::rows::convert::{self, Run};

use super::filing::Filing;
use super::prepare::{Prepared, prepare};
use super::report::Report;
use super::state::{BATCH, Body, Opened, note, phase};
use crate::audit::{self, Actor};
use crate::issue::journal::hex;
use crate::issue::source::{Item, Source, record_files};
use crate::lifecycle::{json, note_end};
use crate::{NodeError, Province};

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// What the run is called; the same name goes on with the same import.
    pub name: &'a str,
    /// A record file (jsonl, csv, xlsx) or a folder of them.
    pub input: &'a Path,
    /// The source that the records are filed under, where they do not say it themselves: that of the business system whose next
    /// events are to find them.
    pub source: Option<&'a str>,
    /// Who imports.
    pub actor: &'a Actor,
}

impl Province {
    /// Imports paper stock as records and says what a conversion would do. Call it again after a crash: it goes on where it was.
    /// The same import again changes nothing. `progress` hears after each batch how many records are filed.
    ///
    /// # Errors
    /// A name that stands for another import; files that cannot be read; a database or file store that cannot be written.
    pub fn convert_plan(
        self: &Arc<Self>,
        request: &PlanRequest<'_>,
        now: i64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, NodeError> {
        let mut opened = self.open_plan(request, now)?;
        if opened.run.state == phase::PLANNING {
            self.read_stock(request, &mut opened, now, progress)?;
        }
        self.convert_report(request.name, now)
    }

    fn open_plan(self: &Arc<Self>, request: &PlanRequest<'_>, now: i64) -> Result<Opened, NodeError> {
        let length = request.name.chars().count();
        if !(1..=64).contains(&length) || request.name.trim() != request.name {
            let what = format!("转化任务名“{}”不可用", request.name);
            return Err(NodeError::refused(what, "请用 1 至 64 个字符的名称，首尾不留空格"));
        }
        let body = Body {
            input: request.input.display().to_string(),
            fingerprint: fingerprint(request.input)?,
            source: request.source.map(str::to_owned),
            ..Body::default()
        };
        let run = Run {
            id: self.new_id(now),
            name: request.name.to_owned(),
            state: phase::PLANNING.to_owned(),
            stop: false,
            body: json(&body)?,
            created_at: now,
            updated_at: now,
        };
        let (province, actor) = (Arc::clone(self), request.actor.clone());
        let opened = self.store.write(move |session| -> Result<_, NodeError> {
            if convert::insert(session, &run)? {
                note(session, &province, &actor, ("convert.plan", "begun"), &run.name, now)?;
            }
            Opened::named(session, &run.name)
        })?;
        if opened.body.fingerprint != body.fingerprint || opened.body.source != body.source {
            let what = format!("转化任务“{}”已用于另一份数据（{}）", request.name, opened.body.input);
            return Err(NodeError::refused(what, "请换一个任务名；补正后的数据也以新的任务名导入"));
        }
        Ok(opened)
    }

    fn read_stock(
        self: &Arc<Self>,
        request: &PlanRequest<'_>,
        opened: &mut Opened,
        now: i64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), NodeError> {
        let mut source = Source::open(request.input, &self.data.catalogue)?;
        let mut seen = 0;
        loop {
            let mut items: Vec<Item> = Vec::with_capacity(BATCH);
            let more = source.fill(&mut items, BATCH)?;
            let first = seen + 1;
            seen += items.len() as i64;
            // What an earlier call has filed stays as it is.
            let known = (opened.body.read + 1 - first).clamp(0, items.len() as i64);
            let fresh = items.split_off(known as usize);
            if !fresh.is_empty() {
                let batch = prepare(self, fresh, opened.body.source.as_deref(), now)?;
                self.stage("convert.file")?;
                *opened = self.file_batch(&opened.run.id, first + known, batch, request.actor, now)?;
                progress(seen.unsigned_abs());
            }
            if !more {
                break;
            }
        }
        self.stage("convert.planned")?;
        let (province, actor, id) = (Arc::clone(self), request.actor.clone(), opened.run.id.clone());
        self.store.write(move |session| -> Result<_, NodeError> {
            let mut opened = Opened::locked(session, &id)?;
            if opened.run.state != phase::PLANNING {
                return Ok(());
            }
            phase::PLANNED.clone_into(&mut opened.run.state);
            opened.body.before = convert::standing(session, Base::Normal.name(), &day_of(now).to_string())?;
            note(session, &province, &actor, ("convert.plan", "planned"), &opened.run.name, now)?;
            opened.save(session, now)
        })
    }

    /// One transaction for certificates, items and how far the run is.
    fn file_batch(
        self: &Arc<Self>,
        run: &str,
        first: i64,
        batch: Vec<Prepared>,
        actor: &Actor,
        now: i64,
    ) -> Result<Opened, NodeError> {
        let (province, run, actor) = (Arc::clone(self), run.to_owned(), actor.clone());
        self.store.write(move |session| {
            let mut opened = Opened::locked(session, &run)?;
            if opened.body.read + 1 != first {
                let what = format!("另一进程正在导入转化任务“{}”", opened.run.name);
                return Err(NodeError::refused(what, "请等它结束，或停掉它之后再次运行"));
            }
            let photos = batch.iter().filter_map(|one| one.photo.as_deref()?.split_once('@'));
            note_end(session, photos.map(|(_, place)| place))?;
            let mut filing = Filing {
                session,
                province: &province,
                run: &run,
                actor: &actor,
                now,
                today: day_of(now),
                acts: Vec::new(),
            };
            for (n, one) in (first..).zip(batch.iter()) {
                let item = filing.file(n, one)?;
                // At once: the same record may stand twice in one batch.
                convert::insert_items(filing.session, std::slice::from_ref(&item))?;
            }
            let acts = std::mem::take(&mut filing.acts);
            audit::append(session, province.new_id(now), &acts)?;
            opened.body.read += batch.len() as i64;
            opened.save(session, now)?;
            Ok(opened)
        })
    }
}

/// SM3 over the names and bytes of the record files: tells whether it is the same import.
fn fingerprint(input: &Path) -> Result<String, NodeError> {
    use std::io::Read;
    let mut all = gm::sm3::Sm3::new();
    for path in record_files(input)? {
        let mut one = gm::sm3::Sm3::new();
        let mut file = std::fs::File::open(&path).map_err(NodeError::io("读取", &path))?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = file.read(&mut buffer).map_err(NodeError::io("读取", &path))?;
            if count == 0 {
                break;
            }
            one.update(&buffer[..count]);
        }
        let name = path.strip_prefix(input).unwrap_or(Path::new(""));
        all.update(name.as_os_str().as_encoded_bytes());
        all.update(&[0]);
        all.update(&one.finish());
    }
    Ok(hex(&all.finish()))
}
