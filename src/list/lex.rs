//! Characters to lines of words: continued lines, comments, redirections, texts after `<<END`.

mod word;

use super::diag::{Report, wrong};
use super::plan::Pos;
use super::scope::Scope;
use super::word::seal;
use alloc::vec::Vec;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word that stands in the list as it is: it can be a verb, or a word such as `into`.
    Bare,
    /// A word with quotes, variables or patterns.
    Word,
    /// `<`
    Input,
    /// `>`
    Output,
    /// `>>`
    Append,
    /// `<<END`; the text is the word.
    Text,
}

/// A part of a line.
#[derive(Debug)]
pub(super) struct Token {
    pub kind: Kind,
    /// As in [`super::word::Word`].
    pub word: &'static [u8],
    pub pos: Pos,
    /// The first character outside of quotes that would end a command in `sh`.
    pub odd: Option<Pos>,
}

/// Reads a list line by line.
pub(super) struct Lexer {
    bytes: &'static [u8],
    at: usize,
    pos: Pos,
    /// Where the latest line with words begins.
    start: usize,
}

/// `<<END`, before its text was read.
struct Tag {
    index: usize,
    name: Vec<u8>,
    literal: bool,
}

/// How many bytes of a name the text begins with.
fn name_length(text: &[u8]) -> usize {
    text.iter().take_while(|&&b| in_name(b)).count()
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

impl Lexer {
    /// Starts a list; the characters that no list may have are looked for at once.
    pub fn new(bytes: &'static [u8], list: u32, report: &mut Report) -> Lexer {
        let mut lexer = Lexer { bytes, at: 0, pos: Pos { list, line: 1, col: 1 }, start: 0 };
        let bytes = lexer.bytes;
        let bad = bytes.iter().zip(bytes.iter().skip(1).chain(&[0])).position(|(&a, &b)| a == 0 || a == b'\r' && b == b'\n');
        if bytes.starts_with(b"\xef\xbb\xbf") {
            report.add(wrong(lexer.pos, "the list begins with a byte order mark; it has to go", &[]));
        } else if let Some(bad) = bad {
            lexer.skip(bad);
            let what = match bytes[bad] {
                0 => "a list cannot hold a NUL byte",
                _ => "the line ends with CR LF; lines of a list end with LF alone",
            };
            report.add(wrong(lexer.pos, what, &[]));
        } else {
            return lexer;
        }
        lexer.at = bytes.len();
        lexer
    }

    /// From where to where the latest line with words goes, its text included.
    pub fn span(&self) -> (u32, u32) {
        (self.start as u32, self.at as u32)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_after(&self, n: usize) -> Option<u8> {
        self.bytes.get(self.at + n).copied()
    }

    fn skip(&mut self, n: usize) {
        for &b in &self.bytes[self.at..][..n] {
            if b == b'\n' {
                self.pos.line += 1;
                self.pos.col = 1;
            } else if b & 0xc0 != 0x80 {
                self.pos.col += 1;
            }
        }
        self.at += n;
    }

    /// Skips blanks, comments and continued ends of lines; false at the end of a line.
    fn blanks(&mut self) -> bool {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.skip(1),
                Some(b'\\') if self.peek_after(1) == Some(b'\n') => self.skip(2),
                Some(b'#') => {
                    let end = self.bytes[self.at..].iter().position(|&b| b == b'\n');
                    self.skip(end.unwrap_or(self.bytes.len() - self.at));
                }
                None | Some(b'\n') => return false,
                _ => return true,
            }
        }
    }

    /// Reads the next line that has words, and the text that follows it, into `tokens`. False at
    /// the end of the list. Goes on after an error, so that a text is never taken for lines.
    pub fn line(&mut self, scope: &Scope, report: &mut Report, tokens: &mut Vec<Token>) -> bool {
        tokens.clear();
        while !self.blanks() {
            if self.peek().is_none() {
                return false;
            }
            self.skip(1);
        }
        self.start = self.at;
        let mut tag = None;
        loop {
            self.token(scope, report, tokens, &mut tag);
            if !self.blanks() {
                break;
            }
        }
        if let Some(tag) = tag {
            let text = self.text(&tag, tokens[tag.index].pos, scope, report);
            tokens[tag.index].word = seal(text);
        }
        true
    }

    fn token(&mut self, scope: &Scope, report: &mut Report, tokens: &mut Vec<Token>, tag: &mut Option<Tag>) {
        let pos = self.pos;
        let next = self.peek_after(1);
        let (kind, length) = match (self.peek(), next) {
            (Some(b'<'), Some(b'<')) => (Kind::Text, 2),
            (Some(b'<'), _) => (Kind::Input, 1),
            (Some(b'>'), Some(b'>')) => (Kind::Append, 2),
            (Some(b'>'), _) => (Kind::Output, 1),
            (Some(b'0'..=b'9' | b'&'), Some(b'<' | b'>')) => {
                report.add(wrong(pos, "only '< FILE', '> FILE' and '>> FILE' redirect; as text it has to be quoted", &[]));
                return self.skip(2);
            }
            _ => return self.word(scope, report, tokens),
        };
        self.skip(length);
        if kind == Kind::Text {
            match self.tag(tokens.len(), pos, report) {
                Some(found) if tag.is_none() => *tag = Some(found),
                Some(_) => {
                    report.add(wrong(pos, "a line can have one text only", &[]));
                    report.stop = true;
                }
                // What is text and what are lines cannot be said any more.
                None => report.stop = true,
            }
        } else if matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'|' | b'(')) {
            report.add(wrong(pos, "only '< FILE', '> FILE' and '>> FILE' redirect; as text it has to be quoted", &[]));
        }
        tokens.push(Token { kind, word: &[], pos, odd: None });
    }

    /// The word after `<<`; takes what is meant where it can be guessed.
    fn tag(&mut self, index: usize, pos: Pos, report: &mut Report) -> Option<Tag> {
        let rest = &self.bytes[self.at..];
        let skipped = rest.iter().take_while(|b| b"- \t".contains(b)).count();
        self.skip(skipped);
        let quote = self.peek().filter(|q| matches!(q, b'\'' | b'"'));
        self.skip(quote.is_some() as usize);
        let rest = &self.bytes[self.at..];
        let name = rest[..name_length(rest)].to_vec();
        self.skip(name.len());
        let closed = quote.is_none() || self.peek() == quote;
        self.skip((quote.is_some() && closed) as usize);
        let ends = matches!(self.peek(), None | Some(b' ' | b'\t' | b'\n'));
        if skipped > 0 || !closed || !ends || name.is_empty() {
            report.add(wrong(pos, "expected a word directly after '<<', such as <<END or <<'END'", &[]));
        }
        (!name.is_empty()).then_some(Tag { index, name, literal: quote.is_some() })
    }

    /// The lines up to the one that is `tag`; it begins at the end of the line before.
    fn text(&mut self, tag: &Tag, pos: Pos, scope: &Scope, report: &mut Report) -> Vec<u8> {
        let mut out = Vec::new();
        self.skip(self.peek().is_some() as usize);
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
            let line = &rest[..length];
            if line == tag.name {
                self.skip(length);
                return out;
            }
            if length == rest.len() {
                self.skip(length);
                report.add(wrong(pos, "the text that begins here has no end: no line is exactly %", &[&tag.name]));
                return out;
            }
            if tag.literal {
                out.extend_from_slice(&rest[..=length]);
                self.skip(length + 1);
                continue;
            }
            let end = self.at + length + 1;
            while self.at < end {
                match (self.bytes[self.at], self.peek_after(1)) {
                    (b'\\', Some(b @ (b'$' | b'\\'))) => {
                        out.push(b);
                        self.skip(2);
                    }
                    (b'$', _) => {
                        if let Some(value) = self.variable(scope, report, true) {
                            report.spend(pos, word::join(&value, &mut out, false));
                        } else {
                            out.push(b'$');
                            self.skip(1);
                        }
                    }
                    (b, _) => {
                        out.push(b);
                        self.skip(1);
                    }
                }
            }
            if report.stop {
                // Expanding has become pointless, but the text's end is wanted.
                out.clear();
            }
        }
    }
}
