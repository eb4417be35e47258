//! The lines that are not steps: packages, sources, the seed, variables.

use super::diag::{Wrong, locate, near, wrong};
use super::lex::Token;
use super::parse::{Outcome, Parser, Result, text, utf8};
use super::path;
use super::plan::{Env, Kind, Place, Pos, Seed, SeedRecipe, Source, Unit};
use super::scope::{Names, Value, one};
use super::verbs::Verb;
use super::word::{Word, copied, seal};
use crate::text;
use alloc::vec::Vec;

/// What `/dev` can hold, sorted.
const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];

/// Variables that are made by other lines than `set`.
const RESERVED: [(&str, &str); 4] = [
    ("BUILD", "it is the package's directory"),
    ("NPROC", "it is the number of jobs that the user allows"),
    ("OUT", "it is the package's output"),
    ("PATH", "use 'path'"),
];

/// The packages so far.
#[derive(Default)]
pub(super) struct Packages {
    pub names: Names,
    /// Where each is, and its test.
    places: Vec<(Pos, Option<Pos>)>,
}

/// The sources so far: for each name the line that declared it last.
#[derive(Default)]
pub(super) struct Sources {
    names: Names,
    /// The unit, counted from 1 (0 is outside of packages), and which of its sources it is.
    places: Vec<(usize, usize)>,
}

