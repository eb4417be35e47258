//! Exact text in bytes, in files and in trees.

use super::glob;
use crate::error::{Result, Status};
use crate::file::{self};
use crate::list::word::Word;
use crate::fail;

/// The first place of `needle`, which is not empty, in `hay`: Horspool's algorithm.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let last = needle.len().checked_sub(1)?;
    if last == 0 {
        return hay.iter().position(|b| *b == needle[0]);
    }
    // How far the needle may move when its last byte stands over this one.
    let mut skip = [needle.len(); 256];
    for (at, byte) in needle[..last].iter().enumerate() {
        skip[*byte as usize] = last - at;
    }
    let mut at = 0;
    while let Some(end) = hay.get(at + last) {
        if *end == needle[last] && hay[at..at + last] == needle[..last] {
            return Some(at);
        }
        at += skip[*end as usize];
    }
    None
}

/// `absent`: no file, name or link below the paths holds one of the texts.
pub fn absent(texts: &[&[u8]], paths: &[Word]) -> Result<()> {
    for path in glob::expand_all(paths, b"/")?.iter() {
        file::walk(path, &mut |path, stat| {
            let content = if stat.is_link() {
                file::link_text(path)?
            } else if stat.is_file() {
                file::read(path)?
            } else {
                alloc::vec::Vec::new()
            };
            for text in texts {
                if let Some(at) = find(&content, text) {
                    fail!(Status::Step, "@ holds '@' at byte @", path, text, at);
                }
                if find(file::name(path), text).is_some() {
                    fail!(Status::Step, "the name @ holds '@'", path, text);
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_as_windows_do() {
        let hay = b"abracadabra abracadabrb";
        for from in 0..hay.len() {
            for to in from + 1..=hay.len() {
                let needle = &hay[from..to];
                let naive = hay.windows(needle.len()).position(|w| w == needle);
                assert_eq!(find(hay, needle), naive);
            }
        }
        assert_eq!(find(b"abc", b"abcd"), None);
        assert_eq!(find(b"", b"a"), None);
        assert_eq!(find(b"a", b""), None);
    }
}
