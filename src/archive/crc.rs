//! Cyclic redundancy checks of up to 64 bits: CRC-32 (RFC 1952, .xz, bzip2) and CRC-64 (.xz).

use alloc::boxed::Box;

/// CRC-32's polynomial, lowest bit first (ITU-T V.42).
const CRC32: u64 = 0xedb8_8320;
/// CRC-64's polynomial, lowest bit first (ECMA-182).
const CRC64: u64 = 0xc96c_5795_d787_0f42;

/// The order of the bits in a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    LowFirst,
    HighFirst,
}

/// A check being computed, eight bytes at a time: `table[k][b]` is what byte `b` does to the
/// remainder when `k` more bytes follow it. The tables are computed, which takes microseconds and
/// keeps 16 KB out of the program.
pub struct Crc {
    table: Box<[[u64; 256]; 8]>,
    ones: u64,
    state: u64,
    order: Order,
}

impl Crc {
    /// CRC-32 as gzip and .xz have it.
    pub fn crc32() -> Crc {
        Crc::new(CRC32, 0xffff_ffff, Order::LowFirst)
    }

    /// CRC-32 as bzip2 has it: the highest bit of each byte first, and of the result too. This
    /// keeps the mirror image and turns the bytes and the result.
    pub fn bzip2() -> Crc {
        Crc::new(CRC32, 0xffff_ffff, Order::HighFirst)
    }

    /// CRC-64 as .xz has it.
    pub fn crc64() -> Crc {
        Crc::new(CRC64, u64::MAX, Order::LowFirst)
    }

    fn new(polynomial: u64, ones: u64, order: Order) -> Crc {
        let mut table = Box::new([[0; 256]; 8]);
        for byte in 0..256 {
            let mut r = byte as u64;
            for _ in 0..8 {
                r = (r >> 1) ^ if r & 1 == 1 { polynomial } else { 0 };
            }
            table[0][byte] = r;
        }
        for k in 1..8 {
            for byte in 0..256 {
                let r = table[k - 1][byte];
                table[k][byte] = (r >> 8) ^ table[0][(r & 0xff) as usize];
            }
        }
        Crc { table, ones, state: ones, order }
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        let t = &*self.table;
        let mut r = self.state;
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            let mut w = u64::from_le_bytes(*word);
            if self.order == Order::HighFirst {
                w = w.swap_bytes().reverse_bits(); // turns each byte, keeps their order
            }
            w ^= r;
            let b = w.to_le_bytes();
            r = (t[7][b[0] as usize] ^ t[6][b[1] as usize] ^ t[5][b[2] as usize] ^ t[4][b[3] as usize])
                ^ (t[3][b[4] as usize] ^ t[2][b[5] as usize] ^ t[1][b[6] as usize] ^ t[0][b[7] as usize]);
        }
        for &byte in rest {
            let byte = if self.order == Order::HighFirst { byte.reverse_bits() } else { byte };
            r = (r >> 8) ^ t[0][((r ^ byte as u64) & 0xff) as usize];
        }
        self.state = r;
    }

    /// The check of all bytes so far; the next begins afresh.
    pub fn finish(&mut self) -> u64 {
        let r = self.state ^ self.ones;
        self.state = self.ones;
        if self.order == Order::HighFirst { (r as u32).reverse_bits() as u64 } else { r }
    }
}

/// CRC-32 (gzip, .xz) of a short header, bit by bit.
pub(super) fn crc32_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| crc32_more(crc, *byte))
}

/// The CRC-32 that follows when a byte is added.
pub(super) fn crc32_more(crc: u32, byte: u8) -> u32 {
    let mut r = !crc ^ byte as u32;
    for _ in 0..8 {
        r = (r >> 1) ^ if r & 1 == 1 { CRC32 as u32 } else { 0 };
    }
    !r
}
