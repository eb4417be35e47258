//! `compare`: two ledgers tell where two runs differ, with neither stage at hand.

mod common;

use common::{Ran, User, World};

const LIST: &str = "run sh -c 'echo 1 > $0/one; mkdir $0/sub; echo 2 > $0/sub/two; echo 3 > $0/sub-3' $OUT\n\
    package q\nmkdir $OUT\nrun cp /store/p/one $OUT/q\npackage r\nmkdir $OUT\nrun cp /store/q/q $OUT/r\ntest r\nrun true\n";

/// Runs the list and keeps its ledger.
fn run(world: &World, list: &str, options: &[&str], ledger: &str) -> bool {
    if !world.list(list) {
        return false;
    }
    world.run(options).ok();
    std::fs::rename(world.path("build/ledger"), world.path(ledger)).unwrap();
    std::fs::remove_dir_all(world.path("build/stage")).unwrap();
    true
}

fn compare(world: &World) -> Ran {
    world.rawstrap(&["compare", "a", "b"])
}

#[test]
fn equal_runs_are_equal() {
    let world = World::new(User::Caller);
    if !run(&world, LIST, &["-j1"], "a") || !run(&world, LIST, &["-j1"], "b") {
        return;
    }
    assert_eq!(compare(&world).ok().out, "3 packages are the same bytes\n");
    // Only times differ.
    let without_times = |name: &str| {
        let text = world.read(name);
        assert!(text.contains("\ntime begun 20") && text.contains("\ntime ended 20"), "{text}");
        text.lines().filter(|line| !line.starts_with("time ")).map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(without_times("a"), without_times("b"));
    assert!(run(&world, LIST, &["-j2", "--until", "q"], "b"));
    let said = compare(&world).ok().out;
    assert_eq!(said, "2 packages are the same bytes\nwith other inputs:\n  jobs\n    A 1\n    B 2\nonly A has package r\n");
}

#[test]
fn the_first_difference_is_named_with_what_came_before_it() {
    let world = World::new(User::Caller);
    let sum = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"; // hello
    world.write("downloads/h", "hello\n");
    let list = format!("source h {sum} deb:h/h\n{LIST}")
        .replace("echo 1", "echo 0")
        .replace("echo 3 > $0/sub-3", "echo 3 > $0/other; ln -s 1 $0/s");
    if !run(&world, LIST, &["-j1"], "a") || !run(&world, &list, &["-j1"], "b") {
        return;
    }
    let ran = compare(&world).fails(7, "rawstrap: the outputs of p differ");
    let hash = |text: &str| {
        let file = world.path("x");
        std::fs::write(&file, text).unwrap();
        common::host("sha256sum", &[&file])[..64].to_string()
    };
    let files = format!(
        "files that differ:\n  one\n    A file {}\n    B file {}\n  other\n    A -\n    B file {2}\n  s\n    A -\n    B link 1 <-\n  sub-3\n    A file {2}\n    B -\n",
        hash("1\n"), hash("0\n"), hash("3\n")
    );
    let said = &ran.out;
    assert!(said.starts_with("p is the first package that differs\n  output\n    A sha256-"), "{said}");
    assert!(said.contains(&files), "{said}\nwanted:\n{files}");
    assert!(said.contains("inputs that differ:\n  list recipes/main.steps\n    A "), "{said}");
    assert!(said.contains(&format!("  source h of p\n    A -\n    B {sum}\n")), "{said}");
    assert!(said.contains("\n  recipes\n    A sha256-") && !said.contains("kernel") && !said.contains("driver"), "{said}");
    assert!(said.contains("steps that differ:\n  p step 25\n    A status=0 commands=1 strays=0 run sh -c 'echo 1 "), "{said}");
    assert!(said.contains("packages behind it that differ: q, r\n"), "{said}");
    // One step more is one difference, wherever it stands.
    assert!(run(&world, &format!("run true\n{}", LIST.replace("echo 1", "echo 0")), &["-j1"], "b"));
    let said = compare(&world).fails(7, "the outputs of p differ").out;
    assert!(said.contains("steps that differ:\n  p step 25\n    A -\n    B status=0 commands=1 strays=0 run true\n  p step 26\n    A ") || said.contains("run true\n"), "{said}");
    assert_eq!(said.matches("  p step ").count(), 2, "{said}");
}

#[test]
fn what_ended_early_differs() {
    let world = World::new(User::Caller);
    if !run(&world, LIST, &[], "a") {
        return;
    }
    assert!(world.list(&LIST.replace("cp /store/p/one", "cp /store/p/none")));
    world.run(&[]).fails(6, "exit status 1");
    std::fs::rename(world.path("build/ledger"), world.path("b")).unwrap();
    let said = compare(&world).fails(7, "the outputs of q differ").out;
    assert!(said.contains("    B exit status 1: cp /store/p/none /store/q/q\n"), "{said}");
    assert!(said.contains("  q step 2\n    A status=0 ") && said.contains("only A has package r\n"), "{said}");
}

#[test]
fn what_is_no_ledger_is_refused() {
    let world = World::new(User::Caller);
    world.write("a", "something\n");
    world.write("b", "rawstrap-ledger 1\ndriver x y\n");
    compare(&world).fails(2, "a is no ledger of this version");
    world.write("a", "rawstrap-ledger 1\n");
    compare(&world).fails(2, "a and b have no package in common that was completed");
    world.rawstrap(&["compare", "a"]).fails(2, "compare wants two ledgers");
    world.rawstrap(&["compare", "a", "none"]).fails(1, "cannot open none");
    // Damaged lines are no reason to crash.
    let mut random = common::Random::new(3);
    let words = ["package p\n", "step 1 ", "file ", "link x", " <- ", "\n", "time 1 wall=", "9", "host a", "=", "output ", "list "];
    for _ in 0..200 {
        for name in ["a", "b"] {
            let mut text = String::from("rawstrap-ledger 1\n");
            (0..random.below(30)).for_each(|_| text.push_str(words[random.below(words.len())]));
            world.write(name, text);
        }
        let status = compare(&world).status;
        assert!([0, 2, 7].contains(&status), "{status}\n{}\n{}", world.read("a"), world.read("b"));
    }
}

/// Cut anywhere, lines taken away, doubled, exchanged: never a crash, and never "the same bytes" where
/// an output is not, or is not there.
#[test]
fn a_ledger_that_was_tampered_with_is_not_the_same() {
    let world = World::new(User::Caller);
    if !run(&world, LIST, &[], "a") {
        return;
    }
    let text = world.read("a");
    let lines: Vec<&str> = text.lines().collect();
    let outputs = |lines: &[&str]| lines.iter().filter(|line| line.starts_with("output ")).map(|line| line.to_string()).collect::<Vec<_>>();
    let all = outputs(&lines);
    let mut random = common::Random::new(5);
    for _ in 0..120 {
        let mut other: Vec<&str> = lines.clone();
        let (at, to) = (1 + random.below(lines.len() - 1), 1 + random.below(lines.len() - 1));
        let mut cut = String::new();
        match random.below(4) {
            0 => drop(other.remove(at)),
            1 => other.swap(at, to),
            2 => other.insert(at, lines[to]),
            _ => cut = text[..text.len() - random.below(text.len() - 100)].to_string(),
        }
        let text = if cut.is_empty() { other.join("\n") + "\n" } else { cut };
        world.write("b", &text);
        let ran = compare(&world);
        let now = outputs(&text.lines().collect::<Vec<_>>());
        match ran.status {
            0 => {
                let same: usize = ran.out.split(' ').next().unwrap().parse().unwrap();
                let only = ran.out.lines().filter(|line| line.starts_with("only ")).count();
                assert!(same + only >= 3 && now.len() >= same && now.iter().all(|line| all.contains(line)), "{}\n{text}", ran.out);
            }
            2 => assert!(now.is_empty() || !text.contains("\npackage "), "{text}"),
            7 => assert!(ran.out.contains(" is the first package that differs"), "{}", ran.out),
            other => panic!("{other}: {}\n{text}", ran.err),
        }
    }
    // Both ended in the same way, at the same place: that is no output which is the same.
    let ended = format!("{}failed 2 x:1:1 status=1 commands=1 strays=0 run false\nerror exit status 1\n", &text[..text.find("output sha256-").unwrap()]);
    for name in ["a", "b"] {
        world.write(name, &ended);
    }
    compare(&world).fails(2, "a and b have no package in common that was completed");
}

#[test]
fn any_name_of_a_file_is_in_the_ledger_and_all_that_differ_are_named() {
    let world = World::new(User::Caller);
    let list = |n: u32| format!("run sh -c 'i=0; while [ $((i += 1)) -le 50 ]; do echo {n} > $0/f$i; done; echo {n} > $0/\"$(printf \"\\\\377\\\\n x <- y\")\"' $OUT");
    if !run(&world, &list(1), &[], "a") || !run(&world, &list(2), &[], "b") {
        return;
    }
    let said = compare(&world).fails(7, "the outputs of p differ").out;
    assert_eq!(said.matches("    A file ").count(), 51, "{said}");
    assert!(said.contains("\n  \\xff\\n x <- y\n"), "{said}");
    for command in ["attest", "report"] {
        world.rawstrap(&[command, "a"]).ok();
    }
}
