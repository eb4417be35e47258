//! System calls that no step needs, and that namespaces and capabilities leave open: seccomp(2).
//!
//! Keyrings are the user's, not the namespace's; the kernel's log is the host's; sockets of families
//! that no network namespace divides (vsock, say) lead out of it; and a program that is looked at by
//! hand could put words into the caller's terminal. As much holds for 32-bit programs, which have
//! numbers of their own.

use crate::error::Result;
use crate::sys::{Context, Errno, process};

/// struct sock_filter: code, where to go if true and if not, a number.
const fn op(code: u16, yes: u8, no: u8, k: u32) -> u64 {
    code as u64 | (yes as u64) << 16 | (no as u64) << 24 | (k as u64) << 32
}

/// Loads a word of struct seccomp_data (BPF_LD|BPF_W|BPF_ABS).
const fn load(at: u32) -> u64 {
    op(0x20, 0, 0, at)
}

/// Jumps over so many if the word is `k` (BPF_JMP|BPF_JEQ|BPF_K).
const fn equal(k: usize, over: u8) -> u64 {
    op(0x15, over, 0, k as u32)
}

/// Jumps over so many if the word is at least `k` (BPF_JMP|BPF_JGE|BPF_K).
const fn at_least(k: u32, over: u8) -> u64 {
    op(0x35, over, 0, k)
}

/// Ends with that (BPF_RET|BPF_K).
const fn end(what: u32) -> u64 {
    op(0x06, 0, 0, what)
}

const fn refuse(errno: i32) -> u64 {
    end(libc::SECCOMP_RET_ERRNO | errno as u32)
}

/// Offsets in struct seccomp_data: the call's number, the ABI, the low halves of two arguments.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const FIRST: u32 = 16;
const SECOND: u32 = 24;

/// AUDIT_ARCH_X86_64 and AUDIT_ARCH_I386 of linux/audit.h; where the numbers of x32 begin.
const X86_64: usize = 0xc000_003e;
const I386: usize = 0x4000_0003;
const X32: u32 = 0x4000_0000;

/// Where the parts of the filter begin.
const THIRTY_TWO: u8 = 12;
const SOCKET: u8 = 21;
const IOCTL: u8 = 26;
const ALLOW: u8 = 29;
const NO_SUCH: u8 = 30;
const FORBIDDEN: u8 = 31;
const NO_FAMILY: u8 = 32;

/// Each jump is counted from the line after it.
const FILTER: [u64; 33] = [
    load(ARCH),
    equal(I386, THIRTY_TWO - 2),
    equal(X86_64, 1),
    refuse(libc::ENOSYS),
    load(NUMBER),
    at_least(X32, NO_SUCH - 6),
    equal(sc::nr::ADD_KEY, NO_SUCH - 7),
    equal(sc::nr::REQUEST_KEY, NO_SUCH - 8),
    equal(sc::nr::KEYCTL, NO_SUCH - 9),
    equal(sc::nr::SYSLOG, FORBIDDEN - 10),
    equal(sc::nr::SOCKET, SOCKET - 11),
    op(0x15, IOCTL - 12, ALLOW - 12, sc::nr::IOCTL as u32),
    // THIRTY_TWO: add_key, request_key, keyctl; syslog; socketcall, whose argument nobody can see, and
    // what stands for it since Linux 4.3; ioctl
    load(NUMBER),
    equal(286, NO_SUCH - 14),
    equal(287, NO_SUCH - 15),
    equal(288, NO_SUCH - 16),
    equal(103, FORBIDDEN - 17),
    equal(102, NO_SUCH - 18),
    equal(359, SOCKET - 19),
    equal(54, IOCTL - 20),
    end(libc::SECCOMP_RET_ALLOW),
    // SOCKET
    load(FIRST),
    equal(libc::AF_UNIX as usize, ALLOW - 23),
    equal(libc::AF_INET as usize, ALLOW - 24),
    equal(libc::AF_INET6 as usize, ALLOW - 25),
    op(0x15, ALLOW - 26, NO_FAMILY - 26, libc::AF_NETLINK as u32),
    // IOCTL
    load(SECOND),
    equal(libc::TIOCSTI as usize, FORBIDDEN - 28),
    equal(libc::TIOCLINUX as usize, FORBIDDEN - 29),
    end(libc::SECCOMP_RET_ALLOW),
    refuse(libc::ENOSYS),
    refuse(libc::EPERM),
    refuse(libc::EAFNOSUPPORT),
];

/// From here on these calls are refused, to this process and to all that it starts. A kernel
/// without filters has the room all the same.
pub fn install() -> Result<()> {
    match process::seccomp(&FILTER) {
        Err(Errno(libc::EINVAL | libc::ENOSYS)) => Ok(()),
        result => result.on("filter the system calls of", "the room"),
    }
}
