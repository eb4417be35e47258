//! SHA-256's compression with the SHA extensions of x86-64 processors.
#![allow(unsafe_code)] // for instructions that not every processor has

use super::sha256::K;
use core::arch::x86_64::*;

/// Whether the processor has what `compress` uses: SHA, SSSE3 and SSE4.1.
pub(super) fn available() -> bool {
    #[allow(unused_unsafe)] // CPUID became a safe function after our oldest compiler
    // SAFETY: every x86-64 processor has CPUID; leaf 7 is asked for only where it exists.
    unsafe {
        let (ssse3, sse4_1, sha) = (1 << 9, 1 << 19, 1 << 29);
        __cpuid(0).eax >= 7
            && __cpuid(1).ecx & (ssse3 | sse4_1) == ssse3 | sse4_1
            && __cpuid_count(7, 0).ebx & sha != 0
    }
}

/// Adds whole blocks to a state. Only where `available`.
pub(super) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    // SAFETY: `Sha256` takes this function only where `available` says that it can run.
    unsafe { rounds(state, blocks) }
}

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn rounds(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    let load = |bytes: &[u8; 16]| {
        // SAFETY: sixteen bytes are there; the instruction asks for no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    };
    // The instructions want the state as two vectors, named from the highest lane down.
    let [a, b, c, d, e, f, g, h] = state.map(|word| word as i32);
    let (mut abef, mut cdgh) = (_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h));
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    for block in blocks {
        let (abef_before, cdgh_before) = (abef, cdgh);
        let quarters = block.as_chunks::<16>().0;
        let [mut w0, mut w1, mut w2, mut w3] =
            core::array::from_fn(|i| _mm_shuffle_epi8(load(&quarters[i]), big_endian));
        // Four rounds at a time, with the words w0; meanwhile the words for sixteen rounds later
        // are computed, in the last sixteen for nothing.
        for k in K.as_chunks::<4>().0 {
            let k = _mm_set_epi32(k[3] as i32, k[2] as i32, k[1] as i32, k[0] as i32);
            let wk = _mm_add_epi32(w0, k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0b1110));
            let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
            (w0, w1, w2, w3) = (w1, w2, w3, _mm_sha256msg2_epu32(sum, w3));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    let word = |vector, lane: usize| {
        let lanes: [u64; 2] = [_mm_cvtsi128_si64(vector) as u64, _mm_extract_epi64(vector, 1) as u64];
        (lanes[lane / 2] >> (32 * (lane % 2))) as u32
    };
    *state = [
        word(abef, 3), word(abef, 2), word(cdgh, 3), word(cdgh, 2),
        word(abef, 1), word(abef, 0), word(cdgh, 1), word(cdgh, 0),
    ];
}
