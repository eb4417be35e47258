//! What a decoder has made and its reader has not taken yet.

use alloc::boxed::Box;
use alloc::vec;

/// A buffer of which `given..end` is still to be given.
pub(super) struct Ready {
    pub(super) buf: Box<[u8]>,
    pub(super) given: usize,
    pub(super) end: usize,
}

impl Ready {
    pub(super) fn new(size: usize) -> Ready {
        Ready { buf: vec![0; size].into(), given: 0, end: 0 }
    }

    /// What is still to be given.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buf[self.given..self.end]
    }

    /// Gives as much as there is room for; 0 if there is nothing.
    pub(super) fn give(&mut self, to: &mut [u8]) -> usize {
        let rest = self.rest();
        let n = to.len().min(rest.len());
        to[..n].copy_from_slice(&rest[..n]);
        self.given += n;
        n
    }
}
