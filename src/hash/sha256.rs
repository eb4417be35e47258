//! SHA-256 (FIPS 180-4): portable, or with the processor's SHA extensions where it has them.

/// Bytes of a block.
const BLOCK: usize = 64;

/// The first 64 primes, whose roots are the constants.
const PRIMES: [u128; 64] = {
    let mut primes = [0; 64];
    let (mut n, mut candidate) = (0, 2);
    while n < 64 {
        let mut i = 0;
        while i < n && candidate % primes[i] != 0 {
            i += 1;
        }
        if i == n {
            primes[n] = candidate;
            n += 1;
        }
        candidate += 1;
    }
    primes
};

/// The first 32 bits of the fractional part of `prime`'s square or cube root.
const fn root(prime: u128, degree: u32) -> u32 {
    let target = prime << (32 * degree);
    let (mut low, mut high) = (0u128, 1 << 37); // low^degree <= target < high^degree
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.pow(degree) <= target {
            low = middle;
        } else {
            high = middle;
        }
    }
    low as u32
}

/// K (4.2.2): "the fractional parts of the cube roots of the first sixty-four prime numbers".
pub(super) static K: [u32; 64] = {
    let mut k = [0; 64];
    let mut i = 0;
    while i < 64 {
        k[i] = root(PRIMES[i], 3);
        i += 1;
    }
    k
};

/// H(0) (5.3.3): the same of the square roots of the first eight.
const H: [u32; 8] = {
    let mut h = [0; 8];
    let mut i = 0;
    while i < 8 {
        h[i] = root(PRIMES[i], 2);
        i += 1;
    }
    h
};

/// Adds whole blocks to a state.
type Compress = fn(&mut [u32; 8], &[[u8; BLOCK]]);

/// A hash being computed.
#[derive(Clone)]
pub struct Sha256 {
    state: [u32; 8],
    /// The begun block: its first `length % BLOCK` bytes.
    block: [u8; BLOCK],
    length: u64,
    compress: Compress,
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl Sha256 {
    /// The hash of nothing yet.
    pub fn new() -> Sha256 {
        Sha256 { state: H, block: [0; BLOCK], length: 0, compress: best() }
    }

    /// Adds `bytes`.
    pub fn update(&mut self, mut bytes: &[u8]) {
        let begun = self.length as usize % BLOCK;
        self.length += bytes.len() as u64;
        if begun > 0 {
            let n = bytes.len().min(BLOCK - begun);
            self.block[begun..begun + n].copy_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if begun + n < BLOCK {
                return;
            }
            (self.compress)(&mut self.state, &[self.block]);
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        (self.compress)(&mut self.state, blocks);
        self.block[..rest.len()].copy_from_slice(rest);
    }

    /// The hash.
    pub fn finish(mut self) -> [u8; 32] {
        // 5.1.1: a bit 1, zeros, and the length in bits, which fills a block.
        let bits = self.length * 8;
        let zeros = (BLOCK * 2 - 9 - self.length as usize % BLOCK) % BLOCK;
        let mut padding = [0; BLOCK + 8];
        padding[0] = 0x80;
        padding[1 + zeros..9 + zeros].copy_from_slice(&bits.to_be_bytes());
        self.update(&padding[..9 + zeros]);
        let mut hash = [0; 32];
        for (to, word) in hash.chunks_mut(4).zip(self.state) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        hash
    }
}

/// The hash of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash.finish()
}

/// The fastest way that this processor has.
fn best() -> Compress {
    #[cfg(target_arch = "x86_64")]
    if super::sha_ni::available() {
        return super::sha_ni::compress;
    }
    portable
}

/// 6.2.2, word by word; the message schedule in sixteen words that are replaced as they are used.
fn portable(state: &mut [u32; 8], blocks: &[[u8; BLOCK]]) {
    for block in blocks {
        let mut w = [0u32; 16];
        for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
        for t in 0..64 {
            if t >= 16 {
                let (w15, w2) = (w[(t + 1) & 15], w[(t + 14) & 15]);
                let sigma0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
                let sigma1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
                w[t & 15] = w[t & 15].wrapping_add(sigma0).wrapping_add(w[(t + 9) & 15]).wrapping_add(sigma1);
            }
            let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = g ^ (e & (f ^ g));
            let t1 = h.wrapping_add(sum1).wrapping_add(choice).wrapping_add(K[t]).wrapping_add(w[t & 15]);
            let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) | (c & (a | b));
            (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
            (d, c, b, a) = (c, b, a, t1.wrapping_add(sum0).wrapping_add(majority));
        }
        for (to, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *to = to.wrapping_add(add);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hex;
    use super::*;

    #[test]
    fn constants_of_the_standard() {
        assert_eq!((K[0], K[63]), (0x428a2f98, 0xc67178f2));
        assert_eq!((H[0], H[7]), (0x6a09e667, 0x5be0cd19));
    }

    /// FIPS 180-2, appendix B, and the empty message.
    #[test]
    fn vectors_of_the_standard() {
        for (message, expected) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(hex::encode(&sha256(message.as_bytes())), expected);
        }
        let million = hex::encode(&sha256(&[b'a'; 1_000_000]));
        assert_eq!(million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    /// Both ways agree, at each length around the padding's limits and however it is cut.
    #[test]
    fn portable_and_hardware_agree() {
        let bytes: alloc::vec::Vec<u8> = (0..300u32).map(|i| (i * i >> 3) as u8).collect();
        for len in 0..bytes.len() {
            let whole = sha256(&bytes[..len]);
            for cut in [0, 1, 55, 63, 64, 65, 128, len / 2] {
                let mut hash = Sha256 { compress: portable, ..Sha256::new() };
                let cut = cut.min(len);
                hash.update(&bytes[..cut]);
                hash.update(&bytes[cut..len]);
                assert_eq!(hash.finish(), whole, "{len} bytes cut at {cut}");
            }
        }
    }
}
