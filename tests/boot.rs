//! A machine without a host: images, and what a kernel does with them under QEMU.

mod common;

use common::{Ran, User, World, host, ran, skip, source_tree, which};
use std::path::{Path, PathBuf};
use std::process::Command;

/// QEMU and a kernel.
struct Machine {
    qemu: PathBuf,
    kernel: String,
}

impl Machine {
    /// None, after saying so, if one of them is missing.
    fn find() -> Option<Machine> {
        let Some(qemu) = which("qemu-system-x86_64") else {
            skip("there is no qemu-system-x86_64 on this machine (Debian: qemu-system-x86)");
            return None;
        };
        let found = ran(&mut Command::new(source_tree().join("tests/kernel")));
        if found.status != 0 {
            skip(found.err.trim_end());
            return None;
        }
        Some(Machine { qemu, kernel: found.out.trim_end().to_string() })
    }

    /// Whether the kernel is built with this option; so if nothing tells.
    fn has(&self, option: &str) -> bool {
        let config = std::fs::read_to_string(self.kernel.replace("/vmlinuz-", "/config-"));
        config.is_err() || config.is_ok_and(|text| text.lines().any(|line| line == option))
    }

    /// Boots the world's image `name` with these words for rawstrap, and disks of the world; what
    /// the console shows, and QEMU's status. Emulated in software, so that it is the same everywhere.
    fn boot(&self, world: &World, name: &str, words: &str, disks: &[&str]) -> Console {
        let mut qemu = Command::new(&self.qemu);
        qemu.args(["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-m", "512", "-smp", "2"]);
        qemu.args(["-accel", "tcg", "-cpu", "max", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]);
        qemu.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(world.path(name));
        // no_timer_check: on a busy host the emulated timer is late, and the kernel takes it for broken.
        qemu.arg("-append").arg(format!("console=ttyS0 quiet panic=-1 no_timer_check -- {words}"));
        for (number, disk) in disks.iter().enumerate() {
            let path = world.path(disk);
            qemu.arg("-drive").arg(format!("if=none,format=raw,id=d{number},file={}", path.display()));
            qemu.arg("-device").arg(format!("nvme,serial={number},drive=d{number}"));
        }
        let Ran { status, out, err } = ran(&mut qemu);
        Console { status, text: out.replace('\r', "") + &err }
    }
}

/// What a machine showed.
struct Console {
    status: i32,
    text: String,
}

impl Console {
    /// It has powered off after a run that ended with this status.
    #[track_caller]
    fn ends(&self, status: i32) -> &Console {
        // The kernel has the very last word: that it powers down.
        let last = self.text.lines().rfind(|line| line.starts_with("rawstrap: "));
        assert_eq!(last, Some(&*format!("rawstrap: status {status}")), "{}", self.text);
        assert_eq!(self.status, 0, "the machine was not powered off:\n{}", self.text);
        self
    }

    #[track_caller]
    fn shows(&self, what: &str) -> &Console {
        assert!(self.text.contains(what), "expected: {what}\nbut the console shows:\n{}", self.text);
        self
    }

    /// The ledger, which has the hash that stands below it.
    #[track_caller]
    fn ledger(&self, world: &World) -> String {
        let (_, rest) = self.text.split_once("rawstrap: ledger begins\n").expect("no ledger begins");
        let (ledger, rest) = rest.split_once("rawstrap: ledger ends, SHA-256 ").expect("no ledger ends");
        world.write("ledger", ledger);
        let sum = ran(world.command("rawstrap").args(["hash", "--flat", "ledger"])).ok().out;
        assert_eq!(sum.split(' ').next(), rest.lines().next());
        ledger.to_string()
    }
}

/// Lines of a ledger that are about the run and not the machine.
fn common(ledger: &str) -> Vec<&str> {
    ledger.lines().filter(|line| !["time ", "kernel ", "host "].iter().any(|kind| line.starts_with(kind))).collect()
}

