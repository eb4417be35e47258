//! The members of a tar archive: v7, ustar, pax (POSIX.1-2017) and GNU tar's long names.

use super::pax::{Pax, Time};
use super::tar_header::{BLOCK, Header, text};
use crate::error::{Error, Result, Status};
use crate::io::Read;
use alloc::format;
use alloc::string::String;
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
    ended: bool,
}

impl<R: Read> TarReader<R> {
    /// Reads an archive that is not (or no longer) compressed.
    pub fn new(reader: R) -> TarReader<R> {
        TarReader { reader, offset: 0, header_at: 0, left: 0, padding: 0, global: Pax::default(), ended: false }
    }

    /// The next member; its data may be read then, or not. None at the end.
    pub fn next_member(&mut self) -> Result<Option<Member>> {
        let mut local = self.global.clone();
        let (mut long_name, mut long_link) = (None, None);
        while !self.ended {
            self.skip()?;
            let Some(header) = self.header()? else { break };
            let size = header.size().and_then(|n| u64::try_from(n).ok()).ok_or_else(|| self.bad("size is not a number"))?;
            match header.typeflag() {
                b'g' => {
                    let records = self.extension(size)?;
                    let mut global = core::mem::take(&mut self.global);
                    global.read(&records).map_err(|what| self.bad(what))?;
                    local = global.clone();
                    self.global = global;
                }
                b'x' | b'X' => {
                    let records = self.extension(size)?;
                    local.read(&records).map_err(|what| self.bad(what))?;
                }
                b'L' => long_name = Some(text(&self.extension(size)?).to_vec()),
                b'K' => long_link = Some(text(&self.extension(size)?).to_vec()),
                b'V' => self.data(size), // GNU: the name of a volume
                _ => {
                    local.path = local.path.or(long_name);
                    local.linkpath = local.linkpath.or(long_link);
                    return self.member(&header, size, local).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn member(&mut self, header: &Header, size: u64, extended: Pax) -> Result<Member> {
        let name = extended.path.unwrap_or_else(|| header.name());
        let (kind, refused) = match header.typeflag() {
            // v7 knew no directories but by their names.
            b'0' | 0 | b'7' if name.ends_with(b"/") => (Kind::Directory, ""),
            b'0' | 0 | b'7' => (Kind::File, ""),
            b'1' => (Kind::HardLink, ""),
            b'2' => (Kind::Symlink, ""),
            b'5' => (Kind::Directory, ""),
            b'3' => (Kind::File, "character device, which is not made here"),
            b'4' => (Kind::File, "block device, which is not made here"),
            b'6' => (Kind::File, "FIFO, which is not made here"),
            b'S' => (Kind::File, "sparse file, which is not read here"),
            b'M' => (Kind::File, "continuation from another volume, which is not read here"),
            _ => (Kind::File, "unknown typeflag, which is not unpacked here"),
        };
        let mode = header.mode().ok_or("mode is not a number");
        let mtime = header.mtime().ok_or("mtime is not a number");
        let named = |what: &str| self.bad(&format!("member '{}': {what}", String::from_utf8_lossy(&name)));
        if !refused.is_empty() {
            return Err(named(refused));
        }
        let mode = mode.map_err(named)? as u32 & 0o7777;
        let mtime = mtime.map_err(named)?;
        // As GNU tar reads it: a hard link has no data, whatever its size.
        let size = if kind == Kind::HardLink { 0 } else { extended.size.unwrap_or(size) };
        let member = Member {
            name,
            kind,
            link: extended.linkpath.unwrap_or_else(|| header.linkname()),
            mode,
            mtime: extended.mtime.unwrap_or((mtime, 0)),
            size,
        };
        self.data(size);
        Ok(member)
    }

    /// The next header; None at the end, where the rest is read.
    fn header(&mut self) -> Result<Option<Header>> {
        self.header_at = self.offset;
        let header = self.block()?.ok_or_else(|| self.bad("no end-of-archive entry (two blocks of zeros)"))?;
        if header.is_zero() {
            if self.block()?.is_some_and(|second| !second.is_zero()) {
                return Err(self.bad("a single block of zeros between members"));
            }
            self.ended = true;
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
    Error::new(Status::Source, format!("tar: {what}, at byte {offset} of the archive"))
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
