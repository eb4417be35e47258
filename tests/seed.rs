//! The seed, driven from outside: one that is supplied, and one that is made.

mod common;

use rawstrap::hash::{hex, sha256::sha256};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A directory with a list whose seed this script makes, from a source that is there.
fn bench(name: &str, script: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("rawstrap-test-seed-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("downloads")).unwrap();
    fs::write(dir.join("make-seed"), script).unwrap();
    let tar = Command::new("tar").args(["-cf", "downloads/tcc.tar", "make-seed"]).current_dir(&dir).status().unwrap();
    assert!(tar.success());
    let hash = hex::encode(&sha256(&fs::read(dir.join("downloads/tcc.tar")).unwrap()));
    let list = format!(
        "source tcc.tar {hash} http://example.org/tcc.tar\nseed /seed/tcc make-seed tcc.tar\n\
         path /seed\npackage p\nrun tcc -v\nmkdir $OUT\n"
    );
    fs::write(dir.join("list"), list).unwrap();
    dir
}

fn start(dir: &Path, words: &[&str]) -> Child {
    let mut command = Command::new(common::binary());
    command.args(["build", "--offline", "--list", "list"]).args(words).current_dir(dir);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn build(dir: &Path, words: &[&str]) -> Output {
    start(dir, words).wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_supplied_seed_is_checked_before_anything() {
    let dir = bench("supplied", "exit 1");
    fs::write(dir.join("script"), "#!/bin/sh\n").unwrap();
    for (seed, want) in [
        ("nowhere", "no such file or directory (ENOENT)"),
        ("downloads", "it is not a regular file"),
        ("script", "it is a script, not an ELF program"),
        ("/bin/sh", "it is linked dynamically: it wants the interpreter /lib"),
    ] {
        let output = build(&dir, &["--seed", seed]);
        assert_eq!(output.status.code(), Some(4));
        let want = format!("rawstrap: cannot use {seed} as the seed: {want}");
        assert!(said(&output).starts_with(&want), "{}", said(&output));
        assert!(!dir.join("build").exists());
    }
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_seed_that_cannot_be_made_is_explained() {
    let dir = bench("fails", "echo looking for a compiler; exit 3");
    let output = build(&dir, &[]);
    assert_eq!(output.status.code(), Some(4));
    assert!(said(&output).contains("make-seed: it ended with status 3\n"), "{}", said(&output));
    assert!(said(&output).contains("\n    looking for a compiler\nit needs a C compiler"));
    assert!(said(&output).contains("--seed FILE supplies a seed\n"));
    assert!(!dir.join("build/seed").exists() && !dir.join("build/seed.work").exists());
    fs::remove_dir_all(dir).unwrap();
}

/// Nothing of the script goes on, and it may clean up behind itself.
#[test]
fn making_it_can_be_interrupted() {
    let script = "trap 'echo bye; exit 1' TERM; echo $$; while :; do sleep 0.1; done";
    for (signal, code) in [("-TERM", Some(8)), ("-INT", Some(8)), ("-KILL", None)] {
        let dir = bench(&format!("interrupted{signal}"), script);
        let child = start(&dir, &[]);
        let log = || fs::read_to_string(dir.join("build/seed.log")).unwrap_or_default();
        while !log().contains('\n') {
            std::thread::sleep(Duration::from_millis(10));
        }
        let pid = log().trim().to_string();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code);
        if code.is_some() {
            let want = format!("interrupted by SIG{} while the seed was made\n", &signal[1..]);
            assert!(said(&output).ends_with(&want), "{}", said(&output));
            assert!(!dir.join("build/seed.work").exists());
        }
        for _ in 0..500 {
            if !Path::new("/proc").join(&pid).exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!Path::new("/proc").join(&pid).exists());
        assert!(log().ends_with("bye\n"));
        fs::remove_dir_all(dir).unwrap();
    }
}

/// With the host's compiler, and with the room if the host allows one.
#[test]
fn a_seed_is_made_and_named_by_its_hash() {
    let script = "printf 'int main(void) { return 0; }' >\"$2.c\" && cc -static -o \"$2\" \"$2.c\" && rm \"$2.c\"";
    let dir = bench("made", script);
    let output = build(&dir, &[]);
    let seed = dir.join("build/seed");
    if !seed.exists() {
        return common::skip(&format!("this host's cc makes no static program\n{}", said(&output)));
    }
    assert_eq!(fs::metadata(&seed).unwrap().permissions().mode() & 0o111, 0o111);
    let hash = hex::encode(&sha256(&fs::read(&seed).unwrap()));
    assert!(said(&output).contains(&format!("seed: {hash} ")), "{}", said(&output));
    // the same, supplied
    fs::copy(&seed, dir.join("mine")).unwrap();
    assert!(said(&build(&dir, &["--seed", "mine"])).contains(&format!("seed: {hash} mine\n")));
    fs::remove_dir_all(dir).unwrap();
}
