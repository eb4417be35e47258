//! The kernel's interface: one safe function a system call, named as its manual page.
//!
//! Only this folder, `rt` and the SIMD part of `hash` may hold `unsafe`.

pub mod errno;
pub mod fd;
pub mod fs;
pub mod machine;
pub mod memory;
pub mod mount;
pub mod net;
pub mod process;
pub mod signal;
pub mod spawn;
pub mod time;

pub use errno::{Context, Errno};
pub use fd::Fd;

use core::mem::MaybeUninit;

/// What may be a path: text of a list, or the bytes of a name that somebody else chose.
pub trait Path: AsRef<[u8]> {}
impl<T: AsRef<[u8]> + ?Sized> Path for T {}

/// The largest path that the kernel takes, with its NUL (`PATH_MAX` of linux/limits.h).
pub const PATH_MAX: usize = 4096;

/// The one place where a raw return becomes a `Result`: values from -4095 to -1 are errors.
fn check(raw: usize) -> Result<usize, Errno> {
    if raw > -4096isize as usize { Err(Errno(raw.wrapping_neg() as i32)) } else { Ok(raw) }
}

/// Calls `f` with the path as a C string; `ENAMETOOLONG` and `EINVAL` (a NUL inside) are told
/// before the kernel is asked.
#[allow(unsafe_code)]
#[inline(never)]
fn with_c(path: &[u8], f: &mut dyn FnMut(*const u8) -> Result<usize, Errno>) -> Result<usize, Errno> {
    let bytes = path;
    let mut buffer = [const { MaybeUninit::<u8>::uninit() }; PATH_MAX];
    if bytes.len() >= PATH_MAX {
        return Err(Errno(libc::ENAMETOOLONG));
    }
    if bytes.contains(&0) {
        return Err(Errno(libc::EINVAL));
    }
    // SAFETY: the buffer is longer than the path.
    unsafe {
        let start = buffer.as_mut_ptr() as *mut u8;
        core::ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len());
        start.add(bytes.len()).write(0);
        f(start)
    }
}
