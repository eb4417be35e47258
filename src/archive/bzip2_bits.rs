//! bzip2's bits: the highest of each byte comes first, and nothing is aligned to bytes.

use super::input::{Input, load};
use crate::error::Result;
use crate::io::Read;

/// Bits taken from the input, the next one highest. Below `count` there may be more of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Bits {
    hold: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` (at most 56) bits of a number.
    pub(super) fn of(number: u64, count: u32) -> Bits {
        Bits { hold: number << (64 - count), count }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Loads as many whole bytes as fit: 56 bits at least.
    pub(super) fn refill(&mut self, buf: &[u8], pos: &mut usize) {
        self.hold |= u64::from_be_bytes(load(buf, *pos)) >> self.count;
        *pos += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    /// The next `n` (1 to 32) bits, which stay.
    pub(super) fn peek(&self, n: u32) -> usize {
        (self.hold >> (64 - n)) as usize
    }

    pub(super) fn drop(&mut self, n: u32) {
        self.hold <<= n;
        self.count -= n;
    }

    /// Gives whole bytes back.
    pub(super) fn give_back(&mut self, pos: &mut usize) {
        *pos -= (self.count >> 3) as usize;
        self.count &= 7;
        self.hold &= !(u64::MAX >> self.count);
    }

    /// The next `n` (1 to 32) bits, for the slow parts.
    pub(super) fn take<R: Read>(&mut self, input: &mut Input<R>, n: u32) -> Result<usize> {
        if self.count < n {
            self.give_back(&mut input.pos);
            input.stop()?;
            self.refill(&input.buf, &mut input.pos);
        }
        let bits = self.peek(n);
        self.drop(n);
        Ok(bits)
    }

    /// Leaves the input behind the last byte begun; the rest of that byte is padding.
    pub(super) fn align<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        self.give_back(&mut input.pos);
        *self = Bits::default();
        input.check_end()
    }
}
