//! Hosts that lack something: /proc, /dev, a root of their own, rights, a place for the user id. The run
//! gives the same bytes, or says what it is that is missing and what to do. All in namespaces of the
//! test's own; what forbids namespaces altogether is in `forbidden.rs`.

mod common;

use common::{User, World, can_mount, each_user, nothing_remains};

const STEPS: &str = "copy /recipes/look /bin/\nrun look descriptors > $OUT/seen\nrun sh -c 'cat > $0; echo x > /dev/null' $OUT/f";

/// A world whose list looks at its standard input; None if this host cannot have it.
fn world(user: User) -> Option<World> {
    let world = World::new(user);
    (can_mount() && world.compile("look") && world.list(STEPS)).then_some(world)
}

/// As each user: root, and one without rights, as which it fails with status 5 and these words (all of
/// them), or gives the same bytes where there are none.
fn as_each(setup: &str, words: &[&str]) {
    for user in [User::Caller, User::Nobody] {
        let Some(world) = world(user) else { return };
        let want = world.usual();
        let ran = world.privately(&format!("{setup}; $AS $RUN"));
        if user == User::Caller || words.is_empty() {
            assert_eq!((ran.status, &*ran.err), (0, ""), "{user:?} {setup}");
            assert_eq!(world.hash("build/stage/store/p"), want, "{setup}");
            assert_eq!(world.read(world.out("seen")).lines().last(), Some("stdin is device 1:3, reads 0"), "{setup}");
        } else {
            words.iter().for_each(|word| assert!(ran.err.contains(word), "{setup}: {word}:\n{}", ran.err));
            ran.fails(5, "rawstrap: cannot ");
            assert!(!world.has(world.out("")));
        }
        nothing_remains(&world);
    }
}

#[test]
fn without_proc() {
    as_each("umount -l /proc", &["cannot write /proc/self/uid_map: no such file or directory (ENOENT): there is no /proc; \
        as root on the host: mount -t proc proc /proc; or run rawstrap as root"]);
}

#[test]
fn with_the_proc_of_another_pid_namespace() {
    as_each("AS=\"unshare --pid --fork $AS\"", &[]);
}

#[test]
fn without_devices() {
    let cure = "the host's /dev lacks it, and only root can make it; as root on the host: mount -t devtmpfs dev /dev; or \
        run rawstrap as root";
    for (setup, why) in [
        ("mount -t tmpfs t /dev", "no such file or directory (ENOENT)"),
        // What a script leaves that throws something away where there is no /dev/null.
        ("mount -t tmpfs t /dev; echo junk > /dev/null; chmod 666 /dev/null", "no such device type (ENODEV)"),
        ("mount -t tmpfs -o nodev t /dev; mknod -m 666 /dev/null c 1 3", "permission denied (EACCES)"),
    ] {
        as_each(setup, &[&format!("cannot bind the device /dev/null: {why}: "), cure]);
    }
    // Nothing of the host's is needed by a list that asks for no device.
    each_user(|world| {
        if !world.list_with("", "run sh -c 'cat > $0' $OUT/f") {
            return;
        }
        let want = world.usual();
        world.privately("mount -t tmpfs t /dev; $AS $RUN").ok();
        assert_eq!(world.hash("build/stage/store/p"), want);
    });
}

#[test]
fn without_devices_and_with_closed_descriptors() {
    let Some(world) = world(User::Caller) else { return };
    let want = world.usual();
    let ran = world.privately("mount -t tmpfs t /dev; $AS $RUN 0>&- 1>&- 2>&-").ok();
    assert_eq!((&*ran.out, &*ran.err), ("", ""));
    assert_eq!(world.hash("build/stage/store/p"), want);
    // What it had said would be in there, had the file's descriptor been 2.
    assert_eq!(world.read("build/lock"), "rawstrap made the stage that is here, and may remove it\n");
}

#[test]
fn in_a_chroot_with_nothing_but_the_binary() {
    let Some(world) = world(User::Caller) else { return };
    let want = world.usual();
    let script = "mkdir root; mount -t tmpfs t root; cp -r rawstrap recipes root; \
        chroot root /rawstrap run --list recipes/main.steps; chroot root /rawstrap hash build/stage/store/p; \
        ls root root/build; grep -c '^driver 0*  *[0-9]' root/build/ledger";
    let ran = world.privately(script).ok();
    // Which file the program is only /proc tells.
    assert_eq!(ran.out, format!("{want}\nroot:\nbuild\ndownloads\nrawstrap\nrecipes\n\nroot/build:\nledger\nlock\nlogs\nstage\n1\n"));
    assert!(ran.err.contains("\nledger   /build/ledger\n"), "{}", ran.err);
    nothing_remains(&world);
}

