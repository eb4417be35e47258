//! When the host forbids the room: which setting forbids it, and what to do.

use crate::error::{Error, Status};
use crate::sys::{Errno, fd, fs};
use crate::{error, text};

/// A small file of the host's /proc, without blanks at the end.
fn setting(path: &str) -> Option<&'static str> {
    let file = fs::open_read(path).ok()?;
    let mut buf = [0; 64];
    let n = fd::read(file.raw(), &mut buf).ok()?;
    Some(text::own(&buf[..n]).trim_ascii())
}

/// The settings that forbid user namespaces, and the value that does.
const SETTINGS: [(&str, &str, &str); 3] = [
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"),
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for rawstrap",
    ),
];

/// What the host's settings say, if one of them is the cause.
fn cause() -> Option<&'static str> {
    SETTINGS.iter().find(|(path, value, _)| setting(path).as_deref() == Some(value)).map(|(path, value, cure)| {
        text!("the host's setting @ is @; as root on the host: @; or run rawstrap as root", path, value, cure)
    })
}

/// clone(2) with namespaces failed.
pub fn namespaces(errno: Errno) -> Error {
    let why = match cause() {
        Some(text) => text,
        None => match errno.0 {
            libc::ENOSPC | libc::EUSERS => "a limit of namespaces is reached: see /proc/sys/user/max_*_namespaces",
            libc::EINVAL => {
                "this kernel is built without one of: CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_IPC_NS, \
                 CONFIG_UTS_NS, or is older than Linux 3.9; run rawstrap as root, or with another kernel"
            }
            libc::EPERM => {
                "in a chroot or a container, or for a user id that the user namespace has no place for, user \
                 namespaces are refused, and the capability CAP_SYS_ADMIN is missing; run rawstrap outside, or in a \
                 container that has it"
            }
            _ => "run rawstrap as root, or on a host that allows namespaces",
        },
    };
    error!(Status::Room, "cannot make namespaces for the room: @: @", errno, why)
}

/// Writing a map of the user namespace failed.
pub fn mapping(errno: Errno, path: &str) -> Error {
    let why = match errno.0 {
        libc::ENOENT => "there is no /proc; as root on the host: mount -t proc proc /proc; or run rawstrap as root",
        _ => cause()
            .unwrap_or("the user id may have no place in this user namespace, or a security module forbids it"),
    };
    error!(Status::Room, "cannot write @: @: @", path, errno, why)
}

/// The root directory is no mount point, so that it cannot be told from what the host sees.
pub fn chroot() -> Error {
    Error::new(
        Status::Room,
        "cannot make the mounts private: in a chroot: its root is no mount point (EINVAL); run rawstrap outside of \
         it, or make it one first, as root on the host: mount --bind DIR DIR",
    )
}

/// A device that the host does not have, or not as one that can be used, and that cannot be made.
pub fn device(errno: Errno, path: &str) -> Error {
    error!(
        Status::Room,
        "cannot bind the device @: @: the host's /dev lacks it, and only root can make it; as root on the host: \
         mount -t devtmpfs dev /dev; or run rawstrap as root",
        path,
        errno
    )
}

/// A mount, the change of root or another thing that namespaces should allow failed.
pub fn mounting(errno: Errno, what: &str) -> Error {
    let why = match errno.0 {
        libc::EPERM | libc::EACCES => cause().unwrap_or(
            "a container or a security module forbids that here; run rawstrap outside, or as root in a container that \
             has CAP_SYS_ADMIN",
        ),
        _ => return error!(Status::Room, "cannot @: @", what, errno),
    };
    error!(Status::Room, "cannot @: @: @", what, errno, why)
}
