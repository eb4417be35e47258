//! Files and directories, always relative to a directory descriptor (`CWD` for the current one).
//!
//! What takes any kind of path is a shell, inlined everywhere, around a function that is there once.
#![allow(unsafe_code)]

use super::{Errno, Fd, Path, check, with_c};
use crate::sort;
use alloc::vec;
use alloc::vec::Vec;
use sc::syscall;

/// AT_FDCWD: relative paths start at the current directory.
pub const CWD: i32 = libc::AT_FDCWD;

/// openat(2); always O_CLOEXEC.
#[inline(always)]
pub fn openat(dir: i32, path: &(impl Path + ?Sized), flags: i32, mode: u32) -> Result<Fd, Errno> {
    fn openat(dir: i32, path: &[u8], flags: i32, mode: u32) -> Result<Fd, Errno> {
        let flags = flags | libc::O_CLOEXEC;
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(OPENAT, dir, p, flags, mode) })).map(|n| Fd::from_raw(n as i32))
    }
    openat(dir, path.as_ref(), flags, mode)
}

/// Opens a file to read it.
#[inline(always)]
pub fn open_read(path: &(impl Path + ?Sized)) -> Result<Fd, Errno> {
    openat(CWD, path, libc::O_RDONLY, 0)
}

/// What is empty to read: `/dev/null`, or on a host without it a pipe that nobody writes to.
pub fn open_null() -> Result<Fd, Errno> {
    open_read("/dev/null").or_else(|_| super::fd::pipe2(libc::O_CLOEXEC).map(|(end, _)| end))
}

/// Makes a file, or empties it, to write it.
#[inline(always)]
pub fn create(path: &(impl Path + ?Sized), mode: u32) -> Result<Fd, Errno> {
    openat(CWD, path, libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC, mode)
}

/// Opens a directory.
#[inline(always)]
pub fn open_dir(dir: i32, path: &(impl Path + ?Sized)) -> Result<Fd, Errno> {
    openat(dir, path, libc::O_RDONLY | libc::O_DIRECTORY, 0)
}

/// pread64(2), until the buffer is full or the file ends.
pub fn pread(fd: i32, buf: &mut [u8], offset: u64) -> Result<usize, Errno> {
    let mut filled = 0;
    while let rest @ [_, ..] = &mut buf[filled..] {
        // SAFETY: the rest is valid for its length.
        match check(unsafe { syscall!(PREAD64, fd, rest.as_mut_ptr(), rest.len(), offset + filled as u64) }) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(Errno(libc::EINTR)) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(filled)
}

/// What a file is: the parts of `struct stat` that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Type and permissions, as in inode(7).
    pub mode: u32,
    /// Bytes.
    pub size: u64,
    /// Device and inode number: what makes two names one file.
    pub id: (u64, u64),
    /// Time of the last change of the content: seconds and nanoseconds.
    pub mtime: (i64, i64),
}

impl Stat {
    /// The type bits (S_IFMT).
    pub fn kind(&self) -> u32 {
        self.mode & libc::S_IFMT
    }
    /// A directory?
    pub fn is_dir(&self) -> bool {
        self.kind() == libc::S_IFDIR
    }
    /// A regular file?
    pub fn is_file(&self) -> bool {
        self.kind() == libc::S_IFREG
    }
    /// A symbolic link?
    pub fn is_link(&self) -> bool {
        self.kind() == libc::S_IFLNK
    }
}

/// newfstatat(2) with these AT_ flags; an empty path with AT_EMPTY_PATH is `dir` itself.
#[inline(always)]
pub fn fstatat(dir: i32, path: &(impl Path + ?Sized), flags: i32) -> Result<Stat, Errno> {
    fn fstatat(dir: i32, path: &[u8], flags: i32) -> Result<Stat, Errno> {
        let mut raw = core::mem::MaybeUninit::<libc::stat>::zeroed();
        with_c(path, &mut |p| {
            // SAFETY: a C string, and room for the kernel's struct stat, whose layout libc's is.
            check(unsafe { syscall!(NEWFSTATAT, dir, p, raw.as_mut_ptr(), flags) })
        })?;
        // SAFETY: all zero is a valid struct stat; the kernel has filled it.
        let raw = unsafe { raw.assume_init() };
        Ok(Stat {
            mode: raw.st_mode,
            size: raw.st_size as u64,
            id: (raw.st_dev, raw.st_ino),
            mtime: (raw.st_mtime, raw.st_mtime_nsec),
        })
    }
    fstatat(dir, path.as_ref(), flags)
}

/// stat(2)
#[inline(always)]
pub fn stat(path: &(impl Path + ?Sized)) -> Result<Stat, Errno> {
    fstatat(CWD, path, 0)
}

