//! Patterns against the file system.

use crate::error::{Result, Status};
use crate::file;
use crate::list::word::Word;
use crate::strings::Strings;
use crate::sys::{Errno, fs};
use crate::fail;
use alloc::vec::Vec;

/// Adds all that a word stands for: itself without a pattern, else the files that match, in byte
/// order, as relative or absolute as the word; relative to `cwd`.
pub fn expand(word: &Word, cwd: &[u8], out: &mut Strings) -> Result<()> {
    if !word.has_pattern() {
        out.push(&[&word.fill(b"")]);
        return Ok(());
    }
    let mut found = Strings::new();
    found.push(&[]);
    for (index, component) in word.components().enumerate() {
        let mut next = Strings::new();
        for base in found.iter() {
            let slash: &[u8] = if base.is_empty() || base.ends_with(b"/") { b"" } else { b"/" };
            match component.plain() {
                // the empty first component of an absolute path
                Some(b"") if index == 0 => next.push(&[b"/"]),
                Some(name) => {
                    if file::is_there(&file_at(cwd, &[base, slash, name].concat()))? {
                        next.push(&[base, slash, name]);
                    }
                }
                None => {
                    let at = file_at(cwd, base);
                    match fs::open_dir(fs::CWD, &at).and_then(|dir| fs::read_dir(&dir)) {
                        Ok(entries) => {
                            for entry in entries.iter().filter(|entry| component.matches(&entry.name)) {
                                next.push(&[base, slash, &entry.name]);
                            }
                        }
                        Err(Errno(libc::ENOTDIR | libc::ENOENT)) => {}
                        Err(errno) => fail!(Status::Step, "cannot list @: @", &at, errno),
                    }
                }
            }
        }
        found = next;
    }
    if found.is_empty() {
        fail!(Status::Step, "no file matches @", &word.fill(b""));
    }
    found.sort();
    out.append(&found);
    Ok(())
}

/// All that the words stand for, one after the other.
pub fn expand_all(words: &[Word], cwd: &[u8]) -> Result<Strings> {
    let mut all = Strings::new();
    words.iter().try_for_each(|word| expand(word, cwd, &mut all)).map(|()| all)
}

/// The path as seen from the driver, whose own directory is the root.
pub fn file_at(cwd: &[u8], path: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') { path.to_vec() } else { file::join(cwd, path) }
}
