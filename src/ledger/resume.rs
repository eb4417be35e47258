//! Where a run that ended early is to go on: read from its ledger, and checked against the lists.

use crate::error::{Result, Status};
use crate::file;
use crate::hash::hex;
use crate::list::Plan;
use crate::list::plan::Kind;
use crate::run::outside::label;
use crate::split;
use crate::sys::fs;
use crate::fail;

use alloc::vec::Vec;

/// Where to go on.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// How many of the wanted units are done.
    pub done: usize,
    /// The step of the next unit that was not done.
    pub first_step: usize,
    /// Packages that are done, as indices in the plan, and what they were sealed with.
    pub sealed: Vec<(usize, [u8; 32])>,
}

/// The text without a last line that was cut short.
pub fn whole_lines(text: &str) -> &str {
    &text[..text.rfind('\n').map_or(0, |at| at + 1)]
}

/// The unit that a ledger names last, as its place in the plan.
pub fn last(path: &str, plan: &Plan) -> Option<usize> {
    let text = file::read_text(path).ok()?;
    let mut found = None;
    for line in text.lines() {
        let kind = match split::cut(line, b' ') {
            Some(("package", name)) => (Kind::Package, name),
            Some(("test", name)) => (Kind::Test, name),
            _ => continue,
        };
        found = plan.units.iter().position(|unit| (unit.kind, unit.name) == kind);
    }
    found
}

/// Reads the ledger. The steps that are done must be those of the lists as they are now: a stage
/// that other steps have made is not what the lists say.
pub fn position(path: &str, plan: &Plan, units: &[usize]) -> Result<Position> {
    if fs::lstat(path).is_err() {
        fail!(Status::Usage, "cannot resume: there is no ledger @; start without --resume", path);
    }
    let text = file::read_text(path)?;
    let mut lines = split::lines(whole_lines(&text));
    if lines.next() != super::HEAD.strip_suffix('\n') {
        fail!(Status::Host, "cannot resume: @ is no ledger of this version", path);
    }
    let mut position = Position::default();
    for line in lines {
        let unit = units.get(position.done).map(|&at| (at, &plan.units[at]));
        let (verb, rest) = split::cut(line, b' ').unwrap_or((line, ""));
        match (verb, unit) {
            ("package" | "test", Some((_, unit))) => {
                let kind = if verb == "package" { Kind::Package } else { Kind::Test };
                if (kind, rest) != (unit.kind, &*unit.name) {
                    fail!(
                        Status::List,
                        "cannot resume: the ledger goes on with @ @, the list with @; start without --resume",
                        verb,
                        rest,
                        label(unit)
                    );
                }
            }
            ("package" | "test", None) => break, // beyond what is wanted now
            ("step", Some((_, unit))) => {
                // N PLACE status= commands= strays= TITLE
                let done = (0..5).try_fold(rest, |rest, _| Some(split::cut(rest, b' ')?.1)).unwrap_or("");
                let Some(step) = unit.steps.get(position.first_step) else {
                    fail!(Status::List, "cannot resume: @ has fewer steps than are done", label(unit));
                };
                let mut now = Vec::new();
                super::escape(&mut now, crate::list::step_line(step).as_bytes());
                if done.as_bytes() != now {
                    fail!(
                        Status::List,
                        "cannot resume: step @ of @ is not the one that was done; start without --resume\n  done @\n  now  @",
                        position.first_step + 1,
                        label(unit),
                        done,
                        &now
                    );
                }
                position.first_step += 1;
            }
            ("output" | "passed", Some((at, unit))) => {
                if unit.kind == Kind::Package {
                    let hash = split::cut(rest, b' ').and_then(|(hash, _)| hash.strip_prefix("sha256-"));
                    match hash.and_then(|text| hex::from_base64(text.as_bytes())) {
                        Some(hash) => position.sealed.push((at, hash)),
                        None => fail!(Status::Host, "cannot resume: @ has a damaged line: @", path, line),
                    }
                }
                position.done += 1;
                position.first_step = 0;
            }
            _ => {}
        }
    }
    Ok(position)
}
