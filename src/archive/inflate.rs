//! The deflate decoder (RFC 1951).

use super::copy::{self, repeat};
use super::inflate_table::{self as table, Distances, Entry, Lengths, Literals};
use super::input::{Input, load};
use crate::error::{Error, Result};
use crate::io::Read;
use crate::text;

/// How far back a distance reaches at most.
pub(super) const WINDOW: usize = 32 << 10;
/// How far beyond its limit `run` may write: three literals and the longest match.
pub(super) const BEYOND: usize = 264 + copy::OVERRUN;

enum State {
    /// A block header follows.
    Header,
    /// That many bytes of a stored block follow.
    Stored(usize),
    /// Compressed data follows.
    Codes,
    /// The last block has ended.
    End,
}

/// A deflate stream being decoded. Between two calls it holds less than eight bits.
pub(super) struct Inflate {
    state: State,
    last: bool, // BFINAL
    bits: Bits,
    literals: Literals,
    distances: Distances,
}

/// Bits taken from the input, the next one lowest. Above `count` there may be more of them.
#[derive(Clone, Copy, Default)]
struct Bits {
    hold: u64,
    count: u32,
}

impl Bits {
    /// Loads as many whole bytes as fit: 56 bits at least.
    fn refill(&mut self, buf: &[u8], pos: &mut usize) {
        self.hold |= u64::from_le_bytes(load(buf, *pos)) << self.count;
        *pos += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    fn drop(&mut self, n: u32) {
        self.hold >>= n;
        self.count -= n;
    }

    fn take(&mut self, n: u32) -> u32 {
        let bits = self.hold & ((1 << n) - 1);
        self.drop(n);
        bits as u32
    }

    /// Gives whole bytes back.
    fn give_back(&mut self, pos: &mut usize) {
        *pos -= (self.count >> 3) as usize;
        self.count &= 7;
        self.hold &= (1 << self.count) - 1;
    }

    /// As `refill`, for the slow parts: reads on where needed, which only whole bytes survive.
    fn more<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        self.give_back(&mut input.pos);
        input.stop()?;
        self.refill(&input.buf, &mut input.pos);
        Ok(())
    }
}

impl Inflate {
    pub(super) fn new() -> Inflate {
        Inflate {
            state: State::Header,
            last: false,
            bits: Bits::default(),
            literals: Literals::new(),
            distances: Distances::new(),
        }
    }

    /// Begins a new stream.
    pub(super) fn reset(&mut self) {
        self.state = State::Header;
        self.last = false;
        self.bits = Bits::default();
    }

    /// Whether the stream has ended; `input` then stands behind its last byte.
    pub(super) fn ended(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// Decodes to `out[w..]` until `limit` is reached (and exceeded by less than [`BEYOND`]) or
    /// the stream ends. `out[..w]` is what came before, the whole of it or at least [`WINDOW`].
    /// Returns the new `w`.
    pub(super) fn run<R: Read>(&mut self, input: &mut Input<R>, out: &mut [u8], mut w: usize, limit: usize) -> Result<usize> {
        while w < limit {
            match self.state {
                State::Header => self.header(input)?,
                State::Stored(0) => self.next_block(),
                State::Stored(left) => {
                    let n = input.copy(&mut out[w..limit.min(w + left)])?;
                    if n == 0 {
                        return Err(input.truncated());
                    }
                    w += n;
                    self.state = State::Stored(left - n);
                }
                State::Codes => w = self.codes(input, out, w, limit)?,
                State::End => break,
            }
        }
        Ok(w)
    }

    fn next_block(&mut self) {
        self.state = if self.last { State::End } else { State::Header };
    }

    /// The header of a block (3.2.3).
    fn header<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        self.bits.more(input)?;
        self.last = self.bits.take(1) == 1;
        let block_type = self.bits.take(2);
        match block_type {
            0 => {
                self.bits.give_back(&mut input.pos);
                input.check_end()?;
                self.bits = Bits::default(); // the rest of the byte
                let [a, b, c, d] = input.take()?;
                let (len, nlen) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
                if len != !nlen {
                    return Err(input.bad("stored block: NLEN is not the complement of LEN"));
                }
                self.state = State::Stored(len as usize);
                return Ok(());
            }
            1 => {
                // 3.2.6
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                let built = self.literals.build(&lengths, table::literal_or_length);
                debug_assert!(built.is_ok());
                let built = self.distances.build(&[5; 32], table::distance);
                debug_assert!(built.is_ok());
            }
            2 => self.dynamic(input)?,
            _ => return Err(self.bad(input, "reserved block type (BTYPE 11)")),
        }
        self.bits.give_back(&mut input.pos);
        self.state = State::Codes;
        Ok(())
    }

