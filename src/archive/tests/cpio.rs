//! cpio: what is written is what cpio(1) reads, and the other way round; and every way to fail.

use super::*;
use crate::archive::cpio::{Content, Writer, is_archive, unpack};
use std::format;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::string::{String, ToString};

/// A new folder.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("rawstrap-cpio-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir(&dir).unwrap();
    dir
}

/// An archive with one of each kind; `large` is a file of 200,001 bytes.
fn sample(large: &str) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let mut add = |name: &str, mode, content| writer.member(name.as_bytes(), mode, &content).unwrap();
    add("d", 0o040755, Content::Empty((0, 0)));
    add("d/console", 0o020600, Content::Empty((5, 1)));
    add("d/large", 0o100755, Content::File(large.as_bytes()));
    for size in 0..5 {
        add(&"name"[..size.max(1)], 0o100644, Content::Bytes(&b"data"[..size]));
    }
    add("x", 0o120777, Content::Bytes(b"d/large"));
    writer.finish().unwrap()
}

#[test]
fn what_is_written_is_read_by_cpio_and_by_us() {
    let dir = folder("write");
    let large: Vec<u8> = (0..200_001u64).map(|i| (i * i >> 7) as u8).collect();
    std::fs::write(dir.join("large"), &large).unwrap();
    let archive = sample(dir.join("large").to_str().unwrap());
    assert_eq!(archive.len() % 512, 0);
    assert!(archive == sample(dir.join("large").to_str().unwrap()));

    let into = dir.join("ours");
    unpack(Drip(&archive), into.to_str().unwrap()).unwrap();
    assert!(std::fs::read(into.join("d/large")).unwrap() == large);
    assert_eq!(std::fs::metadata(into.join("x")).unwrap().permissions().mode() & 0o777, 0o755);
    for (name, data) in [("n", "d"), ("na", "da"), ("nam", "dat"), ("name", "data")] {
        assert_eq!(std::fs::read_to_string(into.join(name)).unwrap(), data);
    }
    assert!(!into.join("d/console").exists());

    if std::path::Path::new("/usr/bin/cpio").exists() {
        let listing = String::from_utf8(tool(&["cpio", "-itv", "--quiet", "--numeric-uid-gid"], &archive)).unwrap();
        let words = |line: &str| line.split_whitespace().map(str::to_string).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = listing.lines().map(words).collect();
        assert_eq!(lines[0], "drwxr-xr-x 1 0 0 0 Jan 1 1970 d");
        assert_eq!(lines[1], "crw------- 1 0 0 5, 1 Jan 1 1970 d/console");
        assert_eq!(lines[2], "-rwxr-xr-x 1 0 0 200001 Jan 1 1970 d/large");
        assert_eq!(lines[8], "lrwxrwxrwx 1 0 0 7 Jan 1 1970 x -> d/large");
        assert!(tool(&["cpio", "-i", "--quiet", "--to-stdout", "d/large"], &archive) == large);
    } else {
        std::eprintln!("SKIP: there is no cpio on this machine");
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_cpio_writes_is_read() {
    if !std::path::Path::new("/usr/bin/cpio").exists() {
        return std::eprintln!("SKIP: there is no cpio on this machine");
    }
    let dir = folder("read");
    std::fs::create_dir_all(dir.join("in/a/b")).unwrap();
    std::fs::write(dir.join("in/a/b/file"), "text").unwrap();
    symlink("b/file", dir.join("in/a/link")).unwrap();
    let script = format!("cd {}/in && find . | LC_ALL=C sort | cpio -o -H newc --quiet", dir.display());
    let archive = tool(&["sh", "-c", &script], b"");
    std::fs::write(dir.join("archive"), &archive).unwrap();
    assert!(is_archive(dir.join("archive").to_str().unwrap()).unwrap());
    assert!(!is_archive(dir.join("in/a/b/file").to_str().unwrap()).unwrap());
    std::fs::create_dir(dir.join("out")).unwrap();
    unpack(&archive[..], dir.join("out").to_str().unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(dir.join("out/a/link")).unwrap(), "text");
    std::fs::hard_link(dir.join("in/a/b/file"), dir.join("in/other")).unwrap();
    let archive = tool(&["sh", "-c", &script], b"");
    std::fs::create_dir(dir.join("out2")).unwrap();
    let error = unpack(&archive[..], dir.join("out2").to_str().unwrap()).unwrap_err();
    assert_eq!(error.message, "cpio: 'a/b/file' is a hard link");
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_is_wrong_is_named() {
    let one = |name: &str| {
        let mut writer = Writer::new(Vec::new());
        writer.member(name.as_bytes(), 0o100644, &Content::Bytes(b"1234")).unwrap();
        writer.finish().unwrap()
    };
    let dir = folder("wrong");
    let mut digit = one("f");
    digit[20] = b'g';
    let mut magic = one("f");
    magic[5] = b'2';
    for (archive, message) in [
        (Vec::new(), "cpio: the archive ends too early, at byte 0"),
        (one("f")[..115].to_vec(), "cpio: the archive ends too early, at byte 115"),
        (one("f")[..116].to_vec(), "cpio: the archive ends too early, at byte 116"),
        (digit, "cpio: no header at byte 0"),
        (magic, "cpio: no header at byte 0"),
        (one("/f"), "cpio: wrong name '/f' at byte 0"),
        (one("a/../f"), "cpio: wrong name 'a/../f' at byte 0"),
    ] {
        assert_eq!(unpack(&archive[..], dir.to_str().unwrap()).unwrap_err().message, message);
    }
    let mut writer = Writer::new(Vec::new());
    assert!(writer.member(b"f", 0o100644, &Content::File(b"/nowhere/f")).unwrap_err().message.contains("/nowhere/f"));
    std::fs::remove_dir_all(dir).unwrap();
}
