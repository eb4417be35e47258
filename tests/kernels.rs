//! Old kernels: the table of system calls is what the sources make, nothing else is made, and where a
//! newer one is missing there is another way or a message. A kernel is old here by what it refuses;
//! `tests/old-kernel` boots one.

mod common;
#[allow(dead_code)]
#[path = "fetch/server.rs"]
mod server;

use common::{World, each_user, host, nothing_remains, ran, source_tree};
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What the table says: when a call came, and what becomes of a run without it.
fn table() -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(source_tree().join("src/sys/calls.txt")).unwrap();
    let calls = text.split_once("then what it is for.\n\n").unwrap().1;
    let calls = calls.split_once("\n\n").unwrap().0;
    let mut table = BTreeMap::new();
    for line in calls.lines() {
        let mut words = line.split_whitespace().map(str::to_string);
        let mut next = || words.next().unwrap_or_else(|| panic!("{line}"));
        assert!(table.insert(next(), (next(), next())).is_none(), "twice: {line}");
        assert!(words.next().is_some(), "it does not say what for: {line}");
    }
    table
}

/// The `.rs` files below a directory.
fn sources(dir: &Path, all: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn the_table_is_what_the_sources_call() {
    let mut files = Vec::new();
    sources(&source_tree().join("src"), &mut files);
    let mut called: Vec<String> = Vec::new();
    for text in &files {
        for part in text.split("syscall!(").skip(1) {
            let name = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
            called.push(name.to_lowercase());
        }
    }
    called.sort();
    called.dedup();
    assert_eq!(called, table().into_keys().collect::<Vec<_>>());
    // The one call that is written out, which is clone(2).
    let written: Vec<&str> = files.iter().filter_map(|text| Some(text.split_once("\"syscall\"")?.0)).collect();
    assert_eq!(written.len(), 1);
    assert!(written[0].trim_end().ends_with("\"mov eax, 56\",   // SYS_clone"), "{}", written[0]);
}

/// A list with a seed and a source, in which all verbs are; false if the host lacks what it needs.
fn prepare(world: &World, place: &str) -> bool {
    if !world.list("") {
        return false;
    }
    world.write("tar/a", "text\n".repeat(500));
    let made = "cd \"$0\" && ln a b && ln -s a l && tar -czf ../served.tar.gz a b l && sha256sum ../served.tar.gz";
    let sum = host("sh", &[&"-c", &made, &world.path("tar")]);
    world.write("recipes/make-seed", "cp \"${0%/*}/busybox\" \"$2\"\n");
    let sum = &sum[..64];
    world.write(
        "recipes/main.steps",
        format!(
            "device null\nsource x.tar.gz {sum} {place}\nseed /seed/tcc make-seed x.tar.gz\npath /bin\nshell /bin/sh\n\
             package p\nsource x.tar.gz {sum} {place}\nunpack x.tar.gz\ncopy /recipes/busybox /bin/\n\
             link busybox /bin/sh\nlink busybox /bin/cat\nlink busybox /bin/true\nwrite f <<END\none\nEND\n\
             append f <<END\ntwo\nEND\nedit f one -> three\nsame f <<END\nthree\ntwo\nEND\nmkdir d $OUT\n\
             copy f d/\nmove d/f g\nchmod 600 g\nremove d\nabsent four in g\nrun sh -c 'sleep 9 & cat f' > h\n\
             each [ab] run cat {{}} > {{}}.out\ncopy a b l f g h a.out b.out $OUT/\ntest p\nrun cat $OUT/h\n"
        ),
    );
    true
}

/// The same with the source in the downloads, where a build is right; gives the output's hash.
fn offline(world: &World) -> Option<String> {
    if !prepare(world, "deb:x/x.tar.gz") {
        return None;
    }
    std::fs::copy(world.path("served.tar.gz"), world.path("downloads/x.tar.gz")).unwrap();
    ran(&mut build(world, &[])).ok();
    Some(world.hash("build/stage/store/p"))
}

/// `rawstrap build`, by way of these words.
fn build(world: &World, words: &[&str]) -> Command {
    let binary = world.path("rawstrap").display().to_string();
    let words = [words, &[&*binary, "build", "--quiet", "--offline", "--list", "recipes/main.steps"]].concat();
    let mut command = world.command(common::which(words[0]).unwrap());
    command.args(&words[1..]);
    command
}

/// The names of the calls that strace has seen of the driver's own processes: of each up to the program
/// that it executes.
fn seen(world: &World) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(world.path("traces")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        if text.starts_with("set_robust_list(") {
            continue; // a process that a step's shell has forked: glibc's fork(3) begins so
        }
        for line in text.lines() {
            if line.starts_with("execve(") && !line.contains("/rawstrap\", [\"") && line.ends_with(" = 0") {
                break;
            }
            let name = line.split('(').next().unwrap();
            // Signals and ends; and what the kernel does itself to go on with poll(2).
            if !line.starts_with(['-', '+']) && name != "restart_syscall" {
                names.push(name.to_string());
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn no_call_is_made_that_is_not_in_the_table() {
    need!("strace", "curl");
    let server = server::Server::new();
    each_user(|world| {
        if !prepare(&world, &format!("{}/x.tar.gz", server.url)) {
            return;
        }
        server.offer("/x.tar.gz", &std::fs::read(world.path("served.tar.gz")).unwrap(), &[server::Answer::Good]);
        std::fs::create_dir(world.path("traces")).unwrap();
        world.give("traces");
        let failing = world.read("recipes/main.steps").replace("run cat $OUT/h", "run cat $OUT/none");
        let traced = |name: &str, words: &[&str]| {
            let mut strace = world.command(common::which("strace").unwrap());
            strace.args(["-ff", "-qq", "-o"]).arg(world.path("traces").join(name)).arg(world.path("rawstrap")).args(words);
            ran(&mut strace)
        };
        let list = ["--list", "recipes/main.steps"];
        let good = world.read("recipes/main.steps");
        world.write("recipes/main.steps", failing);
        traced("build", &[&["build", "-j2"], &list[..]].concat()).fails(6, "exit status 1: cat /store/p/none");
        world.write("recipes/main.steps", good);
        traced("resume", &[&["run", "--resume"], &list[..]].concat()).ok();
        traced("shell", &[&["shell"], &list[..], &["--", "/bin/true"]].concat()).ok();
        traced("again", &[&["run", "--seed", "recipes/busybox"], &list[..]].concat()).ok();
        traced("hash", &["hash", "build/stage/store/p"]).ok();
        traced("unpack", &["unpack", "downloads/x.tar.gz", "unpacked"]).ok();
        traced("image", &[&["image", "image.cpio", "--seed", "recipes/busybox"], &list[..]].concat()).ok();
        let (seen, table) = (seen(&world), table());
        let unknown: Vec<_> = seen.iter().filter(|name| !table.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "{unknown:?} are not in src/sys/calls.txt");
        assert!(seen.len() > 45 && ["mount", "execve", "utimensat"].iter().all(|name| seen.contains(&name.to_string())), "{seen:?}");
    });
}

#[test]
fn without_a_newer_call_it_works_or_says_so() {
    need!("strace");
    each_user(|world| {
        let Some(want) = offline(&world) else { return };
        let inject = |call: &str, error: &str| {
            std::fs::remove_dir_all(world.path("build")).unwrap();
            let inject = format!("inject={call}:error={error}");
            let ran = ran(&mut build(&world, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject]));
            nothing_remains(&world);
            ran
        };
        // Only where the host's /dev has no nodes is one made: tests/hosts.rs.
        for (call, (since, without)) in table().iter().filter(|row| row.1.0 != "2.6.0" && row.0 != "mknodat") {
            let ran = inject(call, "ENOSYS");
            match &**without {
                "works" => {
                    assert_eq!((ran.status, &*ran.err), (0, ""), "{call}");
                    assert_eq!(world.hash("build/stage/store/p"), want, "{call}");
                }
                "ends" => {
                    assert!((1..9).contains(&ran.status), "{call} (Linux {since}): status {}", ran.status);
                    let said = match &**call {
                        "faccessat" => "no sh is in the PATH", // as what cannot be looked for is not found
                        _ => "not known to this kernel, or forbidden; Linux 3.9 or newer is needed (ENOSYS)",
                    };
                    assert!(ran.err.contains("cannot ") && ran.err.contains(said), "{call}: {}", ran.err);
                }
                other => panic!("{call} {since} {other}"),
            }
            // What lies there is no obstacle to the next run.
            std::fs::create_dir_all(world.path("build")).unwrap();
        }
        let said = "rawstrap: cannot forbid new privileges in the room: not known to this kernel";
        inject("prctl", "EINVAL").fails(1, said);
    });
}

/// From this number on calls are newer than Linux 3.8, which ended with finit_module(2).
const LINUX_3_8: u32 = 314;

/// As on a kernel that does not know these calls, for all that the command starts.
fn as_on_linux_3_8(command: &mut Command) -> &mut Command {
    let op = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = vec![
        op(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0), // the number
        op(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, LINUX_3_8),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        op(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    // SAFETY: two system calls, between fork and exec; the program outlives them.
    unsafe {
        command.pre_exec(move || {
            let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
            let set = libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) == 0;
            if set { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        })
    }
}

#[test]
fn without_close_range_no_descriptor_comes_in() {
    each_user(|world| {
        if !world.compile("look") || !world.list("copy /recipes/look /bin/\nrun look descriptors > $OUT/seen") {
            return;
        }
        let mut command = world.rawstrap_command(&["run", "--list", "recipes/main.steps"]);
        // SAFETY: system calls between fork and exec.
        unsafe {
            command.pre_exec(|| {
                let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
                libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
                limit.rlim_cur = limit.rlim_max;
                libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
                for number in [3, 100, 4095, (limit.rlim_max as i32 - 1).min(9999)] {
                    if libc::dup2(0, number) < 0 {
                        return Err(std::io::Error::last_os_error());
                    }
                }
                Ok(())
            })
        };
        ran(as_on_linux_3_8(&mut command)).ok();
        assert_eq!(world.read(world.out("seen")), "open 0\nopen 1\nopen 2\nstdin is device 1:3, reads 0\n");
    });
}

#[test]
fn with_the_calls_of_linux_3_8_the_result_is_the_same() {
    each_user(|world| {
        let Some(want) = offline(&world) else { return };
        let new = "import os; os.memfd_create('x')"; // Linux 3.17
        if common::which("python3").is_some() {
            let refused = ran(as_on_linux_3_8(Command::new("python3").args(["-c", new])));
            refused.fails(1, "Function not implemented");
        }
        std::fs::remove_dir_all(world.path("build")).unwrap();
        ran(as_on_linux_3_8(&mut build(&world, &[]))).ok();
        assert_eq!(world.hash("build/stage/store/p"), want);
        let list = ["run", "--list", "recipes/main.steps", "--resume"];
        ran(as_on_linux_3_8(&mut world.rawstrap_command(&list))).ok();
        let shell = ["shell", "--list", "recipes/main.steps", "--", "/bin/cat", "/store/p/h"];
        assert_eq!(ran(as_on_linux_3_8(&mut world.rawstrap_command(&shell))).ok().out, "three\ntwo\n");
        nothing_remains(&world);
    });
}
