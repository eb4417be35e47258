//! Whatever tar, gzip, bzip2 and xz write, rawstrap reads: every format, level, check, filter, size
//! of blocks, number of streams and padding.

mod common;

use common::{Random, User, World, host, same_tree, tree};

fn sh(world: &World, script: &str) {
    host("sh", &[&"-c", &format!("cd '{}' && umask 022 && {script}", world.dir.display())]);
}

/// A tree of all kinds of data, and what GNU tar makes of it.
fn source(world: &World) {
    let mut random = Random::new(11);
    world.write("in/mixed", random.bytes(150_000));
    world.write("in/noise", (0..20_000).map(|_| random.below(256) as u8).collect::<Vec<_>>());
    world.write("in/zeros", vec![0; 100_000]);
    world.write("in/text", (0..3_000).map(|i| format!("line {i} of {}\n", i * i % 977)).collect::<String>());
    world.write("in/waves", (0..60_000).map(|i| (i % 60 * i / 1000) as u8).collect::<Vec<_>>());
    host("sh", &[&"-c", &format!("head -c 60000 '{}' >'{}'", common::binary().display(), world.path("in/code").display())]);
    sh(world, "ln in/text in/hard; ln -s text in/soft; mkdir in/empty; touch -d '2001-02-03 04:05:06' in/* in");
}

/// Packs `a.tar` by each script, and unpacks what comes out.
fn all(world: &World, scripts: impl IntoIterator<Item = String>) {
    let want = tree(&world.path("gnu"));
    for script in scripts {
        sh(world, &format!("rm -rf out && {script} >packed"));
        world.rawstrap(&["unpack", "packed", "out"]).ok();
        same_tree(&script, &tree(&world.path("out")), &want);
    }
}

fn world(format: &str) -> World {
    let world = World::new(User::Caller);
    source(&world);
    sh(&world, &format!("tar --format={format} -cf a.tar in && mkdir gnu && tar --no-same-owner -C gnu -xf a.tar"));
    world
}

/// `pack` on the first part and on the second, as streams or members that follow each other.
fn two(pack: &str, between: &str, other: &str) -> String {
    format!("{{ head -c 70000 a.tar | {pack}; {between} tail -c +70001 a.tar | {other}; }}")
}

#[test]
fn formats() {
    need!("gzip", "bzip2", "xz");
    for format in ["v7", "oldgnu", "gnu", "ustar", "posix"] {
        let packers = ["cat", "gzip", "bzip2", "xz", "xz --x86 --lzma2"];
        let blocks = ["-b1", "-b126", "--record-size=1M"].map(|b| format!("tar --format={format} {b} -c in"));
        all(&world(format), packers.map(|pack| format!("{pack} <a.tar")).into_iter().chain(blocks));
    }
}

#[test]
fn gzip() {
    need!("gzip");
    let levels = (1..=9).flat_map(|level| {
        let (one, rsyncable) = (format!("gzip -{level} <a.tar"), format!("gzip --rsyncable -{level} <a.tar"));
        [one, rsyncable, format!("gzip -{level} -c a.tar"), two(&format!("gzip -{level}"), "", "gzip -n")]
    });
    let padded = ["512", "100000"].map(|count| format!("{{ gzip <a.tar; head -c {count} /dev/zero; }}"));
    all(&world("posix"), levels.chain(padded).chain([two("gzip", "gzip </dev/null;", "gzip -1")]));
}

#[test]
fn bzip2() {
    need!("bzip2");
    let levels = (1..=9).flat_map(|level| {
        let two = two(&format!("bzip2 -{level}"), "bzip2 </dev/null;", "bzip2 -1");
        [format!("bzip2 -{level} <a.tar"), format!("bzip2 -s -{level} <a.tar"), two]
    });
    let world = world("posix");
    // Long runs, and more than one block.
    sh(&world, "head -c 3000000 /dev/zero >in/long; head -c 2000000 /dev/urandom >in/many");
    sh(&world, "tar -cf a.tar in && tar --no-same-owner -C gnu -xf a.tar");
    all(&world, levels);
}

#[test]
fn xz() {
    need!("xz");
    let mut scripts = Vec::new();
    let mut add = |options: String| scripts.push(format!("xz {options} <a.tar"));
    for level in 0..=9 {
        add(format!("-{level}"));
        add(format!("-{level}e"));
    }
    for check in ["none", "crc32", "crc64", "sha256"] {
        let blocks = ["-T2 --block-size=65536", "--block-size=4096 -0", "--block-list=1,100,512,0 -1"];
        for options in blocks.into_iter().chain(["-0", "--x86 --lzma2"]) {
            add(format!("--check={check} {options}"));
        }
    }
    // All that LZMA2 allows.
    for lc in 0..=4 {
        for lp in 0..=4 - lc {
            for pb in 0..=4 {
                add(format!("--lzma2=preset=0,lc={lc},lp={lp},pb={pb}"));
            }
        }
    }
    for finder in ["hc3", "hc4", "bt2", "bt3", "bt4"] {
        for (mode, nice) in [("fast", 4), ("normal", 4), ("fast", 273), ("normal", 273)] {
            add(format!("--lzma2=dict=64KiB,mf={finder},mode={mode},nice={nice}"));
        }
    }
    for dict in ["4KiB", "5000", "64KiB", "96KiB", "1MiB", "3MiB"] {
        add(format!("--lzma2=preset=1,dict={dict}"));
    }
    for distance in [1, 2, 3, 4, 17, 255, 256] {
        add(format!("--delta=dist={distance} --lzma2=preset=1"));
        add(format!("--x86 --delta=dist={distance} --lzma2=preset=1"));
        add(format!("--delta --delta=dist={distance} --x86=start=4096 --lzma2=preset=1"));
    }
    for padding in [4, 8, 512, 65_536, 65_540] {
        scripts.push(two("xz -1", &format!("head -c {padding} /dev/zero;"), "xz --check=none -0"));
        scripts.push(format!("{{ xz <a.tar; head -c {padding} /dev/zero; }}"));
    }
    scripts.push(two("xz", "xz </dev/null;", "xz --check=sha256"));
    all(&world("posix"), scripts);
}
