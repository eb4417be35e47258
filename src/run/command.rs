//! Commands in the room: what they start with, how they are waited for, several at a time.

use super::event::Outcome;
use super::glob;
use crate::error::{Error, Result, Status};
use crate::file::show;
use crate::list::plan::{Command, Env, Step};
use crate::list::word::Word;
use crate::strings::Strings;
use crate::sys::process::{self, End, Usage};
use crate::sys::spawn::{self, Failure, Spawner};
use crate::sys::{Context, Errno, Fd, fs, signal, time};
use crate::{add, fail, text};
use alloc::string::String;
use alloc::vec::Vec;

/// Starts commands for the steps and counts what they use.
pub struct Runner {
    spawner: Spawner,
    /// How many commands of `each` run at a time.
    pub(super) jobs: usize,
    /// What the current step used so far.
    pub outcome: Outcome,
    /// What all commands used so far.
    pub total: Usage,
}

/// A command with all its words expanded.
struct Ready {
    argv: Strings,
    input: Option<Vec<u8>>,
    output: Option<Vec<u8>>,
    append: bool,
}

impl Runner {
    /// A runner that keeps `jobs` commands going.
    pub fn new(jobs: usize) -> Runner {
        Runner { spawner: Spawner::new(), jobs: jobs.max(1), outcome: Outcome::default(), total: Usage::default() }
    }

    /// `run` and `expect`: the command has to end with that status.
    pub fn run(&mut self, step: &Step, command: &Command, status: u8) -> Result<()> {
        let ready = Ready {
            argv: glob::expand_all(&command.args, step.cwd)?,
            input: command.input.as_ref().map(|word| word.fill(b"")),
            output: command.output.as_ref().map(|word| word.fill(b"")),
            append: command.append,
        };
        self.one(step, &ready, status)
    }

    /// `sh`: the text as an argument of the shell.
    pub fn sh(&mut self, step: &Step, shell: &[u8], text: &[u8]) -> Result<()> {
        let mut argv = Strings::new();
        for word in [shell, b"-euc", text] {
            argv.push(&[word]);
        }
        self.one(step, &Ready { argv, input: None, output: None, append: false }, 0)
    }

    fn one(&mut self, step: &Step, ready: &Ready, status: u8) -> Result<()> {
        let pid = self.start(step, ready)?;
        loop {
            let (ended, end, usage) = process::wait4(-1, 0).on("wait for", "the command")?;
            if ended == pid {
                self.count(end, usage);
                return judge(end, status, &ready.argv);
            }
        }
    }

    /// `each`: the command for every file, `jobs` at a time. The first that fails, in the order of
    /// the files, is the one that is named; none is started after a failure was seen.
    pub fn each(&mut self, step: &Step, patterns: &[Word], but: &[Word], command: &Command) -> Result<()> {
        let mut files = glob::expand_all(patterns, step.cwd)?;
        files.sort();
        files.dedup();
        for file in glob::expand_all(but, step.cwd)?.iter() {
            let at = files.iter().position(|other| other == file);
            match at {
                Some(at) => files.remove(at),
                None => fail!(Status::Step, "@ is to be left out, but is not among the files", file),
            }
        }
        // Words without slots are the same for all files.
        let mut fixed = Vec::new();
        for word in command.args {
            let mut words = Strings::new();
            if !word.has_slot() {
                glob::expand(word, step.cwd, &mut words)?;
            }
            fixed.push(words);
        }
        let mut running: Vec<(i32, usize)> = Vec::new();
        let mut failure: Option<(usize, Error, Option<End>)> = None;
        let mut next = 0;
        while next < files.len() || !running.is_empty() {
            if failure.is_none() && next < files.len() && running.len() < self.jobs {
                let ready = ready_for(command, &fixed, files.get(next));
                match self.start(step, &ready) {
                    Ok(pid) => running.push((pid, next)),
                    Err(error) => failure = Some((next, error, None)),
                }
                next += 1;
                continue;
            }
            if running.is_empty() {
                break;
            }
            let (pid, end, usage) = process::wait4(-1, 0).on("wait for", "the commands")?;
            let Some(slot) = running.iter().position(|job| job.0 == pid) else { continue };
            let (_, index) = running.swap_remove(slot);
            self.count(end, usage);
            let earlier = failure.as_ref().is_none_or(|(seen, ..)| index < *seen);
            if end != End::Exit(0) && earlier {
                let argv = ready_for(command, &fixed, files.get(index)).argv;
                if let Err(error) = judge(end, 0, &argv) {
                    failure = Some((index, error, Some(end)));
                }
            }
        }
        match failure {
            None => Ok(()),
            Some((_, error, end)) => {
                self.outcome.end = end;
                Err(error)
            }
        }
    }

    fn count(&mut self, end: End, usage: Usage) {
        self.outcome.usage.add(&usage);
        self.total.add(&usage);
        self.outcome.commands += 1;
        self.outcome.end = Some(end);
    }

