//! What a program file says about itself: ELF headers, as in elf(5).

use crate::sys::{Errno, Fd, fs};
use alloc::format;
use alloc::string::String;
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

/// More than any linker writes: what is larger is not a table but damage.
const MOST: u64 = 1 << 20;

/// Machines that a seed may have been made for by mistake.
const MACHINES: [(u64, &str); 7] = [
    (3, "i386"),
    (8, "MIPS"),
    (20, "PowerPC"),
    (21, "64-bit PowerPC"),
    (22, "s390x"),
    (40, "32-bit ARM"),
    (183, "AArch64"),
];

/// What is wrong with a file as a static x86-64 program; `Ok(None)` if nothing is.
pub fn complaint(fd: &Fd) -> Result<Option<String>, Errno> {
    let size = fs::fstat(fd)?.size;
    let head = bytes(fd, 0, EHDR as u64)?;
    if !head.starts_with(b"\x7fELF") {
        return Ok(Some(String::from(match &head[..] {
            [] => "it is empty",
            [b'#', b'!', ..] => "it is a script, not an ELF program",
            _ => "it is not an ELF program",
        })));
    }
    if head.len() < EHDR {
        return Ok(Some(String::from("it ends within its ELF header")));
    }
    // EI_CLASS, EI_DATA
    if head[4] != 2 || head[5] != 1 {
        let bits = if head[4] == 1 { "32-bit" } else { "64-bit" };
        let order = if head[5] == 2 { "big-endian" } else { "little-endian" };
        return Ok(Some(format!("it is a {bits} {order} ELF file, not one for x86-64")));
    }
    let machine = number(&head, 18, 2);
    if machine != EM_X86_64 {
        let known = MACHINES.iter().find(|known| known.0 == machine);
        let name = known.map_or_else(|| format!("machine {machine}"), |known| String::from(known.1));
        return Ok(Some(format!("it is for {name}, not for x86-64")));
    }
    match number(&head, 16, 2) {
        ET_EXEC | ET_DYN => {}
        1 => return Ok(Some(String::from("it is an object file, not yet linked"))),
        other => return Ok(Some(format!("it is an ELF file of type {other}, not a program"))),
    }
    segments(fd, size, &head)
}

fn segments(fd: &Fd, size: u64, head: &[u8]) -> Result<Option<String>, Errno> {
    let cut = |what: &str| Ok(Some(format!("it is cut off or damaged: {what} beyond its {size} bytes")));
    let (at, count) = (number(head, 32, 8), number(head, 56, 2));
    if count == 0 || number(head, 54, 2) != PHDR as u64 {
        return Ok(Some(String::from("it has no program headers: nothing of it can be loaded")));
    }
    let table = bytes(fd, at, count * PHDR as u64)?;
    if table.len() < count as usize * PHDR {
        return cut("program headers");
    }
    for header in table.chunks(PHDR) {
        let (kind, offset, length) = (number(header, 0, 4), number(header, 8, 8), number(header, 32, 8));
        if matches!(kind, PT_LOAD | PT_DYNAMIC | PT_INTERP) && offset.checked_add(length).is_none_or(|end| end > size) {
            return cut("a segment");
        }
        match kind {
            PT_INTERP => {
                let name = bytes(fd, offset, length.min(100))?;
                let name = String::from_utf8_lossy(name.strip_suffix(b"\0").unwrap_or(&name)).into_owned();
                return Ok(Some(format!("it is linked dynamically: it wants the interpreter {name}")));
            }
            PT_DYNAMIC => {
                let section = bytes(fd, offset, length)?;
                if section.chunks_exact(16).any(|entry| number(entry, 0, 8) == DT_NEEDED) {
                    return Ok(Some(String::from("it is linked dynamically: it wants shared libraries")));
                }
            }
            _ => {}
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
