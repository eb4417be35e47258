//! Signals: masks, and signals as something to be read.
#![allow(unsafe_code)]

use super::{Errno, Fd, check, fd};
use crate::split;
use sc::syscall;

/// The kernel's sigset_t is 64 bits wide.
const SET_SIZE: usize = 8;

/// The highest number of a signal.
pub const LAST: i32 = 64;

/// Bit of a signal in a set.
pub const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// rt_sigprocmask(2), SIG_SETMASK: blocks exactly the signals in the set.
pub fn set_mask(set: u64) -> Result<(), Errno> {
    // SAFETY: the set has the stated size.
    check(unsafe { syscall!(RT_SIGPROCMASK, libc::SIG_SETMASK as usize, &set as *const u64, 0, SET_SIZE) }).map(|_| ())
}

/// signalfd(2): the blocked signals of the set are read from the descriptor.
pub fn signalfd(set: u64) -> Result<Fd, Errno> {
    let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
    // SAFETY: the set has the stated size.
    let raw = check(unsafe { syscall!(SIGNALFD4, usize::MAX, &set as *const u64, SET_SIZE, flags as usize) })?;
    Ok(Fd::from_raw(raw as i32))
}

/// The next signal that waits in a signalfd.
pub fn next(signals: &Fd) -> Option<i32> {
    // struct signalfd_siginfo: 128 bytes, the number first
    let mut info = [0u8; 128];
    match fd::read(signals.raw(), &mut info) {
        Ok(128) => Some(u32::from_ne_bytes([info[0], info[1], info[2], info[3]]) as i32),
        _ => None,
    }
}

/// rt_sigaction(2): the signal is ignored, or has its default action again.
pub fn disposition(signal: i32, ignored: bool) -> Result<(), Errno> {
    // the kernel's struct sigaction: handler, flags, restorer, mask
    let action = [if ignored { 1u64 } else { 0 }, 0, 0, 0];
    // SAFETY: the struct is complete; SIG_IGN and SIG_DFL need no restorer.
    check(unsafe { syscall!(RT_SIGACTION, signal as usize, action.as_ptr(), 0, SET_SIZE) }).map(|_| ())
}

/// Name of a signal, as signal(7) has it.
pub fn name(signal: i32) -> &'static str {
    const NAMES: &str = "SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 \
        SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP \
        SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR \
        SIGSYS";
    split::words(NAMES).nth((signal as usize).wrapping_sub(1)).unwrap_or("a real-time signal")
}