/// lstat(2)
#[inline(always)]
pub fn lstat(path: &(impl Path + ?Sized)) -> Result<Stat, Errno> {
    fstatat(CWD, path, libc::AT_SYMLINK_NOFOLLOW)
}

/// fstat(2)
#[inline(always)]
pub fn fstat(fd: &Fd) -> Result<Stat, Errno> {
    fstatat(fd.raw(), "", libc::AT_EMPTY_PATH)
}

/// mkdirat(2)
#[inline(always)]
pub fn mkdirat(dir: i32, path: &(impl Path + ?Sized), mode: u32) -> Result<(), Errno> {
    fn mkdirat(dir: i32, path: &[u8], mode: u32) -> Result<(), Errno> {
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(MKDIRAT, dir, p, mode) })).map(|_| ())
    }
    mkdirat(dir, path.as_ref(), mode)
}

/// mknodat(2)
pub fn mknodat(dir: i32, path: &(impl Path + ?Sized), mode: u32, device: u64) -> Result<(), Errno> {
    // SAFETY: a C string.
    with_c(path.as_ref(), &mut |p| check(unsafe { syscall!(MKNODAT, dir, p, mode, device) })).map(|_| ())
}

/// unlinkat(2); AT_REMOVEDIR for directories.
#[inline(always)]
pub fn unlinkat(dir: i32, path: &(impl Path + ?Sized), flags: i32) -> Result<(), Errno> {
    fn unlinkat(dir: i32, path: &[u8], flags: i32) -> Result<(), Errno> {
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(UNLINKAT, dir, p, flags) })).map(|_| ())
    }
    unlinkat(dir, path.as_ref(), flags)
}

/// renameat(2)
#[inline(always)]
pub fn renameat(
    from_dir: i32,
    from: &(impl Path + ?Sized),
    to_dir: i32,
    to: &(impl Path + ?Sized),
) -> Result<(), Errno> {
    fn renameat(from_dir: i32, from: &[u8], to_dir: i32, to: &[u8]) -> Result<(), Errno> {
        with_c(from, &mut |f| {
            // SAFETY: two C strings.
            with_c(to, &mut |t| check(unsafe { syscall!(RENAMEAT, from_dir, f, to_dir, t) }))
        })
        .map(|_| ())
    }
    renameat(from_dir, from.as_ref(), to_dir, to.as_ref())
}

/// linkat(2), not following a symbolic link.
pub fn linkat(from_dir: i32, from: &(impl Path + ?Sized), to_dir: i32, to: &(impl Path + ?Sized)) -> Result<(), Errno> {
    with_c(from.as_ref(), &mut |f| {
        // SAFETY: two C strings.
        with_c(to.as_ref(), &mut |t| check(unsafe { syscall!(LINKAT, from_dir, f, to_dir, t, 0) }))
    })
    .map(|_| ())
}

/// symlinkat(2)
#[inline(always)]
pub fn symlinkat(target: &(impl Path + ?Sized), dir: i32, path: &(impl Path + ?Sized)) -> Result<(), Errno> {
    fn symlinkat(target: &[u8], dir: i32, path: &[u8]) -> Result<(), Errno> {
        with_c(target, &mut |t| {
            // SAFETY: two C strings.
            with_c(path, &mut |p| check(unsafe { syscall!(SYMLINKAT, t, dir, p) }))
        })
        .map(|_| ())
    }
    symlinkat(target.as_ref(), dir, path.as_ref())
}

/// readlinkat(2)
#[inline(always)]
pub fn readlinkat(dir: i32, path: &(impl Path + ?Sized)) -> Result<Vec<u8>, Errno> {
    fn readlinkat(dir: i32, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let mut text = vec![0; super::PATH_MAX];
        with_c(path, &mut |p| {
            // SAFETY: a C string and a buffer of the stated size.
            check(unsafe { syscall!(READLINKAT, dir, p, text.as_mut_ptr(), text.len()) })
        })
        .map(|n| {
            text.truncate(n);
            text
        })
    }
    readlinkat(dir, path.as_ref())
}

/// fchmodat(2), following links.
#[inline(always)]
pub fn fchmodat(dir: i32, path: &(impl Path + ?Sized), mode: u32) -> Result<(), Errno> {
    fn fchmodat(dir: i32, path: &[u8], mode: u32) -> Result<(), Errno> {
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(FCHMODAT, dir, p, mode) })).map(|_| ())
    }
    fchmodat(dir, path.as_ref(), mode)
}

/// fchmod(2)
pub fn fchmod(fd: &Fd, mode: u32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(FCHMOD, fd.raw(), mode) }).map(|_| ())
}

/// The access time is left as it is (UTIME_OMIT of utimensat(2)).
fn times(mtime: (i64, i64)) -> [i64; 4] {
    [0, libc::UTIME_OMIT, mtime.0, mtime.1]
}

