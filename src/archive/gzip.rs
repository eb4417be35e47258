//! The gzip format (RFC 1952): members, their headers and trailers.

use super::crc::{Crc, crc32_more};
use super::inflate::{BEYOND, Inflate, WINDOW};
use super::input::{Input, mismatch};
use super::ready::Ready;
use crate::error::Result;
use crate::io::Read;
use crate::text;

/// The first two bytes of a member: ID1, ID2.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What is decoded at a time.
const RUN: usize = 64 << 10;

/// Flag bits (FLG).
const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

#[derive(PartialEq, Eq)]
enum State {
    FirstMember,
    NextMember,
    Data,
    Trailer,
    End,
}

/// Reads what gzip packed: one member after the other, as one stream.
///
/// What follows the last member is treated as GNU tar with gzip(1) does: zero bytes (padding on a
/// tape) are ignored, anything else is an error. (gzip(1) itself ends with a warning there.)
pub struct GzipReader<R> {
    input: Input<R>,
    state: State,
    inflate: Inflate,
    crc: Crc,
    isize: u32,
    /// What was given is history.
    out: Ready,
}

impl<R: Read> GzipReader<R> {
    /// Reads gzip members from `reader`.
    pub fn new(reader: R) -> GzipReader<R> {
        GzipReader::from_input(Input::new(reader, "gzip"))
    }

    /// Reads gzip members from an input that stands at the first one.
    pub fn from_input(mut input: Input<R>) -> GzipReader<R> {
        input.set_format("gzip");
        GzipReader {
            input,
            state: State::FirstMember,
            inflate: Inflate::new(),
            crc: Crc::crc32(),
            isize: 0,
            out: Ready::new(WINDOW + RUN + BEYOND),
        }
    }

    /// Decodes until there is something to give, or all is over.
    fn more(&mut self) -> Result<()> {
        while self.out.rest().is_empty() {
            match self.state {
                State::FirstMember => self.header()?,
                State::NextMember => self.next_member()?,
                State::Data => self.data()?,
                State::Trailer => self.trailer()?,
                State::End => break,
            }
        }
        Ok(())
    }

    /// The header of a member (2.3).
    fn header(&mut self) -> Result<()> {
        let start = self.input.peek(10)?;
        let flags = start[3];
        let what = if start[..2] != MAGIC {
            "not a gzip member (ID1, ID2)"
        } else if start[2] != 8 {
            "unknown compression method (CM is not 8, deflate)"
        } else if flags & RESERVED != 0 {
            "reserved bits of FLG are set"
        } else {
            ""
        };
        if !what.is_empty() {
            return Err(self.input.bad(what));
        }
        let (mut crc, input) = (0, &mut self.input);
        let mut next = || -> Result<u8> {
            let byte = input.byte()?;
            crc = crc32_more(crc, byte);
            Ok(byte)
        };
        for _ in 0..10 {
            next()?;
        }
        if flags & FEXTRA != 0 {
            let xlen = next()? as u16 | (next()? as u16) << 8;
            for _ in 0..xlen {
                next()?;
            }
        }
        for flag in [FNAME, FCOMMENT] {
            while flags & flag != 0 && next()? != 0 {}
        }
        if flags & FHCRC != 0 {
            let crc16 = (crc as u16).to_le_bytes();
            if self.input.peek(2)? != crc16 {
                return Err(self.input.bad("CRC16 of the header does not match"));
            }
            self.input.pos += 2;
        }
        self.inflate.reset();
        self.isize = 0;
        // A member does not know what was before it.
        (self.out.given, self.out.end) = (0, 0);
        self.state = State::Data;
        Ok(())
    }

    fn data(&mut self) -> Result<()> {
        let out = &mut self.out;
        if out.end >= WINDOW + RUN {
            out.buf.copy_within(out.end - WINDOW..out.end, 0);
            (out.given, out.end) = (WINDOW, WINDOW);
        }
        out.end = self.inflate.run(&mut self.input, &mut out.buf, out.given, WINDOW + RUN)?;
        let new = out.rest();
        self.crc.update(new);
        self.isize = self.isize.wrapping_add(new.len() as u32);
        if self.inflate.ended() {
            self.state = State::Trailer;
        }
        Ok(())
    }

    /// The trailer of a member (2.3.1).
    fn trailer(&mut self) -> Result<()> {
        let trailer: [u8; 8] = *self.input.peek(8)?.first_chunk().unwrap_or(&[0; 8]);
        let (stored, crc) = ((u64::from_le_bytes(trailer) as u32), self.crc.finish() as u32);
        if stored != crc {
            return Err(self.input.bad(mismatch("CRC32", stored, crc)));
        }
        let (stored, isize) = ((u64::from_le_bytes(trailer) >> 32) as u32, self.isize);
        if stored != isize {
            return Err(self.input.bad(text!("ISIZE does not match: @ stored, @ decoded", stored, isize)));
        }
        self.input.pos += 8;
        self.state = State::NextMember;
        Ok(())
    }

    fn next_member(&mut self) -> Result<()> {
        if self.input.has(1)? && self.input.peek(1)?[0] == MAGIC[0] {
            return self.header();
        }
        while self.input.has(1)? {
            if self.input.peek(1)?[0] != 0 {
                return Err(self.input.bad("garbage after the last member"));
            }
            self.input.byte()?;
        }
        self.state = State::End;
        Ok(())
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.more()?;
        Ok(self.out.give(buf))
    }
}
