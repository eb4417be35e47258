//! What brings a URL into a file: the host's curl or wget.

use crate::error::{Result, Status};
use crate::file::show;
use crate::host;
use crate::split;
use crate::sys::process::{self, End};
use crate::sys::{Context, fd, fs, signal};
use crate::{fail, text};
use alloc::vec;
use alloc::vec::Vec;

/// How many of the last bytes that the program said are looked at.
const TAIL: usize = 4096;

/// Milliseconds without a byte after which a try is given up: a server that accepts but sends
/// nothing must not hold the run up.
const PATIENCE: i32 = 60_000;

/// curl fails on HTTP errors (-f), follows redirects (-L), tells errors only (-sS), takes `[]{}` as
/// they are (-g), and goes on at the end of the file (-C -).
const CURL: &[&[u8]] = &[b"curl", b"-fLsSg", b"-C", b"-", b"-o"];
/// wget goes on (-c) and tries once (-t 1): the tries are counted here. No timeout (-T): with it,
/// the wget of busybox 1.35 crashes.
const WGET: &[&[u8]] = &[b"wget", b"-nv", b"-c", b"-t", b"1", b"-O"];

/// curl, or wget: GNU's or busybox's.
pub struct Tool {
    file: Vec<u8>,
    curl: bool,
    patience: i32,
}

/// Why a URL was not fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// For the user.
    pub text: &'static str,
    /// What to do about it.
    pub next: Next,
}

/// What can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same once more: the network, or a server that is busy.
    Again,
    /// The same from the start: what is there cannot be gone on with.
    Restart,
    /// Another place.
    Other,
    /// Nothing: the file cannot be written.
    Stop,
}

impl Tool {
    /// The one in the host's PATH.
    pub fn find(env: &[&[u8]]) -> Option<Tool> {
        let found = |name, curl| host::find(env, name).map(|file| Tool { file, curl, patience: PATIENCE });
        found("curl", true).or_else(|| found("wget", false))
    }

    /// Fetches a URL into the file at `path`, going on at its end.
    pub fn fetch(
        &self,
        url: &str,
        path: &[u8],
        env: &[&[u8]],
        proxy: Option<&str>,
    ) -> Result<core::result::Result<(), Failure>> {
        // Messages that can be understood here, not in the user's language. Of two variables of the
        // same name the first one counts: a proxy of the environment's own comes before apt's.
        let mut all: Vec<&[u8]> = Vec::new();
        all.push(b"LC_ALL=C");
        all.extend_from_slice(env);
        let proxies = ["http_proxy=@", "https_proxy=@"].map(|pattern| text!(pattern, proxy.unwrap_or_default()));
        if proxy.is_some() {
            all.extend([proxies[0].as_bytes(), proxies[1].as_bytes()]);
        }
        let mut args: Vec<&[u8]> = Vec::new();
        args.extend_from_slice(if self.curl { CURL } else { WGET });
        args.extend([path, url.as_bytes()]);
        let (read, write) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
        let pid = match host::start(&self.file, &args, &all, &write, libc::SIGKILL) {
            Ok(pid) => pid,
            Err(failure) => fail!(Status::Host, "cannot start @: @", &self.file, failure.errno()),
        };
        drop(write);
        let mut said = Vec::new();
        let mut block = vec![0; TAIL];
        let length = || fs::stat(path).map_or(0, |stat| stat.size);
        let begin = length();
        let mut size = begin;
        loop {
            if let Ok([false]) = fd::poll_in([read.raw()], self.patience) {
                let now = length();
                if now == size {
                    let _ = process::kill(pid, libc::SIGKILL);
                    let _ = process::wait4(pid, 0);
                    let text = text!("nothing came for @ seconds", self.patience / 1000);
                    return Ok(Err(Failure { text, next: if now > begin { Next::Again } else { Next::Other } }));
                }
                size = now;
                continue;
            }
            match fd::read(read.raw(), &mut block).on("read", "what curl or wget says")? {
                0 => break,
                n => said.extend_from_slice(&block[..n]),
            }
            said.drain(..said.len().saturating_sub(TAIL));
        }
        let (_, end, _) = process::wait4(pid, 0).on("wait for", &self.file)?;
        Ok(judge(self.curl, end, &show(&said)))
    }
}

/// What the end of the program and its last words mean.
fn judge(curl: bool, end: End, said: &str) -> core::result::Result<(), Failure> {
    let name = if curl { "curl" } else { "wget" };
    let last = split::lines(said).map(str::trim_ascii).filter(|line| !line.is_empty()).last().unwrap_or_default();
    let last = last.strip_prefix(name).map_or(last, |rest| rest.strip_prefix(":").unwrap_or(rest).trim_ascii_start());
    let code = match end {
        End::Exit(0) => return Ok(()),
        End::Signal(number) => {
            let text = text!("@ was killed by @", name, signal::name(number));
            return Err(Failure { text, next: Next::Other });
        }
        End::Exit(code) => code,
    };
    // Exit statuses: curl(1), EXIT CODES; wget(1), EXIT STATUS. Busybox's wget has but 1.
    let refused = ["refused", "resolve", "bad address"].iter().any(|word| split::holds(last, word));
    let next = match (http_status(last), code) {
        (Some(416), _) => Next::Restart,
        (Some(408 | 429 | 500..), _) => Next::Again,
        (Some(_), _) => Next::Other,
        (None, 33 | 36) if curl => Next::Restart,
        (None, 23) if curl => Next::Stop,
        // a part of the file, timeouts, broken connections
        (None, 16 | 18 | 28 | 35 | 52 | 55 | 56 | 92) if curl => Next::Again,
        (None, 3) if !curl => Next::Stop,
        (None, 1) if !curl && split::holds(last, "write error") => Next::Stop,
        (None, 1 | 4) if !curl && !refused => Next::Again,
        _ => Next::Other,
    };
    let last = match (last, code) {
        ("", 4) if !curl => "the connection broke",
        ("", _) => "no reason given",
        _ => last,
    };
    Err(Failure { text: text!("@ ended with status @: @", name, code, last), next })
}

/// The status of HTTP from 400 up that a message names.
fn http_status(message: &str) -> Option<u64> {
    let mut words = split::words(message).map(|word| split::trim_end(word, ":"));
    words.find_map(|word| split::number(word.as_bytes()).filter(|code| word.len() == 3 && (400..600).contains(code)))
}

#[cfg(test)]
#[path = "tests/transport.rs"]
mod tests;
