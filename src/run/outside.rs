//! The process outside the room: starts PID 1, hears its events, keeps log and ledger, and ends
//! the run when a signal asks for it.

use super::estimate::Estimate;
use super::event::{Event, Outcome, Receiver};
use super::inside::{self, Work};
use super::place::Place;
use super::progress::{self, Terminal, duration};
use super::record::Record;
use crate::error::{Error, Result, Status};
use crate::file::File;
use crate::io::Write;
use crate::ledger;
use crate::list::diagnose;
use crate::list::plan::{Kind, Unit};
use crate::room::{self, Ends, Room};
use crate::split;
use crate::sys::process::{self, End, Usage};
use crate::sys::{Context, Fd, fd, signal, time};
use crate::{add, error, text};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

/// Signals that end the run.
const ENDING: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

/// How long what the steps print may wait, in milliseconds, once something was read: a step can be
/// over in less than a tenth of one, and to be woken for each would cost more than the step.
const LAG: i32 = 10;

/// What poll(2) passes over.
const NO_FD: i32 = -1;

/// Bytes that the pipe for it holds, so that no step has to wait for that.
const PIPE: usize = 1 << 20;

/// What came out of a unit.
pub struct Sealed {
    /// Index in the plan.
    pub unit: usize,
    /// Hash of its output.
    pub hash: [u8; 32],
    /// Microseconds from its first step to the seal.
    pub wall_us: u64,
    /// Of its commands.
    pub usage: Usage,
}

/// Runs the work in a room, to the end or to the first failure.
pub fn run(
    place: &Place,
    room: &Room,
    work: &Work,
    record: &mut Record,
    terminal: &mut Terminal,
) -> Result<Vec<Sealed>> {
    let mut set = 0;
    for number in ENDING {
        set |= signal::bit(number);
    }
    signal::set_mask(set).on("block", "signals")?;
    let signals = signal::signalfd(set).on("make", "a descriptor for signals")?;
    let (control, control_in) = fd::socketpair().on("make", "a pair of sockets")?;
    let (log, log_in) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
    let copy = |fd: i32| fd::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3).map(|number| Fd::from_raw(number as i32));
    let lock = copy(place.lock.raw()).on("copy", "the lock's descriptor")?;
    let ledger = copy(record.fd()).on("copy", "the ledger's descriptor")?;
    let ends = Ends { input: None, log: log_in, control: control_in, lock: Some(lock), ledger: Some(ledger) };
    let pid = room::start(
        room,
        ends,
        &mut |error| {
            let _ = super::event::send(room::CONTROL, &Event::Failed(error, None));
        },
        &mut || inside::work(work),
    )?;
    fd::fcntl(log.raw(), libc::F_SETFL, libc::O_NONBLOCK as usize).on("read without waiting from", "the room's log")?;
    let _ = fd::fcntl(log.raw(), libc::F_SETPIPE_SZ, PIPE); // an ordinary user may have used up his share
    let mut run = Run {
        place,
        work,
        record,
        terminal,
        log,
        file: None,
        unit: 0,
        seen: 0,
        estimate: Estimate::read(&place.previous(), work),
        nth: 0,
        since: time::monotonic_us(),
        begun: time::monotonic_us(),
        late: None,
        sealed: Vec::new(),
        block: vec![0; 64 << 10],
    };
    let result = run.listen(pid, &control, &signals);
    // However it ended: when PID 1 is gone, so is every process and every mount of the room.
    let _ = process::kill(pid, libc::SIGKILL);
    let end = process::wait4(pid, 0).on("wait for", "PID 1 of the room")?.1;
    run.terminal.clear();
    match result {
        Ok(true) => Ok(core::mem::take(&mut run.sealed)),
        Ok(false) => Err(match run.late {
            Some(wall_us) => run.too_late(wall_us)?,
            None => run.vanished(end),
        }),
        Err(error) => Err(error),
    }
}

struct Run<'a> {
    place: &'a Place,
    work: &'a Work<'a>,
    record: &'a mut Record,
    terminal: &'a mut Terminal,
    log: Fd,
    file: Option<File>,
    unit: usize,
    /// The step that was looked at last.
    seen: usize,
    estimate: Estimate,
    /// Number of the unit in the work.
    nth: usize,
    /// When it was looked at first.
    since: u64,
    begun: u64,
    /// PID 1 was killed because its step had taken so long, in microseconds.
    late: Option<u64>,
    sealed: Vec<Sealed>,
    block: Vec<u8>,
}

