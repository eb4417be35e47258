//! Whole files and trees: reading, writing, walking, removing. Every error names the path.

use crate::error::{Result, Status};
use crate::hash::sha256::Sha256;
use crate::io::{Read, Write};
use crate::sys::{Context, Errno, Fd, Path, fd, fs};
use crate::{fail, text};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Bytes moved at a time.
const BLOCK: usize = 64 << 10;

/// An open file that knows its name.
pub struct File {
    fd: Fd,
    path: Vec<u8>,
}

impl File {
    /// Opens a file to read it.
    pub fn open(path: &(impl Path + ?Sized)) -> Result<File> {
        let fd = fs::open_read(path).on("open", path)?;
        Ok(File { fd, path: path.as_ref().to_vec() })
    }

    /// A file that is open already.
    pub fn from_fd(fd: Fd, name: &str) -> File {
        File { fd, path: name.as_bytes().to_vec() }
    }

    /// Makes a file, or empties it.
    pub fn create(path: &(impl Path + ?Sized), mode: u32) -> Result<File> {
        let fd = fs::create(path, mode).on("make", path)?;
        Ok(File { fd, path: path.as_ref().to_vec() })
    }

    /// Opens a file, made if need be, to write at its end.
    pub fn append(path: &(impl Path + ?Sized), mode: u32) -> Result<File> {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND;
        let fd = fs::openat(fs::CWD, path, flags, mode).on("open", path)?;
        Ok(File { fd, path: path.as_ref().to_vec() })
    }

    /// The descriptor.
    pub fn fd(&self) -> &Fd {
        &self.fd
    }
}

impl Read for File {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        fd::read(self.fd.raw(), buf).on("read", &self.path)
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        fd::write(self.fd.raw(), bytes).on("write", &self.path)
    }
}

/// All bytes of a file.
#[inline(always)]
pub fn read(path: &(impl Path + ?Sized)) -> Result<Vec<u8>> {
    fn read(path: &[u8]) -> Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let size = fs::fstat(&file.fd).on("examine", path)?.size as usize;
        let mut all = Vec::with_capacity(size + 1);
        let mut block = vec![0; BLOCK.min(size + 1)];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(all),
                n => all.extend_from_slice(&block[..n]),
            }
        }
    }
    read(path.as_ref())
}

/// All of a text file.
#[inline(always)]
pub fn read_text(path: &(impl Path + ?Sized)) -> Result<&'static str> {
    fn read_text(path: &[u8]) -> Result<&'static str> {
        match String::from_utf8(read(path)?) {
            Ok(text) => Ok(text.leak()),
            Err(_) => fail!(Status::Host, "cannot use @: it is not UTF-8 text", path),
        }
    }
    read_text(path.as_ref())
}

/// Makes a file that holds these bytes under its final name at once: no reader, and no power cut
/// short of the disk's own, sees a part of it.
#[inline(always)]
pub fn replace(path: &(impl Path + ?Sized), bytes: &[u8], mode: u32) -> Result<()> {
    fn replace(path: &[u8], bytes: &[u8], mode: u32) -> Result<()> {
        let mut temporary = path.to_vec();
        temporary.extend_from_slice(b".new");
        let made = (|| {
            let mut file = File::create(&temporary, mode)?;
            file.write(bytes)?;
            fs::fchmod(&file.fd, mode).on("set the mode of", &temporary)?;
            fs::renameat(fs::CWD, &temporary, fs::CWD, path).on("rename to", path)
        })();
        if made.is_err() {
            let _ = fs::unlinkat(fs::CWD, &temporary, 0);
        }
        made
    }
    replace(path.as_ref(), bytes, mode)
}

/// Copies bytes until the reader's end; gives their number.
pub fn pump(from: &mut dyn Read, to: &mut dyn Write) -> Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut total = 0;
    loop {
        match from.read(&mut block)? {
            0 => return Ok(total),
            n => {
                to.write(&block[..n])?;
                total += n as u64;
            }
        }
    }
}

