//! Lists and what becomes of them.

mod messages;
mod random;

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
        found.ok_or_else(|| Error::new(Status::Host, crate::text!("cannot open @: ENOENT: no such file", path)))
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
        e.message.to_string()
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

#[test]
fn a_step_stands_for_itself() {
    let plan = plan(
        "path /bin\nset A x\nenv B y\nshell /bin/ash\n\
         package p\nmkdir d\ncd d/./e\nrun a *.c ./b > o\ncd /q/\nenv C z\npath /new $PATH\nsh <<'E'\n$x\nE\n\
         package q\nwrite f <<E\n$A $B $OUT \\$x \\\\ \\n\nE\n",
    )
    .unwrap();
    let [p, q] = &plan.units[..] else { panic!() };
    assert_eq!((&*p.name, &*p.out, &*p.build, p.kind), ("p", "/store/p", "/tmp/p", Kind::Package));
    let cwds: Vec<&[u8]> = p.steps.iter().map(|s| &*s.cwd).collect();
    assert_eq!(cwds, [&b"/tmp/p"[..], b"/tmp/p/d/e", b"/q"]);
    assert!(std::ptr::eq(p.steps[0].env, p.steps[1].env));
    let env = |step: &Step| {
        let vars = step.env.vars.iter().map(|v| format!("{}={} ", v.0, String::from_utf8_lossy(&v.1)));
        vars.collect::<String>()
    };
    assert_eq!(env(&p.steps[1]), "B=y PATH=/bin ");
    assert_eq!(env(&p.steps[2]), "B=y C=z PATH=/new:/bin ");
    assert_eq!(p.steps[2].env.path.len(), 2);
    assert_eq!(p.env, p.steps[2].env);
    assert_eq!(env(&q.steps[0]), "B=y PATH=/bin ");
    let lines: Vec<String> = p.steps.iter().chain(&q.steps).map(super::step_line).collect();
    assert_eq!(lines, ["mkdir d", "run a *.c ./b > o", "sh <<END (1 line)", "write f <<END (1 line)"]);
    let Action::Write { file, mode: 0o644, text } = &q.steps[0].action else { panic!() };
    assert_eq!((&**file, &**text), (&b"/tmp/q/f"[..], &b"x y /store/q $x \\ \\n\n"[..]));
    assert_eq!(plan.text(&p.steps[2]), b"sh <<'E'\n$x\nE");
    assert_eq!(super::locate(&plan.lists, p.steps[1].pos), "r/main.steps:8:1");
}

#[test]
fn each_keeps_its_patterns_and_slots() {
    let line = "each src/*.c !src/x.c $GLOB run cc -c {} \"-o {.}.o\" '{}' > $OUT/{/.}.log";
    let Action::Each { patterns, but, command } = action(line) else { panic!() };
    assert_eq!((patterns.len(), but.len()), (2, 1));
    assert_eq!(but[0].plain(), Some(&b"src/x.c"[..]));
    let names = |w: &super::word::Word, name: &str| w.components().last().unwrap().matches(name.as_bytes());
    assert!(names(&patterns[0], "a.c") && !names(&patterns[0], "a.h"));
    let filled: Vec<_> = command.args.iter().map(|w| String::from_utf8(w.fill(b"src/a.c")).unwrap()).collect();
    assert_eq!(filled, ["cc", "-c", "src/a.c", "-o src/a.o", "{}"]);
    assert_eq!(command.output.unwrap().fill(b"src/a.c"), b"/store/p/a.log");
}

#[test]
fn lists_include_lists() {
    let hash = "0".repeat(64);
    let main = format!("seed /seed ../seed/make tcc.tar\ndevice tty null null\ninclude common.steps\ninclude a/p.steps\n\
        set AFTER 1\ninclude a/q.steps\ntest p\nabsent $COMMON in $OUT\n");
    let p = format!("package p\nsource tcc.tar {hash} deb:t/t https://t/t\nset OWN 1\ninclude steps\n");
    let plan = lists(&[
        ("r/main.steps", main.as_bytes()),
        ("r/common.steps", b"set COMMON c\n"),
        ("r/a/p.steps", p.as_bytes()),
        ("r/a/q.steps", b"package q\ninclude ./steps\nrun /store/p/x $AFTER\n"),
        ("r/a/steps", b"mkdir $OUT/$COMMON\n"),
    ])
    .unwrap();
    let units: Vec<_> = plan.units.iter().map(|u| (u.kind, &*u.name, u.steps.len())).collect();
    assert_eq!(units, [(Kind::Package, "p", 1), (Kind::Package, "q", 2), (Kind::Test, "p", 1)]);
    let paths: Vec<_> = plan.lists.iter().map(|l| &*l.path).collect();
    assert_eq!(paths, ["r/main.steps", "r/common.steps", "r/a/p.steps", "r/a/steps", "r/a/q.steps"]);
    assert_eq!(plan.devices, ["null", "tty"]);
    let seed = plan.seed.unwrap();
    let recipe = seed.recipe.unwrap();
    assert_eq!((&*seed.path, &*recipe.script, &*recipe.source.file), (&b"/seed"[..], "seed/make", "tcc.tar"));
    let places = [Place::Deb("t/t".into()), Place::Url("https://t/t".into())];
    assert_eq!(plan.units[0].sources[0].places, places);
}

#[test]
fn a_large_list_is_read() {
    use std::fmt::Write;
    let mut text = String::from("path /bin\nenv A a\nset LAST\n");
    for i in 0..2_000 {
        let before = i.max(1) - 1;
        let hash = "0123456789abcdef".repeat(4);
        write!(text, "package p{i}\nsource s{i}.tar {hash} deb:s/s{i}.tar\nset V{i} $OUT/x\nunpack s{i}.tar strip 1\n").unwrap();
        for n in 0..9 {
            writeln!(text, "run ./configure --prefix=$OUT --with=/store/p{before} -j$NPROC \"$V{i}\" 'number {n}'").unwrap();
        }
    }
    let plan = plan(&text).unwrap();
    assert_eq!(plan.units.iter().map(|u| u.steps.len()).sum::<usize>(), 20_000);
}
