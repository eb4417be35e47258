//! Which format a file has, by its first bytes.

use super::bzip2::{self, Bzip2Reader};
use super::gzip::{self, GzipReader};
use super::input::Input;
use super::xz::{self, XzReader};
use crate::error::Result;
use crate::io::Read;
use crate::text;

/// Reads a file that may be compressed by gzip, bzip2 or xz, or not at all.
pub enum Decompressor<R> {
    /// gzip
    Gzip(GzipReader<R>),
    /// bzip2
    Bzip2(Bzip2Reader<R>),
    /// xz
    Xz(XzReader<R>),
    /// Not compressed.
    Plain(Input<R>),
}

/// What is known, but not read.
const OTHERS: [(&[u8], &str); 6] = [
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"LZIP", "lzip"),
    (b"\x5d\0\0", "lzma (the format before xz)"),
    (b"\x1f\x9d", "compress"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf", "7-Zip"),
];

impl<R: Read> Decompressor<R> {
    /// Looks at the first bytes of `reader`.
    pub fn new(reader: R) -> Result<Decompressor<R>> {
        let mut input = Input::new(reader, "archive");
        if !input.has(1)? {
            return Err(input.bad("the file is empty"));
        }
        let mut n = xz::MAGIC.len();
        while !input.has(n)? {
            n -= 1;
        }
        let first = input.peek(n)?;
        if first.starts_with(&gzip::MAGIC) {
            return Ok(Decompressor::Gzip(GzipReader::from_input(input)));
        }
        if first.starts_with(&bzip2::MAGIC) {
            return Ok(Decompressor::Bzip2(Bzip2Reader::from_input(input)));
        }
        if first == xz::MAGIC {
            return Ok(Decompressor::Xz(XzReader::from_input(input)));
        }
        if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
            return Err(input.bad(text!("the format is @; gzip, bzip2, xz and plain tar are read", name)));
        }
        Ok(Decompressor::Plain(input))
    }
}

impl<R: Read> Read for Decompressor<R> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        match self {
            Decompressor::Gzip(reader) => reader.read(buf),
            Decompressor::Bzip2(reader) => reader.read(buf),
            Decompressor::Xz(reader) => reader.read(buf),
            Decompressor::Plain(input) => input.copy(buf),
        }
    }
}
