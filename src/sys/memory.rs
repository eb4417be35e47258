//! Memory mappings: for the heap, and what two processes see.
#![allow(unsafe_code)]

use super::{Errno, check};
use core::sync::atomic::AtomicU32;
use sc::syscall;

const PROT: usize = (libc::PROT_READ | libc::PROT_WRITE) as usize;

/// mmap(2): fresh zeroed pages, resident only when touched.
pub fn map_anonymous(length: usize) -> Result<usize, Errno> {
    map(length, libc::MAP_PRIVATE)
}

/// mmap(2): a number, 0 at first, that this process shares with those it forks later.
pub fn shared_number() -> Result<&'static AtomicU32, Errno> {
    let page = map(size_of::<AtomicU32>(), libc::MAP_SHARED)?;
    // SAFETY: the page is zeroed, aligned, and never unmapped.
    Ok(unsafe { &*(page as *const AtomicU32) })
}

fn map(length: usize, sharing: i32) -> Result<usize, Errno> {
    // SAFETY: the kernel chooses a place where nothing lies.
    check(unsafe { syscall!(MMAP, 0, length, PROT, (sharing | libc::MAP_ANONYMOUS) as usize, usize::MAX, 0) })
}

/// munmap(2) of a mapping that nobody uses any more.
pub fn unmap(address: usize, length: usize) {
    // SAFETY: the caller owns the mapping and holds no reference into it.
    let _ = check(unsafe { syscall!(MUNMAP, address, length) });
}

/// mremap(2), moved if need be.
pub fn remap(address: usize, old: usize, new: usize) -> Result<usize, Errno> {
    // SAFETY: the caller owns the mapping and gives up the old address.
    check(unsafe { syscall!(MREMAP, address, old, new, libc::MREMAP_MAYMOVE as usize) })
}
