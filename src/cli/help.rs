//! The commands and their help: one screen each.

use super::args::Flag;
use super::{Command, build, machine, print, proof, small};
use crate::error::{Result, Status};
use crate::{add, fail, text};
use alloc::string::String;

const fn flag(name: &'static str, letter: &'static str, value: &'static str, help: &'static str) -> Flag {
    Flag { name, letter, value, help }
}

static LIST: Flag = flag("list", "l", "FILE", "the list to run [recipes/chain.steps]");
static UNTIL: Flag = flag("until", "u", "PACKAGE", "stop when this package and its tests are done");
static DIR: Flag = flag("dir", "d", "DIR", "where stage, logs and ledger are [build]");
static DOWNLOADS: Flag = flag("downloads", "", "DIR", "where sources are kept [downloads]");
static MIRROR: Flag = flag("mirror", "m", "DIR|URL", "try this place first; may be repeated");
static DEB_MIRROR: Flag = flag("deb-mirror", "", "URL", "Debian mirror for deb: places [the host's apt sources]");
static OFFLINE: Flag = flag("offline", "", "", "touch no network");
static SEED: Flag = flag("seed", "s", "FILE", "the seed compiler [made with the host's C compiler]");
static JOBS: Flag = flag("jobs", "j", "N", "commands at a time [NPROC, or the cores there are]");
static RESUME: Flag = flag("resume", "", "", "go on in the stage where the last run ended");
static RECORD: Flag = flag("record", "", "", "write the output hashes into recipes/outputs");
static KEEP: Flag = flag("keep-build", "", "", "leave the build trees in the stage's /tmp");
static NO_TESTS: Flag = flag("no-tests", "", "", "leave out the tests of the packages");
static QUIET: Flag = flag("quiet", "q", "", "tell only what goes wrong");
static VERBOSE: Flag = flag("verbose", "v", "", "show the steps and what they print");
static BUILDER: Flag = flag("builder", "", "URI", "who answers for the run [urn:rawstrap:driver:SHA256]");
static FLAT: Flag = flag("flat", "", "", "SHA-256 of the bytes, as sha256sum prints it");
static STRIP: Flag = flag("strip", "", "N", "drop N leading parts of the members' names");
static ONLY: Flag = flag("only", "", "PART", "init: without lists, sources and seed; data: only these");
static DISK: Flag = flag("disk", "", "DEVICE", "lists, sources and seed: image --only data, or a file system");
static WORK: Flag = flag("work", "", "DEVICE", "a file system for stage, logs and ledger [memory]");
static LEDGER: Flag = flag("ledger", "", "DEVICE", "write the ledger at the start of this disk, too");
static EXIT_PORT: Flag = flag("exit-port", "", "PORT", "write the status there: QEMU's isa-debug-exit");

