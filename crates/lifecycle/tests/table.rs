//! The whole table family × status × event → outcome, held in a committed snapshot.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use std::fmt::Write;

use codes::Validity;
use lifecycle::{Base, Delta, EventKind, History, Hold, Registration, State, decide};
use world::{day, event, grant, live, outcome, rules};

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/table.txt");
const TODAY: &str = "2026-06-01";

/// The statuses of the columns: name and the steps from a live certificate.
fn statuses(kind: &str) -> Vec<(&'static str, State)> {
    let from = |deltas: &[Delta]| {
        let mut state = live(kind).origin().clone();
        state.apply(&[
            Delta::Entitlement(world::entitlement("A")),
            Delta::Entitlement(world::entitlement("B")),
        ]);
        if kind == "taxi-driver" {
            let since = day("2026-01-01");
            state.apply(&[Delta::Registration(Some(Registration { since, until: None }))]);
        }
        state.apply(deltas);
        state
    };
    let hold = |slug: &str| Delta::AddHold(Hold(slug.into()));
    let to = |text: &str| Delta::ValidTo(Validity::parse(text).unwrap());
    let mut all = vec![("无记录", State::unknown(kind)), ("未转换", from(&[])), ("正常", from(&[]))];
    all[1].1.version = 0;
    all.push(("到期", from(&[to("2026-05-01")])));
    all.push(("到期久", from(&[to("2025-05-01")])));
    for (name, slug) in
        [("暂扣", "withheld"), ("挂失", "lost"), ("停运", "out-of-service"), ("停业", "out-of-business")]
    {
        all.push((name, from(&[hold(slug)])));
    }
    for base in Base::ALL.iter().filter(|base| base.is_terminal()) {
        all.push((base.name(), from(&[Delta::Base(*base)])));
    }
    all
}

/// One cell. A `*` says that a version is issued, `→` where the base goes, `±` that holds change.
fn cell(rules: &lifecycle::Rules, state: &State, kind: EventKind) -> String {
    let mut event = event("e", kind, TODAY);
    event.entitlements = match kind {
        EventKind::AddItem => vec![grant("C")],
        EventKind::RemoveItem => vec![grant("A")],
        _ => Vec::new(),
    };
    let decision = decide(rules, &History::new(state.clone()), &event, day(TODAY));
    let mut cell = outcome(&decision);
    if let lifecycle::Decision::Apply(effect) = &decision {
        if effect.version.is_some() {
            cell.push('*');
        }
        if effect.state.base != state.base {
            write!(cell, "→{}", effect.state.base).unwrap();
        }
        if effect.state.holds != state.holds {
            cell.push('±');
        }
    }
    cell
}

fn table() -> String {
    let rules = rules();
    let mut text = String::from(
        "办 applied, * issues a version, →X base becomes X, ± holds change; 拒 refused; 等 waits (no sequence given)\n",
    );
    for table in rules.tables() {
        let kind = table.kinds.last().unwrap();
        writeln!(text, "\n{} {} {} ({})", table.family, table.slug, table.name, table.kinds.join(" "))
            .unwrap();
        let statuses = statuses(kind);
        for event in EventKind::ALL {
            writeln!(text, "  {event}").unwrap();
            // Statuses with one outcome stand on one line.
            let mut cells: Vec<(String, Vec<&str>)> = Vec::new();
            for (name, state) in &statuses {
                let cell = cell(&rules, state, *event);
                match cells.iter_mut().find(|(other, _)| *other == cell) {
                    Some((_, names)) => names.push(name),
                    None => cells.push((cell, vec![name])),
                }
            }
            for (cell, names) in cells {
                writeln!(text, "    {cell}: {}", names.join(" ")).unwrap();
            }
        }
    }
    text
}

#[test]
fn the_table_is_the_committed_one() {
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap();
    assert!(table() == committed, "after a wanted change: cargo test -p lifecycle --test table -- --ignored");
}

#[test]
#[ignore = "writes the snapshot: run it after a wanted change of the rules, and read the difference"]
fn write_the_table() {
    std::fs::write(SNAPSHOT, table()).unwrap();
}
