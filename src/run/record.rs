//! Writing the ledger while the run goes on (format: `crate::ledger`).

use super::event::Outcome;
use super::outside::label;
use crate::error::{Error, Result};
use crate::file::{self, File};
use crate::hash::hex;
use crate::io::Write;
use crate::ledger;
use crate::list::locate;
use crate::list::plan::{Kind, Plan, Step, Unit};
use crate::room::LEDGER;
use crate::sys::time::realtime;
use crate::sys::process::{End, Usage};
use crate::sys::{Context, Fd, fs};
use crate::{add, text};
use alloc::string::String;
use alloc::vec::Vec;

/// A ledger that is being written.
pub struct Record {
    file: File,
}

/// What stands at the top of a ledger, besides the lists.
pub struct Facts {
    /// SHA-256 of the driver itself.
    pub driver: [u8; 32],
    /// SHA-256 of the seed, if there is one.
    pub seed: Option<[u8; 32]>,
    /// SHA-256 of the list and what it includes, with their paths.
    pub lists: Vec<(&'static str, [u8; 32])>,
    /// NAR hash of the folder bound at `/recipes`.
    pub recipes: [u8; 32],
    /// System, release and machine of the kernel.
    pub kernel: (&'static str, &'static str, &'static str),
    /// User id on the host.
    pub user: u32,
    /// Cores that may be used.
    pub cores: usize,
    /// Commands at a time.
    pub jobs: usize,
}

/// Seconds with six digits.
fn seconds(us: u64) -> &'static str {
    let mut out = String::new();
    text::digits(&mut out, us / 1_000_000, 1);
    out.push('.');
    text::digits(&mut out, us % 1_000_000, 6);
    out.leak()
}

fn times(wall_us: u64, usage: &Usage) -> &'static str {
    text!(
        "wall=@ user=@ system=@ peak=@",
        seconds(wall_us),
        seconds(usage.user_us),
        seconds(usage.system_us),
        usage.peak_kib
    )
}

impl Record {
    /// Begins a new ledger.
    pub fn begin(path: &str, facts: &Facts) -> Result<Record> {
        let mut text = String::from(ledger::HEAD);
        add!(&mut text, "driver @ @\n", hex::encode(&facts.driver), env!("CARGO_PKG_VERSION"));
        if let Some(seed) = &facts.seed {
            add!(&mut text, "seed @\n", hex::encode(seed));
        }
        for (path, hash) in &facts.lists {
            add!(&mut text, "list @ @\n", hex::encode(hash), path);
        }
        add!(&mut text, "recipes @\n", ledger::output(&facts.recipes));
        let (system, release, machine) = &facts.kernel;
        add!(&mut text, "kernel @ @ @\n", system, release, machine);
        add!(&mut text, "host user=@ cores=@ jobs=@\n", facts.user, facts.cores, facts.jobs);
        add!(&mut text, "time begun @\n", date(realtime()));
        let mut file = File::create(path, 0o666)?;
        file.write(text.as_bytes())?;
        Ok(Record { file })
    }

    /// Goes on with a ledger, and says so in it.
    pub fn resume(path: &str) -> Result<Record> {
        let whole = ledger::resume::whole_lines(&file::read_text(path)?).len();
        let mut file = File::append(path, 0o666)?;
        fs::ftruncate(file.fd(), whole as u64).on("cut", path)?;
        file.write(b"resumed\n")?;
        Ok(Record { file })
    }

    /// The ledger as PID 1 of the room has it.
    pub fn inside() -> Record {
        Record { file: File::from_fd(Fd::from_raw(LEDGER), "the ledger") }
    }

    /// The descriptor.
    pub fn fd(&self) -> i32 {
        self.file.fd().raw()
    }

    /// A package or a test begins.
    pub fn unit(&mut self, unit: &Unit) -> Result<()> {
        let mut text = String::new();
        add!(&mut text, "@ @\n", kind(unit), unit.name);
        for source in &unit.sources {
            add!(&mut text, "source @ @\n", hex::encode(&source.sha256), source.file);
        }
        self.file.write(text.as_bytes())
    }

