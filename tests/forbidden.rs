//! Hosts that forbid the room: the message names what forbids it; and root does without user
//! namespaces. All in namespaces and roots of the test's own: nothing of the host is changed.

mod common;

use common::{Running, User, World, is_root, nothing_remains, ran, skip, start, until};
use std::process::Command;

/// A user namespace that the whole host's ids are mapped into, held by a process, in which no
/// further one can be made.
struct Limited {
    holder: Running,
}

impl Limited {
    fn new() -> Limited {
        let mut holder = start(Command::new("unshare").args(["--user", "sleep", "600"]));
        let own = std::fs::read_link("/proc/self/ns/user").unwrap();
        let proc = format!("/proc/{}", holder.pid());
        until("the namespace", || {
            holder.runs() && std::fs::read_link(format!("{proc}/ns/user")).is_ok_and(|ns| ns != own)
        });
        for map in ["uid_map", "gid_map"] {
            std::fs::write(format!("{proc}/{map}"), "0 0 65536").unwrap();
        }
        let limited = Limited { holder };
        let set = "echo 0 > /proc/sys/user/max_user_namespaces";
        ran(limited.command().args(["sh", "-c", set])).ok();
        limited
    }

    /// A command in it, with every capability there.
    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--user", "--target", &self.holder.pid().to_string(), "--"]);
        command
    }

    /// `rawstrap run` in it, by way of the words before.
    fn run(&self, world: &World, words: &[&str]) -> common::Ran {
        let mut command = self.command();
        command.args(words).arg(world.path("rawstrap")).args(["run", "--list", "recipes/main.steps"]);
        ran(command.current_dir(&world.dir))
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        self.holder.signal(libc::SIGKILL);
    }
}

const SETTING: &str = "the host's setting /proc/sys/user/max_user_namespaces is 0; as root on the host: \
    sysctl user.max_user_namespaces=";

#[test]
fn no_user_namespaces_for_an_ordinary_user() {
    if !is_root() {
        return skip("only root can map all ids into a namespace");
    }
    let world = World::new(User::Nobody);
    if !world.list("write $OUT/f <<END\nEND") {
        return;
    }
    let limited = Limited::new();
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
    let said = limited.run(&world, &nobody).fails(5, SETTING).err;
    assert!(said.contains("rawstrap: cannot make namespaces for the room: "), "{said}");
    assert!(said.contains("run rawstrap as root"), "{said}");
    assert!(!world.has(world.out("f")));
    nothing_remains(&world);
}

#[test]
fn root_without_the_power_over_mounts_is_told_too() {
    if !is_root() {
        return skip("only root can map all ids into a namespace");
    }
    let world = World::new(User::Caller);
    if !world.list("write $OUT/f <<END\nEND") {
        return;
    }
    // As in a container: user id 0 without CAP_SYS_ADMIN.
    Limited::new().run(&world, &["setpriv", "--bounding-set", "-sys_admin", "--"]).fails(5, SETTING);
}

#[test]
fn root_does_without_user_namespaces() {
    if !is_root() {
        return skip("this is about root");
    }
    let world = World::new(User::Caller);
    if !world.list("run id -u > $OUT/f") {
        return;
    }
    Limited::new().run(&world, &[]).ok();
    assert_eq!(world.read(world.out("f")), "0\n");
    nothing_remains(&world);
}

#[test]
fn root_that_may_not_mount_uses_a_user_namespace() {
    if !is_root() {
        return skip("this is about root");
    }
    let world = World::new(User::Caller);
    if !world.list("run id -u > $OUT/f") {
        return;
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-sys_admin", "--"]).arg(world.path("rawstrap"));
    ran(command.args(["run", "--list", "recipes/main.steps"]).current_dir(&world.dir)).ok();
    assert_eq!(world.read(world.out("f")), "0\n");
}

#[test]
fn in_a_chroot_the_message_says_so() {
    if !is_root() {
        return skip("only root can chroot");
    }
    let world = World::new(User::Nobody);
    if !world.list("write $OUT/f <<END\nEND") {
        return;
    }
    std::fs::create_dir(world.path("dev")).unwrap();
    let run = |words: &[&str]| {
        // /dev/null and /proc, without which there would be other complaints first.
        let script = "mount --rbind /dev dev && mkdir -p proc && mount --rbind /proc proc && \
                      exec chroot \"$@\" . /rawstrap run --list recipes/main.steps";
        let mut command = Command::new("unshare");
        ran(command.args(["--mount", "sh", "-c", script, "sh"]).args(words).current_dir(&world.dir))
    };
    let said = run(&["--userspec=65534:65534", "--groups="]).fails(5, "in a chroot").err;
    assert!(
        said.starts_with("sources: ") || said.contains("rawstrap: cannot make namespaces for the room: "),
        "{said}"
    );
    run(&[]).fails(5, "cannot make the mounts private: in a chroot: its root is no mount point (EINVAL)");
    assert!(!world.has(world.out("f")));
    std::fs::remove_dir(world.path("dev")).unwrap();
    std::fs::remove_dir(world.path("proc")).unwrap();
}

#[test]
fn where_mounts_are_forbidden_it_says_so() {
    if !is_root() {
        return skip("only root can take a namespace's mounts away");
    }
    let world = World::new(User::Nobody);
    if !world.list("write $OUT/f <<END\nEND") {
        return;
    }
    // A limit of mount namespaces is another reason, with another errno.
    let limited = Limited::new();
    ran(limited.command().args([
        "sh",
        "-c",
        "cd /proc/sys/user; echo 0 > max_mnt_namespaces; echo 100 > max_user_namespaces",
    ]))
    .ok();
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
    limited.run(&world, &nobody).fails(5, "a limit of namespaces is reached: see /proc/sys/user/max_*_namespaces");
}
