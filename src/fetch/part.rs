//! The file that a source is fetched into: `.FILE.part`, locked, and given its final name only
//! when it holds the right bytes.

use crate::error::{Error, Result, Status};
use crate::file::{self, join};
use crate::sys::{Context, Errno, Fd, fs};
use crate::text;
use alloc::vec::Vec;

/// A begun file, which nobody else who takes the lock writes.
pub struct Part {
    fd: Fd,
    /// Its path.
    pub path: Vec<u8>,
    target: Vec<u8>,
}

impl Part {
    /// Opens or makes the part of `file`; if another process is at it, calls `wait` and waits.
    pub fn open(downloads: &str, file: &str, wait: &mut dyn FnMut()) -> Result<Part> {
        let path = join(downloads.as_bytes(), text!(".@.part", file).as_bytes());
        let target = join(downloads.as_bytes(), file.as_bytes());
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_NOFOLLOW;
        loop {
            let fd = fs::openat(fs::CWD, &path, flags, 0o666).map_err(|errno| unwritable(downloads, errno))?;
            // Where the file system knows no locks, the hash has the last word.
            if fs::flock(&fd, libc::LOCK_EX | libc::LOCK_NB) == Err(Errno(libc::EWOULDBLOCK)) {
                wait();
                let _ = fs::flock(&fd, libc::LOCK_EX);
            }
            // It may have got its final name meanwhile.
            let (opened, named) = (fs::fstat(&fd), fs::stat(&path));
            if opened.is_ok() && opened.map(|stat| stat.id) == named.map(|stat| stat.id) {
                return Ok(Part { fd, path, target });
            }
        }
    }

    /// Bytes in it.
    pub fn size(&self) -> Result<u64> {
        Ok(fs::fstat(&self.fd).on("examine", &self.path)?.size)
    }

    /// The hash of what it holds.
    pub fn hash(&self) -> Result<[u8; 32]> {
        file::sha256(&self.path)
    }

    /// The first bytes of it.
    pub fn head(&self) -> [u8; 16] {
        let mut head = [0; 16];
        let _ = fs::pread(self.fd.raw(), &mut head, 0);
        head
    }

    /// Empties it.
    pub fn clear(&self) -> Result<()> {
        fs::ftruncate(&self.fd, 0).on("empty", &self.path)?;
        fs::lseek(&self.fd, 0, libc::SEEK_SET).on("empty", &self.path).map(drop)
    }

    /// Makes it a copy of a file.
    pub fn copy(&self, from: &mut file::File) -> Result<()> {
        struct To<'a>(&'a Part);
        impl crate::io::Write for To<'_> {
            fn write(&mut self, bytes: &[u8]) -> Result<()> {
                crate::sys::fd::write(self.0.fd.raw(), bytes).on("write", &self.0.path)
            }
        }
        self.clear()?;
        file::pump(from, &mut To(self)).map(drop)
    }

    /// Gives it its final name, once its bytes are on the disk.
    pub fn finish(self) -> Result<()> {
        fs::fsync(&self.fd).on("write", &self.path)?;
        fs::renameat(fs::CWD, &self.path, fs::CWD, &self.target).on("rename to", &self.target)?;
        if let Ok(dir) = fs::open_dir(fs::CWD, file::parent(&self.target)) {
            let _ = fs::fsync(&dir);
        }
        Ok(())
    }

    /// Leaves it to the next one who tries; removes it if it is empty.
    pub fn leave(self) {
        if self.size().is_ok_and(|size| size == 0) {
            let _ = fs::unlinkat(fs::CWD, &self.path, 0);
        }
    }
}

fn unwritable(downloads: &str, errno: Errno) -> Error {
    let message = text!("cannot write into @: @; another directory can be named with --downloads", downloads, errno);
    Error::new(Status::Host, message)
}

#[cfg(test)]
#[path = "tests/part.rs"]
mod tests;
