//! The way into the room, from top to bottom, in the process that is its PID 1.

use super::{Room, filter, forbidden};
use crate::error::{Error, Result};
use crate::sys::mount::{mount, pivot_root, restrictions, setdomainname, sethostname, umount2};
use crate::sys::process::Resource;
use crate::sys::{Context, Errno, fd, fs, net, process, signal};
use crate::text;

/// The host name in every room: programs that write it down write the same everywhere.
pub const HOSTNAME: &str = "rawstrap";

/// Open files a step may have: the value of most hosts, so that configure scripts see the same.
const OPEN_FILES: u64 = 1024;

/// Capabilities that stay (capabilities(7)): root's usual way with files, CAP_DAC_OVERRIDE,
/// CAP_FOWNER and CAP_FSETID. What a step can do is then the same for root and for an ordinary user:
/// no owners, no devices, no mounts. CAP_DAC_READ_SEARCH, which CAP_DAC_OVERRIDE makes up for, is not
/// among them: root opens any file of the host's by its handle with it (open_by_handle_at(2)).
const KEPT_CAPABILITIES: u32 = 1 << 1 | 1 << 3 | 1 << 4;

/// Does it all. Afterwards `/` is the stage, and the host is out of sight.
pub fn enter(room: &Room) -> Result<()> {
    // A session of its own: the terminal's signals do not come here, and no step can reach the
    // terminal of the caller (TIOCSTI).
    if !room.terminal {
        process::setsid().on("start", "a session")?;
    }
    // The first call for which the namespace's powers are needed: some hosts give namespaces without them.
    step(sethostname(HOSTNAME), "set the host name")?;
    step(setdomainname("(none)"), "set the domain name")?;
    let _ = net::loopback_up(); // best effort: nothing in a list is owed a network

    // Whatever is mounted from here on stays in this namespace.
    match mount("", "/", "", libc::MS_REC | libc::MS_PRIVATE, "") {
        Err(Errno(libc::EINVAL)) => return Err(forbidden::chroot()),
        result => step(result, "make the mounts private")?,
    }
    // pivot_root wants a mount point, and only a bind mount takes flags of its own. Not MS_REC:
    // what the host has mounted below the stage is none of the room's business.
    bind(room.stage, room.stage, libc::MS_NOSUID | libc::MS_NODEV)?;
    fs::chdir(room.stage).on("enter", room.stage)?;
    devices(room)?;
    // The host may have none, which makes no difference to the steps of a list that asks for it.
    if !room.terminal
        && let Ok(null) = fs::open_read("dev/null")
    {
        fd::dup3(null.raw(), 0, 0).on("read from", "/dev/null")?;
    }
    for (from, to) in [(room.downloads, "downloads"), (room.recipes, "recipes")] {
        bind(from, to, libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC)?;
    }
    change_root()?;
    limits()
}

/// A mount's result with the action in words.
fn step(result: core::result::Result<(), Errno>, what: &str) -> Result<()> {
    result.map_err(|errno| forbidden::mounting(errno, what))
}

/// A bind mount with these flags. They only count in a remount, and in a user namespace that has
/// to repeat the restrictions which the host's mount has.
fn bind(from: &str, to: &str, flags: u64) -> Result<()> {
    step(mount(from, to, "", libc::MS_BIND, ""), text!("bind @ at @", from, to))?;
    let locked = restrictions(to).on("examine", to)?;
    step(
        mount("", to, "", libc::MS_BIND | libc::MS_REMOUNT | locked | flags, ""),
        text!("restrict the mount of @", from),
    )
}

/// `/dev`: a file system of its own that holds the host's nodes for what was asked, read-only.
fn devices(room: &Room) -> Result<()> {
    let flags = libc::MS_NOSUID | libc::MS_NOEXEC;
    step(mount("tmpfs", "dev", "tmpfs", flags, "mode=0755,nr_inodes=64,size=64k"), "mount a tmpfs at the room's /dev")?;
    for name in room.devices {
        let (host, inside) = (text!("/dev/@", name), text!("dev/@", name));
        drop(fs::create(&inside, 0o666).on("make", &inside)?);
        if let Err(errno) = device(&host).and_then(|()| mount(&host, &inside, "", libc::MS_BIND, "")) {
            // A host without a populated /dev: root can make the node.
            fs::unlinkat(fs::CWD, &inside, 0).on("remove", &inside)?;
            node(name, &inside).map_err(|_| forbidden::device(errno, host))?;
        }
    }
    step(
        mount("", "dev", "", libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY | flags, ""),
        "make the room's /dev read-only",
    )
}

