//! xz: no panic, at most 512 KiB and what of the dictionary is filled, the same in whatever pieces
//! it comes, and as liblzma has it. Headers get the right CRCs, so that what follows is looked at.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::archive::xz::XzReader;
use rawstrap_fuzz::{decode, same};

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> [u8; 4] {
    let step = |crc: u32, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
    let crc = bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ *byte as u32, step));
    (!crc).to_le_bytes()
}

fuzz_target!(|data: &[u8]| {
    let mut data = data.to_vec();
    if data.len() > 13 {
        data[..6].copy_from_slice(b"\xfd7zXZ\0");
        let crc = crc32(&data[6..8]);
        data[8..12].copy_from_slice(&crc);
        let end = 12 + data[12] as usize * 4;
        if data[12] != 0 && data.len() >= end + 4 {
            let crc = crc32(&data[12..end]);
            data[end..end + 4].copy_from_slice(&crc);
        }
    }
    let mut ours = decode(&data, 512 << 10, false, |source, to, piece| to.read(&mut XzReader::new(source), piece));
    let excused = [
        "Check is of an unknown type",
        "BCJ filter for another machine than x86",
        "Dictionary Size is more than the 1536 MiB that are read",
    ];
    let stream = liblzma::stream::Stream::new_stream_decoder(u64::MAX, liblzma::stream::CONCATENATED);
    same(&mut ours, liblzma::read::XzDecoder::new_stream(&*data, stream.unwrap()), &excused);
});
