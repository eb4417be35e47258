//! Words after expansion: text, patterns for file names, and the slots of `each`.

use alloc::vec::Vec;

/// Begins a mark; lists hold no NUL. After it stand `*`, `?`, `[` (then a set up to the next
/// mark, `]`), `!` (of `each`, at the start), or the letter of a [`Slot`].
pub(super) const MARK: u8 = 0;

/// One word of a step: text, with patterns and slots in it.
///
/// It is one string in which a NUL makes the byte after it special: dropping the marks of a
/// pattern gives what was written, joining words joins strings, and `/` always is a `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(pub(super) &'static [u8]);

/// The parts of a file's name that `each` gives to its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// `{}`
    Path,
    /// `{.}`
    PathStem,
    /// `{/}`
    Name,
    /// `{/.}`
    NameStem,
}

/// The bytes for good. Not inlined, as the next: what moves bytes is the same everywhere.
#[inline(never)]
pub(super) fn seal(bytes: Vec<u8>) -> &'static [u8] {
    bytes.leak()
}

/// A copy.
#[inline(never)]
pub(super) fn copied(bytes: &[u8]) -> &'static [u8] {
    bytes.to_vec().leak()
}

/// Slots as they are written, and their letters in a word.
pub(super) const SLOTS: [(&[u8], u8, Slot); 4] = [
    (b"{}", b'p', Slot::Path),
    (b"{.}", b'q', Slot::PathStem),
    (b"{/}", b'n', Slot::Name),
    (b"{/.}", b'm', Slot::NameStem),
];

/// A piece of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// These bytes.
    Text(&'a [u8]),
    /// `*`
    Any,
    /// `?`
    One,
    /// `[…]`: what stands between the brackets, as written.
    Set(&'a [u8]),
    /// A part of the file's name, in `each`.
    Slot(Slot),
    /// `!` at the start of a pattern of `each`; never in a plan.
    Not,
}

/// What a word is made of, in order.
#[derive(Clone, Copy)]
pub struct Pieces<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let bytes = self.0;
        let &first = bytes.first()?;
        if first != MARK {
            let end = bytes.iter().position(|&b| b == MARK).unwrap_or(bytes.len());
            self.0 = &bytes[end..];
            return Some(Piece::Text(&bytes[..end]));
        }
        let (&code, rest) = bytes.get(1..)?.split_first()?;
        self.0 = rest;
        Some(match code {
            b'*' => Piece::Any,
            b'?' => Piece::One,
            b'!' => Piece::Not,
            b'[' => {
                let end = rest.iter().position(|&b| b == MARK).unwrap_or(rest.len());
                self.0 = rest.get(end + 2..).unwrap_or_default();
                Piece::Set(&rest[..end])
            }
            _ => Piece::Slot(SLOTS.iter().find(|s| s.1 == code)?.2),
        })
    }
}

impl Word {
    /// Text as a word: nothing in it is special. `text` has no NUL.
    pub fn literal(text: &[u8]) -> Word {
        Word(copied(text))
    }

    /// The text of a word that is nothing but text.
    pub fn plain(&self) -> Option<&[u8]> {
        if self.0.contains(&MARK) { None } else { Some(self.0) }
    }

    /// What it is made of.
    pub fn pieces(&self) -> Pieces<'_> {
        Pieces(self.0)
    }

    /// Whether it stands for the files that it matches.
    pub fn has_pattern(&self) -> bool {
        self.pieces().any(|p| matches!(p, Piece::Any | Piece::One | Piece::Set(_)))
    }

    /// Whether [`Word::fill`] puts something in.
    pub fn has_slot(&self) -> bool {
        self.pieces().any(|p| matches!(p, Piece::Slot(_)))
    }

    /// Its path components, to be matched one by one. A leading `/` gives an empty first one.
    pub fn components(&self) -> impl Iterator<Item = Pattern<'_>> {
        self.0.split(|&b| b == b'/').map(Pattern)
    }

    /// The word with `file` in its slots; the rest as written.
    pub fn fill(&self, file: &[u8]) -> Vec<u8> {
        let name = file.iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
        // A name's leading dot begins no extension.
        let stem = match file[name..].iter().rposition(|&b| b == b'.') {
            Some(dot) if dot > 0 => name + dot,
            _ => file.len(),
        };
        let mut out = Vec::with_capacity(self.0.len() + file.len());
        for piece in self.pieces() {
            match piece {
                Piece::Slot(Slot::Path) => out.extend_from_slice(file),
                Piece::Slot(Slot::PathStem) => out.extend_from_slice(&file[..stem]),
                Piece::Slot(Slot::Name) => out.extend_from_slice(&file[name..]),
                Piece::Slot(Slot::NameStem) => out.extend_from_slice(&file[name..stem]),
                other => other.write(&mut out),
            }
        }
        out
    }
}