/// utimensat(2): sets the modification time, not following a symbolic link.
pub fn set_mtime(dir: i32, path: &(impl Path + ?Sized), mtime: (i64, i64)) -> Result<(), Errno> {
    let times = times(mtime);
    with_c(path.as_ref(), &mut |p| {
        // SAFETY: a C string and two struct timespec.
        check(unsafe { syscall!(UTIMENSAT, dir, p, times.as_ptr(), libc::AT_SYMLINK_NOFOLLOW) })
    })
    .map(|_| ())
}

/// futimens(3): the same for an open file.
pub fn set_mtime_of(fd: &Fd, mtime: (i64, i64)) -> Result<(), Errno> {
    let times = times(mtime);
    // SAFETY: a null path means the descriptor itself; two struct timespec.
    check(unsafe { syscall!(UTIMENSAT, fd.raw(), 0, times.as_ptr(), 0) }).map(|_| ())
}

/// ftruncate(2)
pub fn ftruncate(fd: &Fd, size: u64) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(FTRUNCATE, fd.raw(), size) }).map(|_| ())
}

/// fsync(2)
pub fn fsync(fd: &Fd) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(FSYNC, fd.raw()) }).map(|_| ())
}

/// flock(2)
pub fn flock(fd: &Fd, operation: i32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(FLOCK, fd.raw(), operation) }).map(|_| ())
}

/// lseek(2)
pub fn lseek(fd: &Fd, offset: i64, whence: i32) -> Result<u64, Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(LSEEK, fd.raw(), offset, whence) }).map(|n| n as u64)
}

/// faccessat(2): may this process execute, read or write (X_OK, R_OK, W_OK)?
#[inline(always)]
pub fn access(path: &(impl Path + ?Sized), mode: i32) -> Result<(), Errno> {
    fn access(path: &[u8], mode: i32) -> Result<(), Errno> {
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(FACCESSAT, CWD, p, mode) })).map(|_| ())
    }
    access(path.as_ref(), mode)
}

/// chdir(2)
#[inline(always)]
pub fn chdir(path: &(impl Path + ?Sized)) -> Result<(), Errno> {
    fn chdir(path: &[u8]) -> Result<(), Errno> {
        // SAFETY: a C string.
        with_c(path, &mut |p| check(unsafe { syscall!(CHDIR, p) })).map(|_| ())
    }
    chdir(path.as_ref())
}

/// fchdir(2)
pub fn fchdir(fd: &Fd) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(FCHDIR, fd.raw()) }).map(|_| ())
}

/// getcwd(2), without the NUL.
pub fn getcwd() -> Result<Vec<u8>, Errno> {
    let mut path = vec![0; super::PATH_MAX];
    // SAFETY: a buffer of the stated size.
    let n = check(unsafe { syscall!(GETCWD, path.as_mut_ptr(), path.len()) })?;
    path.truncate(n.saturating_sub(1));
    Ok(path)
}

/// Bytes free for ordinary users where the path lies: statfs(2).
pub fn free_bytes(path: &(impl Path + ?Sized)) -> Result<u64, Errno> {
    // struct statfs: f_bsize is the second 64-bit word, f_bavail the fifth
    let mut buf = [0u64; 16];
    // SAFETY: a C string; the buffer is larger than struct statfs (120 bytes).
    with_c(path.as_ref(), &mut |p| check(unsafe { syscall!(STATFS, p, buf.as_mut_ptr()) }))?;
    Ok(buf[1].saturating_mul(buf[4]))
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, any bytes but `/` and NUL.
    pub name: Vec<u8>,
    /// DT_DIR, DT_REG, DT_LNK, …; DT_UNKNOWN where the file system does not say.
    pub kind: u8,
}

/// All entries of an open directory but `.` and `..` (getdents64(2)), in byte order: the order in
/// which the kernel lists them tells how they were made.
pub fn read_dir(dir: &Fd) -> Result<Vec<Entry>, Errno> {
    let mut all = Vec::new();
    let mut buf = vec![0u8; 16 << 10];
    loop {
        // SAFETY: a buffer of the stated size.
        let n = check(unsafe { syscall!(GETDENTS64, dir.raw(), buf.as_mut_ptr(), buf.len()) })?;
        if n == 0 {
            break;
        }
        // struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name with NUL
        let mut at = 0;
        while at + 19 <= n {
            let length = u16::from_ne_bytes([buf[at + 16], buf[at + 17]]) as usize;
            let name = &buf[at + 19..at + length];
            let name = &name[..name.iter().position(|&b| b == 0).unwrap_or(name.len())];
            if name != b"." && name != b".." {
                all.push(Entry { name: name.to_vec(), kind: buf[at + 18] });
            }
            at += length;
        }
    }
    sort::sort(&mut all, |a, b| a.name < b.name);
    Ok(all)
}
