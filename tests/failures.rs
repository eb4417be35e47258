//! Steps that fail: the message with the line and a caret, the end of the log, and what follows.

mod common;

use common::{User, World, each_user};

#[test]
fn the_message_shows_the_step_and_the_end_of_the_log() {
    each_user(|world| {
        if !world.list("write $OUT/f <<END\nEND\n  run sh -c 'for i in $(busybox seq 1 50); do echo line $i; done; exit 4'\nmkdir never") {
            return;
        }
        let line = world.line_of("  run sh -c 'for i in $(busybox seq 1 50); do echo line $i; done; exit 4'");
        let ran = world.run(&[]);
        assert_eq!(ran.status, 6);
        let shown = format!(
            "rawstrap: recipes/main.steps:{line}:3: exit status 4: sh -c for i in $(busybox seq 1 50); do echo line $i; done; \
             exit 4\n      run sh -c 'for i in $(busybox seq 1 50); do echo line $i; done; exit 4'\n      ^\n\
             the end of {}/build/logs/p.log:\n",
            world.dir.display()
        );
        assert!(ran.err.contains(&shown), "{}", ran.err);
        assert!(ran.err.contains("    line 50\n") && !ran.err.contains("line 20\n"), "{}", ran.err);
        assert!(ran.err.contains("rawstrap shell --dir") && ran.err.contains("--resume"), "{}", ran.err);
        assert!(!world.has("build/stage/tmp/p/never"), "no step runs after one that failed");
        let log = world.read("build/logs/p.log");
        assert!(
            log.contains("line 1\nline 2\n") && log.contains(&format!("[recipes/main.steps:{line}:3] run sh -c")),
            "{log}"
        );
        let ledger = world.read("build/ledger");
        assert!(ledger.contains(&format!(" recipes/main.steps:{line}:3 status=4 commands=1 strays=0 ")), "{ledger}");
        assert!(ledger.lines().any(|l| l.starts_with("failed ")) && ledger.lines().any(|l| l.starts_with("error ")));
        assert!(!ledger.contains("output "), "{ledger}");
    });
}

/// The log is read now and then, not at every word: short steps by the hundred, one that prints more
/// than a pipe holds, and one that fails at once must leave it whole and in order all the same.
#[test]
fn the_log_is_whole_and_in_order() {
    each_user(|world| {
        let mut steps = String::from("mkdir $OUT\n");
        (0..300).for_each(|n| steps.push_str(&format!("run echo word{n}\n")));
        steps.push_str("run busybox seq 1 300000\nrun echo last\nrun false\n");
        if !world.list(&steps) {
            return;
        }
        let first = world.line_of("run echo word0");
        let ran = world.run(&["--verbose"]).fails(6, &format!(".steps:{}:1: exit status 1: false", first + 302));
        let mut want = String::new();
        (0..300).for_each(|n| want.push_str(&format!("\n[recipes/main.steps:{}:1] run echo word{n}\nword{n}\n", first + n)));
        want.push_str(&format!("\n[recipes/main.steps:{}:1] run busybox seq 1 300000\n", first + 300));
        (1..=300000).for_each(|n| want.push_str(&format!("{n}\n")));
        want.push_str(&format!("\n[recipes/main.steps:{}:1] run echo last\nlast\n", first + 301));
        want.push_str(&format!("\n[recipes/main.steps:{}:1] run false\n", first + 302));
        assert!(world.read("build/logs/p.log").ends_with(&format!("{want}[failed: exit status 1: false]\n")));
        assert!(ran.err.contains(&want), "--verbose passes on the same");
    });
}

