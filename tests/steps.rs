//! Each verb, done for real in the room, and what it left seen from the host.

mod common;

use common::{World, each_user};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

fn mode(path: impl AsRef<Path>) -> u32 {
    path.as_ref().symlink_metadata().unwrap().permissions().mode() & 0o7777
}

fn target(path: impl AsRef<Path>) -> String {
    std::fs::read_link(path).unwrap().to_str().unwrap().to_string()
}

/// Runs the steps, which have to do well, as each user.
fn done(steps: &str, look: impl Fn(&World)) {
    each_user(|world| {
        if world.list(steps) {
            world.run(&["--quiet"]).ok();
            look(&world);
        }
    });
}

#[test]
fn write_makes_files_with_parents_and_modes() {
    let steps = "set WHO 'the $ sign'\nwrite $OUT/a/b/f <<END\n$WHO \\$WHO\nEND\n\
                 write $OUT/x mode 755 <<'END'\n#!/bin/sh\necho $HOME\nEND\nwrite $OUT/t mode 6711 <<END\nEND\n\
                 write rel <<END\nnew\nEND\ncopy rel $OUT/rel\nwrite rel <<END\nnewer\nEND\ncopy rel $OUT/rel2";
    done(steps, |world| {
        assert_eq!(world.read(world.out("a/b/f")), "the $ sign $WHO\n");
        assert_eq!(world.read(world.out("x")), "#!/bin/sh\necho $HOME\n");
        assert_eq!((mode(world.out("a")), mode(world.out("a/b/f")), mode(world.out("x"))), (0o755, 0o644, 0o755));
        assert_eq!((mode(world.out("t")), world.read(world.out("t")).len()), (0o6711, 0));
        assert_eq!((&*world.read(world.out("rel")), &*world.read(world.out("rel2"))), ("new\n", "newer\n"));
    });
}

#[test]
fn append_adds_at_the_end() {
    done("write $OUT/f mode 600 <<END\none\nEND\nappend $OUT/f <<END\ntwo\nEND", |world| {
        assert_eq!((&*world.read(world.out("f")), mode(world.out("f"))), ("one\ntwo\n", 0o600));
    });
}

#[test]
fn edit_keeps_mode_time_and_links() {
    let steps = "write $OUT/f mode 751 <<END\none two one\nEND\nwrite $OUT/g <<END\nx one y\nEND\n\
                 link f $OUT/l\nrun touch -d @1000000000 $OUT/f\n\
                 edit $OUT/f $OUT/g one -> 1\nedit $OUT/* 'two' -> '2\n2' times 1\nedit $OUT/g x -> ''";
    each_user(|world| {
        // The pattern matches g as well, in which there is no 'two'.
        if !world.list(steps) {
            return;
        }
        world.run(&["--quiet"]).fails(6, "0 matches in /store/p/g, expected 1, for: two");
        assert!(world.list(&steps.replace("$OUT/* 'two'", "$OUT/l 'two'")));
        world.run(&["--quiet"]).ok();
        assert_eq!(world.read(world.out("f")), "1 2\n2 1\n");
        assert_eq!(world.read(world.out("g")), " 1 y\n");
        assert_eq!((mode(world.out("f")), target(world.out("l"))), (0o751, "f".to_string()));
        assert_eq!(world.out("f").metadata().unwrap().mtime(), 1_000_000_000);
    });
}

#[test]
fn copy_takes_trees_with_mode_time_and_links() {
    let steps = "write t/d/f mode 640 <<END\nf\nEND\nwrite t/x mode 755 <<END\nx\nEND\nlink ../x t/d/l\nlink nowhere t/n\n\
                 mkdir t/e\nrun touch -d @86400 t/d/f t/d t/x\nchmod 511 t/d\n\
                 copy t $OUT/t\ncopy t/x t/n $OUT/in/\ncopy t/d $OUT/in/\ncopy t/x $OUT/y/z\ncopy t/e $OUT/t/\n\
                 copy t/* $OUT/all/";
    done(steps, |world| {
        for tree in ["t", "all"] {
            assert_eq!(world.read(world.out(&format!("{tree}/d/f"))), "f\n");
            assert_eq!(mode(world.out(&format!("{tree}/d/f"))), 0o640);
            assert_eq!(mode(world.out(&format!("{tree}/d"))), 0o511);
            assert_eq!(world.out(&format!("{tree}/d/f")).metadata().unwrap().mtime(), 86400);
            assert_eq!(world.out(&format!("{tree}/d")).metadata().unwrap().mtime(), 86400);
            assert_eq!(target(world.out(&format!("{tree}/d/l"))), "../x");
            assert_eq!(target(world.out(&format!("{tree}/n"))), "nowhere");
            assert!(world.out(&format!("{tree}/e")).is_dir());
        }
        assert_eq!((mode(world.out("in/x")), target(world.out("in/n"))), (0o755, "nowhere".into()));
        assert_eq!(world.read(world.out("in/d/f")), "f\n");
        assert_eq!(world.read(world.out("y/z")), "x\n");
    });
}

