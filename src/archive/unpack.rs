//! From the members of a tar archive to files: names, what replaces what, modes and times.
//!
//! As GNU tar does for an ordinary user with umask 022: owners are not kept; setuid, setgid and
//! sticky bits and write permissions of group and others are dropped; what stands in the way of a
//! member is removed first, but for directories with content, and directories that are there are
//! used; directories that the archive does not name are made with mode 755 and the time of the
//! day. Some things differ, so that what an archive unpacks to depends on nothing but the archive,
//! and nothing lands outside:
//!
//! - absolute names and names with `..` are errors (GNU tar strips the slash, or skips them);
//! - members are not written through symbolic links: a member below one is an error (GNU tar
//!   follows those that stay inside, and makes the others only at the end);
//! - directories get their mode and time at the very end (GNU tar too early where an archive comes
//!   back to a directory: the time is then that of unpacking);
//! - it is the same for root.

use super::Time;
use super::tar::{Kind, Member, TarReader};
use crate::error::{Error, Result, Status};
use crate::io::Read;
use crate::sort::sort;
use crate::{error, text};
use alloc::vec;
use alloc::vec::Vec;

/// What may be asked of unpacking.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many leading parts of the names to leave out, of the targets of hard links too.
    /// Members without more parts are left out.
    pub strip: usize,
}

/// How it went to make something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is made.
    Made,
    /// Something with this name is there already.
    Exists,
    /// The directory that it would be in is not there.
    NoParent,
}

/// Where files are made. Names are relative to it, with single slashes, without `.` and `..`; the
/// empty name is the place itself.
pub trait Target {
    /// Makes a directory.
    fn make_dir(&mut self, name: &[u8], mode: u32) -> Result<Outcome>;
    /// Makes a new file and opens it.
    fn make_file(&mut self, name: &[u8], mode: u32) -> Result<Outcome>;
    /// Appends to the open file.
    fn write(&mut self, data: &[u8]) -> Result<()>;
    /// Closes the open file with that time.
    fn close(&mut self, mtime: Time) -> Result<()>;
    /// Makes a symbolic link with that text and time.
    fn make_symlink(&mut self, name: &[u8], text: &[u8], mtime: Time) -> Result<Outcome>;
    /// Makes another name for what has the name `of`, which has to be there.
    fn make_link(&mut self, name: &[u8], of: &[u8]) -> Result<Outcome>;
    /// Whether it is a directory (and not a link to one), and what makes two names one file.
    fn id(&mut self, name: &[u8]) -> Result<(bool, (u64, u64))>;
    /// Removes what has that name, directories only when empty.
    fn remove(&mut self, name: &[u8]) -> Result<()>;
    /// Gives a directory its mode and time. It may be gone, or something else by now: then nothing.
    fn finish_dir(&mut self, name: &[u8], mode: u32, mtime: Time) -> Result<()>;
}

/// A directory's mode and time, which it gets when nothing more is made in it.
struct Pending {
    name: Vec<u8>,
    order: usize,
    mode: u32,
    mtime: Time,
}

/// What is written at a time.
const CHUNK: usize = 64 << 10;

