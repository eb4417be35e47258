//! Commands for machines without a host: image writes what boots them, boot is what runs there.

use super::args::Args;
use super::build::{CHAIN, bring, bring_seed, load, sources, volume, wanted, whole};
use super::{Host, help, print};
use crate::boot::{End, disks, image::Image};
use crate::error::{Result, Status};
use crate::file;
use crate::hash::{hex, sha256};
use crate::run::place::Place;
use crate::run::progress::Terminal;
use crate::seed;
use crate::split;
use crate::sys::mount::mount;
use crate::sys::{Context, fd, fs, machine};
use crate::{add, fail, text};
use alloc::string::String;
use alloc::vec::Vec;

/// The file of an image that holds its options for `boot`, a word a line.
const OPTIONS: &str = "options";

/// `image`
pub fn image(args: &Args, host: &Host) -> Result<()> {
    args.at_most("image", 1)?;
    let Some(out) = args.operands.first() else {
        fail!(Status::Usage, "image wants the file that it is to write\nsee: rawstrap image --help");
    };
    let (with_init, with_data) = match args.last("only") {
        None => (true, true),
        Some("init") => (true, false),
        Some("data") => (false, true),
        Some(other) => fail!(Status::Usage, "--only is '@', expected init or data", other),
    };
    let mut image = Image::default();
    if with_init {
        image.init(host.program);
    }
    let mut place = None; // keeps the seed that is made there from changing until it is copied
    if with_data {
        data(args, host, &mut image, &mut place)?;
    }
    image.write(out)?;
    let size = fs::stat(*out).on("examine", *out)?.size;
    Terminal::new(volume(args), host.env).say(text!("@: @ KiB", out, size.div_ceil(1024)));
    Ok(())
}

/// Lists, sources, seed, and what is to be done with them.
fn data(args: &Args, host: &Host, image: &mut Image, place: &mut Option<Place>) -> Result<()> {
    let path = args.last("list").unwrap_or(CHAIN);
    let plan = load(path, 1)?;
    let units = wanted(plan, args)?;
    let folder = file::show(file::parent(path.as_bytes()));
    for list in &plan.lists {
        if !inside(&list.path, &folder) {
            fail!(Status::List, "@ is outside of @, the folder that an image holds", list.path, folder);
        }
    }
    let mut terminal = Terminal::new(volume(args), host.env);
    let supplied = args.last("seed");
    if let Some(path) = supplied {
        seed::check(path)?;
    }
    let make_seed = plan.seed.is_some() && supplied.is_none();
    let needed = sources(plan, &units, make_seed);
    let downloads = bring(args, host, &needed, args.has("offline"), &mut terminal)?;
    if plan.seed.is_some() {
        let place = place.insert(Place::open(args.last("dir").unwrap_or("build"), 0)?);
        let (path, _) = bring_seed(plan, supplied, make_seed, place, &downloads, host, &mut terminal)?;
        image.file("seed", 0o755, path.as_bytes());
    }
    image.tree("recipes", &folder)?;
    image.dir("downloads");
    for source in sources(plan, &units, false) {
        let name = text!("/@", source.file);
        image.file(text!("downloads@", name), 0o644, text!("@@", downloads, name).as_bytes());
    }
    let mut options = String::new();
    add!(&mut options, "--list\nrecipes/@\n", file::name(path.as_bytes()));
    if let Some(package) = args.last("until") {
        add!(&mut options, "--until\n@\n", package);
    }
    if args.has("no-tests") {
        options.push_str("--no-tests\n");
    }
    image.text(OPTIONS, &options);
    Ok(())
}

/// Whether a list's path leads below the folder.
fn inside(path: &str, folder: &str) -> bool {
    let rest = if folder == "." { Some(path) } else { path.strip_prefix(folder) };
    rest.is_some_and(|rest| rest.as_bytes().split(|b| *b == b'/').all(|part| part != b".."))
}

/// What the options say about the end, for the process that does nothing else; a wrong one is told
/// by the other.
pub fn end(words: &[&[u8]]) -> End {
    let args = Args::parse("boot", help::flags_of("boot"), words).unwrap_or_default();
    let port = args.last("exit-port").unwrap_or_default();
    let exit_port = u16::from_str_radix(port.strip_prefix("0x").unwrap_or(port), 16).ok();
    End { exit_port, stay: args.has("stay") }
}

/// `boot`
pub fn boot(args: &Args, host: &Host) -> Result<()> {
    if !host.init {
        fail!(
            Status::Usage,
            "boot is for the first process of a machine, the /init of an image\nsee: rawstrap image --help"
        );
    }
    args.at_most("boot", 0)?;
    // The initramfs is a tmpfs, which takes half of the memory unless told otherwise, or a ramfs,
    // which takes all and knows no size.
    let _ = mount("", "/", "", libc::MS_REMOUNT, "size=80%");
    let (disk, work, ledger) = (args.last("disk"), args.last("work"), args.last("ledger"));
    if disk.or(work).or(ledger).is_some() {
        disks::nodes()?;
    }
    let mut dir = "/build";
    if let Some(work) = work {
        disks::mount_at(work, "/work", 0)?;
        dir = "/work/build";
    }
    if let Some(disk) = disk {
        disks::enter(disk)?;
    }
    if fs::stat("recipes").is_err() {
        fail!(Status::List, "there are no recipes, neither in the initramfs nor on a disk that --disk names");
    }
    let mut options = String::from(if fs::stat(OPTIONS).is_ok() { file::read_text(OPTIONS)? } else { "" });
    add!(&mut options, "--dir\n@", dir);
    if fs::stat("seed").is_ok() {
        options.push_str("\n--seed\nseed");
    }
    let words: Vec<&[u8]> = split::lines(&options).map(str::as_bytes).collect();
    let mut all = Args::parse("run", help::flags_of("run"), &words)?;
    all.add(args);
    let result = whole(&all, host, false);
    let told = tell(text!("@/ledger", dir), ledger);
    result.and(told)
}

/// Prints the ledger, and writes it to a disk.
fn tell(path: &str, disk: Option<&str>) -> Result<()> {
    let Ok(text) = file::read(path) else { return Ok(()) }; // the run has not begun
    // A message of the kernel's in its midst would be taken for a part of it.
    let _ = machine::kernel_messages(false);
    print("rawstrap: ledger begins\n")?;
    fd::write(1, &text).on("print", "the ledger")?; // names in it may be any bytes
    print(text!("rawstrap: ledger ends, SHA-256 @\n", hex::encode(&sha256::sha256(&text))))?;
    let _ = machine::kernel_messages(true);
    match disk {
        Some(disk) => disks::write(disk, &text),
        None => Ok(()),
    }
}
