//! Other hosts, in a mount namespace of the test's own.

use super::{Ran, User, World, is_root, ran, skip};
use std::process::Command;

impl World {
    /// As `apart`; the first command that fails ends the script.
    #[track_caller]
    pub fn privately(&self, script: &str) -> Ran {
        self.apart(&format!("set -e; {script}"))
    }

    /// Runs a script in the folder, as root, in a mount namespace of its own. In it `$RUN` is `rawstrap
    /// run` of the test's list, and `$AS` makes what follows the user's.
    #[track_caller]
    pub fn apart(&self, script: &str) -> Ran {
        let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups --";
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script]).current_dir(&self.dir);
        command.env("AS", if self.user == User::Nobody { nobody } else { "" });
        command.env("RUN", format!("{} run --quiet --list recipes/main.steps", self.path("rawstrap").display()));
        ran(&mut command)
    }

    /// Runs the list where nothing is special, forgets that, and gives the output's hash.
    #[track_caller]
    pub fn usual(&self) -> String {
        self.run(&["--quiet"]).ok();
        let hash = self.hash("build/stage/store/p");
        std::fs::remove_dir_all(self.path("build")).unwrap();
        hash
    }
}

/// False, after saying so, unless the tests run as root.
#[must_use]
pub fn can_mount() -> bool {
    if !is_root() {
        skip("only root can make mounts");
    }
    is_root()
}
