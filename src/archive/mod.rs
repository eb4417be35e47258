//! Archives: decompression, tar, and unpacking into a directory.

pub mod bzip2;
mod bzip2_bits;
mod bzip2_block;
mod copy;
pub mod crc;
pub mod disk;
pub mod gzip;
mod inflate;
mod inflate_table;
pub mod input;
#[cfg(test)]
mod tests;
