//! tar: members, and what they unpack to, with a target that is not a disk.

use super::*;
use crate::archive::Time;
use crate::archive::tar::{Kind, Member, TarReader};
use crate::archive::unpack::{Options, Outcome, Target, unpack};
use std::collections::BTreeMap;

/// A header block with the right checksum.
fn header(name: &str, typeflag: u8, link: &str, size: usize) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0006664\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000001750\0"); // 1000
    block[156] = typeflag;
    block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    block[257..265].copy_from_slice(b"ustar\x0000");
    sum(block)
}

fn sum(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| *b as u32).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// A member with its data.
fn member(name: &str, typeflag: u8, link: &str, data: &[u8]) -> Vec<u8> {
    let mut all = header(name, typeflag, link, data.len());
    all.extend_from_slice(data);
    all.resize(all.len().next_multiple_of(512), 0);
    all
}

/// The members, and the end of the archive.
fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [&members.concat()[..], &[0; 1024]].concat()
}

/// A header with some field changed.
fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut block = header("f", b'0', "", 0);
    block[at..at + bytes.len()].copy_from_slice(bytes);
    sum(block)
}

fn members(archive: &[u8]) -> Result<Vec<(Member, Vec<u8>)>> {
    let mut tar = TarReader::new(archive);
    let mut all = Vec::new();
    while let Some(member) = tar.next_member()? {
        let data = read_all(&mut tar)?;
        all.push((member, data));
    }
    Ok(all)
}

#[test]
fn every_format_that_gnu_tar_writes() {
    let dir = Temp::new();
    let long = "d/".to_string() + &"long".repeat(24) + "/" + &"name".repeat(24);
    dir.sh(
        "mkdir -p d/sub; echo text >d/file; ln d/file d/hard; ln -s ../x d/soft; chmod 751 d/sub; touch -d @1 d/sub
        touch -d @1234567890.987654321 d/file",
    );
    for format in ["v7", "ustar", "oldgnu", "gnu", "posix"] {
        match format {
            "v7" => {}
            "ustar" => drop(dir.sh(&format!("mkdir -p $(dirname {long}); echo long >{long}"))),
            // What fits neither ustar's link names nor its numbers.
            _ => drop(dir.sh(&format!("ln -f {long} d/zhard; touch -d @-1.5 d/sub"))),
        }
        let packed = dir.sh(&format!("tar c --format={format} --sort=name d"));
        let all = members(&packed).unwrap();
        let find = |name: &str| all.iter().find(|(m, _)| m.name == name.as_bytes()).unwrap_or_else(|| panic!("{format}: {name}"));
        let (file, data) = find("d/file");
        assert_eq!((file.kind, file.mode, file.size, &data[..]), (Kind::File, 0o644, 5, &b"text\n"[..]));
        let nanoseconds = if format == "posix" { 987654321 } else { 0 };
        assert_eq!(file.mtime, (1234567890, nanoseconds));
        let (hard, _) = find("d/hard");
        assert_eq!((hard.kind, &hard.link[..]), (Kind::HardLink, &b"d/file"[..]));
        let (soft, _) = find("d/soft");
        assert_eq!((soft.kind, &soft.link[..]), (Kind::Symlink, &b"../x"[..]));
        let (sub, _) = find("d/sub/");
        assert_eq!((sub.kind, sub.mode), (Kind::Directory, 0o751));
        match format {
            "v7" | "ustar" => {}
            "posix" => assert_eq!(sub.mtime, (-2, 500_000_000)),
            _ => assert_eq!(sub.mtime, (-2, 0)),
        }
        if format != "v7" {
            assert_eq!(find(&long).1, b"long\n");
        }
        if !matches!(format, "v7" | "ustar") {
            assert_eq!(find("d/zhard").0.link, long.as_bytes());
        }
    }
}

