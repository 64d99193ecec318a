//! Records of vehicles: 道路运输证 and 网络预约出租汽车运输证.

use catalogue::Authority;
use jiff::civil::Date;
use model::{FaceData, FaceValue};

use crate::company::Company;
use crate::dates::{add_days, add_months, between, end_of, horizon};
use crate::driver::text;
use crate::number::vin;
use crate::person::Person;
use crate::random::{Purpose, Random, scatter};
use crate::world::World;

/// What a vehicle looks like, for its photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Box,
    Tipper,
    Tanker,
    Tractor,
    SemiTrailer,
    Coach,
    Car,
}

/// A model of vehicle. Brands are invented.
pub(crate) struct Model {
    pub(crate) shape: Shape,
    type_code: &'static str,
    brand: &'static str,
    /// Tonnes × 1000 or seats × 1000, least and most.
    load: (usize, usize),
    /// Length, width, height in millimetres.
    size: (usize, usize, usize),
    scopes: &'static [&'static str],
}

#[rustfmt::skip]
const MODELS: [Model; 9] = [
    Model { shape: Shape::Box, type_code: "H12", brand: "演运牌YY5310XXY", load: (12_000, 18_500), size: (12_000, 2_550, 3_990), scopes: &["02101", "02202"] },
    Model { shape: Shape::Box, type_code: "H22", brand: "演运牌YY5120XXY", load: (4_600, 7_800), size: (8_600, 2_500, 3_800), scopes: &["02101"] },
    Model { shape: Shape::Tipper, type_code: "H17", brand: "试行牌SX3310D5", load: (15_000, 17_500), size: (10_300, 2_550, 3_550), scopes: &["02101"] },
    Model { shape: Shape::Tanker, type_code: "H14", brand: "演安牌YA5320GYY", load: (16_000, 19_000), size: (11_900, 2_550, 3_850), scopes: &["03131", "03181"] },
    Model { shape: Shape::Tractor, type_code: "Q11", brand: "演运牌YY4250J6", load: (38_000, 40_000), size: (7_200, 2_550, 3_950), scopes: &["02101", "02201", "02203"] },
    Model { shape: Shape::SemiTrailer, type_code: "B15", brand: "试行牌SX9400TJZ", load: (33_000, 35_000), size: (12_400, 2_500, 1_550), scopes: &["02201"] },
    Model { shape: Shape::Coach, type_code: "K11", brand: "演通牌YT6127H", load: (45_000, 56_000), size: (12_000, 2_550, 3_680), scopes: &["01103", "01104", "01203"] },
    Model { shape: Shape::Coach, type_code: "K21", brand: "演通牌YT6808", load: (25_000, 35_000), size: (8_090, 2_400, 3_300), scopes: &["01101", "01102"] },
    Model { shape: Shape::Tanker, type_code: "H24", brand: "演安牌YA5160GFW", load: (6_000, 8_500), size: (8_900, 2_490, 3_400), scopes: &["03181", "03191"] },
];

const FREIGHT: [&str; 4] = ["运输", "物流", "货运", "客货运输"];
const CARS: [&str; 5] =
    ["演途牌YT7180", "试风牌SF7002EV", "演途牌YT7000BEV", "试风牌SF6460", "演星牌YX7004EV"];

