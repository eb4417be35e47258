//! A ledger as one HTML page: what took how long, whether the bytes are those recorded, what was
//! trusted. No script, nothing from elsewhere: it looks the same in ten years.

use super::read::{Ledger, Step, Times, Unit, cut};
use crate::run::progress::tell;
use crate::{add, split, text};
use alloc::string::String;
use alloc::vec::Vec;

const STYLE: &str = include_str!("report.css");

/// How many of the slowest steps are shown.
const SLOWEST: usize = 15;

/// The width of the time line; its parts are whole numbers of this.
const WIDTH: u64 = 100_000;

struct Page<'a> {
    out: String,
    /// Of the whole run, in microseconds, and the cores it had.
    wall: u64,
    cores: u64,
    ledger: &'a Ledger<'a>,
}

/// A part of the whole, in `of` parts.
fn part(n: u64, all: u64, of: u64) -> u64 {
    n.saturating_mul(of) / all.max(1)
}

/// Text of the ledger for HTML.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' => add!(&mut out, "&#@;", c as u32),
            _ => out.push(c),
        }
    }
    out
}

fn time(us: u64) -> String {
    let mut out = String::new();
    tell(&mut out, us);
    out
}

/// KiB as MiB or GiB.
fn memory(kib: u64) -> &'static str {
    match kib {
        0 => "",
        1..=1023 => text!("@ KiB", kib),
        1024..=10_485_759 => text!("@ MiB", kib >> 10),
        _ => text!("@ GiB", kib >> 20),
    }
}

/// How a unit is called.
fn label(unit: &Unit) -> String {
    plain(if unit.kind == "test" { text!("@.test", unit.name) } else { unit.name })
}

/// What a unit took. Its own record counts from the last `--resume` on, its steps do not say how
/// long the output was hashed.
fn took(unit: &Unit) -> Times {
    let mut sum = Times::default();
    for step in &unit.steps {
        sum.wall += step.times.wall;
        sum.cpu += step.times.cpu;
        sum.peak = sum.peak.max(step.times.peak);
    }
    sum.wall = sum.wall.max(unit.times.wall);
    sum
}

fn wall(unit: &Unit) -> u64 {
    took(unit).wall
}

/// What is to be said about a unit's output: a class and the words.
fn verdict(unit: &Unit) -> (&'static str, &'static str) {
    match (unit.kind, unit.output, unit.recorded) {
        (_, None, _) => ("bad", if unit.error.is_some() { "✗ failed" } else { "✗ not done" }),
        ("test", ..) => ("good", "✓ passed"),
        (_, _, None) => ("", "not recorded"),
        (_, now, then) if now == then => ("good", "✓ as recorded"),
        _ => ("bad", "✗ not as recorded"),
    }
}

/// More cores than any machine has: a ledger that says so is damaged.
const MOST: u64 = 1 << 20;

/// The page.
pub fn report(ledger: &Ledger) -> String {
    let host = ledger.facts.iter().find(|fact| fact.0 == "host").map_or("", |fact| fact.1);
    let cores = split::words(host).find_map(|word| split::number(word.strip_prefix("cores=")?.as_bytes()));
    let wall = ledger.units.iter().map(wall).sum();
    let mut page = Page { out: String::new(), wall, cores: cores.unwrap_or(1).clamp(1, MOST), ledger };
    page.head();
    page.charts();
    page.packages();
    page.slowest();
    page.steps();
    page.trusted();
    page.out.push_str("</html>\n");
    page.out
}

