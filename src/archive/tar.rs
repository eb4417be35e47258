//! The members of a tar archive: v7, ustar, pax (POSIX.1-2017) and GNU tar's long names.

use super::pax::{Pax, Time};
use super::tar_header::{BLOCK, Header, text};
use crate::error::{Error, Result, Status};
use crate::io::Read;
use crate::{error, text};
use alloc::vec;
use alloc::vec::Vec;

/// Names and records of one member may have this size; a path of the system has 4 KiB at most.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, whose data follow.
    File,
    /// Another name for the member `link`.
    HardLink,
    /// A symbolic link with the text `link`.
    Symlink,
    /// A directory.
    Directory,
}

/// A member, as the archive describes it; nothing in the names is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, perhaps with a slash at the end.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// What a link links to.
    pub link: Vec<u8>,
    /// The mode's lower twelve bits.
    pub mode: u32,
    /// The time of the last change.
    pub mtime: Time,
    /// How many bytes of data follow.
    pub size: u64,
}

/// Reads an archive: the members by `next_member`, and as a `Read` the data of the last one.
///
/// Two things that GNU tar warns of are errors here, since a damaged archive must not look like a
/// shorter one: an archive that ends without a block of zeros, and a single block of zeros
/// between members. Sparse files, devices and FIFOs are refused, as are unknown types, which GNU
/// tar extracts as regular files. What follows the end is read, so that the decompressor's
/// checks take place, and ignored.
pub struct TarReader<R> {
    reader: R,
    /// Of what comes next, in the archive.
    offset: u64,
    /// Of the last header.
    header_at: u64,
    left: u64,
    padding: u64,
    global: Pax,
}

impl<R: Read> TarReader<R> {
    /// Reads an archive that is not (or no longer) compressed.
    pub fn new(reader: R) -> TarReader<R> {
        TarReader { reader, offset: 0, header_at: 0, left: 0, padding: 0, global: Pax::default() }
    }

    /// The next member; its data may be read then, or not. None at the end.
    pub fn next_member(&mut self) -> Result<Option<Member>> {
        let mut extended = self.global.clone();
        loop {
            self.skip()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let Some(size) = header.size().and_then(|n| u64::try_from(n).ok()) else {
                return Err(self.bad("size is not a number"));
            };
            match header.typeflag() {
                typeflag @ (b'g' | b'x' | b'X' | b'L' | b'K') => {
                    let data = self.extension(size)?;
                    let read = match typeflag {
                        b'L' => extended.read_path(text(&data)),
                        b'K' => extended.read_linkpath(text(&data)),
                        b'g' => self.global.read(&data),
                        _ => extended.read(&data),
                    };
                    if let Err(what) = read {
                        return Err(self.bad(what));
                    }
                    if typeflag == b'g' {
                        extended = self.global.clone();
                    }
                }
                b'V' => self.data(size), // GNU: the name of a volume
                _ => return self.member(&header, size, extended).map(Some),
            }
        }
    }

    fn member(&mut self, header: &Header, size: u64, extended: Pax) -> Result<Member> {
        let name = extended.path.unwrap_or_else(|| header.name());
        let mut kind = Kind::File;
        let mut what = "";
        match header.typeflag() {
            // v7 knew no directories but by their names.
            b'0' | 0 | b'7' if name.last() != Some(&b'/') => {}
            b'0' | 0 | b'7' | b'5' => kind = Kind::Directory,
            b'1' => kind = Kind::HardLink,
            b'2' => kind = Kind::Symlink,
            b'3' => what = "character device, which is not made here",
            b'4' => what = "block device, which is not made here",
            b'6' => what = "FIFO, which is not made here",
            b'S' => what = "sparse file, which is not read here",
            b'M' => what = "continuation from another volume, which is not read here",
            _ => what = "unknown typeflag, which is not unpacked here",
        }
        let mode = header.mode().unwrap_or_else(|| {
            what = "mode is not a number";
            0
        });
        let mtime = header.mtime().unwrap_or_else(|| {
            what = "mtime is not a number";
            0
        });
        if !what.is_empty() {
            return Err(self.bad(text!("member '@': @", &name, what)));
        }
        // Whatever their size: that of a directory was what it may hold, that of a link what it
        // leads to.
        let size = if kind == Kind::File { extended.size.unwrap_or(size) } else { 0 };
        self.data(size);
        Ok(Member {
            name,
            kind,
            link: extended.linkpath.unwrap_or_else(|| header.linkname()),
            mode: mode as u32 & 0o7777,
            mtime: extended.mtime.unwrap_or((mtime, 0)),
            size,
        })
    }

    /// The next header; None at the end, where the rest is read.
    fn header(&mut self) -> Result<Option<Header>> {
        self.header_at = self.offset;
        let Some(header) = self.block()? else {
            return Err(self.bad("no end-of-archive entry (two blocks of zeros)"));
        };
        if header.is_zero() {
            if self.block()?.is_some_and(|second| !second.is_zero()) {
                return Err(self.bad("a single block of zeros between members"));
            }
            let mut rest = vec![0; 16 * BLOCK];
            while self.reader.read(&mut rest)? > 0 {}
            return Ok(None);
        }
        if !header.checksum_fits() {
            let first = self.header_at == 0;
            return Err(self.bad(if first { "not a tar archive (chksum)" } else { "chksum of a header does not match" }));
        }
        Ok(Some(header))
    }

    /// The next block; None if nothing follows.
    fn block(&mut self) -> Result<Option<Header>> {
        let mut block = [0; BLOCK];
        let mut n = 0;
        while n < BLOCK {
            match self.reader.read(&mut block[n..])? {
                0 if n == 0 => return Ok(None),
                0 => return Err(self.truncated()),
                more => {
                    n += more;
                    self.offset += more as u64;
                }
            }
        }
        Ok(Some(Header(block)))
    }

    /// The data of an extended header or a long name.
    fn extension(&mut self, size: u64) -> Result<Vec<u8>> {
        if size > LONGEST_EXTENSION {
            return Err(self.bad("extended header of more than 1 MiB"));
        }
        self.data(size);
        let mut data = vec![0; size as usize];
        let mut n = 0;
        while self.left > 0 {
            n += self.read(&mut data[n..])?;
        }
        Ok(data)
    }

    /// Says that `size` bytes of data and their padding follow.
    fn data(&mut self, size: u64) {
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// Passes what is left of the data, and the padding.
    fn skip(&mut self) -> Result<()> {
        let mut nothing = [0; 4 * BLOCK];
        while self.left > 0 {
            self.read(&mut nothing)?;
        }
        self.left = core::mem::take(&mut self.padding);
        while self.left > 0 {
            self.read(&mut nothing)?;
        }
        Ok(())
    }

    #[cold]
    fn truncated(&self) -> Error {
        bad("unexpected end of the archive", self.offset)
    }

    /// The error for what is wrong with the last header.
    #[cold]
    fn bad(&self, what: &str) -> Error {
        bad(what, self.header_at)
    }
}

#[cold]
fn bad(what: &str, offset: u64) -> Error {
    error!(Status::Source, "tar: @, at byte @ of the archive", what, offset)
}

impl<R: Read> Read for TarReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let most = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let n = self.reader.read(&mut buf[..most])?;
        if n == 0 {
            return Err(self.truncated());
        }
        self.left -= n as u64;
        self.offset += n as u64;
        Ok(n)
    }
}
