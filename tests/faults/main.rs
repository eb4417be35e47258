//! Faults: each system call of a short run fails, or is the last one of its process; reads and
//! writes move less than they were asked to.
//!
//! `RAWSTRAP_FAULTS=all` takes every call and every error; otherwise each kind of call is taken at
//! some of its places.

#[path = "../common/mod.rs"]
mod common;
mod tracer;

use common::{User, World, each_user, host, nothing_remains};
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use tracer::{Call, Fault, Plan, Traced};

/// All verbs, in as few steps as may be.
const STEPS: &str = "unpack x.tar.gz into $BUILD/x\n\
    copy /recipes/busybox /bin/\nlink busybox /bin/sh\nlink busybox /bin/cat\nlink busybox /bin/false\n\
    write f <<END\none\nEND\nappend f <<END\ntwo\nEND\nedit f one -> three\nsame f <<END\nthree\ntwo\nEND\n\
    mkdir d\ncopy f d/\nmove d/f g\nchmod 600 g\nremove d\nabsent four in g\n\
    run cat f < g > h\nrun sh -c 'cat h; (while :; do :; done) & cat f'\nexpect 1 false\n\
    each x/[ab] run cat {} > {}.out\n\
    sh <<END\ncat x/*.out > all\nEND\nwrite $OUT/e <<END\nEND\ncopy all f g h $OUT/\n\
    test p\nrun cat $OUT/all\n";

/// A run's result: what must be the same whenever it says that it is done.
#[derive(Debug, PartialEq, Eq)]
struct Result {
    output: String,
    ledger: Vec<String>,
    log: String,
}

struct Bench {
    world: World,
    want: Result,
}

impl Bench {
    fn new(world: World) -> Option<Bench> {
        if !world.list("") {
            return None;
        }
        for name in ["a", "b"] {
            world.write(format!("tar/{name}"), name.repeat(3000));
        }
        let tar = world.path("tar").display().to_string();
        let made = "cd \"$0\" && tar -czf ../downloads/x.tar.gz a b && sha256sum ../downloads/x.tar.gz";
        let sum = host("sh", &[&"-c", &made, &tar]);
        let head = "device null\nseed /seed/tcc\npath /bin\nshell /bin/sh\npackage p";
        world.write("recipes/main.steps", format!("{head}\nsource x.tar.gz {} deb:x/x.tar.gz\n{STEPS}", &sum[..64]));
        let bench = Bench { world, want: Result { output: String::new(), ledger: Vec::new(), log: String::new() } };
        bench.clear();
        let ran = bench.trace(&[], Plan::List);
        assert_eq!(ran.status, 0, "{}", bench.world.read("err"));
        let want = bench.result();
        Some(Bench { want, ..bench })
    }

    /// As before the first run.
    fn clear(&self) {
        if self.world.has("build") {
            std::fs::remove_dir_all(self.world.path("build")).unwrap();
        }
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(self.world.path("rawstrap"));
        command.args(["run", "--list", "recipes/main.steps", "--seed", "recipes/busybox", "-j2"]).args(options);
        command.current_dir(&self.world.dir).env_clear();
        if self.world.user == User::Nobody {
            command.uid(65534).gid(65534);
        }
        command
    }

    /// A run with its calls traced; what it says goes into the file `err`.
    fn trace(&self, options: &[&str], plan: Plan) -> Traced {
        let said = std::fs::File::create(self.world.path("err")).unwrap();
        tracer::run(self.command(options).stdout(Stdio::null()).stderr(said), plan)
    }

    fn result(&self) -> Result {
        let ledger = self.world.read("build/ledger");
        let lines = ledger.lines().filter(|line| !line.starts_with("time ")).map(String::from).collect();
        let logs = ["p", "p.test"].map(|name| self.world.read(format!("build/logs/{name}.log")));
        Result { output: self.world.hash("build/stage/store/p"), ledger: lines, log: logs.concat() }
    }

