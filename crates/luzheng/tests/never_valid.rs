//! No sequence of events lets an online check say 有效 after the answer to 注销 or 吊销 was acknowledged: not at home, not at the ministry,
//! not in another province. Real processes, killed and started again at any moment; sequences by proptest, which shrinks what fails.
//!
//! `LUZHENG_SEED=<64 hex digits>` runs the sequences of a seed again; every run prints its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod nodes;
#[path = "nodes/three.rs"]
mod three;

use std::cell::RefCell;
use std::time::Duration;

use link::http::Client;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::{Value, json};

use nodes::*;
use three::*;

/// Sequences of a run, and certificates that each one is about.
const SEQUENCES: u32 = 12;
/// Tries to make a failure smaller.
const SMALLER: u32 = 8;
const EACH: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Home,
    Ministry,
    Away,
}

#[derive(Clone, Debug)]
enum Step {
    /// 注销 or 吊销; checks are under way at all three places meanwhile.
    End(usize, &'static str),
    /// The same, and the node at home is killed so many milliseconds after it was sent.
    EndAndKill(usize, &'static str, u64),
    /// 暂扣, then 恢复: a state that comes back must not bring an older one with it.
    Hold(usize),
    Check(usize, Place, bool),
    Kill(Place),
    /// SIGTERM.
    Stop(Place),
    Start(Place),
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::Home), Just(Place::Ministry), Just(Place::Away)]
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..EACH;
    let end = prop_oneof![Just("注销"), Just("吊销")];
    prop_oneof![
        4 => (which.clone(), end.clone()).prop_map(|(which, event)| Step::End(which, event)),
        1 => (which.clone(), end, 0..40u64).prop_map(|(which, event, wait)| Step::EndAndKill(which, event, wait)),
        2 => which.clone().prop_map(Step::Hold),
        6 => (which, place(), any::<bool>()).prop_map(|(which, place, code)| Step::Check(which, place, code)),
        1 => place().prop_map(Step::Kill),
        1 => place().prop_map(Step::Stop),
        2 => place().prop_map(Step::Start),
    ]
}

/// The nodes, and what of their certificates is used up.
struct World {
    three: Three,
    codes: Vec<String>,
    used: usize,
    sent: usize,
    said: usize,
}

/// One of a sequence's certificates: may it still be valid?
struct Known {
    number: usize,
    ended: bool,
}

impl World {
    fn client(&self, place: Place) -> &Client {
        match place {
            Place::Home => &self.three.sender,
            Place::Ministry => &self.three.central,
            Place::Away => &self.three.officer,
        }
    }

    fn up(&mut self, place: Place) {
        self.three.start_again(match place {
            Place::Home => "demo-99",
            Place::Ministry => "demo-00",
            Place::Away => "demo-98",
        });
    }

    fn down(&mut self, place: Place, killed: bool) {
        let node = match place {
            Place::Home => self.three.home.take(),
            Place::Ministry => self.three.ministry.take(),
            Place::Away => self.three.away.take(),
        };
        match node {
            Some(node) if killed => node.kill(),
            Some(node) => node.stop(),
            None => {}
        }
    }

    /// The other province takes the first one's pack with all of these certificates in it: what it falls back on when nobody answers.
    fn give_pack(&mut self) {
        self.three.hand_over_pack();
        for place in [Place::Away, Place::Home, Place::Ministry] {
            self.down(place, false);
        }
        self.up(Place::Away);
        let alone = check_code(&self.three.officer, &self.codes[0]);
        assert_eq!(alone["verdict"], "无法判定", "{alone}");
        assert!(codes_of(&alone).contains(&"MINISTRY_UNREACHABLE"), "{alone}");
        assert_eq!(alone["status"], "正常", "the pack is not there: {alone}");
    }

    /// An event; `true` when its answer says that it was applied.
    fn event(&mut self, number: usize, event: &str) -> bool {
        self.sent += 1;
        let message = self.three.message(number, event, self.sent);
        apply(&self.three.sender, &message)
    }

    /// Nothing that was ended may be valid, by number or by code. A place that does not answer says nothing.
    fn look(&mut self, one: &Known, place: Place, by_code: bool) -> Result<(), TestCaseError> {
        let client = self.client(place);
        let answer = if by_code {
            try_code(client, &self.codes[one.number])
        } else {
            try_identifier(client, &self.three.identifiers[one.number])
        };
        let Some(answer) = answer else { return Ok(()) };
        let verdict = answer["verdict"].as_str().unwrap().to_owned();
        self.said += 1;
        if one.ended && verdict.starts_with("有效") {
            return Err(TestCaseError::fail(format!("{place:?} says {verdict} of an ended one: {answer}")));
        }
        Ok(())
    }
}

fn apply(sender: &Client, message: &Value) -> bool {
    let body = message.to_string();
    let answer = sender.post(
        "/api/v1/lifecycle/events",
        &link::sign::Person::default(),
        "application/json",
        body.as_bytes(),
    );
    answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.body).contains("\"applied\""))
}

