//! The second invented province: its own areas, plates and authorities, and nothing of the first one's.

use catalogue::Catalogue;
use sample::{Place, SampleOptions, generate};

#[test]
fn the_second_province_stands_in_its_own_area() {
    let catalogue = Catalogue::builtin().expect("the catalogue");
    let options =
        SampleOptions { count: 450, wrong_per_mille: 0, place: Place::Trial, ..SampleOptions::default() };
    let sample = generate(options, &catalogue).expect("a sample");
    for case in sample.iter() {
        let record = case.record;
        let text = |short: &str| record.face.text(short).unwrap_or_default();
        assert!(record.area.starts_with("98"), "{}", record.area);
        assert!(record.authority_uscc[2..].starts_with("98"), "{}", record.authority_uscc);
        assert!(!text("CZZT").contains('演'), "{}", text("CZZT"));
        assert!(text("KZ_CLHP").is_empty() || text("KZ_CLHP").starts_with('试'), "{}", text("KZ_CLHP"));
        if text("CZZTDMLXDM") == "111" {
            assert!(text("CZZTDM").starts_with("98"), "{}", text("CZZTDM"));
        }
    }
}
