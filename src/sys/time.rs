//! Clocks.
#![allow(unsafe_code)]

use super::check;
use sc::syscall;

fn clock(which: i32) -> (i64, i64) {
    let mut now = [0i64; 2];
    // SAFETY: struct timespec is two 64-bit numbers. The two clocks used always exist.
    let _ = check(unsafe { syscall!(CLOCK_GETTIME, which as usize, now.as_mut_ptr()) });
    (now[0], now[1])
}

/// Microseconds of the monotonic clock (clock_gettime(2)).
pub fn monotonic_us() -> u64 {
    let (s, ns) = clock(libc::CLOCK_MONOTONIC);
    s as u64 * 1_000_000 + ns as u64 / 1000
}

/// Seconds since 1970 (clock_gettime(2), CLOCK_REALTIME).
pub fn realtime() -> i64 {
    clock(libc::CLOCK_REALTIME).0
}

/// nanosleep(2), in milliseconds.
pub fn sleep_ms(ms: u64) {
    let wait = [(ms / 1000) as i64, (ms % 1000) as i64 * 1_000_000];
    // SAFETY: struct timespec is two 64-bit numbers; nothing is wanted back.
    let _ = check(unsafe { syscall!(NANOSLEEP, wait.as_ptr(), 0) });
}
