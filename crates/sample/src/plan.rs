//! Which record is of which kind, which ones are wrong, and the making of one record.

use std::collections::BTreeMap;
use std::ops::Range;

use catalogue::{Authority, Catalogue, Kind};
use model::{Decision, Record};

use crate::SampleOptions;
use crate::driver::{Taxi, qualification, taxi};
use crate::error::SampleError;
use crate::inject::{self, Fault};
use crate::licence::{Licence, licence};
use crate::person::Person;
use crate::portrait;
use crate::random::Purpose;
use crate::truth::Truth;
use crate::vehicle::{Shape, model, ride_hailing, transport};
use crate::vehicle_photo;
use crate::world::World;

/// How the records of a kind are made.
#[derive(Clone, Copy)]
enum Maker {
    Qualification,
    Taxi(Taxi),
    Licence(Licence),
    Transport,
    RideHailing,
}

const DANGEROUS: &[&str] = &[
    "03121", "03122", "03131", "03141", "03142", "03143", "03151", "03152", "03161", "03181", "03191",
    "03111", "03112", "03114", "03231", "03281",
];
const GENERAL: &[&str] = &[
    "02101", "02201", "02202", "02203", "02301", "02302", "02303", "01101", "01102", "01103", "01104",
    "01201", "01202", "01203", "06201", "10201",
];

#[rustfmt::skip]
const MAKERS: [(&str, Maker); 9] = [
    ("qualification", Maker::Qualification),
    ("ride-hailing-driver", Maker::Taxi(Taxi { category: "09003", is_ride_hailing: true })),
    ("taxi-driver", Maker::Taxi(Taxi { category: "09002", is_ride_hailing: false })),
    ("operation-licence", Maker::Licence(Licence { word: "", trades: &["运输", "物流", "客运", "货运", "供应链管理"], scopes: GENERAL, matter: "000118017000", persons: true })),
    ("dangerous-goods-licence", Maker::Licence(Licence { word: "危", trades: &["危险品运输", "化工物流", "石化运输"], scopes: DANGEROUS, matter: "000118037000", persons: false })),
    ("ride-hailing-licence", Maker::Licence(Licence { word: "网", trades: &["出行科技", "网约车服务", "智慧出行"], scopes: &[], matter: "000118022000", persons: false })),
    ("radioactive-licence", Maker::Licence(Licence { word: "放", trades: &["核技术物流", "特种运输"], scopes: &["03170", "03270"], matter: "000118036000", persons: false })),
    ("transport-certificate", Maker::Transport),
    ("ride-hailing-transport", Maker::RideHailing),
];

/// The records of one kind within a sample.
pub struct SampleKind<'a> {
    /// The kind.
    pub kind: &'a Kind,
    /// Numbers of its records, counted over the whole sample from 0.
    pub range: Range<usize>,
    maker: Maker,
    authorities: Vec<&'a Authority>,
}

/// A record of the sample and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The record.
    pub record: Record,
    /// `None` when it is clean.
    pub truth: Option<Truth>,
}

/// A sample: every record and photo can be made at any time, in any order.
pub struct Sample<'a> {
    world: World<'a>,
    kinds: Vec<SampleKind<'a>>,
    faults: BTreeMap<usize, Fault>,
}

impl<'a> Sample<'a> {
    pub(crate) fn new(options: SampleOptions, catalogue: &'a Catalogue) -> Result<Self, SampleError> {
        if !(1..=4_000_000).contains(&options.count) {
            return Err(SampleError::Count(options.count));
        }
        let world = World::new(options, catalogue)?;
        let mut kinds = Vec::with_capacity(MAKERS.len());
        let mut start = 0;
        for (place, (slug, maker)) in MAKERS.into_iter().enumerate() {
            let kind = catalogue.kind(slug, options.today).ok_or(SampleError::KindMissing(slug))?;
            let count = options.count / MAKERS.len() + usize::from(place < options.count % MAKERS.len());
            let authorities = world.authorities(kind)?;
            kinds.push(SampleKind { kind, range: start..start + count, maker, authorities });
            start += count;
        }
        let mut sample = Self { world, kinds, faults: BTreeMap::new() };
        sample.faults = inject::plan(&sample, options.wrong_per_mille.min(1000));
        Ok(sample)
    }