fn try_identifier(client: &Client, identifier: &str) -> Option<Value> {
    first(client.get(&format!("/api/v1/verify/{identifier}"), &officer()).ok()?.body)
}

fn try_code(client: &Client, code: &str) -> Option<Value> {
    let scanned = json!({ "code": code }).to_string();
    let answer = client.post("/api/v1/verify/code", &officer(), "application/json", scanned.as_bytes());
    first(answer.ok()?.body)
}

fn first(body: Vec<u8>) -> Option<Value> {
    Some(serde_json::from_slice::<Value>(&body).ok()?["answers"][0].clone())
}

fn run(world: &mut World, steps: &[Step]) -> Result<(), TestCaseError> {
    for place in [Place::Ministry, Place::Home, Place::Away] {
        world.up(place);
    }
    // Fresh ones for every sequence, also while a failure is made smaller; when they run out it is small enough.
    if world.used + EACH > world.codes.len() {
        return Err(TestCaseError::reject("no certificates left"));
    }
    let mut known: Vec<_> = (0..EACH).map(|n| Known { number: world.used + n, ended: false }).collect();
    world.used += EACH;
    for one in &known {
        let answer = try_identifier(&world.three.sender, &world.three.identifiers[one.number]);
        let verdict = answer.map(|answer| answer["verdict"].to_string()).unwrap_or_default();
        prop_assert!(verdict.contains("有效"), "at the beginning: {verdict}");
    }
    for step in steps {
        match step {
            Step::End(which, event) => {
                let number = known[*which].number;
                world.sent += 1;
                let message = world.three.message(number, event, world.sent);
                let (three, codes) = (&world.three, &world.codes);
                known[*which].ended |= std::thread::scope(|scope| {
                    for client in [&three.sender, &three.central, &three.officer] {
                        scope.spawn(move || {
                            try_code(client, &codes[number]);
                            try_identifier(client, &three.identifiers[number])
                        });
                    }
                    apply(&three.sender, &message)
                });
                for place in [Place::Home, Place::Ministry, Place::Away] {
                    world.look(&known[*which], place, *which == 0)?;
                }
            }
            Step::EndAndKill(which, event, wait) => {
                world.sent += 1;
                let message = world.three.message(known[*which].number, event, world.sent);
                let home = world.three.home.take();
                let sender = &world.three.sender;
                known[*which].ended |= std::thread::scope(|scope| {
                    let sent = scope.spawn(|| apply(sender, &message));
                    std::thread::sleep(Duration::from_millis(*wait));
                    home.into_iter().for_each(Node::kill);
                    sent.join().unwrap()
                });
                world.look(&known[*which], Place::Away, false)?;
                world.up(Place::Home);
            }
            Step::Hold(which) => {
                world.event(known[*which].number, "暂扣");
                world.event(known[*which].number, "恢复");
            }
            Step::Check(which, place, by_code) => world.look(&known[*which], *place, *by_code)?,
            Step::Kill(place) => world.down(*place, true),
            Step::Stop(place) => world.down(*place, false),
            Step::Start(place) => world.up(*place),
        }
    }
    for one in &known {
        for place in [Place::Home, Place::Ministry, Place::Away] {
            world.look(one, place, false)?;
            world.look(one, place, true)?;
        }
    }
    Ok(())
}

/// That of the environment, or a new one.
#[allow(clippy::disallowed_methods, reason = "whoever looks for a failure names its seed")]
fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    match std::env::var("LUZHENG_SEED") {
        Ok(text) => {
            for (byte, at) in seed.iter_mut().zip((0..64).step_by(2)) {
                *byte = u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            }
        }
        Err(_) => getrandom::fill(&mut seed).unwrap(),
    }
    seed
}

#[test]
fn nothing_is_valid_anywhere_after_its_end_was_acknowledged() {
    let three = Three::start("never", (SEQUENCES + SMALLER) as usize * EACH, true);
    let codes = three.codes();
    let mut world = World { three, codes, used: 0, sent: 0, said: 0 };
    world.give_pack();
    let world = RefCell::new(world);
    let seed = seed();
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("LUZHENG_SEED={hex}");
    let config = Config {
        cases: SEQUENCES,
        failure_persistence: None,
        max_shrink_iters: SMALLER,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let steps = prop::collection::vec(step(), 6..16);
    let result = runner.run(&steps, |steps| run(&mut world.borrow_mut(), &steps));
    if let Err(TestError::Fail(why, steps)) = &result {
        panic!("LUZHENG_SEED={hex}\n{why}\nafter {steps:#?}");
    }
    result.unwrap();
    let world = world.borrow();
    println!("{} certificates, {} events, {} answers", world.used, world.sent, world.said);
    assert!(world.said > 60, "the places hardly answered: {}", world.said);
}
