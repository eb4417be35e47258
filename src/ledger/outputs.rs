//! The recorded output hashes: the file `outputs` beside a list, `sha256-… PACKAGE` a line.

use crate::error::{Result, Status};
use crate::file;
use crate::hash::hex;
use crate::split;
use crate::{add, fail, text};
use alloc::string::String;
use alloc::vec::Vec;

/// The file's name.
const NAME: &str = "outputs";

/// The recorded hashes, and the text they stand in.
pub struct Outputs {
    /// Where they are recorded.
    pub path: &'static str,
    lines: Vec<&'static str>,
}

impl Outputs {
    /// Reads the file beside the list; none is there before anything was recorded.
    pub fn read(list: &str) -> Result<Outputs> {
        let dir = file::show(file::parent(list.as_bytes()));
        let path = text!("@/@", dir, NAME);
        let text = if file::is_there(&path)? { file::read_text(&path)? } else { "" };
        let outputs = Outputs { path, lines: split::lines(&text).collect() };
        for (number, line) in outputs.lines.iter().enumerate() {
            if !line.is_empty() && !line.starts_with("#") && parse(line).is_none() {
                fail!(Status::List, "@:@:1: expected 'sha256-… PACKAGE'\n    @", outputs.path, number + 1, line);
            }
        }
        Ok(outputs)
    }

    /// The hash recorded for a package.
    pub fn get(&self, package: &str) -> Option<[u8; 32]> {
        self.lines.iter().filter_map(|line| parse(line)).find(|(_, name)| *name == package).map(|(hash, _)| hash)
    }

    /// Records hashes: in their places, or at the end.
    pub fn record<'a>(&mut self, hashes: impl Iterator<Item = (&'a str, [u8; 32])>) -> Result<()> {
        for (package, hash) in hashes {
            let line = text!("@ @", super::output(&hash), package);
            match self.lines.iter_mut().find(|line| parse(line).is_some_and(|(_, name)| name == package)) {
                Some(old) => *old = line,
                None => self.lines.push(line),
            }
        }
        let mut text = String::new();
        for line in &self.lines {
            add!(&mut text, "@\n", line);
        }
        file::replace(&self.path, text.as_bytes(), 0o644)
    }
}

fn parse(line: &str) -> Option<([u8; 32], &str)> {
    let (hash, name) = split::cut(line, b' ')?;
    Some((hex::from_base64(hash.strip_prefix("sha256-")?.as_bytes())?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_recorded_and_replaced() {
        let dir = format!("{}/rawstrap-outputs-{}", std::env::temp_dir().display(), std::process::id());
        file::make_dirs(&dir).unwrap();
        let list = format!("{dir}/x.steps");
        let mut outputs = Outputs::read(&list).unwrap();
        assert_eq!(outputs.get("a"), None);
        outputs.record([("a", [1; 32]), ("b", [2; 32])].into_iter()).unwrap();
        outputs.record([("a", [3; 32])].into_iter()).unwrap();
        let again = Outputs::read(&list).unwrap();
        assert_eq!((again.get("a"), again.get("b")), (Some([3; 32]), Some([2; 32])));
        file::replace(&format!("{dir}/outputs"), b"# note\nsha256-x a\n", 0o644).unwrap();
        let error = Outputs::read(&list).err().unwrap();
        assert_eq!(error.message, format!("{dir}/outputs:2:1: expected 'sha256-… PACKAGE'\n    sha256-x a"));
        file::remove(&dir).unwrap();
    }
}
