//! Lists to a plan: reads them line by line, follows `include`, keeps packages apart.

use super::Loader;
use super::diag::{Report, Wrong, near, wrong};
use super::heads::{Packages, Sources};
use super::lex::{Kind, Lexer, Token};
use super::plan::{Bytes, Kind as UnitKind, ListFile, Plan, Pos};
use super::scope::{Names, Scope, one};
use super::verbs::{self, Row, Stand, Text, Verb};
use super::word::{MARK, settle};
use super::{path, steps};
use crate::error::{self, Error, Status};
use crate::text;
use alloc::vec::Vec;

pub(super) type Result<T> = core::result::Result<T, Wrong>;
pub(super) type Outcome = Result<()>;

pub(super) struct Parser<'a> {
    loader: &'a mut dyn Loader,
    pub plan: Plan,
    pub report: Report,
    pub scope: Scope,
    /// The list being read and, before it, those that include it.
    frames: Vec<(u32, Lexer)>,
    lists: Names,
    /// How many frames there were when the current unit began; 0 outside of packages.
    began: usize,
    /// An error leaves open what the unit has.
    pub unsure: bool,
    pub packages: Packages,
    pub sources: Sources,
    /// The source that the seed is made of: where it is named, its name, the script.
    pub seed_source: Option<(Pos, Bytes, &'static str)>,
}

/// See [`super::parse`].
pub(super) fn parse(loader: &mut dyn Loader, list: &str, nproc: u32) -> error::Result<Plan> {
    let mut parser = Parser {
        loader,
        plan: Plan::default(),
        report: Report::default(),
        scope: Scope::default(),
        frames: Vec::new(),
        lists: Names::default(),
        began: 0,
        unsure: false,
        packages: Packages::default(),
        sources: Sources::default(),
        seed_source: None,
    };
    parser.scope.set(b"NPROC", one(text!("@", nproc).as_bytes()));
    parser.open(list)?;
    parser.read();
    if let Err(wrong) = parser.end() {
        parser.report.add(wrong);
    }
    match parser.report.message(&parser.plan.lists) {
        Some(message) => Err(Error::new(Status::List, message)),
        None => Ok(parser.plan),
    }
}

