//! The words of a step to its action.

use super::diag::{Wrong, wrong};
use super::lex::{Kind, Token};
use super::parse::{Outcome, Parser, Result, text};
use super::path;
use super::plan::{Action, Bytes, Command, Step, Transfer};
use super::verbs::Verb;
use super::word::{MARK, Word, seal, settle};
use crate::split;
use alloc::vec::Vec;

/// Adds a step to the unit; the line has the words that its verb takes.
pub(super) fn step(parser: &mut Parser, verb: Verb, tokens: &mut [Token], span: (u32, u32)) -> Outcome {
    let Some(cwd) = parser.scope.cwd else { return Ok(()) };
    let pos = tokens[0].pos;
    let reader = Reader { parser, cwd };
    if verb == Verb::Cd {
        let dir = reader.path(&tokens[1])?;
        parser.scope.cwd = Some(dir);
        return Ok(());
    }
    let action = reader.action(verb, tokens)?;
    let env = parser.scope.now.env;
    if let Some(unit) = parser.plan.units.last_mut() {
        unit.steps.push(Step { pos, span, cwd, env, action });
    }
    Ok(())
}

/// A word of the language.
fn is(token: &Token, word: &str) -> bool {
    token.kind == Kind::Bare && *token.word == *word.as_bytes()
}

#[cold]
#[inline(never)]
fn fault(token: &Token, message: &str) -> Wrong {
    wrong(token.pos, message, &[])
}

/// A number in decimal.
fn decimal(token: &Token) -> Option<u32> {
    if token.word.is_empty() || token.word.len() > 8 {
        return None;
    }
    split::number(&token.word).map(|n| n as u32)
}

/// Permissions.
fn mode(token: &Token) -> Result<u16> {
    let digits = &*token.word;
    if !(3..=4).contains(&digits.len()) || !digits.iter().all(|b| (b'0'..=b'7').contains(b)) {
        return Err(fault(token, "expected permissions as three or four octal digits, such as 755"));
    }
    Ok(digits.iter().fold(0, |mode, b| mode << 3 | (b - b'0') as u16))
}

struct Reader<'p, 'a> {
    parser: &'p Parser<'a>,
    cwd: &'static [u8],
}

impl Reader<'_, '_> {
    #[inline(never)]
    fn action(&self, verb: Verb, tokens: &mut [Token]) -> Result<Action> {
        let pos = tokens[0].pos;
        // What follows the verb, without the text.
        let (words, text_token) = match &mut tokens[1..] {
            [words @ .., last] if last.kind == Kind::Text => (words, Some(last)),
            words => (words, None),
        };
        let given = text_token.map(|token| (token.pos, token.word));
        // The texts that get into the stage; `same` only compares.
        if let Some((pos, text)) = &given {
            if verb != Verb::Same {
                self.parser.mention(text, *pos)?;
            }
        }
        let given = given.map(|(_, text)| text);
        Ok(match verb {
            Verb::Run => Action::Run { command: self.command(words, false)?, status: 0 },
            Verb::Expect => {
                let Some(status) = decimal(&words[0]).filter(|&n| n < 256) else {
                    return Err(fault(&words[0], "expected an exit status from 0 to 255"));
                };
                Action::Run { command: self.command(&mut words[1..], false)?, status: status as u8 }
            }
            Verb::Each => return self.each(tokens),
            Verb::Sh => {
                let Some(shell) = self.parser.scope.now.shell else {
                    return Err(wrong(pos, "no line 'shell FILE' stands above to say which shell this is", &[]));
                };
                Action::Sh { shell, text: given.unwrap_or_default() }
            }
            Verb::Unpack => return self.unpack(words),
            Verb::Edit => return self.edit(words),
            Verb::Write => {
                let file = self.file(&words[0])?;
                let mode = match &words[1..] {
                    [] => 0o644,
                    [word, mode_token] if is(word, "mode") => mode(mode_token)?,
                    [token, ..] => return Err(fault(token, "expected 'write FILE [mode MODE] <<END'")),
                };
                Action::Write { file, mode, text: given.unwrap_or_default() }
            }
            Verb::Append => Action::Append { file: self.file(&words[0])?, text: given.unwrap_or_default() },
            Verb::Copy => Action::Copy(self.transfer(words)?),
            Verb::Move => Action::Move(self.transfer(words)?),
            Verb::Link => {
                let target = text(&words[0])?;
                if target.is_empty() {
                    return Err(fault(&words[0], "a link cannot be empty"));
                }
                self.parser.mention(target, words[0].pos)?;
                Action::Link { target, name: self.file(&words[1])? }
            }
            Verb::Mkdir => {
                let mut dirs = Vec::with_capacity(words.len());
                for token in words {
                    dirs.push(self.path(token)?);
                }
                Action::Mkdir { dirs: dirs.leak() }
            }
            Verb::Remove => Action::Remove { paths: self.files(words)? },
            Verb::Chmod => Action::Chmod { mode: mode(&words[0])?, paths: self.files(&words[1..])? },
            Verb::Same => {
                let files = self.files(words)?;
                if given.is_none() && files.len() == 1 && !files[0].has_pattern() {
                    return Err(wrong(pos, "expected 'same FILE FILE…' or 'same FILE <<END'", &[]));
                }
                Action::Same { files, text: given }
            }
            _ => return self.absent(words, pos),
        })
    }

