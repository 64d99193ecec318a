//! Which data is in force, file by file: what came with the program, and a province's own over it.

use std::sync::LazyLock;

use catalogue::DataFile;
use gm::sm3::sm3;

use crate::issue::journal::hex;

/// A file of data in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataPart {
    /// Path below `data/`.
    pub path: String,
    /// SM3 of its bytes, hex.
    pub sm3: String,
    /// Its bytes.
    pub bytes: usize,
    /// A province's own, in the place of the program's or beside it.
    pub own: bool,
}

impl DataPart {
    fn of(path: &str, text: &str, own: bool) -> Self {
        Self { path: path.to_owned(), sm3: hex(&sm3(text.as_bytes())), bytes: text.len(), own }
    }
}

macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../data/", $path)))),+]
    };
}

/// Every file under `data/`; a test compares.
const EMBEDDED: &[(&str, &str)] = embedded![
    "areas/cn-current.toml",
    "areas/cn-retired.toml",
    "areas/demo.toml",
    "authorities.toml",
    "calendar/2019.toml",
    "calendar/2020.toml",
    "calendar/2021.toml",
    "calendar/2022.toml",
    "calendar/2023.toml",
    "calendar/2024.toml",
    "calendar/2025.toml",
    "calendar/2026.toml",
    "codes/annual-inspection.toml",
    "codes/branch-flag.toml",
    "codes/business-scope.toml",
    "codes/carrier-type.toml",
    "codes/certificate-state.toml",
    "codes/coach-grade.toml",
    "codes/driving-class.toml",
    "codes/economic-type.toml",
    "codes/fuel.toml",
    "codes/holder-document-type.toml",
    "codes/id-document.toml",
    "codes/integrity-grade.toml",
    "codes/issue-type.toml",
    "codes/nationality.toml",
    "codes/operator-state.toml",
    "codes/paper-certificate-type.toml",
    "codes/plate-colour.toml",
    "codes/qualification-category.toml",
    "codes/related-item.toml",
    "codes/sex.toml",
    "codes/technical-grade.toml",
    "codes/vehicle-state.toml",
    "codes/vehicle-type.toml",
    "deliver.toml",
    "duty.toml",
    "fonts.toml",
    "kinds/common.toml",
    "kinds/dangerous-goods-licence.toml",
    "kinds/operation-licence.toml",
    "kinds/qualification.toml",
    "kinds/radioactive-licence.toml",
    "kinds/ride-hailing-driver.toml",
    "kinds/ride-hailing-licence.toml",
    "kinds/ride-hailing-transport.toml",
    "kinds/taxi-driver.toml",
    "kinds/transport-certificate.toml",
    "lifecycle/common.toml",
    "lifecycle/messages.toml",
    "lifecycle/operator.toml",
    "lifecycle/qualification.toml",
    "lifecycle/taxi-driver.toml",
    "lifecycle/vehicle.toml",
    "number-rules.toml",
    "policy-overrides.toml",
    "reasons.toml",
    "rights.toml",
    "rules.toml",
    "seal-policy.toml",
    "templates/dangerous-goods-licence-copy.toml",
    "templates/dangerous-goods-licence.toml",
    "templates/operation-licence-copy.toml",
    "templates/operation-licence.toml",
    "templates/qualification.toml",
    "templates/radioactive-licence-copy.toml",
    "templates/radioactive-licence.toml",
    "templates/ride-hailing-driver.toml",
    "templates/ride-hailing-licence-copy.toml",
    "templates/ride-hailing-licence.toml",
    "templates/ride-hailing-transport.toml",
    "templates/taxi-driver.toml",
    "templates/transport-certificate.toml",
];

/// Their digests, computed once.
static PARTS: LazyLock<Vec<DataPart>> =
    LazyLock::new(|| EMBEDDED.iter().map(|(path, text)| DataPart::of(path, text, false)).collect());

/// The files in force with a province's own over those of the program, by path.
pub(crate) fn in_force(own: &[DataFile]) -> Vec<DataPart> {
    let own: Vec<DataPart> = own.iter().map(|file| DataPart::of(&file.path, &file.text, true)).collect();
    let kept = PARTS.iter().filter(|part| own.iter().all(|one| one.path != part.path)).cloned();
    let mut parts: Vec<DataPart> = kept.chain(own.iter().cloned()).collect();
    parts.sort_by(|one, other| one.path.cmp(&other.path));
    parts
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
        let mut paths = Vec::new();
        crate::files::walk(&root, &mut paths).expect("the folder");
        let mut found: Vec<String> = paths
            .iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .map(|path| path.strip_prefix(&root).expect("below").display().to_string())
            .collect();
        found.sort();
        assert_eq!(found, EMBEDDED.iter().map(|(path, _)| (*path).to_owned()).collect::<Vec<_>>());
    }

    #[test]
    fn a_province_s_own_file_takes_the_place_of_the_program_s() {
        let own = DataFile { path: "rules.toml".into(), text: "# ours".into() };
        let parts = in_force(std::slice::from_ref(&own));
        let rules: Vec<_> = parts.iter().filter(|part| part.path == "rules.toml").collect();
        assert!(rules.len() == 1 && rules[0].own && rules[0].bytes == 6);
        assert_eq!(parts.len(), EMBEDDED.len());
    }
}
