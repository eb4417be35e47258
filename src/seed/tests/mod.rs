//! Seeds that are supplied, and scripts that make one.

use super::*;
use crate::list::plan::{Pos, Source};

const ADVICE: &str = "; a seed is a static x86-64 TinyCC: leave out --seed, and one is made";

fn scratch(name: &str) -> String {
    let dir = format!("{}/rawstrap-seed-{name}-{}", std::env::temp_dir().display(), std::process::id());
    file::remove(&dir).unwrap();
    file::make_dirs(&dir).unwrap();
    dir
}

#[test]
fn a_supplied_seed_is_checked() {
    let dir = scratch("check");
    let path = format!("{dir}/seed");
    let look = |what: &str| {
        let error = check(&path).unwrap_err();
        assert_eq!(error.status, Status::Source);
        assert_eq!(error.message, format!("cannot use {path} as the seed: {what}{ADVICE}"));
    };
    look("no such file or directory (ENOENT)");
    file::make_dirs(&path).unwrap();
    look("it is not a regular file");
    file::remove(&path).unwrap();
    file::replace(&path, b"#!/bin/sh\n", 0o755).unwrap();
    look("it is a script, not an ELF program");
    let program = elf::tests::program(&[(1, b"code")]);
    file::replace(&path, &program, 0o644).unwrap();
    look(&format!("it is not executable: chmod +x {path}"));
    file::replace(&path, &program, 0o755).unwrap();
    assert_eq!(check(&path), Ok(crate::hash::sha256::sha256(&program)));
    let shell = check("/bin/sh").unwrap_err().message;
    assert!(shell.contains("it is linked dynamically: it wants the interpreter /lib"), "{shell}");
    file::remove(&dir).unwrap();
}

/// Runs a script as the maker of a seed; gives the message and what is left in the directory.
fn make_with(script: &str) -> (Result<()>, Vec<String>) {
    let dir = scratch(&format!("make{}", script.len()));
    let path = format!("{dir}/make-seed");
    file::replace(&path, script.as_bytes(), 0o644).unwrap();
    let tar = std::process::Command::new("tar")
        .args(["-C", &dir, "--transform", "s,^,tcc-1/,", "-cf", &format!("{dir}/tcc.tar"), "make-seed"])
        .status();
    assert!(tar.unwrap().success());
    let source = Source { pos: Pos::default(), file: "tcc.tar".into(), sha256: [0; 32], places: &[] };
    let recipe = SeedRecipe { script: path.leak(), source };
    let output = format!("{dir}/out/seed");
    let made = make(&recipe, &dir, &output, &[b"PATH=/usr/bin:/bin"]);
    let out = fs::open_dir(fs::CWD, &format!("{dir}/out")).unwrap();
    let left = fs::read_dir(&out).unwrap().iter().map(|entry| show(&entry.name).to_string()).collect();
    file::remove(&dir).unwrap();
    let made = made.map_err(|error| Error::new(error.status, error.message.replace(&dir, "DIR").leak()));
    (made, left)
}

#[test]
fn a_script_makes_a_seed() {
    let bytes: String = elf::tests::program(&[(1, b"code")]).iter().map(|byte| format!("\\{byte:03o}")).collect();
    let script = format!("test -f \"$1/make-seed\" && printf '{bytes}' >\"$2\" && chmod 755 \"$2\"");
    assert_eq!(make_with(&script), (Ok(()), vec!["seed".into(), "seed.log".into()]));
    let advice = "it needs a C compiler and a static C library (Debian: apt install gcc libc6-dev; \
                  CC names another one); or --seed FILE supplies a seed";
    for (script, want) in [
        ("echo one; no-such-cc", format!("it ended with status 127\nthe end of DIR/out/seed.log:\n    one\n    DIR/make-seed: 1: no-such-cc: not found")),
        ("kill -9 $$", "it was killed by SIGKILL".into()),
        ("exit 0", "what it has made is no seed: no such file or directory (ENOENT)".into()),
        ("echo x >$2", "what it has made is no seed: it is not an ELF program".into()),
    ] {
        let (made, left) = make_with(script);
        let error = made.unwrap_err();
        assert_eq!(error.status, Status::Source);
        assert_eq!(error.message, format!("cannot make the seed with DIR/make-seed: {want}\n{advice}"));
        assert_eq!(left, ["seed.log"]);
    }
    let (made, _) = make_with("seq 30; exit 3");
    let message = made.unwrap_err().message;
    assert!(message.contains("log:\n    21\n    22\n") && message.contains("\n    30\nit needs"), "{message}");
}
