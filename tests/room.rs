//! The room seen from inside: what a step finds of the host (nothing), and what it may do.

mod common;

use common::{User, World, each_user, is_root};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener};

/// Runs `look` with these arguments in the room, with `above` at the top of the list, and gives
/// what it prints; nothing if the machine lacks what that needs.
fn look_with(world: &World, above: &str, args: &str) -> Option<String> {
    let steps = format!("copy /recipes/look /bin/\nrun look {args} > $OUT/seen");
    if !world.compile("look") || !world.list_with(above, &steps) {
        return None;
    }
    world.run(&["--quiet"]).ok();
    Some(world.read(world.out("seen")))
}

fn look(world: &World, args: &str) -> Option<String> {
    look_with(world, "device null", args)
}

#[test]
fn descriptors_are_0_1_and_2() {
    each_user(|world| {
        if let Some(seen) = look(&world, "descriptors") {
            assert_eq!(seen, "open 0\nopen 1\nopen 2\nstdin is device 1:3, reads 0\n");
        }
    });
}

#[test]
fn signals_are_as_new() {
    each_user(|world| {
        let steps = "copy /recipes/look /bin/\nrun look signals > $OUT/seen";
        if !world.compile("look") || !world.list(steps) {
            return;
        }
        // A caller who ignores and blocks: nohup, or a daemon's careless parent.
        let script = "trap '' HUP INT QUIT PIPE TERM CHLD; exec \"$0\" run --quiet --list recipes/main.steps";
        let ran = common::ran(world.command("/bin/sh").args(["-c", script]).arg(world.path("rawstrap")));
        ran.ok();
        assert_eq!(world.read(world.out("seen")), "blocked 0\n");
    });
}

#[test]
fn processes_start_with_fixed_limits_and_names() {
    each_user(|world| {
        let steps = "copy /recipes/look /bin/\nrun look process > $OUT/seen";
        if !world.compile("look") || !world.list(steps) {
            return;
        }
        let script =
            "umask 077; ulimit -c unlimited; ulimit -s 4096; exec \"$0\" run --quiet --list recipes/main.steps";
        common::ran(world.command("/bin/sh").args(["-c", script]).arg(world.path("rawstrap"))).ok();
        let seen = world.read(world.out("seen"));
        for fact in [
            "umask 022",
            "limit core 0",
            "limit nofile 1024",
            "no_new_privs 1",
            "user 0 0 group 0 0",
            "host rawstrap domain (none)",
            "parent 1 session 1",
            "terminal no",
        ] {
            assert!(seen.lines().any(|line| line == fact), "{fact}:\n{seen}");
        }
        // `ulimit -s` lowered the hard limit too: more than that nobody can give.
        assert!(seen.contains("limit stack 4194304\n"), "{seen}");
    });
}

#[test]
fn capabilities_are_few() {
    each_user(|world| {
        if let Some(seen) = look(&world, "capabilities") {
            // CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID
            let few = "00000001a";
            assert_eq!(
                seen,
                format!("effective {few}\npermitted {few}\ninheritable 000000000\nbounding 1a\nambient 0\n")
            );
        }
    });
}

