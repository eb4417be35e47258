//! gzip and deflate.

use super::*;
use crate::archive::crc::crc32_of;
use crate::archive::gzip::GzipReader;

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    read_all(GzipReader::new(packed))
}

#[test]
fn what_gzip_writes() {
    for plain in samples() {
        for level in ["-1", "-6", "-9"] {
            let packed = tool(&["gzip", level], &plain);
            assert!(unpack(&packed).unwrap() == plain);
            assert!(read_all(GzipReader::new(Drip(&packed))).unwrap() == plain);
        }
    }
}

#[test]
fn members_and_padding() {
    let mut packed = Vec::new();
    let mut plain = Vec::new();
    for sample in samples() {
        packed.extend(tool(&["gzip"], &sample));
        plain.extend(sample);
    }
    packed.extend([0; 1000]);
    assert!(unpack(&packed).unwrap() == plain);
}

/// `gzip -9n` of "hello, hello, hello!\n": fixed codes.
const HELLO: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2\x14\xb9\x00\
    \x63\xe2\x9b\x7a\x15\0\0\0";

/// A member around deflate data given bit by bit, first bit first; blanks are for the reader.
fn member(bits: &str) -> Vec<u8> {
    let mut packed = HELLO[..10].to_vec();
    let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
    packed.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |n, bit| n << 1 | bit)));
    packed.extend([0; 40]);
    packed
}

/// A number as deflate packs it, lowest bit first.
fn low(value: u32, width: u32) -> String {
    (0..width).map(|i| if value >> i & 1 == 1 { '1' } else { '0' }).collect()
}

/// The header of a dynamic block: HLIT, HDIST, and the code length code's lengths for these
/// symbols; others are 0.
fn dynamic(hlit: u32, hdist: u32, lengths: &[(usize, u32)]) -> String {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let mut bits = format!("1 01 {} {} {}", low(hlit - 257, 5), low(hdist - 1, 5), low(15, 4));
    for symbol in ORDER {
        bits += &low(lengths.iter().find(|(s, _)| *s == symbol).map_or(0, |(_, len)| *len), 3);
    }
    bits
}

