//! bzip2.

use super::*;
use crate::archive::bzip2::{Bzip2Reader, END};

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    read_all(Bzip2Reader::new(packed))
}

#[test]
fn what_bzip2_writes() {
    for plain in samples() {
        for level in ["-1", "-9"] {
            let packed = tool(&["bzip2", level], &plain);
            assert!(unpack(&packed).unwrap() == plain);
        }
    }
    let plain = samples().swap_remove(6);
    assert!(read_all(Bzip2Reader::new(Drip(&tool(&["bzip2", "-1"], &plain)))).unwrap() == plain);
    // Runs around the four bytes that a count follows, and around the most that it counts.
    let runs: Vec<u8> = (0..600usize).flat_map(|n| std::iter::repeat_n(n as u8, n)).collect();
    assert!(unpack(&tool(&["bzip2", "-1"], &runs)).unwrap() == runs);
}

#[test]
fn streams_of_all_sizes_and_garbage() {
    let (mut packed, mut plain) = (Vec::new(), Vec::new());
    for (i, sample) in samples().into_iter().enumerate() {
        packed.extend(tool(&["bzip2", ["-9", "-1", "-5"][i % 3]], &sample));
        plain.extend(sample);
    }
    assert!(unpack(&packed).unwrap() == plain);
    for garbage in [&b"garbage"[..], b"\0", b"BZh0    ", b"BZx", b"Bx"] {
        assert!(unpack(&[&packed, garbage].concat()).unwrap() == plain);
    }
    for part in [&b"B"[..], b"BZ", b"BZh", b"BZh9"] {
        let error = unpack(&[&packed, part].concat()).unwrap_err();
        let at = packed.len() + part.len();
        assert_eq!(error.message, format!("bzip2: unexpected end of the input, at byte {at} of the compressed input"));
    }
}

/// A stream of level 1 from bits, first bit first; blanks are for the reader.
fn stream(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
    let mut packed = b"BZh1".to_vec();
    packed.extend(bits.chunks(8).map(|byte| (0..8).fold(0, |n, i| n << 1 | byte.get(i).unwrap_or(&0))));
    packed
}

/// A block up to its code tables: those bytes in use (of the first 16), that many tables.
fn block(crc: u32, orig_ptr: u32, in_use: u16, tables: u32) -> String {
    format!("{:048b} {crc:032b} 0 {orig_ptr:024b} 1000000000000000 {in_use:016b} {tables:03b}", 0x3141_5926_5359u64)
}

/// One selector for the first table, and two tables: RUNA is 0, RUNB is 10, end of block is 11.
const CODES: &str = "000000000000001 0  00001 0 100 0  00001 0 100 0";

fn end(crc: u32) -> String {
    format!("{:048b} {crc:032b}", 0x1772_4538_5090u64)
}

