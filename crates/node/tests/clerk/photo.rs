//! A photo that is wrong is replaced where its finding stands: the same act, mended.

use model::Severity;
use node::certificate::Within;
use node::form::{Filled, Form, NewPhoto};
use node::lifecycle::{BusinessEvent, Outcome};
use node::work::EventStatus;

use crate::support::{NOW, SECOND, World, first_issues, on_both, submitted};
use crate::{WHY, account, actor, count, run, upload};

/// A first issue whose face has a photo, and the photo.
fn with_photo() -> (BusinessEvent, Vec<u8>) {
    let event = first_issues(12).into_iter().find(|event| event.photo.is_some()).expect("one with a photo");
    let photo = gm::base64::decode(event.photo.as_deref().expect("a photo")).expect("Base64");
    (event, photo)
}

fn jpeg(bytes: &[u8]) -> Option<NewPhoto> {
    Some(NewPhoto { name: "新照片.jpg".into(), bytes: bytes.to_vec() })
}

/// The findings beside the photo.
fn beside(form: &Form) -> String {
    assert!(form.rest.is_empty(), "beside the photo, not apart from it: {:?}", form.rest);
    form.photo
        .as_ref()
        .expect("a photo")
        .findings
        .iter()
        .map(|(what, fix)| format!("{what}；{fix}"))
        .collect()
}

const NOTHING: &dyn Fn(&str) -> Option<String> = &|_| None;

#[test]
fn the_photo_of_an_event_is_replaced_under_its_own_id() {
    on_both(|world| {
        let (mut event, photo) = with_photo();
        event.photo = Some(gm::base64::encode(&photo[..photo.len() / 2]));
        let id = event.event_id.clone();
        assert_eq!(world.province.accept(vec![submitted(event)], NOW)[0].result, Outcome::Unfit);
        let (all, me) = (Within::all(), actor("jingban001"));
        let page = ((i64::MAX, ""), 10);
        let found =
            world.province.work_events(EventStatus::Unfit, (&all, &me), page, NOW).expect("a list").remove(0);
        let form = || {
            let found = world.province.work_event(&found.step.id, (&all, &me), NOW);
            found.expect("read").expect("there").1.expect("a form")
        };
        assert!(beside(&form()).contains("不完整"), "{}", beside(&form()));
        let mend = |photo: Option<NewPhoto>, at: i64| {
            world
                .province
                .work_mend(&found.step.id, (Filled { value: NOTHING, photo }, WHY), (&all, &me), at)
                .expect("an answer")
        };
        for (wrong, says) in [
            (&b"GIF89a"[..], "不是 JPEG 或 PNG"),
            (&vec![0xFF; 300 * 1024], "超过 200 KB"),
            (&b""[..], "空的"),
        ] {
            assert_eq!(mend(jpeg(wrong), NOW + SECOND).result, Outcome::Unfit);
            assert!(beside(&form()).contains(says), "{}", beside(&form()));
        }
        let done = mend(jpeg(&photo), NOW + 2 * SECOND);
        assert_eq!(done.result, Outcome::Applied, "{done:?}");
        assert_eq!(
            (count(world, "lifecycle_event"), count(world, "lifecycle_version")),
            (1, 1),
            "{id}: one act"
        );
        assert!(
            world
                .province
                .work_mend(&found.step.id, (Filled { value: NOTHING, photo: None }, WHY), (&all, &me), NOW)
                .is_err(),
            "once"
        );
    });
}

#[test]
fn an_event_that_came_without_its_photo_gets_one() {
    on_both(|world| {
        let (mut event, photo) = with_photo();
        event.photo = None;
        event.record.as_mut().expect("a record").photo = None;
        let answer = world.province.accept(vec![submitted(event)], NOW).remove(0);
        assert_eq!(answer.result, Outcome::Unfit);
        let (all, me) = (Within::all(), actor("jingban001"));
        let page = ((i64::MAX, ""), 10);
        let found = world.province.work_events(EventStatus::Unfit, (&all, &me), page, NOW).expect("a list");
        let id = found[0].step.id.clone();
        let (_, form) = world.province.work_event(&id, (&all, &me), NOW).expect("read").expect("there");
        let form = form.expect("a form");
        assert!(!form.photo.as_ref().expect("a photo").given && beside(&form).contains("缺少"));
        let done = world.province.work_mend(
            &id,
            (Filled { value: NOTHING, photo: jpeg(&photo) }, WHY),
            (&all, &me),
            NOW + SECOND,
        );
        assert_eq!(done.expect("an answer").result, Outcome::Applied);
    });
}

/// A file of one record whose photo is not among the photos; its key.
fn checked(world: &World, event: &BusinessEvent) -> String {
    let mut file = upload(std::slice::from_ref(event));
    file.photos.clear();
    let (all, me) = (Within::all(), actor("jingban001"));
    world.province.batch_check(file, "jingban001", (&all, &me), NOW).expect("checked")
}

#[test]
fn the_photo_of_a_record_in_a_file_is_replaced_and_outlives_a_restart() {
    let world = crate::support::sqlite();
    let (event, photo) = with_photo();
    account(&world, "jingban001", "*");
    let id = checked(&world, &event);
    let (all, me) = (Within::all(), actor("jingban001"));
    let place = ("jingban001", id.as_str());
    let (item, form) = world.province.batch_form(place, 1, NOW).expect("a form");
    assert!(item.state == "wrong" && beside(&form).contains("没有"), "{}", beside(&form));
    let mend = |world: &World, photo: Option<NewPhoto>| {
        let left = world
            .province
            .batch_mend(place, 1, Filled { value: NOTHING, photo }, (&all, &me), NOW)
            .expect("mended");
        left.into_iter().filter(|one| one.severity == Severity::Error).count()
    };
    assert_eq!(mend(&world, jpeg(b"GIF89a")), 1);
    let (_, form) = world.province.batch_form(place, 1, NOW).expect("a form");
    assert!(beside(&form).contains("不是 JPEG 或 PNG"), "{}", beside(&form));
    assert_eq!(mend(&world, jpeg(&photo)), 0);
    let world = world.reopen();
    assert_eq!(mend(&world, None), 0, "the photo is kept");
    world.province.batch_start("jingban001", &id, &me, NOW).expect("started");
    run(&world);
    let facts = world.province.batch_show("jingban001", &id).expect("read").expect("there");
    assert_eq!((facts.job.state.as_str(), facts.job.count("done")), ("done", 1), "{facts:?}");
}
