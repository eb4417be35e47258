//! A block of bzip2: prefix codes, move-to-front, and the inverse of the Burrows-Wheeler transform.
//!
//! The format has no specification of its author; the names here are those of his program.

use super::bzip2_bits::Bits;
use super::input::Input;
use crate::error::{Error, Result};
use crate::io::Read;
use alloc::boxed::Box;
use alloc::vec;

/// The longest code.
const MAX_LEN: u32 = 20;
/// Symbols coded with one table before the next selector.
const GROUP: usize = 50;
/// The most symbols: RUNA, RUNB, 255 places of the list, end of block.
const MAX_SYMBOLS: usize = 258;
/// The most selectors of use: one for each group of a block of 900,000 symbols and its end.
/// More may be announced (lbzip2 does); they are read and mean nothing.
const MAX_SELECTORS: usize = 18002;

const RUNB: usize = 1;

/// Codes of up to this many bits are looked up at once.
const FIRST: u32 = 10;

/// One of the prefix codes: canonical, shortest first, among those of one length by symbol.
struct Code {
    /// By the next `FIRST` bits: symbol and length (lower 5 bits), or 0.
    first: [u16; 1 << FIRST],
    /// By length: where, in `MAX_LEN` bits, the longer codes begin.
    limit: [u32; MAX_LEN as usize + 1],
    /// By length: what to add to a code of that length for its place in `symbols`.
    offset: [i32; MAX_LEN as usize + 1],
    symbols: [u16; MAX_SYMBOLS],
}

impl Code {
    fn new() -> Code {
        Code { first: [0; 1 << FIRST], limit: [0; 21], offset: [0; 21], symbols: [0; MAX_SYMBOLS] }
    }

    /// False when the lengths ask for more codes than there are. Fewer are allowed, as in bzip2.
    fn build(&mut self, lengths: &[u8]) -> bool {
        self.first.fill(0);
        let (mut code, mut place) = (0u32, 0);
        for len in 1..=MAX_LEN {
            self.offset[len as usize] = place as i32 - (code >> (MAX_LEN - len)) as i32;
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, l)| **l as u32 == len) {
                self.symbols[place] = symbol as u16;
                place += 1;
                if code >= 1 << MAX_LEN {
                    return false;
                }
                if len <= FIRST {
                    let at = (code >> (MAX_LEN - FIRST)) as usize;
                    self.first[at..at + (1 << (FIRST - len))].fill((symbol as u32) as u16 * 32 + len as u16);
                }
                code += 1 << (MAX_LEN - len);
            }
            self.limit[len as usize] = code;
        }
        true
    }

    /// The next symbol, or `MAX_SYMBOLS` if there is none with that code.
    fn symbol(&self, bits: &mut Bits) -> usize {
        let entry = self.first[bits.peek(FIRST) & ((1 << FIRST) - 1)] as u32;
        if entry != 0 {
            bits.drop(entry & 31);
            return (entry >> 5) as usize;
        }
        self.long(bits)
    }

    #[inline(never)]
    fn long(&self, bits: &mut Bits) -> usize {
        let next = bits.peek(MAX_LEN) as u32;
        for len in FIRST + 1..=MAX_LEN {
            if next < self.limit[len as usize] {
                bits.drop(len);
                let place = self.offset[len as usize] + (next >> (MAX_LEN - len)) as i32;
                return self.symbols.get(place as usize).map_or(MAX_SYMBOLS, |s| *s as usize);
            }
        }
        MAX_SYMBOLS
    }
}

/// A block; then the walk through it. The memory serves for one block after the other.
pub(super) struct Block {
    /// While it is read: the last column L, a byte a word. Then also, above that byte, the row
    /// (of the sorted rotations) that begins one byte later.
    tt: Box<[u32]>,
    codes: Box<[Code]>,
    selectors: Box<[u8]>,
    /// Bytes left to take, and the word of the next one.
    left: usize,
    entry: u32,
}

impl Block {
    pub(super) fn new() -> Block {
        Block {
            tt: Box::default(),
            codes: (0..6).map(|_| Code::new()).collect(),
            selectors: vec![0; MAX_SELECTORS].into(),
            left: 0,
            entry: 0,
        }
    }

