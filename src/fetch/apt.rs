//! What the host's apt is configured with: Debian mirrors (sources.list(5)) and a proxy (apt.conf(5)).

use crate::file;
use crate::sys::fs;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The mirrors in the configuration below `etc`, each once: those at a path that ends in
/// `/debian` first, then what else may be one.
pub fn mirrors(etc: &str) -> Vec<String> {
    let mut found = Vec::new();
    one_line(&text(&format!("{etc}/sources.list")), &mut found);
    for (path, text) in parts(&format!("{etc}/sources.list.d")) {
        if path.ends_with(".list") {
            one_line(&text, &mut found);
        } else if path.ends_with(".sources") {
            deb822(&text, &mut found);
        }
    }
    let (mut first, others): (Vec<String>, _) = found.into_iter().partition(|uri| uri.ends_with("/debian"));
    first.extend(others);
    first
}

/// The proxy that apt uses for http.
pub fn proxy(etc: &str) -> Option<String> {
    let mut value = None;
    for (path, text) in parts(&format!("{etc}/apt.conf.d")) {
        // apt passes over names with another ending.
        if path.ends_with(".conf") || !file::name(path.as_bytes()).contains(&b'.') {
            value = setting(&text, "acquire::http::proxy").or(value);
        }
    }
    setting(&text(&format!("{etc}/apt.conf")), "acquire::http::proxy").or(value).filter(|url| url.contains("://"))
}

/// A file, or nothing if it cannot be read: another place may do.
fn text(path: &str) -> String {
    String::from_utf8_lossy(&file::read(path).unwrap_or_default()).into_owned()
}

/// The files of a directory, in the order of their names.
fn parts(dir: &str) -> Vec<(String, String)> {
    let entries = fs::open_dir(fs::CWD, dir).and_then(|fd| fs::read_dir(&fd)).unwrap_or_default();
    let part = |entry: fs::Entry| {
        let path = format!("{dir}/{}", file::show(&entry.name));
        let text = text(&path);
        (path, text)
    };
    entries.into_iter().map(part).collect()
}

/// `deb [OPTION…] URI SUITE COMPONENT…`
fn one_line(text: &str, found: &mut Vec<String>) {
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let Some(rest) = line.strip_prefix("deb-src").or(line.strip_prefix("deb")) else { continue };
        let rest = match rest.trim_start().strip_prefix('[') {
            Some(options) => options.split_once(']').map_or("", |(_, rest)| rest),
            None if rest.starts_with([' ', '\t']) => rest,
            None => continue,
        };
        let mut words = rest.split_whitespace();
        let (Some(uri), Some(suite)) = (words.next(), words.next()) else { continue };
        consider(uri, suite, words, found);
    }
}

/// Stanzas of `Field: value`, where a line that begins with a blank goes on with the value.
fn deb822(text: &str, found: &mut Vec<String>) {
    const FIELDS: [&str; 4] = ["enabled", "uris", "suites", "components"];
    let mut values = [const { String::new() }; 4];
    let mut field = None;
    for line in text.lines().chain([""]) {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            let [enabled, uris, suites, components] = core::mem::take(&mut values);
            if !matches!(&*enabled.trim().to_ascii_lowercase(), "no" | "false" | "without" | "off" | "disable" | "0") {
                for uri in uris.split_whitespace() {
                    consider(uri, &suites, components.split_whitespace(), found);
                }
            }
            field = None;
            continue;
        }
        let mut value = line;
        if !line.starts_with([' ', '\t']) {
            let (name, rest) = line.split_once(':').unwrap_or_default();
            field = FIELDS.iter().position(|field| name.trim().eq_ignore_ascii_case(field));
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
fn consider<'a>(uri: &str, suites: &str, mut components: impl Iterator<Item = &'a str>, found: &mut Vec<String>) {
    if !suites.split_whitespace().any(|suite| !suite.contains(['-', '/'])) || !components.any(|name| name == "main") {
        return;
    }
    let list = match uri.strip_prefix("mirror+file:") {
        // As Debian's images for clouds have it: a file with a mirror at the start of each line.
        Some(path) => text(path),
        None => uri.to_owned(),
    };
    for uri in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let uri = uri.trim_end_matches('/');
        if ["http://", "https://", "file:"].iter().any(|scheme| uri.starts_with(scheme))
            && !found.iter().any(|known| known == uri)
        {
            found.push(uri.to_owned());
        }
    }
}

/// The last value of a setting, whose name is given in lower case: `A::B "x";` or `A { B "x"; };`.
fn setting(text: &str, wanted: &str) -> Option<String> {
    let (mut scopes, mut words, mut value) = (Vec::<String>::new(), Vec::<&str>::new(), None);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // What one thing of the file is long; then what it does.
        let to = |end: &str| rest[1..].find(end).map_or(rest.len(), |at| at + 1 + end.len());
        let length = match first {
            '#' => to("\n"),
            '/' if rest.starts_with("//") => to("\n"),
            '/' if rest.starts_with("/*") => to("*/"),
            '"' => to("\""),
            '{' | '}' | ';' => 1,
            _ if first.is_whitespace() => first.len_utf8(),
            _ => rest.find(|c: char| c.is_whitespace() || "{};\"".contains(c)).unwrap_or(rest.len()),
        };
        let (thing, after) = rest.split_at(length);
        rest = after;
        let full = |words: &[&str], scopes: &[String]| match (words.first(), scopes.last()) {
            (Some(name), Some(scope)) => format!("{scope}::{name}").to_ascii_lowercase(),
            (name, _) => name.unwrap_or(&"").to_ascii_lowercase(),
        };
        match first {
            '{' => scopes.push(full(&words, &scopes)),
            '}' => drop(scopes.pop()),
            ';' if words.len() == 2 && full(&words, &scopes) == wanted => value = Some(words[1].to_owned()),
            ';' => {}
            '"' => {
                words.push(thing.trim_matches('"'));
                continue;
            }
            _ if first.is_whitespace() || first == '#' || thing.starts_with("//") || thing.starts_with("/*") => continue,
            _ => {
                words.push(thing);
                continue;
            }
        }
        words.clear();
    }
    value
}

#[cfg(test)]
#[path = "tests/apt.rs"]
mod tests;