    /// A step is done. PID 1 writes this itself, before it goes on: were it told to the process
    /// outside, and that one killed, steps would be done that no ledger knows.
    pub fn step(&mut self, plan: &Plan, number: usize, step: &Step, outcome: &Outcome) -> Result<()> {
        let line = step_line("step", plan, number, step, outcome);
        self.file.write(&line)
    }

    /// A step has failed.
    pub fn failed(&mut self, plan: &Plan, number: usize, step: &Step, outcome: &Outcome, error: &Error) -> Result<()> {
        let mut line = step_line("failed", plan, number, step, outcome);
        line.extend_from_slice(b"error ");
        ledger::escape(&mut line, error.message.as_bytes());
        line.push(b'\n');
        self.file.write(&line)
    }

    /// A unit is done.
    pub fn sealed(
        &mut self,
        unit: &Unit,
        hash: &[u8; 32],
        recorded: Option<&[u8; 32]>,
        files: &[u8],
        wall_us: u64,
        usage: &Usage,
    ) -> Result<()> {
        let mut text = files.to_vec();
        let verb = if unit.kind == Kind::Package { "output" } else { "passed" };
        text.extend_from_slice(text!("@ @ @\n", verb, ledger::output(hash), unit.name).as_bytes());
        if let (Some(recorded), Kind::Package) = (recorded, unit.kind) {
            text.extend_from_slice(text!("recorded @ @\n", ledger::output(recorded), unit.name).as_bytes());
        }
        text.extend_from_slice(text!("time @ @\n", label(unit), times(wall_us, usage)).as_bytes());
        self.file.write(&text)
    }

    /// The run is complete; what PID 1 of the room and the process outside used themselves.
    pub fn driver(&mut self, inside: &Usage) -> Result<()> {
        let mut sum = crate::sys::process::usage(false);
        sum.add(inside);
        self.file.write(text!("done\ntime driver @\ntime ended @\n", times(0, &sum), date(realtime())).as_bytes())
    }
}

/// Seconds since 1970 as RFC 3339 has them, in UTC. (Days to years as in the calendar: 146097 days
/// are 400 years; they are counted from March, so that a leap day is the last of its year.)
fn date(seconds: i64) -> String {
    let (days, s) = (seconds.div_euclid(86400) + 719_468, seconds.rem_euclid(86400));
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let mut out = String::from(text!("@", (era * 400 + year + (month < 3) as i64) as u64));
    for (sign, n) in
        [('-', month), ('-', day - (153 * march + 2) / 5 + 1), ('T', s / 3600), (':', s / 60 % 60), (':', s % 60)]
    {
        out.push(sign);
        crate::text::digits(&mut out, n as u64, 2);
    }
    out.push('Z');
    out
}

fn kind(unit: &Unit) -> &'static str {
    match unit.kind {
        Kind::Package => "package",
        Kind::Test => "test",
    }
}

/// `step N PLACE ended=… commands=… strays=… TEXT`, then its `time`.
fn step_line(verb: &str, plan: &Plan, number: usize, step: &Step, outcome: &Outcome) -> Vec<u8> {
    let end = match outcome.end {
        None => "-",
        Some(End::Exit(status)) => text!("@", status),
        Some(End::Signal(signal)) => crate::sys::signal::name(signal),
    };
    let number = number + 1;
    let mut line = Vec::new();
    let head = text!(
        "@ @ @ status=@ commands=@ strays=@ ",
        verb,
        number,
        locate(&plan.lists, step.pos),
        end,
        outcome.commands,
        outcome.strays
    );
    line.extend_from_slice(head.as_bytes());
    ledger::escape(&mut line, crate::list::step_line(step).as_bytes());
    line.extend_from_slice(text!("\ntime @ @\n", number, times(outcome.wall_us, &outcome.usage)).as_bytes());
    line
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_date() {
        for (seconds, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(date(seconds), want);
        }
    }
}
