//! Lists to a plan: reads them line by line, follows `include`, keeps packages apart.

use super::Loader;
use super::diag::{Report, Wrong, locate, near, number, quoted};
use super::lex::{Kind, Lexer, Token};
use super::path;
use super::plan::{Kind as UnitKind, ListFile, Place, Plan, Pos, Seed, SeedRecipe, Source, Unit};
use super::scope::{Names, Scope, Value, one};
use super::steps;
use super::verbs::{self, Row, Stand, Text, Verb};
use super::word::{MARK, Word, settle};
use crate::error::{Error, Result, Status};
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

/// What `/dev` can hold, sorted.
const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];
/// Variables that are made by other lines than `set`.
const RESERVED: [(&[u8], &str); 4] = [
    (b"BUILD", "it is the package's directory"),
    (b"NPROC", "it is the number of jobs that the user allows"),
    (b"OUT", "it is the package's output"),
    (b"PATH", "use 'path'"),
];

/// Where a package is.
struct Package {
    pos: Pos,
    /// Its test.
    test: Option<Pos>,
}

/// A declared source.
struct Known {
    source: Source,
    /// The last unit that declared it, counted from 1; 0 is outside of packages.
    unit: usize,
}

pub(super) struct Parser<'a> {
    loader: &'a mut dyn Loader,
    pub plan: Plan,
    pub report: Report,
    pub scope: Scope,
    /// The list being read and those that include it.
    frames: Vec<Lexer>,
    /// Which list each of the frames reads.
    open: Vec<u32>,
    /// How many frames there were when the current unit began; 0 outside of packages.
    began: usize,
    lists: Names,
    packages: (Names, Vec<Package>),
    sources: (Names, Vec<Known>),
    /// An error leaves open what the unit has.
    pub unsure: bool,
    /// The source that the seed is made of.
    seed_source: Option<(Pos, Vec<u8>, String)>,
}

pub(super) type Outcome = core::result::Result<(), Wrong>;

/// See [`super::parse`].
pub(super) fn parse(loader: &mut dyn Loader, list: &str, nproc: u32) -> Result<Plan> {
    let mut parser = Parser {
        loader,
        plan: Plan::default(),
        report: Report::default(),
        scope: Scope::default(),
        frames: Vec::new(),
        open: Vec::new(),
        began: 0,
        lists: Names::default(),
        packages: Default::default(),
        sources: Default::default(),
        unsure: false,
        seed_source: None,
    };
    parser.scope.set(b"NPROC", one(number(nproc).as_bytes()));
    parser.open(list)?;
    parser.read();
    if let Err((pos, message)) = parser.end() {
        parser.report.add(pos, message);
    }
    match parser.report.message(&parser.plan.lists) {
        Some(message) => Err(Error::new(Status::List, message)),
        None => Ok(parser.plan),
    }
}