impl Parser<'_> {
    /// A line of that verb.
    pub(super) fn head(&mut self, verb: Verb, pos: Pos, words: &[Token]) -> Outcome {
        let [first, rest @ ..] = words else { return Ok(()) };
        match verb {
            Verb::Include => self.include(first),
            Verb::Package => self.package(pos, first),
            Verb::Test => self.test(pos, first),
            Verb::Source => self.source(first, rest),
            Verb::Seed => self.seed(pos, words),
            Verb::Device => self.device(words),
            Verb::Path => self.path(words),
            Verb::Shell => self.shell(first),
            _ => self.set(verb == Verb::Env, first, rest),
        }
    }

    /// `what` with the place `pos` for its `@`.
    fn already(&self, at: Pos, what: &str, name: &[u8], pos: Pos) -> Wrong {
        wrong(at, what, &[name, locate(&self.plan.lists, pos).as_bytes()])
    }

    fn package(&mut self, pos: Pos, token: &Token) -> Outcome {
        let name = unit_name(token)?;
        if let Some(i) = self.packages.names.find(name.as_bytes()) {
            let there = self.packages.places[i].0;
            return Err(self.already(token.pos, "package % stands above already, at @", &token.word, there));
        }
        self.packages.names.add(name.as_bytes());
        self.packages.places.push((token.pos, None));
        self.enter(Kind::Package, name, pos);
        Ok(())
    }

    fn test(&mut self, pos: Pos, token: &Token) -> Outcome {
        let name = unit_name(token)?;
        let Some(i) = self.packages.names.find(name.as_bytes()) else {
            let near = near(&token.word, self.packages.names.iter());
            return Err(wrong(token.pos, "no package % stands above@", &[&token.word, near.as_bytes()]));
        };
        if let Some(there) = self.packages.places[i].1.replace(token.pos) {
            return Err(self.already(token.pos, "package % has a test already, at @", &token.word, there));
        }
        self.enter(Kind::Test, name, pos);
        Ok(())
    }

    /// The number of the unit that the line belongs to.
    fn unit(&self) -> usize {
        if self.inside() { self.plan.units.len() } else { 0 }
    }

    /// The sources of a unit.
    fn sources_of(&mut self, unit: usize) -> &mut Vec<Source> {
        match self.plan.units.get_mut(unit.wrapping_sub(1)) {
            Some(unit) => &mut unit.sources,
            None => &mut self.plan.sources,
        }
    }

    fn source(&mut self, file: &Token, rest: &[Token]) -> Outcome {
        let name = utf8(file)?;
        if matches!(name, "" | "." | "..") || name.bytes().any(|b| b == b'/' || b < b' ' || b == 0x7f) {
            return Err(wrong(file.pos, "expected the name of a file, without '/'", &[]));
        }
        let Some(sha256) = hash(text(&rest[0])?) else {
            return Err(wrong(rest[0].pos, "expected a sha256: 64 digits of 0-9 and a-f", &[]));
        };
        let mut places = Vec::new();
        for token in &rest[1..] {
            let Some(place) = place(utf8(token)?) else {
                let what = "expected a URL (https:, http:, ftp:) or 'deb:PATH' without '..'";
                return Err(wrong(token.pos, what, &[]));
            };
            places.push(place);
        }
        let unit = self.unit();
        let place = (unit, self.sources_of(unit).len());
        match self.sources.names.find(name.as_bytes()) {
            None => {
                self.sources.names.add(name.as_bytes());
                self.sources.places.push(place);
            }
            Some(i) => {
                let last = self.sources.places[i];
                let other = &self.sources_of(last.0)[last.1];
                let (there, same) = (other.pos, other.sha256 == sha256);
                if !same {
                    return Err(self.already(rest[0].pos, "source % has another sha256 at @", &file.word, there));
                }
                if last.0 == unit {
                    return Err(self.already(file.pos, "source % is declared already, at @", &file.word, there));
                }
                self.sources.places[i] = place;
            }
        }
        self.sources_of(unit).push(Source { pos: file.pos, file: name, sha256, places: places.leak() });
        Ok(())
    }

    /// The source that this unit declares under that name.
    pub(super) fn declared(&self, file: &[u8]) -> Option<&Source> {
        let (unit, i) = self.sources.places[self.sources.names.find(file)?];
        self.plan.units.last().filter(|_| unit == self.plan.units.len())?.sources.get(i)
    }

    /// What to say about a source that the unit does not have.
    pub(super) fn undeclared(&self, name: &[u8], pos: Pos) -> Wrong {
        let Some(unit) = self.plan.units.last() else { return wrong(pos, "", &[]) };
        let near = near(name, unit.sources.iter().map(|s| s.file.as_bytes()));
        let kind: &[u8] = if unit.kind == Kind::Test { b"test" } else { b"package" };
        wrong(pos, "no line 'source' of this @ declares %@", &[kind, name, near.as_bytes()])
    }

    fn seed(&mut self, pos: Pos, tokens: &[Token]) -> Outcome {
        if let Some(seed) = &self.plan.seed {
            return Err(self.already(pos, "the seed is % already, at @", &seed.path, seed.pos));
        }
        let path = seal(rooted(&tokens[0])?);
        match tokens {
            [_, script, source] => {
                let list = &self.plan.lists[pos.list as usize].path;
                self.seed_source = Some((source.pos, copied(text(source)?), path::beside(list, utf8(script)?)));
            }
            [_, _] => return Err(wrong(pos, "expected 'seed PATH' or 'seed PATH SCRIPT SOURCE'", &[])),
            _ => {}
        }
        self.plan.seed = Some(Seed { pos, path, recipe: None });
        Ok(())
    }

    /// What can be said only when all is read.
    pub(super) fn end(&mut self) -> Outcome {
        let Some((pos, file, script)) = self.seed_source.take() else { return Ok(()) };
        let Some(i) = self.sources.names.find(&file) else {
            let near = near(&file, self.sources.names.iter());
            return Err(wrong(pos, "no line declares the source %@", &[&file, near.as_bytes()]));
        };
        let (unit, i) = self.sources.places[i];
        let source = self.sources_of(unit)[i];
        if let Some(seed) = &mut self.plan.seed {
            seed.recipe = Some(SeedRecipe { script, source });
        }
        Ok(())
    }

    fn device(&mut self, tokens: &[Token]) -> Outcome {
        for token in tokens {
            let Some(name) = DEVICES.iter().find(|d| d.as_bytes() == &*token.word) else {
                let what = "unknown device %; known are full, null, random, tty, urandom and zero";
                return Err(wrong(token.pos, what, &[&token.word]));
            };
            if let Err(i) = self.plan.devices.binary_search(name) {
                self.plan.devices.insert(i, name);
            }
        }
        Ok(())
    }

    fn path(&mut self, tokens: &[Token]) -> Outcome {
        let (mut dirs, mut joined): (Vec<&'static [u8]>, Vec<u8>) = Default::default();
        for token in tokens {
            for dir in text(token)?.split(|&b| b == b':') {
                let Some(dir) = path::absolute(b"/", dir).filter(|_| dir.starts_with(b"/")) else {
                    return Err(wrong(token.pos, "expected absolute directories without '..'", &[]));
                };
                self.mention(&dir, token.pos)?;
                if !dirs.is_empty() {
                    joined.push(b':');
                }
                joined.extend_from_slice(&dir);
                dirs.push(copied(&dir));
            }
        }
        let Some(first) = tokens.first() else { return Ok(()) };
        self.changing(first.pos);
        self.scope.export("PATH", &joined);
        self.scope.change(self.scope.now.env.vars, dirs.leak());
        self.scope.set(b"PATH", one(&joined));
        Ok(())
    }

    fn shell(&mut self, token: &Token) -> Outcome {
        let path = rooted(token)?;
        self.mention(&path, token.pos)?;
        self.scope.now.shell = Some(copied(&path));
        Ok(())
    }

    /// The environment is copied.
    fn changing(&mut self, pos: Pos) {
        let env = &self.scope.now.env;
        self.report.spend(pos, (env.vars.len() + env.path.len()) * 32);
    }

    fn set(&mut self, export: bool, token: &Token, rest: &[Token]) -> Outcome {
        let name = utf8(token)?;
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            || name.as_bytes().first().is_none_or(u8::is_ascii_digit)
        {
            return Err(wrong(token.pos, "expected a variable's name: letters, digits and '_'", &[]));
        }
        if let Some((_, why)) = RESERVED.iter().find(|r| r.0 == name) {
            return Err(wrong(token.pos, "% cannot be set: @", &[&token.word, why.as_bytes()]));
        }
        if !export {
            if self.scope.exported(name) {
                return Err(wrong(token.pos, "% is in the environment; change it with 'env'", &[&token.word]));
            }
            self.scope.set(&token.word, value(rest));
            return Ok(());
        }
        let mut joined: Vec<u8> = Vec::new();
        for (i, token) in rest.iter().enumerate() {
            if i > 0 {
                joined.push(b' ');
            }
            joined.extend_from_slice(text(token)?);
            self.mention(&token.word, token.pos)?;
        }
        self.changing(token.pos);
        self.scope.export(name, &joined);
        self.scope.set(&token.word, value(rest));
        Ok(())
    }

    /// Begins a unit, whatever its name is.
    pub(super) fn enter(&mut self, kind: Kind, name: &'static str, pos: Pos) {
        self.leave();
        let (out, build) = (text!("/store/@", name), text!("/tmp/@", name));
        self.scope.enter(out, build);
        self.begun();
        self.plan.units.push(Unit {
            kind,
            pos,
            name,
            out,
            build,
            sources: Vec::new(),
            shell: None,
            env: Env::EMPTY,
            steps: Vec::new(),
        });
    }
}

