//! The working directory of a run: where stage, logs and ledger are; the lock; laying out a stage.

use super::progress::Terminal;
use crate::error::{Result, Status};
use crate::file;
use crate::list::Plan;
use crate::sys::{Context, Errno, Fd, PATH_MAX, fd, fs};
use crate::{fail, text};
use alloc::string::String;

/// The directories that every stage has; the first three are mount points.
const LAYOUT: [&str; 5] = ["dev", "downloads", "recipes", "store", "tmp"];

/// What the lock's file holds when the stage beside it is one that may be removed.
const MADE: &[u8] = b"rawstrap made the stage that is here, and may remove it\n";

/// Why a directory is not taken.
const TOO_LONG: &str =
    "its absolute path, with what is to be made in it, is longer than the 4095 bytes that Linux takes; \
     choose another place";

/// A working directory (`--dir`), locked.
pub struct Place {
    /// Its absolute path.
    pub dir: &'static str,
    /// The lock, held until it is dropped.
    pub lock: Fd,
    /// A stage in it was made by rawstrap.
    known: bool,
}

impl Place {
    /// Makes or opens the directory and locks it: two runs must not share a stage. `longest` is the
    /// length of the longest label of a unit, so that its log is not refused when the run comes to it.
    pub fn open(dir: &str, longest: usize) -> Result<Place> {
        let is_new = fs::lstat(dir).is_err();
        file::make_dirs(dir)?;
        let dir = usable(dir, longest).inspect_err(|_| {
            if is_new {
                let _ = fs::unlinkat(fs::CWD, dir, libc::AT_REMOVEDIR);
            }
        })?;
        let path = text!("@/lock", dir);
        let lock = fs::openat(fs::CWD, &path, libc::O_RDWR | libc::O_CREAT, 0o666).on("open", &path)?;
        let known = fs::fstat(&lock).on("examine", &path)?.size > 0;
        match fs::flock(&lock, libc::LOCK_EX | libc::LOCK_NB) {
            Ok(()) => Ok(Place { dir, lock, known }),
            Err(Errno(libc::EWOULDBLOCK)) => fail!(
                Status::Host,
                "cannot use @: another rawstrap runs there; wait for it, or choose another place with --dir",
                dir
            ),
            Err(errno) => Err(errno).on("lock", &path),
        }
    }

    /// The stage's path.
    pub fn stage(&self) -> &'static str {
        text!("@/stage", self.dir)
    }

    /// The ledger's path.
    pub fn ledger(&self) -> &'static str {
        text!("@/ledger", self.dir)
    }

    /// The ledger of the last run before this one that came to its end.
    pub fn previous(&self) -> &'static str {
        text!("@/ledger.previous", self.dir)
    }

    /// The folder of the logs.
    pub fn logs(&self) -> &'static str {
        text!("@/logs", self.dir)
    }

    /// Removes what an earlier run left, after saying so, and lays out a new stage.
    pub fn fresh(&self, plan: &Plan, seed: Option<&str>, terminal: &mut Terminal) -> Result<()> {
        let stage = self.stage();
        if file::is_there(&stage)? {
            if !self.known {
                fail!(
                    Status::Host,
                    "@ was not made by rawstrap and is not removed; move it away, or choose another place with --dir",
                    stage
                );
            }
            terminal.say(text!("starting from nothing: removing @ and the logs and ledger beside it", stage));
            if file::read_text(self.ledger()).is_ok_and(|text| crate::split::holds(&text, "\ndone\n")) {
                fs::renameat(fs::CWD, self.ledger(), fs::CWD, self.previous()).on("rename to", self.previous())?;
            }
            // First, so that a run which is interrupted here is none to go on with.
            file::remove(&self.ledger())?;
            file::remove(&stage)?;
        }
        if !self.known {
            fd::write(self.lock.raw(), MADE).on("write", "the lock")?;
        }
        file::remove(&self.logs())?;
        file::remove(&self.ledger())?;
        file::make_dirs(&self.logs())?;
        // A file that a step makes set-user-ID is within nobody else's reach.
        fs::mkdirat(fs::CWD, stage, 0o700).on("make the directory", stage)?;
        for name in LAYOUT {
            file::make_dirs(text!("@/@", stage, name))?;
        }
        if let (Some(seed), Some(line)) = (seed, &plan.seed) {
            let to = text!("@@", stage, &line.path);
            file::make_dirs(file::parent(to.as_bytes()))?;
            file::replace(&to, &file::read(seed)?, 0o755)?;
        }
        Ok(())
    }
}

/// The directory's absolute path, which has room for what is made in it.
fn usable(dir: &str, longest: usize) -> Result<&'static str> {
    let dir = absolute(dir)?;
    // /logs/LABEL.log; /ledger.previous
    if dir.len() + longest.max(6) + 10 >= PATH_MAX {
        fail!(Status::Host, "cannot use @: @", dir, TOO_LONG);
    }
    Ok(dir)
}

/// An existing path, absolute and without symbolic links or `..`.
pub fn absolute(path: &str) -> Result<&'static str> {
    let here = fs::open_dir(fs::CWD, ".").on("open", "the current directory")?;
    fs::chdir(path).on("enter", path)?;
    let found = fs::getcwd();
    fs::fchdir(&here).on("return to", "the current directory")?;
    match found {
        Err(Errno(libc::ENAMETOOLONG)) => fail!(Status::Host, "cannot use @: @", path, TOO_LONG),
        found => match String::from_utf8(found.on("find the absolute path of", path)?) {
            Ok(path) => Ok(path.leak()),
            Err(_) => fail!(Status::Usage, "cannot use @: its absolute path is not UTF-8; choose another place", path),
        },
    }
}
