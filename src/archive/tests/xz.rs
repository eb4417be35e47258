//! xz, LZMA2 and the filters.

use super::*;
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
