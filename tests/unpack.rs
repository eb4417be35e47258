//! `unpack` against GNU tar, gzip, bzip2 and xz: what they make is read, to the same tree; what
//! is damaged or leads outside is refused.

mod common;

use common::{Ran, Random, User, World, each_user, host, same_tree, tree};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// Does it in the folder, with the host's shell.
#[track_caller]
fn sh(world: &World, script: &str) {
    host("sh", &[&"-c", &format!("cd '{}' && umask 022 && {script}", world.dir.display())]);
}

/// A tree with what archives have trouble with.
fn source(world: &World, utf8_only: bool) {
    let mut random = Random::new(9);
    for size in [0, 1, 511, 512, 513, 1024, 10_239, 10_240, 65_536, 300_000] {
        world.write(format!("in/sizes/{size}"), random.bytes(size));
    }
    for (n, mode) in [0o644, 0o755, 0o400, 0o511, 0o777, 0o666, 0o4755, 0o2711, 0o1600].into_iter().enumerate() {
        let name = format!("in/modes/m{n}");
        world.write(&name, name.as_bytes());
        std::fs::set_permissions(world.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    for (n, length) in [1, 99, 100, 101, 154, 155, 156, 200, 255].into_iter().enumerate() {
        world.write(Path::new(&format!("in/{n}")).join("l".repeat(length)), "x");
        let deep = vec!["d".repeat(45); 1 + n].join("/");
        world.write(Path::new(&format!("in/deep{n}")).join(deep).join("f"), "y");
    }
    for name in ["a b", " ", "\u{e4}\u{20ac}", "new\nline", "-dash", "*", "\\", "'\"$(x)"] {
        world.write(Path::new("in/names").join(name), name);
    }
    if !utf8_only {
        world.write(Path::new("in/names").join(OsStr::from_bytes(b"\xff\xfe")), "x");
    }
    std::fs::create_dir(world.path("in/links")).unwrap();
    for (n, text) in ["../sizes/1", "nowhere", "/etc/passwd", &"t".repeat(99), &"t".repeat(100), &"t/".repeat(300)]
        .iter()
        .enumerate()
    {
        symlink(text, world.path(format!("in/links/s{n}"))).unwrap();
    }
    for name in ["in/links/hard", "in/a-hard", "in/zz"] {
        std::fs::hard_link(world.path("in/sizes/513"), world.path(name)).unwrap();
    }
    std::fs::hard_link(world.path("in/0/l"), world.path("in/links").join("h".repeat(160))).unwrap();
    std::fs::create_dir_all(world.path("in/empty/within")).unwrap();
    // Times: to the nanosecond, before 1970, after 2038; directories last, and one without write.
    sh(world, "find in -type f -exec touch -d '2001-02-03 04:05:06.123456789' {} +");
    sh(
        world,
        "touch -d @0 in/sizes/0; touch -d '1969-12-31 23:00:00 UTC' in/sizes/1; touch -d @5000000000.5 in/sizes/511",
    );
    sh(world, "find in -type d -exec touch -d '2010-01-01 00:00:00.5' {} +; chmod 555 in/empty; chmod 700 in/modes");
}

#[track_caller]
fn unpack(world: &World, archive: &str, options: &[&str]) -> Ran {
    let _ = std::fs::remove_dir_all(world.path("out"));
    world.rawstrap(&[&["unpack", archive, "out"], options].concat())
}

/// What GNU tar makes of it, for an ordinary user with umask 022.
fn gnu(world: &World, archive: &str, options: &str) -> Vec<String> {
    sh(
        world,
        &format!("rm -rf gnu && mkdir gnu && tar --no-same-owner --no-same-permissions {options} -C gnu -xf {archive}"),
    );
    tree(&world.path("gnu"))
}

#[test]
fn every_format_of_tar_gives_the_same_tree() {
    each_user(|world| {
        source(&world, false);
        for format in ["gnu", "oldgnu", "posix", "ustar", "v7"] {
            // What the old formats cannot hold GNU tar leaves out, and says so with its status.
            sh(&world, &format!("tar --format={format} -cf a.tar in 2>said || test {format} = ustar -o {format} = v7"));
            let want = gnu(&world, "a.tar", "");
            assert!(want.len() > 40, "{format}: {}", want.len());
            unpack(&world, "a.tar", &[]).ok();
            same_tree(format, &tree(&world.path("out")), &want);
        }
        // Without those that would leave no name to link to, if the directory lists them first.
        sh(&world, "tar --format=posix --exclude=in/a-hard --exclude=in/zz -cf a.tar in");
        for strip in ["1", "2", "3", "9"] {
            unpack(&world, "a.tar", &["--strip", strip]).ok();
            let want = gnu(&world, "a.tar", &format!("--strip-components={strip}"));
            same_tree(&format!("--strip {strip}"), &tree(&world.path("out")), &want);
        }
    });
}

#[test]
fn archives_in_other_shapes_are_read() {
    let world = World::new(User::Caller);
    source(&world, true);
    let archives = [
        ("blocks", "tar -b1 -cf a.tar in"),
        ("large blocks", "tar -b2000 -cf a.tar in"),
        ("dots", "tar -cf a.tar ./in"),
        (
            "files only",
            "find in -type f -o -type l | LC_ALL=C sort > list; tar --verbatim-files-from -T list -cf a.tar 2>said || true",
        ),
        ("each member twice", "tar -cf a.tar in && tar -rf a.tar in"),
        ("no reserved time", "tar --format=posix --pax-option=delete=atime,delete=ctime,delete=mtime -cf a.tar in"),
        ("a global header", "tar --format=posix --pax-option=globexthdr.name=g,comment=x -cf a.tar in"),
        ("fixed owner", "tar --owner=someone:4000000 --group=others:4000000 --sort=name -cf a.tar in"),
    ];
    for (what, script) in archives {
        sh(&world, script);
        unpack(&world, "a.tar", &[]).ok();
        let (got, want) = (tree(&world.path("out")), gnu(&world, "a.tar", ""));
        // Directories that no member names have the time of unpacking.
        let known = |lines: Vec<String>| -> Vec<String> {
            lines.into_iter().filter(|line| what != "files only" || !line.ends_with(" directory")).collect()
        };
        same_tree(what, &known(got), &known(want));
    }
}

/// How the host's tools compress, and what the file is called.
const COMPRESSIONS: &[(&str, &str)] = &[
    ("gzip -1", "gz"),
    ("gzip -6", "gz"),
    ("gzip -9", "gz"),
    ("sh -c 'head -c 5000 a.tar | gzip; tail -c +5001 a.tar | gzip -1'", "gz"),
    ("bzip2 -1", "bz2"),
    ("bzip2 -9", "bz2"),
    ("sh -c 'head -c 70000 a.tar | bzip2 -1; tail -c +70001 a.tar | bzip2'", "bz2"),
    ("xz -0", "xz"),
    ("xz -6", "xz"),
    ("xz -9e", "xz"),
    ("xz --check=none", "xz"),
    ("xz --check=crc32", "xz"),
    ("xz --check=sha256", "xz"),
    ("xz --block-size=100000", "xz"),
    ("xz -T2 --block-size=65536", "xz"),
    ("xz --lzma2=preset=6,lc=0,lp=2,pb=0", "xz"),
    ("xz --x86 --lzma2", "xz"),
    ("xz --delta=dist=4 --lzma2", "xz"),
    ("sh -c 'head -c 70000 a.tar | xz; tail -c +70001 a.tar | xz -1'", "xz"),
];

#[test]
fn every_compression_gives_the_same_tree() {
    need!("gzip", "bzip2", "xz");
    let world = World::new(User::Caller);
    source(&world, true);
    host("cp", &[&common::binary(), &world.path("in/program")]); // something that has x86 code
    sh(&world, "touch -d '2010-01-01 00:00:00.5' in; tar --format=posix -cf a.tar in");
    let want = gnu(&world, "a.tar", "");
    for (compress, end) in COMPRESSIONS {
        sh(&world, &format!("{compress} < a.tar > a.tar.{end}"));
        unpack(&world, &format!("a.tar.{end}"), &[]).ok();
        same_tree(compress, &tree(&world.path("out")), &want);
    }
    // The name says nothing: the first bytes do.
    for end in ["gz", "bz2", "xz"] {
        std::fs::rename(world.path(format!("a.tar.{end}")), world.path("unnamed")).unwrap();
        unpack(&world, "unnamed", &[]).ok();
        same_tree(end, &tree(&world.path("out")), &want);
    }
}

#[test]
fn large_archives_of_many_kinds_of_data_are_read() {
    need!("gzip", "bzip2", "xz");
    let world = World::new(User::Caller);
    let mut random = Random::new(21);
    world.write("in/zeros", vec![0; 3_000_000]);
    world.write("in/noise", (0..1_000_000).map(|_| random.below(256) as u8).collect::<Vec<_>>());
    world.write("in/mixed", random.bytes(2_000_000));
    world.write("in/ab", "ab".repeat(700_000));
    let words: Vec<String> = (0..500).map(|_| format!("word{} ", random.below(100_000))).collect();
    world.write("in/text", (0..200_000).map(|_| &*words[random.below(words.len())]).collect::<String>());
    sh(&world, "tar -cf a.tar in");
    let want = gnu(&world, "a.tar", "");
    for (compress, end) in [("gzip", "gz"), ("bzip2", "bz2"), ("xz -1", "xz"), ("xz -6", "xz")] {
        sh(&world, &format!("{compress} < a.tar > a.{end}"));
        unpack(&world, &format!("a.{end}"), &[]).ok();
        same_tree(compress, &tree(&world.path("out")), &want);
    }
}

#[test]
fn damage_is_an_error_and_never_a_crash() {
    need!("gzip", "bzip2", "xz");
    let world = World::new(User::Caller);
    let mut random = Random::new(13);
    for n in 0..12 {
        world.write(format!("in/{n}"), random.bytes(1 << n));
    }
    sh(&world, "tar -cf a.tar in");
    unpack(&world, "a.tar", &[]).ok();
    let want = tree(&world.path("out"));
    let mut errors = std::collections::BTreeSet::new();
    for compress in ["gzip", "bzip2", "xz", "xz --check=sha256 --block-size=4096"] {
        sh(&world, &format!("{compress} < a.tar > whole"));
        let whole = std::fs::read(world.path("whole")).unwrap();
        let mut refused = |what: String, bytes: &[u8]| {
            world.write("bad", bytes);
            let ran = unpack(&world, "bad", &[]);
            if ran.status == 0 {
                // A byte that means nothing, such as the time in the header of gzip.
                assert_eq!(tree(&world.path("out")), want, "{compress}, {what}: wrong, and no error");
                return 0;
            }
            assert_eq!(ran.status, 4, "{compress}, {what}: {}", ran.err);
            assert!(ran.err.starts_with("rawstrap: cannot unpack bad: "), "{compress}, {what}: {}", ran.err);
            errors.insert(ran.err.split(", at byte").next().unwrap().to_string());
            1
        };
        let mut ends: Vec<usize> = (0..20).chain(whole.len() - 40..whole.len()).collect();
        ends.extend((0..40).map(|_| random.below(whole.len())));
        for end in ends {
            assert_eq!(refused(format!("cut at {end}"), &whole[..end]), 1, "{compress}: cut at {end}");
        }
        let mut seen = 0;
        let ats: Vec<usize> = (0..32.min(whole.len())).chain((0..100).map(|_| random.below(whole.len()))).collect();
        for at in &ats {
            let mut bytes = whole.clone();
            bytes[*at] ^= 1 << random.below(8);
            seen += refused(format!("a bit flipped in byte {at}"), &bytes);
        }
        assert!(seen + 10 > ats.len(), "{compress}: only {seen} of {} flips were seen", ats.len());
        let mut more = whole.clone();
        more.extend(b"more");
        // bzip2 itself says nothing about it, and neither does rawstrap.
        let want = u32::from(compress != "bzip2") as usize;
        assert_eq!(refused("garbage at the end".into(), &more), want, "{compress}: garbage at the end");
    }
    assert!(errors.len() > 10, "{errors:#?}");
}

#[test]
fn a_tar_that_ends_early_is_an_error() {
    let world = World::new(User::Caller);
    for n in 0..12 {
        world.write(format!("in/{n}/{}", "name".repeat(n * 4 + 1)), vec![b'x'; n * 100]);
    }
    sh(&world, "tar -cf whole in");
    let whole = std::fs::read(world.path("whole")).unwrap();
    let mut random = Random::new(4);
    for end in [0, 1, 511, 512, 513, 1024].into_iter().chain((0..30).map(|_| random.below(whole.len() / 2))) {
        world.write("bad", &whole[..end]);
        unpack(&world, "bad", &[]).fails(4, "rawstrap: cannot unpack bad: ");
    }
    for _ in 0..100 {
        let mut bytes = whole.clone();
        for _ in 0..20 {
            // in headers mostly, of which there are many
            let at = random.below(whole.len() / 512) * 512 + random.below(512);
            bytes[at] = random.below(256) as u8;
        }
        world.write("bad", bytes);
        let ran = unpack(&world, "bad", &[]);
        assert!([0, 1, 4].contains(&ran.status), "{} {}", ran.status, ran.err);
    }
    world.write("text", "this is no archive\n".repeat(100));
    unpack(&world, "text", &[]).fails(4, "not a tar archive");
    unpack(&world, "none", &[]).fails(1, "cannot open none: no such file or directory (ENOENT)");
}

#[test]
fn nothing_is_made_outside() {
    each_user(|world| {
        std::fs::create_dir(world.path("victim")).unwrap();
        world.write("victim/f", "the host's");
        world.give("victim");
        world.give("victim/f");
        let before = tree(&world.path("victim"));
        let dir = world.dir.display().to_string();
        world.write("sub/x", "x");
        world.write("real/l/new", "new");
        world.write("real/l/f", "new");
        for (what, script, message) in [
            ("absolute", format!("tar -cPf a.tar '{dir}/victim/f'"), "absolute name"),
            ("..", "cd sub && tar -cPf ../a.tar ../victim/f".into(), "'..' in a name"),
            (".. within", "tar -cPf a.tar sub/../victim/f".into(), "'..' in a name"),
            (
                "through a link",
                format!(
                    "mkdir -p w && ln -sfn '{dir}/victim' w/l && tar -C w -cf a.tar l && tar -C real -rf a.tar l/new"
                ),
                "symbolic link",
            ),
            (
                "through a link to ..",
                "mkdir -p w && ln -sfn ../victim w/l && tar -C w -cf a.tar l && tar -C real -rf a.tar l/f".into(),
                "symbolic link",
            ),
            (
                "a link to the outside",
                format!(
                    "rm -rf w; mkdir w && ln '{dir}/victim/f' w/f && ln w/f w/g && tar -C w -cf a.tar --transform 's,^f$,{dir}/victim/f,H;s,^f$,{dir}/victim/f,h' f g"
                ),
                "absolute name",
            ),
        ] {
            sh(&world, &format!("rm -f a.tar; {script} 2>said"));
            unpack(&world, "a.tar", &[]).fails(4, message);
            assert_eq!(tree(&world.path("victim")), before, "{what}");
            assert!(!world.has("victim/new"), "{what}");
        }
        // With a link that is there already, in the directory to unpack into.
        sh(&world, "rm -rf out a.tar && tar -C real -cf a.tar l");
        std::fs::create_dir(world.path("out")).unwrap();
        world.give("out");
        symlink("../victim", world.path("out/l")).unwrap();
        let ran = world.rawstrap(&["unpack", "a.tar", "out"]);
        assert!([0, 4].contains(&ran.status), "{}", ran.err);
        assert_eq!(tree(&world.path("victim")), before);
    });
}

#[test]
fn what_cannot_be_kept_is_refused() {
    need!("mkfifo", "lzma");
    let world = World::new(User::Caller);
    sh(&world, "truncate -s 5M in && echo x >> in && tar -Scf a.tar in");
    let said = unpack(&world, "a.tar", &[]).fails(4, "cannot unpack a.tar: ").err;
    assert!(said.to_lowercase().contains("sparse"), "{said}");
    sh(&world, "tar --format=posix -Scf a.tar in");
    let said = unpack(&world, "a.tar", &[]).fails(4, "cannot unpack a.tar: ").err;
    assert!(said.to_lowercase().contains("sparse"), "{said}");
    sh(&world, "rm in && mkfifo in && tar -cf a.tar in");
    unpack(&world, "a.tar", &[]).fails(4, "cannot unpack a.tar: tar: member 'in': ");
    world.write("f", "x");
    sh(&world, "tar -cf - f | lzma > a.tar");
    unpack(&world, "a.tar", &[]).fails(4, "cannot unpack a.tar: ");
}
