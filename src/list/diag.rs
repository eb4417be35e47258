//! Messages about lists: `path:line:col: what`, the line, and a caret under the place.

use super::plan::{ListFile, Pos};
use crate::{add, text};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// How many errors are shown at a time.
const MOST: usize = 10;
/// How long a line may be before only what surrounds the place is shown.
const WIDTH: usize = 100;

/// What is wrong at which place; behind a pointer, for it passes through many hands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong(&'static (Pos, String));

/// Says what is wrong. In `what`, `%` stands for the next of `names` in quotes, `@` for the next
/// one as it is.
#[cold]
#[inline(never)]
pub(super) fn wrong(pos: Pos, what: &str, names: &[&[u8]]) -> Wrong {
    let mut out = String::new();
    let mut names = names.iter();
    for c in what.chars() {
        match c {
            '%' => quote(&mut out, names.next().copied().unwrap_or_default()),
            '@' => put(&mut out, names.next().copied().unwrap_or_default()),
            c => out.push(c),
        }
    }
    Wrong(Box::leak(Box::new((pos, out))))
}

/// What is wrong with the lists, in the order in which it was found.
#[derive(Default)]
pub(super) struct Report {
    found: Vec<Wrong>,
    /// Nothing more is to be read.
    pub stop: bool,
    spent: usize,
}

/// What a plan may cost: variables can double a list's size with each line, and includes too.
const LIMIT: usize = 128 << 20;

impl Report {
    #[cold]
    #[inline(never)]
    pub fn add(&mut self, wrong: Wrong) {
        if !self.stop {
            self.found.push(wrong);
            self.stop = self.found.len() >= MOST;
        }
    }

    /// Accounts for memory, roughly.
    pub fn spend(&mut self, pos: Pos, bytes: usize) {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > LIMIT {
            self.add(wrong(pos, "the lists become too large: what they expand to takes 128 MiB here", &[]));
            self.stop = true;
        }
    }

    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All messages, or `None` if nothing is wrong.
    pub fn message(&self, lists: &[ListFile]) -> Option<&'static str> {
        let mut out = String::new();
        for Wrong(wrong) in &self.found {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&diagnose(lists, wrong.0, &wrong.1));
        }
        if self.found.len() >= MOST {
            out.push_str("\nthere may be more: only the first 10 errors are shown");
        }
        (!out.is_empty()).then_some(out.leak())
    }
}

/// `path:line:col`.
pub fn locate(lists: &[ListFile], pos: Pos) -> &'static str {
    text!("@:@:@", lists.get(pos.list as usize).map_or("?", |list| list.path), pos.line, pos.col)
}

/// A message about a place: `path:line:col: message`, then the line and a caret below.
pub fn diagnose(lists: &[ListFile], pos: Pos, message: &str) -> &'static str {
    let mut out = String::from(locate(lists, pos));
    add!(&mut out, ": @", message);
    let bytes = lists.get(pos.list as usize).map_or(&[][..], |l| &l.bytes);
    let line = printable(bytes.split(|&b| b == b'\n').nth((pos.line as usize).saturating_sub(1)).unwrap_or_default());
    // Of a long line what is around the place.
    let col = (pos.col as usize).saturating_sub(1);
    let from = if line.len() <= WIDTH { 0 } else { col.saturating_sub(WIDTH / 2) };
    let shown = after(after(&line, from).0, WIDTH);
    out.push_str("\n    ");
    out.push_str(shown.1);
    out.push_str("\n    ");
    for c in after(shown.1, col - from).1.bytes() {
        // One blank for each character.
        if c == b'\t' || c & 0xc0 != 0x80 {
            out.push_str(if c == b'\t' { "\t" } else { " " });
        }
    }
    out.push('^');
    out.leak()
}

/// What stands after the first `count` characters, and these.
fn after(text: &str, count: usize) -> (&str, &str) {
    let at = text.char_indices().nth(count).map_or(text.len(), |c| c.0);
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    (after, before)
}

/// Text for a terminal: what is not UTF-8 or would move the cursor becomes U+FFFD, but for tabs.
pub fn printable(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    put(&mut out, text);
    out
}