impl Parser<'_> {
    /// Opens a list, to be read next.
    fn open(&mut self, list: &str) -> error::Result<()> {
        let index = match self.lists.find(list.as_bytes()) {
            Some(index) => index,
            None => {
                let bytes = self.loader.load(list)?;
                self.lists.add(list.as_bytes());
                self.plan.lists.push(ListFile { path: text::own(list.as_bytes()), bytes: bytes.leak() });
                self.plan.lists.len() - 1
            }
        };
        let bytes = self.plan.lists[index].bytes;
        self.frames.push((index as u32, Lexer::new(bytes, index as u32, &mut self.report)));
        Ok(())
    }

    /// Reads all that is open.
    fn read(&mut self) {
        let mut tokens = Vec::new();
        while let Some((_, lexer)) = self.frames.last_mut() {
            let errors = self.report.count();
            let more = lexer.line(&self.scope, &mut self.report, &mut tokens);
            if self.report.stop {
                return;
            }
            if !more {
                // A package ends with the list that it began in.
                if self.began == self.frames.len() {
                    self.leave();
                }
                self.frames.pop();
                continue;
            }
            let span = lexer.span();
            let at = tokens.first().map_or(Pos::default(), |t| t.pos);
            self.report.spend(at, 64);
            if self.report.count() > errors {
                self.guess(&tokens);
            } else if let Err(wrong) = self.line(&mut tokens, span) {
                self.report.add(wrong);
                self.guess(&tokens);
            }
        }
    }

    /// After an error in a line: does what keeps it from being the cause of others.
    fn guess(&mut self, tokens: &[Token]) {
        let [verb, first, ..] = tokens else { return };
        match verbs::find(&verb.word).map(|row| row.verb) {
            Some(Verb::Set | Verb::Env) if self.scope.get(&first.word).is_none() => {
                self.scope.set(&first.word, &[]);
            }
            Some(Verb::Package | Verb::Test) => {
                self.enter(UnitKind::Package, "?", verb.pos);
                self.unsure = true;
            }
            Some(Verb::Source) => self.unsure = true,
            Some(Verb::Include) => self.report.stop = true,
            _ => {}
        }
    }

    fn line(&mut self, tokens: &mut [Token], span: (u32, u32)) -> Outcome {
        // A variable may have left nothing.
        let Some(first) = tokens.first_mut() else { return Ok(()) };
        settle(&mut first.word);
        let pos = first.pos;
        if first.kind != Kind::Bare {
            return Err(wrong(pos, "a line begins with a verb, without quotes", &[]));
        }
        let Some(row) = verbs::find(&first.word) else { return Err(verbs::unknown(&first.word, pos)) };
        let misplaced = match row.stand {
            Stand::Inside if !self.inside() => "% stands outside of a package; a line 'package NAME' comes first",
            Stand::Outside if self.inside() => "% stands in a package; its place is above the first one",
            _ => "",
        };
        if !misplaced.is_empty() {
            return Err(wrong(pos, misplaced, &[row.name.as_bytes()]));
        }
        shape(row, tokens)?;
        if !matches!(row.verb, Verb::Each | Verb::Set) {
            tokens.iter_mut().for_each(|token| settle(&mut token.word));
        }
        if row.stand == Stand::Inside {
            return steps::step(self, row.verb, tokens, span);
        }
        self.head(row.verb, pos, &tokens[1..])
    }

    pub fn include(&mut self, token: &Token) -> Outcome {
        let name = utf8(token)?;
        if name.starts_with("/") || name.is_empty() {
            let what = "an included list is named relative to the folder of this one";
            return Err(wrong(token.pos, what, &[]));
        }
        let path = path::beside(&self.plan.lists[token.pos.list as usize].path, name);
        let known = self.lists.find(path.as_bytes()).map(|i| i as u32);
        if let Some(i) = self.frames.iter().position(|frame| Some(frame.0) == known) {
            let mut chain = "";
            for (list, _) in &self.frames[i..] {
                chain = text!("@@ > ", chain, self.plan.lists[*list as usize].path);
            }
            return Err(wrong(token.pos, "the list includes itself: @@", &[chain.as_bytes(), path.as_bytes()]));
        }
        self.open(&path).map_err(|e| wrong(token.pos, "@", &[e.message.as_bytes()]))
    }

    /// Whether a package or test has begun.
    pub fn inside(&self) -> bool {
        self.began > 0
    }

    /// A unit begins in this list.
    pub fn begun(&mut self) {
        self.began = self.frames.len();
    }

    /// Ends the unit, if there is one.
    pub fn leave(&mut self) {
        if let (true, Some(unit)) = (self.began > 0, self.plan.units.last_mut()) {
            unit.shell = self.scope.now.shell;
            unit.env = self.scope.now.env;
        }
        self.began = 0;
        self.unsure = false;
        self.scope.leave();
    }

    /// Checks the paths in a text that have to name what there is.
    pub fn mention(&self, text: &[u8], pos: Pos) -> Outcome {
        if self.began == 0 || self.unsure {
            return Ok(());
        }
        for name in path::named(text, b"/store/") {
            if self.packages.names.find(name).is_none() {
                let near = near(name, self.packages.names.iter());
                let what = "'/store/@' is not the output of this package or of one above@";
                return Err(wrong(pos, what, &[name, near.as_bytes()]));
            }
        }
        for name in path::named(text, b"/downloads/") {
            if self.declared(name).is_none() {
                return Err(self.undeclared(name, pos));
            }
        }
        Ok(())
    }
}

/// Whether the line has as many words, and a text, as its verb wants.
fn shape(row: &Row, tokens: &[Token]) -> Outcome {
    let usage = |pos| Err(wrong(pos, "expected '@'", &[row.usage.as_bytes()]));
    let runs = matches!(row.verb, Verb::Run | Verb::Expect | Verb::Each);
    let mut words = 0;
    let mut last = &tokens[0];
    for token in &tokens[1..] {
        let what = match token.kind {
            _ if last.kind == Kind::Text => {
                return Err(wrong(last.pos, "the text has to be the last on its line", &[]));
            }
            Kind::Text if row.text == Text::No => "% takes no text",
            Kind::Input | Kind::Output | Kind::Append if !runs => {
                "only 'run', 'expect' and 'each' redirect; as text it has to be quoted"
            }
            _ => "",
        };
        if !what.is_empty() {
            return Err(wrong(token.pos, what, &[row.name.as_bytes()]));
        }
        if token.kind != Kind::Text {
            words += 1;
            if words > row.words.1 as usize && row.words.1 < u8::MAX {
                return usage(token.pos);
            }
        }
        last = token;
    }
    if words < row.words.0 as usize || row.text == Text::Must && last.kind != Kind::Text {
        return usage(tokens[0].pos);
    }
    Ok(())
}

/// The bytes of a word that is not to be a pattern.
pub(super) fn text(token: &Token) -> Result<Bytes> {
    if token.word.contains(&MARK) {
        return Err(wrong(token.pos, "a pattern cannot stand here; as text it has to be quoted", &[]));
    }
    Ok(token.word)
}

/// A name.
pub(super) fn utf8(token: &Token) -> Result<&'static str> {
    core::str::from_utf8(text(token)?).map_err(|_| wrong(token.pos, "a name has to be UTF-8", &[]))
}
