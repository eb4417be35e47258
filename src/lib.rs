//! rawstrap: bootstraps a toolchain from a TinyCC seed with plain-text step lists.
//!
//! The library holds everything but the start code, the memory functions and the heap, which
//! belong to the freestanding binary (`src/rt`). `cargo test` runs its unit tests with std.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code, missing_docs)]

extern crate alloc;

pub mod archive;
pub mod boot;
pub mod cli;
pub mod error;
pub mod fetch;
pub mod file;
pub mod hash;
pub mod host;
pub mod io;
pub mod ledger;
pub mod list;
pub mod room;
pub mod run;
pub mod script;
pub mod seed;
pub mod sort;
pub mod split;
pub mod strings;
pub mod sys;
pub mod text;
