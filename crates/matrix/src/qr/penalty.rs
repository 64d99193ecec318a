//! The penalty that chooses between the masks (ISO/IEC 18004 7.8.3), on whole rows of bits at a time.

use super::frame::Grid;
use super::line::Line;

/// Points of the four features.
const RUN: u32 = 3;
const BLOCK: u32 = 3;
const FINDER: u32 = 40;
const BALANCE: u32 = 10;

/// A line in as many words as its symbol needs: most certificates' codes need one or two of three.
#[derive(Clone, Copy)]
struct Bits<const W: usize>([u64; W]);

impl<const W: usize> Bits<W> {
    fn of(line: Line) -> Self {
        Bits(std::array::from_fn(|i| line.0[i]))
    }

    /// The line moved by `n` (1 to 63) modules, so that module `i + n` is seen at `i`.
    fn ahead(self, n: u32) -> Self {
        let next = |i: usize| if i + 1 < W { self.0[i + 1] << (64 - n) } else { 0 };
        Bits(std::array::from_fn(|i| self.0[i] >> n | next(i)))
    }

    fn and(self, other: Self) -> Self {
        Bits(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    fn and_not(self, other: Self) -> Self {
        Bits(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    fn or(self, other: Self) -> Self {
        Bits(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    fn differs(self, other: Self) -> Self {
        Bits(std::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }

    fn is_light(self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The first `n` modules set.
    fn first(n: usize) -> Self {
        Bits(std::array::from_fn(|i| match n.saturating_sub(64 * i) {
            0 => 0,
            bits @ 1..=63 => (1 << bits) - 1,
            _ => u64::MAX,
        }))
    }
}

/// The penalty of data under a mask, `width` modules a side; lower reads better. `None` when it is not below `limit`,
/// which most masks show before their last line.
pub(super) fn score(mask: &Grid, data: &Grid, width: usize, limit: u32) -> Option<u32> {
    match width {
        ..=64 => sum::<1>(mask, data, width, limit),
        65..=128 => sum::<2>(mask, data, width, limit),
        _ => sum::<3>(mask, data, width, limit),
    }
}

fn sum<const W: usize>(mask: &Grid, data: &Grid, width: usize, limit: u32) -> Option<u32> {
    let masked = |pair: (&Line, &Line)| Bits::<W>::of(pair.0.differs(*pair.1));
    let size = Size { all: Bits::first(width), but_last: Bits::first(width - 1) };
    let mut points = 0;
    let mut dark = 0;
    let mut above: Option<(Bits<W>, Bits<W>)> = None;
    for row in mask.rows.iter().zip(&data.rows).map(masked) {
        let alike = size.alike(row);
        points += runs(alike) + size.finders(row);
        dark += row.count();
        if let Some((upper, alike_above)) = above {
            points += blocks(alike_above.and(alike).and_not(upper.differs(row)));
        }
        above = Some((row, alike));
        if points >= limit {
            return None;
        }
    }
    points += balance(dark, (width * width) as u32);
    for column in mask.columns.iter().zip(&data.columns).map(masked) {
        points += runs(size.alike(column)) + size.finders(column);
        if points >= limit {
            return None;
        }
    }
    Some(points)
}

/// The lines of a symbol in bits.
struct Size<const W: usize> {
    all: Bits<W>,
    but_last: Bits<W>,
}

impl<const W: usize> Size<W> {
    /// Modules that equal the next one.
    fn alike(&self, line: Bits<W>) -> Bits<W> {
        self.but_last.and_not(line.differs(line.ahead(1)))
    }

    /// What looks like a finder pattern: 1:1:3:1:1 with four light modules before or after it.
    fn finders(&self, line: Bits<W>) -> u32 {
        let pattern = line
            .and_not(line.ahead(1))
            .and(line.ahead(2))
            .and(line.ahead(3))
            .and(line.ahead(4))
            .and_not(line.ahead(5))
            .and(line.ahead(6));
        let light = self.all.and_not(line);
        let two = light.and(light.ahead(1));
        let four = two.and(two.ahead(2));
        let (before, after) = (four.and(pattern.ahead(4)), pattern.and(four.ahead(7)));
        // Few lines have one, and counting bits is dear where the processor's own instruction may not be assumed.
        if before.or(after).is_light() { 0 } else { FINDER * (before.count() + after.count()) }
    }
}

/// Five equal modules cost three points, each further one a point.
fn runs<const W: usize>(alike: Bits<W>) -> u32 {
    let three = alike.and(alike.ahead(1));
    let five = three.and(three.ahead(2));
    let runs = five.and_not(five.ahead(1)).count();
    five.count() + (RUN - 1) * runs
}

/// Each two by two modules of one colour.
fn blocks<const W: usize>(corners: Bits<W>) -> u32 {
    BLOCK * corners.count()
}

/// Ten points for each full five percent by which the share of dark modules is off one half.
fn balance(dark: u32, total: u32) -> u32 {
    BALANCE * ((20 * dark).abs_diff(10 * total) / total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The score of a symbol, given as two that differ in its dark modules.
    fn score(modules: &[bool], width: usize) -> u32 {
        let noise = |i: usize| i * i % 7 < 3;
        let mask = Grid::of(width, (0..modules.len()).map(noise));
        let data = Grid::of(width, modules.iter().enumerate().map(|(i, dark)| dark ^ noise(i)));
        super::score(&mask, &data, width, u32::MAX).expect("no limit")
    }

    /// The same penalty, module by module.
    fn slow_score(modules: &[bool], width: usize) -> u32 {
        let lines = |step: usize, next: usize| {
            (0..width)
                .map(move |line| (0..width).map(|i| modules[line * next + i * step]).collect::<Vec<bool>>())
        };
        let finder = |part: &[bool]| {
            let is = |wanted: &str| part.iter().zip(wanted.chars()).all(|(&dark, c)| dark == (c == '#'));
            40 * (u32::from(is("#.###.#....")) + u32::from(is("....#.###.#")))
        };
        let line_score = |line: Vec<bool>| {
            let runs =
                line.chunk_by(|a, b| a == b).map(|run| (run.len() as u32).checked_sub(2).filter(|&n| n > 2));
            runs.flatten().sum::<u32>() + line.windows(11).map(finder).sum::<u32>()
        };
        let block = |i: usize| {
            let four = [modules[i], modules[i + 1], modules[i + width], modules[i + width + 1]];
            3 * u32::from(four.iter().all(|&dark| dark == four[0]))
        };
        let corners = (0..width * (width - 1)).filter(|i| i % width < width - 1);
        let dark = modules.iter().filter(|&&dark| dark).count() as u32;
        lines(1, width).chain(lines(width, 1)).map(line_score).sum::<u32>()
            + corners.map(block).sum::<u32>()
            + balance(dark, modules.len() as u32)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_rows_count_like_single_modules(
            width in 11_usize..178,
            tiles in prop::collection::vec(prop::sample::select(vec!["#.###.#", "....", "#####", ".", "#", "......"]), 30_000),
        ) {
            let modules: Vec<bool> = tiles.concat().chars().take(width * width).map(|c| c == '#').collect();
            prop_assume!(modules.len() == width * width);
            prop_assert_eq!(score(&modules, width), slow_score(&modules, width));
        }
    }

    /// A square whose rows are all `row`, so that columns are of one colour.
    fn stripes(row: &str) -> Vec<bool> {
        row.chars().cycle().take(row.len() * row.len()).map(|c| c == '#').collect()
    }

    #[test]
    fn a_checkerboard_costs_nothing() {
        let modules: Vec<bool> = (0..36).map(|i| (i % 6 + i / 6) % 2 == 0).collect();
        assert_eq!(score(&modules, 6), 0);
    }

    #[test]
    fn one_colour_costs_runs_blocks_and_balance() {
        // Twelve lines of six (four points each), 25 blocks, ten times five percent off.
        assert_eq!(score(&[true; 36], 6), 12 * 4 + 25 * 3 + 100);
    }

    #[test]
    fn a_finder_pattern_counts_before_and_after_light_modules() {
        let line = |text: &str| {
            let size = Size::<1> { all: Bits::first(text.len()), but_last: Bits::first(text.len() - 1) };
            size.finders(Bits([text.chars().rev().fold(0, |bits, c| bits << 1 | u64::from(c == '#'))]))
        };
        assert_eq!(line("#.###.#...."), 40);
        assert_eq!(line("....#.###.#...."), 80);
        assert_eq!(line("#.###.#..."), 0, "only three light modules");
    }

    #[test]
    fn runs_cross_the_words_of_a_long_row() {
        let mut row = ['#', '.'].repeat(50);
        row[60..68].fill('#');
        let modules = stripes(&row.iter().collect::<String>());
        // Each row holds one run of nine (60 to 68), seven points; each column is one run of a hundred.
        let blocks = 8 * 99 * 3;
        let dark = row.iter().filter(|&&c| c == '#').count() as u32 * 100;
        assert_eq!(score(&modules, 100), 100 * 7 + 100 * 98 + blocks + balance(dark, 10_000));
    }
}
