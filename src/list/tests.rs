//! Lists and what becomes of them.

use super::plan::*;
use super::{Loader, parse};
use crate::error::{Error, Status};
use std::collections::BTreeMap;

/// Lists in memory.
#[derive(Default)]
pub struct Lists(pub BTreeMap<String, Vec<u8>>);

impl Loader for Lists {
    fn load(&mut self, path: &str) -> Result<Vec<u8>, Error> {
        let found = self.0.get(path).cloned();
        found.ok_or_else(|| Error::new(Status::Host, format!("cannot open {path}: ENOENT: no such file")))
    }
}

/// The plan of one list, `r/main.steps`.
pub fn plan(text: impl AsRef<[u8]>) -> Result<Plan, String> {
    lists(&[("r/main.steps", text.as_ref())])
}

/// The plan of several lists; the first is the one asked for.
pub fn lists(all: &[(&str, &[u8])]) -> Result<Plan, String> {
    let mut lists = Lists(all.iter().map(|l| (l.0.to_string(), l.1.to_vec())).collect());
    parse(&mut lists, all[0].0, 4).map_err(|e| {
        assert!(e.status == Status::List || all.is_empty());
        e.message
    })
}

/// The action of one step in a package with a path, a shell and a source.
fn action(line: &str) -> Action {
    let text = format!(
        "path /bin\nshell /bin/ash\npackage p\nsource s.tar {} deb:s/s.tar\nset TWO a 'b c'\nset GLOB *.c\nset NONE\n{line}\n",
        "0".repeat(64)
    );
    let mut plan = plan(text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(plan.units[0].steps.len(), 1, "{line}");
    plan.units[0].steps.remove(0).action
}

/// The arguments of a `run` step as they were written.
fn args(line: &str) -> Vec<String> {
    let Action::Run { command, .. } = action(line) else { panic!("{line}") };
    command.args.iter().map(|w| String::from_utf8(w.fill(b"")).unwrap()).collect()
}

#[test]
fn words_are_those_of_sh() {
    for (line, want) in [
        ("run a b\t c  # d e", &["a", "b", "c"][..]),
        ("run a#b '#' \\# \"#\"", &["a#b", "#", "#", "#"]),
        ("run 'a b' \"c d\" e\\ f g'h'\"i\"", &["a b", "c d", "e f", "ghi"]),
        ("run a '' \"\"", &["a", "", ""]),
        ("run a \\\n  b\\\nc \"d\\\ne\"", &["a", "bc", "de"]),
        ("run a 'b\nc' \"d\ne\"", &["a", "b\nc", "d\ne"]),
        ("run a '\\$x' \"\\$x \\\\ \\\" \\n \\`\" \\$x", &["a", "\\$x", "$x \\ \" \\n `", "$x"]),
        ("run a $TWO \"$TWO\" -$TWO ${TWO}x $NONE x$NONE \"$NONE\"", &["a", "a", "b c", "a b c", "-a b c", "a b cx", "x", ""]),
        ("run a $TWO\\\n   b", &["a", "a", "b c", "b"]),
        ("run a $NPROC $OUT $BUILD $PATH", &["a", "4", "/store/p", "/tmp/p", "/bin"]),
        ("run a $ \"$\" a$/ \"^x$\"", &["a", "$", "$", "a$/", "^x$"]),
        ("run [ -f x ] ! {} {.} a{b,c}", &["[", "-f", "x", "]", "!", "{}", "{.}", "a{b,c}"]),
        ("run a '->' in into", &["a", "->", "in", "into"]),
        ("run a \u{e4} '\u{f6}'", &["a", "\u{e4}", "\u{f6}"]),
    ] {
        assert_eq!(args(line), want, "{line}");
    }
}
