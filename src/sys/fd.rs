//! Owned descriptors, pipes, and what is done with any descriptor.
#![allow(unsafe_code)]

use super::{Errno, check};
use alloc::vec::Vec;
use sc::syscall;

/// A descriptor that is closed when dropped.
#[derive(Debug)]
pub struct Fd(i32);

impl Fd {
    /// Takes over a descriptor that nobody else owns.
    pub fn from_raw(number: i32) -> Fd {
        Fd(number)
    }

    /// The number, for calls; it stays owned.
    pub fn raw(&self) -> i32 {
        self.0
    }

    /// Gives up the ownership.
    pub fn into_raw(self) -> i32 {
        let number = self.0;
        core::mem::forget(self);
        number
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        close(self.0);
    }
}

/// close(2); errors tell nothing that can be acted on.
pub fn close(fd: i32) {
    // SAFETY: no memory is passed.
    let _ = check(unsafe { syscall!(CLOSE, fd as usize) });
}

/// read(2), tried again on EINTR.
pub fn read(fd: i32, buf: &mut [u8]) -> Result<usize, Errno> {
    loop {
        // SAFETY: the buffer is valid for its length.
        match check(unsafe { syscall!(READ, fd as usize, buf.as_mut_ptr(), buf.len()) }) {
            Err(Errno(libc::EINTR)) => {}
            result => return result,
        }
    }
}

/// socketpair(2) of two connected streams: what goes into one end comes out of the other.
pub fn socketpair() -> Result<(Fd, Fd), Errno> {
    let mut ends = [0i32; 2];
    let kind = (libc::SOCK_STREAM | libc::SOCK_CLOEXEC) as usize;
    // SAFETY: there is room for two descriptors.
    check(unsafe { syscall!(SOCKETPAIR, libc::AF_UNIX as usize, kind, 0, ends.as_mut_ptr()) })?;
    Ok((Fd(ends[0]), Fd(ends[1])))
}

/// write(2), until all is written.
pub fn write(fd: i32, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        // SAFETY: the buffer is valid for its length.
        match check(unsafe { syscall!(WRITE, fd as usize, bytes.as_ptr(), bytes.len()) }) {
            Ok(0) => return Err(Errno(libc::EIO)),
            Ok(n) => bytes = &bytes[n..],
            Err(Errno(libc::EINTR)) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// pipe2(2): (read end, write end).
pub fn pipe2(flags: i32) -> Result<(Fd, Fd), Errno> {
    let mut pair = [0i32; 2];
    // SAFETY: the pair has room for two numbers.
    check(unsafe { syscall!(PIPE2, pair.as_mut_ptr(), flags as usize) })?;
    Ok((Fd(pair[0]), Fd(pair[1])))
}

/// dup3(2): `from` is known as `to` as well.
pub fn dup3(from: i32, to: i32, flags: i32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { syscall!(DUP3, from as usize, to as usize, flags as usize) }).map(|_| ())
}

/// fcntl(2) with a number for argument.
pub fn fcntl(fd: i32, command: i32, argument: usize) -> Result<usize, Errno> {
    // SAFETY: only commands that take a number are used.
    check(unsafe { syscall!(FCNTL, fd as usize, command as usize, argument) })
}

/// close_range(2), Linux 5.9; before that, every number up to the limit is closed one by one.
pub fn close_from(first: i32) {
    // SAFETY: no memory is passed.
    if check(unsafe { syscall!(CLOSE_RANGE, first as usize, u32::MAX as usize, 0) }).is_err() {
        // The limit may be a thousand million.
        let limit = super::process::hard_limit(super::process::Resource::Files).unwrap_or(4096).min(1 << 16);
        for fd in first..limit as i32 {
            close(fd);
        }
    }
}

/// tcdrain(3): waits until a terminal has sent all that was written to it.
pub fn drain(fd: i32) {
    // SAFETY: TCSBRK takes a number.
    let _ = check(unsafe { syscall!(IOCTL, fd as usize, libc::TCSBRK as usize, 1) });
}

/// The terminal's width in columns (TIOCGWINSZ), if it says one.
pub fn columns(fd: i32) -> Option<usize> {
    let mut size = [0u16; 4];
    // SAFETY: struct winsize is four 16-bit numbers.
    check(unsafe { syscall!(IOCTL, fd as usize, libc::TIOCGWINSZ as usize, size.as_mut_ptr()) }).ok()?;
    if size[1] == 0 { None } else { Some(size[1] as usize) }
}

/// poll(2) for input: waits until one of the descriptors can be read or was hung up, or the time
/// (milliseconds, -1 for ever) is over; gives for each whether there is something.
pub fn poll_in<const N: usize>(fds: [i32; N], timeout: i32) -> Result<[bool; N], Errno> {
    let mut ready = [false; N];
    poll(&fds, timeout, &mut ready).map(|()| ready)
}

fn poll(fds: &[i32], timeout: i32, ready: &mut [bool]) -> Result<(), Errno> {
    let mut set: Vec<_> = fds.iter().map(|&fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 }).collect();
    // SAFETY: the set holds so many entries.
    match check(unsafe { syscall!(POLL, set.as_mut_ptr(), set.len(), timeout as isize as usize) }) {
        Ok(_) => {
            for (ready, entry) in ready.iter_mut().zip(&set) {
                *ready = entry.revents != 0;
            }
            Ok(())
        }
        Err(Errno(libc::EINTR)) => Ok(()),
        Err(errno) => Err(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_carries_bytes_and_polls() {
        let (r, w) = pipe2(libc::O_CLOEXEC).unwrap();
        assert_eq!(poll_in([r.raw()], 0).unwrap(), [false]);
        write(w.raw(), b"abc").unwrap();
        assert_eq!(poll_in([r.raw()], 0).unwrap(), [true]);
        let mut buf = [0; 8];
        assert_eq!(read(r.raw(), &mut buf).unwrap(), 3);
        drop(w);
        assert_eq!(read(r.raw(), &mut buf).unwrap(), 0);
        assert_eq!(read(9999, &mut buf), Err(Errno(libc::EBADF)));
    }
}
