//! What the user sees: a live line and colours on a terminal, plain lines elsewhere.

mod common;

use common::{Ran, User, World, ran};

const LIST: &str = "write $OUT/f <<END\nx\nEND\nrun sleep 0.3\nrun sh -c 'echo from the step'\nrun sleep 0.3";

/// Runs the test's list on a terminal of 100 columns, of script(1); all that it shows.
fn on_terminal(world: &World, before: &str, options: &str) -> Ran {
    let command = format!("stty cols 100; {before} ./rawstrap run --list recipes/main.steps {options}");
    ran(world.command("/usr/bin/script").args(["-qec", &command, "/dev/null"]).env("TERM", "xterm"))
}

#[test]
fn a_terminal_gets_a_live_line_and_few_colours() {
    need!("script", "stty");
    let world = World::new(User::Caller);
    if !world.list(LIST) {
        return;
    }
    let first = on_terminal(&world, "", "--record").ok().out;
    assert!(first.contains("\r\x1b[Kp 26/28 0.") && first.contains(" s  run sleep 0.3"), "{first:?}");
    assert!(!first.contains("to go") && !first.contains("\nfrom the step"), "nothing is known of it yet: {first:?}");
    // The second run knows how long the first one took.
    let second = on_terminal(&world, "", "").ok().out;
    assert!(second.contains("\r\x1b[Kp 26/28 0.") && second.contains(" s, about 0.") && second.contains(" s to go  run sleep"), "{second:?}");
    assert!(second.contains("\x1b[32mas recorded\x1b[m"), "{second:?}");
    assert!(second.split('\r').all(|line| line.trim_end().chars().count() <= 100 + 3 + 80), "{second:?}");
    assert!(world.has("build/ledger.previous"));
    // One that fails is nothing to go by.
    assert!(world.list("run false"));
    let failed = on_terminal(&world, "", "");
    assert_eq!(failed.status, 6);
    assert!(failed.out.contains("\x1b[31mrawstrap:\x1b[m recipes/main.steps:"), "{:?}", failed.out);
    assert!(world.list(LIST));
    assert!(on_terminal(&world, "", "").ok().out.contains("to go"));
    for plain in ["NO_COLOR=1", "TERM=dumb"] {
        let out = on_terminal(&world, plain, "").ok().out;
        assert!(!out.contains("\x1b[3") && out.contains("as recorded"), "{plain}: {out:?}");
    }
    assert!(on_terminal(&world, "NO_COLOR=", "").ok().out.contains("\x1b[32m"), "empty: not set");
    assert_eq!(on_terminal(&world, "", "--quiet").ok().out, "");
    let verbose = on_terminal(&world, "", "--verbose").ok().out;
    assert!(verbose.contains("\nfrom the step\r\n") && !verbose.contains("\x1b[K"), "the steps' own lines are not drawn over: {verbose:?}");
    // What does not fit is left out, and does not wrap.
    let narrow = on_terminal(&world, "stty cols 30;", "").ok().out;
    let live: Vec<&str> = narrow.split("\r\x1b[K").filter(|part| part.starts_with("p ")).map(|part| part.split('\r').next().unwrap()).collect();
    assert!(!live.is_empty() && live.iter().all(|line| line.chars().count() < 30), "{live:?}");
}

#[test]
fn elsewhere_lines_are_plain() {
    let world = World::new(User::Caller);
    if !world.list(LIST) {
        return;
    }
    let said = world.run(&[]).ok();
    assert!(said.out.is_empty() && !said.err.contains(['\x1b', '\r']), "{:?}", said.err);
    assert!(said.err.contains("\np: 28 steps\np: sha256-") && said.err.contains("\ndone in "), "{}", said.err);
    assert!(!said.err.contains("from the step"));
    let quiet = world.run(&["--quiet"]).ok();
    assert_eq!((&*quiet.out, &*quiet.err), ("", ""));
    let verbose = world.run(&["--verbose"]).ok().err;
    assert!(verbose.contains(":35:1] run sh -c 'echo from the step'\nfrom the step\n"), "{verbose}");
    assert!(!verbose.contains(['\x1b', '\r']));
}
