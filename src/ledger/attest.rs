//! A ledger as an in-toto Statement v1 with the predicate of SLSA's provenance v1: JSON, not signed.

use super::read::{Ledger, Unit, cut, file};
use crate::hash::hex;
use crate::hash::sha256::{Sha256, sha256};
use alloc::string::String;
use alloc::vec::Vec;

/// JSON that is being written. A comma goes before whatever follows a value.
struct Json {
    out: String,
    comma: bool,
}

impl Json {
    /// `{` or `[`, behind a name if it has one.
    fn open(&mut self, name: &str, bracket: char) -> &mut Json {
        self.key(name);
        self.out.push(bracket);
        self.comma = false;
        self
    }

    fn close(&mut self, bracket: char) -> &mut Json {
        self.out.push(bracket);
        self.comma = true;
        self
    }

    /// Begins a value: on a line of its own in the lists that people read.
    fn key(&mut self, name: &str) {
        if self.comma {
            self.out.push_str(if name.is_empty() { ",\n" } else { ", " });
        }
        if !name.is_empty() {
            self.quoted(name);
            self.out.push_str(": ");
        }
        self.comma = true;
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Json {
        self.key(name);
        self.quoted(value);
        self
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.out.extend(['\\', c]),
                '\0'..='\x1f' => {
                    let (high, low) = (c as u8 >> 4, c as u8 & 15);
                    self.out.push_str("\\u00");
                    self.out.extend([high, low].map(|digit| (digit + if digit < 10 { b'0' } else { b'a' - 10 }) as char));
                }
                _ => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    /// A resource descriptor with its SHA-256.
    fn resource(&mut self, name: &str, sha256: &str) {
        self.open("", '{').text("name", name).open("digest", '{').text("sha256", sha256).close('}').close('}');
    }
}

/// `sha256-BASE64` in hexadecimal digits.
fn hexadecimal(sri: &str) -> String {
    let hash = sri.strip_prefix("sha256-").and_then(|text| hex::from_base64(text.as_bytes()));
    hash.map_or(String::new(), |hash| String::from(&*hex::encode(&hash)))
}

/// in-toto's `dirHash` of an output: the SHA-256 of what `sha256sum` prints for its files, in the
/// order of their names. None if a name has what the ledger, and sha256sum, write in another way.
fn dir_hash(unit: &Unit) -> Option<String> {
    let mut files: Vec<(&str, &str)> = Vec::new();
    for line in &unit.files {
        let (path, node) = file(line);
        if path.bytes().any(|b| b == b'\\') {
            return None;
        }
        if let ("file" | "exec", hash) = cut(node) {
            files.push((path, crate::split::trim_end(hash, " ")));
        }
    }
    crate::sort::sort(&mut files, |a, b| a.0 < b.0);
    let mut sum = Sha256::new();
    for (path, hash) in files {
        for part in [hash, "  ", path, "\n"] {
            sum.update(part.as_bytes());
        }
    }
    Some(String::from(&*hex::encode(&sum.finish())))
}

/// The statement. `text` is all of the ledger; `builder` says who answers for the run, as a URI.
pub fn attest(ledger: &Ledger, text: &str, builder: Option<&str>) -> String {
    let mut json = Json { out: String::new(), comma: false };
    let own = String::from(&*hex::encode(&sha256(text.as_bytes())));
    let packages = || ledger.units.iter().filter(|unit| unit.kind == "package" && unit.output.is_some());
    let (mut driver, mut version) = ("", "");

    json.open("", '{').text("_type", "https://in-toto.io/Statement/v1").open("subject", '[');
    for unit in packages() {
        json.open("", '{').text("name", &[unit.name, ".nar"].concat()).open("digest", '{');
        json.text("sha256", &hexadecimal(unit.output.unwrap_or("")));
        if let Some(hash) = dir_hash(unit) {
            json.text("dirHash", &hash);
        }
        json.close('}').close('}');
    }
    json.close(']').text("predicateType", "https://slsa.dev/provenance/v1").open("predicate", '{');

    json.open("buildDefinition", '{').text("buildType", "urn:rawstrap:ledger:1").open("externalParameters", '{');
    let list = ledger.facts.iter().find(|fact| fact.0 == "list").map_or("", |fact| cut(fact.1).1);
    json.text("list", list).text("until", packages().last().map_or("", |unit| unit.name));
    json.close('}').open("internalParameters", '{');
    for (kind, rest) in &ledger.facts {
        if let "kernel" | "host" = *kind {
            json.text(kind, rest);
        }
    }
    json.text("run", if ledger.resumed > 0 { "ended early and went on" } else { "in one go" });
    json.close('}').open("resolvedDependencies", '[');
    for (kind, rest) in &ledger.facts {
        let (hash, more) = cut(rest);
        match *kind {
            "driver" => {
                (driver, version) = (hash, more);
                json.resource("rawstrap", hash);
            }
            "seed" => json.resource("seed", hash),
            "list" => json.resource(more, hash),
            "recipes" => json.resource("recipes.nar", &hexadecimal(hash)),
            _ => {}
        }
    }
    let mut sources: Vec<(&str, &str)> = Vec::new();
    for source in ledger.units.iter().flat_map(|unit| &unit.sources) {
        if !sources.contains(source) {
            sources.push(*source);
            json.resource(source.1, source.0);
        }
    }
    json.close(']').close('}');

    let own_id = ["urn:rawstrap:driver:", driver].concat();
    json.open("runDetails", '{').open("builder", '{').text("id", builder.unwrap_or(&own_id));
    json.open("version", '{').text("rawstrap", version).close('}').close('}');
    json.open("metadata", '{').text("invocationId", &["urn:rawstrap:run:", &own].concat());
    for (name, time) in [("startedOn", ledger.begun), ("finishedOn", ledger.ended)] {
        if !time.is_empty() {
            json.text(name, time);
        }
    }
    json.close('}').open("byproducts", '[').resource("ledger", &own);
    json.close(']').close('}').close('}').close('}');
    json.out.push('\n');
    json.out
}
