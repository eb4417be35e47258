//! Brings the sources that the lists declare into the downloads directory, and verifies them.

mod apt;
mod one;
mod part;
mod place;
mod pool;
mod transport;

use crate::error::{Result, Status};
use crate::file;
use crate::list::plan::Source;
use crate::split;
use crate::sys::process;
use crate::{add, error};
use alloc::string::String;
use alloc::vec::Vec;

/// Where sources come from and go to.
pub struct Options<'a> {
    /// The directory of the sources; made if need be.
    pub downloads: &'a str,
    /// Directories and URLs that are tried before the places of the list.
    pub mirrors: &'a [&'a str],
    /// Debian mirrors, separated by blanks; in place of those that the environment
    /// (RAWSTRAP_DEB_MIRROR) or the host's apt names.
    pub deb_mirror: Option<&'a str>,
    /// Touches no network.
    pub offline: bool,
    /// The host's environment, for curl and wget: PATH, HOME, proxies.
    pub env: &'a [&'a [u8]],
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sources that were there.
    pub present: usize,
    /// Sources that were fetched,
    pub fetched: usize,
    /// and how many bytes that was.
    pub bytes: u64,
}

/// How it is with a source, or how it got into the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was there.
    Present,
    /// It is not there.
    Absent,
    /// It was fetched: so many bytes.
    Fetched(u64),
}

/// How many are fetched at once: enough to hide a slow server, few enough for a mirror's limits.
const AT_ONCE: usize = 4;

/// Verifies what is there, on all cores, and fetches what is not, several at once. `say` gets lines about what goes on,
/// in the processes that fetch.
pub fn fetch(sources: &[&Source], options: &Options, say: &mut dyn FnMut(&str)) -> Result<Report> {
    file::make_dirs(options.downloads)?;
    let mut ends = pool::run(process::cores(), sources.len(), &mut |job| one::present(sources[job], options.downloads))?;
    let absent: Vec<usize> = (0..ends.len()).filter(|&job| matches!(ends[job], Ok(Done::Absent))).collect();
    let setup = one::Setup { options, debian: place::Debian::find(options), tool: transport::Tool::find(options.env) };
    let fetched = pool::run(AT_ONCE, absent.len(), &mut |job| one::fetch(sources[absent[job]], &setup, say))?;
    absent.iter().zip(fetched).for_each(|(&job, end)| ends[job] = end);
    sum(sources, ends, options)
}

/// The report, or one error about all that failed.
fn sum(sources: &[&Source], ends: Vec<Result<Done>>, options: &Options) -> Result<Report> {
    let (mut report, mut failures, mut failed) = (Report::default(), String::new(), 0);
    for (source, end) in sources.iter().zip(ends) {
        match end {
            Ok(Done::Present) => report.present += 1,
            Ok(Done::Absent) => unreachable!(), // that was the reason to fetch it
            Ok(Done::Fetched(bytes)) => {
                report.fetched += 1;
                report.bytes += bytes;
            }
            Err(error) if error.status == Status::Source => {
                failed += 1;
                add!(&mut failures, "  @\n", one::heading(source));
                split::lines(error.message).for_each(|line| add!(&mut failures, "    @\n", line));
            }
            Err(error) => return Err(error),
        }
    }
    if failed == 0 {
        return Ok(report);
    }
    let help = if options.offline {
        "run 'rawstrap fetch' without --offline, or put files with these hashes there under these names, \
         or name a directory that has them with --mirror DIR"
    } else {
        "look at the network (and at http_proxy), or put files with these hashes there under these names, \
         or name a place that has them with --mirror DIR-or-URL"
    };
    let (all, downloads) = (sources.len(), options.downloads);
    Err(error!(Status::Source, "@ of @ sources are not in @:\n@@", failed, all, downloads, failures, help))
}

#[cfg(test)]
mod tests;