    /// A path that may be a pattern: absolute and normal.
    fn place(&self, token: &Token) -> Result<Word> {
        if token.word.is_empty() {
            return Err(fault(token, "expected a path; this word is empty"));
        }
        let Some(path) = path::absolute(self.cwd, &token.word) else {
            return Err(fault(token, "'..' in a path is refused; name the directory from the top"));
        };
        self.parser.mention(&path, token.pos)?;
        Ok(Word(seal(path)))
    }

    fn files(&self, tokens: &[Token]) -> Result<&'static [Word]> {
        let mut places = Vec::with_capacity(tokens.len());
        for token in tokens {
            places.push(self.place(token)?);
        }
        Ok(places.leak())
    }

    /// A path that is no pattern.
    fn path(&self, token: &Token) -> Result<Bytes> {
        text(token)?;
        Ok(self.place(token)?.0)
    }

    /// A path that is to be a file.
    fn file(&self, token: &Token) -> Result<Bytes> {
        if token.word.ends_with(b"/") {
            return Err(fault(token, "expected the path of a file; a final '/' makes it a directory"));
        }
        self.path(token)
    }

    /// Command, arguments and redirections.
    fn command(&self, tokens: &mut [Token], slots: bool) -> Result<Command> {
        let redirects = |t: &Token| matches!(t.kind, Kind::Input | Kind::Output | Kind::Append);
        let count = tokens.iter().position(redirects).unwrap_or(tokens.len());
        let (words, mut rest) = tokens.split_at_mut(count);
        let Some(first) = words.first() else {
            return Err(fault(&rest[0], "expected a command before this"));
        };
        if !first.word.contains(&b'/') && !first.word.contains(&MARK) {
            if first.word.is_empty() {
                return Err(fault(first, "expected a command; this word is empty"));
            }
            if self.parser.scope.now.env.path.is_empty() {
                return Err(fault(first, "no line 'path DIR…' stands above to say where this command is"));
            }
        }
        let mut args = Vec::with_capacity(words.len());
        for token in words {
            if let Some(pos) = token.odd {
                let message = "sh would end or redirect the command here, a list does not: \
                    quote this, or use 'sh <<END'";
                return Err(wrong(pos, message, &[]));
            }
            self.parser.mention(&token.word, token.pos)?;
            let word = Word(token.word);
            if word.has_pattern() {
                if word.has_slot() {
                    return Err(fault(token, "a word cannot have both a pattern and '{}'"));
                }
                if path::climbs(&word.0) {
                    return Err(fault(token, "'..' in a pattern is refused; use 'cd' or name the directory from the top"));
                }
            }
            args.push(word);
        }
        let mut command = Command { args: args.leak(), input: None, output: None, append: false };
        while let [sign, more @ ..] = rest {
            if !redirects(sign) {
                return Err(fault(sign, "'< FILE', '> FILE' and '>> FILE' have to be at the end of the command"));
            }
            let [file, more @ ..] = more else { return Err(fault(sign, "expected a file after this")) };
            if redirects(file) {
                return Err(fault(file, "expected a file before this"));
            }
            let word = Word(file.word);
            if word.has_pattern() || word.0.ends_with(b"/") {
                return Err(fault(file, "expected the path of one file"));
            }
            let word = if slots { self.slotted(file)? } else { self.place(file)? };
            let place = if sign.kind == Kind::Input { &mut command.input } else { &mut command.output };
            if place.replace(word).is_some() {
                return Err(fault(sign, "a command has one input and one output"));
            }
            command.append |= sign.kind == Kind::Append;
            rest = more;
        }
        Ok(command)
    }

    /// The file of a redirection in `each`: where one begins with a slot it stays as written.
    fn slotted(&self, token: &Token) -> Result<Word> {
        let place = self.place(token)?;
        Ok(if token.word.starts_with(&[MARK]) { Word(token.word) } else { place })
    }

    fn each(&self, tokens: &mut [Token]) -> Result<Action> {
        let pos = tokens[0].pos;
        let usage = || Err(wrong(pos, "expected 'each PATTERN… run CMD ARG…'", &[]));
        let Some(run) = tokens.iter().position(|t| is(t, "run")) else { return usage() };
        let (before, after) = tokens.split_at_mut(run);
        let (mut patterns, mut but) = (Vec::new(), Vec::new());
        for token in &mut before[1..] {
            let to = match &*token.word {
                [MARK, b'!', rest @ ..] => {
                    token.word = rest;
                    &mut but
                }
                _ => &mut patterns,
            };
            settle(&mut token.word);
            self.place(token)?;
            to.push(Word(token.word));
        }
        if patterns.is_empty() || after.len() < 2 {
            return usage();
        }
        for token in &mut after[1..] {
            if let [MARK, b'!', ..] = *token.word {
                token.word = &token.word[1..];
            }
        }
        let command = self.command(&mut after[1..], true)?;
        if !command.args.iter().chain(&command.input).chain(&command.output).any(Word::has_slot) {
            return Err(fault(&after[0], "expected '{}', '{.}', '{/}' or '{/.}' in the command: where the file gets to"));
        }
        Ok(Action::Each { patterns: patterns.leak(), but: but.leak(), command })
    }

    fn unpack(&self, words: &[Token]) -> Result<Action> {
        let name = text(&words[0])?;
        let file = match self.parser.declared(name) {
            Some(source) => source.file,
            None if self.parser.unsure => "",
            None => return Err(self.parser.undeclared(name, words[0].pos)),
        };
        let (mut into, mut strip) = (None, None);
        let mut options = &words[1..];
        while let [word, rest @ ..] = options {
            let [value, rest @ ..] = rest else { return Err(fault(word, UNPACK)) };
            if is(word, "into") && into.is_none() {
                into = Some(self.path(value)?);
            } else if is(word, "strip") && strip.is_none() {
                strip = decimal(value);
                if strip.is_none() {
                    return Err(fault(value, "expected a number"));
                }
            } else {
                return Err(fault(word, UNPACK));
            }
            options = rest;
        }
        let into = into.unwrap_or(self.cwd);
        Ok(Action::Unpack { file, into, strip: strip.unwrap_or(0) })
    }

    fn edit(&self, words: &[Token]) -> Result<Action> {
        const USAGE: &str = "expected 'edit FILE… OLD -> NEW [times N]'; a '->' in a text has to be quoted";
        let arrow = words.iter().position(|t| is(t, "->")).unwrap_or(0);
        let (files, old, new, times) = match (&words[..arrow], &words[arrow..]) {
            ([files @ .., old], [_, new]) => (files, old, new, None),
            ([files @ .., old], [_, new, word, times]) if is(word, "times") => (files, old, new, Some(times)),
            ([_, _, ..], [_, _, more, ..]) => return Err(fault(more, USAGE)),
            _ => return Err(fault(&words[arrow], USAGE)),
        };
        if files.is_empty() || is(new, "->") {
            return Err(fault(&words[arrow], USAGE));
        }
        let files = self.files(files)?;
        let (old_text, new_text) = (text(old)?, text(new)?);
        if old_text.is_empty() {
            return Err(fault(old, "the text to be replaced cannot be empty"));
        }
        self.parser.mention(new_text, new.pos)?;
        let times = match times {
            None => None,
            Some(token) => match decimal(token) {
                Some(0) | None => return Err(fault(token, "expected a number from 1 up")),
                number => number,
            },
        };
        Ok(Action::Edit { files, old: old_text, new: new_text, times })
    }

    fn transfer(&self, words: &[Token]) -> Result<Transfer> {
        let (from, to) = words.split_at(words.len() - 1);
        let into = to[0].word.ends_with(b"/");
        if !into && from.len() > 1 {
            return Err(fault(&to[0], "several go into a directory: its name has to end with '/'"));
        }
        Ok(Transfer { from: self.files(from)?, to: self.path(&to[0])?, into })
    }

    fn absent(&self, words: &[Token], pos: super::plan::Pos) -> Result<Action> {
        let Some(at) = words.iter().position(|t| is(t, "in")).filter(|&at| at > 0 && at + 1 < words.len()) else {
            return Err(wrong(pos, "expected 'absent TEXT… in PATH…'", &[]));
        };
        let mut texts: Vec<Bytes> = Vec::new();
        for token in &words[..at] {
            if token.word.is_empty() {
                return Err(fault(token, "the text cannot be empty"));
            }
            texts.push(text(token)?);
        }
        Ok(Action::Absent { texts: texts.leak(), paths: self.files(&words[at + 1..])? })
    }
}

const UNPACK: &str = "expected 'unpack FILE [into DIR] [strip N]'";
