//! The verbs that the driver does itself: work on files, in the room.

use super::glob;
use crate::error::{Result, Status};
use crate::file::{self, File, join, name, parent};
use crate::list::plan::Transfer;
use crate::list::word::Word;
use crate::strings::Strings;
use crate::sys::{Context, Errno, fs};
use crate::fail;
use alloc::vec::Vec;

const ROOT: &[u8] = b"/";

/// `write`
pub fn write(path: &[u8], mode: u16, text: &[u8]) -> Result<()> {
    file::make_dirs(parent(path))?;
    file::replace(path, text, mode as u32)
}

/// `append`; with `resumed`, a file that ends with the text has it from the interrupted step.
pub fn append(path: &[u8], text: &[u8], resumed: bool) -> Result<()> {
    if resumed && file::read(path)?.ends_with(text) {
        return Ok(());
    }
    let fd = fs::openat(fs::CWD, path, libc::O_WRONLY | libc::O_APPEND, 0).on("append to", path)?;
    crate::sys::fd::write(fd.raw(), text).on("append to", path)
}

/// `mkdir`
pub fn mkdir(dirs: &[&[u8]]) -> Result<()> {
    dirs.iter().try_for_each(|dir| file::make_dirs(*dir))
}

/// `link`; with `resumed` it may be there already.
pub fn link(target: &[u8], path: &[u8], resumed: bool) -> Result<()> {
    file::make_dirs(parent(path))?;
    if resumed && fs::readlinkat(fs::CWD, path).is_ok_and(|text| text == target) {
        return Ok(());
    }
    fs::symlinkat(target, fs::CWD, path).on("make the symbolic link", path)
}

/// What the words stand for; what an interrupted step has taken away already is passed over.
fn left(words: &[Word], resumed: bool) -> Result<Strings> {
    let mut all = Strings::new();
    for word in words {
        match glob::expand(word, ROOT, &mut all) {
            Err(error) if !resumed => return Err(error),
            _ => {}
        }
    }
    Ok(all)
}

/// `remove`
pub fn remove(paths: &[Word], resumed: bool) -> Result<()> {
    for path in left(paths, resumed)?.iter() {
        if !file::remove(path)? && !resumed {
            fail!(Status::Step, "cannot remove @: there is nothing", path);
        }
    }
    Ok(())
}

/// `chmod`
pub fn chmod(mode: u16, paths: &[Word]) -> Result<()> {
    for path in glob::expand_all(paths, ROOT)?.iter() {
        file::set_mode(path, mode as u32)?;
    }
    Ok(())
}

/// Calls `each` with the paths from where to where `copy` and `move` go, pair by pair.
fn pairs(transfer: &Transfer, resumed: bool, each: &mut dyn FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
    let from = left(transfer.from, resumed)?;
    if transfer.into {
        file::make_dirs(transfer.to)?;
    } else {
        if from.len() != 1 && !(resumed && from.is_empty()) {
            fail!(
                Status::Step,
                "@ files for the one name @; end it with / to put them into that directory",
                from.len(),
                transfer.to
            );
        }
        file::make_dirs(parent(transfer.to))?;
    }
    for from in from.iter() {
        if transfer.into {
            each(from, &join(transfer.to, name(from)))?;
        } else {
            each(from, transfer.to)?;
        }
    }
    Ok(())
}

/// `copy`
pub fn copy(transfer: &Transfer) -> Result<()> {
    pairs(transfer, false, &mut |from, to| {
        if to.starts_with(from) && to.get(from.len()) == Some(&b'/') {
            fail!(Status::Step, "cannot copy @ into itself", from);
        }
        copy_tree(from, to)
    })
}

/// Copies a file, a link, or a tree with mode and time. A directory that is there takes what the
/// other one holds; a file that is there is replaced.
fn copy_tree(from: &[u8], to: &[u8]) -> Result<()> {
    let stat = file::examine(from)?;
    if stat.is_dir() {
        file::make_dirs(to)?;
        for entry in file::entries(from)? {
            copy_tree(&join(from, &entry.name), &join(to, &entry.name))?;
        }
        file::set_mode(to, stat.mode)?;
        return file::set_time(to, stat.mtime);
    }
    match fs::unlinkat(fs::CWD, to, 0) {
        Ok(()) | Err(Errno(libc::ENOENT)) => {}
        Err(errno) => return Err(errno).on("replace", to),
    }
    if stat.is_link() {
        let target = file::link_text(from)?;
        fs::symlinkat(&target, fs::CWD, to).on("make the symbolic link", to)?;
    } else if stat.is_file() {
        let mut output = File::create(to, 0o600)?;
        file::pump(&mut File::open(from)?, &mut output)?;
        file::set_mode(to, stat.mode)?;
    } else {
        fail!(Status::Step, "cannot copy @: it is neither a file, nor a directory, nor a symbolic link", from);
    }
    file::set_time(to, stat.mtime)
}

