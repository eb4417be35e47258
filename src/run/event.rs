//! What PID 1 of the room tells the process outside, over a socket: a tag, a length, the fields.
//! (Which step it is at stands in a number that both share: nobody has to be woken for that.)

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
    /// The package's output: hash of its tree and the ledger's lines for its files; and what its
    /// commands used.
    Sealed([u8; 32], Vec<u8>, Usage),
    /// The run ends with this error; if a step failed, with its outcome.
    Failed(Error, Option<Outcome>),
    /// Everything was done; what PID 1 itself used.
    End(Usage),
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_usage(out: &mut Vec<u8>, usage: &Usage) {
    for n in [usage.user_us, usage.system_us, usage.peak_kib] {
        put(out, n);
    }
}

fn put_outcome(out: &mut Vec<u8>, o: &Outcome) {
    let (how, code) = match o.end {
        None => (0, 0),
        Some(End::Exit(status)) => (1, status),
        Some(End::Signal(signal)) => (2, signal),
    };
    for n in [o.wall_us, o.commands as u64, o.strays as u64, how, code as u64] {
        put(out, n);
    }
    put_usage(out, &o.usage);
}

/// Tells an event over the descriptor.
pub fn send(to: i32, event: &Event) -> Result<()> {
    let mut out = alloc::vec![0; 9];
    match event {
        Event::Unit(unit, step) => {
            put(&mut out, *unit as u64);
            put(&mut out, *step as u64);
        }
        Event::Sealed(hash, files, usage) => {
            put_usage(&mut out, usage);
            out.extend_from_slice(hash);
            out.extend_from_slice(files);
        }
        Event::Failed(error, outcome) => {
            put(&mut out, error.status as u64);
            put(&mut out, outcome.is_some() as u64);
            put_outcome(&mut out, outcome.as_ref().unwrap_or(&Outcome::default()));
            out.extend_from_slice(error.message.as_bytes());
        }
        Event::End(usage) => put_usage(&mut out, usage),
    }
    out[0] = match event {
        Event::Unit(..) => b'U',
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

    fn numbers<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut numbers = [0; N];
        for field in &mut numbers {
            *field = self.number()?;
        }
        Some(numbers)
    }

    fn usage(&mut self) -> Option<Usage> {
        let [user_us, system_us, peak_kib] = self.numbers()?;
        Some(Usage { user_us, system_us, peak_kib })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let n: [u64; 5] = self.numbers()?;
        let end = match n[3] {
            0 => None,
            1 => Some(End::Exit(n[4] as i32)),
            _ => Some(End::Signal(n[4] as i32)),
        };
        Some(Outcome { wall_us: n[0], usage: self.usage()?, commands: n[1] as u32, strays: n[2] as u32, end })
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
            b'S' => {
                let usage = fields.usage()?;
                let (hash, files) = fields.0.split_first_chunk::<32>()?;
                Event::Sealed(*hash, files.to_vec(), usage)
            }
            b'F' => {
                let status = Status::from_code(fields.number()? as i32);
                let stepped = fields.number()? != 0;
                let outcome = fields.outcome()?;
                let message = text::own(fields.0);
                Event::Failed(Error::new(status, message), stepped.then_some(outcome))
            }
            _ => Event::End(fields.usage()?),
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
            Event::Sealed([7; 32], b"file x\n".to_vec(), Usage { user_us: 6, system_us: 7, peak_kib: 8 }),
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
