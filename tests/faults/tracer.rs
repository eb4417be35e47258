//! Runs the binary under ptrace(2), call by call, and makes one call go wrong.
//!
//! What is traced is the driver: the process outside (0), PID 1 of the room (1), and each further
//! child (2, …) until it executes a program, from where on it is let go.

use std::collections::HashMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// One system call of a run: the process, and which of its calls, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    pub process: usize,
    pub nth: usize,
}

/// What is done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call is not made, and gives this error.
    Errno(i32),
    /// The process is killed before the call.
    Kill,
}

/// A call that was seen: its number (`libc::SYS_*`) and arguments.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub site: Site,
    pub number: i64,
    pub args: [u64; 6],
    /// It reads or writes a pipe or a socket.
    pub channel: bool,
}

/// What became of a run.
#[derive(Debug)]
pub struct Traced {
    /// As in `common::Ran`; -1 if it was ended because it hung.
    pub status: i32,
    /// All calls.
    pub calls: Vec<Call>,
    /// The call at which the fault was done: not always the one that was at that place in another
    /// run, since who waits for whom is up to the scheduler.
    pub hit: Option<Call>,
}

const SYSCALL_STOP: i32 = libc::SIGTRAP | 0x80;
const PATIENCE: Duration = Duration::from_secs(60);

/// What the kernel tells at a stop: PTRACE_GET_SYSCALL_INFO, Linux 5.3.
enum Stop {
    Entry(i64, [u64; 6]),
    Exit,
}

fn ptrace(request: u32, pid: i32, address: usize, data: usize) -> bool {
    // SAFETY: requests that read only, or write into this process at an address given by the callers below.
    unsafe { libc::ptrace(request, pid, address, data) >= 0 }
}

fn stop(pid: i32) -> Option<Stop> {
    let mut info = [0u64; 11]; // struct ptrace_syscall_info: op, arch; ip; sp; number; six arguments
    if !ptrace(0x420e, pid, std::mem::size_of_val(&info), info.as_mut_ptr() as usize) {
        return None;
    }
    match info[0] as u8 {
        1 => Some(Stop::Entry(info[3] as i64, info[4..10].try_into().unwrap())),
        2 => Some(Stop::Exit),
        _ => None,
    }
}

/// What a process's descriptor is: a path, `pipe:[…]` or `socket:[…]`.
fn descriptor(pid: i32, fd: u64) -> String {
    let link = std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).unwrap_or_default();
    link.to_string_lossy().into_owned()
}

/// Offsets in struct user, for PTRACE_POKEUSER.
const RAX: usize = 8 * 10;
const RDX: usize = 8 * 12;
const ORIG_RAX: usize = 8 * 15;

