//! Unpacking into a directory of the system, which no member can leave.
//!
//! Every name is walked part by part from the directory's descriptor, and no part that is a
//! symbolic link is followed (O_NOFOLLOW); files are made anew (O_EXCL), never opened.

use super::Decompressor;
use super::Time;
use super::bzip2_share::Shared;
use super::unpack::{Options, Outcome, Target, unpack};
use crate::error::{Error, Result, Status};
use crate::file::{File, join, name as last, show};
use crate::sys::{Context, Errno, Fd, Path, fd, fs};
use crate::{error, text};
use alloc::vec::Vec;

/// Files of fewer bytes are decoded by one process.
const LARGE: u64 = 256 << 10;

/// Unpacks the archive `file` into the directory `into`, on `cores` cores where its format allows;
/// an error names the file.
pub fn unpack_file(file: &[u8], into: &[u8], strip: u32, cores: usize) -> Result<()> {
    let mut disk = Disk::open(into)?;
    let options = Options { strip: strip as usize };
    // A file can be opened once more and has all its bytes; a pipe has not.
    let large = fs::stat(file).is_ok_and(|stat| stat.is_file() && stat.size >= LARGE);
    let unpacked = Decompressor::new(File::open(file)?).and_then(|mut archive| match &mut archive {
        Decompressor::Bzip2(reader) if large && cores > 1 => {
            unpack(&mut Shared::new(file, reader, cores), options, &mut disk)
        }
        archive => unpack(archive, options, &mut disk),
    });
    unpacked.map_err(|error| Error::new(error.status, text!("cannot unpack @: @", file, error.message)))
}

/// A directory to unpack into.
pub struct Disk {
    root: Fd,
    path: Vec<u8>,
    /// The directory that the last member was made in.
    parent: Option<(Vec<u8>, Fd)>,
    /// The open file and its path.
    file: Option<(Fd, Vec<u8>)>,
}

/// To have a directory for names in it, whatever its permissions for reading.
const DIRECTORY: i32 = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;

impl Disk {
    /// Unpacks into the directory `path`, which is there.
    pub fn open(path: &(impl Path + ?Sized)) -> Result<Disk> {
        let root = fs::open_dir(fs::CWD, path).on("open the directory", path)?;
        Ok(Disk { root, path: path.as_ref().to_vec(), parent: None, file: None })
    }

    /// The path of a member, for messages.
    fn full(&self, name: &[u8]) -> Vec<u8> {
        join(&self.path, name)
    }

    /// The directory that `name` is in; None if it is not there.
    fn parent(&mut self, name: &[u8]) -> Result<Option<i32>> {
        let Some(end) = name.iter().rposition(|b| *b == b'/') else { return Ok(Some(self.root.raw())) };
        let dir = &name[..end];
        if let Some((path, fd)) = &self.parent
            && path == dir
        {
            return Ok(Some(fd.raw()));
        }
        self.parent = None;
        let mut inner: Option<Fd> = None;
        let mut start = 0;
        for part in dir.split(|b| *b == b'/') {
            let outer = inner.as_ref().unwrap_or(&self.root).raw();
            let end = start + part.len();
            match fs::openat(outer, part, DIRECTORY, 0) {
                Ok(fd) => inner = Some(fd),
                Err(Errno(libc::ENOENT)) => return Ok(None),
                Err(errno) => return Err(self.in_the_way(outer, &name[..end], part, errno)),
            }
            start = end + 1;
        }
        self.parent = inner.map(|fd| (dir.to_vec(), fd));
        Ok(self.parent.as_ref().map(|(_, fd)| fd.raw()))
    }

    /// The error for a directory that cannot be opened: mostly because it is a symbolic link.
    #[cold]
    fn in_the_way(&self, outer: i32, dir: &[u8], part: &[u8], errno: Errno) -> Error {
        let path = self.full(dir);
        let path = show(&path);
        match fs::fstatat(outer, part, libc::AT_SYMLINK_NOFOLLOW) {
            Ok(stat) if stat.is_link() => error!(Status::Source, "cannot make a file below @: it is a symbolic link, which is not followed when unpacking", path),
            _ => error!(Status::Host, "cannot open the directory @: @", path, errno),
        }
    }

