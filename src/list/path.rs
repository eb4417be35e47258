//! Paths, as text: made absolute and normal without looking at any file system.

use crate::text;
use alloc::vec::Vec;

/// `path` seen from the absolute `dir`, without `.`, `//` and a final `/`; `None` if a component
/// is `..`, which through a link may lead anywhere.
pub(super) fn absolute(dir: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut out = if path.starts_with(b"/") { Vec::new() } else { dir.to_vec() };
    if out == b"/" {
        out.clear();
    }
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return None,
            _ => {
                out.push(b'/');
                out.extend_from_slice(part);
            }
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    Some(out)
}

/// Whether a component is `..`.
pub(super) fn climbs(path: &[u8]) -> bool {
    path.split(|&b| b == b'/').any(|part| part == b"..")
}

/// A path on the host, as written in the list `list`: relative to the folder of that list.
pub(super) fn beside(list: &str, path: &str) -> &'static str {
    let slash = |text: &[u8]| text.iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
    let root = list.starts_with("/") as usize;
    let mut out = b"/"[..root].to_vec();
    for text in [&list.as_bytes()[..slash(list.as_bytes())], path.as_bytes()] {
        for part in text.split(|&b| b == b'/') {
            let last = slash(&out);
            match part {
                b"" | b"." => {}
                b".." if !matches!(&out[last..], b"" | b"..") => out.truncate(last.saturating_sub(1).max(root)),
                _ => {
                    if last < out.len() {
                        out.push(b'/');
                    }
                    out.extend_from_slice(part);
                }
            }
        }
    }
    text::own(&out)
}

/// How long an option may be that a path is joined to.
const OPTION: usize = 32;

/// The names after `root` (such as `/store/`) in a text, where that begins a path: at the start, after what ends a
/// path (a blank, a quote, `=`, `:`, `,`), or after an option such as `-L`.
pub(super) fn named<'a>(text: &'a [u8], root: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut at = 0;
    core::iter::from_fn(move || {
        while let Some(found) = text[at..].iter().position(|&b| b == b'/') {
            let start = at + found;
            at = start + 1;
            let Some(rest) = text[start..].strip_prefix(root) else { continue };
            // What stands before, back to the byte that ends a word there.
            let before = &text[start.saturating_sub(OPTION)..start];
            let end = before.iter().rposition(|&b| !in_path(b));
            let option = &before[end.map_or(0, |i| i + 1)..];
            let ended = end.is_none_or(|i| !matches!(before[i], b'}' | b')' | b']' | b'*' | b'?'));
            if !ended || !(option.is_empty() || option[0] == b'-' && !option.contains(&b'/')) {
                continue;
            }
            let end = rest.iter().position(|&b| !in_path(b) || b == b'/').unwrap_or(rest.len());
            // A pattern or a shell's variable goes on: which name it is is not known here.
            if end > 0 && !matches!(rest.get(end), Some(0 | b'$' | b'*' | b'?' | b'[' | b'{' | b'\\')) {
                return Some(&rest[..end]);
            }
        }
        None
    })
}

/// Whether a byte goes on with a path.
fn in_path(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'/' | b'.' | b'_' | b'-' | b'+' | b'~' | b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_normal() {
        for (dir, path, want) in [
            ("/tmp/p", "a/b", Some("/tmp/p/a/b")),
            ("/tmp/p", "./a//b/./", Some("/tmp/p/a/b")),
            ("/tmp/p", ".", Some("/tmp/p")),
            ("/tmp/p", "/x/", Some("/x")),
            ("/tmp/p", "/", Some("/")),
            ("/", "x", Some("/x")),
            ("/tmp/p", "..", None),
            ("/tmp/p", "a/../b", None),
            ("/tmp/p", "..a/b..", Some("/tmp/p/..a/b..")),
        ] {
            assert_eq!(absolute(dir.as_bytes(), path.as_bytes()).as_deref(), want.map(str::as_bytes));
        }
        assert_eq!(beside("main.steps", "a.steps"), "a.steps");
        assert_eq!(beside("recipes/main.steps", "./a/b.steps"), "recipes/a/b.steps");
        assert_eq!(beside("recipes/main.steps", "../seed/make"), "seed/make");
        assert_eq!(beside("main.steps", "../../x"), "../../x");
        assert_eq!(beside("/r/main.steps", "x"), "/r/x");
        assert_eq!(beside("/r/main.steps", "../x"), "/x");
        assert_eq!(beside("a/b/main.steps", "../../../x"), "../x");
    }

    #[test]
    fn names_in_texts_are_found() {
        for (text, want) in [
            ("/store/a", "a"),
            ("/store/a/bin:/store/b", "a b"),
            ("--prefix=/store/a", "a"),
            ("-L/store/a -isystem/store/b/include", "a b"),
            ("-Wl,-rpath,/store/a.b+c_1", "a.b+c_1"),
            ("'/store/a' \"/store/b\"", "a b"),
            ("/tmp/x/store/a ${D}/store/a $(pwd)/store/a $D/store/a */store/a", ""),
            ("-L/tmp/store/a", ""),
            ("/stores/a /store /store/ /store//a", ""),
            ("/store/$x /store/a$x /store/a*/b /store/a/*", "a"),
            ("/store/a\0*/b", ""),
        ] {
            let found: Vec<&[u8]> = named(text.as_bytes(), b"/store/").collect();
            assert_eq!(found.join(&b' '), want.as_bytes(), "{text}");
        }
    }
}
