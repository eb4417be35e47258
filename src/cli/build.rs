//! Commands that work on a list: build, run, fetch, check, steps, verify, shell.

use super::args::Args;
use super::{Host, number, print};
use crate::error::{Error, Result, Status};
use crate::fetch;
use crate::file;
use crate::hash::nar;
use crate::ledger::{self, outputs::Outputs, resume};
use crate::list::plan::{Kind, Source, Unit};
use crate::list::{self, Loader, Plan};
use crate::room::{self, Room};
use crate::run::inside::Work;
use crate::run::outside::{self, Sealed, label};
use crate::run::place::{Place, absolute};
use crate::run::progress::{GREEN, Terminal, Volume, duration};
use crate::run::record::{Facts, Record};
use crate::seed;
use crate::split;
use crate::sys::{Context, fs, memory, process, time};
use crate::{add, fail, text};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Lists are files of the host.
struct Files;

impl Loader for Files {
    fn load(&mut self, path: &str) -> core::result::Result<Vec<u8>, Error> {
        file::read(path).map_err(|error| Error::new(Status::List, error.message))
    }
}

/// The plan of a list. It lives as long as the program.
pub fn load(list: &str, jobs: usize) -> Result<&'static Plan> {
    list::parse(&mut Files, list, jobs as u32).map(|plan| &*Box::leak(Box::new(plan)))
}

/// The project's own list.
pub const CHAIN: &str = "recipes/chain.steps";

/// Path of the list: the operand, `--list`, or the project's own.
pub(super) fn list_path<'a>(args: &Args<'a>) -> &'a str {
    args.operands.first().copied().or(args.last("list")).unwrap_or(CHAIN)
}

/// Commands at a time: `-j`, else `NPROC` of the environment, else the cores there are.
pub(super) fn jobs(args: &Args, host: &Host) -> Result<usize> {
    match (args.last("jobs"), host.var("NPROC")) {
        (Some(text), _) => number("--jobs", text),
        (None, Some(text)) => number("NPROC in the environment", text),
        (None, None) => Ok(process::cores()),
    }
}

/// A time in microseconds: a number of seconds, or with the letter of another unit.
fn timeout(text: &str) -> Result<u64> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("", 1)];
    let found = units.iter().find_map(|(unit, seconds)| text.strip_suffix(unit).map(|number| (number, *seconds)));
    match found.and_then(|(number, seconds)| Some((split::number(number.as_bytes())?, seconds))) {
        Some((n @ 1..=1_000_000, seconds)) => Ok(n * seconds * 1_000_000),
        _ => fail!(Status::Usage, "--timeout is '@', expected seconds, or a number with s, m or h, such as 30m", text),
    }
}

/// How much is told.
pub fn volume(args: &Args) -> Volume {
    match (args.has("quiet"), args.has("verbose")) {
        (true, _) => Volume::Quiet,
        (_, true) => Volume::Verbose,
        _ => Volume::Normal,
    }
}

/// The units that are wanted: all, or those up to a package and its tests.
pub fn wanted(plan: &Plan, args: &Args) -> Result<Vec<usize>> {
    let mut end = plan.units.len();
    if let Some(name) = args.last("until") {
        let Some(at) = plan.units.iter().position(|unit| unit.kind == Kind::Package && &*unit.name == name) else {
            let names = plan.units.iter().map(|unit| unit.name.as_bytes());
            fail!(Status::Usage, "the list has no package '@'@", name, list::near(name.as_bytes(), names));
        };
        end = at + 1;
        while plan.units.get(end).is_some_and(|unit| unit.kind == Kind::Test && &*unit.name == name) {
            end += 1;
        }
    }
    let tests = !args.has("no-tests");
    Ok((0..end).filter(|&at| tests || plan.units[at].kind == Kind::Package).collect())
}

