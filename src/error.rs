//! The error that ends a command: an exit status and a message for the user.

use crate::text::{self, Arg};
use alloc::boxed::Box;
use core::ops::Deref;

/// Exit statuses of the program (documented in the README).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// All that was asked was done.
    Done = 0,
    /// Reading or writing on the host failed: a full disk, no permission, a vanished file.
    Host = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A list is wrong.
    List = 3,
    /// A source is missing, damaged, or is not what its hash says; or the seed is not usable.
    Source = 4,
    /// The host forbids the room: namespaces, mounts.
    Room = 5,
    /// A step failed.
    Step = 6,
    /// An output is not what was recorded.
    Mismatch = 7,
    /// A signal ended the run.
    Interrupted = 8,
    /// rawstrap itself is wrong: a panic.
    Defect = 70,
}

impl Status {
    /// The status with that number; an unknown one is a defect.
    pub fn from_code(code: i32) -> Status {
        use Status::*;
        [Done, Host, Usage, List, Source, Room, Step, Mismatch, Interrupted]
            .into_iter()
            .find(|status| *status as i32 == code)
            .unwrap_or(Defect)
    }
}

/// What was attempted, on what, why it failed and what to do, in words for the user.
///
/// One pointer wide, so that a `Result` costs little on the way that does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(&'static Inner);

/// What an [`Error`] holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Inner {
    /// The status the program ends with.
    pub status: Status,
    /// One line, or several; without the program's name and without a final newline.
    pub message: &'static str,
}

impl Error {
    /// An error with that status and message.
    #[cold]
    #[inline(never)]
    pub fn new(status: Status, message: &'static str) -> Error {
        Error(Box::leak(Box::new(Inner { status, message })))
    }

    /// The same with a pattern and what goes into it (see `text`).
    #[cold]
    #[inline(never)]
    pub fn of(status: Status, pattern: &str, args: &[Arg]) -> Error {
        Error::new(status, text::fill(pattern, args))
    }
}

impl Deref for Error {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// `Result` with this crate's error.
pub type Result<T> = core::result::Result<T, Error>;

/// `error!(Status::Source, "…@", x)` is an error: each `@` stands for the next argument.
#[macro_export]
macro_rules! error {
    ($status:expr, $pattern:expr $(, $arg:expr)* $(,)?) => {
        $crate::error::Error::of($status, $pattern, &[$($crate::text::Piece::arg(&$arg)),*])
    };
}

/// `fail!(Status::Source, "…@", x)` returns an error from the function.
#[macro_export]
macro_rules! fail {
    ($($arg:tt)*) => {
        return Err($crate::error!($($arg)*))
    };
}
