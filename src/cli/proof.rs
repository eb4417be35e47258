//! Commands with which others check a run: script, compare, attest, report.

use super::args::Args;
use super::build::{jobs, list_path, load, wanted};
use super::{Host, print, print_bytes};
use crate::error::{Result, Status};
use crate::fail;
use crate::file;
use crate::ledger::{attest, compare, read, report};

/// `script`
pub fn script(args: &Args, host: &Host) -> Result<()> {
    args.at_most("script", 1)?;
    let path = list_path(args);
    let plan = load(path, jobs(args, host)?)?;
    print_bytes(&crate::script::script(plan, &wanted(plan, args)?, file::parent(path.as_bytes())))
}

/// `compare`
pub fn compare(args: &Args, _: &Host) -> Result<()> {
    args.at_most("compare", 2)?;
    let [a, b] = args.operands[..] else {
        fail!(Status::Usage, "compare wants two ledgers\nsee: rawstrap compare --help");
    };
    let texts = (file::read_text(a)?, file::read_text(b)?);
    match compare::compare(&read::read(&texts.0, a)?, &read::read(&texts.1, b)?) {
        None => fail!(Status::Usage, "@ and @ have no package in common that was completed", a, b),
        Some((said, first)) => {
            print(&said)?;
            match first {
                None => Ok(()),
                Some(name) => fail!(Status::Mismatch, "the outputs of @ differ", name),
            }
        }
    }
}

/// The ledger that is named, or that of the default place.
fn ledger_path<'a>(args: &Args<'a>) -> &'a str {
    args.operands.first().copied().unwrap_or("build/ledger")
}

/// `attest`
pub fn attest(args: &Args, _: &Host) -> Result<()> {
    args.at_most("attest", 1)?;
    let path = ledger_path(args);
    let text = file::read_text(path)?;
    let ledger = read::read(&text, path)?;
    if !ledger.units.iter().any(|unit| unit.kind == "package" && unit.output.is_some()) {
        fail!(Status::Usage, "@ has no package that was completed: there is nothing to attest", path);
    }
    print(&attest::attest(&ledger, &text, args.last("builder")))
}

/// `report`
pub fn report(args: &Args, _: &Host) -> Result<()> {
    args.at_most("report", 1)?;
    let path = ledger_path(args);
    let text = file::read_text(path)?;
    print(&report::report(&read::read(&text, path)?))
}
