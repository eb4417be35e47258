//! Everything that can be seen of a tree, as lines to compare.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// One line for each node below the directory: name, kind, mode, time to the nanosecond, content,
/// and for a file with several names the first of them.
pub fn tree(top: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    collect(top, &mut paths);
    paths.sort_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
    let mut first: HashMap<(u64, u64), String> = HashMap::new();
    let mut lines = Vec::new();
    for path in paths {
        let name = format!("{:?}", path.strip_prefix(top).unwrap());
        let stat = path.symlink_metadata().unwrap();
        let content = if stat.is_dir() {
            "directory".into()
        } else if stat.is_symlink() {
            format!("link to {:?}", std::fs::read_link(&path).unwrap())
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let same = first.entry((stat.dev(), stat.ino())).or_insert_with(|| name.clone());
            format!("file of {} bytes, sum {:x}, as {same}", bytes.len(), sum(&bytes))
        };
        // The time of a link's own is not kept by every archive and file system; its mode has no meaning.
        let mode = if stat.is_symlink() { 0 } else { stat.mode() & 0o7777 };
        lines.push(format!("{name} {mode:04o} {}.{:09} {content}", stat.mtime(), stat.mtime_nsec()));
    }
    lines
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() {
            collect(&path, paths);
        }
        paths.push(path);
    }
}

/// FNV-1a: enough to tell files apart that are not made to be alike.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Says which lines differ.
#[track_caller]
pub fn same_tree(what: &str, got: &[String], want: &[String]) {
    if got == want {
        return;
    }
    let only =
        |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).take(10).cloned().collect::<Vec<_>>();
    panic!("{what}:\nonly in what is: {:#?}\nonly in what should be: {:#?}", only(got, want), only(want, got));
}
