//! Words of a list as words of sh.

use super::Script;
use crate::list::word::{Piece, Slot, Word};

impl Script {
    /// Adds this as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Begins a line.
    pub(super) fn call(&mut self, name: &str) -> &mut Script {
        self.raw("\n");
        self.raw(name);
        self
    }

    /// A word that means nothing but itself.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.raw(" ");
        self.quoted(text);
    }

    /// The path of something in the stage, for the host.
    pub(super) fn host(&mut self, path: &[u8]) {
        self.raw(" \"$S\"");
        self.quoted(path);
    }

    pub(super) fn number(&mut self, number: u32, base: u32) {
        self.raw(" ");
        self.digits(number, base);
    }

    fn digits(&mut self, number: u32, base: u32) {
        if number >= base {
            self.digits(number / base, base);
        }
        self.out.push(b'0' + (number % base) as u8);
    }

    /// Adds a text to a word, in quotes if it needs them.
    pub(super) fn quoted(&mut self, text: &[u8]) {
        if !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || b"_-./,:=+@%".contains(b)) {
            return self.out.extend_from_slice(text);
        }
        self.raw("'");
        for &b in text {
            if b == b'\'' {
                self.raw("'\\'");
            }
            self.out.push(b);
        }
        self.raw("'");
    }

    /// A text from here on, to a line that is none of its own.
    pub(super) fn here(&mut self, text: &[u8]) {
        let mut end = alloc::vec::Vec::from(b"END");
        while text.split(|&b| b == b'\n').any(|line| line == end) {
            end.push(b'_');
        }
        for part in [&b" <<'"[..], &end, b"'\n", text, &end] {
            self.out.extend_from_slice(part);
        }
    }

    /// A word with patterns or slots; `host`: it is the path of something in the stage. So is an
    /// absolute pattern; `run` and `names` of `head.sh` make it the stage's again.
    pub(super) fn word(&mut self, word: &Word, host: bool) {
        self.raw(if host || word.has_pattern() && word.pieces().next().is_some_and(absolute) { " \"$S\"" } else { " " });
        self.pieces(word, ["\"$p\"", "\"$q\""]);
    }

    /// The file of a redirection, which the host's shell opens.
    pub(super) fn redirected(&mut self, word: &Word) {
        self.raw(if word.pieces().next().is_some_and(absolute) { "\"$S\"" } else { "" });
        self.pieces(word, ["\"$P\"", "\"$Q\""]);
    }

    fn pieces(&mut self, word: &Word, [path, stem]: [&str; 2]) {
        let mut empty = true;
        for piece in word.pieces() {
            match piece {
                Piece::Text(text) => self.quoted(text),
                Piece::Any => self.raw("*"),
                Piece::One => self.raw("?"),
                Piece::Set(set) => {
                    self.raw("[");
                    for &b in set {
                        // What sh would not take as it is within the brackets of a word.
                        if b" \t\n'\"\\$`&|;<>()".contains(&b) {
                            self.raw("\\");
                        }
                        self.out.push(b);
                    }
                    self.raw("]");
                }
                Piece::Slot(slot) => self.raw(match slot {
                    Slot::Path => path,
                    Slot::PathStem => stem,
                    Slot::Name => "\"$n\"",
                    Slot::NameStem => "\"$m\"",
                }),
                Piece::Not => {}
            }
            empty = false;
        }
        if empty {
            self.raw("''");
        }
    }
}

fn absolute(piece: Piece) -> bool {
    matches!(piece, Piece::Text([b'/', ..]))
}
