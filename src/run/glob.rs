//! Patterns against the file system.

use crate::error::{Result, Status};
use crate::fail;
use crate::file;
use crate::list::word::Word;
use crate::sys::{Errno, fs};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// All that a word stands for: itself without a pattern, else the files that match, in byte
/// order, as relative or absolute as the word; relative to `cwd`.
pub fn expand(word: &Word, cwd: &[u8]) -> Result<Vec<Vec<u8>>> {
    if !word.has_pattern() {
        return Ok(vec![word.fill(b"")]);
    }
    let mut found: Vec<Vec<u8>> = vec![Vec::new()];
    for (index, component) in word.components().enumerate() {
        let mut next = Vec::new();
        for base in &found {
            match component.plain() {
                // the empty first component of an absolute path
                Some(b"") if index == 0 => next.push(b"/".to_vec()),
                Some(name) => {
                    let path = extend(base, name);
                    if fs::lstat(&file_at(cwd, &path)).is_ok() {
                        next.push(path);
                    }
                }
                None => {
                    let at = if base.is_empty() { cwd.to_vec() } else { file_at(cwd, base) };
                    match fs::open_dir(fs::CWD, &at).and_then(|dir| fs::read_dir(&dir)) {
                        Ok(entries) => next.extend(
                            entries.iter().filter(|e| component.matches(&e.name)).map(|e| extend(base, &e.name)),
                        ),
                        Err(Errno(libc::ENOTDIR | libc::ENOENT)) => {}
                        Err(errno) => fail!(Status::Step, "cannot list {}: {errno}", file::show(&at)),
                    }
                }
            }
        }
        found = next;
    }
    if found.is_empty() {
        fail!(Status::Step, "no file matches {}", String::from_utf8_lossy(&word.fill(b"")));
    }
    crate::sort::sort(&mut found, |a, b| a < b);
    Ok(found)
}

/// All that the words stand for, one after the other.
pub fn expand_all(words: &[Word], cwd: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for word in words {
        all.append(&mut expand(word, cwd)?);
    }
    Ok(all)
}

fn extend(base: &[u8], name: &[u8]) -> Vec<u8> {
    if base.is_empty() { name.to_vec() } else { file::join(base, name) }
}

/// The path as seen from the driver, whose own directory is the root.
pub fn file_at(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') { path.to_vec() } else { file::join(cwd, path) }
}