impl Parser<'_> {
    /// Opens a list, to be read next.
    fn open(&mut self, list: &str) -> Result<()> {
        let index = match self.lists.find(list.as_bytes()) {
            Some(index) => index,
            None => {
                let bytes = self.loader.load(list)?;
                self.lists.add(list.as_bytes());
                self.plan.lists.push(ListFile { path: list.into(), bytes: bytes.into() });
                self.plan.lists.len() - 1
            }
        } as u32;
        let bytes = self.plan.lists[index as usize].bytes.clone();
        self.frames.push(Lexer::new(bytes, index, &mut self.report));
        self.open.push(index);
        Ok(())
    }

    /// Reads all that is open.
    fn read(&mut self) {
        let mut tokens = Vec::new();
        while let Some(lexer) = self.frames.last_mut() {
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
                self.open.pop();
                continue;
            }
            let span = lexer.span();
            self.report.spend(Pos::default(), 64);
            if self.report.count() > errors {
                self.guess(&tokens);
            } else if let Err((pos, message)) = self.line(&mut tokens, span) {
                self.report.add(pos, message);
                self.guess(&tokens);
            }
        }
    }

    /// After an error in a line: does what keeps it from being the cause of others.
    fn guess(&mut self, tokens: &[Token]) {
        let verb = tokens.first().and_then(|t| verbs::find(&t.word).ok()).map(|row| row.verb);
        let Some(word) = tokens.get(1).map(|t| &*t.word) else { return };
        match verb {
            Some(Verb::Set | Verb::Env) if self.scope.get(word).is_none() => {
                self.scope.set(word, Rc::new([]));
            }
            Some(Verb::Package | Verb::Test) => {
                let name = String::from_utf8_lossy(word);
                self.enter(UnitKind::Package, &name, tokens[0].pos);
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
            return Err((pos, "a line begins with a verb, without quotes".into()));
        }
        let row = verbs::find(&first.word).map_err(|message| (pos, message))?;
        let inside = self.began > 0;
        if row.stand == Stand::Inside && !inside {
            return Err((pos, [&named(row), " stands outside of a package; a line 'package NAME' comes first"].concat()));
        }
        if row.stand == Stand::Outside && inside {
            return Err((pos, [&named(row), " stands in a package; its place is above the first one"].concat()));
        }
        self.shape(row, tokens)?;
        if !matches!(row.verb, Verb::Each | Verb::Set) {
            tokens.iter_mut().for_each(|token| settle(&mut token.word));
        }
        if row.stand == Stand::Inside {
            return steps::step(self, row.verb, tokens, span);
        }
        let (first, rest) = (&tokens[1], &tokens[2..]);
        match row.verb {
            Verb::Include => self.include(first),
            Verb::Package => self.package(pos, first),
            Verb::Test => self.test(pos, first),
            Verb::Source => self.source(first, rest),
            Verb::Seed => self.seed(pos, &tokens[1..]),
            Verb::Device => self.device(&tokens[1..]),
            Verb::Path => self.path(&tokens[1..]),
            Verb::Shell => self.shell(first),
            _ => self.set(row.verb == Verb::Env, first, rest),
        }
    }

    /// Whether the line has as many words, and a text, as its verb wants.
    fn shape(&self, row: &Row, tokens: &[Token]) -> Outcome {
        let usage = |pos| (pos, ["expected '", row.usage, "'"].concat());
        let runs = matches!(row.verb, Verb::Run | Verb::Expect | Verb::Each);
        let mut words = 0;
        for (i, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Text if row.text == Text::No => {
                    return Err((token.pos, [&named(row), " takes no text"].concat()));
                }
                Kind::Text if i + 1 < tokens.len() => {
                    return Err((token.pos, "the text has to be the last on its line".into()));
                }
                Kind::Text => {}
                Kind::Input | Kind::Output | Kind::Append if !runs => {
                    return Err((token.pos, "only 'run', 'expect' and 'each' redirect; as text it has to be quoted".into()));
                }
                _ => words += 1,
            }
        }
        words -= 1;
        let last = &tokens[tokens.len() - 1];
        if words < row.words.0 as usize || row.text == Text::Must && last.kind != Kind::Text {
            return Err(usage(tokens[0].pos));
        }
        match tokens.get(row.words.1 as usize + 1) {
            Some(token) if row.words.1 < u8::MAX && token.kind != Kind::Text => Err(usage(token.pos)),
            _ => Ok(()),
        }
    }

    fn include(&mut self, token: &Token) -> Outcome {
        let name = utf8(token)?;
        let wrong = |message| Err((token.pos, message));
        if name.starts_with('/') || name.is_empty() {
            return wrong("an included list is named relative to the folder of this one".into());
        }
        let path = path::beside(&self.plan.lists[token.pos.list as usize].path, name);
        let known = self.lists.find(path.as_bytes()).map(|i| i as u32);
        if let Some(i) = self.open.iter().position(|&open| Some(open) == known) {
            let mut message = String::from("the list includes itself: ");
            for &list in &self.open[i..] {
                message.push_str(&self.plan.lists[list as usize].path);
                message.push_str(" > ");
            }
            return wrong(message + &path);
        }
        self.open(&path).map_err(|e| (token.pos, e.message.clone()))
    }

    /// Begins a unit, whatever its name is.
    fn enter(&mut self, kind: UnitKind, name: &str, pos: Pos) {
        self.leave();
        let (out, build) = (["/store/", name].concat(), ["/tmp/", name].concat());
        self.scope.enter(&out, &build);
        self.began = self.frames.len();
        self.plan.units.push(Unit {
            kind,
            pos,
            name: name.into(),
            out: out.into(),
            build: build.into(),
            sources: Vec::new(),
            shell: None,
            env: Default::default(),
            steps: Vec::new(),
        });
    }

    /// Ends the unit, if there is one.
    fn leave(&mut self) {
        if let (true, Some(unit)) = (self.began > 0, self.plan.units.last_mut()) {
            unit.shell = self.scope.now.shell.clone();
            unit.env = self.scope.now.env.clone();
        }
        self.began = 0;
        self.unsure = false;
        self.scope.leave();
    }

    fn package(&mut self, pos: Pos, token: &Token) -> Outcome {
        let name = unit_name(token)?;
        if let Some(i) = self.packages.0.find(name.as_bytes()) {
            let there = locate(&self.plan.lists, self.packages.1[i].pos);
            return Err((token.pos, ["package ", &quoted(&token.word), " stands above already, at ", &there].concat()));
        }
        self.packages.0.add(name.as_bytes());
        self.packages.1.push(Package { pos: token.pos, test: None });
        self.enter(UnitKind::Package, name, pos);
        Ok(())
    }

    fn test(&mut self, pos: Pos, token: &Token) -> Outcome {
        let name = unit_name(token)?;
        let Some(i) = self.packages.0.find(name.as_bytes()) else {
            let near = near(&token.word, self.packages.0.keys.iter().map(|k| &**k));
            return Err((token.pos, ["no package ", &quoted(&token.word), " stands above", &near].concat()));
        };
        if let Some(there) = self.packages.1[i].test.replace(token.pos) {
            let there = locate(&self.plan.lists, there);
            return Err((token.pos, ["package ", &quoted(&token.word), " has a test already, at ", &there].concat()));
        }
        self.enter(UnitKind::Test, name, pos);
        Ok(())
    }

    fn source(&mut self, file: &Token, rest: &[Token]) -> Outcome {
        let name = utf8(file)?;
        if matches!(name, "" | "." | "..") || name.bytes().any(|b| b == b'/' || b < b' ' || b == 0x7f) {
            return Err((file.pos, "expected the name of a file, without '/'".into()));
        }
        let sha256 = hash(text(&rest[0])?)
            .ok_or_else(|| (rest[0].pos, "expected a sha256: 64 digits of 0-9 and a-f".into()))?;
        let mut places = Vec::new();
        for token in &rest[1..] {
            places.push(place(utf8(token)?).ok_or_else(|| {
                (token.pos, "expected a URL (https:, http:, ftp:) or 'deb:PATH' without '..'".into())
            })?);
        }
        let source = Source { pos: file.pos, file: name.into(), sha256, places: places.into() };
        let inside = self.began > 0;
        let unit = if inside { self.plan.units.len() } else { 0 };
        match self.sources.0.find(name.as_bytes()) {
            None => {
                self.sources.0.add(name.as_bytes());
                self.sources.1.push(Known { source: source.clone(), unit });
            }
            Some(i) => {
                let known = &mut self.sources.1[i];
                let there = locate(&self.plan.lists, known.source.pos);
                if known.source.sha256 != sha256 {
                    let message = ["source ", &quoted(&file.word), " has another sha256 at ", &there].concat();
                    return Err((rest[0].pos, message));
                }
                if known.unit == unit {
                    let message = ["source ", &quoted(&file.word), " is declared already, at ", &there].concat();
                    return Err((file.pos, message));
                }
                *known = Known { source: source.clone(), unit };
            }
        }
        match self.plan.units.last_mut() {
            Some(unit) if inside => unit.sources.push(source),
            _ => self.plan.sources.push(source),
        }
        Ok(())
    }

    /// The source that this unit declares under that name.
    pub fn declared(&self, file: &[u8]) -> Option<&Source> {
        let known = &self.sources.1[self.sources.0.find(file)?];
        (known.unit == self.plan.units.len()).then_some(&known.source)
    }

    /// The names of the unit's sources.
    pub fn sources(&self) -> impl Iterator<Item = &[u8]> {
        self.plan.units.last().into_iter().flat_map(|unit| &unit.sources).map(|s| s.file.as_bytes())
    }

    /// Whether a package of that name stands above; if not, what to say about it.
    pub fn above(&self, name: &[u8]) -> core::result::Result<(), String> {
        if self.packages.0.find(name).is_some() {
            return Ok(());
        }
        let near = near(name, self.packages.0.keys.iter().map(|k| &**k));
        let path = [b"/store/", name].concat();
        Err([&quoted(&path), " is not the output of this package or of one above", &near].concat())
    }

    fn seed(&mut self, pos: Pos, tokens: &[Token]) -> Outcome {
        if let Some(seed) = &self.plan.seed {
            let there = locate(&self.plan.lists, seed.pos);
            return Err((pos, ["the seed is named already, at ", &there].concat()));
        }
        let path = self.rooted(&tokens[0])?;
        if tokens.len() == 2 {
            return Err((pos, "expected 'seed PATH' or 'seed PATH SCRIPT SOURCE'".into()));
        }
        if let [_, script, source] = tokens {
            let list = &self.plan.lists[pos.list as usize].path;
            self.seed_source = Some((source.pos, text(source)?.into(), path::beside(list, utf8(script)?)));
        }
        self.plan.seed = Some(Seed { pos, path: path.into(), recipe: None });
        Ok(())
    }

    /// What can be said only when all is read.
    fn end(&mut self) -> Outcome {
        let Some((pos, file, script)) = self.seed_source.take() else { return Ok(()) };
        let Some(i) = self.sources.0.find(&file) else {
            let near = near(&file, self.sources.0.keys.iter().map(|k| &**k));
            return Err((pos, ["no line declares the source ", &quoted(&file), &near].concat()));
        };
        if let Some(seed) = &mut self.plan.seed {
            seed.recipe = Some(SeedRecipe { script, source: self.sources.1[i].source.clone() });
        }
        Ok(())
    }

    fn device(&mut self, tokens: &[Token]) -> Outcome {
        for token in tokens {
            let Some(name) = DEVICES.iter().find(|d| d.as_bytes() == &*token.word) else {
                let known = DEVICES.join(" ");
                return Err((token.pos, ["unknown device ", &quoted(&token.word), "; known are ", &known].concat()));
            };
            if let Err(i) = self.plan.devices.binary_search(name) {
                self.plan.devices.insert(i, name);
            }
        }
        Ok(())
    }

    fn path(&mut self, tokens: &[Token]) -> Outcome {
        let mut dirs: Vec<Rc<[u8]>> = Vec::new();
        for token in tokens {
            for dir in text(token)?.split(|&b| b == b':') {
                let dir = path::absolute(b"/", dir).filter(|_| dir.starts_with(b"/")).ok_or_else(|| {
                    (token.pos, "expected absolute directories without '..'".into())
                })?;
                self.mention(&dir, token.pos)?;
                dirs.push(dir.into());
            }
        }
        let joined = dirs.join(&b':');
        self.changing(tokens[0].pos);
        self.scope.export("PATH", &joined);
        Rc::make_mut(&mut self.scope.now.env).path = dirs;
        self.scope.set(b"PATH", one(&joined));
        Ok(())
    }

    fn shell(&mut self, token: &Token) -> Outcome {
        let path = self.rooted(token)?;
        self.mention(&path, token.pos)?;
        self.scope.now.shell = Some(path.into());
        Ok(())
    }

    /// An absolute path that is no pattern.
    fn rooted(&self, token: &Token) -> core::result::Result<Vec<u8>, Wrong> {
        let path = text(token)?;
        path::absolute(b"/", path)
            .filter(|_| path.starts_with(b"/"))
            .ok_or_else(|| (token.pos, "expected an absolute path without '..'".into()))
    }

    /// The environment is copied if a step has it.
    fn changing(&mut self, pos: Pos) {
        if Rc::strong_count(&self.scope.now.env) > 1 {
            let env = &self.scope.now.env;
            self.report.spend(pos, (env.vars.len() + env.path.len()) * 32);
        }
    }

    fn set(&mut self, export: bool, name: &Token, rest: &[Token]) -> Outcome {
        let word = &*name.word;
        if !word.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_') || word.first().is_none_or(u8::is_ascii_digit) {
            return Err((name.pos, "expected a variable's name: letters, digits and '_'".into()));
        }
        if let Some((_, why)) = RESERVED.iter().find(|r| r.0 == word) {
            return Err((name.pos, [&quoted(word), " cannot be set: ", why].concat()));
        }
        if !export {
            if self.scope.exported(word) {
                return Err((name.pos, [&quoted(word), " is in the environment; change it with 'env'"].concat()));
            }
            let value: Value = rest.iter().map(|token| Word(token.word.clone())).collect();
            self.scope.set(word, value);
            return Ok(());
        }
        let mut words = Vec::new();
        for token in rest {
            words.push(Word(text(token)?.into()));
            if self.began > 0 {
                self.mention(&token.word, token.pos)?;
            }
        }
        let joined = words.iter().map(|w| &*w.0).collect::<Vec<_>>().join(&b' ');
        self.changing(name.pos);
        self.scope.export(utf8(name)?, &joined);
        self.scope.set(word, words.into());
        Ok(())
    }

    /// Checks the paths in a text that have to name what there is.
    pub fn mention(&self, text: &[u8], pos: Pos) -> Outcome {
        if self.began == 0 || self.unsure {
            return Ok(());
        }
        for name in path::named(text, b"/store/") {
            self.above(name).map_err(|message| (pos, message))?;
        }
        for name in path::named(text, b"/downloads/") {
            if self.declared(name).is_none() {
                return Err((pos, self.undeclared(name)));
            }
        }
        Ok(())
    }

    /// What to say about a source that the unit does not have.
    pub fn undeclared(&self, name: &[u8]) -> String {
        let kind = match self.plan.units.last() {
            Some(Unit { kind: UnitKind::Test, .. }) => "test",
            _ => "package",
        };
        ["no line 'source' of this ", kind, " declares ", &quoted(name), &near(name, self.sources())].concat()
    }
}