#[test]
fn extended_headers() {
    let packed = archive(&[
        member("g", b'g', "", b"19 comment=a comit\n15 linkpath=gg\n"),
        member("x", b'x', "", b"14 path=a/b/c\n15 mtime=1.250\n10 size=3\n"),
        [header("f", b'0', "", 1234), b"abc".to_vec(), vec![0; 509]].concat(),
        member("L", b'L', "", b"long name\0"),
        member("K", b'K', "", b"long link\0"),
        member("f", b'2', "short", b""),
        member("volume", b'V', "", b""),
        member("dir/", 0, "", b""),
        member("x", b'x', "", b"13 linkpath=\n"),
        member("s", b'2', "short", b""),
    ]);
    let all: Vec<Member> = members(&packed).unwrap().into_iter().map(|(member, _)| member).collect();
    let expected = |name: &str, kind, link: &str, mtime, size| Member {
        name: name.into(),
        kind,
        link: link.into(),
        mode: 0o6664,
        mtime,
        size,
    };
    assert_eq!(
        all,
        [
            expected("a/b/c", Kind::File, "gg", (1, 250_000_000), 3),
            expected("long name", Kind::Symlink, "long link", (1000, 0), 0),
            expected("dir/", Kind::Directory, "gg", (1000, 0), 0),
            expected("s", Kind::Symlink, "short", (1000, 0), 0),
        ]
    );
}

#[test]
fn every_way_to_fail() {
    let file = || member("file", b'0', "", b"data");
    for (packed, expected) in [
        (b"text, text, text".repeat(32), "tar: not a tar archive (chksum), at byte 0 of the archive"),
        (vec![], "tar: no end-of-archive entry (two blocks of zeros), at byte 0 of the archive"),
        (file(), "tar: no end-of-archive entry (two blocks of zeros), at byte 1024 of the archive"),
        (file()[..511].to_vec(), "tar: unexpected end of the archive, at byte 511 of the archive"),
        (file()[..514].to_vec(), "tar: unexpected end of the archive, at byte 514 of the archive"),
        (file()[..1000].to_vec(), "tar: unexpected end of the archive, at byte 1000 of the archive"),
        ([file(), vec![0; 512], file()].concat(), "tar: a single block of zeros between members, at byte 1024 of the archive"),
        ([file(), vec![1; 512]].concat(), "tar: chksum of a header does not match, at byte 1024 of the archive"),
        (changed(124, b"8"), "tar: size is not a number, at byte 0 of the archive"),
        (changed(124, &[0xff; 12]), "tar: size is not a number, at byte 0 of the archive"),
        (changed(100, b"x"), "tar: member 'f': mode is not a number, at byte 0 of the archive"),
        (changed(136, b"x"), "tar: member 'f': mtime is not a number, at byte 0 of the archive"),
        (changed(156, b"3"), "tar: member 'f': character device, which is not made here, at byte 0 of the archive"),
        (changed(156, b"4"), "tar: member 'f': block device, which is not made here, at byte 0 of the archive"),
        (changed(156, b"6"), "tar: member 'f': FIFO, which is not made here, at byte 0 of the archive"),
        (changed(156, b"S"), "tar: member 'f': sparse file, which is not read here, at byte 0 of the archive"),
        (changed(156, b"M"), "tar: member 'f': continuation from another volume, which is not read here, at byte 0 of the archive"),
        (changed(156, b"N"), "tar: member 'f': unknown typeflag, which is not unpacked here, at byte 0 of the archive"),
        (header("x", b'x', "", 1 << 21), "tar: extended header of more than 1 MiB, at byte 0 of the archive"),
        (member("x", b'x', "", b"3 x"), "tar: extended header is not made of records, at byte 0 of the archive"),
        (member("g", b'g', "", b"4 x\n"), "tar: extended header record without '=', at byte 0 of the archive"),
        (header("x", b'x', "", 3), "tar: unexpected end of the archive, at byte 512 of the archive"),
        (archive(&[member("/etc/x", b'0', "", b"")]), "tar: member '/etc/x': absolute name"),
        (archive(&[member("a/../x", b'0', "", b"")]), "tar: member 'a/../x': '..' in a name"),
        (archive(&[member("..", b'5', "", b"")]), "tar: member '..': '..' in a name"),
        (archive(&[member("", b'0', "", b"")]), "tar: member '': empty name"),
        (archive(&[member("./.", b'0', "", b"")]), "tar: member './.': only a directory can have this name"),
        (archive(&[member("x", b'2', "", b"")]), "tar: member 'x': symbolic link to nothing"),
        (archive(&[member("x", b'1', "/y", b"")]), "tar: member 'x' (hard link to '/y'): absolute name"),
        (archive(&[member("x", b'1', "../y", b"")]), "tar: member 'x' (hard link to '../y'): '..' in a name"),
        (archive(&[member("x", b'1', "./", b"")]), "tar: member 'x' (hard link to './'): hard link to nothing"),
        (
            archive(&[member("x", b'x', "", b"12 path=a\0b\n"), file()]),
            "tar: member 'a\0b': NUL in a name",
        ),
    ] {
        let result = unpack(&mut &packed[..], Options::default(), &mut Memory::default());
        assert_eq!(result.expect_err(expected).message, expected);
    }
}

