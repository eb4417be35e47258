//! What PID 1 of the room tells the process outside, over a socket: a tag, a length, the fields.

use crate::error::{Error, Result, Status};
use crate::sys::process::{End, Usage};
use crate::sys::{Context, Errno, fd};
use crate::text;
use alloc::vec::Vec;

/// How one step went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Wall time in microseconds.
    pub wall_us: u64,
    /// Of its commands: times added up, the largest peak.
    pub usage: Usage,
    /// Number of commands run.
    pub commands: u32,
    /// Processes it left behind, which were killed.
    pub strays: u32,
    /// How its command ended; of `each`, all ended so.
    pub end: Option<End>,
}

/// An event. Units and steps are counted from 0 in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A package or test begins, with this step: the first, or with `--resume` a later one.
    Unit(u32, u32),
    /// A step is done, and the next one begins.
    Done(u32, Outcome),
    /// The package's output: hash of its tree and the ledger's lines for its files.
    Sealed([u8; 32], Vec<u8>),
    /// The run ends with this error; if a step failed, with its outcome.
    Failed(Error, Option<Outcome>),
    /// Everything was done; what PID 1 itself used.
    End(Usage),
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_outcome(out: &mut Vec<u8>, o: &Outcome) {
    let (how, code) = match o.end {
        None => (0, 0),
        Some(End::Exit(status)) => (1, status),
        Some(End::Signal(signal)) => (2, signal),
    };
    let u = &o.usage;
    for n in [o.wall_us, u.user_us, u.system_us, u.peak_kib, o.commands as u64, o.strays as u64, how, code as u64] {
        put(out, n);
    }
}

/// Tells an event over the descriptor.
pub fn send(to: i32, event: &Event) -> Result<()> {
    let mut out = alloc::vec![0; 9];
    match event {
        Event::Unit(unit, step) => {
            put(&mut out, *unit as u64);
            put(&mut out, *step as u64);
        }
        Event::Done(step, outcome) => {
            put(&mut out, *step as u64);
            put_outcome(&mut out, outcome);
        }
        Event::Sealed(hash, files) => {
            out.extend_from_slice(hash);
            out.extend_from_slice(files);
        }
        Event::Failed(error, outcome) => {
            put(&mut out, error.status as u64);
            put(&mut out, outcome.is_some() as u64);
            put_outcome(&mut out, outcome.as_ref().unwrap_or(&Outcome::default()));
            out.extend_from_slice(error.message.as_bytes());
        }
        Event::End(usage) => put_outcome(&mut out, &Outcome { usage: *usage, ..Outcome::default() }),
    }
    out[0] = match event {
        Event::Unit(..) => b'U',
        Event::Done(..) => b'D',
        Event::Sealed(..) => b'S',
        Event::Failed(..) => b'F',
        Event::End(_) => b'E',
    };
    let length = (out.len() - 9) as u64;
    out[1..9].copy_from_slice(&length.to_le_bytes());
    fd::write(to, &out).on("tell", "the driver outside the room")
}

/// Fields of an event that is being read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let mut n = [0; 8];
        for field in &mut n {
            *field = self.number()?;
        }
        let end = match n[6] {
            0 => None,
            1 => Some(End::Exit(n[7] as i32)),
            _ => Some(End::Signal(n[7] as i32)),
        };
        let usage = Usage { user_us: n[1], system_us: n[2], peak_kib: n[3] };
        Some(Outcome { wall_us: n[0], usage, commands: n[4] as u32, strays: n[5] as u32, end })
    }
}

/// Puts events together from what comes through the pipe.
#[derive(Default)]
pub struct Receiver {
    bytes: Vec<u8>,
    at: usize,
}

impl Receiver {
    /// Reads what there is; false at the end.
    pub fn fill(&mut self, from: i32) -> Result<bool> {
        let mut block = [0; 4096];
        let n = match fd::read(from, &mut block) {
            // the end of a socket whose other end has left something unread
            Err(Errno(libc::ECONNRESET)) => 0,
            result => result.on("hear", "PID 1 of the room")?,
        };
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(&block[..n]);
        Ok(n > 0)
    }

    /// The next whole event.
    pub fn next(&mut self) -> Option<Event> {
        let rest = &self.bytes[self.at..];
        let (head, body) = rest.split_first_chunk::<9>()?;
        let mut length = [0; 8];
        length.copy_from_slice(&head[1..]);
        let length = u64::from_le_bytes(length) as usize;
        let mut fields = Fields(body.get(..length)?);
        let event = match head[0] {
            b'U' => Event::Unit(fields.number()? as u32, fields.number()? as u32),
            b'D' => Event::Done(fields.number()? as u32, fields.outcome()?),
            b'S' => {
                let (hash, files) = fields.0.split_first_chunk::<32>()?;
                Event::Sealed(*hash, files.to_vec())
            }
            b'F' => {
                let status = Status::from_code(fields.number()? as i32);
                let stepped = fields.number()? != 0;
                let outcome = fields.outcome()?;
                let message = text::own(fields.0);
                Event::Failed(Error::new(status, message), stepped.then_some(outcome))
            }
            _ => Event::End(fields.outcome()?.usage),
        };
        self.at += 9 + length;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_arrive_as_they_were_sent() {
        let (r, w) = fd::pipe2(0).unwrap();
        let outcome = Outcome {
            wall_us: 5,
            usage: Usage { user_us: 1, system_us: 2, peak_kib: 3 },
            commands: 4,
            strays: 1,
            end: Some(End::Signal(9)),
        };
        let all = [
            Event::Unit(3, 4),
            Event::Done(70000, outcome.clone()),
            Event::Sealed([7; 32], b"file x\n".to_vec()),
            Event::Failed(Error::new(Status::Step, "no"), Some(outcome)),
            Event::Failed(Error::new(Status::Room, "never"), None),
            Event::End(Usage { user_us: 1, system_us: 2, peak_kib: 3 }),
        ];
        for event in &all {
            send(w.raw(), event).unwrap();
        }
        drop(w);
        let mut receiver = Receiver::default();
        let mut got = Vec::new();
        while receiver.fill(r.raw()).unwrap() {
            while let Some(event) = receiver.next() {
                got.push(event);
            }
        }
        assert_eq!(got, all);
    }
}