fn named(row: &Row) -> String {
    ["'", row.name, "'"].concat()
}

/// The bytes of a word that is not to be a pattern; braces are just braces.
pub(super) fn text(token: &Token) -> core::result::Result<&[u8], Wrong> {
    if token.word.contains(&MARK) {
        return Err((token.pos, "a pattern cannot stand here; as text it has to be quoted".into()));
    }
    Ok(&token.word)
}

fn utf8(token: &Token) -> core::result::Result<&str, Wrong> {
    core::str::from_utf8(text(token)?).map_err(|_| (token.pos, "a name has to be UTF-8".into()))
}

/// The name of a package.
fn unit_name(token: &Token) -> core::result::Result<&str, Wrong> {
    let name = utf8(token)?;
    if name.is_empty() || name.starts_with(['.', '-']) || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)) {
        return Err((token.pos, "expected a package's name: letters, digits, '.', '_', '+' and '-'".into()));
    }
    Ok(name)
}

fn hash(text: &[u8]) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (i, &digit) in text.iter().enumerate() {
        out[i / 2] = out[i / 2] << 4 | (digit as char).to_digit(16)? as u8;
    }
    Some(out)
}

fn place(text: &str) -> Option<Place> {
    if let Some(path) = text.strip_prefix("deb:") {
        let good = path.contains('/') && !path.starts_with('/') && !path.ends_with('/') && !path::climbs(path.as_bytes());
        return good.then(|| Place::Deb(path.into()));
    }
    let rest = ["https://", "http://", "ftp://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    (!rest.is_empty()).then(|| Place::Url(text.into()))
}
