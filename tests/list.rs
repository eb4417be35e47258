//! Lists as `check` and `steps` see them: messages, includes, refused paths, size.

mod common;

use common::{User, World};
use std::time::Instant;

fn check(world: &World, text: &str) -> common::Ran {
    world.write("recipes/main.steps", text);
    world.rawstrap(&["check", "recipes/main.steps"])
}

#[test]
fn an_unknown_verb_is_shown_where_it_stands() {
    let world = World::new(User::Caller);
    let wrong = check(&world, "path /bin\npackage p\n  untar x.tar\n");
    assert_eq!(wrong.status, 3);
    assert_eq!(
        wrong.err,
        "rawstrap: recipes/main.steps:3:3: unknown verb 'untar'; did you mean 'unpack'?\n      untar x.tar\n      ^\n"
    );
    assert_eq!(wrong.out, "");
    let all = check(&world, "set A $B\nfoo\npackage p\n").err;
    assert!(
        all.contains("main.steps:1:7: unknown variable '$B'") && all.contains("main.steps:2:1: unknown verb 'foo'")
    );
}

#[test]
fn check_counts_and_touches_nothing() {
    let world = World::new(User::Caller);
    world.write("recipes/parts/one.steps", "package one\nmkdir $OUT\ncd $OUT\nwrite f <<END\nEND\n");
    let text = "include parts/one.steps\npackage two\nmkdir $OUT\ntest two\nabsent x in $OUT\n";
    let said = check(&world, text).ok().out;
    assert_eq!(said, "recipes/main.steps: no errors in 2 lists, 2 packages, 1 tests, 4 steps\n");
    assert!(!world.has("build"));
    let mut names: Vec<_> = std::fs::read_dir(&world.dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["downloads", "rawstrap", "recipes"]);
}

#[test]
fn includes_are_relative_to_their_list() {
    let world = World::new(User::Caller);
    world.write("recipes/a/one.steps", "set ONE 1\ninclude ../b/two.steps\n");
    world.write("recipes/b/two.steps", "set TWO $ONE-2\n");
    check(&world, "include a/one.steps\npackage p\nmkdir $OUT/$TWO\n").ok();
    let steps = world.rawstrap(&["steps", "recipes/main.steps"]).ok().out;
    assert!(steps.contains("/store/p/1-2"), "{steps}");
    world.write("recipes/b/two.steps", "sett TWO 2\n");
    check(&world, "include a/one.steps\n")
        .fails(3, "recipes/b/two.steps:1:1: unknown verb 'sett'; did you mean 'set'?");
    world.write("recipes/b/two.steps", "include ../a/one.steps\n");
    check(&world, "include a/one.steps\n").fails(3, "the list includes itself");
    check(&world, "include none.steps\n").fails(3, "recipes/main.steps:1:9: ");
}

#[test]
fn paths_that_climb_are_refused() {
    let world = World::new(User::Caller);
    for step in [
        "mkdir ..",
        "cd ../x",
        "write ../f <<END\nEND",
        "append a/../../f <<END\nEND",
        "copy ../a b",
        "copy a ../b",
        "move a ../b/",
        "remove ..",
        "chmod 755 ../x",
        "edit ../f a -> b",
        "link a ../b",
        "same ../a b",
        "absent x in ..",
        "run a < ../b",
        "run a > ../b",
        "each ../*.c run a {}",
        "run a ../*.c",
    ] {
        check(&world, &format!("path /bin\npackage p\n{step}\n")).fails(3, "'..' in a pa");
    }
}

#[test]
fn packages_stand_in_order() {
    let world = World::new(User::Caller);
    check(&world, "package p\ncopy /store/q/f $OUT/\npackage q\nmkdir $OUT\n")
        .fails(3, "'/store/q' is not the output of this package or of one above");
    check(&world, "package q\nmkdir $OUT\npackage p\ncopy /store/q/f $OUT/\n").ok();
    let sum = "0".repeat(64);
    check(&world, &format!("package q\nsource a.tar {sum} deb:a/a.tar\npackage p\nunpack a.tar\n"))
        .fails(3, "no line 'source' of this package declares 'a.tar'");
}

#[test]
fn steps_prints_the_plan() {
    let world = World::new(User::Caller);
    let sum = "0".repeat(64);
    world.write(
        "recipes/main.steps",
        format!(
            "path /bin\npackage p\nsource a.tar {sum} deb:a/a.tar\nset F -O2 'a b'\ncd src\nunpack a.tar strip 1\n\
             run cc $F \\\n  x.c > log # why\nrun make -j$NPROC\nwrite note <<END\none\ntwo\nEND\ntest p\nabsent x in $OUT\n"
        ),
    );
    let plan = world.rawstrap(&["steps", "-j3", "recipes/main.steps"]).ok().out;
    let want = format!(
        "p\n       {sum} a.tar\n     1 unpack a.tar strip 1\n     2 run cc -O2 'a b' x.c > log\n     3 run make -j3\n\
         \x20    4 write note <<END (2 lines)\np.test\n     1 absent x in /store/p\n"
    );
    assert_eq!(plan, want);
    assert!(!world.has("build"));
}

#[test]
fn a_hundred_thousand_steps_are_checked() {
    const STEPS: usize = 100_000;
    let world = World::new(User::Caller);
    let mut text = String::from("path /bin\nset FLAGS -O2 -g -static\npackage p\n");
    for n in 0..STEPS {
        text.push_str(&format!("run cc $FLAGS -c file-{n}.c -o $BUILD/file-{n}.o # step {n}\n"));
    }
    world.write("recipes/main.steps", text);
    let begun = Instant::now();
    let said = world.rawstrap(&["check", "recipes/main.steps"]).ok().out;
    println!("{STEPS} steps were checked in {:?}", begun.elapsed());
    assert_eq!(said, format!("recipes/main.steps: no errors in 1 lists, 1 packages, 0 tests, {STEPS} steps\n"));
}

#[test]
fn any_bytes_are_an_error_and_no_crash() {
    let world = World::new(User::Caller);
    let mut random = common::Random::new(7);
    let words =
        ["package p\n", "run ", "<<END\n", "END\n", "$", "'", "\"", "\\", "\n", "{}", "*", "each ", "\0", "\u{e4}"];
    for round in 0..100 {
        let mut text = Vec::new();
        for _ in 0..random.below(40) {
            match random.below(4) {
                0 => text.extend(random.bytes(3)),
                _ => text.extend_from_slice(words[random.below(words.len())].as_bytes()),
            }
        }
        world.write("recipes/main.steps", &text);
        let ran = world.rawstrap(&["check", "recipes/main.steps"]);
        let shown = String::from_utf8_lossy(&text);
        assert!([0, 3].contains(&ran.status), "round {round}: status {}: {shown}\n{}", ran.status, ran.err);
        assert_eq!(ran.status == 0, ran.err.is_empty(), "round {round}: {shown}\n{}", ran.err);
    }
}
