//! What runs out: time, memory, processes, room on the disk; and the log that goes away.

mod common;

use common::{User, World, can_mount, each_user, host, nothing_remains, processes, until};
use std::time::{Duration, Instant};

#[test]
fn a_step_that_takes_too_long_is_ended() {
    each_user(|world| {
        let hangs = "run sh -c '(while :; do sleep 1; done) & echo it waits; touch /tmp/p/begun; sleep 60' $MARK";
        if !world.list(&format!("run sleep 0.6\nrun sleep 0.6\n{hangs}\nwrite $OUT/never <<END\nEND")) {
            return;
        }
        let begun = Instant::now();
        // Each of the steps before takes less, and all of them more.
        let ran = world.run(&["--timeout", "1"]);
        assert!(begun.elapsed() < Duration::from_secs(30));
        let line = world.line_of(hangs);
        let said = ran.fails(6, &format!("rawstrap: recipes/main.steps:{line}:1: took longer than 1.00 s, the --timeout")).err;
        assert!(said.contains("    it waits\n") && said.contains("or give it more time\n    run sh -c"), "{said}");
        assert!(said.contains("rawstrap shell --dir"), "{said}");
        nothing_remains(&world);
        assert!(!world.has(world.out("never")));
        let ledger = world.read("build/ledger");
        assert!(ledger.contains(&format!(" recipes/main.steps:{line}:1 status=SIGKILL ")), "{ledger}");
        // With more time it goes on at that step.
        world.write("recipes/main.steps", world.read("recipes/main.steps").replace(hangs, "run sleep 1.2"));
        world.run(&["--timeout=1m", "--resume"]).ok();
        assert_eq!(world.read("build/ledger").matches(" run sleep 0.6\n").count(), 2);
        assert!(world.has(world.out("never")));
    });
}

#[test]
fn a_wrong_time_is_told() {
    let world = World::new(User::Caller);
    for wrong in ["0", "", "x", "1d", "-1", "m", "1.5", "99999999999999999999s"] {
        let ran = world.rawstrap(&["run", "--timeout", wrong]);
        ran.fails(2, &format!("--timeout is '{wrong}', expected seconds, or a number with s, m or h, such as 30m"));
    }
}

#[test]
fn a_step_without_memory_is_named() {
    each_user(|world| {
        let fills = "run /recipes/look fill";
        if !world.compile("look") || !world.list(&format!("copy /recipes/look /bin/\n{}", fills.replace("/recipes", "/bin"))) {
            return;
        }
        let line = world.line_of("run /bin/look fill");
        let ran = world.run(&[]);
        ran.fails(6, &format!("rawstrap: recipes/main.steps:{line}:1: killed by SIGSEGV: /bin/look fill\n    run"));
        nothing_remains(&world);
        // As the kernel does to who has taken too much.
        if world.list("run sh -c 'echo begun; kill -KILL $$'") {
            let said = world.run(&[]).fails(6, "killed by SIGKILL (for want of memory? dmesg tells): sh -c echo begun;").err;
            assert!(said.contains("    begun\n"), "{said}");
        }
    });
}

/// A step with processes that fork and end without a pause, deaf to signals.
fn bomb(world: &World, then: &str) -> bool {
    world.compile("look") && world.list(&format!("copy /recipes/look /bin/\nrun look bomb $MARK {then}\nrun sleep 0.3"))
}

#[test]
fn a_fork_bomb_ends_with_its_step() {
    each_user(|world| {
        if !bomb(&world, "leave") {
            return;
        }
        world.run(&[]).ok();
        nothing_remains(&world);
        let ledger = world.read("build/ledger");
        let strays = ledger.lines().find(|line| line.contains(" run look bomb ")).unwrap();
        let strays: usize = strays.split_once("strays=").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        assert!(strays >= 16, "{ledger}");
    });
}

#[test]
fn a_fork_bomb_ends_with_the_run() {
    each_user(|world| {
        let fires = || until("the bomb", || processes(&world).len() > 16);
        for number in [libc::SIGKILL, libc::SIGTERM] {
            if !bomb(&world, "stay") {
                return;
            }
            let running = world.start(&["--quiet"]);
            fires();
            running.signal(number);
            let ran = running.wait();
            assert_eq!(ran.status, if number == libc::SIGKILL { 137 } else { 8 }, "{}", ran.err);
            nothing_remains(&world);
        }
        world.run(&["--timeout", "1"]).fails(6, "took longer than 1.00 s");
        nothing_remains(&world);
    });
}

