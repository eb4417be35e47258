//! One source: what is there of it already, and its places tried in turn.

use super::part::Part;
use super::place::{self, Debian, Spot};
use super::transport::{Next, Tool};
use super::{Done, Options};
use crate::error::{Error, Result, Status};
use crate::file::{self, File, join, show};
use crate::hash::hex;
use crate::list::plan::Source;
use crate::sys::{Context, Errno, fs, time};
use crate::{fail, text};
use alloc::string::String;

/// Tries of one place that bring nothing, and tries at all.
const TRIES: (u32, u32) = (3, 20);

/// What the sources have in common.
pub struct Setup<'a> {
    /// What the user wants.
    pub options: &'a Options<'a>,
    /// Debian's mirrors.
    pub debian: Debian,
    /// curl or wget, if the host has one.
    pub tool: Option<Tool>,
}

/// Whether the source is present in the downloads directory, or absent; something else in its place is an error.
pub fn present(source: &Source, downloads: &str) -> Result<Done> {
    let path = join(downloads.as_bytes(), source.file.as_bytes());
    let mut stat = match fs::lstat(&path) {
        Err(Errno(libc::ENOENT)) => return Ok(Done::Absent),
        other => other.on("examine", &path)?,
    };
    if stat.is_link() {
        // The room has the directory and nothing of what is beside it.
        if fs::readlinkat(fs::CWD, &path).on("read the link", &path)?.contains(&b'/') {
            fail!(Status::Source, "it is a symbolic link that leads nowhere in the room; put the file itself there");
        }
        stat = fs::stat(&path).on_as(Status::Source, "follow the link", &path)?;
    }
    if !stat.is_file() {
        fail!(Status::Source, "what is there is not a regular file; move it away");
    }
    let found = file::sha256(&path)?;
    if found != source.sha256 {
        fail!(
            Status::Source,
            "expected sha256 @, but the file there has @; remove it, and the next run fetches it anew",
            hex::encode(&source.sha256),
            hex::encode(&found)
        );
    }
    Ok(Done::Present)
}

/// Brings the source into the downloads directory. The error's message is a reason for each place.
pub fn fetch(source: &Source, setup: &Setup, say: &mut dyn FnMut(&str)) -> Result<Done> {
    let options = setup.options;
    if present(source, options.downloads)? == Done::Present {
        return Ok(Done::Present);
    }
    let mut spots = place::spots(source, options, &setup.debian);
    if options.offline {
        spots.retain(|spot| matches!(spot, Spot::File(_)));
    }
    if spots.is_empty() {
        fail!(Status::Source, "it is not there");
    }
    let file = &*source.file;
    let part = Part::open(options.downloads, file, &mut || {
        say(text!("@: another rawstrap is fetching it; waiting for that", file))
    })?;
    let mut attempt = Attempt { source, setup, part: &part, say };
    let mut reasons = String::new();
    // Another one may have brought it, who was waited for.
    let mut result = present(source, options.downloads);
    if result == Ok(Done::Absent) && part.size()? > 0 && part.hash()? == source.sha256 {
        result = Ok(Done::Fetched(0));
    }
    for spot in &spots {
        if result != Ok(Done::Absent) {
            break;
        }
        result = match attempt.spot(spot) {
            Ok(bytes) => Ok(Done::Fetched(bytes)),
            Err(error) if error.status == Status::Source => {
                if !reasons.is_empty() {
                    reasons.push('\n');
                }
                reasons.push_str(&error.message);
                Ok(Done::Absent)
            }
            Err(error) => Err(error),
        };
    }
    match result {
        Ok(Done::Fetched(_)) => part.finish()?,
        _ => part.leave(),
    }
    match result {
        Ok(Done::Absent) => Err(Error::new(Status::Source, reasons.leak())),
        result => result,
    }
}

/// The tries of one source.
struct Attempt<'a, 'b> {
    source: &'a Source,
    setup: &'a Setup<'a>,
    part: &'a Part,
    say: &'b mut dyn FnMut(&str),
}

