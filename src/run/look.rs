//! `rawstrap shell`: a command in the room, by hand, on the caller's terminal.

use super::command::{not_started, candidates, environment, kill_strays};
use super::place::Place;
use crate::error::{Error, Result, Status};
use crate::file::show;
use crate::list::plan::Unit;
use crate::room::{self, Ends, Room};
use crate::strings::Strings;
use crate::sys::process::{self, End};
use crate::sys::spawn::{Command, Spawner};
use crate::sys::{Context, Errno, Fd, fd, fs, signal};
use crate::{fail, text};

/// Runs the command with the unit's environment, in its build directory if that is there, and
/// passes on how it ended.
pub fn shell(place: &Place, room: &Room, unit: &Unit, words: &[&[u8]]) -> Result<()> {
    room::check_stage(room.stage)?;
    // Ctrl-C is for the command.
    signal::disposition(libc::SIGINT, true).on("ignore", "SIGINT")?;
    let copy = |number: i32| -> Result<Fd> {
        fd::fcntl(number, libc::F_DUPFD_CLOEXEC, 3).on("copy", "a standard descriptor").map(|n| Fd::from_raw(n as i32))
    };
    let (control, control_in) = fd::pipe2(libc::O_CLOEXEC).on("make", "a pipe")?;
    let ends = Ends {
        input: Some(copy(0)?),
        log: copy(1)?,
        control: control_in,
        lock: Some(copy(place.lock.raw())?),
        ledger: None,
    };
    let pid = room::start(
        room,
        ends,
        &mut |error| {
            let _ = fd::write(room::CONTROL, error.message.as_bytes());
        },
        &mut || match inside(unit, words) {
            Ok(status) => status,
            Err(error) => {
                let _ = fd::write(room::CONTROL, error.message.as_bytes());
                error.status as i32
            }
        },
    )?;
    let (_, end, _) = process::wait4(pid, 0).on("wait for", "the room")?;
    let mut message = [0; 1024];
    let n = fd::read(control.raw(), &mut message).unwrap_or(0);
    match end {
        _ if n > 0 => {
            let status = if let End::Exit(code) = end { Status::from_code(code) } else { Status::Step };
            Err(Error::new(status, show(&message[..n])))
        }
        End::Exit(0) => Ok(()),
        End::Exit(code) => fail!(Status::Step, "the command ended with status @", code),
        End::Signal(number) => fail!(Status::Step, "the room was ended by @", signal::name(number)),
    }
}

fn inside(unit: &Unit, words: &[&[u8]]) -> Result<i32> {
    let mut argv = Strings::new();
    words.iter().for_each(|word| argv.push(&[word]));
    let (files, envp) = (candidates(words[0], unit.env), environment(unit.env));
    let cwd = if fs::stat(&*unit.build).is_ok() { text!("@\0", unit.build) } else { "/\0" };
    let (cwd, stdio) = (cwd.as_bytes(), [0, 1, 2]);
    let command = Command { files: &files, argv: &argv, envp: &envp, cwd, stdio, death_signal: 0 };
    let pid = match Spawner::new().spawn(&command) {
        Ok(pid) => pid,
        Err(failure) => return Err(not_started(failure, words[0], cwd, unit.env)),
    };
    loop {
        match process::wait4(-1, 0) {
            Ok((ended, end, _)) if ended == pid => {
                kill_strays();
                return Ok(match end {
                    End::Exit(code) => code,
                    End::Signal(number) => 128 + number,
                });
            }
            Ok(_) | Err(Errno(libc::EINTR)) => {}
            Err(errno) => return Err(errno).on("wait for", "the command"),
        }
    }
}
