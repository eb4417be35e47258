//! `--resume`: a run that ended early goes on, and its result is that of one which did not; and
//! `shell`, the look into what it left.

mod common;

use common::{User, World, each_user, nothing_remains, until};
use std::process::Stdio;

const WAITS: &str = "link busybox /bin/test\nwrite $OUT/begin <<END\nbegin\nEND\n\
    run sh -c 'echo x >> tries; until test -e /tmp/go; do sleep 0.02; done; cp tries $0/end; chmod 644 $0/end' $OUT\n\
    run cp $OUT/begin $OUT/copy\n";

fn output(world: &World) -> String {
    let ledger = world.read("build/ledger");
    let line = ledger.lines().find(|line| line.starts_with("output ")).unwrap_or_else(|| panic!("{ledger}"));
    line.to_string()
}

#[test]
fn after_sigkill_in_a_long_step_it_goes_on_there() {
    each_user(|world| {
        if !world.list(WAITS) {
            return;
        }
        let running = world.start(&[]);
        let tries = world.path("build/stage/tmp/p/tries");
        until("the long step", || std::fs::read(&tries).is_ok_and(|text| text == b"x\n"));
        running.signal(libc::SIGKILL);
        running.wait();
        nothing_remains(&world);
        world.write("build/stage/tmp/go", "");
        let said = world.run(&["--resume"]).ok().err;
        assert!(said.contains("p: ") && said.contains(", going on with step "), "{said}");
        assert_eq!(world.read(world.out("end")), "x\nx\n", "the step runs again, in the build tree as it was");
        let ledger = world.read("build/ledger");
        assert_eq!(ledger.matches("\nresumed\n").count(), 1, "{ledger}");
        assert_eq!(ledger.matches(" write /store/p/begin ").count(), 1, "what was done is not done again: {ledger}");
        // The heading of the first try is there unless it was still on its way when the driver died.
        let headings = world.read("build/logs/p.log").matches("] run sh -c").count();
        assert!((1..=2).contains(&headings), "{headings}");
        // When all is done there is nothing to go on with, and nothing changes.
        let before = world.hash("build/stage/store");
        world.run(&["--resume"]).ok();
        assert_eq!(world.hash("build/stage/store"), before);
    });
}

#[test]
fn after_a_failed_step_it_goes_on_there() {
    each_user(|world| {
        let list = |failing: &str| format!("write $OUT/a <<END\n1\nEND\n{failing}\nrun cp $OUT/a $OUT/b\n");
        if !world.list(&list("run sh -c 'grep 2 $0' $OUT/a")) {
            return;
        }
        world.run(&[]).fails(6, "to try again from this step: --resume");
        world.run(&["--resume"]).fails(6, "exit status 1: sh -c grep 2");
        // The step that failed may be another one now, and so may what follows.
        assert!(world.list(&list("run sh -c 'grep 1 $0' $OUT/a")));
        world.run(&["--resume"]).ok();
        let resumed = output(&world);
        world.run(&[]).ok();
        assert_eq!(output(&world), resumed);
    });
}

#[test]
fn what_was_sealed_before_is_recorded_too() {
    each_user(|world| {
        let list = |command: &str| format!("package q\nmkdir $OUT\nrun {command}");
        if !world.list(&list("false")) {
            return;
        }
        world.run(&["--record"]).fails(6, "exit status 1: false");
        assert!(world.list(&list("true")));
        world.run(&["--resume", "--record"]).ok();
        let recorded = world.read("recipes/outputs");
        let names: Vec<_> = recorded.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
        assert_eq!(names, ["p", "q"]);
    });
}

#[test]
fn a_package_that_was_done_is_not_done_again() {
    each_user(|world| {
        let list = |command: &str| {
            format!(
                "run sh -c 'echo $$ > $0/pid; cat /dev/urandom | head -c 8 > $0/r' $OUT\ntest p\nrun true\n\
                     package q\nmkdir $OUT\nrun {command}\ntest q\nrun true"
            )
        };
        if !world.list_with("device null urandom", &list("false")) {
            return;
        }
        world.run(&[]).fails(6, "exit status 1: false");
        let first = std::fs::read(world.out("r")).unwrap();
        assert!(world.list_with("device null urandom", &list("true")));
        world.run(&["--resume"]).ok();
        assert_eq!(std::fs::read(world.out("r")).unwrap(), first);
        let ledger = world.read("build/ledger");
        assert!(ledger.contains("output sha256-") && ledger.ends_with('\n') && ledger.contains("\ndone\n"), "{ledger}");
    });
}

