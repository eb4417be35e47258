//! The messages about several sources, and what the other tests need.

use super::*;
use crate::hash::{hex, sha256::Sha256};
use crate::list::plan::{Place, Pos};

/// Options with nothing but the directory.
pub fn options(downloads: &str) -> Options<'_> {
    Options { downloads, mirrors: &[], deb_mirror: None, offline: false, env: &[] }
}

/// A source with the hash of these bytes.
pub fn source(file: &str, bytes: &[u8], places: &[&str]) -> Source {
    let mut sum = Sha256::new();
    sum.update(bytes);
    let place = |text: &&str| match text.strip_prefix("deb:") {
        Some(path) => Place::Deb(path.into()),
        None => Place::Url(text.to_string()),
    };
    Source { pos: Pos::default(), file: file.into(), sha256: sum.finish(), places: places.iter().map(place).collect() }
}

/// A new directory.
pub fn scratch(name: &str) -> String {
    let dir = format!("{}/rawstrap-fetch-{name}-{}", std::env::temp_dir().display(), std::process::id());
    file::remove(&dir).unwrap();
    file::make_dirs(&dir).unwrap();
    dir
}

/// The hash of bytes, as messages have it.
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(&source("", bytes, &[]).sha256)
}

#[test]
fn all_that_is_missing_or_wrong_is_in_one_message() {
    let dir = scratch("verify");
    for (name, bytes) in [("right", "right"), ("wrong", "other")] {
        file::replace(&format!("{dir}/{name}"), bytes.as_bytes(), 0o644).unwrap();
    }
    let [right, wrong, missing] = ["right", "wrong", "missing"].map(|name| source(name, name.as_bytes(), &[]));
    assert_eq!(verify(&[&right, &right], &dir), Ok(Report { present: 1, fetched: 0, bytes: 0 }));
    let error = verify(&[&right, &wrong, &missing, &missing], &dir).unwrap_err();
    assert_eq!(error.status, Status::Source);
    assert_eq!(
        error.message,
        format!(
            "2 of 3 sources are not in {dir}:
  wrong, sha256 {w}:
    expected sha256 {w}, but the file there has {o}; remove it, and the next run fetches it anew
  missing, sha256 {m}:
    it is not there
run 'rawstrap fetch' without --offline, or put files with these hashes there under these names, \
or name a directory that has them with --mirror DIR",
            w = hash(b"wrong"),
            o = hash(b"other"),
            m = hash(b"missing")
        )
    );
    assert_eq!(file::read(&format!("{dir}/wrong")).unwrap(), b"other");
    file::remove(&dir).unwrap();
}
