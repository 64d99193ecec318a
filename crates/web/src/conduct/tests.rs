use std::pin::pin;
use std::task::Waker;

use super::*;

#[test]
fn a_panic_while_a_request_is_answered_is_a_problem() {
    let falls = Box::pin(async { panic!("on purpose") });
    let future = pin!(NoPanic(AssertUnwindSafe(falls)));
    let Poll::Ready(Err(problem)) = future.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("an answer at once");
    };
    assert_eq!((problem.status, problem.code.as_deref()), (500, Some("INTERNAL")));
}
