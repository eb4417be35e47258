//! bzip2: no panic, at most 5 MiB, the same in whatever pieces it comes, and as libbz2 has it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::archive::bzip2::Bzip2Reader;
use rawstrap_fuzz::{decode, same};

fuzz_target!(|data: &[u8]| {
    let mut ours = decode(data, 5 << 20, true, |source, to, piece| to.read(&mut Bzip2Reader::new(source), piece));
    // Garbage behind the last stream is ignored, as bzip2(1) does; the crate does not know that.
    let excused = ["randomised block", "code lengths are over-subscribed", "bz2 header missing"];
    same(&mut ours, bzip2::read::MultiBzDecoder::new(data), &excused);
});
