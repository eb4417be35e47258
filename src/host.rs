//! Programs of the host and its environment: what fetches sources and makes a seed.

use crate::error::Result;
use crate::file::join;
use crate::strings::Strings;
use crate::sys::spawn::{Command, Failure, Spawner};
use crate::sys::{Context, Fd, fs, signal};
use alloc::vec::Vec;

/// Where commands are looked up when the environment has no PATH.
const PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

/// The value of a variable in an environment of `NAME=value`.
pub fn variable<'a>(env: &[&'a [u8]], name: &str) -> Option<&'a [u8]> {
    env.iter().find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// The file of a command in the absolute directories of PATH.
pub fn find(env: &[&[u8]], name: &str) -> Option<Vec<u8>> {
    let path = variable(env, "PATH").unwrap_or(PATH);
    path.split(|b| *b == b':')
        .filter(|dir| dir.starts_with(b"/"))
        .map(|dir| join(dir, name.as_bytes()))
        .find(|file| fs::access(file, libc::X_OK).is_ok() && fs::stat(file).is_ok_and(|stat| stat.is_file()))
}

/// Starts a program with nothing to read, and both its outputs at one descriptor; it gets
/// `death_signal` if this process dies. Gives its pid.
pub fn start(
    file: &[u8],
    args: &[&[u8]],
    env: &[&[u8]],
    output: &Fd,
    death_signal: i32,
) -> core::result::Result<i32, Failure> {
    let strings = |words: &[&[u8]]| {
        let mut all = Strings::new();
        words.iter().for_each(|word| all.push(&[word]));
        all
    };
    let null = fs::open_null().map_err(Failure::Fork)?;
    let command = Command {
        files: &strings(&[file]),
        argv: &strings(args),
        envp: &strings(env),
        cwd: b"",
        stdio: [null.raw(), output.raw(), output.raw()],
        death_signal,
    };
    Spawner::new().spawn(&command)
}

/// The signals that end a command, blocked and to be read for as long as this lives.
pub struct Signals(Fd);

impl Signals {
    /// Blocks them.
    pub fn block() -> Result<Signals> {
        let set = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT].map(signal::bit).iter().sum();
        let fd = signal::signalfd(set).on("make", "a descriptor for signals")?;
        signal::set_mask(set).on("block", "signals")?;
        Ok(Signals(fd))
    }

    /// What polls as readable when there is one.
    pub fn fd(&self) -> &Fd {
        &self.0
    }

    /// The name of the next one.
    pub fn next(&self) -> Option<&'static str> {
        signal::next(&self.0).map(signal::name)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let _ = signal::set_mask(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_commands_are_found() {
        let env: [&[u8]; 3] = [b"PATHS=/x", b"PATH=/nowhere:bin::/bin", b"EMPTY="];
        assert_eq!(variable(&env, "PATH"), Some(&b"/nowhere:bin::/bin"[..]));
        assert_eq!(variable(&env, "EMPTY"), Some(&b""[..]));
        assert_eq!(variable(&env, "HOME"), None);
        assert_eq!(find(&env, "sh"), Some(b"/bin/sh".to_vec()));
        assert_eq!(find(&env, "no-such-command"), None);
        assert_eq!(find(&[b"PATH=/"], "bin"), None);
        assert_eq!(find(&[], "sh").map(|file| file.ends_with(b"bin/sh")), Some(true));
    }
}