impl Page<'_> {
    fn head(&mut self) {
        let units = &self.ledger.units;
        // What ended the run; or the first that was not as recorded, in one that went on with --record.
        let is_bad = |unit: &&Unit| verdict(unit).0 == "bad";
        let bad = units.last().filter(is_bad).or_else(|| units.iter().find(is_bad));
        let last = units.iter().rev().find(|unit| unit.kind == "package").map_or(String::new(), label);
        let name = bad.map_or(last, label);
        self.out.push_str("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>rawstrap: ");
        add!(&mut self.out, "@</title><style>\n", name);
        self.out.push_str(STYLE);
        let recorded = units.iter().filter(|unit| unit.kind == "package" && verdict(unit).0 == "good").count();
        let packages = units.iter().filter(|unit| unit.kind == "package").count();
        let (class, words) = match bad {
            Some(unit) => verdict(unit),
            None if recorded == packages && ledger_ended(self.ledger) => ("good", text!("✓ @ of @ packages are as recorded", recorded, packages)),
            None if recorded == packages => ("", text!("@ packages are as recorded; the run has not come to its end", recorded)),
            None => ("", text!("@ of @ packages are as recorded, the others are not recorded", recorded, packages)),
        };
        add!(&mut self.out, "</style><h1>@ <span class=\"@\">@</span></h1>", name, class, words);
        if let Some(error) = bad.and_then(|unit| unit.error) {
            add!(&mut self.out, "<p class=bad><code>@</code></p>", plain(error));
        }
        let cpu = units.iter().map(|unit| took(unit).cpu).sum();
        let peak = units.iter().map(|unit| took(unit).peak).max().unwrap_or(0);
        let steps: usize = units.iter().map(|unit| unit.steps.len()).sum();
        let share = text!("@ %", part(cpu, self.wall.saturating_mul(self.cores), 100));
        let resumed = if self.ledger.resumed > 0 { text!("@", self.ledger.resumed) } else { "" };
        self.out.push_str("<dl>");
        for (name, value) in [
            ("time", &*time(self.wall)),
            ("processors", &time(cpu)),
            (text!("used of @ cores", self.cores), share),
            ("most memory of a process", memory(peak)),
            ("steps", text!("@", steps)),
            ("driver", &time(self.ledger.driver.cpu)),
            ("begun", self.ledger.begun),
            ("ended", self.ledger.ended),
            ("times gone on after an early end", resumed),
        ] {
            if !value.is_empty() {
                add!(&mut self.out, "<div><dt>@</dt><dd>@</dd></div>", name, plain(value));
            }
        }
        self.out.push_str("</dl>");
    }

    /// Cores and memory over time: a column for each step.
    fn charts(&mut self) {
        self.out.push_str("<h2>Over time</h2><div class=k>");
        for unit in &self.ledger.units {
            let (name, took) = (label(unit), wall(unit));
            add!(&mut self.out, "<span style=flex-grow:@ title=\"@, @\">@</span>", took, &*name, time(took), &*name);
        }
        self.out.push_str("</div>");
        let peak = self.ledger.units.iter().map(|unit| took(unit).peak).max().unwrap_or(0);
        let cores = self.cores;
        self.chart(text!("cores in use, of @ (pale: rawstrap itself, which takes one)", cores), true, &|t| part(t.cpu, t.wall.saturating_mul(cores), 1000).min(1000));
        self.chart(text!("memory of the largest process, up to @", memory(peak)), false, &|t| part(t.peak, peak, 1000));
        self.out.push_str("<p class=a>");
        for quarter in 0..5 {
            add!(&mut self.out, "<span>@</span>", time(self.wall / 4 * quarter));
        }
    }

    fn chart(&mut self, caption: &str, cores: bool, height: &dyn Fn(&Times) -> u64) {
        let ledger = self.ledger;
        add!(&mut self.out, "<figure><figcaption>@</figcaption><svg viewBox=\"0 0 @ 1000\" preserveAspectRatio=none>", caption, WIDTH);
        let mut begin = 0;
        for unit in &ledger.units {
            let mut at = begin;
            for step in &unit.steps {
                let x = part(at, self.wall, WIDTH);
                at += step.times.wall;
                let width = part(at, self.wall, WIDTH) - x;
                let own = step.times.peak == 0 && cores;
                let high = if own { 1000 / self.cores } else { height(&step.times) };
                // What is narrower than a fraction of a pixel cannot be seen.
                if width >= WIDTH / 5000 && high > 0 {
                    add!(&mut self.out, "<rect x=@ y=@ width=@ height=@@><title>", x, 1000 - high, width, high, if own { " class=o" } else { "" });
                    add!(&mut self.out, "@ @, @: @</title></rect>", label(unit), step.number, time(step.times.wall), short(step));
                }
            }
            begin += wall(unit);
            if ledger.units.len() < 60 {
                add!(&mut self.out, "<path d=\"M@ 0v1000\"/>", part(begin, self.wall, WIDTH));
            }
        }
        self.out.push_str("</svg></figure>");
    }

    /// Begins a table: the heads of its columns, `>` before those of numbers.
    fn table(&mut self, columns: &[&str]) {
        self.out.push_str("<div class=w><table><tr>");
        for column in columns {
            match column.strip_prefix('>') {
                Some(number) => add!(&mut self.out, "<th class=n>@", number),
                None => add!(&mut self.out, "<th>@", *column),
            }
        }
    }

    /// Cells for time, processors, share of the cores, and memory.
    fn times(&mut self, times: &Times) {
        if times.peak == 0 {
            return add!(&mut self.out, "<td class=n>@<td><td><td>", time(times.wall));
        }
        let share = part(times.cpu, times.wall.saturating_mul(self.cores), 100).min(100);
        add!(&mut self.out, "<td class=n>@<td class=n>@<td class=s><i style=\"--v:@%\" title=\"@ %\"></i>", time(times.wall), time(times.cpu), share, share);
        add!(&mut self.out, "<td class=n>@", memory(times.peak));
    }

    fn packages(&mut self) {
        let ledger = self.ledger;
        self.out.push_str("<h2>Packages</h2>");
        self.table(&["", "when", ">time", ">processors", "cores", ">memory", ">steps", "output"]);
        let mut begin = 0;
        for unit in &ledger.units {
            let (left, width) = (part(begin, self.wall, 1000), part(wall(unit), self.wall, 1000));
            begin += wall(unit);
            add!(&mut self.out, "<tr><td class=\"t b\">@<td class=l>", label(unit));
            add!(&mut self.out, "<i style=\"margin-left:@.@%;width:@.@%\"></i>", left / 10, left % 10, width / 10, width % 10);
            self.times(&took(unit));
            let (class, words) = verdict(unit);
            add!(&mut self.out, "<td class=n>@<td class=\"b @\">@", unit.steps.len(), class, words);
            for (what, hash) in [("", unit.output), ("recorded ", unit.recorded.filter(|_| class == "bad"))] {
                if let (Some(hash), "package") = (hash, unit.kind) {
                    add!(&mut self.out, "<br>@@", what, plain(hash));
                }
            }
        }
        self.out.push_str("</table></div>");
    }

    fn slowest(&mut self) {
        let ledger = self.ledger;
        let mut all: Vec<(&Unit, &Step)> =
            ledger.units.iter().flat_map(|unit| unit.steps.iter().map(move |step| (unit, step))).collect();
        crate::sort::sort(&mut all, |a, b| a.1.times.wall > b.1.times.wall);
        self.out.push_str("<h2>The slowest steps</h2>");
        self.table(&[">time", ">processors", "cores", ">memory", "where", "step"]);
        for (unit, step) in all.iter().take(SLOWEST) {
            self.out.push_str("<tr>");
            self.times(&step.times);
            add!(&mut self.out, "<td class=b title=\"@\">@ @<td class=x>@", plain(step.place), label(unit), step.number, short(step));
        }
        self.out.push_str("</table></div><p>What rawstrap does itself (unpack, edit, copy, hash) has no times of processors step by step: they are the driver's time above.</p>");
    }

    fn steps(&mut self) {
        let ledger = self.ledger;
        self.out.push_str("<h2>All steps</h2>");
        for unit in &ledger.units {
            add!(&mut self.out, "<details><summary>@: @ steps, @</summary>", label(unit), unit.steps.len(), time(wall(unit)));
            self.table(&[">", ">time", ">processors", "cores", ">memory", "ended", "step"]);
            for step in &unit.steps {
                add!(&mut self.out, "<tr><td class=n title=\"@\">@", plain(step.place), step.number);
                self.times(&step.times);
                let ended = cut(step.rest).0;
                let ended = ended.strip_prefix("status=").unwrap_or(ended);
                add!(&mut self.out, "<td class=@>@<td class=x>@", if step.failed { "bad" } else { "n" }, plain(ended), short(step));
            }
            self.out.push_str("</table></div></details>");
        }
    }

    fn trusted(&mut self) {
        let ledger = self.ledger;
        self.out.push_str("<h2>What was trusted</h2>");
        self.table(&["", "", "SHA-256"]);
        let mut row = |what: &str, name: &str, hash: &str| {
            add!(&mut self.out, "<tr><td class=t>@<td>@<td class=x>@", what, plain(name), plain(hash));
        };
        for (kind, rest) in &ledger.facts {
            let (hash, name) = cut(rest);
            match *kind {
                "kernel" | "host" => row(kind, rest, ""),
                _ => row(kind, name, hash),
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for (hash, name) in ledger.units.iter().flat_map(|unit| &unit.sources) {
            if !seen.contains(name) {
                seen.push(name);
                row("source", name, hash);
            }
        }
        self.out.push_str("</table></div>");
    }
}

fn ledger_ended(ledger: &Ledger) -> bool {
    !ledger.ended.is_empty()
}

/// The step, cut where it becomes long.
fn short(step: &Step) -> String {
    const LONG: usize = 240;
    let text = step.text();
    let mut end = LONG.min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let mut out = plain(&text[..end]);
    out.push_str(if end < text.len() { "…" } else { "" });
    out
}
