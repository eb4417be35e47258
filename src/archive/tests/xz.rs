//! xz, LZMA2 and the filters.

use super::*;
use crate::archive::crc::crc32_of;
use crate::archive::xz::XzReader;

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    read_all(XzReader::new(packed))
}

#[test]
fn what_xz_writes() {
    for plain in samples() {
        for options in [
            &["-0"][..],
            &["-6", "--check=sha256"],
            &["-9e", "--check=none"],
            &["--check=crc32", "--block-size=10000"],
            &["--lzma2=dict=4KiB,lc=0,lp=4,pb=0"],
            &["--lzma2=dict=1MiB,lc=2,lp=2,pb=4,mode=fast,nice=273"],
            &["--delta=dist=4", "--lzma2=preset=1"],
            &["--x86", "--delta=dist=256", "--delta", "--lzma2=preset=1"],
            &["-T2", "--block-size=65536"],
        ] {
            let packed = tool(&[&["xz", "-c"], options].concat(), &plain);
            assert!(unpack(&packed).unwrap() == plain, "{options:?}");
        }
    }
    let plain = samples().swap_remove(8);
    assert!(read_all(XzReader::new(Drip(&tool(&["xz", "-c", "--x86", "--lzma2"], &plain)))).unwrap() == plain);
}

/// Bytes that look like jumps, close to each other, with operands of all kinds.
#[test]
fn jumps() {
    for alphabet in [&[0xe8, 0xe9, 0, 0xff, 1][..], &[0xe8, 0, 0xff, 0xfe, 0, 0, 0x7f, 3]] {
        let noise = samples().swap_remove(7);
        let plain: Vec<u8> = noise.iter().map(|b| alphabet[*b as usize % alphabet.len()]).collect();
        for filter in ["--x86", "--x86=start=4294967000"] {
            assert!(unpack(&tool(&["xz", "-c", filter, "--lzma2=preset=0"], &plain)).unwrap() == plain);
        }
    }
}

#[test]
fn streams_and_padding() {
    let (mut packed, mut plain) = (Vec::new(), Vec::new());
    for (i, sample) in samples().into_iter().enumerate() {
        packed.extend(tool(&["xz", "-c", ["--check=crc64", "--check=none", "--check=sha256"][i % 3]], &sample));
        packed.extend(vec![0; i * 4]);
        plain.extend(sample);
    }
    assert!(unpack(&packed).unwrap() == plain);
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    crc32_of(bytes).to_le_bytes()
}

fn stream_header(flags: [u8; 2]) -> Vec<u8> {
    [b"\xfd7zXZ\0", &flags[..], &crc(&flags)].concat()
}

/// A block header with these fields behind the size.
fn block_header(fields: &[u8]) -> Vec<u8> {
    let mut header = [&[0], fields].concat();
    header.resize(header.len().next_multiple_of(4), 0);
    header[0] = (header.len() / 4) as u8;
    let crc = crc(&header);
    [header, crc.to_vec()].concat()
}

/// A block of one LZMA2 filter with 4 KiB of dictionary, with these data, padding, and no check.
fn block(lzma2: &[u8]) -> Vec<u8> {
    let mut block = [&block_header(&[0, 0x21, 1, 0])[..], lzma2].concat();
    block.resize(block.len().next_multiple_of(4), 0);
    block
}

/// An index of these bytes, and the footer.
fn index(records: &[u8], flags: [u8; 2]) -> Vec<u8> {
    let mut index = [&[0], records].concat();
    index.resize(index.len().next_multiple_of(4), 0);
    let crc_of_index = crc(&index);
    index.extend(crc_of_index);
    let fields = [&(index.len() as u32 / 4 - 1).to_le_bytes()[..], &flags].concat();
    [&index[..], &crc(&fields), &fields, b"YZ"].concat()
}

const NONE: [u8; 2] = [0, 0];
/// "abc" as it is, as LZMA2, and the end.
const ABC: &[u8] = b"\x01\0\x02abc\0";

