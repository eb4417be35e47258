//! The plan: what the lists say, checked and expanded, as data that the runner executes.

use super::word::Word;
use alloc::vec::Vec;

/// Bytes without NUL: a path, a name, a text. What a plan holds is never given back.
pub type Bytes = &'static [u8];

/// All that the lists ask for, in order.
#[derive(Debug, Default)]
pub struct Plan {
    /// The list that was asked for, then those it includes, each once, in the order in which
    /// they were first met. [`Pos::list`] counts in here.
    pub lists: Vec<ListFile>,
    /// Where the seed stands in the stage and what makes it.
    pub seed: Option<Seed>,
    /// Sources declared outside of packages: the seed's.
    pub sources: Vec<Source>,
    /// What `/dev` holds, without `/dev/`; sorted, each once.
    pub devices: Vec<&'static str>,
    /// Packages and tests in the order they run.
    pub units: Vec<Unit>,
}

/// A list as it was read.
#[derive(Clone, Copy, Debug)]
pub struct ListFile {
    /// Its path on the host, as messages name it.
    pub path: &'static str,
    /// All of it.
    pub bytes: &'static [u8],
}

/// A place in a list; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pos {
    /// Index in [`Plan::lists`].
    pub list: u32,
    /// Line.
    pub line: u32,
    /// Column.
    pub col: u32,
}

/// The `seed` line.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// Where the line stands.
    pub pos: Pos,
    /// Absolute path in the stage.
    pub path: Bytes,
    /// What makes the seed when the user supplies none.
    pub recipe: Option<SeedRecipe>,
}

/// How the host makes a seed.
#[derive(Clone, Copy, Debug)]
pub struct SeedRecipe {
    /// Path of the script on the host, next to the list.
    pub script: &'static str,
    /// The source that it works on.
    pub source: Source,
}

/// A file to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Where it is declared.
    pub pos: Pos,
    /// Its name in `/downloads`: one path component.
    pub file: &'static str,
    /// What its bytes have to be.
    pub sha256: [u8; 32],
    /// Where it is to be had, to be tried in this order.
    pub places: &'static [Place],
}

/// Where a source is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `http://…`, `https://…` or `ftp://…`.
    Url(&'static str),
    /// `deb:PATH` in a Debian mirror, or `deb:SOURCE/FILE`: as written, without `deb:`.
    Deb(&'static str),
}

impl Env {
    /// No variable, no path.
    pub const EMPTY: &Env = &Env { vars: &[], path: &[] };
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `package`: makes `/store/NAME`.
    Package,
    /// `test`: looks at what the package made.
    Test,
}

/// A package or the test of one.
#[derive(Debug)]
pub struct Unit {
    /// Which of the two.
    pub kind: Kind,
    /// Where the line stands.
    pub pos: Pos,
    /// The package's name. No two packages and no two tests have the same.
    pub name: &'static str,
    /// `$OUT`: `/store/NAME`.
    pub out: &'static str,
    /// `$BUILD`: `/tmp/NAME`; made new before the first step, and its directory.
    pub build: &'static str,
    /// What it needs in `/downloads`.
    pub sources: Vec<Source>,
    /// The shell and the environment at the end of the unit, for who wants to look into it.
    pub shell: Option<&'static [u8]>,
    /// See `shell`.
    pub env: &'static Env,
    /// What is done.
    pub steps: Vec<Step>,
}

/// What a child sees, and where commands are looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Env {
    /// Name and value of each variable, sorted by name; `PATH` is among them if a list has `path`.
    pub vars: &'static [(&'static str, &'static [u8])],
    /// The absolute directories of `path`.
    pub path: &'static [&'static [u8]],
}

/// One step. It stands for itself: it can be run without those before it having been read.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where its verb stands.
    pub pos: Pos,
    /// Its text in the list, from the verb to the end of the line (with continued lines and the
    /// text after `<<END`): offsets in [`ListFile::bytes`]. See [`Plan::text`].
    pub span: (u32, u32),
    /// Its current directory: absolute, without `.`, `..` and a final `/`.
    pub cwd: &'static [u8],
    /// Environment and path of the commands that it runs.
    pub env: &'static Env,
    /// What is to be done.
    pub action: Action,
}

