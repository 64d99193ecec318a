//! The cases of `tests/verdicts/*.toml`, made into knowledge, evidence and input.

use std::collections::BTreeMap;

use codes::{CertificateId, Serial, TypeCode, Uscc, Validity};
use proof::{
    Code, CodeType, Columns, Evidence, Held, Input, Override, Pack, PackKind, PackState, Register,
    SLOT_EPOCH, Said, Standing,
};
use serde::Deserialize;

use super::world::{ISSUER_98, ISSUER_99, at, certificate, key, pack_trust};
use super::{base45_bytes, base45_text};

const HOLDS: [(&str, bool); 4] = [("暂扣", true), ("挂失", true), ("停运", false), ("停业", false)];
const BASES: [&str; 7] = ["", "正常", "转出", "注销", "撤销", "吊销", "作废"];
/// When most cases happen.
const NOW: &str = "2026-11-22T10:00:00+08:00";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldFile {
    certificate: Vec<Spec>,
    pack: Vec<PackSpec>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Spec {
    name: String,
    index: u32,
    province: String,
    issuer: Option<String>,
    kind: String,
    version: u16,
    issued: String,
    valid_from: String,
    valid_to: String,
    base: String,
    holds: Vec<String>,
    lost: bool,
    sheet: Option<u16>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            name: String::new(),
            index: 0,
            province: "99".into(),
            issuer: None,
            kind: "072".into(),
            version: 1,
            issued: "2026-05-01".into(),
            valid_from: "2026-05-01".into(),
            valid_to: "2032-04-30".into(),
            base: "正常".into(),
            holds: Vec::new(),
            lost: false,
            sheet: None,
        }
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackSpec {
    name: String,
    #[serde(default)]
    province: Option<String>,
    number: u32,
    made_at: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    case: Vec<Case>,
}

/// One row of the table, as people write it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(default = "all")]
    pub trust: String,
    #[serde(default = "today")]
    pub packs: Vec<String>,
    #[serde(default = "now")]
    pub now: String,
    /// A certificate of the world.
    #[serde(default)]
    cert: Option<String>,
    /// `face` (default), `present`, `printed`.
    #[serde(default)]
    shown: Option<String>,
    #[serde(default)]
    slot: Option<String>,
    #[serde(default)]
    life: Option<u16>,
    /// Number of the grant by which it is shown.
    #[serde(default)]
    grant: u16,
    #[serde(default)]
    sheet: Option<u16>,
    /// Label of the signing key.
    #[serde(default)]
    key: Option<String>,
    /// Version in the code; the certificate's newest otherwise.
    #[serde(default)]
    version: Option<u16>,
    /// Status index in the code.
    #[serde(default)]
    index: Option<u32>,
    #[serde(default)]
    issued: Option<String>,
    /// What was done to the code after it was signed.
    #[serde(default)]
    tamper: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    identifier: Option<String>,
    #[serde(default)]
    plate: Option<String>,
    #[serde(default)]
    holder: Option<String>,
    /// `found`, `withdrawn` (found, and the grant is over), `missing`, `not-ours`, `unreachable`, `last-known`: what a register said of `cert`.
    #[serde(default)]
    register: Option<String>,
    #[serde(default)]
    used: bool,
    pub verdict: String,
    pub codes: Vec<String>,
}

fn all() -> String {
    "all".into()
}

fn today() -> Vec<String> {
    vec!["今日".into()]
}

fn now() -> String {
    NOW.into()
}

/// Certificates and packs by name, and all cases.
pub struct World {
    specs: BTreeMap<String, Spec>,
    packs: BTreeMap<String, PackSpec>,
    pub cases: Vec<Case>,
}

impl World {
    pub fn read() -> Self {
        let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verdicts"));
        let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
        let world: WorldFile = toml::from_str(&text(&folder.join("world.toml"))).unwrap();
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let cases = files.iter().filter(|path| !path.ends_with("world.toml")).flat_map(|path| {
            toml::from_str::<CaseFile>(&text(path))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .case
        });
        Self {
            cases: cases.collect(),
            specs: world.certificate.into_iter().map(|one| (one.name.clone(), one)).collect(),
            packs: world.pack.into_iter().map(|one| (one.name.clone(), one)).collect(),
        }
    }