#[test]
fn move_link_mkdir_remove_chmod() {
    let steps = "mkdir a/b $OUT/made/deep $OUT/made\nwrite a/b/f <<END\nf\nEND\nwrite g <<END\ng\nEND\n\
                 move a/b $OUT/b\nmove g $OUT/in/\nlink '../any thing' $OUT/links/l\n\
                 write $OUT/gone/f <<END\nEND\nlink f $OUT/gone/l\nchmod 000 $OUT/gone/f\nchmod 500 $OUT/gone\n\
                 remove $OUT/gone\nwrite $OUT/m1 <<END\nEND\nwrite $OUT/m2 <<END\nEND\nchmod 4751 $OUT/m?\n\
                 link /store $OUT/s\nremove $OUT/s\nwrite k1 <<END\nEND\nwrite k2 <<END\nEND\nremove k*\nexpect 1 cat k1";
    done(steps, |world| {
        assert_eq!(world.read(world.out("b/f")), "f\n");
        assert_eq!(world.read(world.out("in/g")), "g\n");
        assert_eq!(target(world.out("links/l")), "../any thing");
        assert!(world.out("made/deep").is_dir() && !world.has(world.out("gone")) && !world.has(world.out("s")));
        assert_eq!((mode(world.out("m1")), mode(world.out("m2"))), (0o4751, 0o4751));
    });
}

#[test]
fn unpack_takes_each_compression() {
    need!("gzip", "bzip2", "xz", "sha256sum");
    each_user(|world| {
        world.write("x-1.0/src/f", "text\n");
        world.write("x-1.0/configure", "#!/bin/sh\necho configured > $1\n");
        let script = format!(
            "cd '{}' && chmod 755 x-1.0/configure && touch -d @77777 x-1.0/src/f && for z in gzip:gz bzip2:bz2 xz:xz cat:plain; do \
             tar -cf - x-1.0 | ${{z%%:*}} > downloads/x.tar.${{z#*:}}; done; cd downloads; sha256sum *",
            world.dir.display()
        );
        let mut steps = String::new();
        for line in common::host("sh", &[&"-c", &script]).lines() {
            let (sum, file) = line.split_once("  ").unwrap();
            let kind = file.rsplit('.').next().unwrap();
            steps.push_str(&format!(
                "source {file} {sum} deb:x/{file}\nunpack {file} strip 1 into $OUT/{kind}\nunpack {file} into $BUILD/{kind}\n\
                 run {kind}/x-1.0/configure $OUT/{kind}/configured\n"
            ));
        }
        if !world.list(&format!("{steps}unpack x.tar.gz\nsame x-1.0/src/f $OUT/*/src/f")) {
            return;
        }
        world.run(&["--quiet"]).ok();
        for kind in ["gz", "bz2", "xz", "plain"] {
            assert_eq!(world.read(world.out(&format!("{kind}/src/f"))), "text\n");
            assert_eq!(world.read(world.out(&format!("{kind}/configured"))), "configured\n");
            assert_eq!(mode(world.out(&format!("{kind}/configure"))), 0o755);
            assert_eq!(world.out(&format!("{kind}/src/f")).metadata().unwrap().mtime(), 77777);
        }
        // A source that is not what the list says, and one that is not there, begin nothing.
        world.write("downloads/x.tar.xz", "something else");
        let said = world.run(&[]).fails(4, "x.tar.xz").err;
        assert!(!said.contains("\np: "), "{said}");
        let _ = std::fs::remove_file(world.path("downloads/x.tar.gz"));
        world.run(&[]).fails(4, "x.tar.gz");
    });
}

#[test]
fn same_and_absent_pass_where_they_should() {
    let steps = "write a <<END\ntext\nEND\ncopy a b\nwrite c <<END\nother\nEND\nsame a b\nsame a b <<END\ntext\nEND\n\
                 absent nothing 'tex t' in a b\nwrite $OUT/f <<END\nx\nEND\nlink text2 $OUT/l\nabsent /tmp/p text1 in $OUT";
    done(steps, |_| ());
}

#[test]
fn run_redirects_and_expects() {
    let steps = "write in <<END\nb\na\nEND\nrun sort < in > $OUT/sorted\nrun echo more >> $OUT/sorted\n\
                 run cat < $OUT/sorted > $OUT/copy\nexpect 3 sh -c 'exit 3'\nexpect 1 false > $OUT/empty\n\
                 run /bin/echo 'a  b' \"c$NPROC\" d\\ e > $OUT/words\nrun echo $OUT/s* '*' > $OUT/globbed\n\
                 run sh -c 'cat; echo end' > $OUT/nothing-to-read\nexpect 0 true\n\
                 write hello mode 755 <<END\n#!/bin/sh\necho script \"\\$@\"\nEND\nrun ./hello x y > $OUT/script";
    each_user(|world| {
        if !world.list(steps) {
            return;
        }
        world.run(&["--quiet", "-j7"]).ok();
        for (name, text) in [
            ("sorted", "a\nb\nmore\n"),
            ("copy", "a\nb\nmore\n"),
            ("empty", ""),
            ("words", "a  b c7 d e\n"),
            ("globbed", "/store/p/sorted *\n"),
            ("nothing-to-read", "end\n"),
            ("script", "script x y\n"),
        ] {
            assert_eq!(world.read(world.out(name)), text, "{name}");
        }
        assert_eq!(mode(world.out("sorted")), 0o644);
    });
}

