//! The LZMA decoder: what LZMA2's chunks hold (.lzma specification in the LZMA SDK).

use super::range::{HALF, Probs, Range};
use super::window::Window;
use alloc::boxed::Box;

/// Places of the probabilities in their array. Those by state are followed, where they depend on
/// the position too, by 16 for each state.
const STATES: usize = 12;
const IS_MATCH: usize = 0;
const IS_REP: usize = IS_MATCH + STATES * 16;
const IS_REP_G0: usize = IS_REP + STATES;
const IS_REP_G1: usize = IS_REP_G0 + STATES;
const IS_REP_G2: usize = IS_REP_G1 + STATES;
const IS_REP0_LONG: usize = IS_REP_G2 + STATES;
/// Four trees of six bits, by the length.
const POS_SLOT: usize = IS_REP0_LONG + STATES * 16;
/// The lower bits of distances of slots 4 to 13.
const POS_SPECIAL: usize = POS_SLOT + 4 * 64;
const ALIGN: usize = POS_SPECIAL + 128;
const LEN: usize = ALIGN + 16;
const REP_LEN: usize = LEN + LEN_SIZE;
const LITERAL: usize = REP_LEN + LEN_SIZE;
/// All, with the most literal contexts that LZMA2 allows (lc + lp = 4).
pub(super) const PROBS: usize = LITERAL + (0x300 << 4);

/// Places in a length's coder.
const CHOICE: usize = 0;
const CHOICE_2: usize = 1;
const LOW: usize = 2;
const MID: usize = LOW + 16 * 8;
const HIGH: usize = MID + 16 * 8;
const LEN_SIZE: usize = HIGH + 256;

/// The shortest match.
const MIN_LEN: usize = 2;

/// What is wrong with a chunk.
const BAD: &str = "LZMA data is corrupt";

/// A decoder of LZMA data.
pub(super) struct Lzma {
    probs: Box<Probs>,
    range: Range,
    state: usize,
    /// The last four distances, counted from 0.
    reps: [u32; 4],
    /// What is left of a match for which there was no room.
    len: usize,
    lc: u32,
    lp_mask: usize,
    pb_mask: usize,
}

impl Lzma {
    pub(super) fn new() -> Lzma {
        Lzma {
            probs: Box::new([HALF; PROBS]),
            range: Range::default(),
            state: 0,
            reps: [0; 4],
            len: 0,
            lc: 0,
            lp_mask: 0,
            pb_mask: 0,
        }
    }

    /// Takes lc, lp and pb from their byte. LZMA2 demands that lc + lp is not more than 4.
    pub(super) fn set_properties(&mut self, byte: u8) -> bool {
        let (lc, lp, pb) = (byte % 9, byte / 9 % 5, byte / 45);
        self.lc = lc as u32;
        self.lp_mask = (1 << lp) - 1;
        self.pb_mask = (1 << pb) - 1;
        pb <= 4 && lc + lp <= 4
    }

    /// Forgets what it has learnt.
    pub(super) fn reset(&mut self) {
        self.probs.fill(HALF);
        self.state = 0;
        self.reps = [0; 4];
    }

