//! Starting a command: vfork(2) on a stack of its own, then execve(2).
//!
//! The child shares the driver's memory until it executes, so nothing is copied, whatever the
//! driver's size; the kernel holds the driver until then. The child allocates nothing.
#![allow(unsafe_code)]

use super::{Errno, check, process, signal};
use crate::strings::Strings;
use alloc::vec;
use alloc::vec::Vec;
use core::arch::naked_asm;
use sc::syscall;

/// Bytes of the child's stack.
const STACK: usize = 64 << 10;

/// What a command starts with. Nothing else is inherited but limits, umask and namespaces.
pub struct Command<'a> {
    /// The files to try, in order, as execvp(3) does with PATH.
    pub files: &'a Strings,
    /// The arguments, from argv\[0\].
    pub argv: &'a Strings,
    /// The environment, `NAME=value`.
    pub envp: &'a Strings,
    /// The directory it starts in, with a NUL at its end; empty: this process's.
    pub cwd: &'a [u8],
    /// Descriptors for 0, 1 and 2.
    pub stdio: [i32; 3],
    /// The signal it gets when this process dies (PR_SET_PDEATHSIG); 0 for none.
    pub death_signal: i32,
}

/// Why a command did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no room for another process.
    Fork(Errno),
    /// A descriptor cannot be put at 0, 1 or 2.
    Redirect(Errno),
    /// The directory cannot be entered.
    Chdir(Errno),
    /// The file cannot be executed.
    Exec(Errno),
}

impl Failure {
    /// The kernel's reason.
    pub fn errno(self) -> Errno {
        match self {
            Failure::Fork(errno) | Failure::Redirect(errno) | Failure::Chdir(errno) | Failure::Exec(errno) => errno,
        }
    }
}

/// What the child sees and where it tells its failure.
struct Job {
    files: *const *const u8,
    argv: *const *const u8,
    envp: *const *const u8,
    cwd: *const u8,
    stdio: [i32; 3],
    death_signal: i32,
    parent: i32,
    failure: Option<Failure>,
}

/// Starts commands; owns the stack they start on.
pub struct Spawner {
    stack: Vec<u8>,
}

impl Spawner {
    /// Makes the stack.
    pub fn new() -> Spawner {
        Spawner { stack: vec![0; STACK] }
    }

    /// Starts the command and gives its pid.
    pub fn spawn(&mut self, command: &Command) -> Result<i32, Failure> {
        let (files, argv, envp) = (command.files.pointers(), command.argv.pointers(), command.envp.pointers());
        let mut job = Job {
            files: files.as_ptr(),
            argv: argv.as_ptr(),
            envp: envp.as_ptr(),
            cwd: if command.cwd.is_empty() { core::ptr::null() } else { command.cwd.as_ptr() },
            stdio: command.stdio,
            death_signal: command.death_signal,
            parent: process::getpid(),
            failure: None,
        };
        let top = (self.stack.as_mut_ptr() as usize + STACK) & !15;
        // SAFETY: the stack is ours and large enough for `child`; the vectors outlive the call, and
        // CLONE_VFORK holds this process until the child has executed or ended.
        let result = unsafe {
            clone_vfork((libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD) as usize, top, child, &mut job)
        };
        let pid = check(result).map_err(Failure::Fork)? as i32;
        // SAFETY: the child wrote through a pointer that the compiler has lost sight of.
        match unsafe { core::ptr::read_volatile(&job.failure) } {
            None => Ok(pid),
            Some(failure) => {
                let _ = process::wait4(pid, 0);
                Err(failure)
            }
        }
    }
}

impl Default for Spawner {
    fn default() -> Spawner {
        Spawner::new()
    }
}

/// clone(2): the parent returns with the pid; the child goes on in `entry` on the new stack.
#[unsafe(naked)]
unsafe extern "C" fn clone_vfork(
    flags: usize,
    stack_top: usize,
    entry: unsafe extern "C" fn(*mut Job) -> !,
    job: *mut Job,
) -> usize {
    naked_asm!(
        "mov r8, rdx",   // entry and job survive the call in r8 and r9
        "mov r9, rcx",
        "xor edx, edx",  // no place for the child's id
        "xor r10d, r10d",
        "mov eax, 56",   // SYS_clone
        "syscall",
        "test rax, rax",
        "jnz 2f",
        "xor ebp, ebp",  // the child: outermost frame of its stack
        "mov rdi, r9",
        "call r8",
        "ud2",
        "2: ret",
    )
}