    /// Starts a command.
    fn start(&mut self, step: &Step, ready: &Ready) -> Result<i32> {
        let program = ready.argv.get(0);
        let (files, envp) = (candidates(program, step.env), environment(step.env));
        // In `each` a file may be named as seen from the step's directory, which is not PID 1's.
        let at = |path: &Option<Vec<u8>>| path.as_ref().map(|path| glob::file_at(&step.cwd, path));
        let input = open(at(&ready.input), libc::O_RDONLY, "read the input")?;
        let how = if ready.append { libc::O_APPEND } else { libc::O_TRUNC };
        let output = open(at(&ready.output), libc::O_WRONLY | libc::O_CREAT | how, "write the output")?;
        let number = |fd: &Option<Fd>, other| fd.as_ref().map_or(other, Fd::raw);
        let mut cwd = step.cwd.to_vec();
        cwd.push(0);
        let command = spawn::Command {
            files: &files,
            argv: &ready.argv,
            envp: &envp,
            cwd: &cwd,
            stdio: [number(&input, 0), number(&output, 1), 2],
            death_signal: 0, // the room dies with its PID 1
        };
        self.spawner.spawn(&command).map_err(|failure| not_started(failure, program, step.cwd, &step.env))
    }
}

/// The files that a command may be, in the order in which they are tried.
pub fn candidates(program: &[u8], env: &Env) -> Strings {
    let mut files = Strings::new();
    if program.contains(&b'/') {
        files.push(&[program]);
    } else {
        env.path.iter().for_each(|dir| files.push(&[dir, b"/", program]));
    }
    files
}

/// `NAME=value` of all variables.
pub fn environment(env: &Env) -> Strings {
    let mut all = Strings::new();
    env.vars.iter().for_each(|(name, value)| all.push(&[name.as_bytes(), b"=", value]));
    all
}

/// The command of `each` for one file.
fn ready_for(command: &Command, fixed: &[Strings], file: &[u8]) -> Ready {
    let mut argv = Strings::new();
    for (word, same) in command.args.iter().zip(fixed) {
        if word.has_slot() {
            argv.push(&[&word.fill(file)]);
        } else {
            argv.append(same);
        }
    }
    Ready {
        argv,
        input: command.input.as_ref().map(|word| word.fill(file)),
        output: command.output.as_ref().map(|word| word.fill(file)),
        append: command.append,
    }
}

fn open(path: Option<Vec<u8>>, flags: i32, action: &str) -> Result<Option<Fd>> {
    match path {
        None => Ok(None),
        Some(path) => fs::openat(fs::CWD, &path, flags, 0o666).on_as(Status::Step, action, &path).map(Some),
    }
}

/// Why a command did not start, in words.
pub fn not_started(failure: Failure, program: &[u8], cwd: &[u8], env: &Env) -> Error {
    let program = show(program);
    let text = match failure {
        Failure::Fork(errno) => text!("cannot start '@': no room for another process: @", program, errno),
        Failure::Redirect(errno) => text!("cannot start '@': its input and output: @", program, errno),
        Failure::Chdir(errno) => text!("cannot start '@' in @: @", program, cwd, errno),
        Failure::Exec(Errno(libc::ENOENT)) if !program.as_bytes().contains(&b'/') => {
            let mut place = "";
            for dir in env.path.iter() {
                place = text!("@@@", place, if place.is_empty() { "" } else { " or " }, dir);
            }
            let place = if place.is_empty() { "the path, which is empty" } else { place };
            text!("cannot find the command '@' in @", program, place)
        }
        Failure::Exec(Errno(libc::ENOENT)) => {
            text!("cannot execute '@': it is missing, or the interpreter that it names (ENOENT)", program)
        }
        Failure::Exec(errno) => text!("cannot execute '@': @", program, errno),
    };
    Error::new(Status::Step, text)
}

/// Whether a command ended as it had to.
fn judge(end: End, status: u8, argv: &Strings) -> Result<()> {
    if end == End::Exit(status as i32) {
        return Ok(());
    }
    let mut command = String::new();
    for word in argv.iter() {
        if command.len() + word.len() > 400 {
            command.push_str(" …");
            break;
        }
        if !command.is_empty() {
            command.push(' ');
        }
        for (number, line) in word.split(|b| *b == b'\n').enumerate() {
            // one line, as in the plan
            add!(&mut command, "@@", if number > 0 { "↵" } else { "" }, line);
        }
    }
    let wanted = if status == 0 { "" } else { text!(", expected @", status) };
    match end {
        End::Exit(code) => fail!(Status::Step, "exit status @@: @", code, wanted, command),
        End::Signal(number) => {
            let why = if number == libc::SIGKILL { " (for want of memory? dmesg tells)" } else { "" };
            fail!(Status::Step, "killed by @@@: @", signal::name(number), why, wanted, command)
        }
    }
}

/// Kills all that a step left behind, as only PID 1 can; gives their number.
pub fn kill_strays() -> u32 {
    let killed = |end| (end == End::Signal(libc::SIGKILL)) as u32;
    let mut count = 0;
    // Orphans become children of PID 1: without a child there is nobody. (kill(2) of all would
    // look at every process of the host.) One that has ended by itself is no stray.
    loop {
        match process::wait4(-1, libc::WNOHANG) {
            Err(_) => return count,
            Ok((0, ..)) => break,
            Ok((_, end, _)) => count += killed(end),
        }
    }
    let _ = process::kill(-1, libc::SIGKILL);
    while let Ok((_, end, _)) = process::wait4(-1, 0) {
        count += killed(end);
    }
    count
}

/// Runs `action` with the clock on, and gives what the step used.
pub fn timed(runner: &mut Runner, action: impl FnOnce(&mut Runner) -> Result<()>) -> (Result<()>, Outcome) {
    runner.outcome = Outcome::default();
    let begin = time::monotonic_us();
    let result = action(runner);
    runner.outcome.strays = kill_strays();
    runner.outcome.wall_us = time::monotonic_us() - begin;
    (result, core::mem::take(&mut runner.outcome))
}
