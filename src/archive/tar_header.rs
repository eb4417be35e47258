//! A tar header block: its fields, their numbers, its checksum (POSIX.1-2017, pax, "ustar
//! Interchange Format"; GNU tar manual, "Basic Tar Format").

use alloc::vec::Vec;

/// Everything in a tar archive comes in blocks of this size.
pub(super) const BLOCK: usize = 512;

/// A header block.
pub(super) struct Header(pub(super) [u8; BLOCK]);

impl Header {
    pub(super) fn is_zero(&self) -> bool {
        self.0 == [0; BLOCK]
    }

    /// Whether `chksum` is the sum of all bytes, itself taken as blanks. Some old tars summed
    /// signed bytes.
    pub(super) fn checksum_fits(&self) -> bool {
        let Some(chksum) = number(&self.0[148..156]) else { return false };
        let (mut unsigned, mut signed) = (0, 0);
        for (i, &byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&i) { b' ' } else { byte };
            unsigned += byte as i64;
            signed += byte as i8 as i64;
        }
        chksum == unsigned || chksum == signed
    }

    pub(super) fn typeflag(&self) -> u8 {
        self.0[156]
    }

    /// `prefix/name`. Only ustar has the prefix: GNU tar has other things in its place, and its
    /// magic is followed by a blank.
    pub(super) fn name(&self) -> Vec<u8> {
        let mut name = Vec::new();
        if &self.0[257..263] == b"ustar\0" && self.0[345] != 0 {
            name.extend_from_slice(text(&self.0[345..500]));
            name.push(b'/');
        }
        name.extend_from_slice(text(&self.0[..100]));
        name
    }

    pub(super) fn linkname(&self) -> Vec<u8> {
        text(&self.0[157..257]).to_vec()
    }

    pub(super) fn mode(&self) -> Option<i64> {
        number(&self.0[100..108])
    }

    pub(super) fn size(&self) -> Option<i64> {
        number(&self.0[124..136])
    }

    pub(super) fn mtime(&self) -> Option<i64> {
        number(&self.0[136..148])
    }
}

/// What stands before the first NUL.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or(field)
}

/// Octal digits with blanks or NULs around them; or, if the highest bit is set, a big-endian
/// number of two's complement in the other bits (GNU, star).
fn number(field: &[u8]) -> Option<i64> {
    if field[0] & 0x80 != 0 {
        // Bit 0x80 is the mark; the sign, bit 0x40, stands for it.
        let mut value = (field[0] << 1) as i8 as i64 >> 1;
        for &byte in &field[1..] {
            value = value.checked_mul(256)?.checked_add(byte as i64)?;
        }
        return Some(value);
    }
    let is_blank = |b: &u8| matches!(b, b' ' | 0);
    let digits = &field[field.iter().position(|b| *b != b' ').unwrap_or(field.len())..];
    let end = digits.iter().position(is_blank).unwrap_or(digits.len());
    if !digits[end..].iter().all(is_blank) {
        return None;
    }
    let mut value = 0i64;
    for &digit in &digits[..end] {
        let digit = (digit as char).to_digit(8)?;
        value = value.checked_mul(8)?.checked_add(digit as i64)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        for (field, value) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"00644\0 \0", Some(0o644)),
            (b"77777777", Some(0o77777777)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"0000648\0", None),
            (b"644\0 1\0\0", None),
            (b"-644\0\0\0\0", None),
            (b"\x80\0\0\0\0\0\x01\x02", Some(258)),
            (b"\x80\0\0\0\x02\0\0\0\0\0\0\0", Some(2 << 56)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None),
            (b"\xc0\0\0\0\0\0\0\0\0\0\0\0", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field), value, "{field:?}");
        }
    }
}