/// SHA-256 of a file.
#[inline(always)]
pub fn sha256(path: &(impl Path + ?Sized)) -> Result<[u8; 32]> {
    fn sha256(path: &[u8]) -> Result<[u8; 32]> {
        let mut file = File::open(path)?;
        let mut sum = Sha256::new();
        let mut block = vec![0; 2 * BLOCK];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(sum.finish()),
                n => sum.update(&block[..n]),
            }
        }
    }
    sha256(path.as_ref())
}

/// What is at a path; a symbolic link is not followed.
pub fn examine(path: &[u8]) -> Result<fs::Stat> {
    fs::lstat(path).on("examine", path)
}

/// Whether there is something at a path, be it a link that leads nowhere.
#[inline(always)]
pub fn is_there(path: &(impl Path + ?Sized)) -> Result<bool> {
    fn is_there(path: &[u8]) -> Result<bool> {
        match fs::lstat(path) {
            Err(Errno(libc::ENOENT | libc::ENOTDIR)) => Ok(false),
            result => result.on("examine", path).map(|_| true),
        }
    }
    is_there(path.as_ref())
}

/// The entries of a directory in byte order.
pub fn entries(path: &[u8]) -> Result<Vec<fs::Entry>> {
    let dir = fs::open_dir(fs::CWD, path).on("open", path)?;
    fs::read_dir(&dir).on("list", path)
}

/// The text of a symbolic link.
pub fn link_text(path: &[u8]) -> Result<Vec<u8>> {
    fs::readlinkat(fs::CWD, path).on("read the link", path)
}

/// Sets the permissions of a file.
pub fn set_mode(path: &[u8], mode: u32) -> Result<()> {
    fs::fchmodat(fs::CWD, path, mode & 0o7777).on("set the mode of", path)
}

/// Sets the time of the last change of a file.
pub fn set_time(path: &[u8], mtime: (i64, i64)) -> Result<()> {
    fs::set_mtime(fs::CWD, path, mtime).on("set the time of", path)
}

/// A path for a message.
#[inline(always)]
pub fn show(path: &(impl Path + ?Sized)) -> &'static str {
    text::own(path.as_ref())
}

/// `dir/name`.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + 1 + name.len());
    path.extend_from_slice(dir);
    if dir.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// What stands before the last `/`: `/` for a path below the root, `.` where there is no `/`.
pub fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) => b"/",
        Some(at) => &path[..at],
        None => b".",
    }
}

/// What stands after the last `/`.
pub fn name(path: &[u8]) -> &[u8] {
    &path[path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1)..]
}

/// Makes a directory and its parents; one that is there is fine.
#[inline(always)]
pub fn make_dirs(path: &(impl Path + ?Sized)) -> Result<()> {
    fn make_dirs(path: &[u8]) -> Result<()> {
        let bytes = path;
        match fs::mkdirat(fs::CWD, path, 0o777) {
            Ok(()) => Ok(()),
            Err(Errno(libc::ENOENT)) if bytes.contains(&b'/') && parent(bytes) != b"/" => {
                make_dirs(parent(bytes))?;
                fs::mkdirat(fs::CWD, path, 0o777).on("make the directory", path)
            }
            Err(errno) => match fs::stat(path) {
                Ok(stat) if stat.is_dir() => Ok(()),
                Ok(_) | Err(Errno(libc::ENOENT)) => Err(errno).on("make the directory", path),
                Err(errno) => Err(errno).on("make the directory", path),
            },
        }
    }
    make_dirs(path.as_ref())
}