    /// What is wrong with a run in which that call was disturbed.
    fn judge(&self, ran: &Traced, fault: Fault) -> std::result::Result<(), String> {
        nothing_remains(&self.world);
        let said = self.world.read("err");
        match ran.status {
            0 => {
                let got = self.result();
                if got != self.want {
                    return Err(format!("done, with another result: {got:#?}"));
                }
            }
            1 | 3..=6 | 8 => {
                let message = said.lines().any(|line| line.starts_with("rawstrap: "));
                let named = match fault {
                    // Where memory has run out there is none for words about what it was wanted for.
                    Fault::Errno(libc::ENOMEM) => said.contains("out of memory"),
                    Fault::Errno(number) => said.contains(name(number)),
                    Fault::Kill => true,
                };
                if !message || !named {
                    return Err(format!("status {}, but the message does not say why:\n{said}", ran.status));
                }
            }
            137 if fault == Fault::Kill => {}
            status => return Err(format!("status {status}:\n{said}")),
        }
        self.resume()
    }

    /// It can go on, and comes to the same result.
    fn resume(&self) -> std::result::Result<(), String> {
        let begun = self.world.has("build/ledger") && !self.world.read("build/ledger").is_empty();
        let more: &[&str] = if begun { &["--resume"] } else { &[] };
        let ran = common::ran(&mut self.command(more));
        if ran.status != 0 {
            return Err(format!("the run after it {more:?}: status {}\n{}", ran.status, ran.err));
        }
        match self.world.hash("build/stage/store/p") {
            hash if hash == self.want.output => Ok(()),
            hash => Err(format!("the run after it {more:?} gives {hash}")),
        }
    }
}

fn name(errno: i32) -> &'static str {
    match errno {
        libc::EIO => "(EIO)",
        libc::ENOSPC => "(ENOSPC)",
        libc::ENOMEM => "(ENOMEM)",
        libc::EMFILE => "(EMFILE)",
        libc::EAGAIN => "(EAGAIN)",
        _ => "(EINTR)",
    }
}

/// The errors that a call is to give, one after the other.
fn errors(call: &Call) -> &'static [i32] {
    match call.number {
        // Between the driver's own processes nothing fails as long as both ends live.
        libc::SYS_read | libc::SYS_write if call.channel => &[libc::EINTR],
        libc::SYS_read | libc::SYS_pread64 => &[libc::EIO, libc::EINTR],
        libc::SYS_write => &[libc::ENOSPC, libc::EIO, libc::EINTR],
        libc::SYS_openat if call.args[2] as i32 & libc::O_CREAT != 0 => &[libc::ENOSPC, libc::EMFILE],
        libc::SYS_openat => &[libc::EIO, libc::EMFILE],
        libc::SYS_mkdirat | libc::SYS_symlinkat | libc::SYS_linkat | libc::SYS_renameat => &[libc::ENOSPC, libc::EIO],
        libc::SYS_mmap | libc::SYS_mremap => &[libc::ENOMEM],
        libc::SYS_clone => &[libc::EAGAIN, libc::ENOMEM],
        libc::SYS_socketpair | libc::SYS_pipe2 | libc::SYS_dup3 | libc::SYS_fcntl | libc::SYS_signalfd4 => &[libc::EMFILE],
        libc::SYS_wait4 => &[libc::EINTR],
        libc::SYS_poll => &[libc::EINTR, libc::ENOMEM],
        _ => &[libc::EIO, libc::ENOMEM],
    }
}

/// What cannot fail, or has nobody left who could be told.
fn never_fails(call: &Call) -> bool {
    [
        libc::SYS_exit_group, libc::SYS_exit, libc::SYS_close, libc::SYS_munmap, libc::SYS_getpid, libc::SYS_getppid,
        libc::SYS_geteuid, libc::SYS_getegid, libc::SYS_umask, libc::SYS_clock_gettime, libc::SYS_execve,
        libc::SYS_vfork, libc::SYS_kill, libc::SYS_uname, libc::SYS_sched_getaffinity,
    ]
    .contains(&call.number)
}

