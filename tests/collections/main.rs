//! Other people's archives: the collections of good and bad files that decompressors and archivers
//! are tested with, and real tarballs, each against the tool that everybody uses. See ./run.

#[path = "../common/mod.rs"]
mod common;
mod differences;

use common::{User, World, host, source_tree, tree, which};
use differences::DIFFERENCES;
use rawstrap::archive::Decompressor;
use rawstrap::io::Read;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where `run` brings the sources.
fn sources() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    source_tree().join(target).join("collections")
}

/// The files that a list declares.
fn declared(list: &str) -> Vec<String> {
    let text = std::fs::read_to_string(source_tree().join("tests/collections").join(list)).unwrap();
    let files = text.lines().filter_map(|line| line.strip_prefix("source ")?.split(' ').next());
    files.map(str::to_string).collect()
}

/// Past the harness, which keeps what a test prints to itself unless it fails.
fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// What rawstrap decodes, and its message if that ends with an error.
fn ours(packed: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let mut bytes = Vec::new();
    let mut block = vec![0; 1 << 16];
    let mut read = || -> rawstrap::error::Result<()> {
        let mut reader = Decompressor::new(packed)?;
        loop {
            match reader.read(&mut block)? {
                0 => return Ok(()),
                n => bytes.extend_from_slice(&block[..n]),
            }
        }
    };
    let error = read().err().map(|error| error.message);
    (bytes, error)
}

/// What a tool decodes, and whether it ends well.
fn reference(tool: &str, packed: &[u8]) -> (Vec<u8>, bool) {
    let mut child = Command::new(which(tool).unwrap())
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let packed = packed.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&packed)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.stdout, output.status.success())
}

/// What uuencode made: for each `begin` its bytes. Anything else is an error in a collection that
/// is known.
fn uudecode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let value = |c: u8| c.wrapping_sub(b' ') & 63;
    for line in text.split(|b| *b == b'\n').skip_while(|line| !line.starts_with(b"begin ")).skip(1) {
        if line == b"end" {
            break;
        }
        let Some((count, digits)) = line.split_first() else { continue };
        let mut decoded = Vec::new();
        for four in digits.chunks(4) {
            let [a, b, c, d] = std::array::from_fn(|i| four.get(i).map_or(0, |digit| value(*digit)));
            decoded.extend([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        }
        decoded.resize(value(*count) as usize, 0);
        bytes.extend(decoded);
    }
    bytes
}

/// What a verdict is about.
#[derive(Default)]
struct Verdicts {
    same: BTreeMap<&'static str, usize>,
    /// Those that differ, with the file's name.
    differ: Vec<(String, String)>,
}

impl Verdicts {
    fn note(&mut self, what: &'static str, file: &str, difference: Option<String>) {
        match difference {
            None => *self.same.entry(what).or_default() += 1,
            Some(text) => self.differ.push((file.to_string(), text)),
        }
    }
}

/// The stream: the same verdict, and the same bytes of a good one.
fn stream(verdicts: &mut Verdicts, file: &str, tool: &'static str, bytes: &[u8]) {
    let (got, mut error) = ours(bytes);
    if self::tool(bytes).is_none() {
        error = error.or(Some("taken for what it decodes to"));
    }
    let (want, good) = reference(tool, bytes);
    let difference = match (error, good) {
        (None, true) if got == want => None,
        (None, true) => Some(format!("{} bytes, {tool} gives {} others", got.len(), want.len())),
        (None, false) => Some(format!("read; {tool} refuses it")),
        (Some(message), true) => Some(format!("{tool} reads it; {message}")),
        (Some(_), false) => None,
    };
    let what = if good { "good streams" } else { "bad streams" };
    verdicts.note(what, file, difference);
}

/// Unpacked: the same verdict, and the same tree of a good one.
fn unpacked(verdicts: &mut Verdicts, world: &World, file: &str, archive: &Path) {
    for dir in ["ours", "gnu"] {
        let _ = Command::new("chmod").args(["-R", "u+rwx"]).arg(world.path(dir)).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(world.path(dir));
        std::fs::create_dir(world.path(dir)).unwrap();
    }
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let ran = common::ran(Command::new(common::binary()).arg("unpack").arg(archive).arg(world.path("ours")));
    let mut tar = Command::new("sh");
    tar.args(["-c", "umask 022; exec tar --no-same-owner --no-same-permissions --delay-directory-restore \"$@\"", "-"]);
    let good = common::ran(tar.arg("-C").arg(world.path("gnu")).arg("-xf").arg(archive)).status == 0;
    assert!([0, 1, 4].contains(&ran.status), "{file}: {} {}", ran.status, ran.err);
    let difference = match (ran.status == 0, good) {
        (true, true) => {
            let [got, want] = ["ours", "gnu"].map(|dir| timeless(tree(&world.path(dir)), begun));
            let first = got.iter().zip(&want).find(|(a, b)| a != b).map(|(a, b)| format!("{a} for {b}"));
            (got != want).then(|| first.unwrap_or(format!("{} nodes for {}", got.len(), want.len())))
        }
        (true, false) => Some("unpacked; GNU tar refuses it".into()),
        (false, true) => Some(format!("GNU tar unpacks it; {}", ran.err.trim_end())),
        (false, false) => None,
    };
    let what = if good { "good archives" } else { "bad archives" };
    verdicts.note(what, file, difference);
}

/// A directory that no member names has the time at which it was made.
fn timeless(tree: Vec<String>, begun: u64) -> Vec<String> {
    let of_today = |line: &str| -> Option<String> {
        let (rest, _) = line.rsplit_once(" directory")?;
        let (name, time) = rest.rsplit_once(' ')?;
        (time.split('.').next()?.parse::<u64>().ok()? >= begun).then(|| format!("{name} now directory"))
    };
    tree.into_iter().map(|line| of_today(&line).unwrap_or(line)).collect()
}

/// What decodes it, by its first bytes.
fn tool(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("xz"),
        _ => None,
    }
}