impl Run<'_> {
    /// Hears events until the last one; false if PID 1 has ended without it.
    fn listen(&mut self, pid: i32, control: &Fd, signals: &Fd) -> Result<bool> {
        let mut receiver = Receiver::default();
        let mut lag = false;
        loop {
            let patience = match (self.terminal.patience(), self.watch(pid)) {
                (patience, -1) => patience,
                (-1, limit) => limit,
                (patience, limit) => patience.min(limit),
            };
            let (log, patience) = match lag {
                false => (self.log.raw(), patience),
                true if patience < 0 => (NO_FD, LAG),
                true => (NO_FD, patience.min(LAG)),
            };
            let ready =
                fd::poll_in([control.raw(), log, signals.raw()], patience).on("wait for", "the room")?;
            if ready[2] {
                if let Some(number) = signal::next(signals) {
                    return Err(self.interrupted(number));
                }
            }
            if ready[0] {
                if !receiver.fill(control.raw())? {
                    return Ok(false);
                }
                while let Some(event) = receiver.next() {
                    let begins = matches!(event, Event::Unit(..));
                    if self.hear(event)? {
                        return Ok(true);
                    }
                    if begins {
                        fd::write(control.raw(), b"!").on("answer", "PID 1 of the room")?;
                    }
                }
            } else if lag || ready[1] {
                lag = self.drain()?;
            }
            self.live();
        }
    }

    /// Kills PID 1, and with it all that runs, if its step takes longer than it may; gives the
    /// milliseconds until the next look, -1 for none.
    fn watch(&mut self, pid: i32) -> i32 {
        let limit = self.work.timeout_us;
        if limit == 0 || self.late.is_some() || self.unit().steps.len() <= self.step() {
            return -1;
        }
        let spent = self.look() - self.since;
        if spent > limit {
            self.late = Some(spent);
            let _ = process::kill(pid, libc::SIGKILL);
            return -1; // its end is heard
        }
        // A step may begin, unseen, at any moment.
        ((limit - spent) / 1000 + 1).min(1000) as i32
    }

    /// Looks which step it is; gives the time.
    fn look(&mut self) -> u64 {
        let (step, now) = (self.step(), time::monotonic_us());
        if step != self.seen {
            (self.seen, self.since) = (step, now);
        }
        now
    }

    /// The step that PID 1 is at.
    fn step(&self) -> usize {
        self.work.step.load(Ordering::Acquire) as usize
    }

    fn unit(&self) -> &Unit {
        &self.work.plan.units[self.unit]
    }

    fn live(&mut self) {
        if !self.terminal.due() {
            return;
        }
        let now = self.look();
        let step = self.seen;
        let unit = &self.work.plan.units[self.unit];
        let mut line = String::from(&*unit.name);
        if unit.kind == Kind::Test {
            line.push_str(".test");
        }
        let next = unit.steps.get(step);
        if next.is_some() {
            add!(&mut line, " @/@", step + 1, unit.steps.len());
        }
        line.push(' ');
        progress::tell(&mut line, now - self.begun);
        if let Some(left) = self.estimate.left(self.nth, step, now - self.since) {
            line.push_str(", about ");
            progress::tell(&mut line, left);
            line.push_str(" to go");
        }
        match next {
            Some(next) => add!(&mut line, "  @", crate::list::step_line(next)),
            None => add!(&mut line, "  hashing @", unit.out),
        }
        self.terminal.show(&line);
    }

    /// One event; true if it was the last.
    fn hear(&mut self, event: Event) -> Result<bool> {
        match event {
            Event::Unit(index, first) => {
                self.unit = index as usize;
                self.begun = time::monotonic_us();
                let path = text!("@/@.log", self.place.logs(), label(self.unit()));
                self.file = Some(File::append(&path, 0o666)?);
                let unit = &self.work.plan.units[self.unit];
                self.record.unit(unit)?;
                let from = match first {
                    0 => "",
                    _ => text!(", going on with step @", first + 1),
                };
                self.terminal.say(text!("@: @ steps@", label(unit), unit.steps.len(), from));
                self.work.step.store(first, Ordering::Release);
                self.seen = first as usize;
                self.nth = self.work.units.iter().position(|&at| at == self.unit).unwrap_or(0);
                self.since = self.begun;
            }
            Event::Sealed(hash, files, usage) => {
                self.drain()?;
                let wall_us = time::monotonic_us() - self.begun;
                let unit = &self.work.plan.units[self.unit];
                let recorded = self.work.expected[self.unit].as_ref();
                self.record.sealed(unit, &hash, recorded, &files, wall_us, &usage)?;
                if unit.kind == Kind::Package {
                    let text = ledger::output(&hash);
                    self.terminal.say(text!("@: @ in @", unit.name, text, duration(wall_us)));
                } else {
                    self.terminal.say(text!("@: passed in @", label(unit), duration(wall_us)));
                }
                self.sealed.push(Sealed { unit: self.unit, hash, wall_us, usage });
            }
            Event::Failed(error, outcome) => {
                self.drain()?;
                return Err(self.failed(error, outcome)?);
            }
            Event::End(own) => {
                self.record.driver(&own)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn log(&mut self, bytes: &[u8]) -> Result<()> {
        if self.terminal.verbose() {
            self.terminal.pass(bytes);
        }
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Ok(()),
        }
    }

    /// Writes into the log what the steps have printed so far; false if that is nothing. A short read
    /// is not the end, and who prints faster than this writes must not keep a signal from being heard.
    fn drain(&mut self) -> Result<bool> {
        let mut block = core::mem::take(&mut self.block);
        let (mut some, mut left) = (false, 16 * PIPE);
        let result = loop {
            match fd::read(self.log.raw(), &mut block) {
                Ok(0) => break Ok(some),
                Err(errno) if errno.0 == libc::EAGAIN => break Ok(some),
                Err(errno) => break Err(errno).on("read", "the output of the step"),
                Ok(n) => {
                    some = true;
                    if let Err(error) = self.log(&block[..n]) {
                        break Err(error);
                    }
                    left = left.saturating_sub(n);
                    if left == 0 {
                        break Ok(some);
                    }
                }
            }
        };
        self.block = block;
        result
    }

    /// The message about a failure: the step with its line, what happened, the end of the log, and
    /// where to look.
    fn failed(&mut self, error: Error, outcome: Option<Outcome>) -> Result<Error> {
        let plan = self.work.plan;
        let unit = &plan.units[self.unit];
        let number = self.step();
        let mut message = String::from(match (&outcome, unit.steps.get(number)) {
            (Some(_), Some(step)) => diagnose(&plan.lists, step.pos, error.message),
            _ => error.message,
        });
        if let (Some(outcome), Some(step)) = (&outcome, unit.steps.get(number)) {
            self.record.failed(plan, number, step, outcome, &error)?;
            self.log(text!("[failed: @]\n", error.message).as_bytes())?;
            let path = text!("@/@.log", self.place.logs(), label(self.unit()));
            if let Some(tail) = tail(&path) {
                add!(&mut message, "\nthe end of @:\n@", path, tail);
            }
            add!(
                &mut message,
                "\nto look around in there: rawstrap shell --dir @; to try again from this step: --resume",
                self.place.dir
            );
        }
        Ok(Error::new(error.status, message.leak()))
    }

    fn interrupted(&mut self, number: i32) -> Error {
        let _ = self.drain();
        let unit = self.unit();
        let message = text!(
            "interrupted by @ in @, step @ of @; nothing of it runs any more; --resume goes on there",
            signal::name(number),
            label(unit),
            self.step() + 1,
            unit.steps.len()
        );
        Error::new(Status::Interrupted, message)
    }

    /// The step took longer than it may.
    fn too_late(&mut self, wall_us: u64) -> Result<Error> {
        let _ = self.drain();
        let outcome = Outcome { wall_us, end: Some(End::Signal(libc::SIGKILL)), ..Outcome::default() };
        let error = error!(
            Status::Step,
            "took longer than @, the --timeout of a step, and was killed with all that it had started; \
                 look in the log what it waited for, or give it more time",
            duration(self.work.timeout_us)
        );
        self.failed(error, Some(outcome))
    }

    /// PID 1 has ended without a last word.
    fn vanished(&mut self, end: End) -> Error {
        let _ = self.drain();
        let how = match end {
            End::Signal(number) => text!("was killed by @", signal::name(number)),
            End::Exit(code) => text!("ended with status @", code),
        };
        let place = text!("@, step @", label(self.unit()), self.step() + 1);
        error!(
            Status::Interrupted,
            "PID 1 of the room @ in @: killed from outside, or out of memory (dmesg or the log tells); \
                 --resume goes on there",
            how,
            place
        )
    }
}

/// How a unit is called: a package by its name, its test with `.test`.
pub fn label(unit: &Unit) -> &'static str {
    match unit.kind {
        Kind::Package => unit.name,
        Kind::Test => text!("@.test", unit.name),
    }
}

/// The last lines of a log.
fn tail(path: &str) -> Option<&'static str> {
    const LINES: usize = 20;
    const BYTES: u64 = 8 << 10;
    let file = File::open(path).ok()?;
    let size = crate::sys::fs::fstat(file.fd()).ok()?.size;
    let mut end = vec![0; BYTES.min(size) as usize];
    let n = crate::sys::fs::pread(file.fd().raw(), &mut end, size.saturating_sub(BYTES)).ok()?;
    let text = text::own(&end[..n]);
    let lines: Vec<&str> = split::lines(text).collect();
    let mut out = String::new();
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
    out.pop();
    Some(out.leak())
}
