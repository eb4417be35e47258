//! The Nix archive (NAR) of a tree, and its hash: names, contents, links and the executable bit,
//! nothing else. (Nix manual, "Nix Archive (NAR) format"; Dolstra's thesis, figure 5.2.)
//! `nix hash path` gives the same hash.

use super::sha256::Sha256;
use crate::error::{Result, Status};
use crate::file::{self, File, join};
use crate::io::Read;
use crate::fail;
use alloc::vec;
use alloc::vec::Vec;

/// What a node of the tree is, with what its bytes are known by.
pub enum Node {
    /// A regular file: executable or not, and the SHA-256 of its bytes.
    File(bool, [u8; 32]),
    /// A symbolic link and its text.
    Link(Vec<u8>),
    /// A directory.
    Dir,
}

/// Called for each node, with its path below the root of the tree (empty for the root itself).
pub type Visit<'a> = dyn FnMut(&[u8], Node) + 'a;

/// The SHA-256 of the NAR of what is at the path.
pub fn hash(path: &[u8], visit: &mut Visit) -> Result<[u8; 32]> {
    let mut nar = Nar { sum: Sha256::new(), block: vec![0; 64 << 10], root: path.len() };
    nar.text(b"nix-archive-1");
    nar.node(path, visit)?;
    Ok(nar.sum.finish())
}

struct Nar {
    sum: Sha256,
    block: Vec<u8>,
    root: usize,
}

impl Nar {
    /// A string: its length in 64 bits, little-endian, its bytes, zeros up to a multiple of 8.
    fn text(&mut self, bytes: &[u8]) {
        self.sum.update(&(bytes.len() as u64).to_le_bytes());
        self.sum.update(bytes);
        self.pad(bytes.len() as u64);
    }

    fn texts(&mut self, all: &[&str]) {
        all.iter().for_each(|text| self.text(text.as_bytes()));
    }

    fn pad(&mut self, length: u64) {
        self.sum.update(&[0; 8][..(length.wrapping_neg() & 7) as usize]);
    }

    fn node(&mut self, path: &[u8], visit: &mut Visit) -> Result<()> {
        let stat = file::examine(path)?;
        let relative = |root: usize| path[root..].strip_prefix(b"/").unwrap_or(&path[root..]);
        self.texts(&["(", "type"]);
        if stat.is_dir() {
            self.text(b"directory");
            visit(relative(self.root), Node::Dir);
            for entry in file::entries(path)? {
                self.texts(&["entry", "(", "name"]);
                self.text(&entry.name);
                self.text(b"node");
                self.node(&join(path, &entry.name), visit)?;
                self.text(b")");
            }
        } else if stat.is_link() {
            self.texts(&["symlink", "target"]);
            let target = file::link_text(path)?;
            self.text(&target);
            visit(relative(self.root), Node::Link(target));
        } else if stat.is_file() {
            let executable = stat.mode & 0o100 != 0;
            self.text(b"regular");
            if executable {
                self.texts(&["executable", ""]);
            }
            self.text(b"contents");
            self.sum.update(&stat.size.to_le_bytes());
            let mut file = File::open(path)?;
            let mut own = Sha256::new();
            let mut left = stat.size;
            while left > 0 {
                let want = left.min(self.block.len() as u64) as usize;
                let n = file.read(&mut self.block[..want])?;
                if n == 0 {
                    fail!(Status::Host, "cannot hash @: it became shorter meanwhile", path);
                }
                self.sum.update(&self.block[..n]);
                own.update(&self.block[..n]);
                left -= n as u64;
            }
            self.pad(stat.size);
            visit(relative(self.root), Node::File(executable, own.finish()));
        } else {
            fail!(Status::Host, "cannot hash @: it is neither a file, nor a directory, nor a link", path);
        }
        self.text(b")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file;

    #[test]
    fn the_bytes_are_those_of_the_format() {
        // The archive of a file "hi" written out by hand.
        let mut nar = Vec::new();
        for text in ["nix-archive-1", "(", "type", "regular", "contents", "hi", ")"] {
            nar.extend_from_slice(&(text.len() as u64).to_le_bytes());
            nar.extend_from_slice(text.as_bytes());
            nar.resize(nar.len().next_multiple_of(8), 0);
        }
        let mut sum = Sha256::new();
        sum.update(&nar);
        let path = format!("{}/rawstrap-nar-{}", std::env::temp_dir().display(), std::process::id());
        file::replace(&path, b"hi", 0o600).unwrap();
        let mut seen = 0;
        assert_eq!(hash(path.as_bytes(), &mut |_, _| seen += 1).unwrap(), sum.finish());
        assert_eq!(seen, 1);
        file::remove(&path).unwrap();
        assert!(hash(b"/dev/null", &mut |_, _| ()).is_err());
    }
}
