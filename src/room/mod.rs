//! The room: a root directory and namespaces in which nothing of the host is visible but what is
//! named. `start` forks the process that becomes its PID 1; `enter` is that process's way in.

mod enter;
mod filter;
mod forbidden;

pub use enter::HOSTNAME;

use crate::error::{Result, Status};
use crate::sys::{Context, Errno, Fd, fd, fs, process};
use crate::{fail, text};

/// Namespaces of every room: namespaces(7).
const NAMESPACES: i32 =
    libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// What a room is made of. Paths are absolute paths on the host.
pub struct Room<'a> {
    /// Becomes the root.
    pub stage: &'a str,
    /// Bound read-only at `/downloads`.
    pub downloads: &'a str,
    /// Bound read-only at `/recipes`.
    pub recipes: &'a str,
    /// What `/dev` holds: names without `/dev/`.
    pub devices: &'a [&'static str],
    /// Stays in the session of the caller's terminal: for a look by hand, never for steps.
    pub terminal: bool,
}

/// What PID 1 starts with besides memory.
pub struct Ends {
    /// Standard input; `/dev/null` if none is given.
    pub input: Option<Fd>,
    /// Where the output of the steps goes (1 and 2 in the room).
    pub log: Fd,
    /// Where events are told (3 in the room).
    pub control: Fd,
    /// The run's lock: held (as 4) as long as anything of the run lives.
    pub lock: Option<Fd>,
    /// The ledger (5): what is done is written there by the one who did it.
    pub ledger: Option<Fd>,
}

/// Number of the control descriptor in the room.
pub const CONTROL: i32 = 3;
const LOCK: i32 = 4;
/// Number of the ledger's descriptor in the room.
pub const LEDGER: i32 = 5;

/// Starts the room's PID 1, which enters the room and calls `inside`; gives its pid.
///
/// PID 1 dies with this process (PR_SET_PDEATHSIG), and with it all in the room. A failure to
/// enter is passed to `failed` in the new process.
pub fn start(
    room: &Room,
    ends: Ends,
    failed: &mut dyn FnMut(crate::error::Error),
    inside: &mut dyn FnMut() -> i32,
) -> Result<i32> {
    let mut ends = ends;
    let input = match ends.input.take() {
        Some(fd) => fd,
        None => fs::open_null().on("open", "/dev/null")?,
    };
    let (ours, theirs) = fd::socketpair().on("make", "a pair of sockets")?;
    let ids = (process::geteuid(), process::getegid()); // which the new process has no more
    let (pid, own_user) = fork_into(NAMESPACES)?;
    let pid = match pid {
        Some(pid) => pid,
        None => {
            drop(ours);
            // The parent may have died before this call, which then says nothing; so the parent is
            // told that it was made, and its answer is only there if it has outlived the call.
            let _ = process::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as usize);
            let answered = fd::write(theirs.raw(), b"?").is_ok() && fd::read(theirs.raw(), &mut [0]) == Ok(1);
            if !answered {
                process::exit(Status::Interrupted as i32);
            }
            drop(theirs);
            if let Err(error) = place(&input, &ends).on("place", "the descriptors of the room") {
                let _ = fd::write(2, text!("rawstrap: @\n", error.message).as_bytes());
                process::exit(error.status as i32);
            }
            core::mem::forget((input, ends)); // their numbers are others' now
            let mapped = if own_user { map_user(ids) } else { Ok(()) };
            if let Err(error) = mapped.and_then(|()| enter::enter(room)) {
                let status = error.status as i32;
                failed(error);
                process::exit(status);
            }
            process::exit(inside());
        }
    };
    drop(theirs);
    let _ = fd::read(ours.raw(), &mut [0]);
    fd::write(ours.raw(), b"!").on("start", "the room")?;
    Ok(pid)
}

/// Forks into new namespaces: as root without a user namespace, else, and where root may not,
/// with one; whether it has one is the second value.
fn fork_into(flags: i32) -> Result<(Option<i32>, bool)> {
    if process::geteuid() == 0 {
        match process::fork(flags) {
            Ok(pid) => return Ok((pid, false)),
            Err(Errno(libc::EPERM)) => {}
            Err(errno) => return Err(forbidden::namespaces(errno)),
        }
    }
    match process::fork(flags | libc::CLONE_NEWUSER) {
        Ok(pid) => Ok((pid, true)),
        Err(errno) => Err(forbidden::namespaces(errno)),
    }
}

/// Maps root in the room to the user outside (user_namespaces(7)), who had these ids.
/// `setgroups` has to be denied before an ordinary user may write `gid_map`.
fn map_user(ids: (u32, u32)) -> Result<()> {
    let write = |file: &str, text: &str| -> Result<()> {
        // Not by a number: /proc may be that of another pid namespace.
        let path = text!("/proc/self/@", file);
        let fd = fs::openat(fs::CWD, &path, libc::O_WRONLY, 0).map_err(|e| forbidden::mapping(e, &path))?;
        fd::write(fd.raw(), text.as_bytes()).map_err(|e| forbidden::mapping(e, &path))
    };
    // Before Linux 3.19 there is no such file, and nothing to deny; without /proc the next one fails.
    if fs::stat("/proc/self/setgroups") != Err(Errno(libc::ENOENT)) {
        write("setgroups", "deny")?;
    }
    write("uid_map", text!("0 @ 1", ids.0))?;
    write("gid_map", text!("0 @ 1", ids.1))
}

/// Puts the descriptors at their numbers and closes all others.
fn place(input: &Fd, ends: &Ends) -> core::result::Result<(), Errno> {
    // Numbers from 10 up first: none may be overwritten before it is copied.
    let up = |fd: &Fd| fd::fcntl(fd.raw(), libc::F_DUPFD_CLOEXEC, 10).map(|n| n as i32);
    let (input, log, control) = (up(input)?, up(&ends.log)?, up(&ends.control)?);
    let mut kept = [(LOCK, -1), (LEDGER, -1)];
    for (slot, fd) in kept.iter_mut().zip([&ends.lock, &ends.ledger]) {
        if let Some(fd) = fd {
            slot.1 = up(fd)?;
        }
    }
    for (to, from) in kept {
        match from {
            -1 => fd::close(to),
            _ => fd::dup3(from, to, libc::O_CLOEXEC)?,
        }
    }
    // The caller's 2 last: until then it can be told what fails.
    for (to, from, flags) in [(CONTROL, control, libc::O_CLOEXEC), (0, input, 0), (1, log, 0), (2, log, 0)] {
        fd::dup3(from, to, flags)?;
    }
    fd::close_from(LEDGER + 1);
    Ok(())
}

/// Refuses a stage in which nothing could be executed, before anything is done.
pub fn check_stage(stage: &str) -> Result<()> {
    let flags = crate::sys::mount::restrictions(stage).on("examine", stage)?;
    for (flag, name) in [(libc::MS_NOEXEC, "noexec"), (libc::MS_RDONLY, "read-only")] {
        if flags & flag != 0 {
            fail!(
                Status::Room,
                "cannot use @ as the stage: it is on a file system that is mounted @; \
                 choose another place with --dir, or remount it",
                stage,
                name
            );
        }
    }
    Ok(())
}