/// Removes what is at the path, with all below it; gives whether there was something. Symbolic
/// links are removed, not followed; directories that forbid it are opened up first; other file
/// systems are not entered.
#[inline(always)]
pub fn remove(path: &(impl Path + ?Sized)) -> Result<bool> {
    fn remove(path: &[u8]) -> Result<bool> {
        let parent = fs::open_dir(fs::CWD, parent(path));
        let parent = match parent {
            Err(Errno(libc::ENOENT)) => return Ok(false),
            other => other.on("open the directory of", path)?,
        };
        let stat = match fs::fstatat(parent.raw(), name(path), libc::AT_SYMLINK_NOFOLLOW) {
            Err(Errno(libc::ENOENT)) => return Ok(false),
            other => other.on("examine", path)?,
        };
        remove_at(&parent, name(path), path, stat.id.0)?;
        Ok(true)
    }
    remove(path.as_ref())
}

fn remove_at(dir: &Fd, name: &[u8], path: &[u8], device: u64) -> Result<()> {
    match fs::unlinkat(dir.raw(), name, 0) {
        Ok(()) => return Ok(()),
        Err(Errno(libc::EISDIR | libc::EPERM | libc::EACCES)) => {}
        Err(errno) => return Err(errno).on("remove", path),
    }
    let stat = fs::fstatat(dir.raw(), name, libc::AT_SYMLINK_NOFOLLOW).on("examine", path)?;
    if !stat.is_dir() {
        return fs::unlinkat(dir.raw(), name, 0).on("remove", path);
    }
    if stat.id.0 != device {
        fail!(Status::Host, "cannot remove @: another file system is mounted there; unmount it first", path);
    }
    if stat.mode & 0o700 != 0o700 {
        fs::fchmodat(dir.raw(), name, 0o700).on("open up", path)?;
    }
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let inner = fs::openat(dir.raw(), name, flags, 0).on("open", path)?;
    for entry in fs::read_dir(&inner).on("list", path)? {
        remove_at(&inner, &entry.name, &join(path, &entry.name), device)?;
    }
    fs::unlinkat(dir.raw(), name, libc::AT_REMOVEDIR).on("remove the directory", path)
}

/// Calls `visit` with path and status of everything below `path`, and of itself first; names in
/// byte order, a directory before what it holds. Symbolic links are not followed.
pub fn walk(path: &[u8], visit: &mut dyn FnMut(&[u8], &fs::Stat) -> Result<()>) -> Result<()> {
    let stat = examine(path)?;
    visit(path, &stat)?;
    if stat.is_dir() {
        for entry in entries(path)? {
            walk(&join(path, &entry.name), visit)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_split() {
        assert_eq!(parent(b"/a/b"), b"/a");
        assert_eq!(parent(b"/a"), b"/");
        assert_eq!(parent(b"a"), b".");
        assert_eq!(name(b"/a/b"), b"b");
        assert_eq!(join(b"/", b"a"), b"/a");
    }

    #[test]
    fn trees_are_made_walked_and_removed() {
        let root = format!("{}/rawstrap-file-{}", std::env::temp_dir().display(), std::process::id());
        make_dirs(&format!("{root}/a/b")).unwrap();
        make_dirs(&format!("{root}/a/b")).unwrap();
        replace(&format!("{root}/a/f"), b"text", 0o600).unwrap();
        fs::symlinkat("/etc", fs::CWD, &format!("{root}/a/l")).unwrap();
        assert_eq!(read(&format!("{root}/a/f")).unwrap(), b"text");
        fs::fchmodat(fs::CWD, &format!("{root}/a/b"), 0).unwrap();
        let mut seen = Vec::new();
        walk(format!("{root}/a").as_bytes(), &mut |path, _| {
            seen.push(show(&path[root.len()..]));
            Ok(())
        })
        .ok();
        assert_eq!(seen[..2], ["/a", "/a/b"]);
        assert!(remove(&root).unwrap());
        assert!(!remove(&root).unwrap());
        assert!(fs::stat("/etc").is_ok());
        let missing = read("/nowhere/x").unwrap_err().message;
        assert_eq!(missing, "cannot open /nowhere/x: no such file or directory (ENOENT)");
        let taken = make_dirs("/etc/passwd/x").unwrap_err().message;
        assert_eq!(taken, "cannot make the directory /etc/passwd/x: not a directory (ENOTDIR)");
    }
}