    pub fn pack_names(&self) -> impl Iterator<Item = &String> {
        self.packs.keys()
    }

    pub fn pack(&self, name: &str) -> Pack {
        let spec = &self.packs[name];
        let province = spec.province.clone().unwrap_or_else(|| "99".into());
        let mine: Vec<&Spec> =
            self.specs.values().filter(|one| one.province == province && one.name != "新发").collect();
        let mut states: Vec<PackState> = mine.iter().map(|one| one.state()).collect();
        states.push(PackState::default());
        states.sort_by_key(|state| state.code);
        states.dedup();
        let count = mine.iter().map(|one| one.index).max().unwrap() + 1;
        let place = |state: &PackState| states.iter().position(|one| one == state).unwrap() as u8;
        let mut columns = Columns {
            states: vec![place(&PackState::default()); count as usize],
            versions: vec![0; count as usize],
            sheets: mine.iter().filter_map(|one| Some((one.index, one.sheet?))).collect(),
        };
        for one in &mine {
            columns.states[one.index as usize] = place(&one.state());
            columns.versions[one.index as usize] = one.version;
        }
        columns.sheets.sort_unstable();
        Pack {
            name: if province == "98" { "试验省" } else { "演示省" }.into(),
            signer: certificate(&format!("{province}节点")),
            trust: pack_trust(&province),
            number: spec.number,
            made_at: at(&spec.made_at),
            max_age: 72 * 3600,
            kinds: vec![PackKind {
                code: "11100000000019713D072".into(),
                slug: "transport-certificate".into(),
                name: "道路运输证".into(),
            }],
            overrides: vec![Override {
                notice: "演示省交通运输厅通告〔2026〕9号".into(),
                kinds: vec!["11100000000019713D013".into()],
                areas: vec!["99".into()],
                ended_from: "2026-10-01".into(),
                ended_to: "2026-10-31".into(),
                extended_to: "2026-12-31".into(),
                effective_from: "2026-10-01".into(),
                effective_to: None,
            }],
            province,
            states,
            columns,
        }
    }

    pub fn pack_file(&self, name: &str) -> Vec<u8> {
        let pack = self.pack(name);
        pack.encode(&*key(&format!("{}节点", pack.province))).unwrap()
    }

    pub fn input(&self, case: &Case) -> Input {
        match case {
            Case { text: Some(text), .. } => Input::Code(text.clone()),
            Case { identifier: Some(text), .. } if text == "cert" => {
                Input::Identifier(self.spec(case).identifier(None).to_string())
            }
            Case { identifier: Some(text), .. } => Input::Identifier(text.clone()),
            Case { plate: Some(text), .. } => Input::Plate(text.clone()),
            Case { holder: Some(text), .. } => Input::Holder(text.clone()),
            _ => Input::Code(self.code(case)),
        }
    }

    fn spec(&self, case: &Case) -> &Spec {
        let name = case.cert.as_ref().unwrap_or_else(|| panic!("{}: no certificate", case.name));
        self.specs.get(name).unwrap_or_else(|| panic!("{}: {name}", case.name))
    }

    fn code(&self, case: &Case) -> String {
        let spec = self.spec(case);
        let label = case.key.clone().unwrap_or_else(|| format!("{}赋码", spec.province));
        let key = key(&label);
        let code = Code {
            code_type: match case.shown.as_deref() {
                None | Some("face") => CodeType::Face,
                Some("printed") => CodeType::Printed { sheet: case.sheet.unwrap_or(1) },
                Some(_) => CodeType::Present {
                    slot: (at(case.slot.as_deref().unwrap_or(NOW)) - SLOT_EPOCH) as u32,
                    life: case.life.unwrap_or(30),
                    grant: case.grant,
                },
            },
            key_id: key.public_key().key_id(),
            identifier: spec.identifier(case.version),
            status_index: case.index.unwrap_or(spec.index),
            issued: case.issued.as_ref().unwrap_or(&spec.issued).parse().unwrap(),
            valid_from: spec.valid_from.parse().unwrap(),
            valid_to: Validity::parse(&spec.valid_to).unwrap(),
        };
        tampered(code.sign(&*key).unwrap(), case.tamper.as_deref())
    }

