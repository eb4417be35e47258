//! How a hash is written: hexadecimal, and base64 as in `sha256-…=` (Subresource Integrity).

use alloc::string::String;

/// Lower-case hexadecimal digits.
pub fn encode(bytes: &[u8]) -> &'static str {
    let mut out = String::new();
    add(&mut out, bytes);
    out.leak()
}

/// Adds lower-case hexadecimal digits.
pub fn add(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push((digit + if digit < 10 { b'0' } else { b'a' - 10 }) as char);
        }
    }
}

/// The 32 bytes that 64 hexadecimal digits (of either case) stand for.
pub fn decode(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(bytes)
}

fn digit(c: u8) -> Option<u32> {
    (c as char).to_digit(16)
}

/// Base64 with padding (RFC 4648, 4).
pub fn base64(bytes: &[u8]) -> &'static str {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |i: usize| group.get(i).map_or(0, |b| *b as usize);
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * i) & 63] as char;
            text.push(if i <= group.len() { digit } else { '=' });
        }
    }
    text.leak()
}

/// The 32 bytes that 44 characters of base64 stand for.
pub fn from_base64(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (mut bits, mut have, mut at) = (0u32, 0, 0);
    let digits = text.strip_suffix(b"=").filter(|digits| digits.len() == 43)?;
    for c in digits {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | digit as u32;
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes[at] = (bits >> have) as u8;
            bits &= (1 << have) - 1;
            at += 1;
        }
    }
    // the two bits that are left over are zero in the one right way to write it
    (bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal() {
        let bytes: [u8; 32] = core::array::from_fn(|i| (i * 37) as u8);
        let text = encode(&bytes);
        assert_eq!(&text[..10], "00254a6f94");
        assert_eq!(decode(text.as_bytes()), Some(bytes));
        assert_eq!(decode(text.to_uppercase().as_bytes()), Some(bytes));
        assert_eq!(decode(&text.as_bytes()[1..]), None);
        assert_eq!(decode(text.replace('4', "g").as_bytes()), None);
        assert_eq!(decode(b""), None);
    }

    /// RFC 4648, 10.
    #[test]
    fn base64_of_the_rfc() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xff, 0xef, 0xbe]), "/+++");
        let bytes: [u8; 32] = core::array::from_fn(|i| (i * 37) as u8);
        let text = base64(&bytes);
        assert_eq!(from_base64(text.as_bytes()), Some(bytes));
        assert_eq!(from_base64(&text.as_bytes()[..43]), None);
        assert_eq!(from_base64(text.replace('A', "*").as_bytes()), None);
    }
}
