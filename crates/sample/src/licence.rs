//! Records of companies: the four 经营许可证.

use catalogue::Authority;
use jiff::civil::Date;
use model::{FaceData, FaceValue};

use crate::company::Company;
use crate::dates::{Term, add_months, between};
use crate::driver::text;
use crate::person::Person;
use crate::random::{Purpose, Random};
use crate::world::World;

/// How a licence differs from the others.
#[derive(Clone, Copy)]
pub(crate) struct Licence {
    /// 字别 behind that of the place: `甲危字`.
    pub(crate) word: &'static str,
    pub(crate) trades: &'static [&'static str],
    /// Codes of 经营范围, the usual first; a text for ride-hailing, whose scope has no code.
    pub(crate) scopes: &'static [&'static str],
    /// 关联事项.
    pub(crate) matter: &'static str,
    /// One in ten holders is a person (个体工商户).
    pub(crate) persons: bool,
}

/// `演交运管许可甲字990100000123号`: place, kind of licence, area, six digits that are the licence's own.
pub(crate) fn licence_number(short: &str, authority: &Authority, word: &str, serial: usize) -> String {
    let name: Vec<char> = authority.name.chars().collect();
    let place: String = match authority.level.as_str() {
        "省级" => "省".to_owned(),
        // 甲演市一区 is 甲一: what the city and what the district begins with.
        "区县级" => {
            let district =
                name.iter().position(|character| *character == '市').and_then(|place| name.get(place + 1));
            name.first().into_iter().chain(district).collect()
        }
        _ => name.first().into_iter().collect(),
    };
    format!("{short}交运管许可{place}{word}字{}{serial:06}号", authority.area)
}

/// A licence of a kind; `serial` counts within the kind from 1.
pub(crate) fn licence(
    world: &World<'_>,
    number: usize,
    serial: usize,
    authority: &Authority,
    licence: Licence,
) -> (FaceData, Date) {
    let mut random = world.random(Purpose::Record, number);
    let mut face = FaceData::default();
    holder(world, number, authority, licence, &mut random, &mut face);
    face.set(
        "ZZBH",
        FaceValue::Text(licence_number(world.place.words().short, authority, licence.word, serial)),
    );
    face.set("KZ_YHDZ", FaceValue::Text(world.address(&mut random, false)));
    if licence.scopes.is_empty() {
        face.set("KZ_JYFW", "网络预约出租汽车客运");
        let area = world
            .catalogue
            .areas
            .name(authority.area.as_str(), world.today)
            .unwrap_or(world.place.words().name);
        face.set("KZ_JYQY", FaceValue::Text(format!("{area}行政区域")));
    } else {
        face.set("KZ_JYFW", FaceValue::List(scopes(world, licence.scopes, &mut random)));
    }
    if world.is_code("related-item", licence.matter) && random.percent(60) {
        face.set("KZ_GLSXDM", licence.matter);
    }
    face.set("KZ_JYZT", "1");
    let term = Term::of_years(&mut random, world.today, 4);
    face.set("ZZBFRQ", text(term.issued));
    face.set("ZZYXQQSRQ", text(term.start));
    face.set("ZZYXQJZRQ", text(term.end));
    let first = if random.percent(50) {
        term.issued
    } else {
        between(&mut random, add_months(term.issued, -96), term.issued)
    };
    face.set("KZ_CLRQ", text(first));
    (face, term.issued)
}

fn holder(
    world: &World<'_>,
    number: usize,
    authority: &Authority,
    licence: Licence,
    random: &mut Random,
    face: &mut FaceData,
) {
    let person = (licence.persons && random.percent(10)).then(|| Person::new(world, number));
    // A 个体工商户 stands here with a resident number only.
    if let Some(person) = person.filter(|person| person.document_type == "111") {
        face.set("CZZT", person.name.as_str());
        face.set("CZZTDMLXDM", "111");
        face.set("CZZTDM", person.document.as_str());
        face.set("KZ_FDDBR", person.name.as_str());
        face.set("KZ_JJLX", "175");
        face.set("KZ_FZJGBS", "1");
        return;
    }
    let company = Company::new(world, number, authority.area.as_str(), licence.trades);
    face.set("CZZT", company.name.as_str());
    face.set("CZZTDMLXDM", "001");
    face.set("CZZTDM", company.uscc.as_str());
    face.set("KZ_FDDBR", company.representative.as_str());
    face.set("KZ_JJLX", company.economic_type.as_str());
    face.set("KZ_FZJGBS", if company.branch { "2" } else { "1" });
}

/// One to twelve scopes in the order of the list; a few companies do nearly everything.
fn scopes(world: &World<'_>, wanted: &[&str], random: &mut Random) -> Vec<String> {
    let known = world.codes("business-scope", wanted);
    let most = if random.percent(15) { 12 } else { 4 };
    let count = random.between(1, most.min(known.len().max(1)));
    let start = random.below(known.len().saturating_sub(count) + 1);
    known.into_iter().skip(start).take(count).collect()
}