#[test]
fn a_full_disk_is_told_wherever_it_becomes_full() {
    if !can_mount() {
        return;
    }
    let world = World::new(User::Caller);
    world.write("tar/a", "a".repeat(100_000));
    host("tar", &[&"-czf", &world.path("downloads/x.tgz"), &"-C", &world.path("tar"), &"a"]);
    let sum = host("sha256sum", &[&world.path("downloads/x.tgz")]);
    let steps = format!(
        "source x.tgz {} deb:x/x.tgz\nunpack x.tgz\nrun cp a b\nrun sh -c 'cat a b'\nwrite c <<END\n{}\nEND\n\
         append c <<END\n{0}\nEND\nedit c 1 -> 22\neach a b run cp {{}} {{}}.o\ncopy a b c $OUT/\nremove a b",
        &sum[..64],
        "1".repeat(30_000)
    );
    let steps = steps.replace("append c <<END\n0", "append c <<END\n1");
    if !world.list(&steps) {
        return;
    }
    world.run(&["--quiet"]).ok();
    let want = world.hash("build/stage/store/p");
    let all: usize = host("du", &[&"-sk", &world.path("build")]).split('\t').next().unwrap().parse().unwrap();
    std::fs::remove_dir_all(world.path("build")).unwrap();
    std::fs::create_dir(world.path("build")).unwrap();
    // Blocks of 4 KiB, and files: from next to nothing to more than enough. Most of it is one program.
    let blocks = (1..14).chain((14..all / 4 - 300).step_by(97)).chain((all / 4 - 300..all / 4 + 200).step_by(13));
    let sizes = blocks.map(|n| format!("nr_blocks={n},nr_inodes=999")).chain((2..62).map(|n| format!("nr_inodes={n}")));
    let (mut full, mut done) = (0, 0);
    for size in sizes {
        let script = format!(
            "mount -t tmpfs -o {size} tmpfs build; ./rawstrap run --quiet --list recipes/main.steps; status=$?; \
             [ $status = 0 ] || {{ mount -o remount,nr_blocks=9999,nr_inodes=999 build; more=; [ ! -s build/ledger ] || more=--resume; \
             ./rawstrap run --quiet --list recipes/main.steps $more || exit 99; }}; ./rawstrap hash build/stage/store/p; exit $status"
        );
        let ran = world.apart(&script);
        match ran.status {
            0 => done += 1,
            1 | 6 => {
                full += 1;
                let said = ran.err.contains("(ENOSPC)") || ran.err.contains("No space left on device");
                assert!(said && ran.err.starts_with("rawstrap: "), "{size}: status {}\n{}", ran.status, ran.err);
            }
            status => panic!("{size}: status {status}\n{}", ran.err),
        }
        assert_eq!(ran.out.trim_end(), want, "{size}: {}", ran.err);
    }
    assert!(full > 60 && done > 5, "{full} full, {done} done");
}

#[test]
fn sources_are_not_cut_short_by_a_full_disk() {
    if !can_mount() {
        return;
    }
    let world = World::new(User::Caller);
    world.write("mirror/big", common::Random::new(3).bytes(200_000));
    let sum = host("sha256sum", &[&world.path("mirror/big")]);
    world.write("recipes/main.steps", format!("package p\nsource big {} deb:b/big\nmkdir $OUT\n", &sum[..64]));
    for size in ["nr_inodes=1", "nr_blocks=1", "nr_blocks=20", "nr_blocks=48", "nr_blocks=60"] {
        let script = format!(
            "mount -t tmpfs -o {size} tmpfs downloads; ./rawstrap fetch --list recipes/main.steps --mirror mirror; \
             status=$?; ls downloads; exit $status"
        );
        let ran = world.apart(&script);
        if size == "nr_blocks=60" {
            assert_eq!(ran.ok().out, "big\n");
        } else {
            assert!([1, 4].contains(&ran.status) && ran.err.contains("(ENOSPC)"), "{size}: status {}\n{}", ran.status, ran.err);
            assert!(!ran.out.lines().any(|name| name == "big"), "{size}: {}", ran.out);
        }
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_the_run() {
    if !can_mount() {
        return;
    }
    let world = World::new(User::Caller);
    let wait = "run sh -c 'touch wait; while [ -e wait ]; do sleep 0.02; done; echo some words'";
    if !world.list(&format!("link busybox /bin/[\n{wait}\nwrite $OUT/f <<END\nx\nEND\ntest p\nrun true")) {
        return;
    }
    // What becomes of the folder of the logs while a step runs, and the message. Afterwards it goes on.
    for (spoil, message) in [
        ("rm -r build/logs", "cannot open "),
        ("mount -t tmpfs -o ro tmpfs build/logs", "p.test.log: read-only file system (EROFS)"),
        ("mount -t tmpfs -o nr_inodes=1 tmpfs build/logs", "p.test.log: no space left on device (ENOSPC)"),
    ] {
        let script = format!(
            "./rawstrap run --quiet --list recipes/main.steps & until [ -e build/stage/tmp/p/wait ]; do sleep 0.02; done; \
             {spoil}; rm build/stage/tmp/p/wait; wait $!; status=$?; umount build/logs 2>/dev/null; \
             mkdir -p build/logs; ./rawstrap run --quiet --list recipes/main.steps --resume || exit 99; exit $status"
        );
        let ran = world.apart(&script);
        ran.fails(1, message);
        nothing_remains(&world);
    }
    // Words that find no place in the log, or a step in the ledger.
    let script = "mount -t tmpfs -o nr_blocks=999 tmpfs build; ./rawstrap run --quiet --list recipes/main.steps & \
        until [ -e build/stage/tmp/p/wait ]; do sleep 0.02; done; cat /dev/zero >build/full 2>/dev/null; rm build/stage/tmp/p/wait; wait $!";
    world.apart(script).fails(1, "no space left on device (ENOSPC)");
}

#[test]
fn who_cannot_be_told_ends_nothing() {
    let world = World::new(User::Caller);
    if !world.list("run sh -c 'echo words'\nwrite $OUT/f <<END\nx\nEND") {
        return;
    }
    let script = "./rawstrap run --verbose --list recipes/main.steps 2>/dev/full";
    common::ran(world.command("/bin/sh").args(["-c", script])).ok();
    assert_eq!(world.read(world.out("f")), "x\n");
    assert!(world.read("build/logs/p.log").contains("\nwords\n"));
}
