//! The command line.

/// Runs the program with these arguments and environment and gives its exit status.
pub fn main(args: &[&[u8]], env: &[&[u8]]) -> i32 {
    let _ = env;
    let _ = crate::sys::fd::write(1, args[0]);
    0
}
