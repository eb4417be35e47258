//! What the tests share: the binary, a folder for each test, users, and what a command gave.
#![allow(dead_code, unused_imports)] // each test program uses a part of it

pub mod elf;
mod list;
mod privately;
mod remains;
mod tree;
mod world;

pub use list::applets;
pub use privately::can_mount;
pub use remains::{nothing_remains, processes};
pub use tree::{same_tree, tree};
pub use world::{User, World, each_user};

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a command may take before it counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The binary under test: `RAWSTRAP`, else what `cargo build --release` makes.
pub fn binary() -> PathBuf {
    let path = match std::env::var_os("RAWSTRAP") {
        Some(path) => PathBuf::from(path),
        None => {
            let target =
                std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| source_tree().join("target"), PathBuf::from);
            source_tree().join(target).join("release/rawstrap")
        }
    };
    assert!(path.is_file(), "there is no {}: cargo build --release --locked", path.display());
    path
}

/// The top of the repository.
pub fn source_tree() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    // SAFETY: geteuid(2) takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Says why a test looks at nothing: past the harness, which would keep it to itself. With
/// `RAWSTRAP_NO_SKIP` in the environment, as in CI, what is missing is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var_os("RAWSTRAP_NO_SKIP").is_none(), "nothing may be skipped here: {why}");
    let name = std::thread::current().name().unwrap_or("?").to_string();
    let _ = std::io::stderr().write_all(format!("SKIP: {name}: {why}\n").as_bytes());
}

/// The path of a program of the host.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(more).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// `need!("xz", "nix")`: returns from the test, after saying so, unless the host has them all.
#[macro_export]
macro_rules! need {
    ($($program:expr),+) => {
        $(if $crate::common::which($program).is_none() {
            $crate::common::skip(concat!("there is no ", $program, " on this machine"));
            return;
        })+
    };
}

/// What a command gave.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; 128 and the signal's number if a signal ended it.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// It has ended well.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.status, 0, "status {}\n{}{}", self.status, self.out, self.err);
        self
    }

    /// It has ended with that status, and said that on standard error.
    #[track_caller]
    pub fn fails(self, status: i32, message: &str) -> Ran {
        assert_eq!(self.status, status, "expected status {status}\n{}{}", self.out, self.err);
        assert!(self.err.contains(message), "expected the message: {message}\nbut it was:\n{}", self.err);
        self
    }
}

/// Starts a command with its output in pipes and nothing to read.
pub fn start(command: &mut Command) -> Running {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (send, ended) = mpsc::channel();
    let pipes: [(bool, Box<dyn Read + Send>); 2] =
        [(true, Box::new(child.stdout.take().unwrap())), (false, Box::new(child.stderr.take().unwrap()))];
    for (is_out, mut pipe) in pipes {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            let _ = send.send((is_out, String::from_utf8_lossy(&bytes).into_owned()));
        });
    }
    Running { child, ended }
}

/// A command that runs.
pub struct Running {
    child: Child,
    ended: mpsc::Receiver<(bool, String)>,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Sends it a signal.
    pub fn signal(&self, number: i32) {
        // SAFETY: kill(2) takes two numbers; the child has not been waited for, so its id is its own.
        assert_eq!(unsafe { libc::kill(self.pid(), number) }, 0, "kill {number}");
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end, and for the end of all that holds its output open.
    #[track_caller]
    pub fn wait(self) -> Ran {
        self.wait_for(PATIENCE)
    }

    /// The same for what takes long.
    #[track_caller]
    pub fn wait_for(mut self, patience: Duration) -> Ran {
        use std::os::unix::process::ExitStatusExt;
        let mut texts = [String::new(), String::new()];
        for _ in 0..2 {
            match self.ended.recv_timeout(patience) {
                Ok((is_out, text)) => texts[usize::from(!is_out)] = text,
                Err(_) => {
                    let _ = self.child.kill();
                    panic!("it hangs, or its output is held open");
                }
            }
        }
        let status = self.child.wait().unwrap();
        let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
        let [out, err] = texts;
        Ran { status, out, err }
    }
}

/// Runs a command to its end.
#[track_caller]
pub fn ran(command: &mut Command) -> Ran {
    start(command).wait()
}

/// Runs a program of the host, which has to end well, and gives its output.
#[track_caller]
pub fn host(program: &str, args: &[&dyn AsRef<OsStr>]) -> String {
    let path = which(program).unwrap_or_else(|| panic!("there is no {program}"));
    let mut command = Command::new(path);
    for arg in args {
        command.arg(arg);
    }
    ran(&mut command).ok().out
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Numbers that look random, the same in every run (xorshift64*).
pub struct Random(u64);

impl Random {
    /// A sequence; `seed` is not 0.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    /// That many bytes, of which about half repeat what stands before.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut all = Vec::with_capacity(count);
        while all.len() < count {
            if all.len() > 32 && self.below(2) == 0 {
                let from = self.below(all.len() - 16);
                all.extend_from_within(from..from + 16);
            } else {
                all.extend((0..16).map(|_| self.below(256) as u8));
            }
        }
        all.truncate(count);
        all
    }
}
