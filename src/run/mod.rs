//! The run: `outside` prepares the stage, starts the room and keeps log and ledger; `inside` is
//! PID 1 of the room and does the steps.

pub mod command;
mod estimate;
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
