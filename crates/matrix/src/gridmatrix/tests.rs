//! What cannot be seen from outside: damage counted in codewords, the block table, arbitrary codewords.

use proptest::prelude::*;

use super::layout::{Grade, Size, correct, draw, interleave};
use super::mode::{Mode, control};
use super::{charset, decode, plan, read, reed_solomon, write};
use crate::error::MatrixError;

fn grade(version: u8, level: u8) -> Grade {
    Grade::new(Size::new(version).expect("1 to 13"), level)
}

/// Every version with every level that has correction worth the name.
fn grades() -> impl Iterator<Item = Grade> {
    (1..=13)
        .flat_map(|version| (1..=5).map(move |level| (version, level)))
        .filter(|&g| g != (1, 1))
        .map(|(v, l)| grade(v, l))
}

/// Any data for `grade`, the same each time.
fn data(grade: Grade) -> Vec<u8> {
    (0..grade.data_codewords()).map(|i| (i * 37 % 128) as u8).collect()
}

/// Changes `count` codewords of the block `index`, spread over it.
fn damage(words: &mut [u8], grade: Grade, index: usize, count: usize) {
    let blocks = grade.blocks();
    let length = grade.block(index).0;
    for n in 0..count {
        words[(n * length / count) * blocks + index] ^= 1 + (n * 29 % 127) as u8;
    }
}

#[test]
fn capacities_are_those_of_the_published_table() {
    // Bits as published for levels 1 to 5 (version 1 has no level 1).
    let published = [
        (2, [315, 280, 245, 210, 175]),
        (4, [1022, 910, 798, 686, 567]),
        (8, [3647, 3241, 2835, 2429, 2023]),
    ];
    for (version, bits) in published {
        assert_eq!([1, 2, 3, 4, 5].map(|level| grade(version, level).data_codewords() * 7), bits);
    }
}

#[test]
fn damage_up_to_the_promise_is_corrected_in_every_block() {
    for grade in grades() {
        let mut words = interleave(grade, &data(grade));
        let mut wrong = 0;
        for index in 0..grade.blocks() {
            let most = grade.block(index).1 / 2;
            damage(&mut words, grade, index, most);
            wrong += most;
        }
        assert_eq!(correct(grade, &words), Ok((data(grade), wrong)), "{grade:?}");
    }
}

#[test]
fn damage_beyond_the_promise_is_an_error() {
    // Levels with enough check codewords that a chance hit on another codeword is out of the question.
    for grade in grades().filter(|grade| grade.block(0).1 >= 20) {
        let last = grade.blocks() - 1;
        let mut words = interleave(grade, &data(grade));
        let beyond = grade.block(last).1 / 2 + 1;
        damage(&mut words, grade, last, beyond);
        assert_eq!(correct(grade, &words), Err(MatrixError::Damaged { block: last + 1 }), "{grade:?}");
    }
}

#[test]
fn flipped_modules_are_corrected_and_counted() {
    let symbol =
        super::encode("许可证", super::GmOptions { version: Some(4), level: Some(3) }).expect("fits");
    let mut flipped = symbol.clone();
    // Inner modules of the centre macromodule: one of each codeword.
    for (x, y) in [(4 * 6 + 3, 4 * 6 + 1), (4 * 6 + 4, 4 * 6 + 4)] {
        flipped.set(x, y, !symbol.get(x, y));
    }
    let read = decode(&flipped).expect("corrects");
    assert_eq!((read.text.as_deref(), read.corrected), (Some("许可证"), 2));
}

#[test]
fn a_bar_of_ink_across_frames_and_layer_numbers_is_survived() {
    let text = "道路运输经营许可证";
    let mut symbol =
        super::encode(text, super::GmOptions { version: Some(5), level: Some(5) }).expect("fits");
    (0..symbol.width()).for_each(|x| (30..36).for_each(|y| symbol.set(x, y, true)));
    assert_eq!(decode(&symbol).expect("corrects").text.as_deref(), Some(text));
}

#[test]
fn codewords_beyond_the_data_are_drawn_and_read_alike() {
    let grade = grade(3, 4);
    let words: Vec<u8> = (0..98).map(|i| (i * 11 % 128) as u8).collect();
    assert_eq!(super::layout::read_codewords(&draw(grade, &words), Size::new(3).expect("1 to 13")), words);
}

