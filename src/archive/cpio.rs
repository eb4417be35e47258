//! cpio archives in the format that kernels unpack (newc,
//! Documentation/driver-api/early-userspace/buffer-format.rst): written, and unpacked.
//!
//! What is written depends on names, modes and contents alone: no times, owners or inode numbers.

use crate::error::{Result, Status};
use crate::file::{self, File};
use crate::hash::hex;
use crate::io::{Read, Write};
use crate::sys::{Context, fs};
use crate::fail;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const MAGIC: &[u8; 6] = b"070701";
/// Bytes of a header: the magic and thirteen fields.
const HEADER: usize = 6 + 13 * 8;
const TRAILER: &[u8] = b"TRAILER!!!";
/// What the archive's length is a multiple of: the sector of a disk.
const BLOCK: u64 = 512;
const CHUNK: usize = 64 << 10;

/// What a member is.
pub enum Content<'a> {
    /// A directory, a device node (its major and minor number), …: nothing but the header.
    Empty((u32, u32)),
    /// A file or a symbolic link that holds this.
    Bytes(&'a [u8]),
    /// A file with the bytes of the file at this path.
    File(&'a [u8]),
}

/// Writes an archive.
pub struct Writer<W> {
    out: W,
    inode: u32,
    offset: u64,
}

impl<W: Write> Writer<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Writer<W> {
        Writer { out, inode: 0, offset: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.offset += bytes.len() as u64;
        self.out.write(bytes)
    }

    fn pad(&mut self, multiple: u64) -> Result<()> {
        let rest = self.offset.next_multiple_of(multiple) - self.offset;
        self.put(&vec![0; rest as usize])
    }

    /// Adds a member: its name without a leading slash, and type and permissions as in inode(7).
    pub fn member(&mut self, name: &[u8], mode: u32, content: &Content) -> Result<()> {
        match content {
            Content::Empty(device) => self.header(name, mode, 0, *device),
            Content::Bytes(bytes) => {
                self.header(name, mode, bytes.len() as u64, (0, 0))?;
                self.put(bytes)?;
                self.pad(4)
            }
            Content::File(path) => {
                let mut file = File::open(*path)?;
                let size = fs::fstat(file.fd()).on("examine", *path)?.size;
                if size > u32::MAX as u64 {
                    fail!(Status::Host, "cannot put @ into a cpio archive: it is larger than 4 GiB", path);
                }
                self.header(name, mode, size, (0, 0))?;
                let (mut chunk, end) = (vec![0; CHUNK], self.offset + size);
                while self.offset < end {
                    let most = (end - self.offset).min(CHUNK as u64) as usize;
                    match file.read(&mut chunk[..most])? {
                        0 => fail!(Status::Host, "@ became shorter while it was read", path),
                        n => self.put(&chunk[..n])?,
                    }
                }
                self.pad(4)
            }
        }
    }

    fn header(&mut self, name: &[u8], mode: u32, size: u64, device: (u32, u32)) -> Result<()> {
        self.inode += 1;
        // inode, mode, uid, gid, nlink, mtime, size, dev (2), rdev (2), size of the name, check
        let name_size = name.len() as u32 + 1;
        let fields = [self.inode, mode, 0, 0, 1, 0, size as u32, 0, 0, device.0, device.1, name_size, 0];
        let mut head = String::new();
        for field in fields {
            hex::add(&mut head, &u32::to_be_bytes(field));
        }
        self.put(&[MAGIC, head.as_bytes(), name, &[0]].concat())?;
        self.pad(4)
    }

    /// Ends the archive.
    pub fn finish(mut self) -> Result<W> {
        self.header(TRAILER, 0, 0, (0, 0))?;
        self.pad(BLOCK)?;
        Ok(self.out)
    }
}

/// Whether a file begins as an archive does.
pub fn is_archive(path: &str) -> Result<bool> {
    let mut start = [0; MAGIC.len()];
    Ok(File::open(path)?.read(&mut start)? == start.len() && start == *MAGIC)
}

/// An archive that is read.
struct Reader<R> {
    from: R,
    offset: usize,
}

impl<R: Read> Reader<R> {
    fn take(&mut self, buf: &mut [u8]) -> Result<()> {
        let mut got = 0;
        while got < buf.len() {
            match self.from.read(&mut buf[got..])? {
                0 => fail!(Status::Source, "cpio: the archive ends too early, at byte @", self.offset + got),
                n => got += n,
            }
        }
        self.offset += got;
        Ok(())
    }

    fn skip_padding(&mut self) -> Result<()> {
        let rest = self.offset.next_multiple_of(4) - self.offset;
        self.take(&mut [0; 4][..rest])
    }
}

/// Unpacks directories, files and symbolic links into the directory `into`. Links that stand in the way of a name
/// are followed: this is for an archive that is trusted as much as the kernel is.
pub fn unpack(from: impl Read, into: &str) -> Result<()> {
    let mut reader = Reader { from, offset: 0 };
    let mut chunk = vec![0; CHUNK];
    loop {
        let start = reader.offset;
        let mut head = [0; HEADER];
        reader.take(&mut head)?;
        let mut fields = [0u32; 13];
        for (field, digits) in fields.iter_mut().zip(head[6..].chunks(8)) {
            for digit in digits {
                match (*digit as char).to_digit(16) {
                    Some(value) if head.starts_with(MAGIC) => *field = *field << 4 | value,
                    _ => fail!(Status::Source, "cpio: no header at byte @", start),
                }
            }
        }
        let [_, mode, _, _, nlink, _, size, _, _, _, _, name_size, _] = fields;
        let mut name = vec![0; (name_size as usize).min(crate::sys::PATH_MAX)];
        reader.take(&mut name)?;
        reader.skip_padding()?;
        if name.pop() != Some(0) || name.starts_with(b"/") || name.split(|b| *b == b'/').any(|part| part == b"..") {
            fail!(Status::Source, "cpio: wrong name '@' at byte @", &name, start);
        }
        if name == TRAILER {
            return Ok(());
        }
        let path = file::join(into.as_bytes(), &name);
        let mut left = size as usize;
        match mode & libc::S_IFMT {
            // The first of them would be empty: the content comes with the last.
            libc::S_IFREG if nlink > 1 => fail!(Status::Source, "cpio: '@' is a hard link", name),
            libc::S_IFDIR => file::make_dirs(&path)?,
            libc::S_IFREG => {
                file::make_dirs(file::parent(&path))?;
                let mut out = File::create(&path, mode & 0o777)?;
                while left > 0 {
                    let part = &mut chunk[..left.min(CHUNK)];
                    reader.take(part)?;
                    out.write(part)?;
                    left -= part.len();
                }
            }
            libc::S_IFLNK => {
                let mut text: Vec<u8> = vec![0; left.min(crate::sys::PATH_MAX)];
                reader.take(&mut text)?;
                fs::symlinkat(&text, fs::CWD, &path).on("make the symbolic link", &path)?;
            }
            _ => {} // nodes: /dev has what the kernel knows
        }
        reader.skip_padding()?;
    }
}
