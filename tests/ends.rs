//! However a run ends, nothing of it remains on the host; and what a run refuses to begin with.

mod common;

use common::{Running, User, World, each_user, is_root, nothing_remains, processes, skip, until};
use std::time::{Duration, Instant};

/// A step that begins a background process, tells that it runs, and does not end.
const ENDLESS: &str = "write $OUT/f <<END\nEND\n\
    run sh -c '(while :; do sleep 0.1; done) & touch /tmp/p/runs; while :; do sleep 0.1; done' $MARK\nmkdir $OUT/never";

/// Starts a run and waits until its endless step runs.
fn endless(world: &World, options: &[&str]) -> Option<Running> {
    if !world.list(ENDLESS) {
        return None;
    }
    let _ = std::fs::remove_file(world.path("build/stage/tmp/p/runs"));
    let running = world.start(options);
    until("the endless step", || world.has("build/stage/tmp/p/runs"));
    assert!(processes(world).len() >= 3, "{:?}", processes(world));
    Some(running)
}

#[test]
fn nothing_remains_after_success_and_failure() {
    each_user(|world| {
        for (steps, status) in [("run true", 0), ("run false", 6), ("run sh -c '(sleep 5) & exit 3' $MARK", 6)] {
            if !world.list(steps) {
                return;
            }
            let ran = world.run(&[]);
            assert_eq!(ran.status, status, "{}", ran.err);
            assert!(processes(&world).is_empty());
            nothing_remains(&world);
        }
    });
}

#[test]
fn signals_end_the_run_with_status_8() {
    let signals =
        [(libc::SIGINT, "SIGINT"), (libc::SIGTERM, "SIGTERM"), (libc::SIGHUP, "SIGHUP"), (libc::SIGQUIT, "SIGQUIT")];
    each_user(|world| {
        for (number, name) in signals {
            let Some(running) = endless(&world, &[]) else { return };
            let begun = Instant::now();
            running.signal(number);
            let ran = running.wait().fails(8, &format!("rawstrap: interrupted by {name} in p, step "));
            assert!(begun.elapsed() < Duration::from_secs(5));
            assert!(ran.err.contains("--resume goes on there"), "{}", ran.err);
            assert!(processes(&world).is_empty(), "when the driver has ended, so has everything");
            nothing_remains(&world);
            assert!(!world.has(world.out("never")));
        }
    });
}

#[test]
fn nothing_remains_after_sigkill() {
    each_user(|world| {
        let Some(running) = endless(&world, &[]) else { return };
        running.signal(libc::SIGKILL);
        assert_eq!(running.wait().status, 128 + 9);
        nothing_remains(&world);
        // In the middle of several commands of one step.
        let each = "write a <<END\nEND\ncopy a b\ncopy a c\n\
                    each [abc] run sh -c 'touch $0.runs; while :; do sleep 0.1; done' {} $MARK";
        assert!(world.list(each));
        let running = world.start(&["-j3"]);
        until("the commands of each", || {
            world.has("build/stage/tmp/p/c.runs") && world.has("build/stage/tmp/p/a.runs")
        });
        running.signal(libc::SIGKILL);
        running.wait();
        nothing_remains(&world);
    });
}

#[test]
fn nothing_remains_after_a_signal_at_any_moment() {
    each_user(|world| {
        let mut steps = String::new();
        for n in 0..40 {
            steps.push_str(&format!("write $OUT/d{n}/f <<END\n{n}\nEND\nrun cp $OUT/d{n}/f $OUT/d{n}/g\n"));
        }
        if !world.list(&steps) {
            return;
        }
        for number in [libc::SIGKILL, libc::SIGTERM] {
            for delay in [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 60, 80] {
                let running = world.start(&["--quiet"]);
                std::thread::sleep(Duration::from_millis(delay));
                running.signal(number);
                let ran = running.wait();
                // 0: it was faster
                assert!([0, 8, 128 + number].contains(&ran.status), "after {delay} ms: {} {}", ran.status, ran.err);
                nothing_remains(&world);
            }
        }
        world.run(&["--quiet"]).ok();
    });
}