/// Unpacks an archive that is not (or no longer) compressed.
pub fn unpack(archive: &mut dyn Read, options: Options, target: &mut dyn Target) -> Result<()> {
    let mut tar = TarReader::new(archive);
    let mut pending = Vec::new();
    let mut chunk = vec![0; CHUNK];
    while let Some(member) = tar.next_member()? {
        let name = path(&member, &member.name, options.strip)?;
        let Some(name) = name else { continue };
        if name.is_empty() && member.kind != Kind::Directory {
            return Err(bad(&member, "only a directory can have this name"));
        }
        let mode = member.mode & 0o755;
        match member.kind {
            Kind::Directory => {
                if !name.is_empty() {
                    // Until the end it has to be open for what is to be made in it.
                    make(target, &name, &|target| match target.make_dir(&name, mode | 0o700)? {
                        Outcome::Exists if target.id(&name)?.0 => {
                            target.finish_dir(&name, mode | 0o700, member.mtime)?;
                            Ok(Outcome::Made)
                        }
                        outcome => Ok(outcome),
                    })?;
                }
                pending.push(Pending { name, order: pending.len(), mode, mtime: member.mtime });
            }
            Kind::File => {
                make(target, &name, &|target| target.make_file(&name, mode))?;
                loop {
                    match tar.read(&mut chunk)? {
                        0 => break,
                        n => target.write(&chunk[..n])?,
                    }
                }
                target.close(member.mtime)?;
            }
            Kind::Symlink if member.link.is_empty() => return Err(bad(&member, "symbolic link to nothing")),
            Kind::Symlink => make(target, &name, &|target| target.make_symlink(&name, &member.link, member.mtime))?,
            Kind::HardLink => {
                let of = path(&member, &member.link, options.strip)?;
                let Some(of) = of.filter(|of| !of.is_empty()) else {
                    return Err(bad(&member, "hard link to nothing"));
                };
                make(target, &name, &|target| match target.make_link(&name, &of)? {
                    // Removing it would remove what it is to be a link to.
                    Outcome::Exists if target.id(&name)? == target.id(&of)? => Ok(Outcome::Made),
                    outcome => Ok(outcome),
                })?;
            }
        }
    }
    finish(pending, target)
}

/// Tries `attempt` again after making the directories above or removing what stands there.
fn make(target: &mut dyn Target, name: &[u8], attempt: &dyn Fn(&mut dyn Target) -> Result<Outcome>) -> Result<()> {
    for _ in 0..3 {
        match attempt(target)? {
            Outcome::Made => return Ok(()),
            Outcome::Exists => target.remove(name)?,
            Outcome::NoParent => {
                for (at, _) in name.iter().enumerate().filter(|(_, b)| **b == b'/') {
                    target.make_dir(&name[..at], 0o755)?;
                }
            }
        }
    }
    Err(error!(Status::Host, "cannot make @: something else changes the directory meanwhile", name))
}

/// Modes and times of directories: inner ones first, as the outer ones may forbid access to them.
/// If one came twice, the last counts.
fn finish(mut pending: Vec<Pending>, target: &mut dyn Target) -> Result<()> {
    sort(&mut pending, |a, b| (&b.name, b.order) < (&a.name, a.order));
    pending.dedup_by(|later, first| later.name == first.name);
    for dir in &pending {
        target.finish_dir(&dir.name, dir.mode, dir.mtime)?;
    }
    Ok(())
}

/// A member's name as a path in the target: without the first `strip` parts (None if there are
/// no more), then without `.` and doubled slashes.
fn path(member: &Member, name: &[u8], strip: usize) -> Result<Option<Vec<u8>>> {
    if name.starts_with(b"/") {
        return Err(bad(member, "absolute name"));
    }
    if name.is_empty() {
        return Err(bad(member, "empty name"));
    }
    let mut path = Vec::with_capacity(name.len());
    let (mut left, mut found) = (strip, false);
    for part in name.split(|b| *b == b'/').filter(|part| !part.is_empty()) {
        if part == b".." {
            return Err(bad(member, "'..' in a name"));
        }
        if part.contains(&0) {
            return Err(bad(member, "NUL in a name"));
        }
        if left > 0 {
            left -= 1;
            continue;
        }
        found = true;
        if part != b"." {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(part);
        }
    }
    Ok(found.then_some(path))
}

#[cold]
fn bad(member: &Member, what: &str) -> Error {
    let name = &member.name;
    let link = match member.kind {
        Kind::HardLink => text!(" (hard link to '@')", &member.link),
        _ => "",
    };
    error!(Status::Source, "tar: member '@'@: @", name, link, what)
}
