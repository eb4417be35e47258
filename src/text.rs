//! Texts for people and for files: a pattern and what goes into it.
//!
//! It does what `core::fmt` is for, with one function in place of one for every type and call.
//! Texts are made once and never given back: the program ends before that matters, and nothing has
//! to keep track of who owns them.

use crate::split;
use crate::sys::Errno;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

/// What can stand for an `@` of a pattern.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// Bytes; what is not UTF-8 becomes U+FFFD.
    Text(&'a [u8]),
    /// A number in decimal; as in the kernel, a negative one is an errno, and becomes its text.
    Number(i64),
}

/// What can be an [`Arg`].
pub trait Piece {
    /// As an argument.
    fn arg(&self) -> Arg<'_>;
}

macro_rules! pieces {
    ($($type:ty, $self:ident => $arg:expr;)*) => {
        $(impl Piece for $type {
            #[inline(always)]
            fn arg(&$self) -> Arg<'_> {
                $arg
            }
        })*
    };
}

pieces! {
    [u8], self => Arg::Text(self);
    str, self => Arg::Text(self.as_bytes());
    Vec<u8>, self => Arg::Text(self);
    String, self => Arg::Text(self.as_bytes());
    usize, self => Arg::Number(*self as i64);
    u64, self => Arg::Number(*self as i64);
    u32, self => Arg::Number(*self as i64);
    u16, self => Arg::Number(*self as i64);
    u8, self => Arg::Number(*self as i64);
    i32, self => Arg::Number(*self as i64);
    Errno, self => Arg::Number(-(self.0 as i64));
}

impl<T: Piece + ?Sized> Piece for &T {
    #[inline(always)]
    fn arg(&self) -> Arg<'_> {
        (**self).arg()
    }
}

impl<T: Piece + ?Sized> Piece for Box<T> {
    #[inline(always)]
    fn arg(&self) -> Arg<'_> {
        (**self).arg()
    }
}

impl<T: Piece + ?Sized> Piece for Rc<T> {
    #[inline(always)]
    fn arg(&self) -> Arg<'_> {
        (**self).arg()
    }
}

/// `text!("cannot @ @", action, path)`: each `@` stands for the next argument.
#[macro_export]
macro_rules! text {
    ($pattern:expr $(, $arg:expr)* $(,)?) => {
        $crate::text::fill($pattern, &[$($crate::text::Piece::arg(&$arg)),*])
    };
}

/// `add!(out, "…@", x)` adds to a `String`.
#[macro_export]
macro_rules! add {
    ($out:expr, $pattern:expr $(, $arg:expr)* $(,)?) => {
        $crate::text::add($out, $pattern, &[$($crate::text::Piece::arg(&$arg)),*])
    };
}

/// A text of its own.
#[inline(never)]
pub fn fill(pattern: &str, args: &[Arg]) -> &'static str {
    let mut out = String::new();
    add(&mut out, pattern, args);
    out.leak()
}

/// A copy as a text of its own.
#[inline(never)]
pub fn own(bytes: &[u8]) -> &'static str {
    let mut out = String::new();
    lossy(&mut out, bytes);
    out.leak()
}

/// Adds to a text.
#[inline(never)]
pub fn add(out: &mut String, pattern: &str, args: &[Arg]) {
    let mut args = args.iter();
    let mut rest = pattern;
    while let Some((before, after)) = split::cut(rest, b'@') {
        out.push_str(before);
        rest = after;
        match args.next() {
            Some(Arg::Text(text)) => lossy(out, text),
            Some(Arg::Number(number)) if *number < 0 => Errno(-*number as i32).tell(out),
            Some(Arg::Number(number)) => digits(out, *number as u64, 1),
            None => {}
        }
    }
    out.push_str(rest);
}

/// Adds a number with at least so many digits.
pub fn digits(out: &mut String, number: u64, least: u32) {
    if number >= 10 || least > 1 {
        digits(out, number / 10, least.saturating_sub(1));
    }
    out.push((b'0' + (number % 10) as u8) as char);
}

/// Adds the blanks that a text lacks to be `width` characters wide.
pub fn blanks(out: &mut String, text: &str, width: usize) {
    for _ in text.bytes().filter(|b| b & 0xc0 != 0x80).count()..width {
        out.push(' ');
    }
}

/// Adds bytes; what is not UTF-8 becomes U+FFFD.
pub fn lossy(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push('\u{fffd}');
        }
    }
}
