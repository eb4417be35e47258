//! LZMA's dictionary: the last bytes of the output, in a ring.

use super::copy::{OVERRUN, repeat};
use alloc::boxed::Box;
use alloc::vec;

/// Bytes between the newest and the oldest, which a copy may overrun.
const GAP: usize = 2 * OVERRUN;

/// The dictionary. Its memory is asked for zeroed, so it is resident only as far as it is used.
pub(super) struct Window {
    /// A ring, and behind it what a copy may overrun.
    buf: Box<[u8]>,
    ring: usize,
    /// How far back a distance reaches at most.
    size: usize,
    /// Where the next byte goes.
    pub(super) pos: usize,
    /// The first byte not given to the reader.
    given: usize,
    /// Bytes since the dictionary was reset.
    pub(super) total: usize,
}

impl Window {
    /// A dictionary of `size` bytes.
    pub(super) fn new(size: usize) -> Window {
        // At least so large that it can be filled in runs of a fair length.
        let ring = size.max(1 << 16) + GAP;
        Window { buf: vec![0; ring + OVERRUN].into(), ring, size, pos: 0, given: 0, total: 0 }
    }

    /// Forgets all that was.
    pub(super) fn reset(&mut self) {
        self.total = 0;
    }

    /// How many bytes can be appended at once.
    pub(super) fn room(&mut self) -> usize {
        if self.pos == self.ring && self.given == self.ring {
            (self.pos, self.given) = (0, 0);
        }
        self.ring - self.pos
    }

    /// Whether a distance (counted from 0) leads to a byte that is there.
    #[inline(always)]
    pub(super) fn reaches(&self, distance: u32) -> bool {
        (distance as usize) < self.total.min(self.size)
    }

    /// The byte that stands `distance` (counted from 0) before the next one; 0 before the first.
    #[inline(always)]
    pub(super) fn byte(&self, distance: u32) -> u8 {
        let back = distance as usize + 1;
        let at = if back <= self.pos { self.pos - back } else { (self.pos + self.ring).wrapping_sub(back) };
        if self.total == 0 { 0 } else { self.buf.get(at).copied().unwrap_or(0) }
    }

    /// Appends a byte.
    #[inline(always)]
    pub(super) fn put(&mut self, byte: u8) {
        if let Some(to) = self.buf.get_mut(self.pos) {
            *to = byte;
        }
        self.pos += 1;
        self.total += 1;
    }

    /// Appends up to `len` bytes from `distance` (counted from 0) back, which it `reaches`, and for
    /// which there is room. Gives how many: fewer when they go around the end of the ring.
    #[inline(always)]
    pub(super) fn repeat(&mut self, distance: u32, len: usize) -> usize {
        let back = distance as usize + 1;
        let mut n = len;
        if back <= self.pos {
            repeat(&mut self.buf, self.pos, back, len);
        } else {
            let from = self.pos + self.ring - back;
            n = len.min(self.ring - from);
            self.buf.copy_within(from..from + n, self.pos);
        }
        self.pos += n;
        self.total += n;
        n
    }

    /// Room for up to `most` bytes to be written; `wrote` says how many were.
    pub(super) fn space(&mut self, most: usize) -> &mut [u8] {
        let n = most.min(self.room());
        &mut self.buf[self.pos..self.pos + n]
    }

    /// That many bytes of `space` were written.
    pub(super) fn wrote(&mut self, n: usize) {
        self.pos += n;
        self.total += n;
    }

    /// Gives bytes that were not given before; 0 if there are none.
    pub(super) fn give(&mut self, to: &mut [u8]) -> usize {
        let n = to.len().min(self.pos - self.given);
        to[..n].copy_from_slice(&self.buf[self.given..self.given + n]);
        self.given += n;
        n
    }
}