/// Each verb's way to fail: what stands before, the step that fails, and the message.
const WAYS: &[(&str, &str, &str)] = &[
    ("", "run false", "exit status 1: false"),
    ("", "run nowhere", "cannot find the command 'nowhere' in /bin"),
    ("", "run ./nowhere", "cannot execute './nowhere': "),
    ("write f <<END\nEND", "run ./f", "cannot execute './f': permission denied (EACCES)"),
    ("write f mode 755 <<END\n#!/no/sh\nEND", "run ./f", "cannot execute './f': "),
    ("write f mode 755 <<END\nplain\nEND", "run ./f", "cannot execute './f': not an executable format (ENOEXEC)"),
    ("", "run sh -c 'kill -SEGV $$'", "killed by SIGSEGV: sh -c"),
    ("", "run cat < none", "cannot read the input /tmp/p/none: no such file or directory (ENOENT)"),
    ("", "run cat > none/x", "cannot write the output /tmp/p/none/x: no such file or directory (ENOENT)"),
    ("", "run echo none*", "no file matches none*"),
    ("", "expect 2 false", "exit status 1, expected 2: false"),
    ("", "expect 1 true", "exit status 0, expected 1: true"),
    ("", "expect 139 sh -c 'kill -SEGV $$'", "killed by SIGSEGV, expected 139: "),
    ("cd none", "run true", "cannot start 'true' in /tmp/p/none: no such file or directory (ENOENT)"),
    ("", "each none* run echo {}", "no file matches none*"),
    ("write a <<END\nEND\ncopy a b", "each [ab] run sh -c 'test $0 = a' {}", "exit status 1: sh -c test $0 = a b"),
    ("write a <<END\nEND", "each a !b run echo {}", "b is to be left out, but is not among the files"),
    ("write f <<END\nx\nEND", "edit f y -> z", "no match in /tmp/p/f for: y"),
    ("write f <<END\nxx\nEND", "edit f x -> z times 3", "2 matches in /tmp/p/f, expected 3, for: x"),
    ("", "edit f x -> z", "cannot open /tmp/p/f: no such file or directory (ENOENT)"),
    ("mkdir f", "write f/x/../y <<END\nEND", "'..' in a path is refused"),
    ("write f <<END\nEND", "write f/x <<END\nEND", "/tmp/p/f"),
    ("mkdir f", "write f <<END\nEND", "/tmp/p/f"),
    ("", "append f <<END\nEND", "cannot append to /tmp/p/f: no such file or directory (ENOENT)"),
    ("", "copy a b", "cannot examine /tmp/p/a: no such file or directory (ENOENT)"),
    ("mkdir d", "copy d d/e", "cannot copy /tmp/p/d into itself"),
    ("write a1 <<END\nEND\ncopy a1 a2", "copy a? b", "2 files for the one name /tmp/p/b; end it with /"),
    ("", "move a b", "cannot move"),
    ("mkdir f", "link x f", "cannot make the symbolic link /tmp/p/f: file exists (EEXIST)"),
    ("write f <<END\nEND", "mkdir f", "cannot make the directory /tmp/p/f: file exists (EEXIST)"),
    ("", "remove f", "cannot remove /tmp/p/f: there is nothing"),
    ("", "chmod 644 f", "cannot set the mode of /tmp/p/f: no such file or directory (ENOENT)"),
    (
        "write a <<END\nx\ny\nEND\nwrite b <<END\nx\nz\nEND",
        "same a b",
        "/tmp/p/b is not the same as the first file: differs at byte 2 (line 2); 4 and 4 bytes",
    ),
    ("write a <<END\nx\nEND", "same a <<END\nxx\nEND", "/tmp/p/a is not the same as the text: differs at byte 1"),
    ("write d/f <<END\nsome text\nEND", "absent 'e t' in d", "/tmp/p/d/f holds 'e t' at byte 3"),
    ("write d/abcd <<END\nEND", "absent bc in d", "the name /tmp/p/d/abcd holds 'bc'"),
    ("mkdir d\nlink some/where d/l", "absent /wh in d", "/tmp/p/d/l holds '/wh' at byte 4"),
    ("", "sh <<END\nfalse\necho on\nEND", "exit status 1: /bin/sh -euc false↵echo on↵\n"),
    ("", "sh <<END\necho \\$UNSET\nEND", "exit status "),
    ("", "run sh -c 'echo x > /recipes/f'", "exit status 1: sh"),
    ("", "write /recipes/f <<END\nEND", "read-only file system (EROFS)"),
    ("set D /downloads", "write $D/f <<END\nEND", "no line 'source' of this package declares 'f'"),
    ("set D /downloads", "mkdir $D/d", "no line 'source' of this package declares 'd'"),
    ("", "run sh -c 'cd /down*; echo x > f'", "exit status 1: sh"),
];

#[test]
fn each_way_to_fail_has_its_message() {
    let world = World::new(User::Caller);
    let mut wrong = String::new();
    for (before, step, message) in WAYS {
        if !world.list(&format!("{before}\n{step}")) {
            return;
        }
        let ran = world.run(&["--quiet"]);
        let refused = ["'..'", "no line 'source'"].iter().any(|start| message.starts_with(start));
        let line = world.line_of(step.lines().next().unwrap());
        let place = format!("recipes/main.steps:{line}:");
        let shown = ran.err.starts_with(&format!("rawstrap: {place}"));
        if ran.status != if refused { 3 } else { 6 } || !ran.err.contains(message) || !shown {
            wrong.push_str(&format!("--- {step}\nexpected: {place} {message}\nstatus {}\n{}", ran.status, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn of_several_failures_the_first_file_is_named() {
    let world = World::new(User::Caller);
    // b fails at once, a later: what is named must not depend on who is faster.
    let steps = "write a <<END\nEND\ncopy a b\ncopy a c\n\
                 each [abc] run sh -c 'case $0 in a) sleep 0.3; exit 5;; b) exit 6;; esac' {}";
    if world.list(steps) {
        world.run(&["--quiet", "-j3"]).fails(6, "exit status 5: ");
    }
}

#[test]
fn a_package_has_to_make_something() {
    let world = World::new(User::Caller);
    if world.list("remove $OUT") {
        world.run(&["--quiet"]).fails(6, "package p has made nothing: there is no /store/p");
        assert!(world.list("package q\nmkdir $OUT\npackage r\nmkdir $OUT"));
        world.run(&["--quiet"]).ok();
        assert!(world.list("mkdir /store/p/x\npackage q"));
        world.run(&["--quiet"]).fails(6, "package q has made nothing: there is no /store/q");
    }
}

#[test]
fn what_stood_in_the_output_before_is_refused() {
    let world = World::new(User::Caller);
    if world.list("sh <<END\nmkdir /store/q\nEND\npackage q\nmkdir $OUT") {
        // whether by the check of the list or when the package begins
        let ran = world.run(&["--quiet"]);
        assert!([3, 6].contains(&ran.status) && ran.err.contains("/store/q"), "{}", ran.err);
        assert!(world.list("sh <<'END'\nq=q; mkdir /store/$q\nEND\npackage q\nmkdir $OUT"));
        world.run(&["--quiet"]).fails(6, "/store/q is there before package q has begun: an earlier package made it");
    }
}
