//! The command line: which command, its options, and what the user is told at the end.

mod args;
mod build;
mod help;
mod machine;
mod proof;
mod small;

use crate::boot;
use crate::error::{Result, Status};
use crate::run::progress::{RED, colours, paint};
use crate::split;
use crate::sys::{fd, fs, process, signal};
use crate::{error, fail, text};
use alloc::vec::Vec;
use args::Args;

/// A command: its name, operands for the help, a line about it, options, and what runs.
struct Command {
    name: &'static str,
    operands: &'static str,
    about: &'static str,
    details: &'static str,
    flags: &'static str,
    run: fn(&Args, &Host) -> Result<()>,
}

/// What the program was started with, besides its command.
pub struct Host<'a> {
    /// The environment, `NAME=value`.
    pub env: &'a [&'a [u8]],
    /// This program's file.
    pub program: &'static str,
    /// It is the first process of a machine.
    pub init: bool,
}

impl<'a> Host<'a> {
    /// The value of a variable, if it is set to something.
    pub fn var(&self, name: &str) -> Option<&'a str> {
        let value = self.env.iter().find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        core::str::from_utf8(value).ok().filter(|value| !value.is_empty())
    }
}

/// Runs the program with these arguments and environment and gives its exit status.
pub fn main(args: &[&[u8]], env: &[&[u8]]) -> i32 {
    // Descriptors that a careless caller left closed would be taken by the next open.
    for number in 0..3 {
        if fd::fcntl(number, libc::F_GETFD, 0).is_err() {
            // Where there is no /dev/null, what can neither be read nor written.
            let open = |path, flags| fs::openat(fs::CWD, path, flags, 0).map(crate::sys::Fd::into_raw);
            let _ = open("/dev/null", libc::O_RDWR).or_else(|_| open("/", libc::O_PATH));
        }
    }
    // Whoever reads what we say may go away (`| head`): that must not end a run in its middle.
    let _ = signal::disposition(libc::SIGPIPE, true);
    let words = args.get(1..).unwrap_or_default();
    if process::getpid() == 1 && args.first() == Some(&boot::NAME) {
        let host = Host { env, program: "/init", init: true };
        let mut all = Vec::from([&b"boot"[..]]);
        all.extend_from_slice(words);
        // Where no `--` stands before them, the kernel takes options with a value for variables.
        all.extend(env.iter().filter(|variable| variable.starts_with(b"--")));
        boot::init(|| report(&all, &host), &machine::end(&all));
    }
    report(words, &Host { env, program: "/proc/self/exe", init: false })
}

/// Runs the command and tells why it failed.
fn report(words: &[&[u8]], host: &Host) -> i32 {
    match dispatch(words, host) {
        Ok(()) => 0,
        Err(error) => {
            let name = paint(colours(host.env), RED, "rawstrap:");
            let _ = fd::write(2, text!("@ @\n", name, error.message).as_bytes());
            error.status as i32
        }
    }
}

fn dispatch(words: &[&[u8]], host: &Host) -> Result<()> {
    let name = words.first().map_or("build", |word| crate::file::show(word));
    // The default command: `rawstrap --until X` is `rawstrap build --until X`.
    let (name, rest) = match name {
        "--help" | "-h" => return help::general(),
        "--version" | "-V" => return small::version(&Args::default(), host),
        option if option.starts_with("-") => ("build", words),
        _ => (name, words.get(1..).unwrap_or_default()),
    };
    let Some(command) = help::COMMANDS.iter().find(|command| command.name == name) else {
        let hint = crate::list::near(name.as_bytes(), help::COMMANDS.iter().map(|command| command.name.as_bytes()));
        fail!(Status::Usage, "unknown command '@'@\nsee: rawstrap help", name, hint);
    };
    if rest.iter().take_while(|word| **word != b"--").any(|word| *word == b"--help" || *word == b"-h") {
        return help::of(command);
    }
    (command.run)(&Args::parse(command.name, command.flags, rest)?, host)
}

/// Prints on standard output; a reader that has gone away is no error, a full disk is.
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// The same with any bytes.
pub fn print_bytes(text: &[u8]) -> Result<()> {
    match fd::write(1, text) {
        Ok(()) | Err(crate::sys::Errno(libc::EPIPE)) => Ok(()),
        Err(errno) => Err(error!(Status::Host, "cannot write the output: @", errno)),
    }
}

/// A whole number of at least 1.
pub fn number(what: &str, text: &str) -> Result<usize> {
    match split::number(text.as_bytes()) {
        Some(n @ 1..=4096) => Ok(n as usize),
        _ => fail!(Status::Usage, "@ is '@', expected a number from 1 to 4096", what, text),
    }
}
