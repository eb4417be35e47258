//! PID 1 of the room: does the steps, one after the other, and tells how they went.

use super::command::{self, Runner};
use super::event::{Event, Outcome, send};
use super::record::Record;
use super::{search, verbs};
use crate::archive::disk;
use crate::error::{Error, Result, Status};
use crate::file;
use crate::hash::nar;
use crate::ledger;
use crate::list;
use crate::list::plan::{Action, Kind, Plan, Step, Unit};
use crate::room::CONTROL;
use crate::sys::process::{self, Usage};
use crate::sys::fd;
use crate::{fail, text};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

/// What PID 1 is to do.
pub struct Work<'a> {
    /// The lists.
    pub plan: &'a Plan,
    /// The units that run, as indices in the plan, and with which step the first one begins.
    pub units: &'a [usize],
    /// The first step of the first unit; more than 0, or `resumed`, in a resumed run.
    pub first_step: usize,
    /// The first step may have been done in part, by a run that was interrupted.
    pub resumed: bool,
    /// How many commands run at a time.
    pub jobs: usize,
    /// Microseconds that a step may take; 0 for ever.
    pub timeout_us: u64,
    /// What the output has to hash to, by unit of the plan: for a package what was recorded, for a
    /// test that goes on in a resumed run what the package was sealed with.
    pub expected: &'a [Option<[u8; 32]>],
    /// An output that differs is told but does not end the run: it is going to be recorded.
    pub record: bool,
    /// Build trees stay.
    pub keep_build: bool,
    /// The step that PID 1 is at, in its unit: the process outside looks there.
    pub step: &'static AtomicU32,
}

/// Does all of it; what goes wrong is told as an event. Gives the exit status of PID 1.
pub fn work(work: &Work) -> i32 {
    let mut runner = Runner::new(work.jobs);
    let mut record = Record::inside();
    let mut expected = work.expected.to_vec();
    for (nth, &index) in work.units.iter().enumerate() {
        let (first, resumed) = if nth == 0 { (work.first_step, work.resumed) } else { (0, false) };
        if let Err((error, outcome)) = unit(work, &mut runner, &mut record, &mut expected, index, first, resumed) {
            let status = error.status as i32;
            command::kill_strays();
            return match send(CONTROL, &Event::Failed(error, outcome)) {
                Ok(()) => status,
                Err(_) => Status::Host as i32,
            };
        }
    }
    match send(CONTROL, &Event::End(own(&runner.total))) {
        Ok(()) => 0,
        Err(_) => Status::Host as i32,
    }
}

/// What PID 1 used itself, with the processes that it made to do its own work (they unpack).
fn own(commands: &Usage) -> Usage {
    let (mut own, children) = (process::usage(false), process::usage(true));
    own.user_us += children.user_us.saturating_sub(commands.user_us);
    own.system_us += children.system_us.saturating_sub(commands.system_us);
    own
}

/// A failure, and how the step went that failed.
type Failed = (Error, Option<Outcome>);

fn unit(
    work: &Work,
    runner: &mut Runner,
    record: &mut Record,
    expected: &mut [Option<[u8; 32]>],
    index: usize,
    first: usize,
    resumed: bool,
) -> core::result::Result<(), Failed> {
    let plain = |error| (error, None);
    let unit = &work.plan.units[index];
    send(CONTROL, &Event::Unit(index as u32, first as u32)).map_err(plain)?;
    // What the steps print goes another way than the events: it must not come before the log that
    // it belongs into is open.
    if fd::read(CONTROL, &mut [0]) != Ok(1) {
        return Err(plain(Error::new(Status::Host, "the driver outside the room has gone")));
    }
    if first == 0 {
        begin(unit, resumed).map_err(plain)?;
    }
    let mut usage = Usage::default();
    for (number, step) in unit.steps.iter().enumerate().skip(first) {
        let title = list::step_line(step);
        print(text!("\n[@] @\n", list::locate(&work.plan.lists, step.pos), title));
        let resumed = resumed && number == first;
        let (result, outcome) = command::timed(runner, |runner| act(runner, step, resumed));
        if outcome.strays > 0 {
            print(text!("[@ processes were left behind and have been killed]\n", outcome.strays));
        }
        match result {
            Ok(()) => {
                record.step(work.plan, number, step, &outcome).map_err(plain)?;
                usage.add(&outcome.usage);
                work.step.store(number as u32 + 1, Ordering::Release);
            }
            // A verb of the driver's own that fails is a step that fails, as a command is.
            Err(error) if error.status == Status::Host => {
                return Err((Error::new(Status::Step, error.message), Some(outcome)));
            }
            Err(error) => return Err((error, Some(outcome))),
        }
    }
    let hash = finish(work, unit, expected[index], usage).map_err(plain)?;
    // The tests of a package must leave it as it is.
    for (other, expected) in work.plan.units.iter().zip(expected) {
        if other.kind == Kind::Test && other.name == unit.name {
            *expected = Some(hash);
        }
    }
    Ok(())
}