#[test]
fn no_file_of_the_host_is_there() {
    each_user(|world| {
        world.write("marker", "the host's");
        let marker = world.path("marker").display().to_string();
        let names = "/etc /etc/passwd /proc /sys /root /home /usr /lib64 /oldroot";
        let Some(seen) = look(&world, &format!("exists {marker} {} {names} /bin", world.dir.display())) else { return };
        for line in seen.lines() {
            assert_eq!(line.ends_with(": yes"), line.starts_with("/bin:"), "{line}");
        }
        assert!(
            world.list("run ls -a / > $OUT/root\nrun ls -a /store /tmp > $OUT/more\nrun ls -a /recipes > $OUT/recipes")
        );
        world.run(&["--quiet"]).ok();
        assert_eq!(world.read(world.out("root")), ".\n..\nbin\ndev\ndownloads\nrecipes\nstore\ntmp\n");
        assert_eq!(world.read(world.out("more")), "/store:\n.\n..\np\n\n/tmp:\n.\n..\np\n");
        let mut recipes: Vec<String> = std::fs::read_dir(world.path("recipes"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        recipes.sort();
        let seen = world.read(world.out("recipes"));
        assert_eq!(seen.lines().skip(2).collect::<Vec<_>>(), recipes);
    });
}

#[test]
fn no_process_of_the_host_is_there() {
    each_user(|world| {
        if let Some(seen) = look(&world, "processes") {
            assert_eq!(seen, "process 1\nprocess itself\n");
        }
    });
}

#[test]
fn no_network_of_the_host_is_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("rawstrap-test-{}", std::process::id());
    let abstracted = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let number = port.local_addr().unwrap().port();
    each_user(|world| {
        if let Some(seen) = look(&world, &format!("network {number} {name}")) {
            let want = "interface lo up\nconnect to the host's port: ECONNREFUSED\nconnect to the world: ENETUNREACH\n\
                        connect to the host's abstract socket: ECONNREFUSED\nlisten: done\nconnect to itself: done\n";
            // Some kernels put tunnels of their own into each namespace; they are down.
            let seen: Vec<&str> = seen.lines().filter(|l| !l.starts_with("interface ") || l.ends_with(" up")).collect();
            assert_eq!(seen, want.lines().collect::<Vec<_>>());
        }
    });
    drop((port, abstracted));
}

#[test]
fn what_needs_power_is_refused() {
    each_user(|world| {
        if let Some(seen) = look(&world, "forbidden") {
            for line in seen.lines() {
                if line == "signal to PID 1: done" {
                    continue; // the kernel drops it: that this line came, and the run ended well, shows it
                }
                let refused = ["EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT"].iter().any(|name| line.ends_with(name));
                // Ids that have no place in the user namespace.
                let unmapped = (line.starts_with("chown") || line.starts_with("setuid")) && line.ends_with("EINVAL");
                assert!(refused || unmapped, "{line}");
            }
            assert_eq!(seen.lines().count(), 37, "{seen}");
        }
    });
}

#[test]
fn what_is_shared_with_the_host_is_refused() {
    each_user(|world| {
        if let Some(seen) = look(&world, "shared") {
            let want = "session keyring: ENOSYS\nread the user's keyring: ENOSYS\nadd a key: ENOSYS\nrequest a key: ENOSYS\n\
                        socket of family 40: EAFNOSUPPORT\nsocket of family 38: EAFNOSUPPORT\n\
                        socket of family 31: EAFNOSUPPORT\nsocket of family 30: EAFNOSUPPORT\n\
                        socket of family 1: done\nsocket of family 2: done\nsocket of family 10: done\n\
                        socket of netlink: done\n";
            assert_eq!(seen, want);
        }
        if let Some(seen) = look(&world, "shared32") {
            // A kernel without 32-bit programs ends this one with SIGSEGV.
            let want = "session keyring: ENOSYS\nadd a key: ENOSYS\nrequest a key: ENOSYS\nthe kernel's log: EPERM\n\
                        socketcall: ENOSYS\nsocket of vsock: EAFNOSUPPORT\nTIOCSTI: EPERM\nsocket: done\ngetpid: done\n";
            assert_eq!(seen, want);
        }
    });
}

#[test]
fn there_is_no_way_up() {
    each_user(|world| {
        world.write("downloads/d", "a source");
        if let Some(seen) = look(&world, "escape") {
            let want = "chdir: the root\nchroot: EPERM\nfchdir: the root\nrename: the root\n/proc/1/root: ENOENT\nsysrq: ENOENT\n\
                        cgroup: ENOENT\nhard link of a source: EXDEV\nhard link of a recipe: EXDEV\n\
                        rename of a recipe: EXDEV\n";
            let (seen, device) = seen.split_at(want.len().min(seen.len()));
            assert_eq!(seen, want);
            assert!(["device without power: EACCES\n", "device without power: EPERM\n", "device without power: ENXIO\n"].contains(&device), "{device}");
        }
    });
}

#[test]
fn nobody_else_reaches_a_set_user_id_file() {
    if !is_root() {
        return common::skip("only root has somebody else at hand");
    }
    let world = World::new(User::Caller);
    let Some(_) = look(&world, "set-user-id /bin/look") else { return };
    let file = world.path("build/stage/bin/look");
    assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o6755);
    let other = |path: &std::path::Path| {
        let mut command = std::process::Command::new("setpriv");
        // By a shell: until it executes a program, setpriv has its capabilities.
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "sh", "-c", "exec \"$0\" identity"]);
        common::ran(command.arg(path))
    };
    other(&file).fails(126, "Permission denied");
    // It is the stage that is closed: elsewhere it is what it was feared to be.
    let open = world.path("look");
    common::host("cp", &[&"--preserve=mode", &file, &open]);
    assert_eq!(other(&open).ok().out, "user 65534 0 group 65534 0\n");
}

