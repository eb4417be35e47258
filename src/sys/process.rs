//! Processes: identity, limits, forking, waiting, ending.
#![allow(unsafe_code)]

use super::{Errno, check};
use crate::text;
use sc::syscall;

/// exit_group(2)
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: does not return.
        unsafe { syscall!(EXIT_GROUP, status as usize) };
    }
}

/// getpid(2)
pub fn getpid() -> i32 {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(GETPID) as i32 }
}

/// getppid(2); 0 if the parent is outside the pid namespace.
pub fn getppid() -> i32 {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(GETPPID) as i32 }
}

/// geteuid(2)
pub fn geteuid() -> u32 {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(GETEUID) as u32 }
}

/// getegid(2)
pub fn getegid() -> u32 {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(GETEGID) as u32 }
}

/// kill(2)
pub fn kill(pid: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(KILL, pid as isize as usize, signal as usize) }).map(|_| ())
}

/// setsid(2)
pub fn setsid() -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(SETSID) }).map(|_| ())
}

/// prctl(2) with a number for argument.
pub fn prctl(option: i32, argument: usize) -> Result<usize, Errno> {
    // SAFETY: only options that take a number are used.
    check(unsafe { syscall!(PRCTL, option as usize, argument, 0, 0, 0) })
}

/// clone(2) with a copy of the memory, as fork(2), into the namespaces that `flags` names: the
/// child gets `None`.
pub fn fork(flags: i32) -> Result<Option<i32>, Errno> {
    // SAFETY: without CLONE_VM the child has its own copy of everything, the stack included.
    let pid = check(unsafe { syscall!(CLONE, (flags | libc::SIGCHLD) as usize, 0, 0, 0, 0) })?;
    Ok(if pid == 0 { None } else { Some(pid as i32) })
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It called exit with that status.
    Exit(i32),
    /// A signal ended it.
    Signal(i32),
}

/// What a process used: getrusage(2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User time in microseconds.
    pub user_us: u64,
    /// System time in microseconds.
    pub system_us: u64,
    /// Peak resident memory in KiB.
    pub peak_kib: u64,
}

impl Usage {
    /// Adds what another one used: times added up, the larger peak.
    pub fn add(&mut self, other: &Usage) {
        self.user_us += other.user_us;
        self.system_us += other.system_us;
        self.peak_kib = self.peak_kib.max(other.peak_kib);
    }
}

/// The start of the kernel's struct rusage.
#[repr(C)]
#[derive(Default)]
struct RawUsage {
    user: [i64; 2],
    system: [i64; 2],
    maxrss: i64,
    rest: [i64; 13],
}

impl RawUsage {
    fn decode(&self) -> Usage {
        Usage {
            user_us: self.user[0] as u64 * 1_000_000 + self.user[1] as u64,
            system_us: self.system[0] as u64 * 1_000_000 + self.system[1] as u64,
            peak_kib: self.maxrss as u64,
        }
    }
}

