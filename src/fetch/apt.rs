//! What the host's apt is configured with: Debian mirrors (sources.list(5)) and a proxy (apt.conf(5)).

use crate::file;
use crate::sys::fs;
use crate::split;
use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// The mirrors in the configuration below `etc`, each once: those at a path that ends in
/// `/debian` first, then what else may be one.
pub fn mirrors(etc: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    one_line(&text(text!("@/sources.list", etc)), &mut found);
    for (path, text) in parts(text!("@/sources.list.d", etc)) {
        if path.ends_with(".list") {
            one_line(&text, &mut found);
        } else if path.ends_with(".sources") {
            deb822(&text, &mut found);
        }
    }
    let ours = |uri: &&&str| uri.ends_with("/debian");
    found.iter().filter(ours).chain(found.iter().filter(|uri| !ours(uri))).copied().collect()
}

/// The proxy that apt uses for http.
pub fn proxy(etc: &str) -> Option<&'static str> {
    let mut value = None;
    for (path, text) in parts(text!("@/apt.conf.d", etc)) {
        // apt passes over names with another ending.
        if path.ends_with(".conf") || !file::name(path.as_bytes()).contains(&b'.') {
            value = setting(&text, "acquire::http::proxy").or(value);
        }
    }
    setting(&text(text!("@/apt.conf", etc)), "acquire::http::proxy").or(value).filter(|url| split::holds(url, "://"))
}

/// A file, or nothing if it cannot be read: another place may do.
fn text(path: &str) -> &'static str {
    file::show(&file::read(path).unwrap_or_default())
}

/// The files of a directory, in the order of their names.
fn parts(dir: &str) -> Vec<(&'static str, &'static str)> {
    let entries = fs::open_dir(fs::CWD, dir).and_then(|fd| fs::read_dir(&fd)).unwrap_or_default();
    let part = |entry: fs::Entry| {
        let path = text!("@/@", dir, &entry.name);
        let text = text(&path);
        (path, text)
    };
    entries.into_iter().map(part).collect()
}

/// `deb [OPTION…] URI SUITE COMPONENT…`
fn one_line(text: &str, found: &mut Vec<&'static str>) {
    for line in split::lines(text) {
        let line = split::cut(line, b'#').map_or(line, |(before, _)| before).trim_ascii();
        let Some(rest) = line.strip_prefix("deb-src").or(line.strip_prefix("deb")) else { continue };
        let rest = match rest.trim_ascii_start().strip_prefix("[") {
            Some(options) => split::cut(options, b']').map_or("", |(_, rest)| rest),
            None if begins_blank(rest) => rest,
            None => continue,
        };
        let mut words = split::words(rest);
        let (Some(uri), Some(suite)) = (words.next(), words.next()) else { continue };
        consider(uri, suite, words, found);
    }
}

/// Stanzas of `Field: value`, where a line that begins with a blank goes on with the value.
fn deb822(text: &str, found: &mut Vec<&'static str>) {
    const FIELDS: [&str; 4] = ["enabled", "uris", "suites", "components"];
    let mut values = [const { String::new() }; 4];
    let mut field = None;
    for line in split::lines(text).chain([""]) {
        if line.starts_with("#") {
            continue;
        }
        if line.trim_ascii().is_empty() {
            let [enabled, uris, suites, components] = core::mem::take(&mut values);
            if !matches!(&*enabled.trim_ascii().to_ascii_lowercase(), "no" | "false" | "without" | "off" | "disable" | "0") {
                for uri in split::words(&uris) {
                    consider(uri, &suites, split::words(&components), found);
                }
            }
            field = None;
            continue;
        }
        let mut value = line;
        if !begins_blank(line) {
            let (name, rest) = split::cut(line, b':').unwrap_or_default();
            field = FIELDS.iter().position(|field| name.trim_ascii().eq_ignore_ascii_case(field));
            value = rest;
        }
        if let Some(field) = field {
            values[field].push_str(value);
            values[field].push(' ');
        }
    }
}

/// Adds what may be a mirror of Debian's pool: it has the component main of a whole release. The
/// security archive (its pool is another) and additions by others have suites with `-` or `/`.
fn consider(uri: &str, suites: &str, mut components: split::Parts, found: &mut Vec<&'static str>) {
    if !split::words(suites).any(|suite| !suite.bytes().any(|b| matches!(b, b'-' | b'/'))) || !components.any(|name| name == "main") {
        return;
    }
    let list = match uri.strip_prefix("mirror+file:") {
        // As Debian's images for clouds have it: a file with a mirror at the start of each line.
        Some(path) => text(path),
        None => text!("@", uri),
    };
    for uri in split::lines(list).filter_map(|line| split::words(line).next()) {
        let uri = split::trim_end(uri, "/");
        if ["http://", "https://", "file:"].iter().any(|scheme| uri.starts_with(scheme))
            && !found.contains(&uri)
        {
            found.push(text!("@", uri));
        }
    }
}

/// The last value of a setting, whose name is given in lower case: `A::B "x";` or `A { B "x"; };`.
fn setting(text: &str, wanted: &str) -> Option<&'static str> {
    let (mut scopes, mut words, mut value) = (Vec::<&str>::new(), Vec::<&str>::new(), None);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        // What one thing of the file is long; then what it does.
        let to = |end: &str| {
            let after = rest.as_bytes().windows(end.len()).skip(1).position(|at| at == end.as_bytes());
            after.map_or(rest.len(), |at| at + 1 + end.len())
        };
        let blank = |b: u8| b.is_ascii_whitespace();
        let remark = first == b'#' || rest.starts_with("//") || rest.starts_with("/*");
        let length = match first {
            _ if remark => to(if rest.starts_with("/*") { "*/" } else { "\n" }),
            b'"' => to("\""),
            b'{' | b'}' | b';' => 1,
            _ if blank(first) => 1,
            _ => rest.bytes().position(|b| blank(b) || b"{};\"".contains(&b)).unwrap_or(rest.len()),
        };
        let (thing, after) = rest.split_at_checked(length).unwrap_or_default();
        rest = after;
        let full = |words: &[&str], scopes: &[&str]| {
            let name = words.first().unwrap_or(&"");
            scopes.last().map_or(text!("@", name), |scope| text!("@::@", scope, name))
        };
        match first {
            _ if remark || blank(first) => continue,
            b'{' => scopes.push(full(&words, &scopes)),
            b'}' => drop(scopes.pop()),
            b';' if words.len() == 2 && full(&words, &scopes).eq_ignore_ascii_case(wanted) => {
                value = Some(text!("@", words[1]));
            }
            b';' => {}
            _ => {
                words.push(split::trim_end(thing.strip_prefix("\"").unwrap_or(thing), "\""));
                continue;
            }
        }
        words.clear();
    }
    value
}

/// Whether a line goes on with what the one before began.
fn begins_blank(text: &str) -> bool {
    text.starts_with(" ") || text.starts_with("\t")
}

#[cfg(test)]
#[path = "tests/apt.rs"]
mod tests;