    /// The nine kinds with their records, in the order of the record numbers.
    pub fn kinds(&self) -> &[SampleKind<'a>] {
        &self.kinds
    }

    /// How many records there are.
    pub fn count(&self) -> usize {
        self.kinds.last().map_or(0, |kind| kind.range.end)
    }

    /// How many of them are wrong.
    pub fn wrong(&self) -> usize {
        self.faults.len()
    }

    /// The record of a number; `None` from [`Self::count`] on.
    pub fn case(&self, number: usize) -> Option<Case> {
        let kind = self.kind_of(number)?;
        let record = self.clean(kind, number);
        Some(match self.faults.get(&number) {
            None => Case { record, truth: None },
            Some(fault) => inject::apply(self, kind, record, number, fault),
        })
    }

    /// All records in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Case> {
        (0..self.count()).filter_map(|number| self.case(number))
    }

    /// The photo file that the record of a number names, damaged where the truth says so; `None` when it names none.
    pub fn photo(&self, number: usize) -> Option<Vec<u8>> {
        let kind = self.kind_of(number)?;
        kind.kind.photo_item()?;
        let fault = self.faults.get(&number);
        // The person of a repeated record looks the same in both pictures.
        let subject = fault.and_then(Fault::same_person).unwrap_or(number);
        let mut random = self.world.random(Purpose::Photo, number);
        let bytes = match kind.maker {
            Maker::Transport => vehicle_photo::draw(&mut random, model(&self.world, subject).shape),
            Maker::RideHailing => vehicle_photo::draw(&mut random, Shape::Car),
            _ => {
                let mut looks = self.world.random(Purpose::Photo, subject);
                let female = Person::new(&self.world, subject).female;
                portrait::draw(&mut looks, &mut random, female)
            }
        };
        Some(match fault {
            Some(fault) => inject::damage(fault, bytes),
            None => bytes,
        })
    }

    pub(crate) fn world(&self) -> &World<'a> {
        &self.world
    }

    pub(crate) fn kind_of(&self, number: usize) -> Option<&SampleKind<'a>> {
        self.kinds.iter().find(|kind| kind.range.contains(&number))
    }

    pub(crate) fn authority(&self, kind: &SampleKind<'a>, number: usize) -> &'a Authority {
        let authority: &&Authority = self.world.random(Purpose::Authority, number).pick(&kind.authorities);
        authority
    }

    /// The record of a number before anything is made wrong.
    pub(crate) fn clean(&self, kind: &SampleKind<'a>, number: usize) -> Record {
        let authority = self.authority(kind, number);
        let serial = number - kind.range.start + 1;
        let world = &self.world;
        let (face, issued) = match kind.maker {
            Maker::Qualification => qualification(world, number, authority),
            Maker::Taxi(which) => taxi(world, number, authority, which),
            Maker::Licence(which) => licence(world, number, serial, authority, which),
            Maker::Transport => transport(world, number, serial, authority),
            Maker::RideHailing => ride_hailing(world, number, serial, authority),
        };
        let record_id = self.record_id(number);
        let photo = kind.kind.photo_item().map(|_| format!("photos/{record_id}.jpg"));
        let decided = crate::dates::add_days(issued, -((number % 8) as i32));
        let no = format!("{}交运许〔{}〕{}号", world.place.words().short, decided.year(), number + 1);
        Record {
            record_id,
            source: "sample".into(),
            kind: kind.kind.type_code.clone(),
            authority_uscc: authority.uscc.as_str().to_owned(),
            area: authority.area.as_str().to_owned(),
            decision: Decision { no, date: decided.to_string() },
            face,
            photo,
        }
    }

    pub(crate) fn record_id(&self, number: usize) -> String {
        format!("S{}-{:06}", self.world.seed, number + 1)
    }
}