/// All calls, or of each kind in each process those at a few places.
fn chosen(calls: Vec<Call>) -> Vec<Call> {
    const PLACES: usize = 3;
    if std::env::var("RAWSTRAP_FAULTS").is_ok_and(|what| what == "all") {
        return calls;
    }
    let mut kinds: BTreeMap<_, Vec<Call>> = BTreeMap::new();
    for call in calls {
        kinds.entry((call.site.process.min(3), call.number, call.channel)).or_default().push(call);
    }
    let spread = |of: Vec<Call>| {
        let places = PLACES.min(of.len());
        (0..places).map(|n| of[n * of.len() / places]).collect::<Vec<_>>()
    };
    kinds.into_values().flat_map(spread).collect()
}

/// Does each fault at each of the calls, as every user, and says all that went wrong.
fn try_all(faults: impl Fn(&Call) -> Vec<Fault>) {
    each_user(|world| {
        let Some(bench) = Bench::new(world) else { return };
        bench.clear();
        let calls = bench.trace(&[], Plan::List).calls;
        let (mut count, mut wrong) = (0, String::new());
        for call in chosen(calls) {
            for fault in faults(&call) {
                let mut tries = 0;
                let ran = loop {
                    bench.clear();
                    let ran = bench.trace(&[], Plan::One(call.site, fault));
                    tries += 1;
                    if ran.hit.is_some_and(|hit| (hit.number, hit.channel) == (call.number, call.channel)) || tries == 5 {
                        break ran;
                    }
                };
                if tries == 5 {
                    continue;
                }
                count += 1;
                if let Err(what) = bench.judge(&ran, fault) {
                    wrong.push_str(&format!("{fault:?} at {:x?}: {what}\n", ran.hit));
                }
            }
        }
        eprintln!("{count} faults as {:?}", bench.world.user);
        assert!(wrong.is_empty(), "{wrong}");
        assert!(count > 100, "{count}");
    });
}

#[test]
fn every_call_may_fail() {
    try_all(|call| {
        let errors = if never_fails(call) { &[] } else { errors(call) };
        errors.iter().map(|&number| Fault::Errno(number)).collect()
    });
}

#[test]
fn every_call_may_be_the_last() {
    try_all(|_| vec![Fault::Kill]);
}

#[test]
fn reads_and_writes_may_be_short() {
    each_user(|world| {
        let Some(bench) = Bench::new(world) else { return };
        let mut random = common::Random::new(5);
        // What is long (the programs that are copied) is not taken byte by byte.
        for most in [1, 100] {
            bench.clear();
            let mut few = |length: usize| 1 + random.below(if length <= 2048 { length.min(most) } else { length });
            let ran = bench.trace(&[], Plan::Short(&mut few));
            assert!(ran.hit.is_some());
            assert_eq!(ran.status, 0, "at most {most} bytes:\n{}", bench.world.read("err"));
            assert_eq!(bench.result(), bench.want, "at most {most} bytes");
        }
    });
}

#[test]
fn the_clock_of_the_day_may_jump() {
    each_user(|world| {
        let Some(bench) = Bench::new(world) else { return };
        bench.clear();
        let times = [(0, "1970-01-01"), (1 << 31, "2038-01-19"), (1 << 32, "2106-02-07"), (253_402_300_800, "10000-01-01")];
        for (first, second) in [(0, 3), (3, 0), (2, 1)] {
            bench.clear();
            let mut say = [times[first], times[second]].map(|time| time.0).into_iter().cycle();
            let ran = bench.trace(&[], Plan::Clock(&mut || say.next().unwrap()));
            assert_eq!((ran.status, ran.hit.is_some()), (0, true), "{}", bench.world.read("err"));
            assert_eq!(bench.result(), bench.want);
            let ledger = bench.world.read("build/ledger");
            let dates: Vec<&str> = ["begun", "ended"]
                .into_iter()
                .map(|when| ledger.split_once(&format!("\ntime {when} ")).unwrap().1.split('T').next().unwrap())
                .collect();
            assert_eq!(dates, [times[first].1, times[second].1]);
            // Durations are another clock's.
            let said = bench.world.read("err");
            assert!(said.contains("\ndone in 0.") || said.contains("\ndone in 1."), "{said}");
        }
    });
}
