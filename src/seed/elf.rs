//! What a program file says about itself: ELF headers, as in elf(5).

use crate::sys::{Errno, Fd, fs};
use crate::text;
use alloc::vec;
use alloc::vec::Vec;

/// Of the 64-bit ELF header, and of one program header.
const EHDR: usize = 64;
const PHDR: usize = 56;

/// Types and machine (e_type, e_machine), types of segments (p_type), tag of an entry of the
/// dynamic section (d_tag).
const ET_EXEC: u64 = 2;
const ET_DYN: u64 = 3;
const EM_X86_64: u64 = 62;
const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const DT_NEEDED: u64 = 1;

/// Where the file is shorter than it says.
const CUT: &str = "it is cut off or damaged: it ends before what its headers name";

/// More than any linker writes: what is larger is not a table but damage.
const MOST: u64 = 1 << 20;

/// What is wrong with a file, and something about it that ends the sentence.
pub type Complaint = (&'static str, &'static str);

/// What is wrong with a file as a static x86-64 program; `Ok(None)` if nothing is.
pub fn complaint(fd: &Fd) -> Result<Option<Complaint>, Errno> {
    let size = fs::fstat(fd)?.size;
    let head = bytes(fd, 0, EHDR as u64)?;
    let plain = |what| Ok(Some((what, "")));
    if !head.starts_with(b"\x7fELF") {
        return plain(match &head[..] {
            [] => "it is empty",
            [b'#', b'!', ..] => "it is a script, not an ELF program",
            _ => "it is not an ELF program",
        });
    }
    if head.len() < EHDR {
        return plain(CUT);
    }
    // EI_CLASS, EI_DATA, e_machine, as readelf -h shows them
    match (head[4], head[5], number(&head, 18, 2)) {
        (2, 1, EM_X86_64) => {}
        (1, _, machine) => {
            return Ok(Some(("it is for a 32-bit machine, not for x86-64: ELF machine ", text!("@", machine))));
        }
        (_, _, machine) => {
            return Ok(Some(("it is for another machine than x86-64: ELF machine ", text!("@", machine))));
        }
    }
    match number(&head, 16, 2) {
        ET_EXEC | ET_DYN => {}
        1 => return plain("it is an object file, not yet linked"),
        _ => return plain("it is an ELF file, but not a program"),
    }
    let (at, count) = (number(&head, 32, 8), number(&head, 56, 2));
    if count == 0 || number(&head, 54, 2) != PHDR as u64 {
        return plain("it has no program headers: nothing of it can be loaded");
    }
    let table = bytes(fd, at, count * PHDR as u64)?;
    if table.len() < count as usize * PHDR {
        return plain(CUT);
    }
    for header in table.chunks_exact(PHDR) {
        let (kind, offset, length) = (number(header, 0, 4), number(header, 8, 8), number(header, 32, 8));
        if !matches!(kind, PT_LOAD | PT_DYNAMIC | PT_INTERP) {
            continue;
        }
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return plain(CUT);
        }
        if kind == PT_LOAD {
            continue;
        }
        let content = bytes(fd, offset, length)?;
        if kind == PT_INTERP {
            let end = content.iter().position(|byte| *byte == 0).unwrap_or(content.len());
            let name = text::own(&content[..end]);
            return Ok(Some(("it is linked dynamically: it wants the interpreter ", name)));
        }
        if content.chunks_exact(16).any(|entry| number(entry, 0, 8) == DT_NEEDED) {
            return plain("it is linked dynamically: it wants shared libraries");
        }
    }
    Ok(None)
}

/// The bytes of the file from `at`, fewer at its end.
fn bytes(fd: &Fd, at: u64, length: u64) -> Result<Vec<u8>, Errno> {
    let mut all = vec![0; length.min(MOST) as usize];
    // An offset beyond what the kernel takes is beyond the file, too.
    let n = if at > i64::MAX as u64 { 0 } else { fs::pread(fd.raw(), &mut all, at)? };
    all.truncate(n);
    Ok(all)
}

/// A little-endian number.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |sum, byte| sum << 8 | *byte as u64)
}

#[cfg(test)]
#[path = "tests/elf.rs"]
pub(super) mod tests;
