//! A ledger as an in-toto Statement v1 with the predicate of SLSA's provenance v1: JSON, not signed.

use super::read::{Ledger, Unit, cut, file};
use crate::hash::hex;
use crate::hash::sha256::{Sha256, sha256};
use crate::{add, split};
use alloc::string::String;
use alloc::vec::Vec;

/// A text within the quotes of JSON.
fn json(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => add!(&mut out, "\\u00@", hex::encode(&[c as u8])),
            _ => out.push(c),
        }
    }
    out
}

/// `sha256-BASE64` in hexadecimal digits.
fn hexadecimal(sri: &str) -> String {
    let hash = sri.strip_prefix("sha256-").and_then(|text| hex::from_base64(text.as_bytes()));
    hash.map_or(String::new(), |hash| String::from(&*hex::encode(&hash)))
}

/// Adds a resource descriptor.
fn resource(out: &mut String, name: &str, sha256: &str) {
    out.push_str(if out.ends_with('}') { ",\n" } else { "\n" });
    add!(out, "{\"name\": \"@\", \"digest\": {\"sha256\": \"@\"}}", json(name), sha256);
}

/// in-toto's `dirHash` of an output: the SHA-256 of what `sha256sum` prints for its files, in the
/// order of their names. None if a name has what the ledger, and sha256sum, write in another way.
fn dir_hash(unit: &Unit) -> Option<[u8; 32]> {
    let mut files: Vec<(&str, &str)> = Vec::new();
    for line in &unit.files {
        let (path, node) = file(line);
        if path.bytes().any(|b| b == b'\\') {
            return None;
        }
        if let ("file" | "exec", hash) = cut(node) {
            files.push((path, split::trim_end(hash, " ")));
        }
    }
    crate::sort::sort(&mut files, |a, b| a.0 < b.0);
    let mut sum = Sha256::new();
    for (path, hash) in files {
        [hash, "  ", path, "\n"].iter().for_each(|part| sum.update(part.as_bytes()));
    }
    Some(sum.finish())
}

/// The statement. `text` is all of the ledger; `builder` says who answers for the run, as a URI.
pub fn attest(ledger: &Ledger, text: &str, builder: Option<&str>) -> String {
    let mut out = String::from("{\"_type\": \"https://in-toto.io/Statement/v1\", \"subject\": [");
    let mut until = "";
    for unit in &ledger.units {
        if let ("package", Some(hash)) = (unit.kind, unit.output) {
            until = unit.name;
            resource(&mut out, &[unit.name, ".nar"].concat(), &hexadecimal(hash));
            if let Some(hash) = dir_hash(unit) {
                out.truncate(out.len() - 2);
                add!(&mut out, ", \"dirHash\": \"@\"}}", hex::encode(&hash));
            }
        }
    }
    let fact = |kind: &str| ledger.facts.iter().find(|fact| fact.0 == kind).map_or("", |fact| fact.1);
    add!(
        &mut out,
        "],\n\"predicateType\": \"https://slsa.dev/provenance/v1\", \"predicate\": {\n\
         \"buildDefinition\": {\"buildType\": \"urn:rawstrap:ledger:1\",\n\
         \"externalParameters\": {\"list\": \"@\", \"until\": \"@\"},\n\
         \"internalParameters\": {\"kernel\": \"@\", \"host\": \"@\", \"run\": \"@\"},\n\"resolvedDependencies\": [",
        json(cut(fact("list")).1),
        json(until),
        json(fact("kernel")),
        json(fact("host")),
        if ledger.resumed > 0 { "ended early and went on" } else { "in one go" }
    );
    for (kind, rest) in &ledger.facts {
        let (hash, path) = cut(rest);
        match *kind {
            "driver" => resource(&mut out, "rawstrap", hash),
            "seed" => resource(&mut out, kind, hash),
            "list" => resource(&mut out, path, hash),
            "recipes" => resource(&mut out, "recipes.nar", &hexadecimal(hash)),
            _ => {}
        }
    }
    let mut sources: Vec<(&str, &str)> = Vec::new();
    for source in ledger.units.iter().flat_map(|unit| &unit.sources) {
        if !sources.contains(source) {
            sources.push(*source);
            resource(&mut out, source.1, source.0);
        }
    }
    let (driver, version) = cut(fact("driver"));
    let own = hex::encode(&sha256(text.as_bytes()));
    let id = builder.map_or_else(|| ["urn:rawstrap:driver:", driver].concat(), json);
    add!(
        &mut out,
        "]},\n\"runDetails\": {\"builder\": {\"id\": \"@\", \"version\": {\"rawstrap\": \"@\"}},\n\
         \"metadata\": {\"invocationId\": \"urn:rawstrap:run:@\"",
        id,
        json(version),
        own
    );
    for (name, time) in [("startedOn", ledger.begun), ("finishedOn", ledger.ended)] {
        if !time.is_empty() {
            add!(&mut out, ", \"@\": \"@\"", name, json(time));
        }
    }
    out.push_str("},\n\"byproducts\": [");
    resource(&mut out, "ledger", own);
    out.push_str("]}}}\n");
    out
}
