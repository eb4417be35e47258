//! What brings a URL into a file: the host's curl or wget.

use crate::error::{Result, Status};
use crate::fail;
use crate::file::show;
use crate::host;
use crate::sys::process::{self, End};
use crate::sys::{Context, fd, signal};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// How many of the last bytes that the program said are looked at.
const TAIL: usize = 4096;

/// curl, or wget: GNU's or busybox's.
pub struct Tool {
    file: Vec<u8>,
    curl: bool,
}

/// Why a URL was not fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// For the user.
    pub text: String,
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
        let found = |name, curl| host::find(env, name).map(|file| Tool { file, curl });
        found("curl", true).or_else(|| found("wget", false))
    }

    /// Fetches a URL into the file at `path`, going on at its end.
    pub fn fetch(&self, url: &str, path: &[u8], env: &[&[u8]], proxy: Option<&str>) -> Result<core::result::Result<(), Failure>> {
        // Messages that can be understood here, not in the user's language.
        let mut env: Vec<&[u8]> = env.iter().copied().filter(|entry| !entry.starts_with(b"LC_ALL=")).collect();
        let proxies = proxy.map(|url| ["http_proxy=", "https_proxy="].map(|name| [name, url].concat()));
        env.push(b"LC_ALL=C");
        env.extend(proxies.iter().flatten().map(|entry| entry.as_bytes()));
        // A server that accepts but sends nothing must not hold the run up: 60 seconds without
        // progress end the try. curl: fail on HTTP errors, follow redirects, say nothing but errors,
        // take `[]{}` as they are. wget: one try, since the tries are counted here.
        let options = if self.curl {
            "curl -fLsSg --connect-timeout 30 --speed-limit 100 --speed-time 60 -C - -o"
        } else {
            "wget -nv -c -t 1 -T 60 -O"
        };
        let mut args: Vec<&[u8]> = options.split(' ').map(str::as_bytes).collect();
        args.extend([path, url.as_bytes()]);
        let (read, write) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
        let pid = match host::start(&self.file, &args, &env, &write, libc::SIGKILL) {
            Ok(pid) => pid,
            Err(failure) => fail!(Status::Host, "cannot start {}: {failure:?}", show(&self.file)),
        };
        drop(write);
        let mut said = Vec::new();
        let mut block = vec![0; TAIL];
        loop {
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
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let last = last.strip_prefix(name).map_or(last, |rest| rest.trim_start_matches(':').trim_start());
    let code = match end {
        End::Exit(0) => return Ok(()),
        End::Signal(number) => {
            let text = format!("{name} was killed by {}", signal::name(number));
            return Err(Failure { text, next: Next::Other });
        }
        End::Exit(code) => code,
    };
    // Exit statuses: curl(1), EXIT CODES; wget(1), EXIT STATUS. Busybox's wget has but 1.
    let refused = ["refused", "resolve", "bad address"].iter().any(|word| last.contains(word));
    let next = match (http_status(last), code) {
        (Some(416), _) => Next::Restart,
        (Some(408 | 429 | 500..), _) => Next::Again,
        (Some(_), _) => Next::Other,
        (None, 33 | 36) if curl => Next::Restart,
        (None, 23) if curl => Next::Stop,
        // a part of the file, timeouts, broken connections
        (None, 16 | 18 | 28 | 35 | 52 | 55 | 56 | 92) if curl => Next::Again,
        (None, 3) if !curl => Next::Stop,
        (None, 1 | 4) if !curl && !refused => Next::Again,
        _ => Next::Other,
    };
    let last = match (last, code) {
        ("", 4) if !curl => "the connection broke",
        ("", _) => "no reason given",
        _ => last,
    };
    Err(Failure { text: format!("{name} ended with status {code}: {last}"), next })
}

/// The status of HTTP from 400 up that a message names.
fn http_status(message: &str) -> Option<u16> {
    let words = message.split(|c: char| c.is_whitespace() || c == ':');
    words.filter(|word| word.len() == 3).find_map(|word| word.parse().ok().filter(|code| (400..600).contains(code)))
}

#[cfg(test)]
#[path = "tests/transport.rs"]
mod tests;
