//! A ledger as data, for the commands that look at one: compare, attest, report.

use crate::error::{Result, Status};
use crate::{fail, split};
use alloc::vec::Vec;

/// A ledger. All texts are as they stand in it.
#[derive(Default)]
pub struct Ledger<'a> {
    /// The records above the packages: kind and fields.
    pub facts: Vec<(&'a str, &'a str)>,
    /// Packages and tests, in order.
    pub units: Vec<Unit<'a>>,
    /// When the run began and ended; empty if that is not known.
    pub begun: &'a str,
    /// See `begun`.
    pub ended: &'a str,
    /// How often the run went on after it had ended early.
    pub resumed: u32,
    /// What the driver itself used.
    pub driver: Times,
}

/// A package or a test.
#[derive(Default)]
pub struct Unit<'a> {
    /// `package` or `test`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// SHA-256 and name of each source.
    pub sources: Vec<(&'a str, &'a str)>,
    /// The steps; of one that failed and was done later on, the latter.
    pub steps: Vec<Step<'a>>,
    /// The lines for the files of the output.
    pub files: Vec<&'a str>,
    /// The hash of its output, if it was sealed.
    pub output: Option<&'a str>,
    /// What had been recorded for it.
    pub recorded: Option<&'a str>,
    /// Why it failed.
    pub error: Option<&'a str>,
    /// All of it.
    pub times: Times,
}

/// A step.
pub struct Step<'a> {
    /// Its number, from 1.
    pub number: &'a str,
    /// Its place in the lists.
    pub place: &'a str,
    /// How its commands ended, how many there were, how many were left behind, the step.
    pub rest: &'a str,
    /// It failed.
    pub failed: bool,
    /// What it took.
    pub times: Times,
}

impl<'a> Step<'a> {
    /// The step as the list has it.
    pub fn text(&self) -> &'a str {
        cut(cut(cut(self.rest).1).1).1
    }
}

/// What something took, in microseconds and KiB.
#[derive(Clone, Copy, Default)]
pub struct Times {
    /// By the clock.
    pub wall: u64,
    /// Of processors.
    pub cpu: u64,
    /// The most memory of a process.
    pub peak: u64,
}

/// What a damaged ledger says beyond this (200 days) is cut off, so that sums of a million steps do not overflow.
const LONGEST: u64 = 1 << 44;

impl Times {
    /// `wall=S.uuuuuu user=S.uuuuuu system=S.uuuuuu peak=KIB`
    fn read(text: &str) -> Times {
        let mut numbers = [0; 4];
        for (number, field) in numbers.iter_mut().zip(split::words(text)) {
            for digit in field.bytes().filter(u8::is_ascii_digit) {
                *number = (*number * 10 + (digit - b'0') as u64).min(LONGEST);
            }
        }
        let [wall, user, system, peak] = numbers;
        Times { wall, cpu: user + system, peak }
    }
}

/// What stands before and behind the first blank.
pub fn cut(text: &str) -> (&str, &str) {
    match text.bytes().position(|b| b == b' ') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    }
}

/// Reads a ledger; `path` is for the message.
pub fn read<'a>(text: &'a str, path: &str) -> Result<Ledger<'a>> {
    let Some(text) = text.strip_prefix(super::HEAD) else {
        fail!(Status::Usage, "@ is no ledger of this version", path);
    };
    let mut ledger = Ledger::default();
    for line in split::lines(super::resume::whole_lines(text)) {
        let (kind, rest) = cut(line);
        if let "package" | "test" = kind {
            // With --resume its heading stands there once more.
            if ledger.units.last().is_none_or(|unit| (unit.kind, unit.name) != (kind, rest)) {
                ledger.units.push(Unit { kind, name: rest, ..Unit::default() });
            }
            continue;
        }
        let (first, more) = cut(rest);
        match (kind, ledger.units.last_mut()) {
            ("resumed", _) => ledger.resumed += 1,
            ("time", _) if first == "begun" => ledger.begun = more,
            ("time", _) if first == "ended" => ledger.ended = more,
            ("time", _) if first == "driver" => ledger.driver = Times::read(more),
            (_, None) => ledger.facts.push((kind, rest)),
            (_, Some(unit)) => unit.record(kind, first, more, line),
        }
    }
    Ok(ledger)
}

