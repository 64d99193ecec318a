//! Outcomes that were recorded without network.

use node::verify::{LateOutcome, LateStatus};
use proof::receipt::Outcome;

use crate::support::{NOW, SECOND, World, on_both};
use crate::{chain, count, enrol, officer, texts, upload};

/// The stop of [`chain`].
const STOP: &str = "0404040404040404";

fn late(outcome: &str, note: &str, minutes: i64) -> LateOutcome {
    LateOutcome {
        stop: STOP.into(),
        outcome: outcome.into(),
        note: note.into(),
        at: NOW / SECOND + minutes * 60,
    }
}

fn send(world: &World, outcomes: &[LateOutcome], staff_no: &str, minutes: i64) -> Vec<LateStatus> {
    let now = NOW + minutes * 60 * SECOND;
    let answers = world.province.outcome_upload(outcomes, &officer(staff_no), now).expect("an answer");
    answers.into_iter().map(|one| one.status).collect()
}

fn stands(world: &World) -> (String, String) {
    let group = world.province.group_show(STOP).expect("the stop").group;
    (group.outcome, group.note)
}

fn stop_is_there(world: &World) {
    enrol(world, 20, "Z1", NOW);
    upload(world, &texts(20, &chain(20, 1, None)), NOW + 3600 * SECOND);
}

#[test]
fn they_are_taken_in_their_order_once() {
    on_both(|world| {
        stop_is_there(world);
        let both = [late("教育提醒", "", 5), late("责令改正", "灯光不合规", 6)];
        assert_eq!(send(world, &both, "Z1", 90), [LateStatus::Stored, LateStatus::Stored]);
        assert_eq!(stands(world), ("责令改正".into(), "灯光不合规".into()));
        let entries = "audit_pending WHERE entries LIKE '%verify.group_outcome%'";
        assert_eq!(count(world, entries), 1, "both in one row");
        // The answer was lost: the same again changes nothing, and is no act.
        assert_eq!(send(world, &both, "Z1", 95), [LateStatus::Older, LateStatus::Known]);
        assert_eq!(stands(world), ("责令改正".into(), "灯光不合规".into()));
        assert_eq!(count(world, entries), 1);
    });
}

#[test]
fn what_was_recorded_later_at_the_node_stays() {
    on_both(|world| {
        stop_is_there(world);
        world
            .province
            .group_outcome(STOP, Outcome::Passed, "复核后放行", &officer("Z1"), NOW + 3600 * SECOND)
            .expect("recorded");
        assert_eq!(send(world, &[late("暂扣", "", 30)], "Z1", 90), [LateStatus::Older]);
        assert_eq!(stands(world), ("放行".into(), "复核后放行".into()));
        assert_eq!(send(world, &[late("暂扣", "", 80)], "Z1", 90), [LateStatus::Stored]);
        // A clock that is ahead does not keep off what is mended afterwards.
        assert_eq!(send(world, &[late("移送", "", 9999)], "Z1", 91), [LateStatus::Stored]);
        assert_eq!(send(world, &[late("立案", "", 92)], "Z1", 93), [LateStatus::Stored]);
        assert_eq!(stands(world).0, "立案");
    });
}

#[test]
fn only_the_officer_of_a_known_stop_is_heard() {
    on_both(|world| {
        assert_eq!(send(world, &[late("放行", "", 5)], "Z1", 90), [LateStatus::Refused]);
        stop_is_there(world);
        let wrong = [late("没有这种", "", 5), late("未记录", "", 5), late("放行", &"长".repeat(201), 5)];
        assert_eq!(send(world, &wrong, "Z1", 90), [LateStatus::Refused; 3]);
        assert_eq!(send(world, &[late("放行", "", 5)], "Z2", 90), [LateStatus::Refused]);
        assert_eq!(send(world, &[late("放行", "", 5)], "Z1", 90), [LateStatus::Stored]);
    });
}
