//! The global allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

use dlmalloc::Dlmalloc;

/// What the host is asked for at least.
const STEP_BYTES: usize = 4 << 20;

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(stepping()));

const fn stepping() -> Dlmalloc {
    let mut heap = Dlmalloc::new();
    assert!(heap.set_granularity(STEP_BYTES), "steps are a power of two");
    heap
}

struct Heap(UnsafeCell<Dlmalloc>);

// SAFETY: without atomics, a module has one thread.
unsafe impl Sync for Heap {}

// SAFETY: each method hands on to the one of `Dlmalloc` that has the same contract. Nobody else borrows it:
// there is one thread, and none of these methods calls back.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { (*self.0.get()).free(pointer, layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).realloc(pointer, layout.size(), layout.align(), size) }
    }
}
