//! Mounts and roots.
#![allow(unsafe_code)]

use super::{Errno, check, with_c};
use sc::syscall;

/// mount(2) without data; an empty `source` or `kind` is a null pointer.
pub fn mount(source: &str, target: &str, kind: &str, flags: u64, data: &str) -> Result<(), Errno> {
    let or_null = |text: &str, p: *const u8| if text.is_empty() { core::ptr::null() } else { p };
    with_c(source.as_bytes(), &mut |s| {
        with_c(target.as_bytes(), &mut |t| {
            with_c(kind.as_bytes(), &mut |k| {
                with_c(data.as_bytes(), &mut |d| {
                    // SAFETY: all four are C strings or null.
                    check(unsafe {
                        syscall!(MOUNT, or_null(source, s), t, or_null(kind, k), flags as usize, or_null(data, d))
                    })
                })
            })
        })
    })
    .map(|_| ())
}

/// umount2(2)
pub fn umount2(target: &str, flags: i32) -> Result<(), Errno> {
    // SAFETY: a C string.
    with_c(target.as_bytes(), &mut |t| check(unsafe { syscall!(UMOUNT2, t, flags as usize) })).map(|_| ())
}

/// pivot_root(2)
pub fn pivot_root(new: &str, old: &str) -> Result<(), Errno> {
    // SAFETY: two C strings.
    with_c(new.as_bytes(), &mut |n| with_c(old.as_bytes(), &mut |o| check(unsafe { syscall!(PIVOT_ROOT, n, o) }))).map(|_| ())
}

/// chroot(2)
pub fn chroot(path: &str) -> Result<(), Errno> {
    // SAFETY: a C string.
    with_c(path.as_bytes(), &mut |p| check(unsafe { syscall!(CHROOT, p) })).map(|_| ())
}

/// The mount flags (MS_*) that a file system is mounted with: statfs(2). Those that restrict are
/// locked in a user namespace, so a remount has to name them again.
pub fn restrictions(path: &str) -> Result<u64, Errno> {
    // struct statfs: fifteen 64-bit words; f_flags is the eleventh
    let mut buf = [0u64; 16];
    // SAFETY: the buffer is larger than the kernel's struct statfs (120 bytes).
    with_c(path.as_bytes(), &mut |p| check(unsafe { syscall!(STATFS, p, buf.as_mut_ptr()) }))?;
    // ST_RDONLY, ST_NOSUID, ST_NODEV, ST_NOEXEC, ST_NOATIME, ST_NODIRATIME, ST_RELATIME are
    // numbered as the MS_ flags but for ST_RELATIME (4096 for MS_RELATIME 1<<21).
    let flags = buf[10];
    let relatime = if flags & 4096 != 0 { libc::MS_RELATIME } else { 0 };
    Ok(flags & (libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC | libc::MS_NOATIME | libc::MS_NODIRATIME) | relatime)
}

/// sethostname(2)
pub fn sethostname(name: &str) -> Result<(), Errno> {
    // SAFETY: the bytes are valid for the length.
    check(unsafe { syscall!(SETHOSTNAME, name.as_ptr(), name.len()) }).map(|_| ())
}

/// setdomainname(2)
pub fn setdomainname(name: &str) -> Result<(), Errno> {
    // SAFETY: the bytes are valid for the length.
    check(unsafe { syscall!(SETDOMAINNAME, name.as_ptr(), name.len()) }).map(|_| ())
}
