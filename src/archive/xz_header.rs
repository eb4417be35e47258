//! The headers of the .xz format, version 1.2.1: stream header and footer, block header, integers.

use super::crc::crc32_of;
use super::filter::Filter;
use super::input::Input;
use crate::error::Result;
use crate::io::Read;
use alloc::vec::Vec;

/// The largest dictionary that is read; the format allows 4 GiB. xz(1) writes 1.5 GiB at most.
const MAX_DICTIONARY: usize = 1536 << 20;

/// The kind of check (2.1.1.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct CheckId(pub(super) u8);

/// 2.1.1, behind the magic bytes: the stream flags.
pub(super) fn stream_header<R: Read>(input: &mut Input<R>) -> Result<CheckId> {
    let flags = stream_flags(&input.take::<6>()?[..6]);
    flags.map_err(|what| input.bad(what))
}

fn stream_flags(bytes: &[u8]) -> core::result::Result<CheckId, &'static str> {
    if bytes[2..] != crc32_of(&bytes[..2]).to_le_bytes() {
        return Err("CRC32 of the Stream Header does not match");
    }
    if bytes[0] != 0 || bytes[1] > 15 {
        return Err("reserved bits of the Stream Flags are set");
    }
    match bytes[1] {
        0 | 1 | 4 | 10 => Ok(CheckId(bytes[1])),
        _ => Err("Check is of an unknown type; None, CRC32, CRC64 and SHA-256 are read"),
    }
}

/// 2.1.2: its CRC, Backward Size, and the same flags as in the header.
pub(super) fn stream_footer<R: Read>(input: &mut Input<R>, check: CheckId, index_size: u64) -> Result<()> {
    let mut bytes = [0; 12];
    bytes.copy_from_slice(input.peek(12)?);
    let backward_size = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let what = if bytes[10..] != *b"YZ" {
        "Stream Footer without its magic bytes"
    } else if bytes[..4] != crc32_of(&bytes[4..10]).to_le_bytes() {
        "CRC32 of the Stream Footer does not match"
    } else if bytes[8..10] != [0, check.0] {
        "Stream Flags of header and footer differ"
    } else if (backward_size as u64 + 1) * 4 != index_size {
        "Backward Size is not the size of the Index"
    } else {
        input.take::<12>()?;
        return Ok(());
    };
    Err(input.bad(what))
}

/// A block's header (3.1).
pub(super) struct BlockHeader {
    pub(super) size: u64,
    pub(super) compressed: Option<u64>,
    pub(super) uncompressed: Option<u64>,
    /// Those before LZMA2, in the order of the encoder.
    pub(super) filters: Vec<Filter>,
    pub(super) dictionary: usize,
}

/// Reads a block's header, whose first byte is not 0.
pub(super) fn block_header<R: Read>(input: &mut Input<R>) -> Result<BlockHeader> {
    let size = (input.peek(1)?[0] as usize + 1) * 4;
    let bytes: Vec<u8> = input.peek(size)?.into();
    let (fields, crc) = bytes.split_at(size - 4);
    if crc != crc32_of(fields).to_le_bytes() {
        return Err(input.bad("CRC32 of a Block Header does not match"));
    }
    match parse(fields) {
        Ok(header) => {
            input.pos += size;
            Ok(header)
        }
        Err(what) => Err(input.bad(what)),
    }
}

const SHORT: &str = "Block Header is too small for its fields";

fn parse(fields: &[u8]) -> core::result::Result<BlockHeader, &'static str> {
    let flags = fields[1];
    if flags & 0x3c != 0 {
        return Err("reserved bits of the Block Flags are set");
    }
    let mut rest = &fields[2..];
    let mut header = BlockHeader {
        size: fields.len() as u64 + 4,
        compressed: None,
        uncompressed: None,
        filters: Vec::new(),
        dictionary: 0,
    };
    if flags & 0x40 != 0 {
        header.compressed = Some(integer(&mut rest)?);
    }
    if flags & 0x80 != 0 {
        header.uncompressed = Some(integer(&mut rest)?);
    }
    let last = flags & 3;
    for i in 0..=last {
        let id = integer(&mut rest)?;
        let size = integer(&mut rest)?;
        let size = usize::try_from(size).map_err(|_| SHORT)?;
        let (properties, behind) = rest.split_at_checked(size).ok_or(SHORT)?;
        rest = behind;
        match (id, i == last) {
            (0x21, true) => header.dictionary = dictionary(properties)?,
            (0x21, false) => return Err("LZMA2 is not the last filter"),
            (_, true) => return Err("last filter is not LZMA2"),
            (_, false) => header.filters.push(Filter::new(id, properties)?),
        }
    }
    if rest.iter().any(|byte| *byte != 0) {
        return Err("Header Padding is not zero");
    }
    Ok(header)
}

/// 5.3.1: the size as a mantissa of one bit, after the leading one, and an exponent.
fn dictionary(properties: &[u8]) -> core::result::Result<usize, &'static str> {
    let &[bits] = properties else { return Err("Filter Properties of LZMA2 are not one byte") };
    if bits > 40 {
        return Err("Dictionary Size is not valid");
    }
    let size = (2 | bits as usize & 1) << (bits / 2 + 11);
    if size > MAX_DICTIONARY {
        return Err("Dictionary Size is more than the 1536 MiB that are read");
    }
    Ok(size)
}

/// A Multibyte Integer (1.2): seven bits a byte, the lowest first; nine bytes at most.
#[inline(never)] // several times
fn integer(bytes: &mut &[u8]) -> core::result::Result<u64, &'static str> {
    let mut number = Integer::default();
    loop {
        let (first, rest) = bytes.split_first().ok_or(SHORT)?;
        *bytes = rest;
        if let Some(value) = number.add(*first)? {
            return Ok(value);
        }
    }
}

/// A Multibyte Integer that comes byte by byte.
#[derive(Default)]
pub(super) struct Integer {
    value: u64,
    bits: u32,
}

impl Integer {
    /// Adds a byte; gives the value with the last one.
    pub(super) fn add(&mut self, byte: u8) -> core::result::Result<Option<u64>, &'static str> {
        self.value |= (byte as u64 & 0x7f) << self.bits;
        if byte & 0x80 == 0 {
            // The shortest form is the only one.
            return if byte == 0 && self.bits > 0 { Err("Multibyte Integer is longer than needed") } else { Ok(Some(self.value)) };
        }
        self.bits += 7;
        if self.bits == 63 { Err("Multibyte Integer is longer than nine bytes") } else { Ok(None) }
    }
}