    /// Makes room for blocks of up to `size` bytes, and no more.
    pub(super) fn set_size(&mut self, size: usize) {
        if self.tt.len() != size {
            self.tt = Box::default(); // this one goes before the other comes
            self.tt = vec![0; size].into();
        }
    }

    pub(super) fn size(&self) -> usize {
        self.tt.len()
    }

    /// Reads a block, from behind its CRC.
    pub(super) fn read<R: Read>(&mut self, input: &mut Input<R>, bits: &mut Bits) -> Result<()> {
        if bits.take(input, 1)? == 1 {
            return Err(bad(input, bits, "randomised block, as bzip2 wrote until 1999: not read here"));
        }
        let orig_ptr = bits.take(input, 24)?;
        let mut list = [0u8; 256];
        let in_use = used_bytes(input, bits, &mut list)?;
        let tables = bits.take(input, 3)?;
        if !(2..=6).contains(&tables) {
            return Err(bad(input, bits, "number of code tables is not 2 to 6"));
        }
        let selectors = self.read_selectors(input, bits, tables)?;
        for code in &mut self.codes[..tables] {
            let lengths = read_lengths(input, bits, in_use + 2)?;
            if !code.build(&lengths[..in_use + 2]) {
                return Err(bad(input, bits, "code lengths are over-subscribed"));
            }
        }
        let n = self.read_symbols(input, bits, selectors, in_use + 1, &mut list)?;
        if orig_ptr >= n {
            return Err(bad(input, bits, "origPtr lies beyond the end of the block"));
        }
        self.invert(orig_ptr, n);
        Ok(())
    }

    /// The selectors: which table serves each group, as unary places in a move-to-front list.
    fn read_selectors<R: Read>(&mut self, input: &mut Input<R>, bits: &mut Bits, tables: usize) -> Result<usize> {
        let count = bits.take(input, 15)?;
        if count == 0 {
            return Err(bad(input, bits, "no selectors"));
        }
        let mut list = [0u8, 1, 2, 3, 4, 5];
        for i in 0..count {
            let mut place = 0;
            while bits.take(input, 1)? == 1 {
                place += 1;
                if place == tables {
                    return Err(bad(input, bits, "selector beyond the number of code tables"));
                }
            }
            list[..=place].rotate_right(1);
            if let Some(selector) = self.selectors.get_mut(i) {
                *selector = list[0];
            }
        }
        Ok(count.min(MAX_SELECTORS))
    }

    /// The symbols, up to the end of block `eob`: undoes the prefix codes, the run lengths and
    /// the move-to-front list, and leaves L in `tt`. Returns its length.
    fn read_symbols<R: Read>(
        &mut self,
        input: &mut Input<R>,
        bits: &mut Bits,
        selectors: usize,
        eob: usize,
        list: &mut [u8; 256],
    ) -> Result<usize> {
        let tt = &mut *self.tt;
        let (mut n, mut run, mut weight) = (0, 0, 1);
        for &selector in &self.selectors[..selectors] {
            let code = &self.codes[selector as usize % 6];
            let mut local = *bits;
            let mut group = 0;
            while group < GROUP {
                local.give_back(&mut input.pos);
                let stop = input.stop()?;
                let buf = &*input.buf;
                let mut pos = input.pos;
                while group < GROUP && pos < stop {
                    group += 1;
                    local.refill(buf, &mut pos);
                    let symbol = code.symbol(&mut local);
                    if symbol <= RUNB {
                        // A run's length in digits 1 and 2 (RUNA, RUNB), the lowest first.
                        run += weight << symbol;
                        weight *= 2;
                        if run > tt.len() - n {
                            break;
                        }
                        continue;
                    }
                    if run > 0 {
                        tt[n..n + run].fill(list[0] as u32);
                        n += run;
                        (run, weight) = (0, 1);
                    }
                    if symbol >= eob || n >= tt.len() {
                        input.pos = pos;
                        *bits = local;
                        return match symbol {
                            _ if symbol == eob => Ok(n),
                            MAX_SYMBOLS => Err(bad(input, bits, "invalid code")),
                            _ => Err(bad(input, bits, "block is longer than the header allows")),
                        };
                    }
                    tt[n] = to_front(list, symbol - 1) as u32;
                    n += 1;
                }
                input.pos = pos;
                if run > tt.len() - n {
                    *bits = local;
                    return Err(bad(input, bits, "block is longer than the header allows"));
                }
            }
            *bits = local;
        }
        Err(bad(input, bits, "no end of block before the selectors end"))
    }

