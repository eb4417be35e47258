//! What a program without a libc brings itself.

mod heap;
mod mem;
mod panic;
mod start;
