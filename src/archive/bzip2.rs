//! The bzip2 format: streams, the CRCs of their blocks, and the run lengths undone last.

use super::bzip2_bits::Bits;
use super::bzip2_block::{Block, bad};
use super::crc::Crc;
use super::input::{Input, mismatch};
use crate::error::Result;
use crate::io::Read;
use alloc::boxed::Box;
use alloc::vec;

/// The first three bytes of a stream; the digit that follows is the block size in 100,000 bytes.
pub const MAGIC: [u8; 3] = *b"BZh";

/// What begins a block, and what a stream's end: the digits of π and of its square root.
const BLOCK: u64 = 0x3141_5926_5359;
const END_OF_STREAM: u64 = 0x1772_4538_5090;

/// What is decoded at a time; a run may exceed it.
const RUN: usize = 64 << 10;
const LONGEST_RUN: usize = 255;

#[derive(PartialEq, Eq)]
enum State {
    FirstStream,
    NextStream,
    BlockHeader,
    Data,
    End,
}

/// Reads what bzip2 packed: one stream after the other, as one.
///
/// What follows the last stream is treated as bzip2(1) does: it is ignored, unless the input ends
/// within what might have been the header of another stream. Not read: randomised blocks, which
/// only versions before 0.9.5 (1999) wrote. Stricter than bzip2(1): codes that are over-subscribed.
pub struct Bzip2Reader<R> {
    input: Input<R>,
    bits: Bits,
    state: State,
    block: Block,
    crc: Crc,
    block_crc: u32,
    combined_crc: u32,
    /// The last byte, and how often it came in a row; after four times a count follows.
    last: u8,
    repeated: u32,
    /// `out[given..ready]` is still to be given.
    out: Box<[u8]>,
    given: usize,
    ready: usize,
}

impl<R: Read> Bzip2Reader<R> {
    /// Reads bzip2 streams from `reader`.
    pub fn new(reader: R) -> Bzip2Reader<R> {
        Bzip2Reader::from_input(Input::new(reader, ""))
    }

    /// Reads bzip2 streams from an input that stands at the first one.
    pub fn from_input(mut input: Input<R>) -> Bzip2Reader<R> {
        input.set_format("bzip2");
        Bzip2Reader {
            input,
            bits: Bits::default(),
            state: State::FirstStream,
            block: Block::new(),
            crc: Crc::bzip2(),
            block_crc: 0,
            combined_crc: 0,
            last: 0,
            repeated: 0,
            out: vec![0; RUN + LONGEST_RUN].into(),
            given: 0,
            ready: 0,
        }
    }

    fn more(&mut self) -> Result<()> {
        while self.given == self.ready {
            match self.state {
                State::FirstStream => {
                    let [b, z, h, level] = self.peek_header()?;
                    if [b, z, h] != MAGIC || !(b'1'..=b'9').contains(&level) {
                        return Err(self.input.bad("not a bzip2 stream (BZh1 to BZh9)"));
                    }
                    self.stream(level)?;
                }
                State::NextStream => self.next_stream()?,
                State::BlockHeader => self.block_header()?,
                State::Data => self.data()?,
                State::End => break,
            }
        }
        Ok(())
    }

    fn peek_header(&mut self) -> Result<[u8; 4]> {
        let mut header = [0; 4];
        header.copy_from_slice(self.input.peek(4)?);
        Ok(header)
    }

    fn stream(&mut self, level: u8) -> Result<()> {
        self.input.take::<4>()?;
        self.block.set_size((level - b'0') as usize * 100_000);
        self.combined_crc = 0;
        self.state = State::BlockHeader;
        Ok(())
    }

    fn next_stream(&mut self) -> Result<()> {
        self.state = State::End;
        for (i, expected) in MAGIC.iter().enumerate() {
            // Nothing at all is the end; a part of a header is a truncated one.
            if !self.input.has(i + 1)? && i == 0 || self.input.peek(i + 1)?[i] != *expected {
                return Ok(());
            }
        }
        let level = self.peek_header()?[3];
        if (b'1'..=b'9').contains(&level) { self.stream(level) } else { Ok(()) }
    }

    fn block_header(&mut self) -> Result<()> {
        let (input, bits) = (&mut self.input, &mut self.bits);
        let magic = (bits.take(input, 24)? as u64) << 24 | bits.take(input, 24)? as u64;
        if magic != BLOCK && magic != END_OF_STREAM {
            return Err(bad(input, bits, "neither a block nor the end of the stream"));
        }
        let crc = bits.take(input, 32)? as u32;
        if magic == BLOCK {
            self.block.read(input, bits)?;
            self.block_crc = crc;
            (self.last, self.repeated) = (0, 0);
            self.state = State::Data;
            return Ok(());
        }
        bits.align(input)?;
        let combined = self.combined_crc;
        if crc != combined {
            let what = mismatch("CRC of the stream", crc, combined);
            return Err(input.bad(&what));
        }
        self.state = State::NextStream;
        Ok(())
    }

    /// Takes bytes from the block. Four equal ones in a row are followed by a count of more.
    fn data(&mut self) -> Result<()> {
        let out = &mut *self.out;
        let (mut w, mut last, mut repeated) = (0, self.last, self.repeated);
        self.block.walk(|byte| {
            if repeated == 4 {
                if let Some(run) = out.get_mut(w..w + byte as usize) {
                    run.fill(last);
                }
                w += byte as usize;
                repeated = 0;
            } else {
                if let Some(to) = out.get_mut(w) {
                    *to = byte;
                }
                w += 1;
                repeated = if byte == last { repeated + 1 } else { 1 };
                last = byte;
            }
            w < RUN
        });
        (self.last, self.repeated) = (last, repeated);
        (self.given, self.ready) = (0, w);
        self.crc.update(&self.out[..w]);
        if self.block.is_empty() {
            let (stored, crc) = (self.block_crc, self.crc.finish() as u32);
            if stored != crc {
                let what = mismatch("CRC of a block", stored, crc);
                return Err(bad(&mut self.input, &mut self.bits.clone(), &what));
            }
            self.combined_crc = self.combined_crc.rotate_left(1) ^ crc;
            self.state = State::BlockHeader;
        }
        Ok(())
    }
}

impl<R: Read> Read for Bzip2Reader<R> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.more()?;
        let n = buf.len().min(self.ready - self.given);
        buf[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}