#[test]
fn every_way_to_fail() {
    let hello = |change: fn(&mut Vec<u8>)| {
        let mut packed = HELLO.to_vec();
        change(&mut packed);
        packed
    };
    // The code length code of the dynamic blocks below: 0 is 0, 1 is 10, 18 is 11.
    let code = [(0, 1), (1, 2), (18, 2)];
    let zeros = |n: u32| format!("11 {}", low(n - 11, 7)); // n zero lengths
    let all = zeros(138);
    // Another one: 0 is 00, 1 is 01, 2 is 10, 18 is 11.
    let code2 = [(0, 2), (1, 2), (2, 2), (18, 2)];
    for (packed, expected) in [
        (b"PK\x03\x04       ".to_vec(), "not a gzip member (ID1, ID2), at byte 0"),
        (hello(|p| p[2] = 7), "unknown compression method (CM is not 8, deflate), at byte 0"),
        (hello(|p| p[3] = 0x20), "reserved bits of FLG are set, at byte 0"),
        (hello(|p| p[3] = 2), "CRC16 of the header does not match, at byte 10"),
        (hello(|p| p[27 - 4] ^= 1), "CRC32 does not match: 7a9be262 stored, 7a9be263 computed, at byte 23"),
        (hello(|p| p[28] = 1), "ISIZE does not match: 277 stored, 21 decoded, at byte 23"),
        (hello(|p| p.extend(b"\0\0x")), "garbage after the last member, at byte 33"),
        (hello(|p| p.extend(b"\x1f\x8c       \0\0")), "not a gzip member (ID1, ID2), at byte 31"),
        (hello(|p| p.push(0x1f)), "unexpected end of the input, at byte 32"),
        (HELLO[..15].to_vec(), "unexpected end of the input, at byte 15"),
        (member("1 11"), "reserved block type (BTYPE 11), at byte 11"),
        (member("1 00 00000 1"), "stored block: NLEN is not the complement of LEN, at byte 15"),
        // Fixed codes: 286, 287 and the distances 30, 31 never occur.
        (member("1 10 11000110"), "invalid literal/length code, at byte 11"),
        (member("1 10 00110000 0000001 11110"), "invalid distance code, at byte 13"),
        (member("1 10 00110000 0000001 00001"), "distance is further back than the output begins, at byte 13"),
        // Dynamic codes.
        (member(&format!("1 01 {} {} {}", low(30, 5), low(0, 5), low(0, 4))), "too many literal/length or distance codes (HLIT, HDIST), at byte 13"),
        (member(&format!("1 01 {} {} {}", low(0, 5), low(30, 5), low(0, 4))), "too many literal/length or distance codes (HLIT, HDIST), at byte 13"),
        (member(&dynamic(257, 1, &[(0, 1), (1, 1), (2, 1)])), "code length code is over-subscribed, at byte 20"),
        (member(&dynamic(257, 1, &[(0, 1), (1, 2)])), "code length code is incomplete, at byte 20"),
        (member(&(dynamic(257, 1, &[(0, 1)]) + "1")), "invalid code length, at byte 20"),
        (member(&(dynamic(257, 1, &[(0, 1), (16, 1)]) + "1")), "repeat of a code length without a previous one, at byte 20"),
        (member(&(dynamic(257, 1, &code) + &all + &all)), "repeat of a code length beyond the last code, at byte 22"),
        (member(&(dynamic(257, 1, &code) + &all + &zeros(118) + "0 10")), "no code for the end of block, at byte 22"),
        (member(&(dynamic(257, 1, &code) + "10 10" + &all + &zeros(116) + "10 0")), "literal/length code is over-subscribed, at byte 23"),
        (member(&(dynamic(257, 3, &code) + "10" + &all + &zeros(117) + "10 10 10 10")), "distance code is over-subscribed, at byte 23"),
        (member(&(dynamic(257, 1, &code2) + "10" + &all + &zeros(117) + "10 00")), "literal/length code is incomplete, at byte 23"),
        (member(&(dynamic(257, 2, &code2) + "01" + &all + &zeros(117) + "01 10 10")), "distance code is incomplete, at byte 23"),
        // Symbols a and b of one bit each are complete; one alone is not, but allowed.
        (member(&(dynamic(257, 1, &code) + &all + &zeros(118) + "10 0" + "1")), "invalid literal/length code, at byte 22"),
    ] {
        check_error(unpack(&packed), &format!("gzip: {expected} of the compressed input"));
    }
}

#[test]
fn damage_is_found() {
    let text = b"Nothing is lost, nothing is created, everything is transformed; ".repeat(3);
    // All the optional fields of a header: FEXTRA, FNAME, FCOMMENT, FHCRC.
    let mut full = [&HELLO[..3], &[2 | 4 | 8 | 16], &HELLO[4..10], b"\x03\0abcname\0comment\0"].concat();
    full.extend((crc32_of(&full) as u16).to_le_bytes());
    full.extend(&HELLO[10..]);
    assert_eq!(tool(&["gzip", "-dc"], &full), b"hello, hello, hello!\n");
    for packed in [HELLO.to_vec(), tool(&["gzip", "-n"], &text), full] {
        let plain = unpack(&packed).unwrap();
        truncate_everywhere(&packed, unpack);
        flip_everywhere(&packed, &plain, unpack);
    }
    let noise = samples().swap_remove(7)[..300].to_vec(); // stored
    let packed = tool(&["gzip"], &noise);
    truncate_everywhere(&packed, unpack);
    flip_everywhere(&packed, &noise, unpack);
}

/// A code of one symbol of one bit (RFC 1951, 3.2.7), here the end of block: the empty member.
#[test]
fn single_code() {
    let zeros = |n: u32| format!("11 {}", low(n - 11, 7));
    let block = dynamic(257, 1, &[(0, 1), (1, 2), (18, 2)]) + &zeros(138) + &zeros(118) + "10 0" + "0";
    let mut packed = member(&block);
    packed.truncate(packed.len() - 40 + 8);
    assert_eq!(unpack(&packed), Ok(vec![]));
}
