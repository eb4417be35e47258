//! Deflate's prefix codes as lookup tables (RFC 1951, 3.2).

use alloc::boxed::Box;

/// An entry: the value in the upper half, [`SPECIAL`] and other flags, the number of extra bits
/// (bits 8 to 11) and the length of the code (bits 0 to 4). 0 with `SPECIAL` is no code.
pub(super) type Entry = u32;
/// The value is a literal (or a symbol of the code length code).
pub(super) const LITERAL: Entry = 0x8000;
/// Neither a literal nor a length or distance.
pub(super) const SPECIAL: Entry = 0x4000;
/// With `SPECIAL`: end of block.
pub(super) const END: Entry = 0x2000;
/// With `SPECIAL`: the value is where a second table begins.
pub(super) const SECOND: Entry = 0x1000;

/// The longest code.
const MAX: usize = 15;

/// A table of `N` (a power of two) entries: the first `2^ROOT` are looked up by the next `ROOT`
/// bits; longer codes share second tables behind, looked up by the bits that follow.
pub(super) struct Table<const ROOT: u32, const N: usize> {
    entries: Box<[Entry; N]>,
    /// The width of a second table.
    second: u32,
}

/// The literal/length code. At most 143 second tables of 16 entries each follow the first.
pub(super) type Literals = Table<11, 8192>;
/// The distance code. At most 15 second tables of 64 entries each follow the first.
pub(super) type Distances = Table<9, 2048>;
/// The code length code.
pub(super) type Lengths = Table<7, 128>;

impl<const ROOT: u32, const N: usize> Table<ROOT, N> {
    pub(super) fn new() -> Self {
        Table { entries: Box::new([0; N]), second: 0 }
    }

    /// The entry for the code that begins `bits`.
    pub(super) fn first(&self, bits: u64) -> Entry {
        self.entries[(bits & ((1 << ROOT) - 1)) as usize & (N - 1)]
    }

    /// The entry that a `SECOND` one leads to.
    pub(super) fn second(&self, entry: Entry, bits: u64) -> Entry {
        let at = (bits >> ROOT) & ((1 << self.second) - 1);
        self.entries[((entry >> 16) as usize + at as usize) & (N - 1)]
    }

    /// Builds the code in which symbol `s` has `lengths[s]` bits (0: is not used) and the entry
    /// `entry(s)`.
    pub(super) fn build(&mut self, lengths: &[u8], entry: fn(usize) -> Entry) -> Result<(), &'static str> {
        self.second = build(&mut *self.entries, ROOT, lengths, entry)?;
        Ok(())
    }
}

/// Fills a table and returns the width of its second tables. The algorithm of 3.2.2 counts codes
/// upwards, highest bit first; since the stream brings that bit first too but as the lowest one,
/// the codes stand here mirrored.
///
/// A code has to use all bit strings. Two cases may not: no symbol at all, and one symbol of one
/// bit (3.2.7: "one distance code of zero bits", "if only one distance code is used").
fn build(entries: &mut [Entry], root: u32, lengths: &[u8], entry: fn(usize) -> Entry) -> Result<u32, &'static str> {
    let mut count = [0usize; MAX + 1];
    for &len in lengths {
        count[len as usize & MAX] += 1;
    }
    let mut left = 1usize;
    let mut longest = 0;
    let mut place = [0; MAX + 1]; // where the symbols of each length begin, sorted by length
    let mut places = 0;
    for len in 1..=MAX {
        left = (2 * left).checked_sub(count[len]).ok_or("over-subscribed")?;
        if count[len] > 0 {
            longest = len as u32;
        }
        place[len] = places;
        places += count[len];
    }
    if left > 0 {
        if longest > 1 {
            return Err("incomplete");
        }
        entries[..1 << root].fill(SPECIAL);
    }
    let mut sorted = [0u16; 320];
    for (symbol, &len) in lengths.iter().enumerate() {
        if len > 0 {
            sorted[place[len as usize & MAX] % 320] = symbol as u16;
            place[len as usize & MAX] += 1;
        }
    }
    let second = longest.saturating_sub(root);
    let mut free = 1usize << root;
    let mut opened = (usize::MAX, 0); // the second table being filled: its first bits, its place
    let mut code = 0u32; // in MAX bits, highest first
    for &symbol in &sorted[..places] {
        let len = lengths[symbol as usize] as u32;
        let mirrored = (code.reverse_bits() >> (32 - MAX)) as usize;
        code += 1 << (MAX as u32 - len);
        let (mut at, step, end);
        if len <= root {
            (at, step, end) = (mirrored, 1 << len, 1 << root);
        } else {
            let first = mirrored & ((1 << root) - 1);
            if opened.0 != first {
                opened = (first, free);
                entries[first] = (free as u32) << 16 | SPECIAL | SECOND;
                free += 1 << second;
            }
            at = opened.1 + (mirrored >> root);
            (step, end) = (1 << (len - root), free);
        }
        let entry = entry(symbol as usize) | len;
        while at < end {
            if let Some(to) = entries.get_mut(at) {
                *to = entry;
            }
            at += step;
        }
    }
    Ok(second)
}

/// The entry of a literal, of the end of block, or of a length (3.2.5).
pub(super) fn literal_or_length(symbol: usize) -> Entry {
    let s = symbol as u32;
    match s {
        0..=255 => s << 16 | LITERAL,
        256 => SPECIAL | END,
        257..=264 => (s - 254) << 16,
        265..=284 => {
            let extra = (s - 261) / 4;
            (3 + ((4 + (s - 265) % 4) << extra)) << 16 | extra << 8
        }
        285 => 258 << 16,
        _ => SPECIAL, // 286 and 287 take part in the fixed code, but never occur
    }
}

/// The entry of a distance (3.2.5).
pub(super) fn distance(symbol: usize) -> Entry {
    let d = symbol as u32;
    match d {
        0..=3 => (d + 1) << 16,
        4..=29 => {
            let extra = d / 2 - 1;
            (1 + ((2 + d % 2) << extra)) << 16 | extra << 8
        }
        _ => SPECIAL, // 30 and 31, likewise
    }
}

/// The entry of a symbol of the code length code (3.2.7).
pub(super) fn plain(symbol: usize) -> Entry {
    (symbol as u32) << 16 | LITERAL
}
