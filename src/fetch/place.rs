//! Where a source is to be had: the files and URLs that are tried for it, in order.

use super::Options;
use super::apt;
use crate::file::{join, name, show};
use crate::hash::hex;
use crate::host::variable;
use crate::list::plan::{Place, Source};
use crate::split;
use crate::{add, text};
use alloc::string::String;
use alloc::vec::Vec;

/// Where apt's configuration lies.
const APT: &str = "/etc/apt";

/// A place as it is tried.
#[derive(Debug, PartialEq, Eq)]
pub enum Spot {
    /// A file that is there or not.
    File(&'static str),
    /// What curl or wget fetches.
    Net(&'static str),
    /// A place that cannot be tried, and why.
    None(&'static str, &'static str),
}

/// The Debian mirrors in use, and the proxy for them.
#[derive(Default)]
pub struct Debian {
    /// URLs or directories, without a final `/`.
    pub mirrors: Vec<&'static str>,
    /// apt's proxy, if the mirrors are apt's and the environment names none.
    pub proxy: Option<&'static str>,
}

impl Debian {
    /// From the option, else from the environment, else from apt.
    pub fn find(options: &Options) -> Debian {
        let list = match options.deb_mirror {
            Some(list) => show(list),
            None => show(variable(options.env, "RAWSTRAP_DEB_MIRROR").unwrap_or_default()),
        };
        let mirrors: Vec<&'static str> = split::words(list).map(|base| split::trim_end(base, "/")).collect();
        if !mirrors.is_empty() {
            return Debian { mirrors, proxy: None };
        }
        let proxied = variable(options.env, "http_proxy").is_some();
        Debian { mirrors: apt::mirrors(APT), proxy: if proxied { None } else { apt::proxy(APT) } }
    }
}

/// The directory that a mirror is, if it is not a URL on the network: a path, or `file:`.
fn directory(mirror: &str) -> Option<&str> {
    match mirror.strip_prefix("file:") {
        Some(rest) => Some(rest.strip_prefix("//localhost").or(rest.strip_prefix("//")).unwrap_or(rest)),
        None if split::holds(mirror, "://") => None,
        None => Some(mirror),
    }
}

/// `path` in a mirror.
fn below(mirror: &str, path: &str) -> Spot {
    match directory(mirror) {
        Some(dir) => Spot::File(show(&join(dir.as_bytes(), path.as_bytes()))),
        None => {
            let mut url = String::new();
            add!(&mut url, "@/", split::trim_end(mirror, "/"));
            for byte in path.bytes() {
                // RFC 3986, 2.3. `+` stands for itself in a path, but not with every server.
                match byte {
                    b'-' | b'.' | b'_' | b'~' | b'/' => url.push(byte as char),
                    _ if byte.is_ascii_alphanumeric() => url.push(byte as char),
                    _ => {
                        url.push('%');
                        url.push_str(&hex::encode(&[byte]).to_ascii_uppercase());
                    }
                }
            }
            Spot::Net(url.leak())
        }
    }
}

/// The path in a mirror of what stands after `deb:`: `SOURCE/FILE` is in the pool's main part,
/// in a folder by the first letter, or by `lib` and a letter.
fn pool(path: &'static str) -> &'static str {
    match split::cut(path, b'/') {
        Some((source, file)) if source != "pool" && !file.as_bytes().contains(&b'/') => {
            let length = if source.starts_with("lib") { 4 } else { 1 };
            let prefix = source.get(..length).unwrap_or(source);
            text!("pool/main/@/@/@", prefix, source, file)
        }
        _ => path,
    }
}

/// All that is tried for a source: the mirrors of the option, then its places.
pub fn spots(source: &Source, options: &Options, debian: &Debian) -> Vec<Spot> {
    let pools: Vec<&'static str> = source
        .places
        .iter()
        .filter_map(|place| match place {
            Place::Deb(path) => Some(pool(path)),
            Place::Url(_) => None,
        })
        .collect();
    let mut all = Vec::new();
    for mirror in options.mirrors {
        all.push(below(mirror, &source.file));
        for path in &pools {
            all.push(below(mirror, path));
            if let Some(dir) = directory(mirror) {
                // What `apt-get source` has put there.
                all.push(below(dir, show(name(path.as_bytes()))));
            }
        }
    }
    for place in &*source.places {
        match place {
            Place::Url(url) => all.push(Spot::Net(url)),
            Place::Deb(path) => {
                all.extend(debian.mirrors.iter().map(|base| below(base, &pool(path))));
                if debian.mirrors.is_empty() {
                    let why = "no Debian mirror is known; name one with --deb-mirror URL or RAWSTRAP_DEB_MIRROR";
                    all.push(Spot::None(text!("deb:@", path), why));
                }
            }
        }
    }
    if all.is_empty() {
        all.push(Spot::None("no place", "the list names none"));
    }
    all
}

#[cfg(test)]
#[path = "tests/place.rs"]
mod tests;