/// Which calls go wrong, and how.
pub enum Plan<'a> {
    /// None: the calls are listed.
    List,
    /// That one.
    One(Site, Fault),
    /// The clock of the day (CLOCK_REALTIME) says these seconds, one after the other.
    Clock(&'a mut dyn FnMut() -> i64),
    /// Reads and writes move as few bytes as this says, of so many.
    Short(&'a mut dyn FnMut(usize) -> usize),
}

/// Runs the command to its end. Its standard output and error are the caller's to direct.
pub fn run(command: &mut Command, mut plan: Plan) -> Traced {
    // SAFETY: one system call, between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    let child = command.stdin(Stdio::null()).spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let first = child.id() as i32;
    let mut traced = Traced { status: -1, calls: Vec::new(), hit: None };
    // By pid: the number of the process, how many calls it has begun, the request that sets a register
    // or memory when the call returns.
    let mut known: HashMap<i32, (usize, usize, Option<(u32, usize, usize)>)> = HashMap::new();
    let mut count = 0;
    let begun = Instant::now();
    let (ended, end) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            // SAFETY: kill(2) takes two numbers; the room's PID 1 dies with the process.
            unsafe { libc::kill(first, libc::SIGKILL) };
        }
    });
    loop {
        let mut status = 0;
        // __WNOTHREAD: the children of other tests are theirs.
        // SAFETY: room for the status.
        let pid = unsafe { libc::waitpid(-1, &mut status, libc::__WALL | libc::__WNOTHREAD) };
        if pid < 0 {
            break;
        }
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            known.remove(&pid);
            if pid == first && traced.status == -1 && begun.elapsed() <= PATIENCE {
                traced.status =
                    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
            }
            continue;
        }
        let signal = libc::WSTOPSIG(status);
        let event = status >> 16;
        let new = !known.contains_key(&pid);
        if new {
            known.insert(pid, (count, 0, None));
            count += 1;
            let options = libc::PTRACE_O_TRACESYSGOOD
                | libc::PTRACE_O_TRACEFORK
                | libc::PTRACE_O_TRACEVFORK
                | libc::PTRACE_O_TRACECLONE
                | libc::PTRACE_O_TRACEEXEC
                | libc::PTRACE_O_EXITKILL;
            if pid == first {
                assert!(ptrace(libc::PTRACE_SETOPTIONS, pid, 0, options as usize), "ptrace options");
            }
        }
        let (process, nth, after) = known.get_mut(&pid).unwrap();
        let mut pass = 0;
        if event == libc::PTRACE_EVENT_EXEC && pid != first {
            known.remove(&pid);
            ptrace(libc::PTRACE_DETACH, pid, 0, 0);
            continue;
        } else if signal == SYSCALL_STOP {
            match stop(pid) {
                Some(Stop::Entry(number, args)) => {
                    let site = Site { process: *process, nth: *nth };
                    *nth += 1;
                    let moves = [libc::SYS_read, libc::SYS_write, libc::SYS_pread64].contains(&number);
                    let of = if moves { descriptor(pid, args[0]) } else { String::new() };
                    let channel = of.starts_with("pipe:") || of.starts_with("socket:");
                    let call = Call { site, number, args, channel };
                    traced.calls.push(call);
                    match &mut plan {
                        Plan::One(at, Fault::Errno(number)) if *at == site => {
                            traced.hit = Some(call);
                            *after = Some((libc::PTRACE_POKEUSER, RAX, -(*number as isize) as usize));
                            ptrace(libc::PTRACE_POKEUSER, pid, ORIG_RAX, usize::MAX); // no such call
                        }
                        Plan::One(at, Fault::Kill) if *at == site => {
                            traced.hit = Some(call);
                            // SAFETY: kill(2) takes two numbers.
                            unsafe { libc::kill(pid, libc::SIGKILL) };
                            continue;
                        }
                        Plan::Clock(seconds) if number == libc::SYS_clock_gettime && args[0] == 0 => {
                            traced.hit = Some(call);
                            *after = Some((libc::PTRACE_POKEDATA, args[1] as usize, seconds() as usize));
                        }
                        // What /proc takes, it takes in one piece.
                        Plan::Short(few) if moves && !of.starts_with("/proc/") => {
                            let length = args[2] as usize;
                            if length > 1 {
                                traced.hit = Some(call);
                                ptrace(libc::PTRACE_POKEUSER, pid, RDX, few(length).clamp(1, length));
                                *after = Some((libc::PTRACE_POKEUSER, RDX, length)); // a call leaves it as it was
                            }
                        }
                        _ => {}
                    }
                }
                Some(Stop::Exit) => {
                    if let Some((request, place, value)) = after.take() {
                        ptrace(request, pid, place, value);
                    }
                }
                None => {}
            }
        } else if event == 0 && !(new && [libc::SIGSTOP, libc::SIGTRAP].contains(&signal)) {
            pass = signal as usize; // a signal of its own
        }
        ptrace(libc::PTRACE_SYSCALL, pid, 0, pass);
    }
    drop(ended);
    watch.join().unwrap();
    drop(child); // waited for above
    traced
}
