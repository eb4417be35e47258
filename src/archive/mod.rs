//! Archives: decompression, tar, and unpacking into a directory.

pub mod bzip2;
mod bzip2_bits;
mod bzip2_block;
mod bzip2_share;
mod copy;
pub mod cpio;
pub mod crc;
mod decompress;
pub mod disk;
mod filter;
pub mod gzip;
mod inflate;
mod inflate_table;
pub mod input;
mod lzma;
mod lzma2;
mod pax;
mod range;
mod ready;
pub mod tar;
mod tar_header;
#[cfg(test)]
mod tests;
pub mod unpack;
mod window;
pub mod xz;
mod xz_header;

pub use decompress::Decompressor;
pub use pax::Time;
