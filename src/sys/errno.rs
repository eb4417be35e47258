//! errno(3): the number, its name, its text, and how it becomes a message.

use super::Path;
use crate::error::{Error, Status};
use crate::{add, error, split, text};
use alloc::string::String;

/// An error number of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

/// Number, name and text of those that the calls used here can give (errno(3)).
const KNOWN: &str = "\
1 EPERM operation not permitted\n\
2 ENOENT no such file or directory\n\
3 ESRCH no such process\n\
4 EINTR interrupted\n\
5 EIO input/output error\n\
6 ENXIO no such device\n\
7 E2BIG argument list too long\n\
8 ENOEXEC not an executable format\n\
9 EBADF bad file descriptor\n\
10 ECHILD no child processes\n\
11 EAGAIN resource temporarily unavailable\n\
12 ENOMEM out of memory\n\
13 EACCES permission denied\n\
14 EFAULT bad address\n\
16 EBUSY device or resource busy\n\
17 EEXIST file exists\n\
18 EXDEV crosses file systems\n\
19 ENODEV no such device type\n\
20 ENOTDIR not a directory\n\
21 EISDIR is a directory\n\
22 EINVAL invalid argument\n\
23 ENFILE too many open files in the system\n\
24 EMFILE too many open files\n\
25 ENOTTY not a terminal\n\
26 ETXTBSY text file busy\n\
27 EFBIG file too large\n\
28 ENOSPC no space left on device\n\
29 ESPIPE cannot seek\n\
30 EROFS read-only file system\n\
31 EMLINK too many links\n\
32 EPIPE broken pipe\n\
36 ENAMETOOLONG file name too long\n\
38 ENOSYS not known to this kernel, or forbidden; Linux 3.9 or newer is needed\n\
39 ENOTEMPTY directory not empty\n\
40 ELOOP too many symbolic links\n\
75 EOVERFLOW value too large, or a user id without a place in the file system's user namespace\n\
87 EUSERS too many nested namespaces\n\
95 EOPNOTSUPP operation not supported\n\
110 ETIMEDOUT timed out\n\
116 ESTALE stale file handle\n\
122 EDQUOT disk quota exceeded\n\
";

impl Errno {
    /// Adds its text and name.
    pub fn tell(self, out: &mut String) {
        let number = text!("@", self.0);
        for row in split::lines(KNOWN) {
            if let Some((known, (name, text))) =
                split::cut(row, b' ').and_then(|(n, rest)| Some((n, split::cut(rest, b' ')?)))
                && known == number
            {
                return add!(out, "@ (@)", text, name);
            }
        }
        add!(out, "error @", number)
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
        match self {
            Ok(value) => Ok(value),
            Err(errno) => Err(failed(errno, action, object.as_ref())),
        }
    }

    #[inline(always)]
    fn on_as(self, status: Status, action: &str, object: &(impl Path + ?Sized)) -> Result<T, Error> {
        match self {
            Ok(value) => Ok(value),
            Err(errno) => Err(describe(errno, status, action, object.as_ref())),
        }
    }
}

/// The same as the host's failure, which most are.
#[cold]
#[inline(never)]
fn failed(errno: Errno, action: &str, object: &[u8]) -> Error {
    describe(errno, Status::Host, action, object)
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
    fn numbers_are_those_of_the_kernel() {
        for (number, name) in [(libc::EPERM, "EPERM"), (libc::ENAMETOOLONG, "ENAMETOOLONG"), (libc::EDQUOT, "EDQUOT")] {
            assert!(crate::text!("@", Errno(number)).ends_with(&format!(" ({name})")));
        }
    }

    #[test]
    fn messages_name_action_object_and_errno() {
        let failed: Result<(), Errno> = Err(Errno(libc::ENOENT));
        assert_eq!(failed.on("open", "/x").unwrap_err().message, "cannot open /x: no such file or directory (ENOENT)");
        assert_eq!(crate::text!("@", Errno(4000)), "error 4000");
    }
}
