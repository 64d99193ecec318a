//! Problem documents (RFC 9457).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use link::problem::Problem;
use proptest::prelude::*;

#[test]
fn it_has_the_members_of_the_standard_and_ours() {
    let problem =
        Problem::new(422, "CHECK_DIGIT", "字段有误").item("统一社会信用代码").rule("GB 32100").fix("请改正");
    let wanted = r#"{"type":"about:blank","title":"字段有误","status":422,"code":"CHECK_DIGIT","item":"统一社会信用代码","rule":"GB 32100","fix":"请改正"}"#;
    assert_eq!(problem.to_json(), wanted);
    assert_eq!(Problem::parse(wanted.as_bytes()), Some(problem.clone()));
    assert_eq!(problem.to_string(), "字段有误（统一社会信用代码）；GB 32100；请改正 [CHECK_DIGIT]");
}

#[test]
fn members_that_are_missing_or_unknown_do_no_harm() {
    let problem = Problem::parse(br#"{"balance":30,"title":"x"}"#).unwrap();
    assert_eq!((problem.kind.as_str(), problem.status, problem.code), ("about:blank", 0, None));
    for other in [&b"[]"[..], b"[\"a\",\"b\",1]", b"1", b"", b"{\"status\":\"x\"}", b"\xFF"] {
        assert_eq!(Problem::parse(other), None);
    }
}

proptest! {
    #[test]
    fn any_problem_reads_as_written(title in ".*", status in any::<u16>(), detail in ".*", instance in ".*") {
        let problem = Problem::new(status, "X", title).detail(detail).instance(instance);
        prop_assert_eq!(Problem::parse(problem.to_json().as_bytes()), Some(problem));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Problem::parse(&bytes);
    }
}
