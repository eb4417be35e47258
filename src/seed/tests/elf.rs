//! Files that are no seed, made byte by byte.

use super::*;
use crate::file;

/// A program with one segment of code, and with these other segments: type and content.
pub fn program(segments: &[(u32, &[u8])]) -> Vec<u8> {
    let mut all = vec![0; EHDR];
    all[..6].copy_from_slice(b"\x7fELF\x02\x01");
    all[16] = ET_EXEC as u8;
    all[18] = EM_X86_64 as u8;
    all[32] = EHDR as u8;
    all[54] = PHDR as u8;
    all[56] = segments.len() as u8;
    let mut at = (EHDR + PHDR * segments.len()) as u64;
    for (kind, content) in segments {
        let mut header = [0; PHDR];
        header[..4].copy_from_slice(&kind.to_le_bytes());
        header[8..16].copy_from_slice(&at.to_le_bytes());
        header[32..40].copy_from_slice(&(content.len() as u64).to_le_bytes());
        all.extend_from_slice(&header);
        at += content.len() as u64;
    }
    segments.iter().for_each(|(_, content)| all.extend_from_slice(content));
    all
}

#[test]
fn complaints() {
    let path = format!("{}/rawstrap-elf-{}", std::env::temp_dir().display(), std::process::id());
    let look = |bytes: &[u8]| {
        file::replace(&path, bytes, 0o755).unwrap();
        complaint(&fs::open_read(&path).unwrap()).unwrap().map(|(what, detail)| what.to_string() + &detail)
    };
    // DT_NULL, DT_NEEDED and DT_NULL
    let (harmless, needed) = ([0; 16], [[0; 16], [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]].concat());
    let plain = program(&[(1, b"code")]);
    let with = |changes: &[(usize, u8)]| {
        let mut bytes = plain.clone();
        changes.iter().for_each(|(at, byte)| bytes[*at] = *byte);
        bytes
    };
    for (bytes, want) in [
        (plain.clone(), None),
        (with(&[(16, 3)]), None),
        (program(&[(1, b"code"), (2, &harmless)]), None),
        (b"".to_vec(), Some("it is empty")),
        (b"#!/bin/sh\n".to_vec(), Some("it is a script, not an ELF program")),
        (b"MZ".to_vec(), Some("it is not an ELF program")),
        (plain[..63].to_vec(), Some("it is cut off or damaged: it ends before what its headers name")),
        (with(&[(4, 1)]), Some("it is for a 32-bit machine, not for x86-64: ELF machine 62")),
        (with(&[(5, 2)]), Some("it is for another machine than x86-64: ELF machine 62")),
        (with(&[(18, 183)]), Some("it is for another machine than x86-64: ELF machine 183")),
        (with(&[(18, 243)]), Some("it is for another machine than x86-64: ELF machine 243")),
        (with(&[(16, 1)]), Some("it is an object file, not yet linked")),
        (with(&[(16, 4)]), Some("it is an ELF file, but not a program")),
        (with(&[(56, 0)]), Some("it has no program headers: nothing of it can be loaded")),
        (with(&[(54, 32)]), Some("it has no program headers: nothing of it can be loaded")),
        (plain[..100].to_vec(), Some("it is cut off or damaged: it ends before what its headers name")),
        (with(&[(39, 255)]), Some("it is cut off or damaged: it ends before what its headers name")),
        (plain[..123].to_vec(), Some("it is cut off or damaged: it ends before what its headers name")),
        (with(&[(64 + 39, 255)]), Some("it is cut off or damaged: it ends before what its headers name")),
        (program(&[(1, b"code"), (3, b"/lib64/ld.so\0")]), Some("it is linked dynamically: it wants the interpreter /lib64/ld.so")),
        (program(&[(2, &needed), (1, b"code")]), Some("it is linked dynamically: it wants shared libraries")),
    ] {
        assert_eq!(look(&bytes).as_deref(), want);
    }
    file::remove(&path).unwrap();
}

/// No byte of a header makes it fall over.
#[test]
fn damage_is_survived() {
    let path = format!("{}/rawstrap-elf-damage-{}", std::env::temp_dir().display(), std::process::id());
    let good = program(&[(1, b"code"), (2, &[0; 32]), (3, b"/lib/x\0")]);
    for at in 0..good.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            file::replace(&path, &bytes, 0o755).unwrap();
            let _ = complaint(&fs::open_read(&path).unwrap()).unwrap();
        }
    }
    file::remove(&path).unwrap();
}
