//! Places for a stage: kinds of mounts, overlays, names, long paths, times that a file system cannot
//! hold. The run gives the same bytes, or is refused before anything is done.

mod common;

use common::{User, World, can_mount, each_user, host, nothing_remains, ran, same_tree, skip, tree};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

const STEPS: &str = "write d/main.steps <<END\ntext\nEND\nmove d e\nlink e/main.steps l\nchmod 755 e/main.steps\nrun cp -r e l $OUT/\n\
    run sh -c 'test -c /dev/null; echo x > $0; sleep 9 &' $OUT/f";

fn list(world: &World) -> bool {
    world.list(&format!("mkdir d\nlink busybox /bin/test\n{STEPS}"))
}

#[test]
fn mounts_of_all_kinds() {
    each_user(|world| {
        if !can_mount() || !list(&world) {
            return;
        }
        let want = world.usual();
        let mount = |how: &str, then: &str| {
            let script = format!(
                "mkdir -p at u; {how}; mkdir at/build; chmod 777 at/build; {then} $AS $RUN --dir at/build || exit; \
                 $AS ./rawstrap hash at/build/stage/store/p"
            );
            let ran = world.privately(&script);
            nothing_remains(&world);
            ran
        };
        for how in [
            "mount -t tmpfs t at",
            "mount -t ramfs t at",
            "mount -t tmpfs -o nosuid t at",
            "mount -t tmpfs -o nodev t at",
            "mount -t tmpfs -o nosuid,nodev,noatime,nodiratime t at",
            "mount -t tmpfs -o nosuid,relatime,sync t at",
            "mount -t tmpfs t u; mkdir u/l u/u u/w; mount -t overlay -o lowerdir=u/l,upperdir=u/u,workdir=u/w o at",
            "mkdir u/x; mount --bind u/x at; mount --make-shared at",
        ] {
            assert_eq!(mount(how, "").ok().out, format!("{want}\n"), "{how}");
        }
        let place = world.path("at/build").display().to_string();
        let noexec = format!(
            "rawstrap: cannot use {place} as the stage: it is on a file system that is mounted noexec; choose another place \
             with --dir, or remount it\n"
        );
        // Nothing is made there but the lock, and nothing is lost.
        let no = mount("mount -t tmpfs -o noexec t at", "trap 'ls at/build' EXIT;").fails(5, &noexec);
        assert_eq!((no.out, no.err), ("lock\n".into(), noexec.clone()));
        let again = "$AS $RUN --dir at/build; mount -o remount,noexec at; trap 'cat at/build/stage/store/p/f' EXIT;";
        for options in ["", "--resume"] {
            let again = format!("{again} $AS $RUN --dir at/build {options} || exit;");
            assert_eq!(mount("mount -t tmpfs t at", &again).fails(5, "noexec; choose another place").out, "x\n");
        }
        let ro = "mount -o remount,ro at;";
        mount("mount -t tmpfs t at", ro).fails(1, &format!("rawstrap: cannot open {place}/lock: read-only file system (EROFS)\n"));
        mount("mount -t tmpfs t at", &format!("rmdir at/build; {ro}"))
            .fails(1, "rawstrap: cannot make the directory at/build: read-only file system (EROFS)\n");
    });
}

#[test]
fn an_overlay_over_a_stage_that_was_begun() {
    each_user(|world| {
        if !can_mount() || !list(&world) {
            return;
        }
        let want = world.usual();
        let good = world.read("recipes/main.steps");
        world.write("recipes/main.steps", good.replace("move d e", "run false\nmove d e"));
        world.run(&["--quiet"]).fails(6, "exit status 1: false");
        world.write("recipes/main.steps", good);
        // As in a container whose image holds the stage: a directory of the lower layer cannot be renamed.
        let script = "mkdir up; mount -t tmpfs t up; mkdir up/u up/w; chmod 777 up/u; \
            mount -t overlay -o lowerdir=build,upperdir=up/u,workdir=up/w o build; \
            $AS $RUN --resume || exit; $AS ./rawstrap hash build/stage/store/p; $AS $RUN; $AS ./rawstrap hash build/stage/store/p";
        assert_eq!(world.privately(script).ok().out, format!("{want}\n{want}\n"));
        assert!(!world.has(world.out("e")), "the lower layer is as it was");
        nothing_remains(&world);
    });
}

/// Folders below the world with these names: list, downloads and stage are in the last of them.
fn folder(world: &World, names: &[&OsStr]) -> std::path::PathBuf {
    let mut dir = world.dir.clone();
    for name in names {
        dir.push(name);
        std::fs::create_dir(&dir).unwrap();
        world.give(dir.strip_prefix(&world.dir).unwrap());
    }
    host("cp", &[&"-r", &world.path("recipes"), &dir]);
    dir
}