/// Files in memory. Links are shown as text; hard links share a number.
#[derive(Default)]
struct Memory {
    entries: BTreeMap<String, Entry>,
    files: Vec<(u32, Vec<u8>, Time)>,
    finished: Vec<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Entry {
    Dir(u32, Time),
    File(usize),
    Link(String, Time),
}

impl Memory {
    fn add(&mut self, name: &[u8], entry: Entry) -> Result<Outcome> {
        let name = String::from_utf8_lossy(name).into_owned();
        if let Some((parent, _)) = name.rsplit_once('/')
            && !self.entries.contains_key(parent)
        {
            return Ok(Outcome::NoParent);
        }
        if self.entries.contains_key(&name) {
            return Ok(Outcome::Exists);
        }
        self.entries.insert(name, entry);
        Ok(Outcome::Made)
    }

    fn get(&self, name: &[u8]) -> Option<&Entry> {
        self.entries.get(&*String::from_utf8_lossy(name))
    }

    fn show(&self) -> String {
        let line = |(name, entry): (&String, &Entry)| match entry {
            Entry::Dir(mode, (s, ns)) => format!("{name}/ {mode:o} {s}.{ns}\n"),
            Entry::Link(to, (s, _)) => format!("{name} -> {to} {s}\n"),
            Entry::File(n) => {
                let (mode, data, (s, ns)) = &self.files[*n];
                format!("{name} {n} {mode:o} {s}.{ns} {}\n", String::from_utf8_lossy(data))
            }
        };
        self.entries.iter().map(line).collect()
    }
}

impl Target for Memory {
    fn make_dir(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        self.add(name, Entry::Dir(mode, (-1, 0)))
    }
    fn make_file(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        let outcome = self.add(name, Entry::File(self.files.len()))?;
        if outcome == Outcome::Made {
            self.files.push((mode, vec![], (-1, 0)));
        }
        Ok(outcome)
    }
    fn write(&mut self, data: &[u8]) -> Result<()> {
        self.files.last_mut().unwrap().1.extend_from_slice(data);
        Ok(())
    }
    fn close(&mut self, mtime: Time) -> Result<()> {
        self.files.last_mut().unwrap().2 = mtime;
        Ok(())
    }
    fn make_symlink(&mut self, name: &[u8], text: &[u8], mtime: Time) -> Result<Outcome> {
        self.add(name, Entry::Link(String::from_utf8_lossy(text).into_owned(), mtime))
    }
    fn make_link(&mut self, name: &[u8], of: &[u8]) -> Result<Outcome> {
        let entry = self.get(of).expect("what is linked to").clone();
        self.add(name, entry)
    }
    fn id(&mut self, name: &[u8]) -> Result<(bool, (u64, u64))> {
        let entry = self.get(name).expect("what is examined");
        let id = match entry {
            Entry::File(n) => *n as u64,
            _ => 1 << 32 | name.len() as u64,
        };
        Ok((matches!(entry, Entry::Dir(..)), (0, id)))
    }
    fn remove(&mut self, name: &[u8]) -> Result<()> {
        self.entries.remove(&*String::from_utf8_lossy(name)).map(|_| ()).expect("what is removed");
        Ok(())
    }
    fn finish_dir(&mut self, name: &[u8], mode: u32, mtime: Time) -> Result<()> {
        let name = String::from_utf8_lossy(name).into_owned();
        self.finished.push(name.clone());
        if let Some(entry @ Entry::Dir(..)) = self.entries.get_mut(&name) {
            *entry = Entry::Dir(mode, mtime);
        }
        Ok(())
    }
}

fn unpacked(strip: usize, members: &[Vec<u8>]) -> Memory {
    let mut memory = Memory::default();
    let archive = archive(members);
    unpack(&mut &archive[..], Options { strip }, &mut memory).unwrap();
    memory
}

#[test]
fn modes_times_and_parents() {
    let memory = unpacked(0, &[
        member("x", b'x', "", b"13 mtime=5.5\n"),
        member("a/b/file", b'0', "", b"data"),
        member("a/b/hard", b'1', "a/b/file", b""),
        member("a/soft", b'2', "/anywhere/../x", b""),
        member("./a//./b/", b'5', "", b""),
    ]);
    assert_eq!(
        memory.show(),
        "a/ 755 -1.0\na/b/ 644 1000.0\na/b/file 0 644 5.500000000 data\na/b/hard 0 644 5.500000000 data\n\
         a/soft -> /anywhere/../x 1000\n"
    );
}

/// Whatever a header says: data follow only behind that of a file.
#[test]
fn only_files_have_data() {
    let memory = unpacked(0, &[
        header("d/", b'5', "", 700),
        header("old/", b'0', "", 700),
        header("soft", b'2', "d", 700),
        member("d/file", b'0', "", b"data"),
        header("hard", b'1', "d/file", 700),
    ]);
    assert_eq!(
        memory.show(),
        "d/ 644 1000.0\nd/file 0 644 1000.0 data\nhard 0 644 1000.0 data\nold/ 644 1000.0\nsoft -> d 1000\n"
    );
}

#[test]
fn later_members_replace_earlier_ones() {
    let memory = unpacked(0, &[
        member("d/", b'5', "", b""),
        member("d/f", b'0', "", b"first"),
        member("d/g", b'1', "d/f", b""),
        member("d/f", b'0', "", b"second"),
        member("d/g", b'1', "d/g", b""),
        member("e", b'0', "", b""),
        member("e", b'5', "", b""),
        member("s", b'2', "d", b""),
        member("s", b'5', "", b""),
        member("t", b'5', "", b""),
        member("t", b'2', "d", b""),
        member("d", b'5', "", b""),
    ]);
    assert_eq!(
        memory.show(),
        "d/ 644 1000.0\nd/f 1 644 1000.0 second\nd/g 0 644 1000.0 first\ne/ 644 1000.0\ns/ 644 1000.0\nt -> d 1000\n"
    );
    // Each directory once at the end, the last of the names first.
    assert_eq!(memory.finished[1..], ["t", "s", "e", "d"]);
}

#[test]
fn stripped_names() {
    let all = [
        member("./top/", b'5', "", b""),
        member("./top/f", b'0', "", b"data"),
        member("./top/h", b'1', "./top/f", b""),
        member("./top/s", b'2', "top/f", b""),
        member("./file", b'0', "", b""),
    ];
    assert_eq!(unpacked(1, &all).show(), "file 1 644 1000.0 \ntop/ 644 1000.0\ntop/f 0 644 1000.0 data\ntop/h 0 644 1000.0 data\ntop/s -> top/f 1000\n");
    assert_eq!(unpacked(2, &all).show(), "f 0 644 1000.0 data\nh 0 644 1000.0 data\ns -> top/f 1000\n");
    assert_eq!(unpacked(3, &all).show(), "");
}

#[test]
fn damage_never_panics() {
    let packed = archive(&[
        member("x", b'x', "", b"13 mtime=5.5\n"),
        member("a/b/file", b'0', "", b"data"),
        member("L", b'L', "", b"long name\0"),
        member("a/b/hard", b'1', "a/b/file", b""),
    ]);
    let whole = members(&packed).unwrap();
    for n in 0..packed.len() - 512 {
        if n % 512 != 0 || n < packed.len() - 1024 {
            members(&packed[..n]).expect_err("truncated");
        }
        let mut damaged = packed.clone();
        damaged[n] ^= 0x15;
        if let Ok(all) = members(&damaged) {
            assert_eq!(all.len(), whole.len(), "byte {n}");
        }
    }
}