impl Attempt<'_, '_> {
    /// Tries a place; gives the number of bytes that came from there. An error with
    /// [`Status::Source`] names the place: another one may do.
    fn spot(&mut self, spot: &Spot) -> Result<u64> {
        match spot {
            Spot::None(place, why) => fail!(Status::Source, "@: @", place, why),
            Spot::File(path) => self.copy(path),
            Spot::Net(url) => self.url(url),
        }
    }

    fn copy(&mut self, path: &str) -> Result<u64> {
        match fs::stat(path) {
            Err(errno) => fail!(Status::Source, "@: @", path, errno),
            // A pipe would be waited for.
            Ok(stat) if !stat.is_file() => fail!(Status::Source, "@: not a regular file", path),
            Ok(_) => {}
        }
        let from = File::open(path).map_err(|error| Error::new(Status::Source, error.message));
        self.part.copy(&mut from?)?;
        self.check(path)?;
        self.part.size()
    }

    fn url(&mut self, url: &str) -> Result<u64> {
        let options = self.setup.options;
        let Some(tool) = &self.setup.tool else {
            fail!(
                Status::Source,
                "@: neither curl nor wget is in the PATH; install one (Debian: apt install curl)",
                url
            );
        };
        let debian = self.setup.debian.mirrors.iter().any(|mirror| url.starts_with(&**mirror));
        let proxy = self.setup.debian.proxy.as_deref().filter(|_| debian);
        let file = &self.source.file;
        let (mut idle, mut fetched) = (0, 0);
        (self.say)(text!("@: from @", file, url));
        for _ in 0..TRIES.1 {
            let before = self.part.size()?;
            let result = tool.fetch(url, &self.part.path, options.env, proxy)?;
            let after = self.part.size()?;
            fetched += after.saturating_sub(before);
            let Err(failure) = result else {
                match self.check(url) {
                    Ok(()) => return Ok(fetched),
                    // The wrong bytes may be those that were there.
                    Err(error) if before == 0 => return Err(error),
                    Err(_) => {
                        (self.say)(text!("@: what was gone on with is not a part of it; from the start", file));
                        continue;
                    }
                }
            };
            idle = if after > before { 0 } else { idle + 1 };
            match failure.next {
                Next::Stop => {
                    let free = fs::free_bytes(options.downloads).unwrap_or(0) >> 10;
                    let path = show(&self.part.path);
                    fail!(Status::Host, "cannot write @: @; @ KiB are free there", path, failure.text, free);
                }
                Next::Restart if before > 0 => self.part.clear()?,
                Next::Again if idle < TRIES.0 => {
                    (self.say)(text!("@: @; trying again", file, failure.text));
                    time::sleep_ms(500 << idle);
                }
                _ => {
                    (self.say)(text!("@: @", file, failure.text));
                    fail!(Status::Source, "@: @", url, failure.text);
                }
            }
        }
        fail!(Status::Source, "@: the connection breaks again and again", url);
    }

    /// Whether the part is what it has to be; if not, it is emptied.
    fn check(&mut self, place: &str) -> Result<()> {
        let found = self.part.hash()?;
        if found == self.source.sha256 {
            return Ok(());
        }
        let (size, head) = (self.part.size()?, self.part.head().map(|b| b.to_ascii_lowercase()));
        self.part.clear()?;
        let page = [&b"<!doc"[..], b"<html"].iter().any(|start| head.starts_with(start));
        let page = if page { ", a web page" } else { "" };
        let (wanted, found) = (hex::encode(&self.source.sha256), hex::encode(&found));
        fail!(Status::Source, "@: expected sha256 @, got @ (@ bytes@)", place, wanted, found, size, page);
    }
}

/// The sources in a message, each with its hash.
pub fn heading(source: &Source) -> &'static str {
    text!("@, sha256 @:", source.file, hex::encode(&source.sha256))
}

#[cfg(test)]
#[path = "tests/one.rs"]
mod tests;
