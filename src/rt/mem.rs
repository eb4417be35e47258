//! The memory functions that rustc's code calls by name; there is no libc to bring them.
//!
//! `rep movsb` and `rep stosb` are the fast way on every x86-64 with ERMS (since 2013), right on
//! all. Short blocks are the commonest: a loop serves them better than the start-up cost of `rep`.

use core::arch::asm;

/// memcpy(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's blocks are valid for n bytes and do not overlap.
    unsafe {
        if n < 16 {
            // volatile-free loop on words would be turned into a call of memcpy itself
            short_forward(dest, src, n);
        } else if n <= 128 {
            let mut i = 0;
            while i + 16 <= n {
                copy16(dest.add(i), src.add(i));
                i += 16;
            }
            copy16(dest.add(n - 16), src.add(n - 16));
        } else {
            asm!("rep movsb", inout("rcx") n => _, inout("rdi") dest => _, inout("rsi") src => _,
                options(nostack, preserves_flags));
        }
    }
    dest
}

#[inline(always)]
unsafe fn copy16(dest: *mut u8, src: *const u8) {
    use core::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_storeu_si128};
    // SAFETY: sixteen bytes are valid on both sides.
    unsafe { _mm_storeu_si128(dest as *mut __m128i, _mm_loadu_si128(src as *const __m128i)) }
}

#[inline(always)]
unsafe fn short_forward(dest: *mut u8, src: *const u8, n: usize) {
    // SAFETY: n < 16 bytes are valid on both sides; every load of a case precedes its stores.
    unsafe {
        if n >= 8 {
            let (a, b) = ((src as *const u64).read_unaligned(), (src.add(n - 8) as *const u64).read_unaligned());
            (dest as *mut u64).write_unaligned(a);
            (dest.add(n - 8) as *mut u64).write_unaligned(b);
        } else if n >= 4 {
            let (a, b) = ((src as *const u32).read_unaligned(), (src.add(n - 4) as *const u32).read_unaligned());
            (dest as *mut u32).write_unaligned(a);
            (dest.add(n - 4) as *mut u32).write_unaligned(b);
        } else if n > 0 {
            let (a, b, c) = (*src, *src.add(n / 2), *src.add(n - 1));
            *dest = a;
            *dest.add(n / 2) = b;
            *dest.add(n - 1) = c;
        }
    }
}

/// memmove(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's blocks are valid for n bytes. Below 16 all loads come before the
    // stores; a forward copy is right unless dest lies inside src's block.
    unsafe {
        if n < 16 {
            short_forward(dest, src, n);
        } else if (dest as usize).wrapping_sub(src as usize) >= n {
            asm!("rep movsb", inout("rcx") n => _, inout("rdi") dest => _, inout("rsi") src => _,
                options(nostack, preserves_flags));
        } else {
            let mut left = n;
            while left >= 16 {
                left -= 16;
                copy16(dest.add(left), src.add(left));
            }
            short_forward(dest, src, left);
        }
    }
    dest
}

/// memset(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(dest: *mut u8, c: i32, n: usize) -> *mut u8 {
    // SAFETY: the caller's block is valid for n bytes.
    unsafe {
        asm!("rep stosb", inout("rcx") n => _, inout("rdi") dest => _, in("al") c as u8,
            options(nostack, preserves_flags));
    }
    dest
}

/// memcmp(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    let mut i = 0;
    // SAFETY: the caller's blocks are valid for n bytes.
    unsafe {
        while i + 8 <= n {
            let (x, y) = ((a.add(i) as *const u64).read_unaligned(), (b.add(i) as *const u64).read_unaligned());
            if x != y {
                return if x.swap_bytes() < y.swap_bytes() { -1 } else { 1 };
            }
            i += 8;
        }
        while i < n {
            let (x, y) = (*a.add(i), *b.add(i));
            if x != y {
                return x as i32 - y as i32;
            }
            i += 1;
        }
    }
    0
}

/// bcmp(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: as memcmp's.
    unsafe { memcmp(a, b, n) }
}

/// strlen(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(s: *const u8) -> usize {
    let mut n = 0;
    // SAFETY: the string ends with NUL; the volatile read keeps the loop from becoming strlen.
    unsafe {
        while s.add(n).read_volatile() != 0 {
            n += 1;
        }
    }
    n
}
