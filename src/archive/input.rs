//! The compressed input: a buffer over a stream that knows its offset, and errors that name it.

use crate::error::{Error, Result, Status};
use crate::hash::hex;
use crate::io::Read;
use crate::{error, text};
use alloc::boxed::Box;
use alloc::vec;

/// What is read at a time.
const SIZE: usize = 64 << 10;
/// Zero bytes that stand behind the end of the input, so that a bit reader may load whole words
/// there; one that has used more than [`SLACK`] of them has met a truncated input.
const PAD: usize = 32;
const SLACK: usize = 8;
/// The most that a step of a decoder's inner loop loads, from where it starts.
const STEP: usize = 24;

/// A buffered input. `buf[pos..end]` is what comes next, `base` the offset of `buf[0]`.
pub struct Input<R> {
    reader: R,
    format: &'static str,
    pub(super) buf: Box<[u8]>,
    /// Beyond `end` only when a bit reader has used the padding, that is, in a truncated input.
    pub(super) pos: usize,
    end: usize,
    base: u64,
    eof: bool,
}

impl<R: Read> Input<R> {
    /// Reads from `reader`; errors begin with `format`.
    pub fn new(reader: R, format: &'static str) -> Input<R> {
        Input { reader, format, buf: vec![0; SIZE + PAD].into(), pos: 0, end: 0, base: 0, eof: false }
    }

    /// Gives the format another name in errors, once it is known.
    pub(super) fn set_format(&mut self, format: &'static str) {
        self.format = format;
    }

    /// The offset of the next byte in the compressed input.
    pub fn offset(&self) -> u64 {
        self.base + self.pos.min(self.end) as u64
    }

    /// The error that says what is wrong at the current offset.
    #[cold]
    pub fn bad(&self, what: &str) -> Error {
        bad(self.format, what, self.offset())
    }

    /// The error for an input that ends within what the format says has to follow.
    #[cold]
    pub fn truncated(&self) -> Error {
        bad(self.format, "unexpected end of the input", self.base + self.end as u64)
    }

    /// Makes sure that `n` (at most [`SIZE`]) bytes are in the buffer; false if the input ends before.
    pub fn has(&mut self, n: usize) -> Result<bool> {
        while self.pos + n > self.end {
            if self.eof {
                return Ok(false);
            }
            self.fill()?;
        }
        Ok(true)
    }

    /// The next `n` bytes, which stay there; an error if the input ends before.
    pub fn peek(&mut self, n: usize) -> Result<&[u8]> {
        if !self.has(n)? {
            self.pos = self.end;
            return Err(self.truncated());
        }
        Ok(&self.buf[self.pos..self.pos + n])
    }

    /// The next `N` bytes, taken.
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.peek(N)?);
        self.pos += N;
        Ok(bytes)
    }

    /// The next byte, taken.
    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take::<1>()?[0])
    }

    /// Takes up to `to.len()` bytes as they are; 0 is the end.
    pub fn copy(&mut self, to: &mut [u8]) -> Result<usize> {
        if !self.has(1)? {
            return Ok(0);
        }
        let n = to.len().min(self.end - self.pos);
        to[..n].copy_from_slice(&self.buf[self.pos..self.pos + n]);
        self.pos += n;
        Ok(n)
    }

    /// What is in the buffer, which stays there: one byte at least, or an error.
    pub(super) fn some(&mut self) -> Result<&[u8]> {
        self.peek(1)?;
        Ok(&self.buf[self.pos..self.end])
    }

    /// A position up to which an inner loop may begin a step: from there, [`STEP`] bytes can be
    /// loaded. Reads on when there is none; fails when the input is known to be too short.
    pub(super) fn stop(&mut self) -> Result<usize> {
        while !self.eof && self.end < self.pos + STEP {
            self.fill()?;
        }
        if !self.eof {
            return Ok(self.end - STEP + 1);
        }
        if self.pos >= self.end + SLACK {
            return Err(self.truncated());
        }
        Ok(self.end + SLACK)
    }

    /// Fails when a bit reader has used bytes behind the end.
    pub(super) fn check_end(&self) -> Result<()> {
        if self.pos > self.end { Err(self.truncated()) } else { Ok(()) }
    }

    /// Moves what is left to the front and reads once behind it.
    #[cold]
    fn fill(&mut self) -> Result<()> {
        self.buf.copy_within(self.pos..self.end, 0);
        self.base += self.pos as u64;
        self.end -= self.pos;
        self.pos = 0;
        let n = self.reader.read(&mut self.buf[self.end..SIZE])?;
        self.end += n;
        if n == 0 {
            self.eof = true;
            self.buf[self.end..self.end + PAD].fill(0);
        }
        Ok(())
    }
}

/// The error for what is wrong in a compressed input.
#[cold]
pub(super) fn bad(format: &str, what: &str, offset: u64) -> Error {
    error!(Status::Source, "@: @, at byte @ of the compressed input", format, what, offset)
}

/// What to say about a sum that is not the one computed from the data.
#[cold]
pub(super) fn mismatch(what: &str, stored: u32, computed: u32) -> &'static str {
    let digits = |sum: u32| hex::encode(&sum.to_be_bytes());
    text!("@ does not match: @ stored, @ computed", what, digits(stored), digits(computed))
}

/// Eight bytes at `at`, of which those behind the end are 0.
pub(super) fn load(buf: &[u8], at: usize) -> [u8; 8] {
    match buf.get(at..at + 8).and_then(<[u8]>::first_chunk) {
        Some(bytes) => *bytes,
        None => [0; 8],
    }
}