#[test]
fn pid_1_that_is_killed_ends_the_run() {
    each_user(|world| {
        let Some(running) = endless(&world, &[]) else { return };
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", running.pid())).unwrap();
        common::host("kill", &[&"-KILL", &children.trim()]);
        running.wait().fails(8, "PID 1 of the room was killed by SIGKILL in p, step ");
        nothing_remains(&world);
    });
}

#[test]
fn a_second_run_on_one_stage_is_refused() {
    each_user(|world| {
        let steps = "link busybox /bin/test\nrun sh -c 'touch runs; until test -e go; do sleep 0.02; done'\nwrite $OUT/f <<END\nEND";
        if !world.list(steps) {
            return;
        }
        let mut first = world.start(&[]);
        until("the first run", || world.has("build/stage/tmp/p/runs"));
        let begun = Instant::now();
        let message = format!("cannot use {}: another rawstrap runs there", world.path("build").display());
        for options in [&[][..], &["--resume"]] {
            world.run(options).fails(1, &message);
        }
        assert!(begun.elapsed() < Duration::from_secs(5) && first.runs());
        world.write("build/stage/tmp/p/go", "");
        first.wait().ok();
        assert!(world.has(world.out("f")));
    });
}

#[test]
fn what_rawstrap_did_not_make_is_not_removed() {
    each_user(|world| {
        if !world.list("run true") {
            return;
        }
        world.write("build/stage/precious", "x");
        world.give("build");
        world.give("build/stage");
        for _ in 0..2 {
            world.run(&[]).fails(1, "/build/stage was not made by rawstrap and is not removed; move it away");
            assert_eq!(world.read("build/stage/precious"), "x");
        }
        std::fs::remove_dir_all(world.path("build/stage")).unwrap();
        world.run(&[]).ok();
        let said = world.run(&[]).ok().err;
        let stage = world.path("build/stage").display().to_string();
        assert!(said.contains(&format!("starting from nothing: removing {stage}")), "{said}");
    });
}

#[test]
fn any_name_will_do_for_the_stage() {
    for user in [User::Caller, User::Nobody] {
        if user == User::Nobody && !is_root() {
            continue;
        }
        let world = World::named(user, "a b\u{20ac}\u{e4} \"$HOME\" *;#\t~");
        if !world.list("write $OUT/f <<END\nx\nEND\nrun cat /store/p/f > $OUT/g\nrun false") {
            return;
        }
        let shown = world.path("build/logs/p.log").display().to_string();
        world.run(&["--dir", "b \u{fc}/c"]).fails(6, "b \u{fc}/c/logs/p.log");
        assert_eq!(world.read("b \u{fc}/c/stage/store/p/g"), "x\n");
        world.run(&[]).fails(6, &shown);
        nothing_remains(&world);
    }
}

#[test]
fn a_stage_in_which_nothing_can_be_executed_is_refused() {
    if !is_root() {
        return skip("only root can mount");
    }
    let world = World::new(User::Caller);
    if !world.list("run true") {
        return;
    }
    std::fs::create_dir(world.path("build")).unwrap();
    for (option, name) in [("noexec", "noexec"), ("ro", "read-only")] {
        let script = format!(
            "mount -t tmpfs tmpfs build && mkdir -p build/stage && echo x > build/lock && mount -o remount,{option} build && \
             exec ./rawstrap run --list recipes/main.steps"
        );
        let ran = common::ran(world.command("/usr/bin/unshare").args(["--mount", "sh", "-c", &script]));
        if name == "noexec" {
            ran.fails(
                5,
                "it is on a file system that is mounted noexec; choose another place with --dir, or remount it",
            );
        } else {
            ran.fails(1, "read-only file system (EROFS)");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let world = World::new(User::Caller);
    if !world.list("run sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; done'\nwrite $OUT/f <<END\nEND") {
        return;
    }
    let script = "{ ./rawstrap run --verbose --list recipes/main.steps 2>&1; echo $? > status; } | true";
    common::ran(world.command("/bin/sh").args(["-c", script])).ok();
    assert_eq!(world.read("status"), "0\n");
    assert!(world.has(world.out("f")));
}
