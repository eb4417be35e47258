//! Steps as text: what could stand in a list instead of them.

use super::plan::{Action, Bytes, Command, Step};
use super::word::{Piece, Pieces, Word};
use crate::{add, text};
use alloc::string::String;
use alloc::vec::Vec;

/// Words that mean something to a verb.
const KEYWORDS: [&[u8]; 6] = [b"in", b"into", b"mode", b"run", b"strip", b"times"];

/// A step as a list has it, with the text after `<<'END'` if it has one. Read again, in the same
/// directory, it is the same step.
pub fn step(step: &Step) -> Vec<u8> {
    let (mut out, text) = words(step);
    if let Some(text) = text {
        // A word that is no line of the text.
        let mut end = b"END".to_vec();
        while text.split(|&b| b == b'\n').any(|line| line == end) {
            end.push(b'_');
        }
        for part in [&b" <<'"[..], &end, b"'\n", text, &end] {
            out.extend_from_slice(part);
        }
    }
    out
}

/// A step on one line, for people: line ends within words are `↵`, of a text there is the length.
pub fn step_line(step: &Step) -> String {
    let (out, text) = words(step);
    let mut line = String::new();
    for (i, part) in out.split(|&b| b == b'\n').enumerate() {
        line.push_str(if i > 0 { "↵" } else { "" });
        line.push_str(&super::printable(part));
    }
    if let Some(text) = text {
        let lines = text.iter().filter(|&&b| b == b'\n').count() as u32;
        add!(&mut line, " <<END (@ line@)", lines, if lines == 1 { "" } else { "s" });
    }
    line
}

struct Line<'a> {
    out: Vec<u8>,
    cwd: &'a [u8],
}

/// All but the text.
fn words(step: &Step) -> (Vec<u8>, Option<&Bytes>) {
    let mut line = Line { out: Vec::new(), cwd: &step.cwd };
    let mut text = None;
    match &step.action {
        Action::Run { command, status } => {
            if *status == 0 {
                line.raw("run");
            } else {
                line.raw("expect");
                line.number(*status as u32);
            }
            line.command(command);
        }
        Action::Each { patterns, but, command } => {
            line.raw("each");
            patterns.iter().for_each(|word| line.word(b"", &word.0));
            but.iter().for_each(|word| line.word(b"!", &word.0));
            line.raw("run");
            line.command(command);
        }
        Action::Sh { text: script, .. } => {
            line.raw("sh");
            text = Some(script);
        }
        Action::Unpack { file, into, strip } => {
            line.raw("unpack");
            line.word(b"", file.as_bytes());
            if **into != *line.cwd {
                line.raw("into");
                line.path(into);
            }
            if *strip > 0 {
                line.raw("strip");
                line.number(*strip);
            }
        }
        Action::Edit { files, old, new, times } => {
            line.raw("edit");
            line.paths(files);
            line.word(b"", old);
            line.raw("->");
            line.word(b"", new);
            if let Some(times) = times {
                line.raw("times");
                line.number(*times);
            }
        }
        Action::Write { file, mode, text: all } => {
            line.raw("write");
            line.path(file);
            if *mode != 0o644 {
                line.raw("mode");
                line.mode(*mode);
            }
            text = Some(all);
        }
        Action::Append { file, text: more } => {
            line.raw("append");
            line.path(file);
            text = Some(more);
        }
        Action::Copy(transfer) | Action::Move(transfer) => {
            line.raw(if let Action::Copy(_) = step.action { "copy" } else { "move" });
            line.paths(&transfer.from);
            line.path(&transfer.to);
            if transfer.into {
                line.out.push(b'/');
            }
        }
        Action::Link { target, name } => {
            line.raw("link");
            line.word(b"", target);
            line.path(name);
        }
        Action::Mkdir { dirs } => {
            line.raw("mkdir");
            dirs.iter().for_each(|dir| line.path(dir));
        }
        Action::Remove { paths } => {
            line.raw("remove");
            line.paths(paths);
        }
        Action::Chmod { mode, paths } => {
            line.raw("chmod");
            line.mode(*mode);
            line.paths(paths);
        }
        Action::Same { files, text: all } => {
            line.raw("same");
            line.paths(files);
            text = all.as_ref();
        }
        Action::Absent { texts, paths } => {
            line.raw("absent");
            texts.iter().for_each(|text| line.word(b"", text));
            line.raw("in");
            line.paths(paths);
        }
    }
    (line.out, text)
}

impl Line<'_> {
    /// Adds what needs no quotes.
    fn raw(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, n: u32) {
        let mut text = String::new();
        text::digits(&mut text, n as u64, 1);
        self.raw(&text);
    }

    /// Adds a word after `sign`, which stays without quotes.
    fn word(&mut self, sign: &[u8], word: &[u8]) {
        self.raw("");
        self.out.extend_from_slice(sign);
        if word.is_empty() || KEYWORDS.contains(&word) {
            return self.quote(word);
        }
        for piece in Pieces(word) {
            match piece {
                Piece::Text(text) if !text.iter().copied().all(is_safe) => self.quote(text),
                piece => piece.write(&mut self.out),
            }
        }
    }

    fn quote(&mut self, text: &[u8]) {
        self.out.push(b'\'');
        for &b in text {
            if b == b'\'' {
                self.out.extend_from_slice(b"'\\'");
            }
            self.out.push(b);
        }
        self.out.push(b'\'');
    }

    /// Adds a path, without the current directory where it begins with that.
    fn path(&mut self, path: &[u8]) {
        let below = path.strip_prefix(self.cwd).and_then(|rest| rest.strip_prefix(b"/"));
        self.word(b"", below.unwrap_or(if *path == *self.cwd { b"." } else { path }));
    }

    fn paths(&mut self, paths: &[Word]) {
        paths.iter().for_each(|path| self.path(&path.0));
    }

    fn command(&mut self, command: &Command) {
        command.args.iter().for_each(|word| self.word(b"", &word.0));
        for (sign, file) in [("<", &command.input), (if command.append { ">>" } else { ">" }, &command.output)] {
            if let Some(file) = file {
                self.raw(sign);
                self.path(&file.0);
            }
        }
    }

    fn mode(&mut self, mode: u16) {
        let digits = [9, 6, 3, 0].map(|shift| (b'0' + (mode >> shift & 7) as u8) as char);
        self.raw("");
        self.out.extend(digits.iter().skip((mode < 0o1000) as usize).map(|&d| d as u8));
    }
}

/// Whether a byte means nothing outside of quotes.
fn is_safe(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || b"_-./,:=+@%^~".contains(&b)
}