/// The sources of these units, and the seed's when it has to be made; each once.
pub fn sources<'a>(plan: &'a Plan, units: &[usize], with_seed: bool) -> Vec<&'a Source> {
    let mut all: Vec<&Source> = Vec::new();
    let seed = plan.seed.as_ref().and_then(|seed| seed.recipe.as_ref()).map(|recipe| &recipe.source);
    let seed = seed.filter(|_| with_seed).into_iter();
    for source in seed.chain(units.iter().flat_map(|&at| &plan.units[at].sources)) {
        if all.iter().all(|other| other.file != source.file) {
            all.push(source);
        }
    }
    all
}

/// Fetches and verifies sources; gives the absolute path of their directory.
pub fn bring(
    args: &Args,
    host: &Host,
    sources: &[&Source],
    offline: bool,
    terminal: &mut Terminal,
) -> Result<&'static str> {
    let downloads = args.last("downloads").unwrap_or("downloads");
    let mirrors = args.all("mirror");
    let report = fetch::fetch(
        sources,
        &fetch::Options { downloads, mirrors: &mirrors, deb_mirror: args.last("deb-mirror"), offline, env: host.env },
        &mut |line| terminal.say(line),
    )?;
    terminal.say(text!("sources: @ fetched, @ there already, all verified", report.fetched, report.present));
    absolute(downloads)
}

/// The seed that is supplied, or the place's own, which is made first: path and hash.
pub fn bring_seed(
    plan: &Plan,
    supplied: Option<&str>,
    make: bool,
    place: &Place,
    downloads: &str,
    host: &Host,
    terminal: &mut Terminal,
) -> Result<(&'static str, [u8; 32])> {
    let path = match supplied {
        Some(path) => file::show(path),
        None => text!("@/seed", place.dir),
    };
    let recipe = plan.seed.as_ref().and_then(|seed| seed.recipe.as_ref());
    if let (true, Some(recipe)) = (make, recipe) {
        terminal.say(text!("making the seed with @", recipe.script));
        seed::make(recipe, downloads, &path, host.env)?;
    }
    let hash = seed::check(&path)?;
    terminal.say(text!("seed: @ @", crate::hash::hex::encode(&hash), path));
    Ok((path, hash))
}

/// `fetch`
pub fn fetch(args: &Args, host: &Host) -> Result<()> {
    args.at_most("fetch", 0)?;
    let plan = load(list_path(args), 1)?;
    let units = wanted(plan, args)?;
    let mut terminal = Terminal::new(volume(args), host.env);
    let sources = sources(plan, &units, true);
    bring(args, host, &sources, args.has("offline"), &mut terminal).map(|_| ())
}

/// `check`
pub fn check(args: &Args, _: &Host) -> Result<()> {
    args.at_most("check", 1)?;
    let path = list_path(args);
    let plan = load(path, 1)?;
    let packages = plan.units.iter().filter(|unit| unit.kind == Kind::Package).count();
    let steps: usize = plan.units.iter().map(|unit| unit.steps.len()).sum();
    print(text!(
        "@: no errors in @ lists, @ packages, @ tests, @ steps\n",
        path,
        plan.lists.len(),
        packages,
        plan.units.len() - packages,
        steps
    ))
}

/// `steps`
pub fn steps(args: &Args, host: &Host) -> Result<()> {
    args.at_most("steps", 1)?;
    let plan = load(list_path(args), jobs(args, host)?)?;
    let mut text = String::new();
    for at in wanted(plan, args)? {
        let unit = &plan.units[at];
        add!(&mut text, "@\n", label(unit));
        for source in &unit.sources {
            add!(&mut text, "       @ @\n", crate::hash::hex::encode(&source.sha256), source.file);
        }
        for (number, step) in unit.steps.iter().enumerate() {
            let number = text!("@", number + 1);
            text::blanks(&mut text, number, 6);
            add!(&mut text, "@ @\n", number, list::step_line(step));
        }
    }
    print(&text)
}