#[test]
fn a_list_whose_done_steps_changed_is_refused() {
    let world = World::new(User::Caller);
    let list = |text: &str| format!("write $OUT/a <<END\n{text}\nEND\nrun cp $OUT/a {text}\nrun false");
    if !world.list(&list("one")) {
        return;
    }
    world.rawstrap(&["run", "--list", "recipes/main.steps", "--resume"]).fails(2, "cannot resume: there is no ledger");
    world.run(&[]).fails(6, "exit status 1: false");
    assert!(world.list(&list("two")));
    let said = world.run(&["--resume"]).fails(3, "cannot resume: step ").err;
    assert!(said.contains("start without --resume"), "{said}");
    assert!(world.list(""));
    world.run(&["--resume"]).fails(3, "cannot resume: p has fewer steps than are done");
    world.write("recipes/main.steps", "package other\nmkdir $OUT\n");
    world.run(&["--resume"]).fails(3, "the ledger goes on with package p, the list with other");
    assert!(world.list(&list("one")));
    let ledger = world.read("build/ledger");
    // The last line was cut short, by a full disk, or by a kill in its middle.
    let cut = ledger.find("\nstep 26 ").unwrap() + 20;
    world.write("build/ledger", &ledger[..cut]);
    world.run(&["--resume"]).fails(6, "exit status 1: false");
    assert_eq!(world.read("build/ledger").lines().filter(|line| line.starts_with("step 26 ")).count(), 1);
    world.write("build/ledger", "something else\n");
    world.run(&["--resume"]).fails(1, "is no ledger of this version");
}

/// Steps of the driver's own that cannot simply be done twice, killed at many moments.
#[test]
fn killed_at_any_moment_it_comes_to_the_same_result() {
    each_user(|world| {
        let mut steps = String::from("write log <<END\nbegin\nEND\n");
        for n in 0..30 {
            steps.push_str(&format!(
                "mkdir $OUT/d{n}\nwrite f{n} <<END\none {n}\nEND\nedit f{n} one -> two\nappend log <<END\n{n}\nEND\n\
                 link f{n} $OUT/d{n}/l\ncopy f{n} $OUT/d{n}/\nmove f{n} $OUT/d{n}/moved\nwrite gone <<END\nEND\nremove gone\n\
                 run cp $OUT/d{n}/moved $OUT/d{n}/ran\n"
            ));
        }
        steps.push_str("copy log $OUT/log\n");
        if !world.list(&steps) {
            return;
        }
        world.run(&["--quiet"]).ok();
        let want = output(&world);
        let mut random = common::Random::new(11);
        let rounds = std::env::var("ROUNDS").map_or(4, |n| n.parse().unwrap()); // more for a thorough look
        for round in 0..rounds {
            let mut options = vec!["--quiet"];
            for turn in 0.. {
                let running = world.start(&options);
                // With time it gets further, so that it ends.
                std::thread::sleep(std::time::Duration::from_millis((random.below(30) + 4 * turn) as u64));
                running.signal(libc::SIGKILL);
                let ran = running.wait();
                assert!([0, 128 + 9].contains(&ran.status), "round {round}, turn {turn}:\n{}", ran.err);
                if ran.status == 0 {
                    break;
                }
                nothing_remains(&world);
                options.truncate(1);
                if world.has("build/ledger") && !world.read("build/ledger").is_empty() {
                    options.push("--resume");
                }
            }
            assert_eq!(output(&world), want, "round {round}");
        }
    });
}

#[test]
fn a_shell_looks_into_what_is_there() {
    each_user(|world| {
        if !world.list("env MORE x\nwrite f <<END\ntext\nEND\nrun false") {
            return;
        }
        world.run(&[]).fails(6, "rawstrap shell --dir");
        let shell =
            |words: &[&str]| world.rawstrap(&[&["shell", "--list", "recipes/main.steps", "--"], words].concat());
        assert_eq!(shell(&["pwd"]).ok().out, "/tmp/p\n");
        assert_eq!(shell(&["cat", "f"]).ok().out, "text\n");
        assert_eq!(shell(&["/bin/env"]).ok().out, "MORE=x\nPATH=/bin\n");
        shell(&["sh", "-c", "exit 3"]).fails(6, "the command ended with status 3");
        shell(&["nowhere"]).fails(6, "cannot find the command 'nowhere' in /bin");
        assert_eq!(shell(&["ls", "/"]).ok().out, "bin\ndev\ndownloads\nrecipes\nstore\ntmp\n");
        let mut command = world.rawstrap_command(&["shell", "--list", "recipes/main.steps"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"echo from $PWD; exit\n").unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), &*String::from_utf8_lossy(&out.stdout)), (Some(0), "from /tmp/p\n"));
    });
}
