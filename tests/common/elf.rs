//! Program headers of a 64-bit ELF file, as elf(5) has them.

use std::path::Path;

pub const PT_DYNAMIC: u32 = 2;
pub const PT_INTERP: u32 = 3;
pub const PT_GNU_STACK: u32 = 0x6474_e551;
pub const PF_X: u32 = 1;
pub const PF_W: u32 = 2;

/// A program header.
pub struct Header {
    /// `p_type`
    pub kind: u32,
    /// `p_flags`
    pub flags: u32,
}

/// An ELF file.
pub struct Elf {
    /// `e_type`: 2 is an executable at fixed addresses.
    pub kind: u16,
    /// `e_machine`: 62 is x86-64.
    pub machine: u16,
    /// The program headers.
    pub headers: Vec<Header>,
    /// The whole file's length.
    pub size: usize,
}

impl Elf {
    /// Reads a file, which has to be one.
    #[track_caller]
    pub fn read(path: &Path) -> Elf {
        let bytes = std::fs::read(path).unwrap();
        // magic, 64 bits, little-endian
        assert_eq!(bytes[..6], *b"\x7fELF\x02\x01", "{} is no ELF file of 64 bits", path.display());
        let half = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let phoff = u64::from_le_bytes(bytes[32..40].try_into().unwrap()) as usize;
        let (phentsize, phnum) = (half(54) as usize, half(56) as usize);
        let headers = (0..phnum)
            .map(|n| phoff + n * phentsize)
            .map(|at| Header { kind: word(at), flags: word(at + 4) })
            .collect();
        Elf { kind: half(16), machine: half(18), headers, size: bytes.len() }
    }
}