#[test]
#[ignore = "tests/collections/run brings what it looks at"]
fn collections() {
    let world = World::new(User::Caller);
    let mut verdicts = Verdicts::default();
    let (mut files, mut all) = (0, Vec::new());
    for source in declared("collections.steps") {
        let dir = world.path("source");
        std::fs::create_dir(&dir).unwrap();
        host("tar", &[&"-C", &dir, &"-xf", &sources().join(&source)]);
        all.clear();
        find(&dir, &mut all);
        for path in &all {
            let mut bytes = std::fs::read(path).unwrap();
            let name = path.strip_prefix(&dir).unwrap().to_str().unwrap().to_string();
            let (is_uu, named) = (name.ends_with(".uu"), name.rsplit('.').next().unwrap_or(""));
            if is_uu {
                bytes = uudecode(&bytes);
            }
            let is_tar = bytes.get(257..262) == Some(b"ustar");
            if !is_uu && !is_tar && tool(&bytes).is_none() && !["gz", "bz2", "xz", "tar", "lzma"].contains(&named) {
                continue;
            }
            files += 1;
            let by_name = ["xz", "gz", "bz2"].into_iter().zip(["xz", "gzip", "bzip2"]).find(|(end, _)| *end == named);
            let is_packed = tool(&bytes).is_some();
            if let Some(tool) = tool(&bytes).or(by_name.map(|(_, tool)| tool)) {
                stream(&mut verdicts, &name, tool, &bytes);
            }
            // Less than a block is an empty archive for GNU tar.
            if ours(&bytes).0.len() >= 512 || !(is_packed || is_tar) {
                world.write("archive", &bytes);
                unpacked(&mut verdicts, &world, &name, &world.path("archive"));
            }
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
    let mut unknown = String::new();
    let mut seen = vec![false; DIFFERENCES.len()];
    for (file, text) in &verdicts.differ {
        match DIFFERENCES.iter().position(|(end, part, _)| file.ends_with(end) && text.contains(part)) {
            Some(at) => seen[at] = true,
            None => unknown += &format!("{file}: {text}\n"),
        }
    }
    for ((file, part, _), seen) in DIFFERENCES.iter().zip(seen) {
        if !seen && (*part != "the format is zstd" || which("zstd").is_some()) {
            unknown += &format!("{file}: is listed as a difference ({part}), and is none\n");
        }
    }
    let (same, differ) = (&verdicts.same, verdicts.differ.len());
    say(&format!("collections: {files} files; {same:?} as the reference has them, {differ} that differ on purpose"));
    assert!(unknown.is_empty(), "\n{unknown}");
    assert!(files > 400, "only {files} files");
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) {
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let stat = path.symlink_metadata().unwrap();
        if stat.is_dir() {
            find(&path, files);
        } else if stat.is_file() {
            files.push(path);
        }
    }
}

#[test]
#[ignore = "tests/collections/run brings what it looks at"]
fn tarballs() {
    let world = World::new(User::Caller);
    let mut verdicts = Verdicts::default();
    let (mut kinds, mut nodes) = (BTreeMap::<String, usize>::new(), 0);
    for file in declared("tarballs.steps") {
        let before = verdicts.differ.len();
        unpacked(&mut verdicts, &world, &file, &sources().join(&file));
        let nar = |dir: &str| common::ran(Command::new(common::binary()).arg("hash").arg(world.path(dir))).ok().out;
        assert_eq!(nar("ours"), nar("gnu"), "{file}");
        nodes += tree(&world.path("ours")).len();
        if verdicts.differ.len() == before {
            *kinds.entry(file.rsplit('.').next().unwrap().to_string()).or_default() += 1;
        }
    }
    say(&format!("tarballs: {kinds:?} with the trees that GNU tar makes, {nodes} files, directories and links"));
    assert!(verdicts.differ.is_empty(), "{:#?}", verdicts.differ);
    assert_eq!(verdicts.same.get("bad archives"), None);
    assert!(kinds.values().sum::<usize>() >= 200);
}