    /// Links each row with the one that begins a byte later. Equal bytes of L stand in the order
    /// of the rows that they begin (the first column).
    fn invert(&mut self, orig_ptr: usize, n: usize) {
        let tt = &mut self.tt[..n];
        let mut next = [0u32; 256];
        for entry in &*tt {
            next[*entry as usize & 255] += 1;
        }
        let mut sum = 0;
        for count in &mut next {
            (*count, sum) = (sum, sum + *count);
        }
        for row in 0..n {
            let place = &mut next[tt[row] as usize & 255];
            let first = *place as usize;
            *place += 1;
            if let Some(entry) = tt.get_mut(first) {
                *entry |= (row as u32) << 8;
            }
        }
        self.entry = tt[orig_ptr];
        self.left = n;
    }

    /// Whether all bytes are taken.
    pub(super) fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Calls `each` with one byte after the other, until it returns false or all are taken.
    pub(super) fn walk(&mut self, mut each: impl FnMut(u8) -> bool) {
        let (mut left, mut entry) = (self.left, self.entry);
        while left > 0 {
            entry = self.tt.get((entry >> 8) as usize).copied().unwrap_or(0);
            left -= 1;
            if !each(entry as u8) {
                break;
            }
        }
        (self.left, self.entry) = (left, entry);
    }
}

/// Which bytes occur: sixteen bits for sixteen ranges of sixteen. Lists them in order.
fn used_bytes<R: Read>(input: &mut Input<R>, bits: &mut Bits, list: &mut [u8; 256]) -> Result<usize> {
    let ranges = bits.take(input, 16)?;
    let mut n = 0;
    for range in 0..16 {
        if ranges << range & 0x8000 == 0 {
            continue;
        }
        let used = bits.take(input, 16)?;
        for byte in (0..16).filter(|byte| used << byte & 0x8000 != 0) {
            list[n] = range * 16 + byte;
            n += 1;
        }
    }
    if n == 0 {
        return Err(bad(input, bits, "no byte is in use"));
    }
    Ok(n)
}

/// The lengths of a table's codes: each by steps from the one before.
fn read_lengths<R: Read>(input: &mut Input<R>, bits: &mut Bits, symbols: usize) -> Result<[u8; MAX_SYMBOLS]> {
    let mut lengths = [0; MAX_SYMBOLS];
    let mut len = bits.take(input, 5)? as u32;
    for length in &mut lengths[..symbols] {
        loop {
            if !(1..=MAX_LEN).contains(&len) {
                return Err(bad(input, bits, "code length is not 1 to 20"));
            }
            if bits.take(input, 1)? == 0 {
                break;
            }
            len = if bits.take(input, 1)? == 0 { len + 1 } else { len - 1 };
        }
        *length = len as u8;
    }
    Ok(lengths)
}

/// Moves the byte at `place` to the front of the list and returns it.
fn to_front(list: &mut [u8; 256], place: usize) -> u8 {
    if place < 8 {
        // Most places are small: the first eight bytes in one word.
        let Some(front) = list.first_chunk_mut::<8>() else { return 0 };
        let word = u64::from_le_bytes(*front);
        let shift = 8 * place as u32;
        let byte = word >> shift & 0xff;
        let before = word & ((1 << shift) - 1);
        let after = word & (!0xff << shift);
        *front = (after | before << 8 | byte).to_le_bytes();
        return byte as u8;
    }
    let byte = list[place & 255];
    list.copy_within(..place & 255, 1);
    list[0] = byte;
    byte
}

/// An error where the bits stand.
#[cold]
pub(super) fn bad<R: Read>(input: &mut Input<R>, bits: &mut Bits, what: &str) -> Error {
    bits.align(input).err().unwrap_or_else(|| input.bad(what))
}