/// What a step does. Paths are absolute and normal (no `.`, `..`, `//`, final `/`) except in the
/// words of commands and in the patterns of `each`, which stay as written.
///
/// A [`Word`] can hold a pattern and then stands for all that it matches, in the order of bytes;
/// no match is an error. Words are lists in effect: `files` of two words may be twenty files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `run` and `expect`.
    Run {
        /// The command.
        command: Command,
        /// The exit status it must have: 0 for `run`.
        status: u8,
    },
    /// `each`.
    Each {
        /// The files, relative to the step's directory or absolute. No `..`.
        patterns: &'static [Word],
        /// What is taken away from them.
        but: &'static [Word],
        /// What runs for each; [`Word::fill`] puts the file into words that have a slot.
        /// Words without slots may hold patterns; no word has both.
        command: Command,
    },
    /// `sh`.
    Sh {
        /// The shell.
        shell: &'static [u8],
        /// Its text.
        text: Bytes,
    },
    /// `unpack`.
    Unpack {
        /// Name of the source; the archive is `/downloads/FILE`.
        file: &'static str,
        /// Into this directory.
        into: Bytes,
        /// How many leading parts of the members' names are dropped.
        strip: u32,
    },
    /// `edit`.
    Edit {
        /// The files.
        files: &'static [Word],
        /// Exact text, not empty.
        old: Bytes,
        /// What replaces it.
        new: Bytes,
        /// How many there must be in each file (at least 1); any but 0 if not given.
        times: Option<u32>,
    },
    /// `write`.
    Write {
        /// The file; its parents are made.
        file: Bytes,
        /// Permissions: 0644 if not given.
        mode: u16,
        /// What it holds afterwards.
        text: Bytes,
    },
    /// `append`.
    Append {
        /// The file.
        file: Bytes,
        /// What is added.
        text: Bytes,
    },
    /// `copy`.
    Copy(Transfer),
    /// `move`.
    Move(Transfer),
    /// `link`.
    Link {
        /// The text of the link: any.
        target: Bytes,
        /// The link.
        name: Bytes,
    },
    /// `mkdir`.
    Mkdir {
        /// The directories.
        dirs: &'static [Bytes],
    },
    /// `remove`.
    Remove {
        /// Files and trees.
        paths: &'static [Word],
    },
    /// `chmod`.
    Chmod {
        /// Permissions, at most 07777.
        mode: u16,
        /// Of these.
        paths: &'static [Word],
    },
    /// `same`: all files hold the same bytes, which are `text` if there is one.
    Same {
        /// At least one file with `text`, else at least one word (a pattern may match several).
        files: &'static [Word],
        /// The text.
        text: Option<Bytes>,
    },
    /// `absent`.
    Absent {
        /// None of these texts, none of them empty,
        texts: &'static [Bytes],
        /// in files, names and links below these.
        paths: &'static [Word],
    },
}

/// What `copy` and `move` do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Files and trees.
    pub from: &'static [Word],
    /// Where they get to.
    pub to: Bytes,
    /// `to` is a directory, made if needed, that takes them under their last names. If not,
    /// `to` is the new path of the one thing that `from` may be: a pattern that matches several
    /// is then an error.
    pub into: bool,
}

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, looked up in the path when it has no `/`, and its arguments; not empty.
    pub args: &'static [Word],
    /// `< FILE`: absolute, no pattern. In `each` it may have slots, as all words here; if it
    /// begins with one it is what the slot makes it, seen from the step's directory.
    pub input: Option<Word>,
    /// `> FILE`, `>> FILE`: likewise.
    pub output: Option<Word>,
    /// `output` is `>>`: what the file holds stays.
    pub append: bool,
}

impl Plan {
    /// The text of a step as it stands in its list.
    pub fn text(&self, step: &Step) -> &[u8] {
        let bytes = self.lists.get(step.pos.list as usize).map_or(&[][..], |l| &l.bytes);
        bytes.get(step.span.0 as usize..step.span.1 as usize).unwrap_or_default()
    }
}
