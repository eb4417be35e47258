//! Characters of one word: quotes, `\\`, `$NAME`, patterns and slots.

use super::{Kind, Lexer, Token, name_length};
use crate::list::diag::{Report, near, wrong};
use crate::list::scope::{Scope, Value};
use crate::list::word::{MARK, SLOTS, Word, seal};
use alloc::vec::Vec;

/// What a word takes besides its bytes, roughly.
const COST: usize = 32;

impl Lexer {
    /// A word, which a variable can make many or none.
    pub(super) fn word(&mut self, scope: &Scope, report: &mut Report, tokens: &mut Vec<Token>) {
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
            for word in value {
                report.spend(pos, word.0.len() + COST);
                if report.stop {
                    return;
                }
                tokens.push(Token { kind, word: word.0, pos, odd: None });
            }
        } else if begun {
            report.spend(pos, word.len() + COST);
            tokens.push(Token { kind, word: seal(word), pos, odd });
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
    pub(super) fn variable(&mut self, scope: &Scope, report: &mut Report, in_text: bool) -> Option<Value> {
        let pos = self.pos;
        let brace = self.peek_after(1) == Some(b'{');
        let rest = &self.bytes[self.at + 1 + brace as usize..];
        let length = name_length(rest);
        let begins = length > 0 && !rest[0].is_ascii_digit();
        let name: Vec<u8> = rest[..length].to_vec();
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
            return Some(&[]);
        } else {
            self.skip(1 + length + 2 * brace as usize);
            if let Some(value) = scope.get(&name) {
                return Some(value);
            }
            let own = if in_text { "; for the text's own '$' write '\\$', or quote the word after '<<'" } else { "" };
            let near = near(&name, scope.names());
            let hint = if near.is_empty() { own } else { &near };
            report.add(wrong(pos, "unknown variable '$@'@", &[&name, hint.as_bytes()]));
            return Some(&[]);
        }
        self.skip(2);
        Some(&[])
    }
}

/// Adds the words, joined by blanks; as text unless patterns and slots are to stay. Says how much.
pub(super) fn join(words: &[Word], out: &mut Vec<u8>, marks: bool) -> usize {
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