    pub fn evidence(&self, case: &Case) -> Evidence {
        let register = case.register.as_deref().map(|said| {
            let standing = || self.spec(case).standing();
            Register {
                source: "本省登记（demo-99）".into(),
                known_at: at(if said == "last-known" { "2026-11-21T09:00:00+08:00" } else { &case.now }),
                said: match said {
                    "found" | "withdrawn" => Said::Found {
                        standing: standing(),
                        sheet: self.spec(case).sheet,
                        withdrawn: said == "withdrawn",
                    },
                    "missing" => Said::Missing,
                    "not-ours" => Said::NotOurs,
                    "last-known" => Said::Unreachable { last: Some(standing()) },
                    "unreachable" => Said::Unreachable { last: None },
                    other => panic!("{}: {other}", case.name),
                },
            }
        });
        Evidence { register, used: case.used }
    }
}

impl Spec {
    fn identifier(&self, version: Option<u16>) -> CertificateId {
        let home = if self.province == "98" { ISSUER_98 } else { ISSUER_99 };
        let issuer = Uscc::parse(self.issuer.as_deref().unwrap_or(home)).unwrap();
        let kind = TypeCode::parse(&format!("11100000000019713D{}", self.kind)).unwrap();
        let serial = Serial::parse(&format!("{}00002026{:08}", self.province, self.index)).unwrap();
        CertificateId::new(kind, issuer, serial, version.unwrap_or(self.version)).unwrap()
    }

    fn held(&self) -> Vec<Held> {
        let held = |name: &String| {
            let (name, forbids) = HOLDS.iter().find(|(one, _)| one == name).unwrap();
            Held { name: (*name).into(), forbids: *forbids }
        };
        self.holds.iter().map(held).collect()
    }

    fn state(&self) -> PackState {
        let base = BASES.iter().position(|one| *one == self.base).unwrap() as u16;
        let bit = |name: &String| 1u16 << HOLDS.iter().position(|(one, _)| one == name).unwrap();
        let holds: u16 = self.holds.iter().map(bit).sum();
        PackState {
            code: base * 4096 + u16::from(self.lost) * 2048 + holds,
            base: self.base.clone(),
            holds: self.held(),
            lost: self.lost,
        }
    }

    fn standing(&self) -> Standing {
        Standing {
            identifier: self.identifier(None).to_string(),
            base: self.base.clone(),
            holds: self.held(),
            valid_from: Some(self.valid_from.clone()),
            valid_to: Some(self.valid_to.clone()),
            lost: if self.lost { vec!["类别 02 已吊销".into()] } else { Vec::new() },
            ..Standing::default()
        }
    }
}

/// What somebody did to a code.
fn tampered(text: String, how: Option<&str>) -> String {
    let mut bytes = base45_bytes(&text[3..]);
    let length = bytes.len();
    let body = length - 64;
    let (how, number) = how.unwrap_or("").split_once(':').unwrap_or((how.unwrap_or(""), "0"));
    let number: usize = number.parse().unwrap();
    match how {
        "" => return text,
        "signature" => bytes[length - 1] ^= 1,
        // Another status index: the last byte of it stands seven bytes before the end of a face code's fields.
        "index" => bytes[body - 7] ^= 1,
        "last-day" => bytes[body - 1] ^= 1,
        "key-id" => bytes[2] ^= 1,
        "version" => bytes[0] = 2,
        "type" => bytes[1] = 9,
        "zero" => bytes[body..].fill(0),
        "append" => bytes.push(0),
        "cut" => return text[..number].to_owned(),
        "lower" => return text.to_lowercase().replace("lz:", "LZ:"),
        "spaces" => return format!("  {text}\r\n"),
        "twice" => return format!("{text}{text}"),
        other => panic!("{other}"),
    }
    format!("LZ:{}", base45_text(&bytes))
}
