//! The heap: size classes over an arena that grows by mmap(2); large blocks are mappings of their
//! own and go back to the kernel, so that a decoder's window does not stay resident.
//!
//! The program has one thread; children that share memory with it (see `sys::spawn`) do not allocate.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use rawstrap::error::Status;
use rawstrap::sys::{fd, memory, process};

/// Blocks of this size or more are mappings of their own.
const LARGE: usize = 64 << 10;
/// What the arena asks of the kernel at a time.
const CHUNK: usize = 256 << 10;
/// Smallest class: 16 bytes, so that every block is aligned to 16.
const MIN_SHIFT: u32 = 4;
const CLASSES: usize = 13; // 16 bytes to 64 KiB

struct State {
    free: [*mut u8; CLASSES],
    next: usize,
    end: usize,
}

struct Heap(UnsafeCell<State>);

// SAFETY: there is one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(State { free: [null_mut(); CLASSES], next: 0, end: 0 }));

fn class(layout: &Layout) -> usize {
    let size = layout.size().max(layout.align()).max(1 << MIN_SHIFT).next_power_of_two();
    (size.trailing_zeros() - MIN_SHIFT) as usize
}

fn is_large(layout: &Layout) -> bool {
    layout.size() >= LARGE || layout.align() > 4096
}

/// Without memory nothing can go on: as little as this can still be said.
#[cold]
fn exhausted() -> ! {
    let _ = fd::write(2, b"rawstrap: out of memory (ENOMEM)\n");
    process::exit(Status::Host as i32)
}

/// Fresh pages.
fn map(size: usize) -> usize {
    memory::map_anonymous(size).unwrap_or_else(|_| exhausted())
}

fn pages(size: usize) -> usize {
    (size + 4095) & !4095
}

// SAFETY: blocks are disjoint, at least as large and as aligned as asked: a class block is aligned
// to 16 or, beyond, to its size within a page-aligned chunk; a mapping to the page.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)] // else it is written out at every drop
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(&layout) {
            if layout.align() > 4096 {
                return null_mut();
            }
            return map(pages(layout.size())) as *mut u8;
        }
        // SAFETY: one thread, and no reference outlives this call.
        let state = unsafe { &mut *self.0.get() };
        let class = class(&layout);
        let head = state.free[class];
        if !head.is_null() {
            // SAFETY: a free block holds the next free block's address.
            state.free[class] = unsafe { *(head as *mut *mut u8) };
            return head;
        }
        let size = 1usize << (class as u32 + MIN_SHIFT);
        let align = size.min(4096);
        let mut start = (state.next + align - 1) & !(align - 1);
        if state.next == 0 || start + size > state.end {
            start = map(CHUNK);
            state.end = start + CHUNK;
        }
        state.next = start + size;
        start as *mut u8
    }

    #[inline(never)] // else it is written out at every drop
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is valid. A fresh mapping is zero already: a decoder's
        // window must not become resident before it is used.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() && !is_large(&layout) {
                core::ptr::write_bytes(block, 0, layout.size());
            }
            block
        }
    }

    #[inline(never)] // else it is written out at every drop
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(&layout) {
            memory::unmap(block as usize, pages(layout.size()));
            return;
        }
        // SAFETY: as in alloc; the block is ours and at least 16 bytes long.
        unsafe {
            let state = &mut *self.0.get();
            let class = class(&layout);
            *(block as *mut *mut u8) = state.free[class];
            state.free[class] = block;
        }
    }

    #[inline(never)] // else it is written out at every drop
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's layout is valid, and so is the one with the new size.
        unsafe {
            let new = Layout::from_size_align_unchecked(new_size, layout.align());
            if is_large(&layout) && is_large(&new) {
                return memory::remap(block as usize, pages(layout.size()), pages(new_size))
                    .unwrap_or_else(|_| exhausted()) as *mut u8;
            }
            if !is_large(&layout) && !is_large(&new) && class(&layout) == class(&new) {
                return block;
            }
            let to = self.alloc(new);
            if !to.is_null() {
                core::ptr::copy_nonoverlapping(block, to, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            to
        }
    }
}