/// `verify`
pub fn verify(args: &Args, _: &Host) -> Result<()> {
    let list = args.last("list").unwrap_or(CHAIN);
    let plan = load(list, 1)?;
    let outputs = Outputs::read(list)?;
    let stage = text!("@/stage", args.last("dir").unwrap_or("build"));
    let packages = plan.units.iter().filter(|unit| unit.kind == Kind::Package);
    for name in &args.operands {
        if !packages.clone().any(|unit| &*unit.name == *name) {
            fail!(Status::Usage, "the list has no package '@'", name);
        }
    }
    let (mut seen, mut bad) = (0, 0);
    for unit in packages {
        let path = text!("@@", stage, unit.out);
        let named = args.operands.contains(&&*unit.name);
        if !named && (!args.operands.is_empty() || fs::lstat(&path).is_err()) {
            continue;
        }
        seen += 1;
        let hash = nar::hash(path.as_bytes(), &mut |_, _| ())?;
        let verdict = match outputs.get(&unit.name) {
            None => "not recorded",
            Some(recorded) if recorded == hash => "as recorded",
            Some(_) => {
                bad += 1;
                "NOT as recorded"
            }
        };
        print(text!("@ @ @\n", ledger::output(&hash), unit.name, verdict))?;
    }
    match (seen, bad) {
        (0, _) => fail!(Status::Host, "no output of the list's packages is in @", stage),
        (_, 0) => Ok(()),
        _ => fail!(Status::Mismatch, "@ of @ outputs are not what @ records", bad, seen, outputs.path),
    }
}

/// `build`
pub fn build(args: &Args, host: &Host) -> Result<()> {
    args.at_most("build", 0)?;
    whole(args, host, true)
}

/// `run`
pub fn run(args: &Args, host: &Host) -> Result<()> {
    args.at_most("run", 0)?;
    whole(args, host, false)
}

/// All of `run`, and if it is to `build` what comes before.
pub fn whole(args: &Args, host: &Host, build: bool) -> Result<()> {
    let begun = time::monotonic_us();
    let jobs = jobs(args, host)?;
    let timeout_us = args.last("timeout").map_or(Ok(0), timeout)?;
    let list = list_path(args);
    let plan = load(list, jobs)?;
    let units = wanted(plan, args)?;
    let mut outputs = Outputs::read(list)?;
    let mut terminal = Terminal::new(volume(args), host.env);
    let supplied = args.last("seed");
    if let Some(path) = supplied {
        seed::check(path)?;
    }
    let longest = units.iter().map(|&at| label(&plan.units[at]).len()).max();
    let place = Place::open(args.last("dir").unwrap_or("build"), longest.unwrap_or(0))?;
    room::check_stage(place.dir)?;
    let resume = args.has("resume");
    let seed_needed = !resume && plan.seed.is_some();
    let make_seed = build && seed_needed && supplied.is_none();
    let offline = !build || args.has("offline");
    let downloads = bring(args, host, &sources(plan, &units, make_seed), offline, &mut terminal)?;

    let seed = match seed_needed {
        true => Some(bring_seed(plan, supplied, make_seed, &place, &downloads, host, &mut terminal)?),
        false => None,
    };

    let recipes = absolute(&file::show(file::parent(list.as_bytes())))?;
    let (position, mut record) = if resume {
        let position = resume::position(&place.ledger(), plan, &units)?;
        room::check_stage(&place.stage())?;
        (position, Record::resume(&place.ledger())?)
    } else {
        place.fresh(plan, seed.as_ref().map(|seed| &*seed.0), &mut terminal)?;
        let facts = Facts {
            // Zeros where no /proc tells which file this program is.
            driver: if file::is_there(host.program)? { file::sha256(host.program)? } else { [0; 32] },
            seed: seed.as_ref().map(|seed| seed.1),
            lists: plan
                .lists
                .iter()
                .map(|list| (list.path, crate::hash::sha256::sha256(&list.bytes)))
                .collect(),
            recipes: nar::hash(recipes.as_bytes(), &mut |_, _| ())?,
            kernel: process::uname(),
            user: process::geteuid(),
            cores: process::cores(),
            jobs,
        };
        (resume::Position::default(), Record::begin(&place.ledger(), &facts)?)
    };

    let recording = args.has("record");
    let mut expected: Vec<Option<[u8; 32]>> =
        plan.units.iter().map(|unit| if unit.kind == Kind::Package { outputs.get(&unit.name) } else { None }).collect();
    for (unit, hash) in &position.sealed {
        for (at, other) in plan.units.iter().enumerate() {
            if other.kind == Kind::Test && other.name == plan.units[*unit].name {
                expected[at] = Some(*hash);
            }
        }
    }
    let left = &units[position.done..];
    let work = Work {
        plan,
        units: left,
        first_step: position.first_step,
        resumed: resume,
        jobs,
        timeout_us,
        expected: &expected,
        record: recording,
        keep_build: args.has("keep-build"),
        step: memory::shared_number().on("make", "a page for two processes")?,
    };
    let stage = place.stage();
    let room =
        Room { stage: &stage, downloads: &downloads, recipes: &recipes, devices: &plan.devices, terminal: false };
    let sealed =
        if left.is_empty() { Vec::new() } else { outside::run(&place, &room, &work, &mut record, &mut terminal)? };
    if recording {
        let now = sealed.iter().filter(|sealed| plan.units[sealed.unit].kind == Kind::Package);
        let all = position.sealed.iter().copied().chain(now.map(|sealed| (sealed.unit, sealed.hash)));
        outputs.record(all.map(|(unit, hash)| (&*plan.units[unit].name, hash)))?;
    }
    summary(&plan.units, &sealed, &expected, &outputs, &place, time::monotonic_us() - begun, &mut terminal)
}

