//! The initramfs: what is in it, and its order.

use crate::archive::cpio::{Content, Writer};
use crate::error::{Result, Status};
use crate::file::{self, File};
use crate::sort::sort;
use crate::sys::fs;
use crate::fail;
use alloc::vec::Vec;

/// Where the bytes of a member come from.
enum From {
    Empty((u32, u32)),
    Bytes(Vec<u8>),
    File(Vec<u8>),
}

/// Members of an image that is being put together.
#[derive(Default)]
pub struct Image(Vec<(Vec<u8>, u32, From)>);

impl Image {
    /// What makes it bootable: the program, and the nodes that have to be there before it runs.
    pub fn init(&mut self, program: &str) {
        self.dir("dev");
        self.0.push((b"dev/console".into(), libc::S_IFCHR | 0o600, From::Empty((5, 1))));
        self.0.push((b"dev/null".into(), libc::S_IFCHR | 0o666, From::Empty((1, 3))));
        self.file("init", 0o755, program.as_bytes());
    }

    /// A directory.
    pub fn dir(&mut self, name: &str) {
        self.0.push((name.into(), libc::S_IFDIR | 0o755, From::Empty((0, 0))));
    }

    /// A file with the bytes of another one.
    pub fn file(&mut self, name: &str, mode: u32, path: &[u8]) {
        self.0.push((name.into(), libc::S_IFREG | mode, From::File(path.to_vec())));
    }

    /// A file with this text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.0.push((name.into(), libc::S_IFREG | 0o644, From::Bytes(text.into())));
    }

    /// A folder with all below it. Of the permissions only that to execute is kept.
    pub fn tree(&mut self, name: &str, path: &str) -> Result<()> {
        file::walk(path.as_bytes(), &mut |inner, stat| {
            let mode = if stat.is_dir() || stat.mode & 0o111 != 0 { 0o755 } else { 0o644 };
            let (mode, from) = match stat.kind() {
                libc::S_IFDIR => (mode, From::Empty((0, 0))),
                libc::S_IFREG => (mode, From::File(inner.to_vec())),
                libc::S_IFLNK => {
                    let text = crate::sys::Context::on(fs::readlinkat(fs::CWD, inner), "read the link", inner)?;
                    (0o777, From::Bytes(text))
                }
                _ => fail!(Status::Host, "cannot put @ into an image: it is no file", inner),
            };
            self.0.push(([name.as_bytes(), &inner[path.len()..]].concat(), stat.kind() | mode, from));
            Ok(())
        })
    }

    /// Writes the archive, its members in the order of their names.
    pub fn write(mut self, path: &str) -> Result<()> {
        sort(&mut self.0, |a, b| a.0 < b.0);
        let mut writer = Writer::new(File::create(path, 0o666)?);
        for (name, mode, from) in &self.0 {
            let content = match from {
                From::Empty(device) => Content::Empty(*device),
                From::Bytes(bytes) => Content::Bytes(bytes),
                From::File(path) => Content::File(path),
            };
            writer.member(name, *mode, &content)?;
        }
        writer.finish().map(drop)
    }
}
