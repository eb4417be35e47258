//! The binary as a file, and its command line: what it is made of, help, suggestions, statuses.

mod common;

use common::elf::{self, Elf};
use common::{User, World, binary, host, ran, source_tree};
use std::path::Path;
use std::process::Command;

/// How large the binary may be: what it is, with little room, so that it does not grow unnoticed. The
/// aim is 128 KB.
const MOST_BYTES: usize = 290_000;

#[test]
fn it_is_static() {
    let elf = Elf::read(&binary());
    assert_eq!((elf.kind, elf.machine), (2, 62), "an executable at fixed addresses, for x86-64");
    for header in &elf.headers {
        assert!(![elf::PT_INTERP, elf::PT_DYNAMIC].contains(&header.kind), "it has a header of type {}", header.kind);
        let both = elf::PF_W | elf::PF_X;
        assert!(header.flags & both != both, "a segment is writable and executable");
    }
    assert!(elf.headers.iter().any(|h| h.kind == elf::PT_GNU_STACK), "nothing says that the stack is not executable");
}

#[test]
fn it_is_small() {
    let size = Elf::read(&binary()).size;
    assert!(size <= MOST_BYTES, "{size} bytes are more than {MOST_BYTES}");
}

#[test]
fn the_lock_file_has_two_crates() {
    let lock = std::fs::read_to_string(source_tree().join("Cargo.lock")).unwrap();
    let names: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    assert_eq!(names, ["\"libc\"", "\"rawstrap\"", "\"sc\""]);
}

#[test]
fn two_builds_are_the_same_bytes() {
    let world = World::new(User::Caller);
    let build = |name: &str, target: &str| {
        let tree = world.path(name);
        std::fs::create_dir_all(&tree).unwrap();
        for part in ["Cargo.toml", "Cargo.lock", "src"] {
            host("cp", &[&"-r", &source_tree().join(part), &tree]);
        }
        let target = world.path(target);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--release", "--offline", "--locked"]).current_dir(&tree).env("CARGO_TARGET_DIR", &target);
        for inherited in ["CARGO_MANIFEST_DIR", "CARGO_PKG_VERSION", "CARGO_PKG_NAME"] {
            cargo.env_remove(inherited);
        }
        ran(&mut cargo).ok();
        std::fs::read(target.join("release/rawstrap")).unwrap()
    };
    let first = build("a", "a-target");
    let second = build("some/where/deeper/with a blank", "some/target");
    assert!(first == second, "built in another directory, the binary has other bytes");
    if std::env::var_os("RAWSTRAP").is_none() {
        let tested = std::fs::read(binary()).unwrap();
        assert!(first == tested, "{} is not what the sources give: build it again", binary().display());
    }
}

#[track_caller]
fn rawstrap(args: &[&str]) -> common::Ran {
    ran(Command::new(binary()).args(args).current_dir("/"))
}

#[track_caller]
fn fits_a_screen(what: &str, text: &str) {
    assert!(text.lines().count() <= 24, "{what}: {} lines", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{what}: a line of {} columns:\n{line}", line.chars().count());
    }
}

#[test]
fn help_fits_a_screen() {
    let overview = rawstrap(&["--help"]).ok().out;
    fits_a_screen("help", &overview);
    assert_eq!(overview, rawstrap(&["help"]).ok().out);
    assert_eq!(overview, rawstrap(&["-h"]).ok().out);
    let commands: Vec<&str> =
        overview.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
    let wanted = ["build", "fetch", "check", "steps", "run", "verify", "hash", "unpack", "shell", "help", "version"];
    assert!(wanted.iter().all(|name| commands.contains(name)), "{commands:?}");
    for command in commands {
        let text = rawstrap(&[command, "--help"]).ok().out;
        assert!(text.starts_with(&format!("rawstrap {command}: ")), "{text}");
        assert!(text.contains(&format!("\nusage: rawstrap {command}")), "{text}");
        fits_a_screen(command, &text);
        assert_eq!(text, rawstrap(&["help", command]).ok().out);
    }
    let status_of = |text: &str| (0..=8).all(|n| text.contains(&format!("{n} ")));
    assert!(status_of(overview.split("exit status").nth(1).unwrap()), "{overview}");
}