#[test]
fn every_way_to_fail() {
    let one = |orig_ptr, symbols| stream(&(block(0, orig_ptr, 0x4000, 2) + CODES + symbols));
    let with = |selectors: &str| stream(&(block(0, 0, 0x4000, 2) + selectors));
    for (packed, expected) in [
        (b"BZh0".to_vec(), "not a bzip2 stream (BZh1 to BZh9), at byte 0"),
        (stream(&"01".repeat(60)), "neither a block nor the end of the stream, at byte 10"),
        (stream(&end(1)), "CRC of the stream does not match: 00000001 stored, 00000000 computed, at byte 14"),
        // One byte 1: RUNA, end of block.
        (one(0, "0 11"), "CRC of a block does not match: 00000000 stored, b5365dfc computed, at byte 27"),
        (one(1, "0 11"), "origPtr lies beyond the end of the block, at byte 27"),
        (one(0, "11"), "origPtr lies beyond the end of the block, at byte 27"),
        (one(1 << 23, "0 11"), "origPtr lies beyond the end of the block, at byte 27"),
        // A run of 17 digits is longer than 100,000 bytes.
        (one(0, &"10".repeat(20)), "block is longer than the header allows, at byte 30"),
        (
            stream(&block(0, 0, 0, 2).replacen(" 0 ", " 1 ", 1)),
            "randomised block, as bzip2 wrote until 1999: not read here, at byte 15",
        ),
        (stream(&block(0, 0, 0, 2)), "no byte is in use, at byte 22"),
        (stream(&block(0, 0, 1, 1)), "number of code tables is not 2 to 6, at byte 22"),
        (stream(&block(0, 0, 1, 7)), "number of code tables is not 2 to 6, at byte 22"),
        (with("000000000000000"), "no selectors, at byte 24"),
        (with("000000000000001 110"), "selector beyond the number of code tables, at byte 24"),
        (with("000000000000001 0 00000"), "code length is not 1 to 20, at byte 25"),
        (with("000000000000001 0 10100 10"), "code length is not 1 to 20, at byte 25"),
        (with("000000000000001 0 00001 11"), "code length is not 1 to 20, at byte 25"),
        (with("000000000000001 0 00001 0 0 0"), "code lengths are over-subscribed, at byte 25"),
        // RUNA 0, RUNB 100, end of block 101: nothing begins with 11.
        (with("000000000000001 0 00001 0 10100 0 00001 0 10100 0 11"), "invalid code, at byte 27"),
        // Two bytes in use, four codes of two bits: one group, all of it the list's second byte.
        (
            stream(&(block(0, 0, 0x6000, 2) + "000000000000001 0" + &"00010 0000".repeat(2) + &"10".repeat(50))),
            "no end of block before the selectors end, at byte 39",
        ),
        // The same, with 2000 groups: 100,001 bytes.
        (
            stream(
                &(block(0, 0, 0x6000, 2) + "000011111010001" + &"0".repeat(2001) + &"00010 0000".repeat(2)
                    + &"10".repeat(100_001)),
            ),
            "block is longer than the header allows, at byte 25276",
        ),
    ] {
        let padded = [packed, vec![0; 50]].concat();
        check_error(unpack(&padded), &format!("bzip2: {expected} of the compressed input"));
    }
    check_error(unpack(b"BZ"), "bzip2: unexpected end of the input, at byte 2 of the compressed input");
}

#[test]
fn damage_is_found() {
    for plain in [&b"hello, hello, hello!\n"[..], b"", &b"Nothing is lost, everything is transformed; ".repeat(2)] {
        let packed = tool(&["bzip2", "-1"], plain);
        truncate_everywhere(&packed, unpack);
        flip_everywhere(&packed, plain, unpack);
    }
}

/// What several tell, each of its blocks, fits together, and all agree about every block.
#[test]
fn shares_fit_together() {
    let plain = samples().concat();
    let packed = [tool(&["bzip2", "-1"], &plain), tool(&["bzip2"], b""), tool(&["bzip2", "-9"], &plain)].concat();
    for of in 2..=4 {
        let told: Vec<Vec<u8>> = (0..of)
            .map(|which| {
                let mut told = Vec::new();
                Bzip2Reader::new(&packed[..]).share(which, of, &mut told).unwrap();
                told
            })
            .collect();
        let mut told: Vec<&[u8]> = told.iter().map(|told| &told[..]).collect();
        let (mut bytes, mut blocks) = (Vec::new(), 0);
        loop {
            let marks: Vec<&[u8]> = told.iter_mut().map(|told| told.split_off(..16).unwrap()).collect();
            assert!(marks.iter().all(|mark| *mark == marks[0]), "{of}, block {blocks}: {marks:?}");
            if marks[0] == END {
                break;
            }
            let from = &mut told[blocks % of];
            loop {
                let length = from.split_off(..4).unwrap();
                match u32::from_le_bytes(length.try_into().unwrap()) as usize {
                    0 => break,
                    length => bytes.extend_from_slice(from.split_off(..length).unwrap()),
                }
            }
            blocks += 1;
        }
        assert!(told.iter().all(|rest| rest.is_empty()) && blocks > 5, "{of}: {blocks} blocks");
        assert!(bytes == [&plain[..], &plain].concat(), "{of}");
    }
}
