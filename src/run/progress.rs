//! What the user sees: a live line on a terminal, plain lines elsewhere.

use crate::sys::{fd, time};
use alloc::format;
use alloc::string::String;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// `--quiet`: only what went wrong.
    Quiet,
    /// Packages and results.
    Normal,
    /// `--verbose`: the steps and what they print.
    Verbose,
}

/// Standard error, as a place for progress.
pub struct Terminal {
    volume: Volume,
    live: bool,
    shown: bool,
    last: u64,
}

/// Microseconds between two states of the live line.
const REFRESH: u64 = 100_000;

impl Terminal {
    /// Standard error; the live line appears if it is a terminal that has a
    /// width, as a serial line has none.
    pub fn new(volume: Volume) -> Terminal {
        Terminal { volume, live: volume == Volume::Normal && fd::columns(2).is_some(), shown: false, last: 0 }
    }

    /// Whether what the steps print is passed on.
    pub fn verbose(&self) -> bool {
        self.volume == Volume::Verbose
    }

    /// Milliseconds until the live line wants to be drawn again; -1 if never.
    pub fn patience(&self) -> i32 {
        if self.live { 500 } else { -1 }
    }

    /// A line that stays. Nobody is there to be told when writing it fails.
    pub fn say(&mut self, line: &str) {
        if self.volume > Volume::Quiet {
            self.clear();
            let _ = fd::write(2, format!("{line}\n").as_bytes());
        }
    }

    /// Output of a step, as it comes.
    pub fn pass(&mut self, bytes: &[u8]) {
        let _ = fd::write(2, bytes);
    }

    /// The live line: drawn at most ten times a second.
    pub fn show(&mut self, text: impl FnOnce() -> String) {
        if !self.live {
            return;
        }
        let now = time::monotonic_us();
        if now - self.last < REFRESH {
            return;
        }
        self.last = now;
        let width = fd::columns(2).unwrap_or(80).saturating_sub(1);
        let mut line = String::from("\r\x1b[K");
        line.extend(text().chars().take(width));
        let _ = fd::write(2, line.as_bytes());
        self.shown = true;
    }

    /// Takes the live line away.
    pub fn clear(&mut self) {
        if self.shown {
            let _ = fd::write(2, b"\r\x1b[K");
            self.shown = false;
        }
    }
}

/// Microseconds as people read them: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
pub fn duration(us: u64) -> String {
    let s = us / 1_000_000;
    match s {
        0..10 => format!("{s}.{:02} s", us / 10_000 % 100),
        10..60 => format!("{s}.{} s", us / 100_000 % 10),
        60..3600 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (us, want) in [
            (0, "0.00 s"),
            (9_999_999, "9.99 s"),
            (12_340_000, "12.3 s"),
            (245_000_000, "4 min 05 s"),
            (7_380_000_000, "2 h 03 min"),
        ] {
            assert_eq!(duration(us), want);
        }
    }
}
