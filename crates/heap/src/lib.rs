//! The memory of a WebAssembly module, which grows in large steps.
//!
//! Whoever links this crate gets the allocator that the standard library has anyway, but one that asks
//! the host for 4 MiB at a time instead of for 64 KiB. Whenever a memory grows, JavaScript has a new
//! `ArrayBuffer`, and V8 collects garbage, which takes a millisecond and more: a tenth of the time in
//! which a million events are read. On other targets it does nothing.
//!
//! ```
//! // In the crate that becomes the module.
//! use everview_heap as _;
//! ```

#![no_std]

#[cfg(target_arch = "wasm32")]
extern crate alloc;

#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
mod allocator;

/// How many bytes of memory the module has taken from its host, whether they are in use or not. It never
/// gives any back. None outside of WebAssembly.
#[must_use]
pub fn taken() -> Option<u64> {
    #[cfg(target_arch = "wasm32")]
    return Some(core::arch::wasm32::memory_size(0) as u64 * PAGE_BYTES);
    #[cfg(not(target_arch = "wasm32"))]
    None
}

/// Asks the host at once for what so many bytes of stored events will need in log, rows and their history,
/// two and a half times as many, as far as there are not as many free. It is no failure if the host does
/// not give them.
///
/// ```
/// let stored = vec![0_u8; 1 << 20];
/// everview_heap::reserve_for_stored(stored.len());
/// ```
pub fn reserve_for_stored(bytes: usize) {
    #[cfg(target_arch = "wasm32")]
    {
        // What was allocated once stays with the allocator.
        let mut room = alloc::vec::Vec::<u8>::new();
        let _ = room.try_reserve_exact((bytes / 2).saturating_mul(5));
        core::hint::black_box(room);
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = bytes;
}

/// The size of a page, in which memories of WebAssembly are counted.
#[cfg(target_arch = "wasm32")]
const PAGE_BYTES: u64 = 64 << 10;
