//! What a run leaves on the host, if it does: processes, mounts, a lock.

use super::{World, until};
use std::process::Command;

/// Processes of the host that have the folder's name in their arguments, as `pid: arguments`.
pub fn processes(world: &World) -> Vec<String> {
    let mark = world.mark();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        if let (Ok(_), Ok(line)) = (name.parse::<u32>(), std::fs::read(entry.path().join("cmdline"))) {
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            if line.contains(&mark) {
                found.push(format!("{name}: {line}"));
            }
        }
    }
    found
}

/// Nothing runs, nothing is mounted, and the lock is free.
#[track_caller]
pub fn nothing_remains(world: &World) {
    until(&format!("the end of all: {:?}", processes(world)), || processes(world).is_empty());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&world.mark()), "{mounts}");
    if world.has("build/lock") {
        // The arguments of a process are gone a little before its descriptors.
        let lock = world.path("build/lock");
        until("the lock", || {
            Command::new("flock").arg("--nonblock").arg(&lock).arg("true").status().unwrap().success()
        });
    }
}
