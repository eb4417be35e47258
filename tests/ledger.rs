//! Hashes against the host's own tools; recorded outputs; what the ledger holds.

mod common;

use common::{Random, User, World, each_user, host};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// `nix hash path`
fn nix(world: &World, path: &Path) -> String {
    let mut command = Command::new("nix");
    command.args(["--extra-experimental-features", "nix-command", "hash", "path"]).arg(path);
    // It wants a place for its own things, even for this.
    command.env("HOME", &world.dir).env("NIX_REMOTE", format!("local?root={}", world.path("nix").display()));
    common::ran(&mut command).ok().out.trim_end().to_string()
}

/// A tree with all that a NAR can hold, and much that it ignores.
fn tree(world: &World, random: &mut Random) {
    let sizes = [0, 1, 7, 8, 9, 55, 56, 63, 64, 65, 119, 120, 4095, 4096, 65535, 65536, 65537, 200_000, 1_500_000];
    for size in sizes {
        world.write(format!("tree/sizes/{size}"), random.bytes(size));
    }
    // Names in the order of their bytes: not that of a locale, nor that of the directory.
    for name in
        ["b", "a", "B", "Z", "_", "-", "a b", "a.b", "a-b", "ab", "\u{e4}", "\u{20ac}", "new\nline", "~", "'\"$"]
    {
        world.write(Path::new("tree/names").join(name), name);
    }
    world.write(Path::new("tree/names").join(OsStr::from_bytes(b"not \xff UTF-8")), "x");
    world.write(Path::new("tree/names").join("n".repeat(255)), "long");
    std::fs::create_dir_all(world.path("tree/empty/deeper")).unwrap();
    for (name, mode) in
        [("x", 0o755), ("group", 0o674), ("other", 0o667), ("user", 0o744), ("none", 0o600), ("set", 0o4755)]
    {
        world.write(format!("tree/modes/{name}"), name);
        std::fs::set_permissions(world.path(format!("tree/modes/{name}")), std::fs::Permissions::from_mode(mode))
            .unwrap();
    }
    std::fs::create_dir(world.path("tree/links")).unwrap();
    for (n, text) in ["x", "../names", "/nowhere/at all", "\u{e4}", &"long/".repeat(200)].iter().enumerate() {
        symlink(text, world.path(format!("tree/links/{n}"))).unwrap();
    }
    std::fs::hard_link(world.path("tree/modes/x"), world.path("tree/modes/hard")).unwrap();
}

#[test]
fn the_hash_is_what_nix_says() {
    need!("nix");
    let world = World::new(User::Caller);
    tree(&world, &mut Random::new(3));
    for name in
        ["tree", "tree/sizes", "tree/names", "tree/modes", "tree/links", "tree/empty", "tree/modes/x", "tree/sizes/0"]
    {
        assert_eq!(world.hash(name), nix(&world, &world.path(name)), "{name}");
    }
    for entry in std::fs::read_dir(world.path("tree/sizes")).unwrap().flatten() {
        assert_eq!(world.hash(entry.path()), nix(&world, &entry.path()), "{:?}", entry.path());
    }
    let before = world.hash("tree");
    for change in [
        "chmod 711 tree/modes/x",
        "mv tree/names/a tree/names/c",
        "ln -sf y tree/links/0",
        "rmdir tree/empty/deeper",
        "printf y >> tree/sizes/1",
    ] {
        host("sh", &[&"-c", &format!("cd '{}' && {change}", world.dir.display())]);
        let same = change.starts_with("chmod 711"); // executable it was already
        assert_eq!(world.hash("tree") == before, same, "{change}");
        assert_eq!(world.hash("tree"), nix(&world, &world.path("tree")), "{change}");
    }
    let both = world.rawstrap(&["hash", "tree/links", "tree/empty"]).ok().out;
    assert_eq!(both, format!("{}  tree/links\n{}  tree/empty\n", world.hash("tree/links"), world.hash("tree/empty")));
    world.rawstrap(&["hash", "none"]).fails(1, "cannot examine none: no such file or directory (ENOENT)");
    world.rawstrap(&["hash", "/dev/null"]).fails(1, "it is neither a file, nor a directory, nor a link");
}

#[test]
fn the_flat_hash_is_what_sha256sum_says() {
    let world = World::new(User::Caller);
    let mut random = Random::new(5);
    for size in (0..200).chain([4095, 4096, 4097, 131_071, 131_072, 131_073, 3_000_000]) {
        world.write(format!("f{size}"), random.bytes(size));
    }
    let mut names: Vec<String> =
        std::fs::read_dir(&world.dir).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with('f'));
    let theirs = common::ran(Command::new("sha256sum").args(&names).current_dir(&world.dir)).ok().out;
    let mut command = world.rawstrap_command(&["hash", "--flat"]);
    assert_eq!(common::ran(command.args(&names)).ok().out, theirs);
}

