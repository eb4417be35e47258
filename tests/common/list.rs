//! Lists for the tests: a package `p` with a shell and small programs in the stage.

use super::{World, host, skip, which};

/// What of busybox the lists use.
const APPLETS: [&str; 22] = [
    "sh", "cat", "chmod", "cp", "echo", "env", "expr", "false", "grep", "head", "id", "kill", "ln", "ls", "mkdir",
    "pwd", "rm", "sleep", "sort", "touch", "true", "wc",
];

/// Lines that put busybox into `/bin`.
pub fn applets() -> String {
    let mut text = String::from("copy /recipes/busybox /bin/\n");
    for name in APPLETS {
        text.push_str(&format!("link busybox /bin/{name}\n"));
    }
    text
}

impl World {
    /// Writes a list whose package `p` has a shell, `$OUT`, and these steps; false, after saying
    /// so, if the host has no static busybox. `$MARK` is the folder's name.
    #[must_use]
    pub fn list(&self, steps: &str) -> bool {
        self.list_with("device null", steps)
    }

    /// The same with lines of their own above the package.
    #[must_use]
    pub fn list_with(&self, above: &str, steps: &str) -> bool {
        let Some(busybox) = which("busybox") else {
            skip("there is no busybox on this machine");
            return false;
        };
        if is_dynamic(&busybox) {
            skip("this machine's busybox is not static (Debian: busybox-static)");
            return false;
        }
        if !self.has("recipes/busybox") {
            host("cp", &[&busybox, &self.path("recipes/busybox")]);
        }
        let mark = self.mark();
        self.write(
            "recipes/main.steps",
            format!(
                "{above}\nset MARK '{mark}'\npath /bin\nshell /bin/sh\npackage p\nmkdir $OUT\n{}# steps\n{steps}\n",
                applets()
            ),
        );
        true
    }

    /// The line of the list that is `line`, counted from 1.
    #[track_caller]
    pub fn line_of(&self, line: &str) -> usize {
        let list = self.read("recipes/main.steps");
        1 + list.lines().position(|l| l == line).unwrap_or_else(|| panic!("no such line: {line}"))
    }
}

/// Whether an ELF file has a program header of type PT_INTERP.
fn is_dynamic(path: &std::path::Path) -> bool {
    super::elf::Elf::read(path).headers.iter().any(|header| header.kind == super::elf::PT_INTERP)
}