/// Whether the host's `/dev` has that, as a device (whoever writes to /dev/null before there is one makes
/// a file) that can be opened (on a file system mounted nodev it cannot; /dev/tty without a terminal may not).
fn device(host: &str) -> core::result::Result<(), Errno> {
    match (fs::stat(host)?.kind(), fs::open_read(host)) {
        (libc::S_IFCHR, Err(errno @ Errno(libc::EACCES))) => Err(errno),
        (libc::S_IFCHR, _) => Ok(()),
        _ => Err(Errno(libc::ENODEV)),
    }
}

/// Makes a device node: major and minor numbers from Documentation/admin-guide/devices.txt.
fn node(name: &str, path: &str) -> Result<()> {
    let (major, minor) = match name {
        "null" => (1, 3),
        "zero" => (1, 5),
        "full" => (1, 7),
        "random" => (1, 8),
        "urandom" => (1, 9),
        _ => (5, 0), // tty
    };
    fs::mknodat(fs::CWD, path, libc::S_IFCHR | 0o666, major << 8 | minor).on("make", path)?;
    fs::fchmodat(fs::CWD, path, 0o666).on("make", path)
}

/// The current directory becomes the root, and the old one goes.
fn change_root() -> Result<()> {
    match pivot_root(".", ".") {
        // The old root now lies on top of the new one; take it off.
        Ok(()) => step(umount2(".", libc::MNT_DETACH), "unmount the old root")?,
        // The root of an initramfs cannot be pivoted: move the stage over it.
        Err(Errno(libc::EINVAL)) => {
            step(mount(".", "/", "", libc::MS_MOVE, ""), "move the stage to the root")?;
            crate::sys::mount::chroot(".").on("change the root to", "the stage")?;
        }
        Err(errno) => return Err(forbidden::mounting(errno, "make the stage the root (pivot_root)")),
    }
    fs::chdir("/").on("enter", "/")
}

/// What every process in the room inherits.
fn limits() -> Result<()> {
    let fixed = |action: &str, result: core::result::Result<(), Errno>| -> Result<()> { result.on(action, "the room") };
    let forbidden = match process::prctl(libc::PR_SET_NO_NEW_PRIVS, 1) {
        Err(Errno(libc::EINVAL)) => Err(Errno(libc::ENOSYS)), // the option is not known
        result => result.map(|_| ()),
    };
    fixed("forbid new privileges in", forbidden)?;
    process::umask(0o022);
    fixed("forbid core dumps in", process::setrlimit(Resource::Core, 0, 0))?;
    let hard = process::hard_limit(Resource::Files).on("read", "the limit of open files")?;
    fixed("limit the open files in", process::setrlimit(Resource::Files, OPEN_FILES.min(hard), hard))?;
    let hard = process::hard_limit(Resource::Stack).on("read", "the limit of the stack")?;
    fixed("limit the stack in", process::setrlimit(Resource::Stack, (8 << 20).min(hard), hard))?;
    // What the caller ignores (nohup, a shell's trap), and what the driver does, is not for the steps.
    for number in 1..=signal::LAST {
        let _ = signal::disposition(number, false); // SIGKILL and SIGSTOP cannot be set
    }
    signal::set_mask(0).on("unblock", "signals")?;
    process::keep_capabilities(KEPT_CAPABILITIES)
        .map_err(|e: Errno| -> Error { forbidden::mounting(e, "drop the capabilities that no step needs") })?;
    filter::install()?;
    // Steps have the same user id: without this they could trace PID 1 (ptrace(2)).
    process::prctl(libc::PR_SET_DUMPABLE, 0).on("protect", "PID 1").map(|_| ())
}
