//! The ledger: what ran, on what, with what result, as text that `diff` can compare.
//!
//! One record a line, its kind first. Times are records of their own (`time`), so that
//! `grep -v '^time '` leaves what two equal runs have in common. See "The ledger" in the README.

pub mod attest;
pub mod compare;
pub mod outputs;
pub mod read;
pub mod report;
pub mod resume;

use crate::hash::hex;
use crate::hash::nar::Node;
use crate::text;
use alloc::vec::Vec;

/// First line of every ledger.
pub const HEAD: &str = "rawstrap-ledger 1\n";

/// Adds a text as the last field of a line: bytes that are no plain text are `\xNN`, a backslash
/// is doubled. So are letters beyond ASCII, if all of it is not UTF-8: a ledger always is.
pub fn escape(out: &mut Vec<u8>, text: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let plain = if core::str::from_utf8(text).is_ok() { 255 } else { 126 };
    for &byte in text {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b' '..=126 | 128.. if byte <= plain => out.push(byte),
            _ => out.extend_from_slice(&[b'\\', b'x', DIGITS[byte as usize >> 4], DIGITS[byte as usize & 15]]),
        }
    }
}

/// An output hash as it is recorded: SRI, what `nix hash path` prints.
pub fn output(hash: &[u8; 32]) -> &'static str {
    text!("sha256-@", hex::base64(hash))
}

/// The record of one node of an output: `dir PATH`, `file SHA256 PATH`, `exec SHA256 PATH`,
/// `link TARGET -> PATH` with the path last.
pub fn file_line(out: &mut Vec<u8>, path: &[u8], node: &Node) {
    match node {
        Node::Dir => out.extend_from_slice(b"dir "),
        Node::File(executable, hash) => {
            out.extend_from_slice(if *executable { b"exec " } else { b"file " });
            out.extend_from_slice(hex::encode(hash).as_bytes());
            out.push(b' ');
        }
        Node::Link(target) => {
            out.extend_from_slice(b"link ");
            escape(out, target);
            out.extend_from_slice(b" <- ");
        }
    }
    escape(out, if path.is_empty() { b"." } else { path });
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_any_name() {
        let mut out = Vec::new();
        file_line(&mut out, b"", &Node::Dir);
        file_line(&mut out, b"a\nb\\c\x01", &Node::File(true, [0xab; 32]));
        file_line(&mut out, "ü\x7f".as_bytes(), &Node::Link(b"../x y".to_vec()));
        file_line(&mut out, "ü\u{80}\0".as_bytes().split_last().unwrap().1, &Node::Dir);
        file_line(&mut out, b"\xc3\xbc\xff", &Node::Dir);
        let want = format!(
            "dir .\nexec {} a\\nb\\\\c\\x01\nlink ../x y <- ü\\x7f\ndir ü\u{80}\ndir \\xc3\\xbc\\xff\n",
            "ab".repeat(32)
        );
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
