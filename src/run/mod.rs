//! The run: `outside` prepares the stage, starts the room and keeps log and ledger; `inside` is
//! PID 1 of the room and does the steps.

pub mod command;
pub mod event;
pub mod glob;
pub mod inside;
pub mod look;
pub mod outside;
pub mod place;
pub mod progress;
pub mod record;
pub mod search;
pub mod verbs;

use crate::list::plan::{Plan, Step};
use alloc::string::String;

/// A step in one line.
pub fn title(plan: &Plan, step: &Step) -> String {
    let text = plan.text(step);
    crate::list::printable(text.split(|&b| b == b'\n').next().unwrap_or_default())
}