    /// How a call went that made something: that a name is taken is not an error yet.
    fn outcome(&self, made: core::result::Result<(), Errno>, action: &str, name: &[u8]) -> Result<Outcome> {
        match made {
            Ok(()) => Ok(Outcome::Made),
            Err(Errno(libc::EEXIST)) => Ok(Outcome::Exists),
            Err(errno) => Err(errno).on(action, &self.full(name)),
        }
    }
}

impl Target for Disk {
    fn make_dir(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        let Some(parent) = self.parent(name)? else { return Ok(Outcome::NoParent) };
        self.outcome(fs::mkdirat(parent, last(name), mode), "make the directory", name)
    }

    fn make_file(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        let Some(parent) = self.parent(name)? else { return Ok(Outcome::NoParent) };
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
        let made = fs::openat(parent, last(name), flags, mode).and_then(|fd| {
            fs::fchmod(&fd, mode)?; // whatever the umask
            self.file = Some((fd, self.full(name)));
            Ok(())
        });
        self.outcome(made, "make", name)
    }

    fn write(&mut self, data: &[u8]) -> Result<()> {
        match &self.file {
            Some((file, path)) => fd::write(file.raw(), data).on("write", path),
            None => Ok(()),
        }
    }

    fn close(&mut self, mtime: Time) -> Result<()> {
        match self.file.take() {
            Some((file, path)) => fs::set_mtime_of(&file, mtime).on("set the time of", &path),
            None => Ok(()),
        }
    }

    fn make_symlink(&mut self, name: &[u8], text: &[u8], mtime: Time) -> Result<Outcome> {
        let Some(parent) = self.parent(name)? else { return Ok(Outcome::NoParent) };
        let made = fs::symlinkat(text, parent, last(name)).and_then(|()| fs::set_mtime(parent, last(name), mtime));
        self.outcome(made, "make the symbolic link", name)
    }

    fn make_link(&mut self, name: &[u8], of: &[u8]) -> Result<Outcome> {
        let Some(from) = self.parent(of)? else { return Err(Errno(libc::ENOENT)).on("link to", &self.full(of)) };
        let _keep = self.parent.take(); // as asking for another directory forgets this one
        let Some(parent) = self.parent(name)? else { return Ok(Outcome::NoParent) };
        self.outcome(fs::linkat(from, last(of), parent, last(name)), "make the hard link", name)
    }

    fn id(&mut self, name: &[u8]) -> Result<(bool, (u64, u64))> {
        let Some(parent) = self.parent(name)? else { return Ok(Default::default()) };
        let stat = fs::fstatat(parent, last(name), libc::AT_SYMLINK_NOFOLLOW).on("examine", &self.full(name))?;
        Ok((stat.is_dir(), stat.id))
    }

    fn remove(&mut self, name: &[u8]) -> Result<()> {
        let Some(parent) = self.parent(name)? else { return Ok(()) };
        let removed = match fs::unlinkat(parent, last(name), 0) {
            Err(Errno(libc::EISDIR)) => fs::unlinkat(parent, last(name), libc::AT_REMOVEDIR),
            removed => removed,
        };
        self.parent = None; // it may have been the directory
        removed.on("replace", &self.full(name))
    }

    fn finish_dir(&mut self, name: &[u8], mode: u32, mtime: Time) -> Result<()> {
        let path = self.full(name);
        let set = |dir: &Fd| {
            fs::fchmod(dir, mode)?;
            fs::set_mtime_of(dir, mtime)
        };
        if name.is_empty() {
            return set(&self.root).on("set mode and time of", &path);
        }
        let Some(parent) = self.parent(name)? else { return Ok(()) };
        match fs::openat(parent, last(name), libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW, 0) {
            Err(Errno(libc::ENOENT | libc::ENOTDIR | libc::ELOOP)) => Ok(()), // a later member replaced it
            dir => dir.and_then(|dir| set(&dir)).on("set mode and time of", &path),
        }
    }
}