#[test]
fn outputs_are_recorded_compared_and_verified() {
    each_user(|world| {
        let list = |p: &str, q: &str| {
            format!(
                "write $OUT/f <<END\n{p}\nEND\ntest p\nrun true\npackage q\nmkdir $OUT\nwrite $OUT/g <<END\n{q}\nEND"
            )
        };
        if !world.list(&list("one", "two")) {
            return;
        }
        let said = world.run(&[]).ok().err;
        assert!(said.contains("not recorded; --record writes it down"), "{said}");
        assert!(!world.has("recipes/outputs"));
        world.write("recipes/outputs", "# a note that stays\n");
        world.give("recipes/outputs");
        let said = world.run(&["--record"]).ok().err;
        assert!(said.contains("recorded now"), "{said}");
        let (p, q) = (world.hash("build/stage/store/p"), world.hash("build/stage/store/q"));
        assert_eq!(world.read("recipes/outputs"), format!("# a note that stays\n{p} p\n{q} q\n"));
        let said = world.run(&[]).ok().err;
        assert_eq!(said.matches("  as recorded\n").count(), 2, "{said}");
        let verify = |names: &[&str]| world.rawstrap(&[&["verify", "--list", "recipes/main.steps"], names].concat());
        assert_eq!(verify(&[]).ok().out, format!("{p} p as recorded\n{q} q as recorded\n"));

        // another output
        assert!(world.list(&list("one", "three")));
        let message = format!("the output of q is not what was recorded:\n  recorded {q}\n  now      sha256-");
        let said = world.run(&[]).fails(7, &message).err;
        let now = world.hash("build/stage/store/q");
        assert!(said.contains(&format!("  now      {now}")) && said.contains("--record"), "{said}");
        assert_eq!(world.read("recipes/outputs"), format!("# a note that stays\n{p} p\n{q} q\n"));
        let said = verify(&[]).fails(7, "1 of 2 outputs are not what recipes/outputs records").out;
        assert_eq!(said, format!("{p} p as recorded\n{now} q NOT as recorded\n"));
        assert_eq!(verify(&["p"]).ok().out, format!("{p} p as recorded\n"));
        verify(&["r"]).fails(2, "the list has no package 'r'");
        world.run(&["--record"]).ok();
        assert_eq!(world.read("recipes/outputs"), format!("# a note that stays\n{p} p\n{now} q\n"));
        assert_eq!(verify(&[]).ok().out, format!("{p} p as recorded\n{now} q as recorded\n"));

        // Somebody lays hands on the stage.
        std::fs::write(world.path("build/stage/store/p/f"), "other").unwrap();
        verify(&["p"]).fails(7, "1 of 1 outputs are not what");
        world.write("recipes/outputs", "sha256-short p\n");
        world.run(&[]).fails(3, "recipes/outputs:1:1: expected 'sha256-… PACKAGE'");
    });
}

#[test]
fn a_test_that_changes_the_output_fails() {
    each_user(|world| {
        for change in
            ["write $OUT/g <<END\nEND", "chmod 755 $OUT/f", "remove $OUT/f", "run sh -c 'echo x >> /store/p/f'"]
        {
            if !world.list(&format!("write $OUT/f <<END\nEND\ntest p\n{change}")) {
                return;
            }
            let said = world.run(&[]).fails(7, "the output of p is not what was before its test").err;
            assert!(said.contains("  before its test sha256-") && said.contains("  now      sha256-"), "{said}");
        }
        // What does not show in the hash may change.
        assert!(world.list("write $OUT/f <<END\nEND\ntest p\nrun touch -d @5 $OUT/f\nchmod 600 $OUT/f"));
        world.run(&[]).ok();
        assert!(world.list("write $OUT/f <<END\nEND\ntest p\nwrite $OUT/g <<END\nEND"));
        world.run(&["--no-tests"]).ok();
    });
}

