//! The data files as built into the program (sources, marks and format: `data/README.md`).

/// `data/areas/*.toml`; the first is merged with the others.
pub(crate) const AREAS: &[&str] = &[
    include_str!("../../../data/areas/cn-current.toml"),
    include_str!("../../../data/areas/cn-retired.toml"),
    include_str!("../../../data/areas/demo.toml"),
];

/// `data/calendar/*.toml`, one a year.
pub(crate) const CALENDARS: &[&str] = &[
    include_str!("../../../data/calendar/2019.toml"),
    include_str!("../../../data/calendar/2020.toml"),
    include_str!("../../../data/calendar/2021.toml"),
    include_str!("../../../data/calendar/2022.toml"),
    include_str!("../../../data/calendar/2023.toml"),
    include_str!("../../../data/calendar/2024.toml"),
    include_str!("../../../data/calendar/2025.toml"),
    include_str!("../../../data/calendar/2026.toml"),
];

/// `data/codes/*.toml`, one a table.
pub(crate) const CODES: &[&str] = &[
    include_str!("../../../data/codes/annual-inspection.toml"),
    include_str!("../../../data/codes/branch-flag.toml"),
    include_str!("../../../data/codes/business-scope.toml"),
    include_str!("../../../data/codes/carrier-type.toml"),
    include_str!("../../../data/codes/certificate-state.toml"),
    include_str!("../../../data/codes/coach-grade.toml"),
    include_str!("../../../data/codes/driving-class.toml"),
    include_str!("../../../data/codes/economic-type.toml"),
    include_str!("../../../data/codes/fuel.toml"),
    include_str!("../../../data/codes/holder-document-type.toml"),
    include_str!("../../../data/codes/id-document.toml"),
    include_str!("../../../data/codes/integrity-grade.toml"),
    include_str!("../../../data/codes/issue-type.toml"),
    include_str!("../../../data/codes/nationality.toml"),
    include_str!("../../../data/codes/operator-state.toml"),
    include_str!("../../../data/codes/paper-certificate-type.toml"),
    include_str!("../../../data/codes/plate-colour.toml"),
    include_str!("../../../data/codes/qualification-category.toml"),
    include_str!("../../../data/codes/related-item.toml"),
    include_str!("../../../data/codes/sex.toml"),
    include_str!("../../../data/codes/technical-grade.toml"),
    include_str!("../../../data/codes/vehicle-state.toml"),
    include_str!("../../../data/codes/vehicle-type.toml"),
];