impl<'a> Unit<'a> {
    fn record(&mut self, kind: &str, first: &'a str, more: &'a str, line: &'a str) {
        match kind {
            "source" if !self.sources.contains(&(first, more)) => self.sources.push((first, more)),
            "step" | "failed" => {
                if self.steps.last().is_some_and(|step| step.number == first) {
                    self.steps.pop();
                }
                let (place, rest) = cut(more);
                let failed = kind == "failed";
                self.error = None;
                self.steps.push(Step { number: first, place, rest, failed, times: Times::default() });
            }
            "error" => self.error = line.get(6..),
            "file" | "exec" | "dir" | "link" => self.files.push(line),
            "output" | "passed" => self.output = Some(first),
            "recorded" => self.recorded = Some(first),
            "time" => match self.steps.last_mut() {
                Some(step) if step.number == first => step.times = Times::read(more),
                _ => self.times = Times::read(more),
            },
            _ => {}
        }
    }
}

/// The path and the rest of a line for a file: `file HASH`, `dir`, `link TARGET`.
pub fn file(line: &str) -> (&str, &str) {
    let at = match cut(line) {
        ("file" | "exec", _) => 5 + 64 + 1,
        ("link", _) => line.as_bytes().windows(4).rposition(|w| w == b" <- ").map_or(0, |at| at + 4),
        _ => 4,
    };
    (line.get(at..).unwrap_or(""), line.get(..at).unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_is_read_as_one() {
        let text = "rawstrap-ledger 1\ndriver aa 0.1.0\nhost user=0 cores=2 jobs=2\ntime begun 2026-01-01T00:00:00Z\n\
            package p\nsource bb x.tar\nstep 1 l:1:1 status=- commands=0 strays=0 unpack x.tar\n\
            time 1 wall=0.500000 user=0.000001 system=0.000002 peak=7\n\
            failed 2 l:2:1 status=1 commands=1 strays=0 run false\ntime 2 wall=0.000001 user=0 system=0 peak=0\n\
            error exit status 1\nresumed\npackage p\nsource bb x.tar\n\
            step 2 l:2:1 status=0 commands=1 strays=0 run true\nfile 00 a b\noutput sha256-x p\nrecorded sha256-y p\n\
            time p wall=2.000000 user=1.000000 system=0.500000 peak=9\ndone\ntime ended E\ntime driver wall=0 user=0";
        let ledger = read(text, "x").unwrap();
        assert_eq!((ledger.facts.len(), ledger.units.len(), ledger.resumed), (2, 1, 1));
        assert_eq!((ledger.begun, ledger.ended), ("2026-01-01T00:00:00Z", "E"));
        let p = &ledger.units[0];
        assert_eq!((p.sources.len(), p.steps.len(), p.error), (1, 2, None));
        assert_eq!((p.steps[0].times.wall, p.steps[0].times.cpu, p.steps[0].times.peak), (500_000, 3, 7));
        assert_eq!((p.steps[1].failed, p.steps[1].text()), (false, "run true"));
        assert_eq!((p.output, p.recorded, p.times.wall, p.times.cpu), (Some("sha256-x"), Some("sha256-y"), 2_000_000, 1_500_000));
        let damaged = text.replace("wall=2.000000", &"9".repeat(40));
        assert_eq!(read(&damaged, "x").unwrap().units[0].times.wall, LONGEST);
        assert!(read("else", "x").err().unwrap().message.contains("x is no ledger"));
    }

    #[test]
    fn names_of_files_hold_anything() {
        let hash = "0".repeat(64);
        assert_eq!(file(&format!("exec {hash} a b <- c")).0, "a b <- c");
        assert_eq!(file("link a <- b <- l"), ("l", "link a <- b <- "));
        assert_eq!(file("dir x y"), ("x y", "dir "));
        assert_eq!(file("file x"), ("", "file x"));
    }
}