/// The words of a variable.
fn value(words: &[Token]) -> Value {
    words.iter().map(|token| Word(token.word)).collect::<Vec<_>>().leak()
}

/// An absolute path that is no pattern.
fn rooted(token: &Token) -> Result<Vec<u8>> {
    let path = text(token)?;
    path::absolute(b"/", path)
        .filter(|_| path.starts_with(b"/"))
        .ok_or_else(|| wrong(token.pos, "expected an absolute path without '..'", &[]))
}

/// The name of a package.
fn unit_name(token: &Token) -> Result<&'static str> {
    let name = utf8(token)?;
    let good = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b));
    if !good || name.is_empty() || name.starts_with(".") || name.starts_with("-") {
        let what = "expected a package's name: letters, digits, '.', '_', '+' and '-'";
        return Err(wrong(token.pos, what, &[]));
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

fn place(text: &'static str) -> Option<Place> {
    if let Some(path) = text.strip_prefix("deb:") {
        let good = path.as_bytes().contains(&b'/')
            && !path.starts_with("/")
            && !path.ends_with("/")
            && !path::climbs(path.as_bytes());
        return good.then(|| Place::Deb(path));
    }
    let rest = ["https://", "http://", "ftp://"].iter().find_map(|scheme| text.strip_prefix(scheme))?;
    (!rest.is_empty()).then(|| Place::Url(text))
}
