//! Messages about lists: `path:line:col: what`, the line, and a caret under the place.

use super::plan::{ListFile, Pos};
use alloc::string::String;
use alloc::vec::Vec;

/// How many errors are shown at a time.
const MOST: usize = 10;
/// How long a line may be before only what surrounds the place is shown.
const WIDTH: usize = 100;

/// What is wrong at which place; a list's errors are gathered in a [`Report`].
pub(super) type Wrong = (Pos, String);

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
    pub fn add(&mut self, pos: Pos, message: String) {
        if !self.stop {
            self.found.push((pos, message));
            self.stop = self.found.len() >= MOST;
        }
    }

    /// Accounts for memory, roughly.
    pub fn spend(&mut self, pos: Pos, bytes: usize) {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > LIMIT {
            self.add(pos, "the lists become too large: what they expand to takes 128 MiB here".into());
            self.stop = true;
        }
    }

    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All messages, or `None` if nothing is wrong.
    pub fn message(&self, lists: &[ListFile]) -> Option<String> {
        let mut out = String::new();
        for (pos, message) in &self.found {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&diagnose(lists, *pos, message));
        }
        if self.found.len() >= MOST {
            out.push_str("\nthere may be more: only the first 10 errors are shown");
        }
        (!out.is_empty()).then_some(out)
    }
}

/// `path:line:col`.
pub fn locate(lists: &[ListFile], pos: Pos) -> String {
    let path = lists.get(pos.list as usize).map_or("?", |l| &l.path);
    [path, ":", &number(pos.line), ":", &number(pos.col)].concat()
}

/// A message about a place: `path:line:col: message`, then the line and a caret below.
pub fn diagnose(lists: &[ListFile], pos: Pos, message: &str) -> String {
    let mut out = [&locate(lists, pos), ": ", message].concat();
    let bytes = lists.get(pos.list as usize).map_or(&[][..], |l| &l.bytes);
    let Some(line) = bytes.split(|&b| b == b'\n').nth(pos.line as usize - 1) else { return out };
    let text = printable(line);
    let col = pos.col as usize;
    let from = if text.chars().count() <= WIDTH { 0 } else { col.saturating_sub(WIDTH / 2) };
    out.push_str("\n    ");
    out.extend(text.chars().skip(from).take(WIDTH));
    out.push_str("\n    ");
    out.extend(text.chars().skip(from).take(col - 1 - from).map(|c| if c == '\t' { c } else { ' ' }));
    out.push('^');
    out
}

/// Text for a terminal: what is not UTF-8 or would move the cursor becomes U+FFFD, but for tabs.
pub fn printable(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().map(|c| if c < ' ' && c != '\t' || c == '\x7f' { '\u{fffd}' } else { c }).collect()
}

/// A word for a message, cut where it gets long.
pub(super) fn quoted(text: &[u8]) -> String {
    let text = printable(text);
    let mut out = String::from("'");
    out.extend(text.chars().take(60));
    out.push_str(if text.chars().count() > 60 { "…'" } else { "'" });
    out
}

/// A number in decimal.
pub(super) fn number(mut n: u32) -> String {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return digits[at..].iter().map(|&d| d as char).collect();
        }
    }
}

/// `; did you mean 'unpack'?`, if one of the names is near.
pub fn near<'a>(name: &[u8], names: impl Iterator<Item = &'a [u8]>) -> String {
    // About one letter of three may be wrong.
    let mut best = ((name.len() + 1) / 3, &b""[..]);
    for other in names {
        let far = distance(name, other);
        if far < best.0 || far == best.0 && best.1.is_empty() && far < name.len() {
            best = (far, other);
        }
    }
    if best.1.is_empty() {
        return String::new();
    }
    ["; did you mean ", &quoted(best.1), "?"].concat()
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
            ListFile { path: "long".into(), bytes: "abcde".repeat(100).as_bytes().into() },
        ];
        let at = |list, line, col| diagnose(&lists, Pos { list, line, col }, "what");
        assert_eq!(at(0, 1, 1), "a/b.steps:1:1: what\n    run\n    ^");
        assert_eq!(at(0, 1, 4), "a/b.steps:1:4: what\n    run\n       ^");
        assert_eq!(at(0, 2, 9), "a/b.steps:2:9: what\n    \trun äö \u{fffd}[1m\n    \t       ^");
        assert_eq!(at(0, 3, 5), "a/b.steps:3:5: what\n    x \u{fffd} y\n        ^");
        let (part, blanks) = ("abcde".repeat(20), " ".repeat(49));
        assert_eq!(at(1, 1, 200), ["long:1:200: what\n    ", &part, "\n    ", &blanks, "^"].concat());
        assert_eq!(at(7, 1, 1), "?:1:1: what\n    \n    ^");
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
        assert_eq!(number(0), "0");
        assert_eq!(number(u32::MAX), "4294967295");
    }
}
