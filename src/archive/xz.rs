//! The .xz file format, version 1.2.1: streams, blocks, the index, and the checks.

use super::crc::{Crc, crc32_more};
use super::filter::{self, Stage};
use super::input::{self, Input};
use super::lzma2::Lzma2;
use super::xz_header::{self, CheckId, Integer};
use crate::error::Result;
use crate::hash::sha256::Sha256;
use crate::io::Read;
use alloc::vec::Vec;

/// What a stream begins with.
pub const MAGIC: [u8; 6] = [0xfd, b'7', b'z', b'X', b'Z', 0];

enum State {
    StreamHeader,
    BlockHeader,
    Block,
    StreamPadding,
    End,
}

/// A block's sizes, to be compared with what its header and the index say.
#[derive(Default)]
struct Sizes {
    header: u64,
    /// Where its compressed data begin in the input.
    start: u64,
    uncompressed: u64,
    said_compressed: Option<u64>,
    said_uncompressed: Option<u64>,
}

/// What an index says, or would have to: the number of records, and a hash of them.
#[derive(Default)]
struct Records {
    count: u64,
    hash: Sha256,
}

impl Records {
    fn add(&mut self, unpadded_size: u64, uncompressed_size: u64) {
        self.count += 1;
        self.hash.update(&unpadded_size.to_le_bytes());
        self.hash.update(&uncompressed_size.to_le_bytes());
    }
}

/// The check of a block's data.
enum Check {
    None,
    Crc(Crc, usize),
    Sha256(Sha256),
}

/// Reads what xz packed: one stream after the other, as one.
///
/// Memory: the dictionary, as far as the data fill it, and about 200 KiB; dictionaries of more
/// than 1536 MiB are refused. What follows the last stream has to be padding of zero bytes, a
/// multiple of four, as for xz(1).
pub struct XzReader<R> {
    input: Input<R>,
    state: State,
    is_first: bool,
    check_id: CheckId,
    check: Check,
    sizes: Sizes,
    records: Records,
    decoder: Option<Lzma2>,
    stages: Vec<Stage>,
}

impl<R: Read> XzReader<R> {
    /// Reads xz streams from `reader`.
    pub fn new(reader: R) -> XzReader<R> {
        XzReader::from_input(Input::new(reader, ""))
    }

    /// Reads xz streams from an input that stands at the first one.
    pub fn from_input(mut input: Input<R>) -> XzReader<R> {
        input.set_format("xz");
        XzReader {
            input,
            state: State::StreamHeader,
            is_first: true,
            check_id: CheckId(0),
            check: Check::None,
            sizes: Sizes::default(),
            records: Records::default(),
            decoder: None,
            stages: Vec::new(),
        }
    }

    fn stream_header(&mut self) -> Result<()> {
        if self.input.peek(6)? != MAGIC {
            let what = if self.is_first { "not an xz stream (magic bytes)" } else { "garbage after the last stream" };
            return Err(self.input.bad(what));
        }
        self.is_first = false;
        self.input.take::<6>()?;
        self.check_id = xz_header::stream_header(&mut self.input)?;
        self.records = Records::default();
        self.state = State::BlockHeader;
        Ok(())
    }

    /// A block's header, or the index, which begins as a block of size 0 would.
    fn block_header(&mut self) -> Result<()> {
        if self.input.peek(1)?[0] == 0 {
            let size = self.index()?;
            xz_header::stream_footer(&mut self.input, self.check_id, size)?;
            self.state = State::StreamPadding;
            return Ok(());
        }
        let header = xz_header::block_header(&mut self.input)?;
        self.check = match self.check_id.0 {
            1 => Check::Crc(Crc::crc32(), 4),
            4 => Check::Crc(Crc::crc64(), 8),
            10 => Check::Sha256(Sha256::new()),
            _ => Check::None,
        };
        self.sizes = Sizes {
            header: header.size,
            start: self.input.offset(),
            uncompressed: 0,
            said_compressed: header.compressed,
            said_uncompressed: header.uncompressed,
        };
        // No distance reaches further than there is output.
        let said = header.uncompressed.and_then(|size| usize::try_from(size).ok());
        self.decoder = None; // this dictionary goes before the other comes
        self.decoder = Some(Lzma2::new(header.dictionary.min(said.unwrap_or(usize::MAX))));
        self.stages = header.filters.into_iter().map(Stage::new).collect();
        self.state = State::Block;
        Ok(())
    }

