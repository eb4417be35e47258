//! Two ledgers: the first package that differs, its files, and what differed before it.

use super::read::{Ledger, Unit, file};
use crate::{add, split, text};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// How many steps are named of each package: behind the first, all may.
const SHOWN: usize = 20;

/// What the comparison says.
struct Said {
    out: String,
    /// What stands above the next difference, as long as there was none.
    heading: &'static str,
}

impl Said {
    fn add(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.out.push_str(part));
    }

    /// Says what one thing is in each of the ledgers; nothing if that is the same.
    fn differ(&mut self, what: &[&str], a: Option<&str>, b: Option<&str>) -> bool {
        if a == b {
            return false;
        }
        let heading = core::mem::take(&mut self.heading);
        self.add(&[heading, "  "]);
        self.add(what);
        self.add(&["\n    A ", a.unwrap_or("-"), "\n    B ", b.unwrap_or("-"), "\n"]);
        true
    }
}

/// Compares; gives what there is to say, and the first package that differs, if one does. `None`
/// if the ledgers have no package in common.
pub fn compare(a: &Ledger, b: &Ledger) -> Option<(String, Option<String>)> {
    let mut said = Said { out: String::new(), heading: "" };
    let pairs: Vec<(&Unit, &Unit)> = a
        .units
        .iter()
        .filter_map(|x| Some((x, b.units.iter().find(|y| (x.kind, x.name) == (y.kind, y.name))?)))
        // What neither has completed is not the same.
        .filter(|(x, y)| x.output.or(y.output).is_some())
        .collect();
    let package = |unit: &Unit| unit.kind == "package";
    let differs = |pair: &&(&Unit, &Unit)| package(pair.0) && pair.0.output != pair.1.output;
    let count = pairs.iter().filter(|pair| package(pair.0)).count();
    if count == 0 {
        return None;
    }
    let first = pairs.iter().position(|pair| differs(&pair));
    let before = &pairs[..first.map_or(pairs.len(), |at| at + 1)];
    match first {
        None => {
            add!(&mut said.out, "@ @ the same bytes\n", count, if count == 1 { "package is" } else { "packages are" });
        }
        Some(at) => {
            let (x, y) = pairs[at];
            said.add(&[x.name, " is the first package that differs"]);
            said.heading = "\n";
            said.differ(&["output"], outcome(x), outcome(y));
            said.heading = "files that differ:\n";
            files(&mut said, x, y);
        }
    }
    said.heading = if first.is_some() { "inputs that differ:\n" } else { "with other inputs:\n" };
    facts(&mut said, a, b);
    for (x, y) in before {
        sources(&mut said, x, y);
    }
    said.heading = "steps that differ:\n";
    for (x, y) in before {
        steps(&mut said, x, y);
    }
    let also = pairs.iter().skip(before.len()).filter(differs);
    for (i, (x, _)) in also.enumerate() {
        said.add(&[if i == 0 { "packages behind it that differ: " } else { ", " }, x.name]);
    }
    said.out.push_str(if said.out.ends_with('\n') { "" } else { "\n" });
    for (this, other, name) in [(a, b, "A"), (b, a, "B")] {
        for unit in this.units.iter().filter(|x| package(x) && !other.units.iter().any(|y| package(y) && x.name == y.name)) {
            said.add(&["only ", name, " has package ", unit.name, "\n"]);
        }
    }
    Some((said.out, first.map(|at| String::from(pairs[at].0.name))))
}

/// A package's hash, or why it has none.
fn outcome<'a>(unit: &Unit<'a>) -> Option<&'a str> {
    unit.output.or(unit.error)
}

/// Names as a walk through the tree meets them.
fn order(a: &str, b: &str) -> Ordering {
    let key = |b: u8| if b == b'/' { 0 } else { b };
    a.bytes().map(key).cmp(b.bytes().map(key))
}

fn files(said: &mut Said, a: &Unit, b: &Unit) {
    let (mut i, mut j) = (0, 0);
    loop {
        let (x, y) = (a.files.get(i).map(|line| file(line)), b.files.get(j).map(|line| file(line)));
        let which = match (x, y) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => order(x.0, y.0),
        };
        let (x, y) = (x.filter(|_| which.is_le()), y.filter(|_| which.is_ge()));
        i += which.is_le() as usize;
        j += which.is_ge() as usize;
        if x != y {
            let name = x.or(y).unwrap_or_default().0;
            said.differ(&[name], x.map(|x| split::trim_end(x.1, " ")), y.map(|y| split::trim_end(y.1, " ")));
        }
    }
}

/// The facts, each with a name under which the other ledger has it too.
fn named<'a>(ledger: &Ledger<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut all = Vec::new();
    for &(kind, rest) in &ledger.facts {
        match kind {
            "host" => all.extend(split::words(rest).filter_map(|part| split::cut(part, b'=')).map(|(k, v)| (k, "", v))),
            "list" => {
                let (hash, path) = super::read::cut(rest);
                all.push((kind, path, hash));
            }
            _ => all.push((kind, "", rest)),
        }
    }
    all
}

fn facts(said: &mut Said, a: &Ledger, b: &Ledger) {
    let (x, y) = (named(a), named(b));
    let find = |all: &[(&str, &str, &str)], at: &(&str, &str, &str)| all.iter().position(|f| (f.0, f.1) == (at.0, at.1));
    let gap = |fact: &(&str, &str, &str)| if fact.1.is_empty() { "" } else { " " };
    for fact in &x {
        said.differ(&[fact.0, gap(fact), fact.1], Some(fact.2), find(&y, fact).map(|at| y[at].2));
    }
    for fact in y.iter().filter(|fact| find(&x, fact).is_none()) {
        said.differ(&[fact.0, gap(fact), fact.1], None, Some(fact.2));
    }
    if (a.resumed == 0) != (b.resumed == 0) {
        let how = |ledger: &Ledger| Some(if ledger.resumed > 0 { "ended early and went on" } else { "in one go" });
        said.differ(&["run"], how(a), how(b));
    }
}

fn sources(said: &mut Said, a: &Unit, b: &Unit) {
    let find = |unit: &Unit, name: &str| unit.sources.iter().position(|source| source.1 == name);
    for &(hash, name) in &a.sources {
        said.differ(&["source ", name, " of ", a.name], Some(hash), find(b, name).map(|at| b.sources[at].0));
    }
    for &(hash, name) in b.sources.iter().filter(|source| find(a, source.1).is_none()) {
        said.differ(&["source ", name, " of ", a.name], None, Some(hash));
    }
}

fn steps(said: &mut Said, a: &Unit, b: &Unit) {
    let (mut a_end, mut b_end, mut count) = (a.steps.len(), b.steps.len(), 0);
    // A step more in one of them is one difference: from there on they are the same, counted from the end.
    while a_end.min(b_end) > 0 && a.steps[a_end - 1].rest == b.steps[b_end - 1].rest {
        a_end -= 1;
        b_end -= 1;
    }
    for i in 0..a_end.max(b_end) {
        let (x, y) = (a.steps[..a_end].get(i), b.steps[..b_end].get(i));
        let (x, y) = (x.map(|step| step.rest), y.map(|step| step.rest));
        if x != y {
            count += 1;
            if count <= SHOWN {
                said.differ(&[a.name, if a.kind == "test" { ".test" } else { "" }, " step ", text!("@", i + 1)], x, y);
            }
        }
    }
    if count > SHOWN {
        add!(&mut said.out, "  and @ more\n", count - SHOWN);
    }
}