#[test]
fn names_of_all_kinds() {
    each_user(|world| {
        if !list(&world) {
            return;
        }
        let want = world.usual();
        for name in ["a blank  two", "\u{fc}\u{2192}\u{1f600}", "new\nline", "quote'\"$HOME\\", "#*?[x]", "@1", "-dash"] {
            let dir = folder(&world, &[name.as_ref()]);
            let ran = ran(world.rawstrap_command(&["run", "--list", "recipes/main.steps"]).current_dir(&dir)).ok();
            assert!(ran.err.contains(&format!("\nledger   {}/build/ledger\n", dir.display())), "{}", ran.err);
            assert_eq!(world.hash(dir.join("build/stage/store/p")), want, "{name}");
            // From elsewhere, and with a look into it.
            let build = dir.join("build");
            let shell = ["shell", "--list", "recipes/main.steps", "--dir", build.to_str().unwrap(), "--", "/bin/cat", "/store/p/f"];
            assert_eq!(world.rawstrap(&shell).ok().out, "x\n");
        }
        let dir = folder(&world, &[OsStr::from_bytes(b"latin\xe9")]);
        let refused = ran(world.rawstrap_command(&["run", "--list", "recipes/main.steps"]).current_dir(&dir));
        refused.fails(2, "rawstrap: cannot use build: its absolute path is not UTF-8; choose another place\n");
        assert!(!dir.join("build").exists());
        nothing_remains(&world);
    });
}

#[test]
fn paths_of_four_thousand_bytes() {
    each_user(|world| {
        if !list(&world) {
            return;
        }
        let want = world.usual();
        // The working directory, as long as that; it is entered step by step.
        let run = |length: usize, words: &str| {
            let script = format!(
                "set -e; n=$1; while [ $n -gt 0 ]; do \
                     k=200; [ $n -gt 401 ] || k=$((n / 2 - 1)); [ $n -gt 201 ] || k=$((n - 1)); d=$(printf %0${{k}}d 0); \
                     mkdir -p $d; cd -P $d; n=$((n - k - 1)); done; \
                 cp -r \"$0\"/recipes .; {words}"
            );
            let sh = common::which("busybox").unwrap();
            let left = length - world.dir.as_os_str().len();
            let mut command = world.command(sh);
            command.args(["sh", "-c", &script]).arg(&world.dir).arg(left.to_string());
            let ran = ran(command.env("RUN", format!("{}/rawstrap run --quiet --list recipes/main.steps", world.dir.display())));
            nothing_remains(&world);
            ran
        };
        let good = "$RUN; \"$0\"/rawstrap hash build/stage/store/p; \"$0\"/rawstrap shell --list recipes/main.steps -- /bin/cat \
            /store/p/f; $RUN --resume; $RUN; $RUN --dir again; wc -c < build/logs/p.log";
        let ran = run(4000, good).ok();
        assert!(ran.out.starts_with(&format!("{want}\nx\n")), "{}", ran.out);
        let said = "its absolute path, with what is to be made in it, is longer than the 4095 bytes that Linux takes; choose \
            another place\n";
        for length in [4074, 4085, 4095, 4200] {
            let refused = run(length, "trap 'echo b*' EXIT; $RUN || exit").fails(1, said);
            assert_eq!(refused.out, "b*\n", "{length}: a directory is left");
        }
    });
}

#[test]
fn times_that_the_file_system_cannot_hold() {
    need!("mkfs.ext3", "tar");
    let world = World::new(User::Caller);
    if !can_mount() || !world.list("") {
        return;
    }
    let tar = "mkdir in; for t in -1 -2147483649 -99999999999 0 2147483647 2147483648 4294967296 15000000000 253402300800; do \
        echo $t > in/f$t; touch -d @$t in/f$t; done; tar -cf downloads/t.tar --format=pax -C in . && sha256sum downloads/t.tar";
    let sum = host("sh", &[&"-c", &format!("cd '{}' && {tar}", world.dir.display())]);
    let source = format!("source t.tar {} deb:x/t.tar", &sum[..64]);
    assert!(world.list(&format!("{source}\nunpack t.tar into $OUT/t\nrun ls -l $OUT/t > l")));
    let want = world.usual();
    let loops = world.privately("truncate -s 40M disk; mkfs.ext3 -q -I 128 -F disk; mkdir -p at; mount -o loop disk at");
    if loops.status != 0 {
        return skip(&format!("no loop device can be mounted: {}", loops.err));
    }
    // Inodes of 128 bytes have 32 bits for a time: 1901 to 2038. Content and hash are not concerned.
    let script = "mount -o loop disk at; $RUN --dir at/build || exit; ./rawstrap hash at/build/stage/store/p; \
        mkdir at/tar; tar -xf downloads/t.tar -C at/tar; stat -c '%n %Y' at/tar/* > tars; \
        cd at/build/stage/store/p/t; stat -c 'at/tar/%n %Y' *";
    let ran = world.privately(script).ok();
    let (hash, times) = ran.out.split_once('\n').unwrap();
    assert_eq!(hash, want);
    assert_eq!(times, world.read("tars"), "as GNU tar");
    assert!(times.contains("f2147483648 2147483647\n") && times.contains("f-1 -1\n"), "{times}");
    // Where there is room for them they are kept.
    world.rawstrap(&["unpack", "downloads/t.tar", "mine"]).ok();
    std::fs::create_dir(world.path("theirs")).unwrap();
    host("tar", &[&"-xf", &world.path("downloads/t.tar"), &"-C", &world.path("theirs")]);
    same_tree("times", &tree(&world.path("mine")), &tree(&world.path("theirs")));
    nothing_remains(&world);
}
