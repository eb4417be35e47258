//! Hashes and how they are written.

pub mod hex;
pub mod nar;
pub mod sha256;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
