//! Messages of any lengths on the lanes of a kernel: every lane takes the next message as soon as it is done with one.

use super::DIGEST_LEN;
use super::block::{INITIAL, State, compress, to_bytes};

/// With this many busy lanes or fewer, one stream after the other is as fast.
pub(super) const SINGLE: usize = 2;

/// A message on its way through a lane.
struct Job<'m> {
    /// Where its digest belongs.
    index: usize,
    /// Blocks of the message not yet taken in.
    body: &'m [[u8; 64]],
    /// The blocks after them: the rest of the message, the padding and the length (§5.2).
    tail: [[u8; 64]; 2],
    /// Blocks of `tail` not yet taken in: the last so many.
    tail_left: usize,
}

impl<'m> Job<'m> {
    fn new(index: usize, message: &'m [u8]) -> Self {
        let (body, rest) = message.as_chunks::<64>();
        // Nine bytes at least follow the message, so a rest of 56 or more needs another block.
        let tail_left = if rest.len() < 56 { 1 } else { 2 };
        let mut tail = [[0; 64]; 2];
        let bytes = &mut tail.as_flattened_mut()[64 * (2 - tail_left)..];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        let bits = (message.len() as u64).wrapping_mul(8);
        let end = bytes.len();
        bytes[end - 8..].copy_from_slice(&bits.to_be_bytes());
        Self { index, body, tail, tail_left }
    }

    /// The next blocks that lie in one piece; empty once the message is done.
    fn blocks(&self) -> &[[u8; 64]] {
        if self.body.is_empty() { &self.tail[2 - self.tail_left..] } else { self.body }
    }

    fn advance(&mut self, blocks: usize) {
        if self.body.is_empty() {
            self.tail_left -= blocks;
        } else {
            self.body = &self.body[blocks..];
        }
    }
}

/// Runs all messages through a kernel of N lanes.
pub(super) fn run<M: AsRef<[u8]>, const N: usize>(
    messages: &[M],
    kernel: impl Fn(&mut [[u32; N]; 8], &[&[[u8; 64]]; N]),
) -> Vec<[u8; DIGEST_LEN]> {
    let mut digests = vec![[0; DIGEST_LEN]; messages.len()];
    // The longest first, so that no long one is left alone at the end.
    let mut order: Vec<usize> = (0..messages.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(messages[index].as_ref().len()));
    let mut queue = order.into_iter().map(|index| Job::new(index, messages[index].as_ref()));

    let mut state = [[0; N]; 8];
    let mut lanes: [Option<Job<'_>>; N] = std::array::from_fn(|_| None);
    loop {
        for (lane, slot) in lanes.iter_mut().enumerate().filter(|(_, slot)| slot.is_none()) {
            *slot = queue.next();
            set_lane(&mut state, lane, &INITIAL);
        }
        if lanes.iter().flatten().count() <= SINGLE {
            break;
        }
        // Idle lanes hash along with a busy one; nobody looks at the result.
        let Some(busy) = lanes.iter().flatten().min_by_key(|job| job.blocks().len()) else { break };
        let run = busy.blocks().len();
        let streams = std::array::from_fn(|lane| &lanes[lane].as_ref().unwrap_or(busy).blocks()[..run]);
        kernel(&mut state, &streams);
        for (lane, slot) in lanes.iter_mut().enumerate() {
            let Some(job) = slot else { continue };
            job.advance(run);
            if job.blocks().is_empty() {
                digests[job.index] = to_bytes(&get_lane(&state, lane));
                *slot = None;
            }
        }
    }
    for (lane, job) in lanes.iter().enumerate().filter_map(|(lane, slot)| Some((lane, slot.as_ref()?))) {
        let mut rest = get_lane(&state, lane);
        compress(&mut rest, job.body);
        compress(&mut rest, &job.tail[2 - job.tail_left..]);
        digests[job.index] = to_bytes(&rest);
    }
    digests
}

fn get_lane<const N: usize>(state: &[[u32; N]; 8], lane: usize) -> State {
    std::array::from_fn(|word| state[word][lane])
}

fn set_lane<const N: usize>(state: &mut [[u32; N]; 8], lane: usize, value: &State) {
    state.iter_mut().zip(value).for_each(|(words, &word)| words[lane] = word);
}
