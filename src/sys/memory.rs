//! Memory mappings, for the heap.
#![allow(unsafe_code)]

use super::{Errno, check};
use sc::syscall;

const PROT: usize = (libc::PROT_READ | libc::PROT_WRITE) as usize;

/// mmap(2): fresh zeroed pages, resident only when touched.
pub fn map_anonymous(length: usize) -> Result<usize, Errno> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: the kernel chooses a place where nothing lies.
    check(unsafe { syscall!(MMAP, 0, length, PROT, flags as usize, usize::MAX, 0) })
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