/// Adds text for a terminal.
fn put(out: &mut String, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        let mut text = chunk.valid();
        while let Some(i) = text.bytes().position(|b| b < b' ' && b != b'\t' || b == 0x7f) {
            out.push_str(text.get(..i).unwrap_or_default());
            out.push_str("\u{fffd}");
            text = text.get(i + 1..).unwrap_or_default();
        }
        out.push_str(text);
        if !chunk.invalid().is_empty() {
            out.push_str("\u{fffd}");
        }
    }
}

/// Adds a name in quotes, cut where it gets long.
fn quote(out: &mut String, name: &[u8]) {
    let text = printable(name);
    let (more, text) = after(&text, 60);
    out.push('\'');
    out.push_str(text);
    out.push_str(if more.is_empty() { "'" } else { "…'" });
}

/// `; did you mean 'unpack'?`, if one of the names is near.
pub fn near<'a>(name: &[u8], mut names: impl Iterator<Item = &'a [u8]>) -> &'static str {
    nearest(name, &mut names)
}

fn nearest<'a>(name: &[u8], names: &mut dyn Iterator<Item = &'a [u8]>) -> &'static str {
    // About one letter of three may be wrong.
    let mut best = ((name.len() + 1) / 3, &b""[..]);
    for other in names {
        let far = distance(name, other);
        if far < best.0 || far == best.0 && best.1.is_empty() && far < name.len() {
            best = (far, other);
        }
    }
    let mut out = String::new();
    if !best.1.is_empty() {
        out.push_str("; did you mean ");
        quote(&mut out, best.1);
        out.push('?');
    }
    out.leak()
}

/// How many bytes have to be put in, taken out, changed, or swapped with their neighbour (optimal
/// string alignment); long names are never near.
fn distance(a: &[u8], b: &[u8]) -> usize {
    const LONG: usize = 48;
    if a.len() >= LONG || b.len() >= LONG {
        return LONG;
    }
    // Rows for the prefixes of `a`; `rows[2]` is the latest.
    let mut rows: [[usize; LONG]; 3] = [[0; LONG], [0; LONG], core::array::from_fn(|i| i)];
    for i in 1..=a.len() {
        rows.rotate_left(1);
        rows[2][0] = i;
        for j in 1..=b.len() {
            let changed = rows[1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[1][j] + 1).min(rows[2][j - 1] + 1);
            if i > 1 && j > 1 && (a[i - 1], a[i - 2]) == (b[j - 2], b[j - 1]) {
                least = least.min(rows[0][j - 2] + 1);
            }
            rows[2][j] = least;
        }
    }
    rows[2][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shown() {
        let text = b"run\n\trun \xc3\xa4\xc3\xb6 \x1b[1m\nx \xff y\n";
        let lists = [
            ListFile { path: "a/b.steps".into(), bytes: text[..].into() },
            ListFile { path: "long".into(), bytes: "abcde".repeat(100).leak().as_bytes() },
        ];
        let at = |list, line, col| diagnose(&lists, Pos { list, line, col }, "what");
        assert_eq!(at(0, 1, 1), "a/b.steps:1:1: what\n    run\n    ^");
        assert_eq!(at(0, 1, 4), "a/b.steps:1:4: what\n    run\n       ^");
        assert_eq!(at(0, 2, 9), "a/b.steps:2:9: what\n    \trun äö \u{fffd}[1m\n    \t       ^");
        assert_eq!(at(0, 3, 5), "a/b.steps:3:5: what\n    x \u{fffd} y\n        ^");
        let (part, blanks) = ("abcde".repeat(20), " ".repeat(50));
        assert_eq!(at(1, 1, 201), ["long:1:201: what\n    ", &part, "\n    ", &blanks, "^"].concat());
        assert_eq!(at(7, 1, 1), "?:1:1: what\n    \n    ^");
        assert_eq!(at(0, 0, 0), "a/b.steps:0:0: what\n    run\n    ^");
        assert_eq!(at(0, 99, 99), "a/b.steps:99:99: what\n    \n    ^");
    }

    #[test]
    fn names_that_are_near() {
        let names = || ["unpack", "edit", "run", "copy"].iter().map(|n| n.as_bytes());
        assert_eq!(near(b"unpak", names()), "; did you mean 'unpack'?");
        assert_eq!(near(b"edti", names()), "; did you mean 'edit'?");
        assert_eq!(near(b"rnu", names()), "; did you mean 'run'?");
        assert_eq!(near(b"configure", names()), "");
        assert_eq!(near(b"x", names()), "");
        assert_eq!(near("ä".repeat(50).as_bytes(), names()), "");
    }
}