#[test]
fn sh_runs_in_the_directory_with_eu() {
    let steps = "mkdir sub\ncd sub\nsh <<'END'\npwd > $DIR/pwd\nfor i in 1 2; do echo $i; done > $DIR/loop\n\
                 case $- in *e*) echo e;; esac > $DIR/flags\ncase $- in *u*) echo u;; esac >> $DIR/flags\nEND\n\
                 cd /tmp/p\nrun pwd > $OUT/pwd2\ncd /\nrun pwd > $OUT/pwd3";
    // a variable of the list is none of the environment
    let steps = format!("env DIR $OUT\n{steps}");
    done(&steps, |world| {
        for (name, text) in
            [("pwd", "/tmp/p/sub\n"), ("loop", "1\n2\n"), ("flags", "e\nu\n"), ("pwd2", "/tmp/p\n"), ("pwd3", "/\n")]
        {
            assert_eq!(world.read(world.out(name)), text, "{name}");
        }
    });
}

#[test]
fn children_see_the_environment_of_the_list_and_no_other() {
    let above = "device null\nenv ABOVE 'all packages'";
    let steps = "run env > $OUT/one\nenv A 1\nenv LIST x 'y z'\nset SECRET s\nrun env > $OUT/two\n\
                 path /bin /store/p/bin\nenv A\nrun env > $OUT/three\ntest p\nrun /bin/env > env\n\
                 same env <<END\nABOVE=all packages\nPATH=/bin\nEND";
    let sorted = |world: &World, name: &str| {
        let text = world.read(world.out(name));
        let mut lines: Vec<String> = text.lines().map(String::from).collect();
        lines.sort();
        lines.join("\n")
    };
    each_user(|world| {
        if !world.list_with(above, steps) {
            return;
        }
        world.run(&["--quiet"]).ok();
        assert_eq!(sorted(&world, "one"), "ABOVE=all packages\nPATH=/bin");
        assert_eq!(sorted(&world, "two"), "A=1\nABOVE=all packages\nLIST=x y z\nPATH=/bin");
        assert_eq!(sorted(&world, "three"), "A=\nABOVE=all packages\nLIST=x y z\nPATH=/bin:/store/p/bin");
    });
}

#[test]
fn each_is_the_same_with_any_number_of_jobs() {
    let names = ["b", "a", "z", "k", "m", "c", "y", "d", "x", "e", "w", "f"];
    let list = |order: &[&str]| {
        let mut steps = String::new();
        for name in order {
            steps.push_str(&format!("write src/{name}.c <<END\nsource {name}\nEND\n"));
        }
        steps.push_str(
            "write src/skip.c <<END\nEND\nwrite src/.hidden.c <<END\nEND\nmkdir $OUT/sub\n\
             each src/*.c !src/skip.c run sh -c 'sleep 0.0$(($$ % 7)); cat \"$1\"' sh {} > $OUT/sub/{/.}.o\n\
             each $OUT/sub/*.o run cp {} {.}.copy\neach src/[a-c].c run sh -c 'echo $* > $0' $OUT/{/}.names {} {.} {/} {/.} '{}'\n\
             run cat $OUT/sub/*.o > $OUT/all\n",
        );
        steps
    };
    each_user(|world| {
        let mut seen = Vec::new();
        let mut backwards = names;
        backwards.reverse();
        for order in [&names, &backwards] {
            if !world.list(&list(order)) {
                return;
            }
            for jobs in ["-j1", "-j4"] {
                world.run(&["--quiet", jobs]).ok();
                seen.push(world.hash("build/stage/store/p"));
            }
        }
        assert!(seen.iter().all(|hash| *hash == seen[0]), "{seen:?}");
        let mut sorted = names;
        sorted.sort();
        let all: String = sorted.iter().map(|name| format!("source {name}\n")).collect();
        assert_eq!(world.read(world.out("all")), all);
        assert_eq!(world.read(world.out("a.c.names")), "src/a.c src/a a.c a {}\n");
        assert!(!world.has(world.out("sub/skip.o")) && !world.has(world.out("sub/.hidden.o")));
        assert_eq!(world.read(world.out("sub/k.copy")), "source k\n");
    });
}

#[test]
fn each_runs_as_many_as_it_may() {
    // Each job waits until all four have begun: with fewer at a time this would not end well.
    let steps = "write 1 <<END\nEND\ncopy 1 2\ncopy 1 3\ncopy 1 4\nmkdir on\n\
                 each [1-4] run sh -c 'touch on/$0; n=0; until test $(ls on | wc -l) = 4; do n=$((n+1)); test $n -lt 200 || exit 9; sleep 0.05; done' {}\n\
                 mkdir $OUT/x";
    each_user(|world| {
        let more = steps.replace("mkdir on\n", "mkdir on\nlink busybox /bin/test\nlink busybox /bin/[\n");
        if !world.list(&more) {
            return;
        }
        world.run(&["--quiet", "-j4"]).ok();
    });
}