/// A world whose list has a source and steps that see where they are.
fn world() -> Option<World> {
    let world = World::new(User::Caller);
    world.write("downloads/data", "a source\n");
    let sum = host("sha256sum", &[&world.path("downloads/data")]);
    let steps = format!(
        "source data {} deb:p/data\ncopy /downloads/data $OUT/\nrun sh -c 'ls / /dev; id; pwd; env' > $OUT/seen\n\
         write a.c <<END\nEND\nwrite b.c <<END\nEND\neach *.c run cp {{}} $OUT/{{.}}.o\nrun sh -c 'sleep 9 &'",
        &sum[..64]
    );
    world.write("recipes/note", "beside the list\n");
    std::os::unix::fs::symlink("note", world.path("recipes/link")).unwrap();
    world.list_with("device null zero", &steps).then_some(world)
}

fn image(world: &World, name: &str, words: &[&str]) -> Vec<u8> {
    let mut command = world.rawstrap_command(&["image", "--list", "recipes/main.steps", "--offline", name]);
    ran(command.args(words)).ok();
    std::fs::read(world.path(name)).unwrap()
}

#[test]
fn an_image_is_the_same_bytes_anywhere() {
    let (Some(one), Some(two)) = (world(), world()) else { return };
    let first = image(&one, "one.cpio", &[]);
    std::fs::copy(one.path("recipes/main.steps"), two.path("recipes/main.steps")).unwrap(); // $MARK differs
    host("chmod", &[&"-R", &"go-rwx", &two.path("recipes"), &two.path("downloads")]);
    host("touch", &[&"-d", &"2001-01-01", &two.path("recipes/note")]);
    assert!(first == image(&two, "two.cpio", &["--quiet"]), "another folder gives another image");
    assert_eq!(first.len() % 512, 0);

    let parts = [image(&one, "init.cpio", &["--only", "init"]), image(&one, "data.cpio", &["--only=data", "--until", "p"])];
    if which("cpio").is_none() {
        return skip("there is no cpio on this machine");
    }
    let names = |name: &str| host("sh", &[&"-c", &"cpio -it --quiet <$0", &one.path(name)]);
    let (init, data) = (names("init.cpio"), names("data.cpio"));
    assert_eq!(init, "dev\ndev/console\ndev/null\ninit\n");
    let want = "downloads\ndownloads/data\noptions\nrecipes\nrecipes/busybox\nrecipes/link\nrecipes/main.steps\nrecipes/note\n";
    assert_eq!(data, want);
    assert!(parts.iter().map(Vec::len).sum::<usize>() >= first.len());
}

#[test]
fn what_an_image_cannot_hold_is_an_error() {
    let Some(world) = world() else { return };
    world.rawstrap(&["image"]).fails(2, "image wants the file that it is to write");
    world.rawstrap(&["image", "x", "--only", "all"]).fails(2, "--only is 'all', expected init or data");
    world.rawstrap(&["image", "x"]).fails(3, "recipes/chain.steps");
    world.write("recipes/sub/up.steps", "include ../main.steps\n");
    let outside = world.rawstrap(&["image", "x", "--list", "recipes/sub/up.steps", "--offline"]);
    outside.fails(3, "is outside of recipes/sub, the folder that an image holds");
    std::fs::remove_file(world.path("downloads/data")).unwrap();
    world.rawstrap(&["image", "x", "--list", "recipes/main.steps", "--offline"]).fails(4, "1 of 1 sources are not in");
    assert!(!world.has("x"));
    world.rawstrap(&["boot"]).fails(2, "boot is for the first process of a machine");
}

#[test]
fn a_machine_does_what_a_host_does() {
    let (Some(machine), Some(world)) = (Machine::find(), world()) else { return };
    world.run(&["--jobs", "2"]).ok();
    image(&world, "image.cpio", &[]);
    let console = machine.boot(&world, "image.cpio", "", &[]);
    console.ends(0);
    let ledger = console.ledger(&world);
    assert_eq!(common(&ledger), common(&world.read("build/ledger")));
    assert!(ledger.contains("\nhost user=0 cores=2 jobs=2\n"), "{ledger}");
    assert!(ledger.contains(&format!("\noutput {} p\n", world.hash("build/stage/store/p"))), "{ledger}");
}

