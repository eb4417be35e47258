//! gzip: no panic, at most 256 KiB, the same in whatever pieces it comes, and as zlib has it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::archive::gzip::GzipReader;
use rawstrap_fuzz::{decode, same};

fuzz_target!(|data: &[u8]| {
    let mut ours = decode(data, 256 << 10, true, |source, to, piece| to.read(&mut GzipReader::new(source), piece));
    // After the last member there may be zeros, for gzip(1), which flate2 does not know.
    if data.last() != Some(&0) {
        let excused = ["reserved bits of FLG are set"];
        same(&mut ours, flate2::read::MultiGzDecoder::new(data), &excused);
    }
});