/// All commands, in the order of the help.
pub static COMMANDS: [Command; 17] = [
    Command {
        name: "build",
        operands: "",
        about: "fetch the sources, make the seed, run the list (the default)",
        details: "Starts from nothing: an earlier stage in DIR is removed, after saying so.",
        flags: &[
            &LIST, &UNTIL, &DIR, &DOWNLOADS, &MIRROR, &DEB_MIRROR, &OFFLINE, &SEED, &JOBS, &RESUME, &RECORD, &KEEP,
            &NO_TESTS, &QUIET, &VERBOSE,
        ],
        run: build::build,
    },
    Command {
        name: "fetch",
        operands: "",
        about: "bring the sources that the packages need into the downloads",
        details: "Every file is verified against the hash in its list before it gets its name.",
        flags: &[&LIST, &UNTIL, &DOWNLOADS, &MIRROR, &DEB_MIRROR, &OFFLINE, &QUIET],
        run: build::fetch,
    },
    Command {
        name: "check",
        operands: "[LIST]",
        about: "parse and validate a list and all it includes; touch nothing",
        details: "",
        flags: &[&LIST],
        run: build::check,
    },
    Command {
        name: "steps",
        operands: "[LIST]",
        about: "print the numbered plan; run nothing",
        details: "",
        flags: &[&LIST, &UNTIL, &JOBS],
        run: build::steps,
    },
    Command {
        name: "run",
        operands: "",
        about: "run the list with the sources and the seed that are there",
        details: "As build, but nothing is fetched, and the seed has to be named or be in DIR already.",
        flags: &[
            &LIST, &UNTIL, &DIR, &DOWNLOADS, &SEED, &JOBS, &RESUME, &RECORD, &KEEP, &NO_TESTS, &QUIET, &VERBOSE,
        ],
        run: build::run,
    },
    Command {
        name: "verify",
        operands: "[PACKAGE…]",
        about: "hash the outputs in a stage and compare with the recorded hashes",
        details: "Without PACKAGE: all packages of the list that are in the stage.",
        flags: &[&LIST, &DIR],
        run: build::verify,
    },
    Command {
        name: "hash",
        operands: "PATH…",
        about: "print the hash of files or trees: SHA-256 of the NAR, as nix hash path",
        details: "",
        flags: &[&FLAT],
        run: small::hash,
    },
    Command {
        name: "unpack",
        operands: "ARCHIVE DIR",
        about: "unpack a tar archive, plain or compressed with gzip, bzip2 or xz",
        details: "DIR is made if needed. Nothing is written outside of it.",
        flags: &[&STRIP],
        run: small::unpack,
    },
    Command {
        name: "shell",
        operands: "[-- COMMAND…]",
        about: "a look into the room: a shell of the stage, or COMMAND",
        details: "The environment is that of the package in which the last run ended, or of PACKAGE.",
        flags: &[&LIST, &UNTIL, &DIR, &DOWNLOADS],
        run: build::shell,
    },
    Command {
        name: "compare",
        operands: "LEDGER LEDGER",
        about: "where two runs differ: the first package, its files, the inputs before it",
        details: "Exit status 0 if all packages that both have are the same bytes, 7 if not. No stage is needed.",
        flags: &[],
        run: proof::compare,
    },
    Command {
        name: "attest",
        operands: "[LEDGER]",
        about: "print a ledger as an in-toto statement with SLSA provenance, to be signed",
        details: "The subjects are the NARs of the outputs; resolved dependencies are driver, seed, lists and sources.",
        flags: &[&BUILDER],
        run: proof::attest,
    },
    Command {
        name: "report",
        operands: "[LEDGER]",
        about: "print a ledger as a page for the browser",
        details: "One HTML file without scripts: rawstrap report build/ledger > report.html",
        flags: &[],
        run: proof::report,
    },
    Command {
        name: "script",
        operands: "[LIST]",
        about: "print a list as one sh script, which does without rawstrap",
        details: "The script says at its top what it wants. It has to give the same bytes.",
        flags: &[&LIST, &UNTIL, &JOBS, &NO_TESTS],
        run: proof::script,
    },
    Command {
        name: "image",
        operands: "OUT.cpio",
        about: "write an initramfs with which a machine does the run, and nothing else",
        details: "It holds this program as /init, the list's folder, the sources and the seed.\n\
                  What --list, --until and --no-tests say is what the machine will do.",
        flags: &[
            &LIST, &UNTIL, &DIR, &DOWNLOADS, &MIRROR, &DEB_MIRROR, &OFFLINE, &SEED, &NO_TESTS, &ONLY, &QUIET,
        ],
        run: machine::image,
    },
    Command {
        name: "boot",
        operands: "",
        about: "what /init of an image does: run, print the ledger, power off",
        details: "Its options stand on the kernel's command line, after --.",
        flags: &[
            &LIST, &UNTIL, &JOBS, &RESUME, &KEEP, &NO_TESTS, &QUIET, &VERBOSE, &DISK, &WORK, &LEDGER, &EXIT_PORT,
        ],
        run: machine::boot,
    },
    Command {
        name: "help",
        operands: "[COMMAND]",
        about: "print this, or the help of a command",
        details: "",
        flags: &[],
        run: |args, _| match args.operands.first() {
            None => general(),
            Some(name) => match COMMANDS.iter().find(|command| command.name == *name) {
                Some(command) => of(command),
                None => {
                    let hint = crate::list::near(name.as_bytes(), COMMANDS.iter().map(|c| c.name.as_bytes()));
                    fail!(Status::Usage, "unknown command '@'@\nsee: rawstrap help", name, hint)
                }
            },
        },
    },
    Command { name: "version", operands: "", about: "print the version", details: "", flags: &[], run: small::version },
];

/// The options of the command with that name.
pub fn flags(name: &str) -> &'static [&'static Flag] {
    COMMANDS.iter().find(|command| command.name == name).map_or(&[], |command| command.flags)
}

/// The overview.
pub fn general() -> Result<()> {
    let mut text = String::from(
        "rawstrap bootstraps a toolchain from a TinyCC seed, following plain-text step lists.\n\n\
         usage: rawstrap [COMMAND] [OPTION…]      rawstrap COMMAND --help\n\n",
    );
    for command in &COMMANDS {
        add!(&mut text, "  @", command.name);
        text::blanks(&mut text, command.name, 8);
        add!(&mut text, " @\n", command.about);
    }
    text.push_str(
        "\nexit status: 0 done, 1 host (disk, permission, a busy stage), 2 usage, 3 list, 4 source or seed,\n\
         5 room forbidden by the host, 6 step failed, 7 hash mismatch, 8 interrupted, 70 defect in rawstrap\n",
    );
    print(&text)
}

/// The help of one command.
pub fn of(command: &Command) -> Result<()> {
    let mut text = String::new();
    add!(&mut text, "rawstrap @: @\n\nusage: rawstrap @", command.name, command.about, command.name);
    for part in [if command.flags.is_empty() { "" } else { "[OPTION…]" }, command.operands] {
        if !part.is_empty() {
            text.push(' ');
            text.push_str(part);
        }
    }
    text.push('\n');
    if !command.details.is_empty() {
        add!(&mut text, "\n@\n", command.details);
    }
    if !command.flags.is_empty() {
        text.push('\n');
    }
    for flag in command.flags {
        let letter = if flag.letter.is_empty() { "    " } else { text!("-@, ", flag.letter) };
        let name = text!("--@ @", flag.name, flag.value);
        add!(&mut text, "  @@", letter, name);
        text::blanks(&mut text, name, 22);
        add!(&mut text, " @\n", flag.help);
    }
    print(&text)
}
