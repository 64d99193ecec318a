//! The compression function of SM3 for one stream (GB/T 32905-2016 §5.3).

/// The eight words A to H.
pub(super) type State = [u32; 8];

/// The state before the first block (§4.1).
pub(super) const INITIAL: State =
    [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];

/// T_j (§4.2), already rotated left by j as every round wants it.
pub(super) const T: [u32; 64] = {
    let mut t = [0; 64];
    let mut j = 0;
    while j < 64 {
        let base: u32 = if j < 16 { 0x79cc4519 } else { 0x7a879d8a };
        t[j] = base.rotate_left(j as u32 % 32);
        j += 1;
    }
    t
};

/// One round: leaves the new A in `d` and the new E in `h`, so that the next round only renames the words.
macro_rules! round {
    ($j:expr, $late:literal, $w:ident; $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        let turned = $a.rotate_left(12);
        let ss1 = turned.wrapping_add($e.wrapping_add(T[$j])).rotate_left(7);
        let (ff, gg) = if $late {
            // Majority: the two halves share no bit, so `+` may stand for `|`.
            (($a & $b).wrapping_add($c & ($a ^ $b)), ($e & $f).wrapping_add(!$e & $g))
        } else {
            ($a ^ $b ^ $c, $e ^ $f ^ $g)
        };
        let word = $w[$j % 16];
        let tt2 = gg.wrapping_add($h.wrapping_add(word)).wrapping_add(ss1);
        $d = ff.wrapping_add($d.wrapping_add(word ^ $w[($j + 4) % 16])).wrapping_add(ss1 ^ turned);
        $h = tt2 ^ tt2.rotate_left(9) ^ tt2.rotate_left(17);
        $b = $b.rotate_left(9);
        $f = $f.rotate_left(19);
    };
}

/// Four rounds, after which every word is back under its own name. W_{j+4} to W_{j+7} take the places of W_{j-12}
/// to W_{j-9} just before their first use (§5.3.2).
macro_rules! four_rounds {
    ($j:expr, $late:literal, $expand:literal, $w:ident; $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        if $expand { expand(&mut $w, $j + 4); }
        round!($j, $late, $w; $a $b $c $d $e $f $g $h);
        if $expand { expand(&mut $w, $j + 5); }
        round!($j + 1, $late, $w; $d $a $b $c $h $e $f $g);
        if $expand { expand(&mut $w, $j + 6); }
        round!($j + 2, $late, $w; $c $d $a $b $g $h $e $f);
        if $expand { expand(&mut $w, $j + 7); }
        round!($j + 3, $late, $w; $b $c $d $a $f $g $h $e);
    };
}

/// W_j from the sixteen words before it.
#[inline(always)]
fn expand(w: &mut [u32; 16], j: usize) {
    let x = w[j % 16] ^ w[(j + 7) % 16] ^ w[(j + 13) % 16].rotate_left(15);
    let p1 = x ^ x.rotate_left(15) ^ x.rotate_left(23);
    w[j % 16] = p1 ^ w[(j + 3) % 16].rotate_left(7) ^ w[(j + 10) % 16];
}

/// Takes in whole blocks.
pub(super) fn compress(state: &mut State, blocks: &[[u8; 64]]) {
    for block in blocks {
        let (words, _) = block.as_chunks::<4>();
        let mut w: [u32; 16] = std::array::from_fn(|i| u32::from_be_bytes(words[i]));
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
        four_rounds!(0, false, false, w; a b c d e f g h);
        four_rounds!(4, false, false, w; a b c d e f g h);
        four_rounds!(8, false, false, w; a b c d e f g h);
        four_rounds!(12, false, true, w; a b c d e f g h);
        four_rounds!(16, true, true, w; a b c d e f g h);
        four_rounds!(20, true, true, w; a b c d e f g h);
        four_rounds!(24, true, true, w; a b c d e f g h);
        four_rounds!(28, true, true, w; a b c d e f g h);
        four_rounds!(32, true, true, w; a b c d e f g h);
        four_rounds!(36, true, true, w; a b c d e f g h);
        four_rounds!(40, true, true, w; a b c d e f g h);
        four_rounds!(44, true, true, w; a b c d e f g h);
        four_rounds!(48, true, true, w; a b c d e f g h);
        four_rounds!(52, true, true, w; a b c d e f g h);
        four_rounds!(56, true, true, w; a b c d e f g h);
        four_rounds!(60, true, true, w; a b c d e f g h);
        let mixed = [a, b, c, d, e, f, g, h];
        *state = std::array::from_fn(|i| state[i] ^ mixed[i]);
    }
}

/// The digest a state stands for.
pub(super) fn to_bytes(state: &State) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut::<4>();
    words.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    bytes
}
