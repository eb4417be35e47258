//! The machine itself, for who is its first process.
#![allow(unsafe_code)]

use super::{Errno, check};
use core::arch::asm;
use sc::syscall;

/// sync(2)
pub fn sync() {
    // SAFETY: no memory is passed; never fails.
    unsafe { syscall!(SYNC) };
}

/// reboot(2), RB_POWER_OFF; returns only if it fails.
pub fn power_off() -> Result<(), Errno> {
    let (one, two) = (0xfee1_deadu32 as usize, 0x2812_1969);
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(REBOOT, one, two, libc::LINUX_REBOOT_CMD_POWER_OFF as usize, 0) }).map(|_| ())
}

/// Writes a byte to an I/O port: ioperm(2) and `out`.
pub fn out(port: u16, byte: u8) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(IOPERM, port as usize, 1, 1) })?;
    // SAFETY: the kernel has allowed the port, or the instruction faults; memory is not touched.
    unsafe { asm!("out dx, al", in("dx") port, in("al") byte, options(nomem, nostack, preserves_flags)) };
    Ok(())
}

/// syslog(2), SYSLOG_ACTION_CONSOLE_OFF and _ON: whether the kernel's messages come to the console.
pub fn kernel_messages(on: bool) -> Result<(), Errno> {
    // SAFETY: these actions take no memory.
    check(unsafe { syscall!(SYSLOG, if on { 7 } else { 6 }, 0, 0) }).map(|_| ())
}
