//! errno(3): the number, its name, its text, and how it becomes a message.

use super::Path;
use crate::error::{Error, Status};
use crate::{add, error};
use alloc::string::String;

/// An error number of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

/// Name and text of the numbers that the calls used here can give (errno(3)).
const KNOWN: &[(i32, &str, &str)] = &[
    (libc::EPERM, "EPERM", "operation not permitted"),
    (libc::ENOENT, "ENOENT", "no such file or directory"),
    (libc::ESRCH, "ESRCH", "no such process"),
    (libc::EINTR, "EINTR", "interrupted"),
    (libc::EIO, "EIO", "input/output error"),
    (libc::ENXIO, "ENXIO", "no such device"),
    (libc::E2BIG, "E2BIG", "argument list too long"),
    (libc::ENOEXEC, "ENOEXEC", "not an executable format"),
    (libc::EBADF, "EBADF", "bad file descriptor"),
    (libc::ECHILD, "ECHILD", "no child processes"),
    (libc::EAGAIN, "EAGAIN", "resource temporarily unavailable"),
    (libc::ENOMEM, "ENOMEM", "out of memory"),
    (libc::EACCES, "EACCES", "permission denied"),
    (libc::EFAULT, "EFAULT", "bad address"),
    (libc::EBUSY, "EBUSY", "device or resource busy"),
    (libc::EEXIST, "EEXIST", "file exists"),
    (libc::EXDEV, "EXDEV", "crosses file systems"),
    (libc::ENODEV, "ENODEV", "no such device type"),
    (libc::ENOTDIR, "ENOTDIR", "not a directory"),
    (libc::EISDIR, "EISDIR", "is a directory"),
    (libc::EINVAL, "EINVAL", "invalid argument"),
    (libc::ENFILE, "ENFILE", "too many open files in the system"),
    (libc::EMFILE, "EMFILE", "too many open files"),
    (libc::ENOTTY, "ENOTTY", "not a terminal"),
    (libc::ETXTBSY, "ETXTBSY", "text file busy"),
    (libc::EFBIG, "EFBIG", "file too large"),
    (libc::ENOSPC, "ENOSPC", "no space left on device"),
    (libc::ESPIPE, "ESPIPE", "cannot seek"),
    (libc::EROFS, "EROFS", "read-only file system"),
    (libc::EMLINK, "EMLINK", "too many links"),
    (libc::EPIPE, "EPIPE", "broken pipe"),
    (libc::ENAMETOOLONG, "ENAMETOOLONG", "file name too long"),
    (libc::ENOSYS, "ENOSYS", "not known to this kernel"),
    (libc::ENOTEMPTY, "ENOTEMPTY", "directory not empty"),
    (libc::ELOOP, "ELOOP", "too many symbolic links"),
    (libc::EOVERFLOW, "EOVERFLOW", "value too large"),
    (libc::EUSERS, "EUSERS", "too many nested namespaces"),
    (libc::EOPNOTSUPP, "EOPNOTSUPP", "operation not supported"),
    (libc::ESTALE, "ESTALE", "stale file handle"),
    (libc::EDQUOT, "EDQUOT", "disk quota exceeded"),
    (libc::ETIMEDOUT, "ETIMEDOUT", "timed out"),
];

impl Errno {
    /// Adds its text and name.
    pub fn tell(self, out: &mut String) {
        match KNOWN.iter().find(|known| known.0 == self.0) {
            Some((_, name, text)) => add!(out, "@ (@)", text, name),
            None => add!(out, "error @", self.0),
        }
    }
}

/// Turns an `Errno` into a message that names the action and what it was about.
pub trait Context<T> {
    /// `cannot ACTION OBJECT: text (NAME)`, a failure of the host.
    fn on(self, action: &str, object: &(impl Path + ?Sized)) -> Result<T, Error>;
    /// The same with another status.
    fn on_as(self, status: Status, action: &str, object: &(impl Path + ?Sized)) -> Result<T, Error>;
}

impl<T> Context<T> for Result<T, Errno> {
    #[inline(always)]
    fn on(self, action: &str, object: &(impl Path + ?Sized)) -> Result<T, Error> {
        self.on_as(Status::Host, action, object)
    }

    #[inline(always)]
    fn on_as(self, status: Status, action: &str, object: &(impl Path + ?Sized)) -> Result<T, Error> {
        match self {
            Ok(value) => Ok(value),
            Err(errno) => Err(describe(errno, status, action, object.as_ref())),
        }
    }
}

/// The error, once for all types.
#[cold]
#[inline(never)]
fn describe(errno: Errno, status: Status, action: &str, object: &[u8]) -> Error {
    error!(status, "cannot @ @: @", action, object, errno)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_action_object_and_errno() {
        let failed: Result<(), Errno> = Err(Errno(libc::ENOENT));
        assert_eq!(failed.on("open", "/x").unwrap_err().message, "cannot open /x: no such file or directory (ENOENT)");
        assert_eq!(crate::text!("@", Errno(4000)), "error 4000");
    }
}