const OUTSIDE: &str = "run rawstrap outside, or as root in a container that has CAP_SYS_ADMIN";

#[test]
fn in_a_container_without_rights() {
    need!("strace");
    each_user(|world| {
        if !can_mount() || !world.list("write $OUT/f <<END\nEND") {
            return;
        }
        let without = |call: &str, error: &str, setup: &str| {
            let inject = format!("strace -f -qq -o /dev/null -e inject={call}:error={error}");
            let ran = world.privately(&format!("{setup} $AS {inject} $RUN"));
            nothing_remains(&world);
            assert!(!world.has(world.out("")));
            ran
        };
        for (call, what) in [
            ("mount", "make the mounts private"),
            ("pivot_root", "make the stage the root (pivot_root)"),
            ("umount2", "unmount the old root"),
            ("sethostname", "set the host name"),
        ] {
            let said = format!(
                "rawstrap: cannot {what}: operation not permitted (EPERM): a container or a security module forbids that here; {OUTSIDE}\n"
            );
            without(call, "EPERM", "").fails(5, &said);
        }
        without("clone", "EPERM", "").fails(5, "cannot make namespaces for the room: operation not permitted (EPERM): ");
        let old = "invalid argument (EINVAL): this kernel is built without one of: CONFIG_USER_NS";
        without("clone", "EINVAL", "").fails(5, old);
        // Settings of other hosts: the file in /proc/sys is the test's own.
        for (setting, value, cure) in [
            ("unprivileged_userns_clone", 0, "sysctl kernel.unprivileged_userns_clone=1"),
            (
                "apparmor_restrict_unprivileged_userns",
                1,
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for rawstrap",
            ),
        ] {
            let setup = format!("mount -t tmpfs t /proc/sys/kernel; echo {value} > /proc/sys/kernel/{setting};");
            let said = format!("the host's setting /proc/sys/kernel/{setting} is {value}; as root on the host: {cure}; or run rawstrap as root\n");
            for call in ["clone", "sethostname", "mount"] {
                without(call, "EPERM", &setup).fails(5, &said);
            }
        }
    });
}

#[test]
fn a_user_id_outside_of_the_map() {
    let Some(world) = world(User::Nobody) else { return };
    let want = world.usual();
    // The user has no place in the namespace.
    world.privately("$AS unshare --user $RUN").fails(
        5,
        "cannot make namespaces for the room: operation not permitted (EPERM): in a chroot or a container, or for a user \
         id that the user namespace has no place for, user namespaces are refused",
    );
    // Files and directories of others, who have none.
    let run = "$AS unshare --map-root-user";
    let set = "mkdir at; chown -R 12345:12345 at recipes downloads; chmod 777 at";
    let ran = world.privately(&format!("{set}; {run} $RUN --dir at/build; $AS ./rawstrap hash at/build/stage/store/p"));
    assert_eq!(ran.ok().out, format!("{want}\n"));
    world.privately(&format!("$RUN --dir roots; {run} $RUN --dir roots")).fails(
        1,
        &format!("rawstrap: cannot open {}/roots/lock: permission denied (EACCES)\n", world.dir.display()),
    );
    // A file system of a namespace in which root has none.
    let script = "mkdir fs; mkfifo ready done; \
        $AS unshare --map-root-user --mount sh -c 'mount -t tmpfs t fs; echo > ready; read x < done' & \
        chmod 666 ready done; read x < ready; \
        nsenter --mount --target $! sh -c \"cd '$PWD'; $RUN --dir fs/build\" || s=$?; echo > done; wait; exit $s";
    world.privately(script).fails(
        1,
        "rawstrap: cannot make the directory fs/build: value too large, or a user id without a place in the file \
         system's user namespace (EOVERFLOW)\n",
    );
    nothing_remains(&world);
}

#[test]
fn any_user_id_will_do() {
    let Some(world) = world(User::Caller) else { return };
    let want = world.usual();
    std::fs::create_dir(world.path("at")).unwrap();
    common::host("chmod", &[&"777", &world.path("at")]);
    for id in ["12345", "4294967294"] {
        let script = format!("setpriv --reuid {id} --regid {id} --clear-groups -- $RUN --dir at/{id}");
        world.privately(&script).ok();
        assert_eq!(world.hash(format!("at/{id}/stage/store/p")), want, "{id}");
    }
}