#[test]
fn what_fails_is_told_by_console_and_status() {
    let (Some(machine), Some(world)) = (Machine::find(), world()) else { return };
    assert!(world.list("run sh -c 'echo so it goes; exit 3'"));
    image(&world, "image.cpio", &["--until", "p"]);
    let line = world.line_of("run sh -c 'echo so it goes; exit 3'");
    let console = machine.boot(&world, "image.cpio", "--exit-port 0xf4", &[]);
    console.shows(&format!("rawstrap: recipes/main.steps:{line}:1: exit status 3: sh -c echo so it goes; exit 3"));
    console.shows("\n    so it goes\n").shows("\nrawstrap: status 6\n");
    assert_eq!(console.status, 6 << 1 | 1, "isa-debug-exit's status");
    assert!(console.ledger(&world).contains("\nfailed "));

    let wrong = machine.boot(&world, "image.cpio", "--untli p", &[]);
    wrong.ends(2).shows("rawstrap: unknown option '--untli' of boot; did you mean 'until'?");
    image(&world, "init.cpio", &["--only", "init"]);
    machine.boot(&world, "init.cpio", "", &[]).ends(3).shows("rawstrap: there are no recipes");
}

#[test]
fn disks_hold_sources_stage_and_ledger() {
    let (Some(machine), Some(world)) = (Machine::find(), world()) else { return };
    if !machine.has("CONFIG_BLK_DEV_NVME=y") || !machine.has("CONFIG_EXT4_FS=y") {
        return skip("the kernel has no NVMe disks or no ext4 built in, as Debian's cloud kernel has");
    }
    need!("mkfs.ext4", "debugfs");
    world.run(&["--jobs", "2"]).ok();
    image(&world, "init.cpio", &["--only", "init"]);
    image(&world, "data", &["--only", "data"]);
    host("truncate", &[&"-s", &"1M", &world.path("ledger-disk")]);
    host("truncate", &[&"-s", &"64M", &world.path("work")]);
    host("mkfs.ext4", &[&"-q", &world.path("work")]);
    let words = "--disk /dev/nvme0n1 --ledger /dev/nvme1n1 --work /dev/nvme2n1";
    let console = machine.boot(&world, "init.cpio", words, &["data", "ledger-disk", "work"]);
    console.ends(0).shows("/work/build/ledger");
    let ledger = console.ledger(&world);
    assert_eq!(common(&ledger), common(&world.read("build/ledger")));
    assert_eq!(world.read("ledger-disk").trim_end_matches('\0'), ledger);
    let outside = host("debugfs", &[&"-R", &"cat /build/ledger", &world.path("work")]);
    assert_eq!(outside, ledger);

    // Again, with what is on a file system, and a disk that is none.
    let tree: &dyn AsRef<std::ffi::OsStr> = &world.path("tree");
    std::fs::create_dir(tree.as_ref()).unwrap();
    for name in ["recipes", "downloads"] {
        host("cp", &[&"-a", &world.path(name), tree]);
    }
    host("truncate", &[&"-s", &"16M", &world.path("files")]);
    host("mkfs.ext4", &[&"-q", &"-d", tree, &world.path("files")]);
    let words = "--list recipes/main.steps --disk /dev/nvme0n1 --resume --work /dev/nvme1n1";
    let console = machine.boot(&world, "init.cpio", words, &["files", "work"]);
    console.ends(0).shows("done");
    let console = machine.boot(&world, "init.cpio", "--disk /dev/nvme0n1", &["ledger-disk"]);
    console.ends(1).shows("rawstrap: cannot mount /dev/nvme0n1: ");
    assert!(Path::new(&world.path("ledger-disk")).exists());
}
