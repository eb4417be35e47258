//! bzip2 on several cores: each of several processes decodes its share of the blocks.
//!
//! Blocks do not depend on each other, but nothing tells where one begins. So every process looks
//! for the beginnings of the blocks that others decode; at each block all have to agree about where
//! it is and what came before, which the one that decoded the last block knows for certain. If they
//! do not, or anything else is strange, this process decodes the file alone: what is read, and which
//! error it ends with, never depends on the number of cores.

use super::bzip2::{Bzip2Reader, END, Mark};
use crate::error::Result;
use crate::file::File;
use crate::io::{Read, Write};
use crate::sys::process;
use crate::sys::{Errno, Fd, fd};
use alloc::vec::Vec;

/// More processes than this wait for the one that writes.
const MOST: usize = 8;
/// What a process may be ahead: a block of the largest size.
const AHEAD: usize = 1 << 20;

struct Worker {
    pid: i32,
    pipe: Fd,
}

/// Reads a file that bzip2 packed, by several processes.
pub struct Shared<'a> {
    workers: Vec<Worker>,
    /// Whose turn it is, and whether its block has begun.
    turn: usize,
    in_block: bool,
    /// Bytes of the piece that are still to come.
    left: usize,
    given: u64,
    ended: bool,
    alone: &'a mut Bzip2Reader<File>,
}

impl<'a> Shared<'a> {
    /// Reads the file `path`, at whose beginning `alone` stands, with up to `cores` processes.
    pub fn new(path: &[u8], alone: &'a mut Bzip2Reader<File>, cores: usize) -> Shared<'a> {
        let mut shared =
            Shared { workers: Vec::new(), turn: 0, in_block: false, left: 0, given: 0, ended: false, alone };
        let count = cores.min(MOST);
        for which in 0..count {
            match start(path, which, count) {
                Ok(worker) => shared.workers.push(worker),
                Err(_) => {
                    shared.stop();
                    break;
                }
            }
        }
        shared
    }

    /// What comes next; None where they do not agree or one has ended before its time.
    fn next(&mut self, to: &mut [u8]) -> Option<usize> {
        while self.left == 0 {
            if self.in_block {
                self.left = u32::from_le_bytes(self.workers[self.turn].take()?) as usize;
                if self.left == 0 {
                    self.in_block = false;
                    self.turn = (self.turn + 1) % self.workers.len();
                }
                continue;
            }
            let mark: Mark = self.workers[0].take()?;
            for other in &self.workers[1..] {
                if other.take()? != mark {
                    return None;
                }
            }
            if mark == END {
                self.ended = true;
                return Some(0);
            }
            self.in_block = true;
        }
        let most = to.len().min(self.left);
        let n = fd::read(self.workers[self.turn].pipe.raw(), &mut to[..most]).ok().filter(|n| *n > 0)?;
        self.left -= n;
        Some(n)
    }

    fn stop(&mut self) {
        for worker in self.workers.drain(..) {
            let _ = process::kill(worker.pid, libc::SIGKILL);
            let _ = process::wait4(worker.pid, 0);
        }
    }
}

impl Drop for Shared<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Read for Shared<'_> {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        if self.ended || to.is_empty() {
            return Ok(0);
        }
        if !self.workers.is_empty() {
            if let Some(n) = self.next(to) {
                self.given += n as u64;
                return Ok(n);
            }
            self.stop();
        }
        // What has been given was decoded from the same bits, and comes again.
        while self.given > 0 {
            let most = to.len().min(usize::try_from(self.given).unwrap_or(usize::MAX));
            let n = self.alone.read(&mut to[..most])?;
            if n == 0 {
                return Ok(0);
            }
            self.given -= n as u64;
        }
        self.alone.read(to)
    }
}

impl Worker {
    /// The next `N` bytes it tells.
    fn take<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        let mut have = 0;
        while have < N {
            have += fd::read(self.pipe.raw(), &mut bytes[have..]).ok().filter(|n| *n > 0)?;
        }
        Some(bytes)
    }
}

fn start(path: &[u8], which: usize, of: usize) -> core::result::Result<Worker, Errno> {
    let (pipe, to) = fd::pipe2(libc::O_CLOEXEC)?;
    // The more fits in, the less it has to wait; an old kernel, or a user with many pipes, has less.
    let _ = fd::fcntl(pipe.raw(), libc::F_SETPIPE_SZ, AHEAD);
    let parent = process::getpid();
    if let Some(pid) = process::fork(0)? {
        return Ok(Worker { pid, pipe });
    }
    let _ = process::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as usize);
    // Whoever was orphaned before this call goes, too. What is wrong the parent will find by itself.
    if process::getppid() == parent {
        let _ = work(path, which, of, to);
    }
    process::exit(0)
}

fn work(path: &[u8], which: usize, of: usize, to: Fd) -> Result<()> {
    let mut to = File::from_fd(to, "");
    Bzip2Reader::new(File::open(path)?).share(which, of, &mut to as &mut dyn Write)
}
