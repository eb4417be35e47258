//! The step list: reads and checks lists (recipes/LANGUAGE.md) and makes a plan of them.

pub mod plan;
pub mod word;
