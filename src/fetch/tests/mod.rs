//! What the tests need.

use super::*;
use crate::hash::{hex, sha256::Sha256};
use crate::list::plan::{Place, Pos};

/// Options with nothing but the directory.
pub fn options(downloads: &str) -> Options<'_> {
    Options { downloads, mirrors: &[], deb_mirror: None, offline: false, env: &[] }
}

/// A source with the hash of these bytes.
pub fn source(file: &'static str, bytes: &[u8], places: &[&str]) -> Source {
    let mut sum = Sha256::new();
    sum.update(bytes);
    let place = |text: &&str| match text.strip_prefix("deb:") {
        Some(path) => Place::Deb(path.to_string().leak()),
        None => Place::Url(text.to_string().leak()),
    };
    Source { pos: Pos::default(), file, sha256: sum.finish(), places: places.iter().map(place).collect::<Vec<_>>().leak() }
}

/// A new directory.
pub fn scratch(name: &str) -> String {
    let dir = format!("{}/rawstrap-fetch-{name}-{}", std::env::temp_dir().display(), std::process::id());
    file::remove(&dir).unwrap();
    file::make_dirs(&dir).unwrap();
    dir
}

/// The hash of bytes, as messages have it.
pub fn hash(bytes: &[u8]) -> &'static str {
    hex::encode(&source("", bytes, &[]).sha256)
}