/// The model of a transport certificate's vehicle; the photo asks for it too.
pub(crate) fn model(world: &World<'_>, number: usize) -> &'static Model {
    let mut random = world.random(Purpose::Vehicle, number);
    random.pick(&MODELS)
}

/// A plate of a number: no two numbers below 1,920,000 share one of the same pattern.
fn plate(world: &World<'_>, number: usize, shape: Shape, electric: bool) -> (String, &'static str) {
    // Letters first: the digits of a plate are the last ten of the set.
    const SET: &[u8; 34] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
    const PER_CITY: u64 = 24 * 10_000;
    let value = scatter(world.seed, number, 8 * PER_CITY);
    let character = |place: u64| char::from(SET[place as usize]);
    let short = world.place.words().short;
    let (city, value) = (character(value / PER_CITY), value % PER_CITY);
    let (letter, digits) = (character(value % 24), value / 24);
    match shape {
        Shape::SemiTrailer => {
            // Only four characters stand before 挂: 34 to the fourth is more than a city has numbers.
            let body: String = (0..4).map(|place| character(value / 34_u64.pow(place) % 34)).collect();
            (format!("{short}{city}{body}挂"), "2")
        }
        Shape::Car if electric => (format!("{short}{city}D{letter}{digits:04}"), "94"),
        Shape::Car => (format!("{short}{city}{letter}{digits:04}"), "1"),
        _ => (format!("{short}{city}{letter}{digits:04}"), "2"),
    }
}

fn identification(face: &mut FaceData, world: &World<'_>, number: usize, random: &mut Random, prefix: &str) {
    let year = *random.pick(&["M", "N", "P", "R", "S"]);
    let serial = scatter(world.seed ^ 1, number, 1_000_000);
    face.set("KZ_CLSBDH", FaceValue::Text(vin(&format!("{prefix}0{year}Y{serial:06}"))));
}

/// The holder: a company, or a person with a vehicle of his own.
fn holder(
    world: &World<'_>,
    number: usize,
    area: &str,
    trades: &[&str],
    random: &mut Random,
    face: &mut FaceData,
) -> bool {
    let owner =
        random.percent(30).then(|| Person::new(world, number)).filter(|one| one.document_type == "111");
    let (name, code_type, code) = match &owner {
        Some(person) => (person.name.clone(), "111", person.document.clone()),
        None => {
            let company = Company::new(world, number, area, trades);
            face.set("KZ_JJLX", company.economic_type.as_str());
            (company.name, "001", company.uscc)
        }
    };
    face.set("CZZT", FaceValue::Text(name));
    face.set("CZZTDMLXDM", code_type);
    face.set("CZZTDM", FaceValue::Text(code));
    face.set("KZ_YHDZ", FaceValue::Text(world.address(random, owner.is_some())));
    owner.is_some()
}

/// A 道路运输证; `serial` counts within the kind from 1.
pub(crate) fn transport(
    world: &World<'_>,
    number: usize,
    serial: usize,
    authority: &Authority,
) -> (FaceData, Date) {
    let mut random = world.random(Purpose::Record, number);
    let (model, area) = (model(world, number), authority.area.as_str());
    let mut face = FaceData::default();
    face.set("ZZBH", FaceValue::Text(format!("{area}{serial:06}")));
    if holder(world, number, area, &FREIGHT, &mut random, &mut face) {
        face.set("KZ_JJLX", "175");
    }
    face.set("KZ_JYXKZH", FaceValue::Text(format!("{area}{:06}", random.between(1, 999_999))));
    let (plate, colour) = plate(world, number, model.shape, false);
    face.set("KZ_CLHP", FaceValue::Text(plate));
    face.set("KZ_CPYS", colour);
    identification(&mut face, world, number, &mut random, "L99YYDR8");
    face.set("KZ_CLLX", model.type_code);
    face.set("KZ_CLXH", model.brand);
    let load = random.between(model.load.0 / 100, model.load.1 / 100) * 100;
    // Seats are whole, tonnes have up to one decimal.
    let load = if model.shape == Shape::Coach { (load / 1000).to_string() } else { tonnes(load) };
    face.set("KZ_DZW", FaceValue::Text(load));
    for (short, value) in [("KZ_C", model.size.0), ("KZ_K", model.size.1), ("KZ_G", model.size.2)] {
        face.set(short, FaceValue::Text(value.to_string()));
    }
    let scopes = world.codes("business-scope", model.scopes);
    let count = random.between(1, scopes.len().max(1));
    face.set("KZ_JYFW", FaceValue::List(scopes.into_iter().take(count).collect()));
    let first = between(&mut random, add_months(world.today, -72), add_days(world.today, -40));
    let issued =
        if random.percent(60) { first } else { between(&mut random, first, add_days(world.today, -1)) };
    let end = if random.percent(60) { "长期".to_owned() } else { end_of(issued, 10).to_string() };
    set_days(&mut face, world, &mut random, first, issued, FaceValue::Text(end));
    for (short, code) in [("KZ_NSZT", "1"), ("KZ_JSDJ", *random.pick(&["1", "1", "2"])), ("KZ_YYZT", "10")] {
        face.set(short, code);
    }
    if random.percent(20) {
        face.set("KZ_BZ", "车辆已安装符合标准的卫星定位装置");
    }
    (face, issued)
}

fn set_days(
    face: &mut FaceData,
    world: &World<'_>,
    random: &mut Random,
    first: Date,
    issued: Date,
    end: FaceValue,
) {
    face.set("KZ_CLRQ", text(first));
    face.set("ZZBFRQ", text(issued));
    face.set("ZZYXQQSRQ", text(issued));
    face.set("ZZYXQJZRQ", end);
    face.set("KZ_NSYXQ", text(add_days(horizon(world.today), random.below(200) as i32)));
}

/// Kilograms as tonnes.
fn tonnes(kilograms: usize) -> String {
    match kilograms % 1000 {
        0 => (kilograms / 1000).to_string(),
        rest => format!("{}.{}", kilograms / 1000, rest / 100),
    }
}

/// A 网络预约出租汽车运输证; `serial` counts within the kind from 1.
pub(crate) fn ride_hailing(
    world: &World<'_>,
    number: usize,
    serial: usize,
    authority: &Authority,
) -> (FaceData, Date) {
    let mut random = world.random(Purpose::Record, number);
    let area = authority.area.as_str();
    let mut face = FaceData::default();
    face.set("ZZBH", FaceValue::Text(format!("{area}{serial:06}")));
    holder(world, number, area, &["汽车服务", "出行科技", "汽车租赁"], &mut random, &mut face);
    // 经济类型 belongs to the other transport certificate.
    face.remove("KZ_JJLX");
    let brand = random.pick(&CARS);
    let electric = brand.ends_with("EV");
    let (plate, colour) = plate(world, number, Shape::Car, electric);
    face.set("KZ_CLHP", FaceValue::Text(plate));
    face.set("KZ_CPYS", colour);
    identification(&mut face, world, number, &mut random, "L99YTCC2");
    face.set("KZ_CLLX", "K33");
    face.set("KZ_CLXH", *brand);
    face.set("KZ_FDJH", FaceValue::Text(format!("YT{:07}", random.below(10_000_000))));
    face.set("KZ_ZW", if random.percent(88) { "5" } else { "7" });
    face.set("KZ_RLLX", if electric { "5" } else { "1" });
    let place = world.catalogue.areas.name(area, world.today).unwrap_or(world.place.words().name);
    face.set("KZ_JYQY", FaceValue::Text(format!("{place}行政区域")));
    let first = between(&mut random, add_months(world.today, -48), add_days(world.today, -1));
    // The vehicle leaves the trade after eight years.
    set_days(&mut face, world, &mut random, first, first, text(end_of(first, 8)));
    (face, first)
}