/// What was made, where it is, how long each part took.
fn summary(
    units: &[Unit],
    sealed: &[Sealed],
    expected: &[Option<[u8; 32]>],
    outputs: &Outputs,
    place: &Place,
    wall_us: u64,
    terminal: &mut Terminal,
) -> Result<()> {
    terminal.say("");
    for done in sealed {
        let unit = &units[done.unit];
        let verdict = match (unit.kind, expected[done.unit], outputs.get(&unit.name)) {
            (Kind::Test, ..) => "passed",
            (_, Some(recorded), _) if recorded == done.hash => "as recorded",
            (_, _, Some(_)) => "recorded now",
            _ => "not recorded; --record writes it down",
        };
        let verdict = if let "as recorded" | "passed" = verdict { terminal.paint(GREEN, verdict) } else { verdict.into() };
        let cpu = duration(done.usage.user_us + done.usage.system_us);
        let (name, wall) = (label(unit), duration(done.wall_us));
        let mut line = String::from(name);
        text::blanks(&mut line, name, 24);
        text::blanks(&mut line, wall, 13);
        add!(&mut line, "@ (CPU @)  @", wall, cpu, verdict);
        terminal.say(&line);
    }
    terminal.say(text!("done in @", duration(wall_us)));
    terminal.say(text!("outputs  @/store", place.stage()));
    terminal.say(text!("ledger   @", place.ledger()));
    terminal.say(text!("logs     @", place.logs()));
    Ok(())
}

/// `shell`
pub fn shell(args: &Args, _: &Host) -> Result<()> {
    let list = args.last("list").unwrap_or(CHAIN);
    let plan = load(list, 1)?;
    let place = Place::open(args.last("dir").unwrap_or("build"), 0)?;
    let stage = place.stage();
    let at = match args.last("until") {
        Some(_) => wanted(plan, args)?.last().copied(),
        None => resume::last(&place.ledger(), plan),
    };
    let Some(unit) = plan.units.get(at.unwrap_or(0)) else {
        fail!(Status::List, "the list has no package: there is no environment to look from");
    };
    let words: Vec<&[u8]> = match (&args.operands[..], &unit.shell) {
        ([], Some(shell)) => vec![shell],
        ([], None) => fail!(
            Status::Usage,
            "@ has no shell yet; name a command: rawstrap shell -- /path/in/the/stage ARG…",
            unit.name
        ),
        (words, _) => words.iter().map(|word| word.as_bytes()).collect(),
    };
    let downloads = args.last("downloads").unwrap_or("downloads");
    file::make_dirs(downloads)?;
    let recipes = absolute(&file::show(file::parent(list.as_bytes())))?;
    let downloads = absolute(downloads)?;
    let room = Room { stage: &stage, downloads: &downloads, recipes: &recipes, devices: &plan.devices, terminal: true };
    crate::run::look::shell(&place, &room, unit, &words)
}
