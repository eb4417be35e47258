//! A folder of its own for each test: recipes, downloads, the binary, and a user who owns it.

use super::{Ran, Running, binary, host, is_root, ran, skip, source_tree, start, which};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Who runs the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Who runs the tests.
    Caller,
    /// `nobody`, without groups; only root can run something as somebody else.
    Nobody,
}

const NOBODY: u32 = 65534;

/// Does it as every user there is: as root and as an ordinary one, or only as the latter.
pub fn each_user(look: impl Fn(World)) {
    look(World::new(User::Caller));
    if is_root() {
        look(World::new(User::Nobody));
    }
}

/// The folder. It is the current directory of what runs in it, so that the binary's defaults
/// (`build`, `downloads`) are below it.
pub struct World {
    /// Its path.
    pub dir: PathBuf,
    /// Who owns it.
    pub user: User,
}

impl World {
    /// Makes the folder.
    pub fn new(user: User) -> World {
        World::named(user, "")
    }

    /// Makes a folder whose name ends so.
    pub fn named(user: User, end: &str) -> World {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rawstrap-test-{}-{count}-{end}", std::process::id());
        let dir = std::env::temp_dir().canonicalize().unwrap().join(name);
        std::fs::create_dir(&dir).unwrap();
        let world = World { dir, user };
        for name in ["", "recipes", "downloads"] {
            std::fs::create_dir_all(world.path(name)).unwrap();
            world.give(name);
        }
        // By a process of its own: a file that this one has open to write cannot be executed by
        // the commands that other tests start meanwhile.
        host("cp", &[&binary(), &world.path("rawstrap")]);
        world
    }

    /// A path in the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.join(name)
    }

    /// The folder's name, which no other process has in its arguments.
    pub fn mark(&self) -> String {
        self.dir.file_name().unwrap().to_str().unwrap().to_string()
    }

    /// Gives a file to the user.
    pub fn give(&self, name: impl AsRef<Path>) {
        let path = self.path(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        if self.user == User::Nobody {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    /// Writes a file, with its directories.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The text of a file.
    #[track_caller]
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.path(name);
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The path of something that package `p` has made.
    pub fn out(&self, name: &str) -> PathBuf {
        self.path("build/stage/store/p").join(name)
    }

    /// Whether there is something with this name; a link that leads nowhere is something.
    pub fn has(&self, name: impl AsRef<Path>) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// A command of the user's, in the folder, with little in its environment.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        let program = if program.is_absolute() { program.to_path_buf() } else { self.path(program) };
        let mut command = match self.user {
            User::Caller => Command::new(program),
            User::Nobody => {
                let mut command = Command::new(which("setpriv").expect("there is no setpriv"));
                let id = NOBODY.to_string();
                command.args(["--reuid", &id, "--regid", &id, "--clear-groups", "--"]).arg(program);
                command
            }
        };
        command
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOST_ONLY", "visible");
        command
    }

    /// The binary with these arguments.
    pub fn rawstrap_command(&self, args: &[&str]) -> Command {
        let mut command = self.command("rawstrap");
        command.args(args);
        command
    }

    /// Runs the binary.
    #[track_caller]
    pub fn rawstrap(&self, args: &[&str]) -> Ran {
        ran(&mut self.rawstrap_command(args))
    }

    /// `rawstrap run` with the test's list and these options.
    #[track_caller]
    pub fn run(&self, options: &[&str]) -> Ran {
        ran(&mut self.run_command(options))
    }

    /// The same, started only.
    pub fn start(&self, options: &[&str]) -> Running {
        start(&mut self.run_command(options))
    }

    fn run_command(&self, options: &[&str]) -> Command {
        let mut command = self.rawstrap_command(&["run", "--list", "recipes/main.steps"]);
        command.args(options);
        command
    }

    /// `rawstrap hash` of a path in the folder.
    #[track_caller]
    pub fn hash(&self, name: impl AsRef<Path>) -> String {
        ran(self.command("rawstrap").arg("hash").arg(self.path(name))).ok().out.trim_end().to_string()
    }

    /// Compiles `tests/inside/NAME.c` into a static program among the recipes; false, after
    /// saying so, if there is no compiler.
    #[must_use]
    pub fn compile(&self, name: &str) -> bool {
        if which("cc").is_none() {
            skip("there is no cc on this machine");
            return false;
        }
        let source = source_tree().join("tests/inside").join(format!("{name}.c"));
        host("cc", &[&"-static", &"-O1", &"-Wall", &"-Werror", &"-o", &self.path("recipes").join(name), &source]);
        true
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Trees that are not writable for their owner are among what is tested.
        let _ = Command::new("chmod").args(["-R", "u+rwX"]).arg(&self.dir).output();
        let removed = std::fs::remove_dir_all(&self.dir);
        if !std::thread::panicking() {
            removed.unwrap();
        }
    }
}
