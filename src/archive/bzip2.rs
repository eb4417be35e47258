//! The bzip2 format: streams, the CRCs of their blocks, and the run lengths undone last.

use super::bzip2_bits::Bits;
use super::bzip2_block::{Block, bad};
use super::crc::Crc;
use super::input::{Input, mismatch};
use super::ready::Ready;
use crate::error::Result;
use crate::io::{Read, Write};

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
    Block,
    Data,
    End,
}

/// Where two readers of the same file are at the beginning of a block: the offset in bits, the size
/// of the stream's blocks and their CRCs up to there. What follows depends on nothing else.
pub type Mark = [u8; 16];
/// The mark at the end.
pub const END: Mark = [0xff; 16];

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
    out: Ready,
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
            out: Ready::new(RUN + LONGEST_RUN),
        }
    }

    fn step(&mut self) -> Result<()> {
        match self.state {
            State::FirstStream => {
                let [b, z, h, level] = self.peek_header()?;
                if [b, z, h] != MAGIC || !(b'1'..=b'9').contains(&level) {
                    return Err(self.input.bad("not a bzip2 stream (BZh1 to BZh9)"));
                }
                self.stream(level)
            }
            State::NextStream => self.next_stream(),
            State::BlockHeader => self.block_header(),
            State::Block => self.block(),
            State::Data => self.data(),
            State::End => Ok(()),
        }
    }

    /// Writes to `to` what one of `of` processes, number `which`, has to tell: for each block its
    /// mark; then, if it is the turn of this one, the bytes in pieces, each with its length (four
    /// bytes) before it and an empty one at the end. The other blocks are passed unread. [`END`] is
    /// the last; without it something is wrong, with the input or with how it was cut.
    pub fn share(&mut self, which: usize, of: usize, to: &mut dyn Write) -> Result<()> {
        let mut turn = 0;
        while self.state != State::End {
            if self.state != State::Block {
                self.step()?;
                continue;
            }
            to.write(&self.mark())?;
            if turn == which {
                self.block()?;
                while self.state == State::Data {
                    self.data()?;
                    let bytes = self.out.rest();
                    if !bytes.is_empty() {
                        to.write(&(bytes.len() as u32).to_le_bytes())?;
                        to.write(bytes)?;
                    }
                }
                to.write(&[0; 4])?;
            } else {
                self.pass()?;
            }
            turn = (turn + 1) % of;
        }
        to.write(&END)
    }

    fn mark(&mut self) -> Mark {
        self.bits.give_back(&mut self.input.pos);
        let mut mark = [0; 16];
        mark[..8].copy_from_slice(&(self.input.offset() * 8 - self.bits.count() as u64).to_le_bytes());
        mark[8..12].copy_from_slice(&(self.block.size() as u32).to_le_bytes());
        mark[12..].copy_from_slice(&self.combined_crc.to_le_bytes());
        mark
    }

    /// Looks for what begins the next block or ends the stream. The same bits may stand within a
    /// block, by a chance of 2⁻⁴⁷ or by intent; the marks tell then.
    fn pass(&mut self) -> Result<()> {
        self.bits.give_back(&mut self.input.pos);
        // Of the byte in which a block begins nothing belongs to the next one. Where the bits end
        // within a byte, whatever the offset, the third of the last bytes lies wholly within them.
        let mut third = [false; 256];
        for shift in 0..8 {
            third[(BLOCK << shift >> 16) as usize & 255] = true;
            third[(END_OF_STREAM << shift >> 16) as usize & 255] = true;
        }
        let mut last = 0u64;
        loop {
            let bytes = self.input.some()?;
            for (i, byte) in bytes.iter().enumerate() {
                last = last << 8 | *byte as u64;
                if !third[(last >> 16) as usize & 255] {
                    continue;
                }
                for shift in 0..8 {
                    let magic = last >> shift & ((1 << 48) - 1);
                    if magic == BLOCK || magic == END_OF_STREAM {
                        self.bits = Bits::of(last, 48 + shift);
                        self.input.pos += i + 1;
                        self.combined_crc = self.combined_crc.rotate_left(1) ^ self.block_crc;
                        self.state = State::BlockHeader;
                        return Ok(());
                    }
                }
            }
            self.input.pos += bytes.len();
        }
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
            self.block_crc = crc;
            self.state = State::Block;
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

    fn block(&mut self) -> Result<()> {
        self.block.read(&mut self.input, &mut self.bits)?;
        (self.last, self.repeated) = (0, 0);
        self.state = State::Data;
        Ok(())
    }

    /// Takes bytes from the block. Four equal ones in a row are followed by a count of more.
    fn data(&mut self) -> Result<()> {
        let out = &mut *self.out.buf;
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
        (self.out.given, self.out.end) = (0, w);
        self.crc.update(self.out.rest());
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
        while self.out.rest().is_empty() && self.state != State::End {
            self.step()?;
        }
        Ok(self.out.give(buf))
    }
}
