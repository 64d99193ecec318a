//! The penalty that chooses between the masks (ISO/IEC 18004 7.8.3), on whole rows of bits at a time.

/// Words of a row: the largest symbol has 177 modules.
const WORDS: usize = 3;

/// Points of the four features.
const RUN: u32 = 3;
const BLOCK: u32 = 3;
const FINDER: u32 = 40;
const BALANCE: u32 = 10;

/// One row or column; module `i` is bit `i`, and bits beyond the symbol are zero.
#[derive(Clone, Copy, Default)]
struct Line([u64; WORDS]);

impl Line {
    /// The line moved by `n` (below 64) modules, so that module `i + n` is seen at `i`.
    fn ahead(self, n: u32) -> Self {
        if n == 0 {
            return self;
        }
        let [a, b, c] = self.0;
        Line([a >> n | b << (64 - n), b >> n | c << (64 - n), c >> n])
    }

    fn and(self, other: Self) -> Self {
        Line(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    fn and_not(self, other: Self) -> Self {
        Line(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    fn differs(self, other: Self) -> Self {
        Line(std::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }

    fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The first `n` modules set.
    fn first(n: usize) -> Self {
        Line(std::array::from_fn(|i| match n.saturating_sub(64 * i) {
            0 => 0,
            bits @ 1..=63 => (1 << bits) - 1,
            _ => u64::MAX,
        }))
    }
}

/// The penalty of a symbol of `width` modules a side; lower reads better.
pub(super) fn score(modules: &[bool], width: usize) -> u32 {
    let mut rows = vec![Line::default(); width];
    let mut columns = vec![Line::default(); width];
    for (y, row) in modules.chunks_exact(width).enumerate() {
        for (x, &dark) in row.iter().enumerate() {
            rows[y].0[x / 64] |= u64::from(dark) << (x % 64);
            columns[x].0[y / 64] |= u64::from(dark) << (y % 64);
        }
    }
    let lines = rows.iter().chain(&columns).map(|&line| runs(line, width) + finders(line, width));
    let blocks = rows.windows(2).map(|pair| blocks(pair[0], pair[1], width));
    let dark = rows.iter().map(|line| line.count()).sum::<u32>();
    lines.sum::<u32>() + blocks.sum::<u32>() + balance(dark, modules.len() as u32)
}

/// Modules that equal the next one.
fn alike(line: Line, width: usize) -> Line {
    Line::first(width - 1).and_not(line.differs(line.ahead(1)))
}

/// Five equal modules cost three points, each further one a point.
fn runs(line: Line, width: usize) -> u32 {
    let two = alike(line, width);
    let three = two.and(two.ahead(1));
    let five = three.and(three.ahead(2));
    let runs = five.and_not(five.ahead(1)).count();
    five.count() + (RUN - 1) * runs
}

/// Each two by two modules of one colour.
fn blocks(upper: Line, lower: Line, width: usize) -> u32 {
    let both = alike(upper, width).and(alike(lower, width));
    BLOCK * both.and_not(upper.differs(lower)).count()
}

/// What looks like a finder pattern: 1:1:3:1:1 with four light modules before or after it.
fn finders(line: Line, width: usize) -> u32 {
    let pattern = line
        .and_not(line.ahead(1))
        .and(line.ahead(2))
        .and(line.ahead(3))
        .and(line.ahead(4))
        .and_not(line.ahead(5))
        .and(line.ahead(6));
    let light = Line::first(width).and_not(line);
    let two = light.and(light.ahead(1));
    let four = two.and(two.ahead(2));
    FINDER * (pattern.and(four.ahead(7)).count() + four.and(pattern.ahead(4)).count())
}

/// Ten points for each full five percent by which the share of dark modules is off one half.
fn balance(dark: u32, total: u32) -> u32 {
    BALANCE * ((20 * dark).abs_diff(10 * total) / total)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            width in 11_usize..140,
            tiles in prop::collection::vec(prop::sample::select(vec!["#.###.#", "....", "#####", ".", "#", "......"]), 10_000),
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
            finders(
                Line([text.chars().rev().fold(0, |bits, c| bits << 1 | u64::from(c == '#')), 0, 0]),
                text.len(),
            )
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
