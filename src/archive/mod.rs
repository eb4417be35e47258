//! Archives: decompression, tar, and unpacking into a directory.

pub mod disk;
mod copy;
pub mod crc;
pub mod gzip;
mod inflate;
mod inflate_table;
pub mod input;
#[cfg(test)]
mod tests;
