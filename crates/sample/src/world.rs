//! The invented province: its authorities, areas and addresses.

use catalogue::{Authority, Catalogue, Kind};
use jiff::civil::Date;

use crate::SampleOptions;
use crate::error::SampleError;
use crate::place::Place;
use crate::random::{Purpose, Random};
use crate::words::{ESTATES, STREETS};

/// What all records share.
pub(crate) struct World<'a> {
    pub(crate) seed: u64,
    pub(crate) today: Date,
    pub(crate) place: Place,
    pub(crate) catalogue: &'a Catalogue,
    /// Code and full name of the counties and districts.
    pub(crate) counties: Vec<(String, String)>,
}

impl<'a> World<'a> {
    pub(crate) fn new(options: SampleOptions, catalogue: &'a Catalogue) -> Result<Self, SampleError> {
        let SampleOptions { seed, today, place, .. } = options;
        let areas = &catalogue.areas;
        let county = |code: &str| code.starts_with(place.area()) && !code.ends_with("00");
        let counties: Vec<_> = areas
            .iter()
            .filter(|(code, _)| county(code.as_str()))
            .filter_map(|(code, _)| Some((code.as_str().to_owned(), areas.full_name(code, today)?)))
            .collect();
        if counties.is_empty() {
            Err(SampleError::AreasMissing)
        } else {
            Ok(Self { seed, today, place, catalogue, counties })
        }
    }

    pub(crate) fn random(&self, purpose: Purpose, index: usize) -> Random {
        Random::new(self.seed, purpose, index)
    }

    /// The authorities of the province that may issue a kind, by the levels of its definition.
    pub(crate) fn authorities(&self, kind: &Kind) -> Result<Vec<&'a Authority>, SampleError> {
        let levels = &kind.definition.issuing_level;
        let may = |one: &&Authority| {
            // The definition says 县级 where the directory says 区县级.
            let named =
                levels.contains(one.level.as_str()) || (one.level == "区县级" && levels.contains("县级"));
            let in_force = one.valid_from <= self.today && one.valid_to.is_none_or(|end| self.today <= end);
            one.area.as_str().starts_with(self.place.area()) && named && in_force
        };
        let list: Vec<_> = self.catalogue.authorities.iter().filter(may).collect();
        if list.is_empty() { Err(SampleError::AuthorityMissing(kind.name.clone())) } else { Ok(list) }
    }

    /// Those codes of a list that the catalogue's table has today: a province's own table may have dropped some.
    pub(crate) fn codes(&self, table: &str, wanted: &[&str]) -> Vec<String> {
        let known = |code: &&&str| self.is_code(table, code);
        wanted.iter().filter(known).map(|code| (*code).to_owned()).collect()
    }

    /// Is that a code of the table in force today?
    pub(crate) fn is_code(&self, table: &str, code: &str) -> bool {
        let table = self.catalogue.tables.table(table);
        table.is_some_and(|table| matches!(table.get(code, self.today), codes::Lookup::Known(_)))
    }

    /// An address; now and then a long one.
    pub(crate) fn address(&self, random: &mut Random, home: bool) -> String {
        let (_, county) = random.pick(&self.counties);
        let street = *random.pick(&STREETS);
        let number = random.between(1, 398);
        match (home, random.percent(12)) {
            (true, false) => {
                let estate = random.pick(&ESTATES);
                let (house, flat) =
                    (random.between(1, 30), random.between(1, 18) * 100 + random.between(1, 6));
                format!("{county}{street}{number}号{estate}{house}幢{flat}室")
            }
            (false, false) => format!("{county}{street}{number}号"),
            (_, true) => {
                let (zone, floor) = (random.between(1, 9), random.between(1, 28));
                format!(
                    "{county}{street}与{}交叉口向东{number}米路北现代综合物流产业园第{zone}功能区{floor}层",
                    random.pick(&STREETS)
                )
            }
        }
    }
}
