//! What the host's apt is configured with: Debian mirrors (sources.list(5)) and a proxy (apt.conf(5)).

use crate::file::{self, show};
use crate::split;
use crate::sys::fs;
use crate::text;
use alloc::vec::Vec;

/// Calls `each` with the name and the text of the files in a directory, in the order of names. A
/// file that cannot be read is empty: another place may do.
fn parts(dir: &str, each: &mut dyn FnMut(&[u8], &[u8])) {
    if let Ok(entries) = fs::open_dir(fs::CWD, dir).and_then(|fd| fs::read_dir(&fd)) {
        for entry in entries {
            each(&entry.name, &text(text!("@/@", dir, &entry.name)));
        }
    }
}

fn text(path: &str) -> Vec<u8> {
    file::read(path).unwrap_or_default()
}

/// Takes a line off the text, without its end.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let line = &rest[..end];
    *rest = rest.get(end + 1..).unwrap_or_default();
    Some(line)
}

/// Takes a word off the line; none is empty.
fn word<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = rest.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    *rest = &text[end..];
    (end > 0).then(|| &text[..end])
}

/// The mirrors in the configuration below `etc`, each once: those at a path that ends in
/// `/debian` first, then what else may be one.
pub fn mirrors(etc: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    one_line(&text(text!("@/sources.list", etc)), &mut found);
    parts(text!("@/sources.list.d", etc), &mut |name, text| {
        if name.ends_with(b".list") {
            one_line(text, &mut found);
        } else if name.ends_with(b".sources") {
            deb822(text, &mut found);
        }
    });
    let mut sorted = Vec::new();
    for debian in [true, false] {
        sorted.extend(found.iter().filter(|uri| uri.ends_with("/debian") == debian).copied());
    }
    sorted
}

/// `deb [OPTION…] URI SUITE COMPONENT…`
fn one_line(mut text: &[u8], found: &mut Vec<&'static str>) {
    while let Some(mut rest) = line(&mut text) {
        if !matches!(word(&mut rest), Some(b"deb" | b"deb-src")) {
            continue;
        }
        if rest.trim_ascii_start().starts_with(b"[") {
            let end = rest.iter().position(|b| *b == b']').unwrap_or(rest.len() - 1);
            rest = &rest[end + 1..];
        }
        if let (Some(uri), Some(suite)) = (word(&mut rest), word(&mut rest)) {
            consider(uri, suite, rest, found);
        }
    }
}

/// Stanzas of `Field: value`, where a line that begins with a blank goes on with the value.
fn deb822(mut text: &[u8], found: &mut Vec<&'static str>) {
    const FIELDS: [&[u8]; 4] = [b"uris", b"suites", b"components", b"enabled"];
    let mut values = [const { Vec::new() }; 4];
    let mut field = None;
    loop {
        let next = line(&mut text);
        let full = next.unwrap_or_default();
        if full.trim_ascii().is_empty() {
            let [uris, suites, components, enabled] = &values;
            if !matches!(&enabled.trim_ascii().to_ascii_lowercase()[..], b"no" | b"false" | b"off" | b"0") {
                consider(uris, suites, components, found);
            }
            if next.is_none() {
                return;
            }
            values.iter_mut().for_each(Vec::clear);
            continue;
        }
        let value;
        match full[0] {
            b'#' => continue,
            b' ' | b'\t' => value = full,
            _ => {
                let colon = full.iter().position(|b| *b == b':').unwrap_or(0);
                value = &full[colon..];
                field = FIELDS.iter().position(|name| full[..colon].eq_ignore_ascii_case(name));
            }
        }
        if let Some(field) = field {
            values[field].extend_from_slice(b" ");
            values[field].extend_from_slice(value.strip_prefix(b":").unwrap_or(value));
        }
    }
}

/// Adds what may be a mirror of Debian's pool: it has the component main of a whole release. The
/// security archive (its pool is another) and additions by others have suites with `-` or `/`.
fn consider(mut uris: &[u8], mut suites: &[u8], mut components: &[u8], found: &mut Vec<&'static str>) {
    let mut whole = false;
    while let Some(suite) = word(&mut suites) {
        whole |= !suite.iter().any(|b| matches!(b, b'-' | b'/'));
    }
    let mut main = false;
    while let Some(component) = word(&mut components) {
        if component[0] == b'#' {
            break; // the rest of the line
        }
        main |= component == b"main";
    }
    while let (true, true, Some(uri)) = (whole, main, word(&mut uris)) {
        match uri.strip_prefix(b"mirror+file:") {
            None => keep(uri, found),
            // As Debian's images for clouds have it: a file with a mirror at the start of each line.
            Some(path) => {
                let list = text(&show(path));
                let mut list = &list[..];
                while let Some(mut line) = line(&mut list) {
                    keep(word(&mut line).unwrap_or_default(), found);
                }
            }
        }
    }
}

fn keep(uri: &[u8], found: &mut Vec<&'static str>) {
    let uri = show(uri);
    let uri = split::trim_end(uri, "/");
    let known = ["http://", "https://", "file:"].iter().any(|scheme| uri.starts_with(scheme));
    if known && !found.contains(&uri) {
        found.push(uri);
    }
}

/// The proxy that apt uses for http, if it is set as `apt-config dump` prints it.
pub fn proxy(etc: &str) -> Option<&'static str> {
    let mut value = None;
    parts(text!("@/apt.conf.d", etc), &mut |name, text| {
        // apt passes over names with another ending.
        if name.ends_with(b".conf") || !name.contains(&b'.') {
            setting(text, &mut value);
        }
    });
    setting(&text(text!("@/apt.conf", etc)), &mut value);
    value.filter(|url| split::holds(url, "://"))
}

/// `Acquire::http::Proxy "URL";` on a line of its own.
fn setting(mut text: &[u8], value: &mut Option<&'static str>) {
    while let Some(mut rest) = line(&mut text) {
        if word(&mut rest).is_some_and(|name| name.eq_ignore_ascii_case(b"acquire::http::proxy")) {
            let mut quoted = rest.split(|b| matches!(b, b'"' | b';')).map(<[u8]>::trim_ascii);
            *value = quoted.find(|part| !part.is_empty()).map(|url| show(url));
        }
    }
}

#[cfg(test)]
#[path = "tests/apt.rs"]
mod tests;
