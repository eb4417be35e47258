//! What the user sees: a live line on a terminal, plain lines elsewhere.

use crate::sys::{fd, time};
use crate::{add, text};
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
    colour: bool,
    live: bool,
    shown: bool,
    /// The live line is not what it should be: it was drawn a moment ago.
    late: bool,
    last: u64,
}

/// Microseconds between two states of the live line.
const REFRESH: u64 = 100_000;

impl Terminal {
    /// Standard error; the live line appears if it is a terminal that has a width, as a serial line
    /// has none.
    pub fn new(volume: Volume, env: &[&[u8]]) -> Terminal {
        let live = volume == Volume::Normal && fd::columns(2).is_some();
        Terminal { volume, colour: colours(env), live, shown: false, late: false, last: 0 }
    }

    /// Whether what the steps print is passed on.
    pub fn verbose(&self) -> bool {
        self.volume == Volume::Verbose
    }

    /// The text in a colour (ECMA-48, SGR), where there are colours.
    pub fn paint(&self, colour: &str, text: &str) -> String {
        paint(self.colour, colour, text)
    }

    /// Milliseconds until the live line wants to be drawn again; -1 if never.
    pub fn patience(&self) -> i32 {
        match (self.live, self.late) {
            (false, _) => -1,
            (true, false) => 500,
            (true, true) => REFRESH as i32 / 1000,
        }
    }

    /// A line that stays. Nobody is there to be told when writing it fails.
    pub fn say(&mut self, line: &str) {
        if self.volume > Volume::Quiet {
            self.clear();
            let _ = fd::write(2, text!("@\n", line).as_bytes());
        }
    }

    /// Output of a step, as it comes.
    pub fn pass(&mut self, bytes: &[u8]) {
        let _ = fd::write(2, bytes);
    }

    /// Whether the live line is to be drawn again: at most ten times a second.
    pub fn due(&mut self) -> bool {
        let now = time::monotonic_us();
        self.late = self.live && now - self.last < REFRESH;
        let due = self.live && !self.late;
        if due {
            self.last = now;
        }
        due
    }

    /// Draws the live line.
    pub fn show(&mut self, text: &str) {
        let width = fd::columns(2).unwrap_or(80).saturating_sub(1);
        let mut line = String::from("\r\x1b[K");
        line.extend(text.chars().take(width));
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

/// Whether standard error is a place for colours: a terminal, and nobody asks for none (no-color.org).
pub fn colours(env: &[&[u8]]) -> bool {
    let none = |entry: &&[u8]| **entry == *b"TERM=dumb" || entry.strip_prefix(b"NO_COLOR=").is_some_and(|v| !v.is_empty());
    !env.iter().any(none) && fd::columns(2).is_some()
}

/// Red, for what went wrong.
pub const RED: &str = "31";
/// Green, for what is proved.
pub const GREEN: &str = "32";

/// The text, in that colour if it is to be.
pub fn paint(really: bool, colour: &str, text: &str) -> String {
    if really { ["\x1b[", colour, "m", text, "\x1b[m"].concat() } else { String::from(text) }
}

/// Microseconds as people read them: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
pub fn duration(us: u64) -> &'static str {
    let mut out = String::new();
    tell(&mut out, us);
    out.leak()
}

/// Adds the same.
pub fn tell(out: &mut String, us: u64) {
    let s = us / 1_000_000;
    let (whole, between, part, least, unit) = match s {
        0..10 => (s, ".", us / 10_000 % 100, 2, " s"),
        10..60 => (s, ".", us / 100_000 % 10, 1, " s"),
        60..3600 => (s / 60, " min ", s % 60, 2, " s"),
        _ => (s / 3600, " h ", s / 60 % 60, 2, " min"),
    };
    add!(out, "@@", whole, between);
    text::digits(out, part, least);
    out.push_str(unit);
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