#[test]
fn what_is_unknown_gets_a_suggestion() {
    rawstrap(&["chekc"]).fails(2, "unknown command 'chekc'; did you mean 'check'?\nsee: rawstrap help\n");
    rawstrap(&["help", "unpak"]).fails(2, "unknown command 'unpak'; did you mean 'unpack'?");
    let wrong = rawstrap(&["xyzzy"]).fails(2, "unknown command 'xyzzy'\n").err;
    assert!(!wrong.contains("did you mean"), "{wrong}");
    rawstrap(&["run", "--resme"]).fails(2, "unknown option '--resme' of run; did you mean 'resume'?");
    rawstrap(&["--utnil", "x"]).fails(2, "unknown option '--utnil' of build; did you mean 'until'?");
}

#[test]
fn a_wrong_command_line_is_status_2() {
    for (args, message) in [
        (&["run", "-x"][..], "unknown option '-x' of run\nsee: rawstrap run --help"),
        (&["run", "word"], "unexpected 'word'"),
        (&["run", "--list"], "the option --list wants a value: --list FILE"),
        (&["run", "--resume=yes"], "the option --resume takes no value"),
        (&["steps", "-j", "0"], "--jobs is '0', expected a number from 1 to 4096"),
        (&["steps", "-jx"], "--jobs is 'x', expected a number"),
        (&["hash"], "hash wants a path"),
        (&["unpack", "a"], "unpack wants an archive and a directory"),
        (&["unpack", "a", "b", "c"], "unexpected 'c'"),
        (&["unpack", "--strip", "x", "a", "b"], "--strip is 'x', expected a number"),
    ] {
        rawstrap(args).fails(2, message);
    }
    let nproc = ran(Command::new(binary()).arg("steps").env("NPROC", "many").current_dir(source_tree()));
    nproc.fails(2, "NPROC in the environment is 'many', expected a number");
}

#[test]
fn version_is_the_one_of_the_crate() {
    let want = format!("rawstrap {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(rawstrap(&["version"]).ok().out, want);
    assert_eq!(rawstrap(&["--version"]).ok().out, want);
}

/// Status 4 is in steps.rs, 5 in forbidden.rs, 8 in ends.rs.
#[test]
fn each_failure_has_its_status() {
    let world = World::new(User::Caller);
    if !world.list("run true") {
        return;
    }
    world.run(&["--until", "q"]).fails(2, "the list has no package 'q'");
    world.rawstrap(&["run", "--list", "recipes/none.steps"]).fails(3, "recipes/none.steps");
    world.write("recipes/bad.steps", "package p\nuntar x\n");
    world.rawstrap(&["run", "--list", "recipes/bad.steps"]).fails(3, "recipes/bad.steps:2:1: unknown verb 'untar'");
    assert!(!world.has("build"), "a wrong list must not begin anything");
    world.write("file", "");
    world.run(&["--dir", "file"]).fails(1, "make the directory file");
    world.run(&["--dir", "file/x"]).fails(1, "make the directory file/x");
    world.run(&["--quiet"]).ok();
    world.write("recipes/outputs", "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= p\n");
    world.run(&[]).fails(7, "the output of p is not what was recorded");
    assert!(world.list("run false"));
    world.run(&[]).fails(6, "exit status 1: false");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let out = Command::new(binary()).arg("version").stdout(full).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("cannot write the output"));
}

#[test]
fn closed_descriptors_are_no_danger() {
    let world = World::new(User::Caller);
    if !world.list("write $OUT/f <<END\ntext\nEND") {
        return;
    }
    let binary = world.path("rawstrap");
    let script = "exec \"$0\" run --list recipes/main.steps <&- >&- 2>&-";
    let out = world.command("/bin/sh").args(["-c", script]).arg(binary).output().unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(world.read("build/stage/store/p/f"), "text\n");
    assert!(Path::new(&world.path("build/ledger")).is_file());
}
