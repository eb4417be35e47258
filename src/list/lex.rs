//! Characters to words: quotes, continued lines, comments, `$NAME`, patterns, texts after `<<END`.

use super::diag::{Report, near, wrong};
use super::plan::Pos;
use super::scope::{Scope, Value};
use super::word::{MARK, SLOTS, Word};
use alloc::boxed::Box;
use alloc::rc::Rc;
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
    /// As in [`Word`].
    pub word: Box<[u8]>,
    pub pos: Pos,
    /// The first character outside of quotes that would end a command in `sh`.
    pub odd: Option<Pos>,
}

/// Reads a list line by line.
pub(super) struct Lexer {
    bytes: Rc<[u8]>,
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

/// What a word takes besides its bytes, roughly.
const COST: usize = 32;

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

impl Lexer {
    /// Starts a list; the characters that no list may have are looked for at once.
    pub fn new(bytes: Rc<[u8]>, list: u32, report: &mut Report) -> Lexer {
        let mut lexer = Lexer { bytes, at: 0, pos: Pos { list, line: 1, col: 1 }, start: 0 };
        let bytes = lexer.bytes.clone();
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
            tokens[tag.index].word = text.into();
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
        tokens.push(Token { kind, word: Box::default(), pos, odd: None });
    }

    /// The word after `<<`; takes what is meant where it can be guessed.
    fn tag(&mut self, index: usize, pos: Pos, report: &mut Report) -> Option<Tag> {
        let rest = &self.bytes[self.at..];
        let skipped = rest.iter().take_while(|b| b"- \t".contains(b)).count();
        self.skip(skipped);
        let quote = self.peek().filter(|q| matches!(q, b'\'' | b'"'));
        self.skip(quote.is_some() as usize);
        let rest = &self.bytes[self.at..];
        let name: Vec<u8> = rest.iter().copied().take_while(|&b| in_name(b)).collect();
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
                            report.spend(pos, join(&value, &mut out, false));
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

    /// A word, which a variable can make many or none.
    fn word(&mut self, scope: &Scope, report: &mut Report, tokens: &mut Vec<Token>) {
        let pos = self.pos;
        let mut word: Vec<u8> = Vec::new();
        let (mut kind, mut odd) = (Kind::Bare, None);
        // The value, while the word is nothing but one variable.
        let mut whole: Option<Value> = None;
        let mut begun = false;
        loop {
            let Some(b) = self.peek() else { break };
            let next = self.peek_after(1);
            if matches!(b, b' ' | b'\t' | b'\n') {
                break;
            }
            if (b, next) == (b'\\', Some(b'\n')) {
                self.skip(2);
                continue;
            }
            let alone = !core::mem::replace(&mut begun, true);
            whole = None;
            match b {
                b'\\' => {
                    kind = Kind::Word;
                    self.escape(report, &mut word);
                }
                b'\'' => {
                    kind = Kind::Word;
                    let rest = &self.bytes[self.at + 1..];
                    let end = rest.iter().position(|&b| b == b'\'');
                    if end.is_none() {
                        report.add(wrong(self.pos, "the quote ' that begins here has no end", &[]));
                    }
                    let length = end.unwrap_or(rest.len());
                    word.extend_from_slice(&rest[..length]);
                    self.skip(length + 1 + end.is_some() as usize);
                }
                b'"' => {
                    kind = Kind::Word;
                    self.double(scope, report, &mut word);
                }
                b'$' => {
                    if let Some(value) = self.variable(scope, report, false) {
                        kind = Kind::Word;
                        report.spend(pos, join(&value, &mut word, true));
                        whole = alone.then_some(value);
                    } else {
                        word.push(b);
                        self.skip(1);
                    }
                }
                b'`' => self.backtick(report),
                b'*' | b'?' => {
                    kind = Kind::Word;
                    word.extend_from_slice(&[MARK, b]);
                    self.skip(1);
                }
                b'!' if alone => {
                    word.extend_from_slice(&[MARK, b]);
                    self.skip(1);
                }
                b'[' => {
                    let length = self.set(report);
                    if length > 0 {
                        kind = Kind::Word;
                        word.extend_from_slice(&[MARK, b'[']);
                        word.extend_from_slice(&self.bytes[self.at + 1..][..length]);
                        word.extend_from_slice(&[MARK, b']']);
                        self.skip(length + 2);
                    } else {
                        word.push(b);
                        self.skip(1);
                    }
                }
                b'{' => self.slot(&mut word),
                _ => {
                    // `->` is a word of the language and parts of `p->x` stay as they are.
                    if matches!(b, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') && odd.is_none() {
                        odd = Some(self.pos);
                    }
                    word.push(b);
                    self.skip(1);
                }
            }
        }
        if let Some(value) = whole {
            for word in &*value {
                report.spend(pos, word.0.len() + COST);
                if report.stop {
                    return;
                }
                tokens.push(Token { kind, word: word.0.clone(), pos, odd: None });
            }
        } else if begun {
            report.spend(pos, word.len() + COST);
            tokens.push(Token { kind, word: word.into(), pos, odd });
        }
    }

    /// `\` and what it makes literal.
    fn escape(&mut self, report: &mut Report, word: &mut Vec<u8>) {
        let rest = &self.bytes[self.at + 1..];
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        match rest.get(blanks) {
            None => report.add(wrong(self.pos, "nothing follows this '\\'", &[])),
            Some(b'\n') if blanks > 0 => {
                report.add(wrong(self.pos, "blanks stand between this '\\' and the end of the line", &[]));
            }
            _ => word.push(rest[0]),
        }
        self.skip(if rest.is_empty() { 1 } else { 2 });
    }

    /// `"…"`
    fn double(&mut self, scope: &Scope, report: &mut Report, word: &mut Vec<u8>) {
        let start = self.pos;
        self.skip(1);
        loop {
            match (self.peek(), self.peek_after(1)) {
                (None, _) => return report.add(wrong(start, "the quote \" that begins here has no end", &[])),
                (Some(b'"'), _) => return self.skip(1),
                (Some(b'\\'), Some(b @ (b'\\' | b'"' | b'$' | b'`'))) => {
                    word.push(b);
                    self.skip(2);
                }
                (Some(b'\\'), Some(b'\n')) => self.skip(2),
                (Some(b'{'), _) => self.slot(word),
                (Some(b'`'), _) => self.backtick(report),
                (Some(b'$'), _) => {
                    if let Some(value) = self.variable(scope, report, false) {
                        report.spend(start, join(&value, word, false));
                    } else {
                        word.push(b'$');
                        self.skip(1);
                    }
                }
                (Some(b), _) => {
                    word.push(b);
                    self.skip(1);
                }
            }
        }
    }

    /// `{}` and the like, which only `each` takes as slots.
    fn slot(&mut self, word: &mut Vec<u8>) {
        let rest = &self.bytes[self.at..];
        if let Some((text, letter, _)) = SLOTS.iter().find(|s| rest.starts_with(s.0)) {
            word.extend_from_slice(&[MARK, *letter]);
            self.skip(text.len());
        } else {
            word.push(b'{');
            self.skip(1);
        }
    }

    /// How much stands between `[` and its `]`; 0 if it begins no set.
    fn set(&mut self, report: &mut Report) -> usize {
        let rest = &self.bytes[self.at + 1..];
        let first = matches!(rest.first(), Some(b'!' | b'^')) as usize;
        for (i, &b) in rest.iter().enumerate() {
            match b {
                b']' if i > first => {
                    if rest[..i].windows(2).any(|w| w == b"[:") {
                        report.add(wrong(self.pos, "sets such as [:alpha:] are not known; write [a-zA-Z]", &[]));
                    }
                    return i;
                }
                b' ' | b'\t' | b'\n' | b'/' | b'\'' | b'"' | b'\\' | b'$' | b'`' => break,
                _ => {}
            }
        }
        0
    }

    /// A backtick and, if it is on this line, the one that belongs to it.
    fn backtick(&mut self, report: &mut Report) {
        self.no_substitution(report);
        let rest = &self.bytes[self.at + 1..];
        let other = rest.iter().position(|&b| b == b'`' || b == b'\n');
        self.skip(1 + other.filter(|&i| rest[i] == b'`').map_or(0, |i| i + 1));
    }

    fn no_substitution(&self, report: &mut Report) {
        let what: &[u8] = if self.peek() == Some(b'`') { b"`" } else { b"$(" };
        let message = "%: a list has no command substitution; as text it has to be in '…' or after '\\'";
        report.add(wrong(self.pos, message, &[what]));
    }

    /// The value of the variable at `$`, or `None` if it is just a dollar.
    fn variable(&mut self, scope: &Scope, report: &mut Report, in_text: bool) -> Option<Value> {
        let pos = self.pos;
        let brace = self.peek_after(1) == Some(b'{');
        let rest = &self.bytes[self.at + 1 + brace as usize..];
        let length = rest.iter().take_while(|&&b| in_name(b)).count();
        let begins = rest.first().is_some_and(|b| in_name(*b) && !b.is_ascii_digit());
        let name: Vec<u8> = rest[..length].into();
        if brace && !(begins && rest.get(length) == Some(&b'}')) {
            let own = if in_text { "; for the text's own '${' write '\\${', or quote the word after '<<'" } else { "" };
            report.add(wrong(pos, "expected a name and '}' after '${'@", &[own.as_bytes()]));
        } else if !begins {
            // In `sh` these would be parameters; texts are left to who reads them.
            match rest.first() {
                _ if in_text => return None,
                Some(b'(') => self.no_substitution(report),
                Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'!' | b'$') => {
                    let message = "expected a name after '$'; a '$' of its own has to be in '…' or after '\\'";
                    report.add(wrong(pos, message, &[]));
                }
                _ => return None,
            }
            self.skip(1);
            return Some(Rc::new([]));
        } else {
            self.skip(1 + length + 2 * brace as usize);
            if let Some(value) = scope.get(&name) {
                return Some(value.clone());
            }
            let own = if in_text { "; for the text's own '$' write '\\$', or quote the word after '<<'" } else { "" };
            let near = near(&name, scope.names());
            let hint = if near.is_empty() { own } else { &near };
            report.add(wrong(pos, "unknown variable '$@'@", &[&name, hint.as_bytes()]));
            return Some(Rc::new([]));
        }
        self.skip(2);
        Some(Rc::new([]))
    }
}

/// Adds the words, joined by blanks; as text unless patterns and slots are to stay. Says how much.
fn join(words: &[Word], out: &mut Vec<u8>, marks: bool) -> usize {
    let before = out.len();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        if marks {
            out.extend_from_slice(&word.0);
        } else {
            word.pieces().for_each(|p| p.write(out));
        }
    }
    out.len() - before
}
