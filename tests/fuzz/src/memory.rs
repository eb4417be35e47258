//! An allocator that knows how much one input needs, and takes back what it leaves.
//!
//! rawstrap never gives back the texts that it makes, since it ends soon; a target, which goes on
//! for hours, would run full of them. So all that is allocated while an input is looked at is in a
//! list, and what is still in it at the end is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Before every block: its neighbours in the list, its size, and whether it is in the list.
#[repr(C, align(16))]
struct Head {
    before: *mut Head,
    after: *mut Head,
    size: usize,
    listed: bool,
    counted: bool,
}

const HEAD: usize = size_of::<Head>();

struct Allocator(UnsafeCell<*mut Head>);

// SAFETY: libFuzzer calls the target from one thread, and no target starts another one.
unsafe impl Sync for Allocator {}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(null_mut()));
static ACTIVE: AtomicBool = AtomicBool::new(false);
static ZEROED: AtomicBool = AtomicBool::new(true);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// A block of this size that is asked for zeroed is a mapping, in rawstrap's own heap too, of which
/// only that is resident which is written.
const MAPPING: usize = 64 << 10;

fn with_head(layout: Layout) -> Layout {
    assert!(layout.align() <= 16);
    Layout::from_size_align(HEAD + layout.size(), 16).unwrap()
}

impl Allocator {
    unsafe fn add(&self, head: *mut Head, size: usize, zeroed: bool) -> *mut u8 {
        if head.is_null() {
            return null_mut();
        }
        // SAFETY: the block is new and begins with room for its head.
        unsafe {
            let listed = ACTIVE.load(Relaxed);
            let counted = listed && !(zeroed && size >= MAPPING && !ZEROED.load(Relaxed));
            let first = *self.0.get();
            head.write(Head { before: null_mut(), after: first, size, listed, counted });
            if listed {
                if !first.is_null() {
                    (*first).before = head;
                }
                *self.0.get() = head;
            }
            if counted {
                let live = LIVE.fetch_add(size, Relaxed) + size;
                PEAK.fetch_max(live, Relaxed);
            }
            head.cast::<u8>().add(HEAD)
        }
    }

    unsafe fn remove(&self, head: *mut Head) {
        // SAFETY: the head was written by `add`, and so were those it points to.
        unsafe {
            if (*head).counted {
                LIVE.fetch_sub((*head).size, Relaxed);
            }
            if !(*head).listed {
                return;
            }
            match (*head).before.is_null() {
                true => *self.0.get() = (*head).after,
                false => (*(*head).before).after = (*head).after,
            }
            if !(*head).after.is_null() {
                (*(*head).after).before = (*head).before;
            }
        }
    }
}

// SAFETY: blocks are the system's, behind a head of 48 bytes, which keeps their alignment of 16.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.add(System.alloc(with_head(layout)).cast(), layout.size(), false) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.add(System.alloc_zeroed(with_head(layout)).cast(), layout.size(), true) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from `add`.
        unsafe {
            let head = block.sub(HEAD).cast::<Head>();
            self.remove(head);
            System.dealloc(head.cast(), with_head(layout));
        }
    }
}

/// Calls `look`, frees all that it leaves behind, and gives the most bytes that it had at a time.
/// Without `zeroed` large blocks that were asked for zeroed do not count.
pub fn peak(zeroed: bool, look: impl FnOnce()) -> usize {
    ZEROED.store(zeroed, Relaxed);
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    ACTIVE.store(true, Relaxed);
    look();
    ACTIVE.store(false, Relaxed);
    // SAFETY: nothing that `look` made has outlived it, but what nobody holds any more.
    unsafe {
        let mut head = std::mem::replace(&mut *ALLOCATOR.0.get(), null_mut());
        while !head.is_null() {
            let (after, size) = ((*head).after, (*head).size);
            System.dealloc(head.cast(), Layout::from_size_align(HEAD + size, 16).unwrap());
            head = after;
        }
    }
    PEAK.load(Relaxed)
}
