//! bzip2 on all cores: the same files and the same messages as on one, whatever the input.

mod common;

use common::{Ran, Random, User, World, host, same_tree, start, tree};
use std::process::Command;

/// What rawstrap makes of `packed` on all cores; on one, that is without other processes, it has
/// to be the same.
#[track_caller]
fn unpack(world: &World, what: &str, packed: &[u8]) -> Ran {
    world.write("packed", packed);
    let [one, all] = [&["taskset", "-c", "0"][..], &["env"]].map(|before| {
        let _ = std::fs::remove_dir_all(world.path("out"));
        let mut command = Command::new(before[0]);
        command.args(&before[1..]).arg(common::binary()).args(["unpack", "packed", "out"]).current_dir(&world.dir);
        let ran = start(&mut command).wait();
        (ran, tree(&world.path("out")))
    });
    assert_eq!((one.0.status, &one.0.err), (all.0.status, &all.0.err), "{what}");
    // A file that is not complete has the time of the day.
    let timeless = |tree: &[String]| -> Vec<String> {
        let is_time = |word: &str| word.contains('.') && word.parse::<f64>().is_ok();
        tree.iter().map(|line| line.split(' ').filter(|word| all.0.status == 0 || !is_time(word)).collect()).collect()
    };
    same_tree(what, &timeless(&all.1), &timeless(&one.1));
    all.0
}

#[test]
fn every_cut_and_flip_ends_the_same() {
    need!("bzip2", "taskset");
    let world = World::new(User::Caller);
    let mut random = Random::new(3);
    world.write("in/noise", (0..700_000).map(|_| random.below(256) as u8).collect::<Vec<_>>());
    world.write("in/mixed", random.bytes(2_000_000));
    world.write("in/zeros", vec![0; 5_000_000]);
    let pack = |script: &str| {
        host("sh", &[&"-c", &format!("cd '{}' && {script} >whole", world.dir.display())]);
        std::fs::read(world.path("whole")).unwrap()
    };
    pack("tar -cf a.tar in");
    for script in [
        "bzip2 -1 <a.tar",
        "bzip2 -9 <a.tar",
        // streams of several levels, one of them empty, and garbage that looks like one at first
        "{ head -c 900000 a.tar | bzip2 -2; bzip2 </dev/null; tail -c +900001 a.tar | bzip2 -5; printf 'BZgarbage'; }",
    ] {
        let whole = pack(script);
        assert!(whole.len() > 256 << 10, "it is to be shared");
        unpack(&world, script, &whole).ok();
        for _ in 0..4 {
            let at = random.below(whole.len() - 12);
            unpack(&world, script, &whole[..at]).fails(4, "bzip2: unexpected end of the input, at byte ");
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << random.below(8);
            unpack(&world, script, &bytes).fails(4, "rawstrap: cannot unpack packed: ");
        }
        unpack(&world, script, &[&whole, &b"BZh9"[..]].concat());
    }
}

/// Bits, the highest of each byte first.
struct Bits(Vec<bool>);

impl Bits {
    fn of(bytes: &[u8]) -> Bits {
        Bits(bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1 == 1)).collect())
    }

    fn number(&self, at: usize, count: usize) -> usize {
        self.0[at..at + count].iter().fold(0, |number, bit| number << 1 | *bit as usize)
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | (*bit as u8) << (7 - n));
        self.0.chunks(8).map(byte).collect()
    }
}

/// What begins a block, and what a stream's end.
const BLOCK: &[u8] = &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const END: &[u8] = &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

/// The stream with more selectors in its first block than it uses, which decoders pass over: in
/// them stand the bits of `planted`.
fn plant(stream: &[u8], planted: &[u8]) -> Vec<u8> {
    let bits = Bits::of(stream);
    let used = 32 + 48 + 32 + 1 + 24;
    let tables = used + 16 + bits.number(used, 16).count_ones() as usize * 16;
    assert_eq!(bits.number(tables, 3), 6, "six tables, so that five ones in a row make a selector");
    let count = bits.number(tables + 3, 15);
    let mut end = tables + 18;
    for _ in 0..count {
        end += bits.0[end..].iter().position(|bit| !bit).unwrap() + 1;
    }
    let mut more = Bits::of(planted).0;
    more.push(false);
    let zeros = more.iter().filter(|bit| !**bit).count();
    assert!(more.split(|bit| !bit).all(|ones| ones.len() < 6));
    // Beyond the most that a block can use (18002) they mean nothing.
    let fill = 18_002usize.saturating_sub(count);
    let announced: Vec<bool> = (0..15).rev().map(|n| (count + fill + zeros) >> n & 1 == 1).collect();
    let parts = [&bits.0[..tables + 3], &announced, &bits.0[tables + 18..end], &vec![false; fill], &more, &bits.0[end..]];
    Bits(parts.concat()).bytes()
}

/// Who looks for the beginning of the next block finds one where there is none; who decodes the
/// block before knows better.
#[test]
fn what_looks_like_a_block_within_another_is_none() {
    need!("bzip2", "taskset");
    let world = World::new(User::Caller);
    let mut random = Random::new(5);
    world.write("in/mixed", random.bytes(1_500_000));
    world.write("in/noise", (0..400_000).map(|_| random.below(256) as u8).collect::<Vec<_>>());
    host("sh", &[&"-c", &format!("cd '{}' && tar -cf a.tar in && bzip2 -3 <a.tar >whole", world.dir.display())]);
    let whole = std::fs::read(world.path("whole")).unwrap();
    unpack(&world, "as it is", &whole).ok();
    let want = tree(&world.path("out"));
    for (what, planted) in [
        ("a block", [&[0], BLOCK, &[0; 8], BLOCK].concat()),
        ("the end", [&[0], END, &[0; 4]].concat()),
        ("the end, and a stream", [&[0], END, &[0; 4], b"BZh3", BLOCK].concat()),
    ] {
        let planted = plant(&whole, &planted);
        assert!(planted.len() > 256 << 10, "it is to be shared");
        unpack(&world, what, &planted).ok();
        same_tree(what, &tree(&world.path("out")), &want);
        world.write("planted", &planted);
        host("sh", &[&"-c", &format!("cd '{}' && bzip2 -dc <planted | cmp - a.tar", world.dir.display())]);
    }
}

/// The processes that decode are gone when it has ended, however it ended.
#[test]
fn nobody_is_left_behind() {
    need!("bzip2");
    let world = World::new(User::Caller);
    let mut random = Random::new(6);
    world.write("in", (0..2_000_000).map(|_| random.below(256) as u8).collect::<Vec<_>>());
    host("sh", &[&"-c", &format!("cd '{}' && tar -cf a.tar in && bzip2 -1 a.tar in", world.dir.display())]);
    for milliseconds in [1, 5, 20, 50, 100] {
        let mut command = Command::new(common::binary());
        let running = start(command.arg("unpack").arg(world.path("a.tar.bz2")).arg(world.path("out")));
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        running.signal(libc::SIGKILL);
        running.wait();
        common::nothing_remains(&world);
    }
    let mut command = Command::new(common::binary());
    let ran = start(command.arg("unpack").arg(world.path("in.bz2")).arg(world.path("out"))).wait();
    ran.fails(4, "not a tar archive");
    common::nothing_remains(&world);
}
