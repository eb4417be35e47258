//! `script`: the lists as a sh script, run by the host's own tools without rawstrap, give the same bytes.

mod common;

use common::{Ran, User, World, each_user, host, skip, source_tree, start, which};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Every verb and every kind of word, in ways in which sh could take them for something else.
const VERBS: &str = r#"
set Q '-DX="a b"' '$HOME `x` *' \' -I~
env HOME /root
env ODD "it's \"so\""
mkdir src/deep 'src/a b'
write src/one.c <<'END'
int one = 1; /* \n $x `y` 'z' "w" & | */
	tab ~ é
END
write src/two.c <<END
end: ABC ABC
END_
END
write 'src/a b/three.c' mode 755 <<END
END
append src/two.c <<'END'
no $expansion \here
END
run sh -c 'printf "last line has no end" >> src/two.c; touch -d @1000000000 src/two.c'
edit src/*.c e -> 'E&\1$0\\'
edit src/two.c 'ABC ABC
' -> "" times 1
edit src/two.c src/one.c '
' -> '
<>'
run sh -c 'i=0; while [ $((i += 1)) -lt 256 ]; do printf "\\$(printf %03o $i)"; done > $0; printf aaaaa >> $0' $OUT/bytes
edit $OUT/bytes aa -> é'
'
each src/*.c src/a' 'b/*.c !src/one.c run sh -c 'echo "$1 $2 $3 $4 $PWD $ODD"; cat "$1"' - {} {.} x{/}y {/.} > $OUT/{/}.list
each src/*.c run cat < {} > {.}.copy
each $BUILD/src/*.c run cp {} $OUT/abs-{/}
run sh -c 'printf "<%s>\n" "$@"' - $Q src/*.c $BUILD/src/*.c [!a-r]r[bc]* s?c '*.c' >> $OUT/words
run sh -c 'env; umask; pwd; cat' < src/one.c > $OUT/child
expect 3 sh -c 'exit 3'
sh <<'END'
for f in src/*.c; do
    printf '%s|\n' "$f" "it's" >>shell
done
END
cd src
copy . $OUT/tree
copy *.c 'a b' $OUT/many/
move deep $OUT/shallow
move one.copy two.copy $OUT/moved/
link ../one $OUT/dir/link
link /store/p/child $OUT/absolute
edit $OUT/absolute PATH -> path
same $OUT/absolute $OUT/child
same two.c $OUT/abs-two.c
write note <<END
text
END
same note <<END
text
END
chmod 600 note
chmod 755 $OUT/words $OUT/many/one.c
remove 'a b' two.*
run ls -1 > $OUT/left
run ls -ln --full-time $OUT/tree/two.c > /dev/null
copy $BUILD/shell $OUT/
absent "not to be found" "no such text" in $OUT . /bin/busybox
test p
absent $MARK in $OUT
"#;

/// All that the script may need of the host: sh, util-linux, tar and its decompressors, coreutils.
const PROGRAMS: [&str; 23] = [
    "unshare", "mount", "tar", "bzip2", "gzip", "xz", "cat", "chmod", "cp", "env", "id", "ln", "mkdir", "mv", "readlink",
    "realpath", "rm", "sha256sum", "sort", "tail", "touch", "tr", "uniq",
];

/// Runs the script as the world's user, with a PATH that holds these programs, this for sh, and no
/// others; `None` after saying so where they are missing.
fn run_script(world: &World, shell: &Path, prepare: impl FnOnce(&mut Command)) -> Option<Ran> {
    let bin = world.path("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for program in PROGRAMS {
        let Some(path) = which(program) else {
            skip(&format!("there is no {program} on this machine"));
            return None;
        };
        let _ = std::os::unix::fs::symlink(path, bin.join(program));
    }
    let sh = bin.join("sh");
    let _ = std::fs::remove_file(&sh);
    std::os::unix::fs::symlink(shell, &sh).unwrap();
    let mut command = world.command(sh);
    command.arg("script.sh").env_clear().env("PATH", &bin);
    prepare(&mut command);
    let begun = Instant::now();
    let ran = start(&mut command).wait_for(Duration::from_secs(1200));
    println!("the script, one command at a time: {:?}", begun.elapsed());
    Some(ran)
}

/// The script of the world's list, run as its user.
fn without_rawstrap(world: &World, shell: &Path) -> Option<Ran> {
    let script = world.rawstrap(&["script", "recipes/main.steps"]).ok().out;
    world.write("script.sh", script);
    run_script(world, shell, |command| {
        command.env("DIR", "other");
    })
}

#[test]
fn every_verb_gives_the_same_bytes() {
    each_user(|world| {
        if !world.list(VERBS) {
            return;
        }
        world.run(&[]).ok();
        for shell in ["sh", "bash"].iter().filter_map(|shell| which(shell)) {
            println!("{}:", shell.display());
            let Some(ran) = without_rawstrap(&world, &shell) else { return };
            ran.ok();
            assert_eq!(world.read("other/stage/store/p/words"), world.read(world.out("words")));
            assert_eq!(world.read("other/stage/store/p/child"), world.read(world.out("child")));
            if world.hash("other/stage/store/p") != world.hash(world.out("")) {
                host("diff", &[&"-r", &world.path("other/stage/store/p"), &world.out("")]);
                panic!("modes or links differ");
            }
            let names = |dir: &str| host("ls", &[&"-A", &world.path(dir)]);
            assert_eq!(names("other/stage"), names("build/stage"), "no file but what the list names");
            assert_eq!(names("other/stage/tmp"), "");
            std::fs::remove_dir_all(world.path("other")).unwrap();
        }
    });
}

#[test]
fn what_ends_a_run_ends_the_script() {
    let world = World::new(User::Caller);
    for (step, message) in [
        ("run false", "status 1: false"),
        ("expect 2 true", "status 0: true"),
        ("run nowhere", "status 127: nowhere"),
        ("edit /bin/busybox never -> x", "is no text"),
        ("write f <<END\nx\nEND\nedit f y -> x", "does not hold it"),
        ("write f <<END\nxx\nEND\nedit f x -> y times 1", "does not hold it, or not so often: x"),
        ("remove *.c", "no file matches"),
        ("write f <<END\nx y\nEND\nabsent 'x y' in .", "there is 'x y' in "),
        ("write d/.e/..f <<END\nx y\nEND\nabsent 'x y' in d", "there is 'x y' in "),
        ("mkdir d/e d/xyz\nabsent xyz in .", "there is 'xyz' in "),
        ("link /x/y l\nabsent x/y in l", "there is 'x/y' in "),
        ("run sh -c 'printf \"\\0x\\0y\\n\" > f'\nabsent y in f", "there is 'y' in "),
        ("run sh -c 'printf x > f'\nabsent 'x\n' in .\nremove g*", "no file matches"),
        ("write f <<END\nx\nEND\nsame f <<END\ny\nEND", "f differs"),
        ("write f <<END\nx\nEND\nsame f <<END\nx\n\nEND", "f differs"),
        ("write f <<END\nx\nEND\ncopy f g\nappend g <<END\nEND\nsame f g\nappend g <<END\n\nEND\nsame f g", "g differs"),
        ("link /etc x\nwrite x/f <<END\nEND", "leads out of the stage"),
        ("link /etc x\nmkdir x/f/g", "leads out of the stage"),
        ("link ../../../../../../../../../etc x\ncopy x/passwd f", "leads out of the stage"),
    ] {
        if !world.list(step) {
            return;
        }
        let Some(ran) = without_rawstrap(&world, Path::new("/bin/sh")) else { return };
        assert_ne!(ran.status, 0, "{step}");
        let said = ran.out + &ran.err;
        assert!(said.contains(message), "{step}: {said}");
        let at = world.read("recipes/main.steps").lines().count();
        assert!(said.contains("failed: recipes/main.steps:") && at > 0, "{step}: {said}");
        std::fs::remove_dir_all(world.path("other")).unwrap();
    }
}

/// Stage 1 from the sources to the recorded bytes, without rawstrap, the seed and the hash included.
#[test]
#[ignore = "takes a minute; CI runs it: tests/run --test script -- --ignored"]
fn stage_1_without_rawstrap_is_what_was_recorded() {
    let downloads = std::env::var_os("DOWNLOADS").map_or_else(|| source_tree().join("downloads"), Into::into);
    let Ok(downloads) = downloads.canonicalize() else {
        return skip("there are no downloads: rawstrap fetch brings them");
    };
    need!("cc", "nix", "bzip2", "gzip", "setpriv");
    each_user(|world| {
        host("cp", &[&"-r", &source_tree().join("recipes"), &source_tree().join("seed"), &world.dir]);
        let script = world.rawstrap(&["script", "--until", "1-stage1"]).ok().out;
        world.write("script.sh", script);
        // What only the script's maker needed.
        std::fs::remove_file(world.path("rawstrap")).unwrap();
        std::fs::create_dir(world.path("tcc")).unwrap();
        let tcc = downloads.join("tcc-0.9.27-20200814.tar.bz2");
        host("tar", &[&"-xf", &tcc, &"-C", &world.path("tcc")]);
        host("sh", &[&world.path("seed/make-seed"), &world.path("tcc"), &world.path("seed/tcc")]);
        let ran = run_script(&world, Path::new("/bin/sh"), |command| {
            command.env("DIR", "by script").env("DOWNLOADS", &downloads).env("SEED", "seed/tcc");
        });
        let Some(ran) = ran else { return };
        ran.ok();
        let recorded = std::fs::read_to_string(source_tree().join("recipes/outputs")).unwrap();
        let recorded = recorded.lines().find_map(|line| line.strip_suffix(" 1-stage1")).unwrap().to_string();
        let out = world.path("by script/stage/store/1-stage1");
        let now = host("nix", &[&"--extra-experimental-features", &"nix-command", &"hash", &"path", &out]);
        assert_eq!(now.trim(), recorded);
    });
}