#[test]
fn the_callers_terminal_gets_no_words() {
    need!("script");
    each_user(|world| {
        let Some(_) = look(&world, "identity") else { return };
        let shell = "./rawstrap shell --list recipes/main.steps -- /bin/look inject";
        let ran = common::ran(world.command("/usr/bin/script").args(["-qec", shell, "/dev/null"]));
        let want = "TIOCSTI: EPERM\r\nTIOCSTI in 64 bits: EPERM\r\nTIOCLINUX: EPERM\r\nsize of the terminal: done\r\n";
        assert_eq!(ran.ok().out, want);
    });
}

#[test]
fn a_namespace_within_opens_nothing() {
    each_user(|world| {
        if let Some(seen) = look(&world, "nested") {
            if seen != "no namespace\n" {
                assert!(seen.lines().count() == 6 && !seen.contains("done"), "{seen}");
            }
        }
    });
}

#[test]
fn dev_holds_what_was_asked_for() {
    each_user(|world| {
        let all = "device zero full\ndevice random urandom null";
        let steps = "run ls /dev > $OUT/names\nrun head -c 3 /dev/zero > $OUT/zero\nrun head -c 40 /dev/urandom > $OUT/random\n\
                     expect 1 sh -c 'echo x > /dev/full'\nrun sh -c 'echo gone > /dev/null'\nexpect 1 touch /dev/new\n\
                     expect 1 rm /dev/zero\nexpect 1 mkdir /dev/d";
        if !world.list_with(all, steps) {
            return;
        }
        world.run(&["--quiet"]).ok();
        assert_eq!(world.read(world.out("names")), "full\nnull\nrandom\nurandom\nzero\n");
        assert_eq!(std::fs::read(world.out("zero")).unwrap(), [0, 0, 0]);
        let random = std::fs::read(world.out("random")).unwrap();
        assert!(random.len() == 40 && random.iter().any(|byte| *byte != random[0]));
        let left = std::fs::read_dir(world.path("build/stage/dev")).unwrap().count();
        assert_eq!(left, 0, "nothing of /dev is in the stage");
        assert!(world.list_with("", "run ls -a /dev > $OUT/names"));
        world.run(&["--quiet"]).ok();
        assert_eq!(world.read(world.out("names")), ".\n..\n");
    });
}

#[test]
fn downloads_and_recipes_are_read_only() {
    each_user(|world| {
        world.write("downloads/d", "as it was");
        let steps = "expect 1 sh -c 'echo x > /recipes/main.steps'\nexpect 1 touch /recipes/new\nexpect 1 rm /recipes/busybox\n\
                     expect 1 chmod 777 /recipes/busybox\nexpect 1 sh -c 'echo x > /downloads/*'\nexpect 1 sh -c 'rm /downloads/*'\n\
                     expect 1 mkdir /recipes/new\nexpect 126 sh -c '/recipes/busybox true'";
        if !world.list(steps) {
            return;
        }
        let before = world.hash("recipes");
        world.run(&["--quiet"]).ok();
        assert_eq!((world.hash("recipes"), &*world.read("downloads/d")), (before, "as it was"));
    });
}

