//! Disks of the machine: what they hold, and the ledger's way onto one.

use crate::archive::cpio;
use crate::error::{Result, Status};
use crate::file::{self, File};
use crate::io::Write;
use crate::sys::mount::mount;
use crate::sys::{Context, Errno, fs, time};
use crate::{error, fail};

/// File systems that are tried; a kernel without `/proc` does not say which it knows.
const FILE_SYSTEMS: [&str; 8] = ["ext4", "ext2", "xfs", "btrfs", "squashfs", "erofs", "iso9660", "vfat"];

/// How long a disk may take to be found, in tenths of a second: those on USB take a while.
const PATIENCE: u32 = 150;

/// The kernel's device nodes at `/dev`.
pub fn nodes() -> Result<()> {
    match mount("devtmpfs", "/dev", "devtmpfs", libc::MS_NOSUID | libc::MS_NOEXEC, "") {
        Ok(()) => Ok(()),
        Err(errno) => fail!(
            Status::Room,
            "cannot mount a devtmpfs at /dev: @: a disk can be named only where the kernel has CONFIG_DEVTMPFS",
            errno
        ),
    }
}

/// Waits until the disk is there.
fn wait(disk: &str) -> Result<()> {
    for _ in 0..PATIENCE {
        match fs::open_read(disk) {
            Err(Errno(libc::ENOENT | libc::ENXIO | libc::ENOMEDIUM)) => time::sleep_ms(100),
            opened => return opened.map(drop).on("open the disk", disk),
        }
    }
    fail!(
        Status::Host,
        "there is no disk @: the kernel has to have its driver built in, or calls it by another name",
        disk
    )
}

/// Mounts the file system of a disk.
pub fn mount_at(disk: &str, dir: &str, flags: u64) -> Result<()> {
    wait(disk)?;
    file::make_dirs(dir)?;
    let mut why = Errno(libc::ENODEV);
    for kind in FILE_SYSTEMS {
        match mount(disk, dir, kind, flags | libc::MS_NOSUID | libc::MS_NODEV, "") {
            Ok(()) => return Ok(()),
            // no such file system in the kernel, or on the disk
            Err(Errno(libc::ENODEV | libc::EINVAL)) => {}
            Err(errno) => why = errno,
        }
    }
    fail!(
        Status::Host,
        "cannot mount @: @: it holds no file system that rawstrap tries and this kernel knows (@)",
        disk,
        why,
        FILE_SYSTEMS.join(", ")
    )
}

/// Makes the disk's content the current directory: that of a cpio archive is unpacked beside what
/// the initramfs holds, a file system is mounted.
pub fn enter(disk: &str) -> Result<()> {
    wait(disk)?;
    if cpio::is_archive(disk)? {
        return cpio::unpack(File::open(disk)?, ".").map_err(|error| {
            error!(error.status, "cannot unpack @: @", disk, error.message)
        });
    }
    mount_at(disk, "/disk", libc::MS_RDONLY | libc::MS_NOEXEC)?;
    fs::chdir("/disk").on("enter", "/disk")
}

/// Writes bytes to the start of a disk, and zeros up to the end of the last block of 4 KiB.
pub fn write(disk: &str, bytes: &[u8]) -> Result<()> {
    wait(disk)?;
    let mut file = File::create(disk, 0o600)?; // a disk is not made, and not emptied
    file.write(bytes)?;
    file.write(&alloc::vec![0; bytes.len().next_multiple_of(4096) - bytes.len()])?;
    fs::fsync(file.fd()).on("write out", disk)
}
