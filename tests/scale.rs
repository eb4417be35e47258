//! Scale: long lists, many steps, much output, archives of many members; in CPU time and memory, so
//! that a busy machine does not matter.

mod common;

use common::{User, World, host, nothing_remains};
use std::process::Stdio;

/// CPU seconds and KiB of resident memory that a command took, which has to end well.
fn cost(world: &World, args: &[&str]) -> (f64, i64) {
    let child = world.rawstrap_command(args).stdout(Stdio::null()).spawn().unwrap();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: room for both; the child is waited for nowhere else.
    let usage = unsafe {
        assert_eq!(libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr()), child.id() as i32);
        usage.assume_init()
    };
    assert_eq!(status, 0, "{args:?}");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss)
}

/// Whatever is ten times as long costs about ten times as much.
fn grows(what: &str, list: impl Fn(usize) -> String, most: usize) {
    let world = World::new(User::Caller);
    world.write("recipes/short.steps", list(most / 10));
    world.write("recipes/long.steps", list(most));
    for command in ["check", "steps"] {
        let (_, few) = cost(&world, &[command, "recipes/short.steps"]);
        let (seconds, many) = cost(&world, &[command, "recipes/long.steps"]);
        eprintln!("{command} of {most} {what}: {seconds:.2} s CPU, {many} KiB; of a tenth: {few} KiB");
        assert!(seconds < 0.7, "{command} of {most} {what}: {seconds} s");
        // (The least is what the test program has itself, before it becomes rawstrap.)
        assert!(many < 12 * few && many < 40 << 10, "{command} of {most} {what}: {many} KiB, of a tenth {few} KiB");
    }
}

#[test]
fn a_list_of_100000_steps() {
    let step = |n| format!("run true {n} $OUT\n");
    grows("steps", |count| format!("path /bin\npackage p\nmkdir $OUT\n{}", (0..count).map(step).collect::<String>()), 100_000);
}

#[test]
fn a_list_of_10000_packages() {
    let package = |n: usize| {
        format!("package p{n}\npath /bin\nmkdir $OUT\nrun cp /store/p{}/x $OUT/x\n", n.saturating_sub(1))
    };
    grows("packages", |count| (0..count).map(package).collect(), 10_000);
}

#[test]
fn ten_thousand_steps_run() {
    let world = World::new(User::Caller);
    if !world.list(&"run true\n".repeat(10_000)) {
        return;
    }
    world.run(&["--quiet"]).ok();
    nothing_remains(&world);
    let ledger = world.read("build/ledger");
    assert_eq!(ledger.lines().filter(|line| line.starts_with("step ") && line.ends_with(" run true")).count(), 10_000);
    assert_eq!(world.read("build/logs/p.log").matches("] run true\n").count(), 10_000);
}

/// 2 GB in full; CI writes a tenth of it.
#[test]
fn much_output_is_all_in_the_log() {
    let whole = std::env::var("RAWSTRAP_SCALE").is_ok_and(|what| what == "all");
    let megabytes: u64 = if whole { 2048 } else { 200 };
    let world = World::new(User::Caller);
    if !world.list_with("device null zero", &format!("run head -c {megabytes}m /dev/zero")) {
        return;
    }
    world.run(&["--quiet"]).ok();
    let log = std::fs::metadata(world.path("build/logs/p.log")).unwrap().len();
    assert!((megabytes << 20..(megabytes << 20) + 10_000).contains(&log), "{log} bytes of {megabytes} MiB");
    // The driver itself stays small.
    let ledger = world.read("build/ledger");
    let driver = ledger.lines().find(|line| line.starts_with("time driver ")).unwrap();
    let peak: u64 = driver.split_once("peak=").unwrap().1.parse().unwrap();
    assert!(peak < 16 << 10, "{driver}");
}

/// Hard links and long names among 300,000 members; CI takes a tenth of them.
#[test]
fn an_archive_of_very_many_members() {
    need!("python3", "tar");
    let whole = std::env::var("RAWSTRAP_SCALE").is_ok_and(|what| what == "all");
    let count = if whole { 300_000 } else { 30_000 };
    let world = World::new(User::Caller);
    let make = format!(
        "import io, sys, tarfile\n\
         t = tarfile.open(sys.argv[1], 'w', format=tarfile.GNU_FORMAT)\n\
         for n in range({count}):\n\
         \x20   i = tarfile.TarInfo('d%d/%s%d' % (n // 1000, 'long' * (n % 50), n))\n\
         \x20   i.mtime = 1000000000 + n\n\
         \x20   if n % 10 == 9:\n\
         \x20       i.type, i.linkname = tarfile.LNKTYPE, last\n\
         \x20       t.addfile(i)\n\
         \x20   else:\n\
         \x20       i.size, last = 3, i.name\n\
         \x20       t.addfile(i, io.BytesIO(b'abc'))\n\
         t.close()\n"
    );
    host("python3", &[&"-c", &make, &world.path("many.tar")]);
    let (seconds, peak) = cost(&world, &["unpack", "many.tar", "ours"]);
    eprintln!("{count} members: {seconds:.2} s CPU, {peak} KiB");
    assert!(peak < 64 << 10, "{peak} KiB");
    std::fs::create_dir(world.path("theirs")).unwrap();
    host("tar", &[&"-xf", &world.path("many.tar"), &"-C", &world.path("theirs")]);
    assert_eq!(world.hash("ours"), world.hash("theirs"));
    // Directories that the archive only implies are as old as the unpacking.
    let files = |name| common::tree(&world.path(name)).into_iter().filter(|line| !line.ends_with(" directory")).collect::<Vec<_>>();
    let (ours, theirs) = (files("ours"), files("theirs"));
    assert_eq!(ours.len(), count);
    assert!(ours == theirs, "{:?}", ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs));
}