/// `move`; with `resumed`, what is there no more but at its new place has been moved.
pub fn rename(transfer: &Transfer, resumed: bool) -> Result<()> {
    pairs(transfer, resumed, &mut |from, to| {
        if resumed && fs::lstat(from).is_err() && fs::lstat(to).is_ok() {
            return Ok(());
        }
        match fs::renameat(fs::CWD, from, fs::CWD, to) {
            // A directory of an overlay's lower layer: a stage that an image holds, and that is gone on with.
            Err(Errno(libc::EXDEV)) => {
                copy_tree(from, to)?;
                file::remove(from).map(drop)
            }
            moved => moved.on("move to", to),
        }
    })
}

/// `edit`: every file is read and checked before the first one is written, so that an edit which
/// fails has changed nothing. With `resumed`, a file that holds the new text and no longer the old
/// one is what the interrupted step has left done.
pub fn edit(files: &[Word], old: &[u8], new: &[u8], times: Option<u32>, resumed: bool) -> Result<()> {
    let paths = glob::expand_all(files, ROOT)?;
    let mut edited = Vec::with_capacity(paths.len());
    for path in paths.iter() {
        let text = file::read(path)?;
        let (changed, count) = substitute(&text, old, new);
        if count == 0 && resumed && !new.is_empty() && super::search::find(&text, new).is_some() {
            continue;
        }
        match times {
            None if count == 0 => fail!(Status::Step, "no match in @ for: @", path, old),
            Some(times) if times as usize != count => {
                fail!(Status::Step, "@ matches in @, expected @, for: @", count, path, times, old)
            }
            _ => edited.push((path, changed)),
        }
    }
    for (path, text) in edited {
        let stat = fs::stat(path).on("examine", path)?;
        // Through a link: the file itself is what is edited.
        let real = real(path)?;
        file::replace(&real, &text, stat.mode & 0o7777)?;
        // A patch is no reason for make to think that configure is older than its source.
        file::set_time(&real, stat.mtime)?;
    }
    Ok(())
}

/// The file that a path leads to, through at most forty symbolic links (as path_resolution(7)).
fn real(path: &[u8]) -> Result<Vec<u8>> {
    let mut path = path.to_vec();
    for _ in 0..40 {
        match fs::readlinkat(fs::CWD, &path) {
            Ok(target) => path = glob::file_at(parent(&path), &target),
            Err(_) => return Ok(path),
        }
    }
    Err(Errno(libc::ELOOP)).on("follow", &path)
}

/// The text with every `old` replaced, from left to right, and their number.
fn substitute(text: &[u8], old: &[u8], new: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut count = 0;
    while let Some(at) = super::search::find(rest, old) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
        count += 1;
    }
    out.extend_from_slice(rest);
    (out, count)
}

/// `same`: all files have the same bytes, or the text's.
pub fn same(files: &[Word], text: Option<&[u8]>) -> Result<()> {
    let paths = glob::expand_all(files, ROOT)?;
    let (first, bytes) = match text {
        Some(text) => ("the text", text.to_vec()),
        None => ("the first file", file::read(paths.get(0))?),
    };
    if text.is_none() && paths.len() < 2 {
        fail!(Status::Step, "only @ to compare", paths.get(0));
    }
    for path in paths.iter() {
        let other = file::read(path)?;
        if other != bytes {
            let at = other.iter().zip(&bytes).position(|(a, b)| a != b).unwrap_or(other.len().min(bytes.len()));
            let line = other[..at].iter().filter(|b| **b == b'\n').count() + 1;
            fail!(
                Status::Step,
                "@ is not the same as @: differs at byte @ (line @); @ and @ bytes",
                path,
                first,
                at,
                line,
                other.len(),
                bytes.len()
            );
        }
    }
    Ok(())
}

