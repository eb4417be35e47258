//! Several jobs at once, each in a process of its own, which dies with this one.

use super::Done;
use crate::error::{Error, Result, Status};
use crate::host::Signals;
use crate::sys::process::{self, End};
use crate::sys::{Context, Fd, fd, signal};
use crate::{fail, text};
use alloc::vec::Vec;

/// The most that are at work at once.
const WORKERS: usize = 64;

/// A process at work. It tells at its end how that was: a status and a number, 8 bytes each, and the
/// text of an error.
struct Worker {
    job: usize,
    pid: i32,
    pipe: Fd,
    heard: Vec<u8>,
}

/// The numbers that stand for [`Done::Present`] and [`Done::Absent`].
const PRESENT: u64 = u64::MAX;
const ABSENT: u64 = PRESENT - 1;

/// Does `count` jobs, `width` at a time (64 at most); gives how they ended, in their order. A failure
/// of the host, or a signal, is the end of all; any other failure only of its job.
pub fn run(width: usize, count: usize, work: &mut dyn FnMut(usize) -> Result<Done>) -> Result<Vec<Result<Done>>> {
    let signals = Signals::block()?;
    let mut workers = [const { None }; WORKERS];
    let mut ends = Vec::new();
    ends.resize(count, Ok(Done::Present));
    let result = listen(work, &signals, &mut workers[..width.min(WORKERS)], &mut ends);
    // After an error some are still at it.
    for worker in workers.iter().flatten() {
        let _ = process::kill(worker.pid, libc::SIGKILL);
        let _ = process::wait4(worker.pid, 0);
    }
    result.map(|()| ends)
}

fn listen(
    work: &mut dyn FnMut(usize) -> Result<Done>,
    signals: &Signals,
    workers: &mut [Option<Worker>],
    ends: &mut [Result<Done>],
) -> Result<()> {
    let mut next = 0;
    loop {
        let mut fds = [-1; WORKERS + 1];
        for (slot, fd) in workers.iter_mut().zip(&mut fds) {
            if slot.is_none() && next < ends.len() {
                *slot = Some(start(next, work)?);
                next += 1;
            }
            if let Some(worker) = slot {
                *fd = worker.pipe.raw();
            }
        }
        if fds.iter().all(|fd| *fd < 0) {
            return Ok(());
        }
        fds[WORKERS] = signals.fd().raw();
        let ready = fd::poll_in(fds, -1).on("wait for", "the processes that fetch")?;
        if let Some(name) = signals.next() {
            fail!(Status::Interrupted, "interrupted by @; what was begun is gone on with the next time", name);
        }
        for (slot, ready) in workers.iter_mut().zip(ready) {
            if let (true, Some(worker)) = (ready, &mut *slot) {
                let mut block = [0; 1024];
                let n = fd::read(worker.pipe.raw(), &mut block).on("hear", "a process that fetches")?;
                worker.heard.extend_from_slice(&block[..n]);
                if n == 0 {
                    let end = worker.end();
                    if end.as_ref().is_err_and(|error| error.status != Status::Source) {
                        *slot = None;
                        return end.map(drop);
                    }
                    ends[worker.job] = end;
                    *slot = None;
                }
            }
        }
    }
}

fn start(job: usize, work: &mut dyn FnMut(usize) -> Result<Done>) -> Result<Worker> {
    let (pipe, to) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
    let parent = process::getpid();
    if let Some(pid) = process::fork(0).on("start", "a process that fetches")? {
        return Ok(Worker { job, pid, pipe, heard: Vec::new() });
    }
    let _ = process::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as usize);
    let _ = signal::set_mask(0);
    // Whoever was orphaned before these calls goes, too.
    if process::getppid() == parent {
        let (status, number, text) = match work(job) {
            Ok(Done::Present) => (Status::Done, PRESENT, ""),
            Ok(Done::Absent) => (Status::Done, ABSENT, ""),
            Ok(Done::Fetched(bytes)) => (Status::Done, bytes, ""),
            Err(error) => (error.status, 0, error.message),
        };
        let mut message = Vec::new();
        message.extend_from_slice(&(status as u64).to_le_bytes());
        message.extend_from_slice(&number.to_le_bytes());
        message.extend_from_slice(text.as_bytes());
        let _ = fd::write(to.raw(), &message);
    }
    process::exit(0)
}

impl Worker {
    /// How it ended, when all has been heard.
    fn end(&self) -> Result<Done> {
        let ended = process::wait4(self.pid, 0);
        if let Some((head, text)) = self.heard.split_first_chunk::<16>() {
            let number = |at: usize| head[at..at + 8].iter().rev().fold(0, |sum, b| sum << 8 | *b as u64);
            return match (number(0), number(8)) {
                (0, PRESENT) => Ok(Done::Present),
                (0, ABSENT) => Ok(Done::Absent),
                (0, bytes) => Ok(Done::Fetched(bytes)),
                (status, _) => Err(Error::new(Status::from_code(status as i32), text::own(text))),
            };
        }
        let (status, how) = match ended {
            // Ctrl-C on a terminal is for all of us; this one was the first to hear it.
            Ok((_, End::Signal(number @ (libc::SIGINT | libc::SIGTERM | libc::SIGHUP | libc::SIGQUIT)), _)) => {
                (Status::Interrupted, signal::name(number))
            }
            Ok((_, End::Signal(number), _)) => (Status::Host, signal::name(number)),
            _ => (Status::Host, "itself before its time"),
        };
        fail!(status, "a process that fetches was ended by @", how)
    }
}
