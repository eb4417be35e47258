//! The step list: reads and checks lists (recipes/LANGUAGE.md) and makes a plan of them.

mod diag;
mod heads;
mod lex;
mod parse;
mod path;
pub mod plan;
mod scope;
mod show;
mod steps;
mod verbs;
pub mod word;

use crate::error::{Error, Result};
use alloc::vec::Vec;

pub use diag::{diagnose, locate, near, printable};
pub use plan::Plan;
pub use show::{step, step_line};

/// Where lists come from.
pub trait Loader {
    /// All of the list at that path: the one given to [`parse`], or one that a list includes,
    /// in which case the path starts from the folder of that list.
    fn load(&mut self, path: &str) -> core::result::Result<Vec<u8>, Error>;
}

/// Reads a list and those that it includes and checks all of it; `nproc` is `$NPROC`.
///
/// An error of the lists has [`crate::error::Status::List`] and shows the first ten places that
/// are wrong; one of the loader is passed on for the first list.
pub fn parse(loader: &mut dyn Loader, list: &str, nproc: u32) -> Result<Plan> {
    parse::parse(loader, list, nproc)
}

#[cfg(test)]
mod tests;
