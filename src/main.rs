//! The freestanding binary: start code, memory functions and heap around the library's `cli`.
#![no_std]
#![no_main]

extern crate alloc;

mod rt;