#[test]
fn every_way_to_fail() {
    let whole = |parts: &[&[u8]]| [&[&stream_header(NONE)[..]], parts].concat().concat();
    let good = whole(&[&block(ABC), &index(&[1, 19, 3], NONE)]);
    assert_eq!(unpack(&good), Ok(b"abc".to_vec()));
    let header = |fields: &[u8]| whole(&[&block_header(fields), ABC, &[0], &index(&[1, 19, 3], NONE)]);
    let data = |lzma2: &[u8]| whole(&[&block(lzma2), &[0; 40]]);
    let changed = |at: usize, byte: u8| {
        let mut bad = good.clone();
        bad[at] = byte;
        bad
    };
    for (packed, expected) in [
        (b"\xfd7zXZ\x01      ".to_vec(), "not an xz stream (magic bytes), at byte 0"),
        (changed(8, 1), "CRC32 of the Stream Header does not match, at byte 12"),
        ([stream_header([1, 0]), vec![0; 8]].concat(), "reserved bits of the Stream Flags are set, at byte 12"),
        ([stream_header([0, 16]), vec![0; 8]].concat(), "reserved bits of the Stream Flags are set, at byte 12"),
        (
            [stream_header([0, 2]), vec![0; 8]].concat(),
            "Check is of an unknown type; None, CRC32, CRC64 and SHA-256 are read, at byte 12",
        ),
        // Block headers.
        (changed(13, 1), "CRC32 of a Block Header does not match, at byte 12"),
        (header(&[4, 0x21, 1, 0]), "reserved bits of the Block Flags are set, at byte 12"),
        (header(&[0x40, 4, 0x21, 1, 0]), "Compressed Size does not match, at byte 31"),
        (header(&[0x80, 4, 0x21, 1, 0]), "Uncompressed Size does not match, at byte 31"),
        (header(&[0x80, 2, 0x21, 1, 0]), "Block is longer than its Uncompressed Size, at byte 24"),
        (header(&[1, 0x21, 1, 0, 0x21, 1, 0]), "LZMA2 is not the last filter, at byte 12"),
        (header(&[0, 3, 1, 0]), "last filter is not LZMA2, at byte 12"),
        (header(&[1, 3, 0, 0x21, 1, 0]), "Filter Properties are not valid, at byte 12"),
        (header(&[1, 4, 1, 0, 0x21, 1, 0]), "Filter Properties are not valid, at byte 12"),
        (header(&[1, 7, 0, 0x21, 1, 0]), "BCJ filter for another machine than x86, which is not read here, at byte 12"),
        (header(&[1, 0x20, 0, 0x21, 1, 0]), "filter with an unknown ID, at byte 12"),
        (header(&[0, 0x21, 2, 0, 0]), "Filter Properties of LZMA2 are not one byte, at byte 12"),
        (header(&[0, 0x21, 1, 41]), "Dictionary Size is not valid, at byte 12"),
        (header(&[0, 0x21, 1, 38]), "Dictionary Size is more than the 1536 MiB that are read, at byte 12"),
        (header(&[0, 0x21, 9, 0]), "Block Header is too small for its fields, at byte 12"),
        (header(&[3, 3, 1, 0, 3, 1, 0]), "Block Header is too small for its fields, at byte 12"),
        (header(&[0, 0xa1, 0, 1, 0]), "Multibyte Integer is longer than needed, at byte 12"),
        (
            header(&[0x40, 129, 129, 129, 129, 129, 129, 129, 129, 129, 1, 0x21, 1, 0]),
            "Multibyte Integer is longer than nine bytes, at byte 12",
        ),
        (header(&[0, 0x21, 1, 0, 0, 0, 1]), "Header Padding is not zero, at byte 12"),
        // LZMA2.
        (data(&[2]), "LZMA2 chunk without the dictionary reset that has to come first, at byte 25"),
        (data(&[0xc0]), "LZMA2 chunk without the dictionary reset that has to come first, at byte 25"),
        (data(b"\x01\0\0a\x03"), "unknown LZMA2 control byte, at byte 29"),
        (data(b"\x01\0\0a\x80\0\0\0\0\0"), "LZMA2 chunk without the properties that have to come first, at byte 33"),
        (data(b"\xe0\0\0\0\x04\xe1"), "LZMA properties are not valid (lc, lp, pb), at byte 30"),
        (data(b"\xe0\0\0\0\x04\x0d"), "LZMA properties are not valid (lc, lp, pb), at byte 30"),
        (data(b"\xe0\0\0\0\x04\x5d\x01"), "LZMA data does not begin with a byte 0, at byte 30"),
        (data(b"\xe0\0\0\0\0\x5d\0"), "LZMA data does not begin with a byte 0, at byte 30"),
        // The first bit says match or repetition, and there is nothing to repeat.
        (data(b"\xe0\0\x09\0\x08\x5d\0\xff\xff\xff\xfe"), "LZMA data is corrupt, at byte 30"),
        // 1000 literals from the zeros behind the end of five bytes.
        (data(b"\xe0\x03\xe7\0\x04\x5d\0\0\0\0\0"), "LZMA data is corrupt, at byte 30"),
        // One literal, and more bytes than it takes.
        (data(b"\xe0\0\0\0\x06\x5d\0\0\0\0\0\0\0"), "LZMA data is corrupt, at byte 30"),
        // Behind the data.
        (whole(&[&block_header(&[0, 0x21, 1, 0]), ABC, &[1]]), "Block Padding is not zero, at byte 31"),
        (whole(&[&block(ABC), &index(&[2, 19, 3], NONE)]), "Number of Records in the Index is not that of the blocks, at byte 34"),
        (whole(&[&block(ABC), &index(&[1, 20, 3], NONE)]), "sizes in the Index are not those of the blocks, at byte 36"),
        (whole(&[&block(ABC), &index(&[1, 19, 4], NONE)]), "sizes in the Index are not those of the blocks, at byte 36"),
        (whole(&[&index(&[0, 0, 1], NONE)]), "Index Padding is not zero, at byte 16"),
        (whole(&[&index(&[128, 0], NONE)]), "Multibyte Integer is longer than needed, at byte 15"),
        (whole(&[&block(ABC), &[0, 1, 19, 3, 0, 0, 0, 0]]), "CRC32 of the Index does not match, at byte 36"),
        (changed(good.len() - 1, b'X'), "Stream Footer without its magic bytes, at byte 40"),
        (changed(good.len() - 12, 0), "CRC32 of the Stream Footer does not match, at byte 40"),
        (whole(&[&block(ABC), &index(&[1, 19, 3], [0, 1])]), "Stream Flags of header and footer differ, at byte 40"),
        (
            whole(&[&index(&[0], NONE)[..8], &index(&[1, 19, 3, 0, 0, 0, 0], NONE)[12..]]),
            "Backward Size is not the size of the Index, at byte 20",
        ),
        ([&good[..], &[0, 0, 0, 1]].concat(), "Stream Padding is not a multiple of four zero bytes, at byte 56"),
        ([&good[..], b"garbage"].concat(), "garbage after the last stream, at byte 52"),
        ([&good[..], &[0]].concat(), "unexpected end of the input, at byte 53"),
    ] {
        let expected = format!("xz: {expected} of the compressed input");
        check_error(unpack(&packed), &expected);
        check_error(read_all(XzReader::new(Drip(&packed))), &expected);
    }
}

/// Checks that do not fit.
#[test]
fn wrong_checks() {
    for (option, size) in [("--check=crc32", 4), ("--check=crc64", 8), ("--check=sha256", 32)] {
        let packed = tool(&["xz", "-c", option], b"hello, hello, hello!\n");
        let end = packed.len() - 20 - size; // footer and index are 20 bytes long
        for at in [end, end + size - 1] {
            let mut damaged = packed.clone();
            damaged[at] ^= 1;
            check_error(
                unpack(&damaged),
                &format!("xz: Check of a block does not match, at byte {end} of the compressed input"),
            );
        }
    }
}

#[test]
fn damage_is_found() {
    for (options, plain) in [
        (&["--check=crc32"][..], &b"hello, hello, hello!\n"[..]),
        (&["--block-size=32", "-0"], &b"Nothing is lost, nothing is created; ".repeat(2)),
        (&["--delta", "--x86", "--lzma2=preset=0", "--check=sha256"], b"\xe8\0\0\0\0\xe8\0\0\0\0"),
        (&[], b""),
    ] {
        let packed = tool(&[&["xz", "-c"], options].concat(), plain);
        truncate_everywhere(&packed, unpack);
        flip_everywhere(&packed, plain, unpack);
    }
}