/// Each of these writes through a link in the stage whose text leads, on the host, to a file or a
/// directory outside of the stage.
#[test]
fn nothing_is_written_outside_of_the_stage() {
    const WRITES: &[&str] = &[
        "write $BUILD/file <<END\nstage\nEND",
        "append $BUILD/file <<END\nstage\nEND",
        "write $BUILD/dir/new <<END\nstage\nEND",
        "write $BUILD/dir/inner <<END\nstage\nEND",
        "mkdir $BUILD/dir/new",
        "copy /bin/sh $BUILD/dir/",
        "copy /bin/busybox $BUILD/file",
        "copy /bin/busybox $BUILD/dir/inner",
        "move /bin/busybox $BUILD/dir/inner",
        "edit $BUILD/file host -> stage",
        "edit $BUILD/dir/inner host -> stage",
        "chmod 777 $BUILD/file",
        "chmod 777 $BUILD/dir/inner",
        "remove $BUILD/dir/inner",
        "remove $BUILD/dir",
        "link x $BUILD/dir/new",
        "run echo stage > $BUILD/file",
        "run echo stage >> $BUILD/dir/inner",
        "run sh -c 'echo stage > file'",
        "run sh -c 'cd dir && rm -r .'",
        "run cp /bin/busybox dir/new",
        "unpack x.tar into $BUILD/dir",
        "unpack x.tar into $BUILD/dir/deeper",
    ];
    each_user(|world| {
        world.write("victim/inner", "the host's");
        world.give("victim");
        world.give("victim/inner");
        let victim = world.path("victim");
        let stat =
            |path: &std::path::Path| path.metadata().map(|s| (s.mode(), s.ino(), s.mtime(), s.mtime_nsec())).unwrap();
        let script = format!(
            "cd '{}/recipes' && tar -cf ../downloads/x.tar main.steps && sha256sum ../downloads/x.tar",
            world.dir.display()
        );
        world.write("recipes/main.steps", "x");
        let source = format!("source x.tar {} deb:x/x.tar", &common::host("sh", &[&"-c", &script])[..64]);
        let before = (stat(&victim), stat(&victim.join("inner")));
        let absolute = victim.display().to_string();
        let climbing = format!("../../../../../../../../../..{absolute}");
        for to in [absolute, climbing, "../../../../victim".into(), "/../../victim".into()] {
            for write in WRITES {
                if !world.list(&format!("{source}\nlink {to} dir\nlink {to}/inner file\n{write}")) {
                    return;
                }
                // Whether it does something in the stage or fails is each verb's own affair.
                let ran = world.run(&["--quiet"]);
                assert!([0, 6].contains(&ran.status), "{write}: {}", ran.err);
                assert_eq!((stat(&victim), stat(&victim.join("inner"))), before, "{write} through {to}");
                assert_eq!(world.read("victim/inner"), "the host's", "{write} through {to}");
            }
        }
        // A new run removes what the links are in, and not what they lead to.
        assert!(world.list(""));
        world.run(&["--quiet"]).ok();
        assert_eq!(world.read("victim/inner"), "the host's");
    });
}

#[test]
fn set_user_id_does_nothing() {
    let world = World::new(User::Caller);
    if !is_root() {
        return common::skip("only root can make a file that runs as somebody else");
    }
    let steps = "write wait <<END\nEND\nrun sh -c 'while test -e wait; do sleep 0.02; done'\nrun /store/p/look identity > $OUT/seen";
    let steps = steps.replace("write wait", "link busybox /bin/test\nwrite wait");
    if !world.compile("look") || !world.list(&steps) {
        return;
    }
    let running = world.start(&["--quiet"]);
    common::until("the step begins", || world.has("build/stage/tmp/p/wait"));
    common::host("cp", &[&world.path("recipes/look"), &world.out("look")]);
    chown(world.out("look"), Some(1234), Some(1234)).unwrap();
    std::fs::set_permissions(world.out("look"), std::fs::Permissions::from_mode(0o6755)).unwrap();
    std::fs::remove_file(world.path("build/stage/tmp/p/wait")).unwrap();
    running.wait().ok();
    assert_eq!(world.read(world.out("seen")), "user 0 0 group 0 0\n");
}

#[test]
fn strays_are_killed_and_counted() {
    each_user(|world| {
        let steps = "copy /recipes/look /bin/\nrun look stray /store/p/late\nrun sleep 0.7\nrun look stray /store/p/later\n\
                     each /bin/l[s] run sh -c 'look stray /store/p/latest; look stray /store/p/last' {}\nrun true";
        if !world.compile("look") || !world.list(&steps.replace("/latest;", "/latest; : $0;")) {
            return;
        }
        world.run(&["--quiet"]).ok();
        std::thread::sleep(std::time::Duration::from_millis(700));
        let left: Vec<_> = std::fs::read_dir(world.out("")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{left:?}");
        let ledger = world.read("build/ledger");
        let strays: Vec<&str> = ledger
            .lines()
            .filter(|line| line.starts_with("step ") && !line.contains(" link ") && !line.contains(" copy "))
            .filter_map(|line| line.split_once("strays=")?.1.split(' ').next())
            .collect();
        assert_eq!(strays, ["0", "1", "0", "1", "2", "0"], "{ledger}");
        let log = world.read("build/logs/p.log");
        assert!(log.contains("[1 processes were left behind and have been killed]\n"), "{log}");
    });
}