    /// The codes of a block with dynamic codes (3.2.7).
    fn dynamic<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        let hlit = self.bits.take(5) as usize + 257;
        let hdist = self.bits.take(5) as usize + 1;
        let hclen = self.bits.take(4) as usize + 4;
        if hlit > 286 || hdist > 30 {
            return Err(self.bad(input, "too many literal/length or distance codes (HLIT, HDIST)"));
        }
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let mut lengths = [0u8; 320];
        for &symbol in &ORDER[..hclen] {
            self.bits.more(input)?;
            lengths[symbol as usize] = self.bits.take(3) as u8;
        }
        let mut code = Lengths::new();
        code.build(&lengths[..19], table::plain).map_err(|e| self.bad(input, text!("code length code is @", e)))?;
        let mut n = 0;
        while n < hlit + hdist {
            self.bits.more(input)?;
            let entry = code.first(self.bits.hold);
            if entry & table::SPECIAL != 0 {
                return Err(self.bad(input, "invalid code length"));
            }
            self.bits.drop(entry & 31);
            let (value, times) = match entry >> 16 {
                16 if n == 0 => return Err(self.bad(input, "repeat of a code length without a previous one")),
                16 => (lengths[n - 1], 3 + self.bits.take(2) as usize),
                17 => (0, 3 + self.bits.take(3) as usize),
                18 => (0, 11 + self.bits.take(7) as usize),
                len => (len as u8, 1),
            };
            if n + times > hlit + hdist {
                return Err(self.bad(input, "repeat of a code length beyond the last code"));
            }
            lengths[n..n + times].fill(value);
            n += times;
        }
        if lengths[256] == 0 {
            return Err(self.bad(input, "no code for the end of block"));
        }
        self.literals
            .build(&lengths[..hlit], table::literal_or_length)
            .map_err(|e| self.bad(input, text!("literal/length code is @", e)))?;
        self.distances
            .build(&lengths[hlit..hlit + hdist], table::distance)
            .map_err(|e| self.bad(input, text!("distance code is @", e)))
    }

    #[cold]
    fn bad<R: Read>(&mut self, input: &mut Input<R>, what: &str) -> Error {
        self.bits.give_back(&mut input.pos);
        input.check_end().err().unwrap_or_else(|| input.bad(what))
    }

    /// Compressed data (3.2.3, "loop until end of block code recognized").
    fn codes<R: Read>(&mut self, input: &mut Input<R>, out: &mut [u8], mut w: usize, limit: usize) -> Result<usize> {
        let (literals, distances) = (&self.literals, &self.distances);
        let Some(out) = out.get_mut(..limit + BEYOND) else { return Ok(w) };
        let mut bits = self.bits;
        let mut what = None;
        'outer: while w < limit {
            let stop = input.stop()?;
            let buf = &*input.buf;
            let mut pos = input.pos;
            while pos < stop && w < limit {
                bits.refill(buf, &mut pos);
                let mut entry = literals.first(bits.hold);
                // Three literals of up to 15 bits, of the 56 that are there.
                if entry & table::LITERAL != 0 {
                    put(out, &mut w, entry, &mut bits);
                    entry = literals.first(bits.hold);
                    if entry & table::LITERAL != 0 {
                        put(out, &mut w, entry, &mut bits);
                        entry = literals.first(bits.hold);
                        if entry & table::LITERAL != 0 {
                            put(out, &mut w, entry, &mut bits);
                            continue;
                        }
                    }
                    bits.refill(buf, &mut pos);
                }
                if entry & table::SPECIAL != 0 {
                    if entry & table::SECOND != 0 {
                        entry = literals.second(entry, bits.hold);
                    }
                    if entry & table::LITERAL != 0 {
                        put(out, &mut w, entry, &mut bits);
                        continue;
                    }
                    if entry & table::SPECIAL != 0 {
                        what = Some("invalid literal/length code");
                        if entry & table::END != 0 {
                            bits.drop(entry & 31);
                            what = None;
                            self.state = if self.last { State::End } else { State::Header };
                        }
                        bits.give_back(&mut pos);
                        input.pos = pos;
                        break 'outer;
                    }
                }
                // 15 + 5 bits for a length, 15 + 13 for a distance.
                let len = value(entry, &mut bits);
                let mut entry = distances.first(bits.hold);
                if entry & table::SECOND != 0 {
                    entry = distances.second(entry, bits.hold);
                }
                if entry & table::SPECIAL != 0 {
                    what = Some("invalid distance code");
                }
                let distance = value(entry, &mut bits);
                if distance > w {
                    what = Some("distance is further back than the output begins");
                }
                if what.is_some() {
                    bits.give_back(&mut pos);
                    input.pos = pos;
                    break 'outer;
                }
                repeat(out, w, distance, len);
                w += len;
            }
            bits.give_back(&mut pos);
            input.pos = pos;
        }
        self.bits = bits;
        input.check_end()?;
        match what {
            Some(what) => Err(self.bad(input, what)),
            None => Ok(w),
        }
    }
}

/// Takes a literal.
fn put(out: &mut [u8], w: &mut usize, entry: Entry, bits: &mut Bits) {
    if let Some(to) = out.get_mut(*w) {
        *to = (entry >> 16) as u8;
    }
    *w += 1;
    bits.drop(entry & 31);
}

/// Takes a length or a distance with its extra bits.
fn value(entry: Entry, bits: &mut Bits) -> usize {
    bits.drop(entry & 31);
    (entry >> 16) as usize + bits.take((entry >> 8) & 15) as usize
}