/// Bits of one run in one mode by the letter of the standard, `None` if the mode cannot carry it.
fn run_bits(mode: Mode, run: &[u8]) -> Option<u32> {
    let marks = |byte: &u8| b" +-.,".contains(byte);
    match mode {
        Mode::Byte => Some(9 + 8 * run.len() as u32),
        Mode::Chinese => match run {
            [] => Some(0),
            [b'\r', b'\n', rest @ ..] => run_bits(mode, rest).map(|bits| bits + 13),
            [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
                let one = run_bits(mode, &run[1..])?;
                Some(13 + one.min(run_bits(mode, rest)?))
            }
            [_, rest @ ..] => run_bits(mode, rest).map(|bits| bits + 13),
        },
        Mode::Numeral => {
            // Full groups of three digits, the last may be shorter; each with at most one mark before a digit.
            let (mut groups, mut digits, mut marked) = (0, 0, 0);
            let mut pending = false;
            for byte in run {
                if byte.is_ascii_digit() {
                    groups += u32::from(digits % 3 == 0);
                    (digits, pending) = (digits + 1, false);
                } else if marks(byte) && !pending && (digits % 3 == 0 || marked < groups) {
                    // A mark at a border belongs to the group that follows.
                    marked = groups + u32::from(digits % 3 == 0);
                    pending = true;
                } else {
                    return None;
                }
            }
            let count = run.iter().filter(|byte| marks(byte)).count() as u32;
            (!pending && digits > 0).then_some(2 + 10 * (groups + count))
        }
        _ => run.iter().try_fold(0, |bits, &byte| {
            let (letter, shift) = if mode == Mode::Mixed { (6, 10) } else { (5, 7) };
            let own = if mode.letter(byte).is_some() { letter } else { control(byte).map(|_| shift + 6)? };
            Some(bits + own)
        }),
    }
}

/// The shortest way to write `rest` after `from`, found by trying all of them.
fn shortest(rest: &[u8], from: Option<Mode>) -> u32 {
    if rest.is_empty() {
        return from.map_or(0, |mode| mode.end().1);
    }
    let ways = Mode::ALL.into_iter().filter(|&mode| Some(mode) != from).flat_map(|mode| {
        let change = from.map_or(4, |from| from.switch(mode).1);
        (1..=rest.len()).filter_map(move |length| {
            let run = run_bits(mode, &rest[..length])?;
            Some(change + run + shortest(&rest[length..], Some(mode)))
        })
    });
    ways.min().expect("bytes carry everything")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_block_with_any_correctable_errors_is_repaired(
        own in prop::collection::vec(0_u8..128, 1..60),
        check in 2_usize..60,
        errors in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..128), 0..30),
    ) {
        let mut block = own.clone();
        block.extend(reed_solomon::check_codewords(&own, check));
        let whole = block.clone();
        let mut places: Vec<(usize, u8)> = errors.iter().map(|(at, by)| (at.index(whole.len()), *by)).collect();
        places.sort_unstable();
        places.dedup_by_key(|place| place.0);
        places.truncate(check / 2);
        places.iter().for_each(|&(at, by)| block[at] ^= by);
        prop_assert_eq!(reed_solomon::correct(&mut block, check), Some(places.len()));
        prop_assert_eq!(block, whole);
    }

    #[test]
    fn a_refused_block_stays_as_it_was(mut block in prop::collection::vec(0_u8..128, 30..127), check in 1_usize..30) {
        let before = block.clone();
        if reed_solomon::correct(&mut block, check).is_none() {
            prop_assert_eq!(block, before);
        }
    }

    #[test]
    fn arbitrary_codewords_never_panic(words in prop::collection::vec(0_u8..128, 0..200)) {
        let _ = read::content(&words).map(|content| content.text());
    }

    #[test]
    fn no_way_is_shorter_than_the_plan(text in "[a-c]{0,2}[0-9.]{0,4}[A-C ]{0,2}\r\n|[0-9a-bA. ]{1,6}|[ -~]{1,5}") {
        let input = charset::units(&text).expect("ASCII");
        prop_assert_eq!(plan::plan(&input.units).bits as u32, shortest(text.as_bytes(), None));
    }

    #[test]
    fn a_plan_takes_the_bits_that_it_says(text in "(\\PC|[0-9 .,]|[a-z]|[A-Z]|[可证号]|\r\n){1,700}") {
        if let Ok(input) = charset::units(&text) {
            let plan = plan::plan(&input.units);
            let bits = plan.bits + if input.extended { write::ECI_BITS } else { 0 };
            prop_assert_eq!(write::codewords(&input, &plan.steps).len(), bits.div_ceil(7));
        }
    }
}