/// Into the log, between what the steps print themselves. The run does not end for the want of it.
fn print(text: &str) {
    let _ = fd::write(1, text.as_bytes());
}

/// A new build directory; an output that an earlier run left is no start from nothing.
fn begin(unit: &Unit, resumed: bool) -> Result<()> {
    verbs::fresh_dir(&unit.build)?;
    if unit.kind == Kind::Package {
        if resumed {
            file::remove(&*unit.out)?;
        } else if file::is_there(&*unit.out)? {
            fail!(
                Status::Step,
                "@ is there before package @ has begun: an earlier package made it",
                unit.out,
                unit.name
            );
        }
    }
    Ok(())
}

/// The step itself.
fn act(runner: &mut Runner, step: &Step, resumed: bool) -> Result<()> {
    match &step.action {
        Action::Run { command, status } => runner.run(step, command, *status),
        Action::Each { patterns, but, command } => runner.each(step, patterns, but, command),
        Action::Sh { shell, text } => runner.sh(step, shell, text),
        Action::Unpack { file, into, strip } => {
            file::make_dirs(into)?;
            disk::unpack_file(text!("/downloads/@", file).as_bytes(), into, *strip, runner.jobs)
        }
        Action::Edit { files, old, new, times } => verbs::edit(files, old, new, *times, resumed),
        Action::Write { file, mode, text } => verbs::write(file, *mode, text),
        Action::Append { file, text } => verbs::append(file, text, resumed),
        Action::Copy(transfer) => verbs::copy(transfer),
        Action::Move(transfer) => verbs::rename(transfer, resumed),
        Action::Link { target, name } => verbs::link(target, name, resumed),
        Action::Mkdir { dirs } => verbs::mkdir(dirs),
        Action::Remove { paths } => verbs::remove(paths, resumed),
        Action::Chmod { mode, paths } => verbs::chmod(*mode, paths),
        Action::Same { files, text } => verbs::same(files, text.as_deref()),
        Action::Absent { texts, paths } => search::absent(texts, paths),
    }
}

/// Hashes what the unit made, or was to leave alone, and removes its build tree.
fn finish(work: &Work, unit: &Unit, expected: Option<[u8; 32]>, usage: Usage) -> Result<[u8; 32]> {
    if !work.keep_build {
        file::remove(&*unit.build)?;
    }
    if !file::is_there(&*unit.out)? {
        fail!(Status::Step, "package @ has made nothing: there is no @", unit.name, unit.out);
    }
    let mut files = Vec::new();
    let hash = nar::hash(unit.out.as_bytes(), &mut |path, node| ledger::file_line(&mut files, path, &node))?;
    if unit.kind == Kind::Test {
        files.clear(); // they are those of the package
    }
    send(CONTROL, &Event::Sealed(hash, files, usage))?;
    match expected {
        Some(expected) if expected != hash && !(work.record && unit.kind == Kind::Package) => {
            let (was, hint) = match unit.kind {
                Kind::Package => ("recorded", "\nif the new one is what it has to be: --record writes it down"),
                Kind::Test => ("before its test", ""),
            };
            fail!(
                Status::Mismatch,
                "the output of @ is not what was @:\n  @ @\n  now      @@",
                unit.name,
                was,
                was,
                ledger::output(&expected),
                ledger::output(&hash),
                hint
            );
        }
        _ => Ok(hash),
    }
}
