//! The commands and their help: one screen each.

use super::args::Flag;
use super::{Command, build, machine, print, proof, small};
use crate::error::{Result, Status};
use crate::split;
use crate::{add, fail, text};
use alloc::string::String;

/// The options: name, letter, what the value is called (`-` for none), help.
const FLAGS: &str = "\
list l FILE the list to run [recipes/chain.steps]\n\
until u PACKAGE stop when this package and its tests are done\n\
dir d DIR where stage, logs and ledger are [build]\n\
downloads - DIR where sources are kept [downloads]\n\
mirror m DIR|URL try this place first; may be repeated\n\
deb-mirror - URL Debian mirror for deb: places [the host's apt sources]\n\
offline - - touch no network\n\
seed s FILE the seed compiler [made with the host's C compiler]\n\
jobs j N commands at a time [NPROC, or the cores there are]\n\
timeout - TIME end the run if a step takes longer: 90, 90s, 30m, 2h [never]\n\
resume - - go on in the stage where the last run ended\n\
record - - write the output hashes into recipes/outputs\n\
keep-build - - leave the build trees in the stage's /tmp\n\
no-tests - - leave out the tests of the packages\n\
quiet q - tell only what goes wrong\n\
verbose v - show the steps and what they print\n\
builder - URI who answers for the run [urn:rawstrap:driver:SHA256]\n\
flat - - SHA-256 of the bytes, as sha256sum prints it\n\
strip - N drop N leading parts of the members' names\n\
only - PART init: without lists, sources and seed; data: only these\n\
disk - DEVICE lists, sources and seed: image --only data, or a file system\n\
work - DEVICE a file system for stage, logs and ledger [memory]\n\
ledger - DEVICE write the ledger at the start of this disk, too\n\
exit-port - PORT write the status there: QEMU's isa-debug-exit\n\
stay - - do not power off at the end: the screen can be read\n\
";

/// The options with these names.
pub fn flags(names: &'static str) -> impl Iterator<Item = Flag> {
    split::words(names).filter_map(flag)
}

#[inline(never)]
fn flag(wanted: &str) -> Option<Flag> {
    split::lines(FLAGS).find_map(|row| {
        let (name, rest) = split::cut(row, b' ')?;
        let (letter, rest) = split::cut(rest, b' ')?;
        let (value, help) = split::cut(rest, b' ')?;
        let some = |text| if text == "-" { "" } else { text };
        (name == wanted).then_some(Flag { name, letter: some(letter), value: some(value), help })
    })
}

/// All commands, in the order of the help.
pub static COMMANDS: [Command; 17] = [
    Command {
        name: "build",
        operands: "",
        about: "fetch the sources, make the seed, run the list (the default)",
        details: "Starts from nothing: an earlier stage in DIR is removed, after saying so.",
        flags: "list until dir downloads mirror deb-mirror offline seed jobs timeout resume record \
            keep-build no-tests quiet verbose",
        run: build::build,
    },
    Command {
        name: "fetch",
        operands: "",
        about: "bring the sources that the packages need into the downloads",
        details: "Every file is verified against the hash in its list before it gets its name.",
        flags: "list until downloads mirror deb-mirror offline quiet",
        run: build::fetch,
    },
    Command {
        name: "check",
        operands: "[LIST]",
        about: "parse and validate a list and all it includes; touch nothing",
        details: "",
        flags: "list",
        run: build::check,
    },
    Command {
        name: "steps",
        operands: "[LIST]",
        about: "print the numbered plan; run nothing",
        details: "",
        flags: "list until jobs",
        run: build::steps,
    },
    Command {
        name: "run",
        operands: "",
        about: "run the list with the sources and the seed that are there",
        details: "As build, but nothing is fetched, and the seed has to be named or be in DIR already.",
        flags: "list until dir downloads seed jobs timeout resume record keep-build no-tests quiet verbose",
        run: build::run,
    },
    Command {
        name: "verify",
        operands: "[PACKAGE…]",
        about: "hash the outputs in a stage and compare with the recorded hashes",
        details: "Without PACKAGE: all packages of the list that are in the stage.",
        flags: "list dir",
        run: build::verify,
    },
    Command {
        name: "hash",
        operands: "PATH…",
        about: "print the hash of files or trees: SHA-256 of the NAR, as nix hash path",
        details: "",
        flags: "flat",
        run: small::hash,
    },
    Command {
        name: "unpack",
        operands: "ARCHIVE DIR",
        about: "unpack a tar archive, plain or compressed with gzip, bzip2 or xz",
        details: "DIR is made if needed. Nothing is written outside of it.",
        flags: "strip",
        run: small::unpack,
    },
    Command {
        name: "shell",
        operands: "[-- COMMAND…]",
        about: "a look into the room: a shell of the stage, or COMMAND",
        details: "The environment is that of the package in which the last run ended, or of PACKAGE.",
        flags: "list until dir downloads",
        run: build::shell,
    },
    Command {
        name: "compare",
        operands: "LEDGER LEDGER",
        about: "where two runs differ: the first package, its files, the inputs before it",
        details: "Exit status 0 if all packages that both have are the same bytes, 7 if not. No stage is needed.",
        flags: "",
        run: proof::compare,
    },
    Command {
        name: "attest",
        operands: "[LEDGER]",
        about: "print a ledger as an in-toto statement with SLSA provenance, to be signed",
        details: "The subjects are the NARs of the outputs; resolved dependencies are driver, seed, lists and sources.",
        flags: "builder",
        run: proof::attest,
    },
    Command {
        name: "report",
        operands: "[LEDGER]",
        about: "print a ledger as a page for the browser",
        details: "One HTML file without scripts: rawstrap report build/ledger > report.html",
        flags: "",
        run: proof::report,
    },
    Command {
        name: "script",
        operands: "[LIST]",
        about: "print a list as one sh script, which does without rawstrap",
        details: "The script says at its top what it wants. It has to give the same bytes.",
        flags: "list until jobs no-tests",
        run: proof::script,
    },
    Command {
        name: "image",
        operands: "OUT.cpio",
        about: "write an initramfs with which a machine does the run, and nothing else",
        details: "It holds this program as /init, the list's folder, the sources and the seed.\n\
                  What --list, --until and --no-tests say is what the machine will do.",
        flags: "list until dir downloads mirror deb-mirror offline seed no-tests only quiet",
        run: machine::image,
    },
    Command {
        name: "boot",
        operands: "",
        about: "what /init of an image does: run, print the ledger, power off",
        details: "Its options stand on the kernel's command line, after --.",
        flags: "list until jobs timeout resume keep-build no-tests quiet verbose disk work ledger exit-port stay",
        run: machine::boot,
    },
    Command {
        name: "help",
        operands: "[COMMAND]",
        about: "print this, or the help of a command",
        details: "",
        flags: "",
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
    Command { name: "version", operands: "", about: "print the version", details: "", flags: "", run: small::version },
];

/// The names of the options of a command.
pub fn flags_of(name: &str) -> &'static str {
    COMMANDS.iter().find(|command| command.name == name).map_or("", |command| command.flags)
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
    for flag in flags(command.flags) {
        let letter = if flag.letter.is_empty() { "    " } else { text!("-@, ", flag.letter) };
        let name = text!("--@ @", flag.name, flag.value);
        add!(&mut text, "  @@", letter, name);
        text::blanks(&mut text, name, 22);
        add!(&mut text, " @\n", flag.help);
    }
    print(&text)
}
