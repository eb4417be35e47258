//! Lists of random pieces: nothing makes the parser panic, and what it makes of a step can be
//! written and read again.

use super::plan;
use crate::list::plan::Plan;
use crate::list::{step, step_line};

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545f4914f6cdd1d) >> 33) as usize % n
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const HEAD: &str = "path /bin /usr/bin\nshell /bin/ash\nset A a 'b c'\nset G *.c\nset N\nenv E e\npackage q\npackage p\n\
    source s.tar 0000000000000000000000000000000000000000000000000000000000000000 deb:s/s.tar\n\
    source 's t' 1111111111111111111111111111111111111111111111111111111111111111 https://x/y\n";

const VERBS: [&str; 27] = [
    "absent", "append", "cd", "chmod", "copy", "device", "each", "edit", "env", "expect", "include", "link", "mkdir",
    "move", "package", "path", "remove", "run", "same", "seed", "set", "sh", "shell", "source", "test", "unpack", "write",
];

const WORDS: [&str; 60] = [
    "a", "b.c", "/x/y", "$A", "\"$A\"", "$G", "$N", "$OUT/z", "$BUILD", "'q u o'", "\"d $E\"", "*.c", "?x", "[a-c]*",
    "[!x]y", "->", "in", "into", "strip", "times", "mode", "run", "{}", "{.}.o", "$OUT/{/.}", "{/}", "!a*", "!", "1", "3",
    "755", "0", "256", "< f", "> g", ">> h", "\\\n", "''", "\"\"", "it\\'s", "'a\nb'", "\\$", "a=b", "-L/store/q/lib",
    "/downloads/s.tar", "s.tar", "'s t'", "./d/", "d/", "/", ".", "..", "a//b/./c/", "\u{e4}", "'->'", "'in'", "\"run\"",
    "#c", "$X", "END_",
];

const TEXTS: [&str; 7] = ["", "a\n", "$OUT \\$x\n", "END_\nx\n", "'\n\"\n", "#\n\n", "a\\\\b\\\n"];

fn line(random: &mut Random) -> String {
    let verb = random.pick(&VERBS);
    let mut out = String::from(verb);
    let count = random.below(7);
    for i in 0..count {
        out.push(' ');
        // Enough of the right words for enough good lines.
        out.push_str(match (verb, i, random.below(3)) {
            ("each", 1, 0) => "run",
            ("edit", 2, 0 | 1) => "->",
            ("absent", 1, 0) => "in",
            ("chmod", 0, 0 | 1) => "755",
            ("expect", 0, 0 | 1) => "3",
            ("unpack", 0, 0 | 1) => "s.tar",
            _ => random.pick(&WORDS),
        });
    }
    if matches!(verb, "sh" | "write" | "append") || verb == "same" && random.below(2) == 0 {
        out.push_str(random.pick(&[" <<END\n", " <<'END'\n"]));
        out.push_str(random.pick(&TEXTS));
        out.push_str("END");
    }
    out.push('\n');
    out
}

fn only(text: &str) -> Option<Plan> {
    let plan = plan(text).ok()?;
    (plan.units.len() == 2 && plan.units[1].steps.len() == 1).then_some(plan)
}

#[test]
fn steps_can_be_written_and_read_again() {
    let mut random = Random(0x9e3779b97f4a7c15);
    let (mut good, mut seen) = (0, std::collections::BTreeSet::new());
    for _ in 0..20_000 {
        let text = line(&mut random);
        let Some(first) = only(&[HEAD, &text].concat()) else { continue };
        let one = &first.units[1].steps[0];
        let written = String::from_utf8(step(one)).unwrap();
        let Some(second) = only(&[HEAD, &written, "\n"].concat()) else {
            panic!("{text}became\n{written}\n{}", plan([HEAD, &written].concat()).unwrap_err())
        };
        assert_eq!(one.action, second.units[1].steps[0].action, "{text}became\n{written}");
        assert_eq!(second.text(&second.units[1].steps[0]), written.as_bytes());
        assert!(!step_line(one).contains('\n'));
        good += 1;
        seen.insert(text.split(' ').next().unwrap().trim_end().to_string());
    }
    assert!(good > 1_500 && seen.len() == 16, "{good} {seen:?}");
}

#[test]
fn nothing_makes_it_panic() {
    let mut random = Random(88172645463325252);
    for _ in 0..20_000 {
        let mut text = Vec::from(HEAD);
        for _ in 0..random.below(8) {
            text.extend_from_slice(line(&mut random).as_bytes());
        }
        // Damage: bytes changed, pieces cut out, moved, or the end lost.
        for _ in 0..random.below(4) {
            let (at, other) = (random.below(text.len()), random.below(text.len()));
            match random.below(4) {
                0 => text[at] = random.below(256) as u8,
                1 => text[at] = b"\n\\\"'$<>{}[]!*#` \t\0\r"[random.below(19)],
                2 => drop(text.drain(at.min(other)..at.max(other).min(at.min(other) + 9))),
                _ => text.truncate(at + 1),
            }
        }
        if let Ok(plan) = plan(&text) {
            plan.units.iter().flat_map(|u| &u.steps).for_each(|s| drop((step(s), step_line(s))));
        }
    }
}
