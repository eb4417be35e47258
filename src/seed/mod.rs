//! The seed: a static TinyCC. One that is supplied is checked, else the host makes one.

mod elf;

use crate::archive::disk;
use crate::error::{Error, Result, Status};
use crate::file::{self, File, join, show};
use crate::host::{self, Signals};
use crate::list::plan::SeedRecipe;
use crate::split;
use crate::sys::process::{self, End};
use crate::sys::{Context, Errno, fd, fs, signal};
use crate::{add, fail, text};
use alloc::string::String;
use elf::Complaint;

/// Checks that the file can be a seed, and gives its SHA-256.
pub fn check(path: &str) -> Result<[u8; 32]> {
    match wrong(path) {
        None => file::sha256(path),
        Some((what, detail)) => fail!(
            Status::Source,
            "cannot use @ as the seed: @@; \
             a seed is a static x86-64 TinyCC: leave out --seed, and one is made",
            path,
            what,
            detail
        ),
    }
}

/// What is wrong with it, if anything.
fn wrong(path: &str) -> Option<Complaint> {
    let looked = fs::stat(path).and_then(|stat| {
        if !stat.is_file() {
            return Ok(Some(("it is not a regular file", "")));
        }
        elf::complaint(&fs::open_read(path)?)
    });
    match looked {
        Err(errno) => Some(("", text!("@", errno))),
        Ok(None) => match fs::access(path, libc::X_OK) {
            Ok(()) => None,
            Err(Errno(libc::EACCES)) => Some(("it is not executable: chmod +x ", show(path))),
            Err(errno) => Some(("", text!("@", errno))),
        },
        Ok(complaint) => complaint,
    }
}

/// Makes a seed at `output` from the recipe's source with the recipe's script, and checks it. What
/// the script says goes to `output.log`; it works beside `output`, too.
pub fn make(recipe: &SeedRecipe, downloads: &str, output: &str, env: &[&[u8]]) -> Result<()> {
    let script = &*recipe.script;
    let (work, log) = (text!("@.work", output), text!("@.log", output));
    file::make_dirs(file::parent(output.as_bytes()))?;
    file::remove(&work)?;
    file::remove(output)?;
    file::make_dirs(&work)?;
    let made = (|| {
        let (source, begun) = (text!("@/source", work), text!("@/seed", work));
        file::make_dirs(&source)?;
        let archive = join(downloads.as_bytes(), recipe.source.file.as_bytes());
        disk::unpack_file(&archive, source.as_bytes(), 0, process::cores())?;
        run(script, &top(source)?, &begun, &log, env)?;
        if let Some((what, detail)) = wrong(&begun) {
            return Err(hopeless(script, text!("what it has made is no seed: @@", what, detail), &log));
        }
        fs::renameat(fs::CWD, &begun, fs::CWD, output).on("rename to", output)
    })();
    let removed = file::remove(&work);
    made.and(removed.map(drop))
}

/// Where the sources are: in the one folder that all of an archive mostly is in, or right there.
fn top(dir: &'static str) -> Result<&'static str> {
    let entries = file::entries(dir.as_bytes())?;
    match &entries[..] {
        [one] if fs::open_dir(fs::CWD, &join(dir.as_bytes(), &one.name)).is_ok() => Ok(text!("@/@", dir, &one.name)),
        _ => Ok(dir),
    }
}

/// Runs the script, until it or a signal ends it.
fn run(script: &str, source: &str, begun: &str, log: &str, env: &[&[u8]]) -> Result<()> {
    let output = File::create(log, 0o666)?;
    let signals = Signals::block()?;
    let args = ["sh", script, source, begun].map(str::as_bytes);
    // SIGTERM, so that the script can clean up behind itself.
    let pid = match host::find(env, "sh").map(|shell| host::start(&shell, &args, env, output.fd(), libc::SIGTERM)) {
        Some(Ok(pid)) => pid,
        Some(Err(failure)) => fail!(Status::Host, "cannot start sh for @: @", script, failure.errno()),
        None => fail!(Status::Host, "cannot run @: no sh is in the PATH", script),
    };
    let mut interrupted = None;
    // A descriptor that tells when a process ends is as new as Linux 5.3.
    let end = loop {
        match process::wait4(pid, libc::WNOHANG).on("wait for", script)? {
            (0, ..) => {}
            (_, end, _) => break end,
        }
        if let (Ok([true]), None, Some(name)) = (fd::poll_in([signals.fd().raw()], 10), interrupted, signals.next()) {
            interrupted = Some(name);
            let _ = process::kill(pid, libc::SIGTERM);
        }
    };
    match (interrupted, end) {
        (Some(name), _) => fail!(Status::Interrupted, "interrupted by @ while the seed was made", name),
        (None, End::Exit(0)) => Ok(()),
        (None, End::Exit(code)) => Err(hopeless(script, text!("it ended with status @", code), log)),
        (None, End::Signal(number)) => Err(hopeless(script, text!("it was killed by @", signal::name(number)), log)),
    }
}

/// The error when the script has not made a seed: with the end of what it said.
fn hopeless(script: &str, what: &str, log: &str) -> Error {
    const LINES: usize = 10;
    let said = file::read(log).unwrap_or_default();
    let said = show(&said);
    let count = split::lines(said).count();
    let mut message = String::new();
    add!(&mut message, "cannot make the seed with @: @", script, what);
    if count > 0 {
        add!(&mut message, "\nthe end of @:", log);
        for line in split::lines(said).skip(count.saturating_sub(LINES)) {
            add!(&mut message, "\n    @", line);
        }
    }
    message.push_str(
        "\nit needs a C compiler and a static C library (Debian: apt install gcc libc6-dev; CC names another one); \
         or --seed FILE supplies a seed",
    );
    Error::new(Status::Source, message.leak())
}

#[cfg(test)]
mod tests;