#[test]
fn the_ledger_holds_every_step() {
    each_user(|world| {
        let steps = "write $OUT/f mode 755 <<END\nx\nEND\nexpect 3 sh -c 'exit 3'\nlink f $OUT/l\n\
                     run sh -c 'i=0; while test $i -lt 20000; do i=$((i+1)); done'\nmkdir $OUT/d\ntest p\nrun true";
        if !world.list(&format!("link busybox /bin/test\n{steps}")) {
            return;
        }
        world.run(&["--quiet", "-j3"]).ok();
        let ledger = world.read("build/ledger");
        let lines: Vec<&str> = ledger.lines().collect();
        assert_eq!(lines[0], "rawstrap-ledger 1");
        let flat = |name: &str| world.rawstrap(&["hash", "--flat", name]).ok().out[..64].to_string();
        let user =
            if world.user == User::Nobody { "65534".to_string() } else { host("id", &[&"-u"]).trim().to_string() };
        for fact in [
            format!("driver {} {}", flat("rawstrap"), env!("CARGO_PKG_VERSION")),
            format!("list {} recipes/main.steps", flat("recipes/main.steps")),
            format!("recipes {}", world.hash("recipes")),
            format!("kernel Linux {} {}", host("uname", &[&"-r"]).trim(), host("uname", &[&"-m"]).trim()),
            "package p".into(),
            "dir .".into(),
            format!("exec {} f", flat("build/stage/store/p/f")),
            "link f <- l".into(),
            "dir d".into(),
            format!("output {} p", world.hash("build/stage/store/p")),
            "test p".into(),
            format!("passed {} p", world.hash("build/stage/store/p")),
            "done".into(),
        ] {
            assert_eq!(lines.iter().filter(|line| **line == fact).count(), 1, "{fact}\n{ledger}");
        }
        assert!(lines.iter().any(|l| l.starts_with(&format!("host user={user} cores=")) && l.ends_with(" jobs=3")));
        let plan = world.rawstrap(&["steps", "-j3", "recipes/main.steps"]).ok().out;
        let planned: Vec<&str> = plan.lines().filter_map(|l| l.trim_start().split_once(' ')).map(|p| p.1).collect();
        let mut done = Vec::new();
        for pair in lines.windows(2).filter(|pair| pair[0].starts_with("step ")) {
            let words: Vec<&str> = pair[0].splitn(7, ' ').collect();
            assert!(words[2].starts_with("recipes/main.steps:"), "{}", pair[0]);
            done.push(words[6]);
            // what it took is the next line
            assert!(pair[1].starts_with(&format!("time {} wall=", words[1])), "{}", pair[1]);
        }
        assert_eq!(done, planned.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>());
        let status = |title: &str| lines.iter().find(|l| l.ends_with(title)).unwrap().to_string();
        assert!(status("expect 3 sh -c 'exit 3'").contains(" status=3 commands=1 "));
        assert!(status("mkdir /store/p/d").contains(" status=- commands=0 "));
        let at = lines.iter().position(|l| l.contains(" run sh -c 'i=0")).unwrap();
        let number = |name: &str| {
            let text = lines[at + 1].split(' ').find_map(|word| word.strip_prefix(name)).unwrap();
            text.parse::<f64>().unwrap()
        };
        assert!(number("wall=") > 0.001 && number("user=") > 0.001 && number("wall=") < 60.0, "{}", lines[at + 1]);
        assert!(number("peak=") > 100.0 && number("peak=") < 100_000.0, "{}", lines[at + 1]);
    });
}

#[test]
fn ledgers_of_equal_runs_differ_in_times_only() {
    each_user(|world| {
        let steps = "write a <<END\nEND\ncopy a b\ncopy a c\neach [abc] run cp {} $OUT/{/}\nrun sort < a > $OUT/s\n\
                     test p\nrun true\npackage q\nmkdir $OUT";
        if !world.list(steps) {
            return;
        }
        let ledger = |options: &[&str]| {
            world.run(&[&["--quiet", "-j2"], options].concat()).ok();
            let text = world.read(format!("{}/ledger", options.get(1).unwrap_or(&"build")));
            text.lines().filter(|line| !line.starts_with("time ")).map(String::from).collect::<Vec<_>>()
        };
        let first = ledger(&[]);
        assert_eq!(first, ledger(&[]));
        assert_eq!(first, ledger(&["--dir", "elsewhere"]));
    });
}

#[test]
fn until_stops_behind_a_package_and_its_tests() {
    let world = World::new(User::Caller);
    if !world.list("test p\nrun true\npackage q\nmkdir $OUT\nrun false") {
        return;
    }
    world.run(&["--until", "p"]).ok();
    let ledger = world.read("build/ledger");
    assert!(ledger.contains("\npassed ") && !ledger.contains("package q"), "{ledger}");
    world.run(&["--until", "q"]).fails(6, "exit status 1: false");
    assert!(!world.has("build/stage/tmp/p"), "a build tree goes when its package is sealed");
    world.run(&["--until", "p", "--keep-build"]).ok();
    assert!(world.has("build/stage/tmp/p"));
}
