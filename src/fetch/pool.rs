//! Several jobs at once, each in a process of its own, which dies with this one.

use super::Done;
use crate::error::{Error, Result, Status};
use crate::fail;
use crate::host::Signals;
use crate::sys::process::{self, End};
use crate::sys::{Context, Fd, fd, signal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// How many at once: enough to hide a slow server, few enough for a mirror's limits.
const WORKERS: usize = 4;

/// A process at work. It tells lines, `S`, and at last how it ended: `P`, `F` or `E`; after that
/// letter a number and the length of a text, 8 bytes each, and the text.
struct Worker {
    job: usize,
    pid: i32,
    pipe: Fd,
    heard: Vec<u8>,
}

/// Does `count` jobs; gives how they ended, in their order. A failure of the host, or a signal, is
/// the end of all; any other failure only of its job.
pub fn run(
    count: usize,
    work: &dyn Fn(usize, &mut dyn FnMut(&str)) -> Result<Done>,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Result<Done>>> {
    let signals = Signals::block()?;
    let mut workers: [Option<Worker>; WORKERS] = [const { None }; WORKERS];
    let result = listen(count, work, say, &signals, &mut workers);
    // After an error some are still at it.
    for worker in workers.iter().flatten() {
        let _ = process::kill(worker.pid, libc::SIGKILL);
        let _ = process::wait4(worker.pid, 0);
    }
    result
}

fn listen(
    count: usize,
    work: &dyn Fn(usize, &mut dyn FnMut(&str)) -> Result<Done>,
    say: &mut dyn FnMut(&str),
    signals: &Signals,
    workers: &mut [Option<Worker>; WORKERS],
) -> Result<Vec<Result<Done>>> {
    let mut ends: Vec<Option<Result<Done>>> = (0..count).map(|_| None).collect();
    let mut next = 0;
    loop {
        for slot in workers.iter_mut().filter(|slot| slot.is_none()) {
            if next < count {
                *slot = Some(start(next, work)?);
                next += 1;
            }
        }
        if workers.iter().all(Option::is_none) {
            return Ok(ends.into_iter().flatten().collect());
        }
        let mut fds = [signals.fd().raw(); WORKERS + 1];
        for (fd, worker) in fds[1..].iter_mut().zip(&*workers) {
            *fd = worker.as_ref().map_or(-1, |worker| worker.pipe.raw());
        }
        let ready = fd::poll_in(fds, -1).on("wait for", "the processes that fetch")?;
        if let Some(name) = signals.next() {
            fail!(Status::Interrupted, "interrupted by {name}; what was begun is gone on with the next time");
        }
        for (slot, _) in workers.iter_mut().zip(&ready[1..]).filter(|(_, ready)| **ready) {
            let Some(worker) = slot else { continue };
            if let Some(end) = worker.hear(say)? {
                let _ = process::wait4(worker.pid, 0);
                let job = worker.job;
                *slot = None;
                match end {
                    Err(error) if error.status == Status::Host => return Err(error),
                    end => ends[job] = Some(end),
                }
            }
        }
    }
}

fn start(job: usize, work: &dyn Fn(usize, &mut dyn FnMut(&str)) -> Result<Done>) -> Result<Worker> {
    let (pipe, to) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
    let parent = process::getpid();
    match process::fork(0).on("start", "a process that fetches")? {
        Some(pid) => Ok(Worker { job, pid, pipe, heard: Vec::new() }),
        None => {
            let _ = process::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as usize);
            let _ = signal::set_mask(0);
            // Whoever was orphaned before these calls goes, too.
            if process::getppid() == parent {
                let end = work(job, &mut |line| tell(&to, b'S', 0, line));
                match end {
                    Ok(Done::Present) => tell(&to, b'P', 0, ""),
                    Ok(Done::Fetched(bytes)) => tell(&to, b'F', bytes, ""),
                    Err(error) => tell(&to, b'E', error.status as u64, &error.message),
                }
            }
            process::exit(0)
        }
    }
}

fn tell(to: &Fd, tag: u8, number: u64, text: &str) {
    let mut message = Vec::new();
    message.push(tag);
    message.extend_from_slice(&number.to_le_bytes());
    message.extend_from_slice(&(text.len() as u64).to_le_bytes());
    message.extend_from_slice(text.as_bytes());
    let _ = fd::write(to.raw(), &message);
}

impl Worker {
    /// Reads what it tells, passes lines on, and gives how it ended when it has.
    fn hear(&mut self, say: &mut dyn FnMut(&str)) -> Result<Option<Result<Done>>> {
        let mut block = [0; 4096];
        let n = fd::read(self.pipe.raw(), &mut block).on("hear", "a process that fetches")?;
        self.heard.extend_from_slice(&block[..n]);
        while let Some((head, rest)) = self.heard.split_first_chunk::<17>() {
            let number = |at: usize| head[at..at + 8].iter().rev().fold(0, |sum, b| sum << 8 | *b as u64);
            let (tag, value, length) = (head[0], number(1), number(9) as usize);
            let Some(text) = rest.get(..length) else { break };
            let text = String::from_utf8_lossy(text).into_owned();
            match tag {
                b'S' => say(&text),
                b'P' => return Ok(Some(Ok(Done::Present))),
                b'F' => return Ok(Some(Ok(Done::Fetched(value)))),
                _ => return Ok(Some(Err(Error::new(Status::from_code(value as i32), text)))),
            }
            self.heard.drain(..17 + length);
        }
        if n > 0 {
            return Ok(None);
        }
        let how = match process::wait4(self.pid, 0) {
            Ok((_, End::Signal(number), _)) => format!(" by {}", signal::name(number)),
            _ => String::new(),
        };
        fail!(Status::Host, "a process that fetches was killed{how} from outside")
    }
}
