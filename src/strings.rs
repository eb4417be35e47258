//! Many strings in one piece of memory: the words of a command, the files of a pattern.

use crate::sort;
use alloc::vec::Vec;

/// Strings, one after the other, each with a NUL behind it as the kernel wants it. What follows a
/// NUL inside of one is lost.
#[derive(Default)]
pub struct Strings {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

impl Strings {
    /// No strings yet.
    #[inline(never)]
    pub fn new() -> Strings {
        Strings { bytes: Vec::new(), starts: Vec::new() }
    }

    /// Adds a string made of these parts.
    #[inline(never)]
    pub fn push(&mut self, parts: &[&[u8]]) {
        self.starts.push(self.bytes.len());
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.push(0);
    }

    /// Adds all of the others.
    pub fn append(&mut self, others: &Strings) {
        for string in others.iter() {
            self.push(&[string]);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// One of them; empty if there are not so many.
    #[inline(never)]
    pub fn get(&self, index: usize) -> &[u8] {
        let from = self.starts.get(index).and_then(|&start| self.bytes.get(start..)).unwrap_or_default();
        from.split(|&b| b == 0).next().unwrap_or_default()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Takes one out.
    pub fn remove(&mut self, index: usize) {
        self.starts.remove(index);
    }

    /// Puts them in byte order.
    pub fn sort(&mut self) {
        let bytes = &self.bytes[..];
        // The NUL at its end comes before any other byte.
        sort::sort(&mut self.starts, |&a, &b| bytes[a..] < bytes[b..]);
    }

    /// Drops those that are equal to the one before.
    pub fn dedup(&mut self) {
        for index in (1..self.len()).rev() {
            if self.get(index) == self.get(index - 1) {
                self.remove(index);
            }
        }
    }

    /// Their addresses and a null pointer, as execve(2) wants them; valid while `self` is unchanged.
    pub fn pointers(&self) -> Vec<*const u8> {
        let mut all: Vec<*const u8> = self.starts.iter().map(|&at| self.bytes[at..].as_ptr()).collect();
        all.push(core::ptr::null());
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_kept_and_sorted() {
        let mut all = Strings::new();
        for text in ["b", "a/b", "a", "", "b", "a-b"] {
            all.push(&[text.as_bytes()]);
        }
        all.sort();
        all.dedup();
        assert_eq!(all.iter().collect::<Vec<_>>(), [&b""[..], b"a", b"a-b", b"a/b", b"b"]);
        all.remove(0);
        assert_eq!((all.len(), all.get(0), all.get(9), all.pointers().len()), (4, &b"a"[..], &b""[..], 5));
    }
}