impl Piece<'_> {
    /// Adds what was written in the list.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let text: &[u8] = match self {
            Piece::Text(text) => text,
            Piece::Any => b"*",
            Piece::One => b"?",
            Piece::Not => b"!",
            Piece::Set(set) => {
                out.push(b'[');
                out.extend_from_slice(set);
                b"]"
            }
            Piece::Slot(slot) => SLOTS.iter().find(|s| s.2 == slot).map_or(b"", |s| s.0),
        };
        out.extend_from_slice(text);
    }
}

/// Makes `!` and slots plain text, for where they mean nothing; patterns stay.
pub(super) fn settle(word: &mut &'static [u8]) {
    if !word.contains(&MARK) {
        return;
    }
    let mut out = Vec::new();
    for piece in Pieces(word) {
        if matches!(piece, Piece::Any | Piece::One | Piece::Set(_)) {
            out.push(MARK);
        }
        piece.write(&mut out);
        if let Piece::Set(_) = piece {
            out.insert(out.len() - 1, MARK);
        }
    }
    *word = seal(out);
}

/// One path component of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern<'a>(&'a [u8]);

impl<'a> Pattern<'a> {
    /// The name, if it is no pattern.
    pub fn plain(self) -> Option<&'a [u8]> {
        if self.0.contains(&MARK) { None } else { Some(self.0) }
    }

    /// Whether the name matches, byte by byte. A leading dot is only matched by a dot.
    pub fn matches(self, name: &[u8]) -> bool {
        if name.first() == Some(&b'.') && self.0.first() != Some(&b'.') {
            return false;
        }
        // After a mismatch the latest `*` takes one byte more; earlier ones need not change.
        let (mut at, mut rest) = (0, Pieces(self.0));
        let mut star: Option<(usize, Pieces<'a>)> = None;
        loop {
            let mut after = rest;
            let used = match after.next() {
                None if at == name.len() => return true,
                None => None,
                Some(Piece::Any) => {
                    star = Some((at, after));
                    Some(0)
                }
                Some(Piece::Text(text)) => name[at..].starts_with(text).then_some(text.len()),
                Some(Piece::One) => (at < name.len()).then_some(1),
                Some(Piece::Set(set)) => name.get(at).is_some_and(|&b| in_set(set, b)).then_some(1),
                Some(Piece::Slot(_) | Piece::Not) => None,
            };
            if let Some(used) = used {
                (at, rest) = (at + used, after);
                continue;
            }
            match &mut star {
                Some((from, tail)) if *from < name.len() => {
                    *from += 1;
                    (at, rest) = (*from, *tail);
                }
                _ => return false,
            }
        }
    }
}

/// Whether the set `[…]` has the byte: `!` or `^` first negates, `a-z` is a range.
fn in_set(set: &[u8], byte: u8) -> bool {
    let (negated, mut set) = match set {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, set),
    };
    let mut found = false;
    while let [first, rest @ ..] = set {
        let (last, rest) = match rest {
            [b'-', last, rest @ ..] => (last, rest),
            _ => (first, rest),
        };
        found |= (*first..=*last).contains(&byte);
        set = rest;
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `*`, `?` and `[…]` in `text` as marks.
    fn pattern(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for b in text.bytes() {
            if b"*?[]".contains(&b) {
                out.push(MARK);
            }
            out.push(b);
        }
        out
    }

    #[test]
    fn names_match_as_in_sh() {
        for (text, name, want) in [
            ("a", "a", true),
            ("a", "b", false),
            ("", "", true),
            ("*", "", true),
            ("*", "abc", true),
            ("*", ".abc", false),
            (".*", ".abc", true),
            ("[.]a", ".a", false),
            ("?", "a", true),
            ("?", "", false),
            ("?", "ab", false),
            ("*.c", "main.c", true),
            ("*.c", "main.c.c", true),
            ("*.c", "main.h", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("[abc]x", "bx", true),
            ("[!abc]x", "bx", false),
            ("[^abc]x", "dx", true),
            ("[a-c]*", "bzz", true),
            ("[a-c]", "d", false),
            ("[a-]", "-", true),
            ("*[0-9].[ch]", "x10.h", true),
            ("**", "x", true),
        ] {
            assert_eq!(Pattern(&pattern(text)).matches(name.as_bytes()), want, "{text} {name}");
        }
        // Linear in the number of stars, not exponential.
        let many = pattern(&"a*".repeat(50));
        assert!(!Pattern(&[&many[..], b"b"].concat()).matches("a".repeat(5000).as_bytes()));
    }

    #[test]
    fn slots_are_filled() {
        let word = Word(&b"\0p|\0q|\0n|\0m"[..]);
        for (file, want) in [
            ("src/main.tab.c", "src/main.tab.c|src/main.tab|main.tab.c|main.tab"),
            ("main", "main|main|main|main"),
            ("a.d/.rc", "a.d/.rc|a.d/.rc|.rc|.rc"),
        ] {
            assert_eq!(word.fill(file.as_bytes()), want.as_bytes());
        }
    }
}