/// The child: default signals, the three descriptors, the directory, and off.
unsafe extern "C" fn child(job: *mut Job) -> ! {
    // SAFETY: the parent waits and keeps all that `job` points to.
    let failure = unsafe {
        let job = &*job;
        let _ = signal::set_mask(0);
        let _ = signal::disposition(libc::SIGPIPE, false); // which the driver ignores
        if job.death_signal != 0 {
            let _ = process::prctl(libc::PR_SET_PDEATHSIG, job.death_signal as usize);
            // Whoever was orphaned before the call gets no signal any more.
            if process::getppid() != job.parent {
                process::exit(127);
            }
        }
        let redirected = redirect(job.stdio);
        let entered = if job.cwd.is_null() { Ok(0) } else { check(syscall!(CHDIR, job.cwd)) };
        match (redirected, entered) {
            (Err(errno), _) => Failure::Redirect(errno),
            (_, Err(errno)) => Failure::Chdir(errno),
            _ => {
                // As execvp(3): a directory where it is not, or must not be read, is passed over.
                let mut seen = Errno(libc::ENOENT);
                let mut file = job.files;
                while !(*file).is_null() {
                    match check(syscall!(EXECVE, *file, job.argv, job.envp)) {
                        Err(Errno(libc::ENOENT | libc::ENOTDIR)) => {}
                        Err(Errno(libc::EACCES)) => seen = Errno(libc::EACCES),
                        Err(errno) => {
                            seen = errno;
                            break;
                        }
                        Ok(_) => {}
                    }
                    file = file.add(1);
                }
                Failure::Exec(seen)
            }
        }
    };
    // SAFETY: as above; the parent reads it after this process has ended.
    unsafe { core::ptr::write_volatile(&raw mut (*job).failure, Some(failure)) };
    process::exit(127)
}

/// Puts the descriptors at 0, 1 and 2. They are opened O_CLOEXEC above 2, so that none is
/// overwritten before it was copied; one that is in place already only loses its flag.
fn redirect(stdio: [i32; 3]) -> Result<(), Errno> {
    for (to, from) in stdio.into_iter().enumerate() {
        if from == to as i32 {
            super::fd::fcntl(from, libc::F_SETFD, 0)?;
        } else {
            super::fd::dup3(from, to as i32, 0)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(files: &[&str], argv: &[&str], cwd: &[u8]) -> Result<process::End, Failure> {
        let list = |words: &[&str]| {
            let mut all = Strings::new();
            words.iter().for_each(|word| all.push(&[word.as_bytes()]));
            all
        };
        let (files, argv, envp) = (list(files), list(argv), list(&["A=1"]));
        let command = Command { files: &files, argv: &argv, envp: &envp, cwd, stdio: [0, 1, 2], death_signal: libc::SIGKILL };
        Spawner::new().spawn(&command).map(|pid| process::wait4(pid, 0).unwrap().1)
    }

    #[test]
    fn starts_the_first_file_that_is_there() {
        assert_eq!(run(&["/nowhere/sh", "/bin/sh"], &["sh", "-c", "exit $((A + 4))"], b""), Ok(process::End::Exit(5)));
        assert_eq!(run(&["/bin/sh"], &["sh", "-c", "test $PWD = /tmp"], b"/tmp\0"), Ok(process::End::Exit(0)));
        assert_eq!(run(&["/bin/sh"], &["sh", "-c", "kill -9 $$"], b""), Ok(process::End::Signal(9)));
    }

    #[test]
    fn says_why_it_did_not_start() {
        assert_eq!(run(&["/nowhere/sh"], &["sh"], b""), Err(Failure::Exec(Errno(libc::ENOENT))));
        assert_eq!(run(&["/etc/passwd"], &["x"], b""), Err(Failure::Exec(Errno(libc::EACCES))));
        assert_eq!(run(&["/bin/sh"], &["sh"], b"/nowhere\0"), Err(Failure::Chdir(Errno(libc::ENOENT))));
    }
}
