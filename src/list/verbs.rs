//! The verbs: where they may stand and what they take.

use super::diag::{Wrong, near, wrong};
use super::plan::Pos;
use crate::split;

/// A verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Absent,
    Append,
    Cd,
    Chmod,
    Copy,
    Device,
    Each,
    Edit,
    Env,
    Expect,
    Include,
    Link,
    Mkdir,
    Move,
    Package,
    Path,
    Remove,
    Run,
    Same,
    Seed,
    Set,
    Sh,
    Shell,
    Source,
    Test,
    Unpack,
    Write,
}

/// Where a line may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Anywhere,
    /// Outside of packages.
    Outside,
    /// In a package or test.
    Inside,
}

/// Whether a text `<<END` ends the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    No,
    May,
    Must,
}

/// A row of the table.
pub(super) struct Row {
    pub name: &'static str,
    pub verb: Verb,
    pub stand: Stand,
    pub text: Text,
    /// The least and the most words after the verb, the text not counted.
    pub words: (u8, u8),
    /// How it is written.
    pub usage: &'static str,
}

const fn row(name: &'static str, verb: Verb, stand: Stand, text: Text, words: (u8, u8), usage: &'static str) -> Row {
    Row { name, verb, stand, text, words, usage }
}

const MANY: u8 = u8::MAX;

use Stand::{Anywhere, Inside, Outside};
use Text::{May, Must, No};

/// Sorted by name.
static TABLE: [Row; 27] = [
    row("absent", Verb::Absent, Inside, No, (3, MANY), "absent TEXT… in PATH…"),
    row("append", Verb::Append, Inside, Must, (1, 1), "append FILE <<END"),
    row("cd", Verb::Cd, Inside, No, (1, 1), "cd DIR"),
    row("chmod", Verb::Chmod, Inside, No, (2, MANY), "chmod MODE PATH…"),
    row("copy", Verb::Copy, Inside, No, (2, MANY), "copy FROM… TO"),
    row("device", Verb::Device, Outside, No, (1, MANY), "device NAME…"),
    row("each", Verb::Each, Inside, No, (3, MANY), "each PATTERN… run CMD ARG…"),
    row("edit", Verb::Edit, Inside, No, (4, MANY), "edit FILE… OLD -> NEW [times N]"),
    row("env", Verb::Env, Anywhere, No, (1, MANY), "env NAME WORD…"),
    row("expect", Verb::Expect, Inside, No, (2, MANY), "expect STATUS CMD ARG…"),
    row("include", Verb::Include, Anywhere, No, (1, 1), "include LIST"),
    row("link", Verb::Link, Inside, No, (2, 2), "link TARGET NAME"),
    row("mkdir", Verb::Mkdir, Inside, No, (1, MANY), "mkdir DIR…"),
    row("move", Verb::Move, Inside, No, (2, MANY), "move FROM… TO"),
    row("package", Verb::Package, Anywhere, No, (1, 1), "package NAME"),
    row("path", Verb::Path, Anywhere, No, (1, MANY), "path DIR…"),
    row("remove", Verb::Remove, Inside, No, (1, MANY), "remove PATH…"),
    row("run", Verb::Run, Inside, No, (1, MANY), "run CMD ARG… [< FILE] [> FILE]"),
    row("same", Verb::Same, Inside, May, (1, MANY), "same FILE FILE…' or 'same FILE <<END"),
    row("seed", Verb::Seed, Outside, No, (1, 3), "seed PATH [SCRIPT SOURCE]"),
    row("set", Verb::Set, Anywhere, No, (1, MANY), "set NAME WORD…"),
    row("sh", Verb::Sh, Inside, Must, (0, 0), "sh <<END"),
    row("shell", Verb::Shell, Anywhere, No, (1, 1), "shell FILE"),
    row("source", Verb::Source, Anywhere, No, (3, MANY), "source FILE SHA256 PLACE…"),
    row("test", Verb::Test, Anywhere, No, (1, 1), "test NAME"),
    row("unpack", Verb::Unpack, Inside, No, (1, 5), "unpack FILE [into DIR] [strip N]"),
    row("write", Verb::Write, Inside, Must, (1, 3), "write FILE [mode MODE] <<END"),
];

/// What people write who think of the command, and what they mean.
const ALSO: &str = "\
bash sh\n\
cat write\n\
cmp same\n\
cp copy\n\
diff same\n\
echo write\n\
export env\n\
for each\n\
grep absent\n\
ln link\n\
mv move\n\
patch edit\n\
replace edit\n\
rm remove\n\
rmdir remove\n\
sed edit\n\
symlink link\n\
tar unpack\n\
untar unpack\n\
xargs each\n\
";

/// The row of a verb.
pub(super) fn find(name: &[u8]) -> Option<&'static Row> {
    TABLE.binary_search_by(|row| row.name.as_bytes().cmp(name)).ok().map(|i| &TABLE[i])
}

/// What to say about a verb that there is not.
pub(super) fn unknown(name: &[u8], pos: Pos) -> Wrong {
    for (also, meant) in split::lines(ALSO).filter_map(|line| split::cut(line, b' ')) {
        if also.as_bytes() == name {
            return wrong(pos, "unknown verb %; did you mean %?", &[name, meant.as_bytes()]);
        }
    }
    let near = near(name, TABLE.iter().map(|row| row.name.as_bytes()));
    let hint = if near.is_empty() { "; a command is run with 'run'" } else { &near };
    wrong(pos, "unknown verb %@", &[name, hint.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name));
        for (also, meant) in ALSO.lines().map(|line| line.split_once(' ').unwrap()) {
            assert!(find(meant.as_bytes()).is_some() && find(also.as_bytes()).is_none());
        }
        assert!(TABLE.iter().all(|row| row.usage.starts_with(row.name)));
    }
}