    fn block(&mut self, to: &mut [u8]) -> Result<usize> {
        let Some(decoder) = &mut self.decoder else { return Ok(0) };
        let n = filter::read(&mut self.stages, &mut |to| decoder.read(&mut self.input, to), to)?;
        let data = &to[..n];
        match &mut self.check {
            Check::None => {}
            Check::Crc(crc, _) => crc.update(data),
            Check::Sha256(hash) => hash.update(data),
        }
        self.sizes.uncompressed += n as u64;
        if self.sizes.said_uncompressed.is_some_and(|said| self.sizes.uncompressed > said) {
            // How far the input was read depends on the pieces it comes in.
            return Err(input::bad("xz", "Block is longer than its Uncompressed Size", self.sizes.start));
        }
        if n == 0 {
            self.block_end()?;
        }
        Ok(n)
    }

    /// Sizes, padding (3.3) and check (3.4).
    fn block_end(&mut self) -> Result<()> {
        let sizes = &self.sizes;
        let compressed = self.input.offset() - sizes.start;
        if sizes.said_compressed.is_some_and(|said| said != compressed) {
            return Err(self.input.bad("Compressed Size does not match"));
        }
        if sizes.said_uncompressed.is_some_and(|said| said != sizes.uncompressed) {
            return Err(self.input.bad("Uncompressed Size does not match"));
        }
        let padding = compressed.wrapping_neg() as usize % 4;
        if self.input.peek(padding)?.iter().any(|byte| *byte != 0) {
            return Err(self.input.bad("Block Padding is not zero"));
        }
        self.input.pos += padding;
        let mut computed = [0; 32];
        let size = match core::mem::replace(&mut self.check, Check::None) {
            Check::None => 0,
            Check::Crc(mut crc, size) => {
                computed[..8].copy_from_slice(&crc.finish().to_le_bytes());
                size
            }
            Check::Sha256(hash) => {
                computed = hash.finish();
                32
            }
        };
        if self.input.peek(size)? != &computed[..size] {
            return Err(self.input.bad("Check of a block does not match"));
        }
        self.input.pos += size;
        self.records.add(sizes.header + compressed + size as u64, sizes.uncompressed);
        self.state = State::BlockHeader;
        Ok(())
    }

    /// The index (4), which repeats the sizes of all blocks. Gives its own size.
    fn index(&mut self) -> Result<u64> {
        let mut bytes = IndexBytes { input: &mut self.input, crc: 0, size: 0 };
        bytes.byte()?; // the index indicator
        let mut records = Records::default();
        let count = bytes.integer()?;
        if count != self.records.count {
            return Err(bytes.input.bad("Number of Records in the Index is not that of the blocks"));
        }
        for _ in 0..count {
            let unpadded_size = bytes.integer()?;
            records.add(unpadded_size, bytes.integer()?);
        }
        if records.hash.finish() != core::mem::take(&mut self.records).hash.finish() {
            return Err(bytes.input.bad("sizes in the Index are not those of the blocks"));
        }
        while !bytes.size.is_multiple_of(4) {
            if bytes.byte()? != 0 {
                return Err(bytes.input.bad("Index Padding is not zero"));
            }
        }
        let (crc, size) = (bytes.crc, bytes.size);
        if self.input.peek(4)? != crc.to_le_bytes() {
            return Err(self.input.bad("CRC32 of the Index does not match"));
        }
        self.input.pos += 4;
        Ok(size + 4)
    }

    /// Zero bytes, a multiple of four (2.2); then another stream, or the end.
    fn stream_padding(&mut self) -> Result<()> {
        self.state = State::End;
        while self.input.has(1)? {
            if self.input.peek(1)?[0] != 0 {
                self.state = State::StreamHeader;
                break;
            }
            if self.input.take::<4>()? != [0; 4] {
                return Err(self.input.bad("Stream Padding is not a multiple of four zero bytes"));
            }
        }
        Ok(())
    }
}

/// The bytes of an index, counted and checked.
struct IndexBytes<'a, R> {
    input: &'a mut Input<R>,
    crc: u32,
    size: u64,
}

impl<R: Read> IndexBytes<'_, R> {
    fn byte(&mut self) -> Result<u8> {
        let byte = self.input.byte()?;
        self.crc = crc32_more(self.crc, byte);
        self.size += 1;
        Ok(byte)
    }

    fn integer(&mut self) -> Result<u64> {
        let mut number = Integer::default();
        loop {
            let byte = self.byte()?;
            if let Some(value) = number.add(byte).map_err(|what| self.input.bad(what))? {
                return Ok(value);
            }
        }
    }
}

impl<R: Read> Read for XzReader<R> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        loop {
            match self.state {
                State::StreamHeader => self.stream_header()?,
                State::BlockHeader => self.block_header()?,
                State::Block => match self.block(to)? {
                    0 => {}
                    n => return Ok(n),
                },
                State::StreamPadding => self.stream_padding()?,
                State::End => return Ok(0),
            }
        }
    }
}
