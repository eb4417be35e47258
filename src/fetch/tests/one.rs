//! One source from files, in one process. The network's part is tested from outside.

use super::*;
use crate::fetch::tests::{hash, options, scratch, source};
use crate::file::{self, replace};
use crate::text;

/// What becomes of the source `f` with the bytes "right".
fn try_one(dir: &str, places: &[&str], mirrors: &[&str], change: impl Fn(&mut Options)) -> Result<Done> {
    let mut options = Options { mirrors, ..options(dir) };
    change(&mut options);
    let setup = Setup { options: &options, debian: Debian { mirrors: vec![text!("file:@/deb", dir)], proxy: None }, tool: None };
    fetch(&source("f", b"right", places), &setup, &mut |_| ())
}

#[test]
fn places_are_tried_until_one_is_right() {
    let dir = scratch("one");
    let write = |path: &str, bytes: &[u8]| {
        let path = format!("{dir}/{path}");
        file::make_dirs(file::parent(path.as_bytes())).unwrap();
        replace(&path, bytes, 0o644).unwrap();
    };
    let reason = |result: Result<Done>| result.unwrap_err().message;
    let (m, n) = (format!("{dir}/m"), format!("{dir}/n"));

    assert_eq!(reason(try_one(&dir, &[], &[], |_| ())), "no place: the list names none");
    assert_eq!(reason(try_one(&dir, &["http://example.org/f"], &[], |o| o.offline = true)), "it is not there");
    assert_eq!(
        reason(try_one(&dir, &["http://example.org/f", "deb:f/f_1"], &[&m], |_| ())),
        format!(
            "{m}/f: no such file or directory (ENOENT)
{m}/pool/main/f/f/f_1: no such file or directory (ENOENT)
{m}/f_1: no such file or directory (ENOENT)
http://example.org/f: neither curl nor wget is in the PATH; install one (Debian: apt install curl)
{dir}/deb/pool/main/f/f/f_1: no such file or directory (ENOENT)"
        )
    );
    write("m/f", b"<!DOCTYPE html>");
    write("n/f/x", b"");
    assert_eq!(
        reason(try_one(&dir, &[], &[&m, &n], |_| ())),
        format!(
            "{m}/f: expected sha256 {}, got {} (15 bytes, a web page)\n{n}/f: not a regular file",
            hash(b"right"),
            hash(b"<!DOCTYPE html>")
        )
    );
    assert!(fs::stat(&format!("{dir}/f")).is_err());
    assert!(fs::stat(&format!("{dir}/.f.part")).is_err());

    write("deb/pool/main/f/f/f_1", b"right");
    assert_eq!(try_one(&dir, &["deb:f/f_1"], &[&m, &n], |o| o.offline = true), Ok(Done::Fetched(5)));
    assert_eq!(file::read(&format!("{dir}/f")).unwrap(), b"right");
    assert!(fs::stat(&format!("{dir}/.f.part")).is_err());
    assert_eq!(try_one(&dir, &[], &[], |_| ()), Ok(Done::Present));

    // A part that is all of it needs no place at all.
    file::remove(&format!("{dir}/f")).unwrap();
    write(".f.part", b"right");
    assert_eq!(try_one(&dir, &["http://example.org/f"], &[], |_| ()), Ok(Done::Fetched(0)));
    file::remove(&dir).unwrap();
}

#[test]
fn what_stands_in_its_place_is_left_alone() {
    let dir = scratch("present");
    let path = format!("{dir}/f");
    let reason = || try_one(&dir, &[], &[], |_| ()).unwrap_err();
    file::make_dirs(&path).unwrap();
    assert_eq!(reason().message, "what is there is not a regular file; move it away");
    file::remove(&path).unwrap();
    fs::symlinkat("/etc/passwd", fs::CWD, &path).unwrap();
    assert_eq!(reason().message, "it is a symbolic link that leads nowhere in the room; put the file itself there");
    file::remove(&path).unwrap();
    fs::symlinkat("g", fs::CWD, &path).unwrap();
    assert_eq!(reason().message, format!("cannot follow the link {path}: no such file or directory (ENOENT)"));
    replace(&format!("{dir}/g"), b"right", 0o644).unwrap();
    assert_eq!(try_one(&dir, &[], &[], |_| ()), Ok(Done::Present));
    replace(&format!("{dir}/g"), b"wrong", 0o644).unwrap();
    assert_eq!(
        reason().message,
        format!(
            "expected sha256 {}, but the file there has {}; remove it, and the next run fetches it anew",
            hash(b"right"),
            hash(b"wrong")
        )
    );
    assert_eq!(reason().status, Status::Source);
    file::remove(&dir).unwrap();
}
