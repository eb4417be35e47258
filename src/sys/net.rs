//! The loopback interface of a fresh network namespace.
#![allow(unsafe_code)]

use super::{Errno, Fd, check};
use sc::syscall;

/// Brings `lo` up (netdevice(7), SIOCSIFFLAGS): programs that talk to themselves need it.
pub fn loopback_up() -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    let socket = check(unsafe {
        syscall!(SOCKET, libc::AF_INET as usize, (libc::SOCK_DGRAM | libc::SOCK_CLOEXEC) as usize, 0)
    })?;
    let socket = Fd::from_raw(socket as i32);
    // struct ifreq: the interface's name, then the flags
    let mut request = [0u8; 40];
    request[..2].copy_from_slice(b"lo");
    let flags = (libc::IFF_UP | libc::IFF_RUNNING) as u16;
    request[16..18].copy_from_slice(&flags.to_ne_bytes());
    // SAFETY: struct ifreq is 40 bytes long.
    check(unsafe { syscall!(IOCTL, socket.raw() as usize, libc::SIOCSIFFLAGS as usize, request.as_ptr()) }).map(|_| ())
}
