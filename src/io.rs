//! Byte streams: what the decoders read from and write to.

use crate::error::Result;

/// A source of bytes.
pub trait Read {
    /// Reads up to `buf.len()` bytes into the start of `buf`; 0 is the end.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize>;
}

/// A sink of bytes.
pub trait Write {
    /// Writes all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;
}

impl<R: Read + ?Sized> Read for &mut R {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        (**self).read(buf)
    }
}

impl Read for &[u8] {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let n = buf.len().min(self.len());
        buf[..n].copy_from_slice(&self[..n]);
        *self = &self[n..];
        Ok(n)
    }
}

impl Write for alloc::vec::Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}
