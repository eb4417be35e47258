//! Commands that need no list: hash, unpack, version.

use super::args::Args;
use super::{Host, print};
use crate::archive::disk;
use crate::error::{Result, Status};
use crate::file;
use crate::hash::{hex, nar};
use crate::ledger;
use crate::split;
use crate::sys::process;
use crate::{fail, text};

/// `hash`
pub fn hash(args: &Args, _: &Host) -> Result<()> {
    if args.operands.is_empty() {
        fail!(Status::Usage, "hash wants a path\nsee: rawstrap hash --help");
    }
    for path in &args.operands {
        if args.has("flat") {
            print(text!("@  @\n", hex::encode(&file::sha256(*path)?), path))?;
        } else {
            let hash = nar::hash(path.as_bytes(), &mut |_, _| ())?;
            // one path: just the hash, as `nix hash path`; several: each with its name
            let name = if args.operands.len() > 1 { text!("  @", path) } else { "" };
            print(text!("@@\n", ledger::output(&hash), name))?;
        }
    }
    Ok(())
}

/// `unpack`
pub fn unpack(args: &Args, _: &Host) -> Result<()> {
    args.at_most("unpack", 2)?;
    let [archive, dir] = args.operands[..] else {
        fail!(Status::Usage, "unpack wants an archive and a directory\nsee: rawstrap unpack --help");
    };
    let strip = match args.last("strip") {
        None => 0,
        Some(text) => match split::number(text.as_bytes()) {
            Some(n) => n as u32,
            None => fail!(Status::Usage, "--strip is '@', expected a number", text),
        },
    };
    file::make_dirs(dir)?;
    disk::unpack_file(archive.as_bytes(), dir.as_bytes(), strip, process::cores())
}

/// `version`
pub fn version(_: &Args, _: &Host) -> Result<()> {
    print(concat!("rawstrap ", env!("CARGO_PKG_VERSION"), "\n"))
}
