//! LZMA's range decoder (.lzma specification in the LZMA SDK; liblzma's doc/lzma-file-format).

use super::lzma::PROBS;

/// Bits of a probability, and how fast it adapts.
const MODEL_BITS: u32 = 11;
const MOVE_BITS: u32 = 5;
/// Below this the range takes another byte.
const TOP: u32 = 1 << 24;

/// All probabilities, in one array: of a bit being 0, in units of 2⁻¹¹.
pub(super) type Probs = [u16; PROBS];
/// What they begin with: one half.
pub(super) const HALF: u16 = 1 << (MODEL_BITS - 1);

/// The decoder's state: it is kept in registers.
#[derive(Clone, Copy, Default)]
pub(super) struct Range {
    range: u32,
    code: u32,
    /// Of the next byte of the input.
    pub(super) pos: usize,
}

impl Range {
    /// Begins with the first five bytes, of which the first is 0.
    pub(super) fn new(input: &[u8]) -> Option<Range> {
        match *input {
            [0, a, b, c, d, ..] => Some(Range { range: u32::MAX, code: u32::from_be_bytes([a, b, c, d]), pos: 5 }),
            _ => None,
        }
    }

    /// Whether all is consumed, and nothing left to say: true at the end of good data.
    pub(super) fn is_finished(&mut self, input: &[u8]) -> bool {
        self.normalize(input);
        self.pos == input.len() && self.code == 0
    }

    /// Behind the end of the input there are zeros; `pos` tells that they were used.
    #[inline(always)]
    fn normalize(&mut self, input: &[u8]) {
        if self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | input.get(self.pos).copied().unwrap_or(0) as u32;
            self.pos += 1;
        }
    }

    /// A bit that decides where to go on.
    #[inline(always)]
    pub(super) fn bit(&mut self, input: &[u8], prob: &mut u16) -> bool {
        self.normalize(input);
        let bound = (self.range >> MODEL_BITS) * *prob as u32;
        if self.code < bound {
            self.range = bound;
            *prob += ((1 << MODEL_BITS) - *prob) >> MOVE_BITS;
            false
        } else {
            self.range -= bound;
            self.code -= bound;
            *prob -= *prob >> MOVE_BITS;
            true
        }
    }

    /// A bit of a number, without a branch, which would be mispredicted often; appended to `symbol`.
    #[inline(always)]
    fn append(&mut self, input: &[u8], prob: &mut u16, symbol: u32) -> u32 {
        self.normalize(input);
        let p = *prob as u32;
        let bound = (self.range >> MODEL_BITS) * p;
        let (rest, is_0) = self.code.overflowing_sub(bound);
        self.code = if is_0 { self.code } else { rest };
        self.range = if is_0 { bound } else { self.range - bound };
        // Towards 2048, or towards 0 with the same rounding as above.
        let target = if is_0 { (1 << MODEL_BITS) - (1 << MOVE_BITS) + 1 } else { 0 };
        *prob = p.wrapping_sub(((p as i32 - target) >> MOVE_BITS) as u32) as u16;
        symbol << 1 | !is_0 as u32
    }

    /// A number of `bits` bits, highest first: each has its probability by those before it.
    #[inline(always)]
    pub(super) fn tree(&mut self, input: &[u8], probs: &mut Probs, base: usize, bits: u32) -> u32 {
        let mut symbol = 1;
        while symbol < 1 << bits {
            symbol = self.append(input, &mut probs[base + symbol as usize], symbol);
        }
        symbol - (1 << bits)
    }

    /// A literal that differs, mostly, from the byte `matched`: as long as the bits agree, those
    /// of `matched` choose the probability too.
    #[inline(always)]
    pub(super) fn matched_literal(&mut self, input: &[u8], probs: &mut Probs, base: usize, matched: u8) -> u8 {
        let (mut symbol, mut matched, mut offset) = (1, (matched as u32) << 1, 0x100);
        while symbol < 0x100 {
            let bit = matched & offset;
            symbol = self.append(input, &mut probs[base + (offset + bit + symbol) as usize], symbol);
            offset &= if symbol & 1 == 1 { bit } else { !bit };
            matched <<= 1;
        }
        symbol as u8
    }

    /// A number of `bits` bits, lowest first.
    #[inline(always)]
    pub(super) fn reverse_tree(&mut self, input: &[u8], probs: &mut Probs, base: usize, bits: u32) -> u32 {
        let (mut symbol, mut value) = (1, 0);
        for i in 0..bits {
            symbol = self.append(input, &mut probs[base + symbol as usize], symbol);
            value |= (symbol & 1) << i;
        }
        value
    }

    /// A number of `bits` bits that are as often 0 as 1.
    #[inline(always)]
    pub(super) fn direct(&mut self, input: &[u8], bits: u32) -> u32 {
        let mut value = 0;
        for _ in 0..bits {
            self.normalize(input);
            self.range >>= 1;
            let (rest, is_0) = self.code.overflowing_sub(self.range);
            self.code = if is_0 { self.code } else { rest };
            value = value << 1 | !is_0 as u32;
        }
        value
    }
}
