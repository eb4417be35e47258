//! Commands with which others check a run: script.

use super::args::Args;
use super::build::{Files, jobs, list_path, wanted};
use super::{Host, print};
use crate::error::Result;
use crate::{file, list};

/// `script`
pub fn script(args: &Args, host: &Host) -> Result<()> {
    args.at_most("script", 1)?;
    let path = list_path(args);
    let plan = list::parse(&mut Files, path, jobs(args, host)? as u32)?;
    print(crate::script::script(&plan, &wanted(&plan, args)?, file::parent(path.as_bytes())))
}