/// wait4(2): waits for that child, or for any with -1; tried again on EINTR. With WNOHANG and
/// nothing to tell, the pid is 0.
pub fn wait4(pid: i32, options: i32) -> Result<(i32, End, Usage), Errno> {
    let mut status = 0i32;
    let mut usage = RawUsage::default();
    loop {
        // SAFETY: both places are valid; struct rusage is 144 bytes long, as RawUsage is.
        match check(unsafe {
            syscall!(WAIT4, pid as isize as usize, &mut status as *mut i32, options as usize, &mut usage as *mut RawUsage)
        }) {
            Ok(pid) => {
                let end = if status & 0x7f == 0 { End::Exit(status >> 8 & 0xff) } else { End::Signal(status & 0x7f) };
                return Ok((pid as i32, end, usage.decode()));
            }
            Err(Errno(libc::EINTR)) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// getrusage(2) of this process, or of its children that were waited for.
pub fn usage(children: bool) -> Usage {
    let mut usage = RawUsage::default();
    let who = if children { libc::RUSAGE_CHILDREN } else { libc::RUSAGE_SELF };
    // SAFETY: as in wait4. Cannot fail with these arguments.
    let _ = check(unsafe { syscall!(GETRUSAGE, who as isize as usize, &mut usage as *mut RawUsage) });
    usage.decode()
}

/// A resource of getrlimit(2). (The libc crate's numbers have another type where libc is musl.)
#[derive(Clone, Copy)]
pub enum Resource {
    /// Size of a core dump.
    Core = libc::RLIMIT_CORE as isize,
    /// Open files.
    Files = libc::RLIMIT_NOFILE as isize,
    /// Size of the stack.
    Stack = libc::RLIMIT_STACK as isize,
}

/// prlimit64(2): a resource's soft and hard limit for this process and its children.
pub fn setrlimit(resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
    let limit = [soft, hard];
    // SAFETY: struct rlimit64 is two 64-bit numbers.
    check(unsafe { syscall!(PRLIMIT64, 0, resource as usize, limit.as_ptr(), 0) }).map(|_| ())
}

/// The hard limit of a resource.
pub fn hard_limit(resource: Resource) -> Result<u64, Errno> {
    let mut limit = [0u64; 2];
    // SAFETY: struct rlimit64 is two 64-bit numbers.
    check(unsafe { syscall!(PRLIMIT64, 0, resource as usize, 0, limit.as_mut_ptr()) })?;
    Ok(limit[1])
}

/// umask(2)
pub fn umask(mask: u32) {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(UMASK, mask as usize) };
}

/// Number of cores this process may run on (sched_getaffinity(2)); 1 if the kernel does not say.
pub fn cores() -> usize {
    let mut mask = [0u64; 128];
    // SAFETY: the mask has room for the size that is passed.
    let got = check(unsafe { syscall!(SCHED_GETAFFINITY, 0, core::mem::size_of_val(&mask), mask.as_mut_ptr()) });
    match got {
        Ok(_) => mask.iter().map(|word| word.count_ones() as usize).sum::<usize>().max(1),
        Err(_) => 1,
    }
}

/// uname(2): (system, release, machine).
pub fn uname() -> (&'static str, &'static str, &'static str) {
    // struct new_utsname: six fields of 65 bytes
    let mut names = [[0u8; 65]; 6];
    // SAFETY: the buffer is the whole struct.
    let _ = check(unsafe { syscall!(UNAME, names.as_mut_ptr()) });
    let text = |i: usize| {
        let field = &names[i];
        let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
        text::own(&field[..end])
    };
    (text(0), text(2), text(4))
}

/// seccomp(2), SECCOMP_SET_MODE_FILTER: a program of struct sock_filter. Before Linux 5.16 a filter made
/// everything slower that runs under it, unless told not to (SPEC_ALLOW, Linux 4.17).
pub fn seccomp(filter: &'static [u64]) -> Result<(), Errno> {
    // struct sock_fprog: the number of instructions, and where they are
    let program = (filter.len(), filter.as_ptr());
    let mut result = Err(Errno(libc::EINVAL));
    for flags in [libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW as usize, 0] {
        if result == Err(Errno(libc::EINVAL)) {
            let mode = libc::SECCOMP_SET_MODE_FILTER as usize;
            // SAFETY: two words as struct sock_fprog has them; the filter is as long as it says.
            result = check(unsafe { syscall!(SECCOMP, mode, flags, &program as *const (usize, *const u64)) }).map(|_| ());
        }
    }
    result
}

/// Keeps only these capabilities (bits of numbers below 32) in every set of this process
/// (capset(2)), and in the bounding set, so that no child gets another one.
pub fn keep_capabilities(kept: u32) -> Result<(), Errno> {
    for number in (0..64).filter(|n| *n >= 32 || kept >> n & 1 == 0) {
        match prctl(libc::PR_CAPBSET_DROP, number) {
            // EINVAL: beyond the last capability that this kernel knows
            Ok(_) | Err(Errno(libc::EINVAL)) => {}
            Err(errno) => return Err(errno),
        }
    }
    // version 3 of the header; then effective, permitted, inheritable, twice: bits 0-31 and 32-63
    let header = [0x2008_0522u32, 0];
    let sets = [kept, kept, 0, 0, 0, 0];
    // SAFETY: header and sets have the sizes of version 3.
    check(unsafe { syscall!(CAPSET, header.as_ptr(), sets.as_ptr()) }).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_ends_and_is_waited_for() {
        match fork(0).unwrap() {
            None => exit(7),
            Some(pid) => assert_eq!(wait4(pid, 0).unwrap().1, End::Exit(7)),
        }
        assert!(cores() >= 1);
        assert_eq!(uname().0, "Linux");
    }
}