/// Makes a directory that is new and empty, with its parents.
pub fn fresh_dir(path: &str) -> Result<()> {
    file::remove(path)?;
    file::make_dirs(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::boxed::Box;

    fn word(text: &str) -> Word {
        Word::literal(text.as_bytes())
    }

    struct Dir(String);
    use alloc::string::String;

    impl Dir {
        fn new(name: &str) -> Dir {
            let dir = format!("{}/rawstrap-{name}-{}", std::env::temp_dir().display(), std::process::id());
            fresh_dir(&dir).unwrap();
            Dir(dir)
        }
        fn file(&self, name: &str, text: &str) -> String {
            let path = format!("{}/{name}", self.0);
            write(path.as_bytes(), 0o640, text.as_bytes()).unwrap();
            path
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = file::remove(&self.0);
        }
    }

    #[test]
    fn edit_replaces_or_fails_as_a_whole() {
        let dir = Dir::new("edit");
        let (a, b) = (dir.file("a", "one two one"), dir.file("b", "two"));
        fs::set_mtime(fs::CWD, &a, (5, 7)).unwrap();
        let both = [word(&a), word(&b)];
        assert_eq!(edit(&both, b"one", b"1", None, false).unwrap_err().message, format!("no match in {b} for: one"));
        assert_eq!(file::read(&a).unwrap(), b"one two one");
        assert_eq!(
            edit(&both[..1], b"one", b"1", Some(1), false).unwrap_err().message,
            format!("2 matches in {a}, expected 1, for: one")
        );
        edit(&both[..1], b"one", b"1", Some(2), false).unwrap();
        assert_eq!(file::read(&a).unwrap(), b"1 two 1");
        let stat = fs::stat(&a).unwrap();
        assert_eq!((stat.mode & 0o7777, stat.mtime), (0o640, (5, 7)));
        // the interrupted step of a resumed run
        edit(&both[..1], b"one", b"1", None, true).unwrap();
        assert!(edit(&both[..1], b"one", b"3", None, true).is_err());
    }

    #[test]
    fn copies_keep_mode_and_time() {
        let dir = Dir::new("copy");
        dir.file("d/x", "x");
        dir.file("d/e/y", "y");
        fs::symlinkat("x", fs::CWD, &format!("{}/d/l", dir.0)).unwrap();
        fs::set_mtime(fs::CWD, &format!("{}/d/x", dir.0), (9, 0)).unwrap();
        let transfer = |from: &str, to: &str, into| Transfer {
            from: Box::leak(Box::new([word(&format!("{}/{from}", dir.0))])),
            to: format!("{}/{to}", dir.0).into_bytes().leak(),
            into,
        };
        copy(&transfer("d", "new/d2", false)).unwrap();
        copy(&transfer("d", "new", true)).unwrap();
        for copied in ["new/d2", "new/d"] {
            assert_eq!(file::read(&format!("{}/{copied}/e/y", dir.0)).unwrap(), b"y");
            assert_eq!(fs::readlinkat(fs::CWD, &format!("{}/{copied}/l", dir.0)).unwrap(), b"x");
            let stat = fs::stat(&format!("{}/{copied}/x", dir.0)).unwrap();
            assert_eq!((stat.mode & 0o777, stat.mtime), (0o640, (9, 0)));
        }
        assert_eq!(
            copy(&transfer("d", "d/again", false)).unwrap_err().message,
            format!("cannot copy {}/d into itself", dir.0)
        );
        rename(&transfer("d/x", "moved", false), false).unwrap();
        rename(&transfer("d/x", "moved", false), true).unwrap();
        assert!(rename(&transfer("d/x", "moved", false), false).is_err());
        assert!(fs::stat(&format!("{}/moved", dir.0)).is_ok());
        remove(&[word(&format!("{}/d", dir.0))], false).unwrap();
        remove(&[word(&format!("{}/d", dir.0))], true).unwrap();
        assert_eq!(
            remove(&[word(&format!("{}/d", dir.0))], false).unwrap_err().message,
            format!("cannot remove {}/d: there is nothing", dir.0)
        );
    }

    #[test]
    fn what_an_interrupted_step_did_is_not_done_again() {
        let dir = Dir::new("again");
        let f = dir.file("f", "a\n");
        append(f.as_bytes(), b"b\n", false).unwrap();
        append(f.as_bytes(), b"b\n", true).unwrap();
        assert_eq!(file::read(&f).unwrap(), b"a\nb\n");
        append(f.as_bytes(), b"c\n", true).unwrap();
        assert_eq!(file::read(&f).unwrap(), b"a\nb\nc\n");
        let l = format!("{}/l", dir.0);
        link(b"x", l.as_bytes(), true).unwrap();
        link(b"x", l.as_bytes(), true).unwrap();
        assert!(link(b"x", l.as_bytes(), false).is_err() && link(b"y", l.as_bytes(), true).is_err());
    }

    #[test]
    fn same_says_where_files_differ() {
        let dir = Dir::new("same");
        let (a, b) = (dir.file("a", "x\ny"), dir.file("b", "x\nz"));
        same(&[word(&a)], Some(b"x\ny")).unwrap();
        assert_eq!(
            same(&[word(&a), word(&b)], None).unwrap_err().message,
            format!("{b} is not the same as the first file: differs at byte 2 (line 2); 3 and 3 bytes")
        );
        assert!(same(&[word(&a)], None).is_err());
    }
}