    /// Begins a chunk.
    pub(super) fn begin(&mut self, chunk: &[u8]) -> Result<(), &'static str> {
        self.len = 0;
        self.range = Range::new(chunk).ok_or("LZMA data does not begin with a byte 0")?;
        Ok(())
    }

    /// Ends a chunk.
    pub(super) fn end(&mut self, chunk: &[u8]) -> Result<(), &'static str> {
        if self.len == 0 && self.range.is_finished(chunk) { Ok(()) } else { Err(BAD) }
    }

    /// Decodes `n` bytes, for which there is room, from the chunk that has begun.
    pub(super) fn run(&mut self, chunk: &[u8], window: &mut Window, n: usize) -> Result<(), &'static str> {
        let limit = window.pos + n;
        let probs = &mut *self.probs;
        let mut range = self.range;
        let mut state = self.state;
        let [mut rep0, mut rep1, mut rep2, mut rep3] = self.reps;
        let mut len = self.len;
        loop {
            while len > 0 && window.pos < limit {
                len -= window.repeat(rep0, len.min(limit - window.pos));
            }
            if window.pos >= limit {
                break;
            }
            if range.pos > chunk.len() {
                return Err(BAD);
            }
            let pos_state = window.total & self.pb_mask;
            if !range.bit(chunk, &mut probs[IS_MATCH + state * 16 + pos_state]) {
                let context = (window.total & self.lp_mask) << self.lc | window.byte(0) as usize >> (8 - self.lc);
                let base = LITERAL + 0x300 * context;
                let byte = if state < 7 {
                    range.tree(chunk, probs, base, 8) as u8
                } else {
                    range.matched_literal(chunk, probs, base, window.byte(rep0))
                };
                window.put(byte);
                state = match state {
                    0..4 => 0,
                    4..10 => state - 3,
                    _ => state - 6,
                };
                continue;
            }
            let is_rep = range.bit(chunk, &mut probs[IS_REP + state]);
            let mut coder = LEN;
            if is_rep {
                coder = REP_LEN;
                if !range.bit(chunk, &mut probs[IS_REP_G0 + state]) {
                    if !range.bit(chunk, &mut probs[IS_REP0_LONG + state * 16 + pos_state]) {
                        state = if state < 7 { 9 } else { 11 };
                        len = 1;
                    }
                } else {
                    let mut distance = rep1;
                    if range.bit(chunk, &mut probs[IS_REP_G1 + state]) {
                        distance = rep2;
                        if range.bit(chunk, &mut probs[IS_REP_G2 + state]) {
                            distance = rep3;
                            rep3 = rep2;
                        }
                        rep2 = rep1;
                    }
                    rep1 = rep0;
                    rep0 = distance;
                }
            }
            if len == 0 {
                len = length(&mut range, chunk, probs, coder, pos_state);
                if is_rep {
                    state = if state < 7 { 8 } else { 11 };
                } else {
                    state = if state < 7 { 7 } else { 10 };
                    (rep1, rep2, rep3) = (rep0, rep1, rep2);
                    rep0 = distance(&mut range, chunk, probs, len);
                }
            }
            // An end marker, which is not allowed in LZMA2, is a distance that never reaches.
            if !window.reaches(rep0) {
                return Err(BAD);
            }
        }
        self.range = range;
        self.state = state;
        self.reps = [rep0, rep1, rep2, rep3];
        self.len = len;
        Ok(())
    }
}

/// The length of a match: 2 to 9, 10 to 17, or 18 to 273.
#[inline(always)]
fn length(range: &mut Range, chunk: &[u8], probs: &mut Probs, coder: usize, pos_state: usize) -> usize {
    let (base, bits, more) = if !range.bit(chunk, &mut probs[coder + CHOICE]) {
        (LOW + pos_state * 8, 3, 0)
    } else if !range.bit(chunk, &mut probs[coder + CHOICE_2]) {
        (MID + pos_state * 8, 3, 8)
    } else {
        (HIGH, 8, 16)
    };
    MIN_LEN + more + range.tree(chunk, probs, coder + base, bits) as usize
}

/// The distance of a match: a slot, that is its two highest bits and the number of the others;
/// of these the lowest four, or all of a short distance, are coded, the rest is as it is.
#[inline(always)]
fn distance(range: &mut Range, chunk: &[u8], probs: &mut Probs, len: usize) -> u32 {
    let len_state = (len - MIN_LEN).min(3);
    let slot = range.tree(chunk, probs, POS_SLOT + len_state * 64, 6);
    if slot < 4 {
        return slot;
    }
    let mut bits = slot / 2 - 1;
    let mut distance = (2 | slot & 1) << bits;
    let mut base = POS_SPECIAL.wrapping_add((distance - slot) as usize);
    if slot >= 14 {
        distance += range.direct(chunk, bits - 4) << 4;
        (base, bits) = (ALIGN, 4);
    }
    distance + range.reverse_tree(chunk, probs, base, bits)
}
