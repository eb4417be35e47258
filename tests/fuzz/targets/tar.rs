//! tar: no panic, at most 8 MiB, the same in whatever pieces it comes, and no name that leads
//! outside. Headers get the right sums, so that what follows is looked at.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::archive::Time;
use rawstrap::archive::unpack::{Options, Outcome, Target, unpack};
use rawstrap::error::Result;
use rawstrap_fuzz::{Drip, memory};

/// Checks and sums up what is to be made.
#[derive(Default, Debug, PartialEq, Eq)]
struct Checked {
    sum: u64,
    open: bool,
    written: u64,
}

impl Checked {
    fn note(&mut self, call: u8, bytes: &[u8]) {
        for byte in [&[call], bytes].into_iter().flatten() {
            self.sum = (self.sum ^ *byte as u64).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn name(&mut self, call: u8, name: &[u8]) -> u64 {
        assert!(!name.is_empty() && !name.contains(&0), "{name:?}");
        for part in name.split(|b| *b == b'/') {
            assert!(!part.is_empty() && part != b"." && part != b"..", "{name:?}");
        }
        self.note(call, name);
        self.sum
    }

    fn make(&mut self, call: u8, name: &[u8], mode: u32) -> Result<Outcome> {
        assert_eq!(mode & !0o755, 0);
        // By chance, as it were; what is tried again goes well in the end.
        Ok(match self.name(call, name) % 5 {
            0 => Outcome::Exists,
            1 => Outcome::NoParent,
            _ => Outcome::Made,
        })
    }

    fn time(&mut self, (seconds, nanoseconds): Time) {
        assert!((0..1_000_000_000).contains(&nanoseconds));
        self.note(b't', &[seconds.to_le_bytes(), nanoseconds.to_le_bytes()].concat());
    }
}

impl Target for Checked {
    fn make_dir(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        self.make(b'd', name, mode)
    }

    fn make_file(&mut self, name: &[u8], mode: u32) -> Result<Outcome> {
        assert!(!self.open);
        let outcome = self.make(b'f', name, mode)?;
        self.open = outcome == Outcome::Made;
        Ok(outcome)
    }

    fn write(&mut self, data: &[u8]) -> Result<()> {
        assert!(self.open && !data.is_empty());
        self.written += data.len() as u64;
        data.chunks(1).for_each(|byte| self.note(b'w', byte));
        Ok(())
    }

    fn close(&mut self, mtime: Time) -> Result<()> {
        assert!(std::mem::take(&mut self.open));
        self.time(mtime);
        Ok(())
    }

    fn make_symlink(&mut self, name: &[u8], text: &[u8], mtime: Time) -> Result<Outcome> {
        assert!(!text.is_empty());
        self.note(b's', text);
        self.time(mtime);
        self.make(b's', name, 0)
    }

    fn make_link(&mut self, name: &[u8], of: &[u8]) -> Result<Outcome> {
        self.name(b'l', of);
        self.make(b'l', name, 0)
    }

    fn id(&mut self, name: &[u8]) -> Result<(bool, (u64, u64))> {
        let sum = self.name(b'i', name);
        Ok((sum & 1 == 1, (0, sum % 3)))
    }

    fn remove(&mut self, name: &[u8]) -> Result<()> {
        self.name(b'r', name);
        Ok(())
    }

    fn finish_dir(&mut self, name: &[u8], mode: u32, mtime: Time) -> Result<()> {
        assert_eq!(mode & !0o755, 0);
        if !name.is_empty() {
            self.name(b'e', name);
        }
        self.time(mtime);
        Ok(())
    }
}

/// Gives each header its sum. Where the sizes lead, so far as they are octal.
fn sum(archive: &mut [u8]) {
    let mut at = 0;
    while let Some(header) = archive.get_mut(at..at + 512) {
        if header.iter().any(|byte| *byte != 0) {
            header[148..156].fill(b' ');
            let sum: u32 = header.iter().map(|byte| *byte as u32).sum();
            header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        }
        let digits = header[124..136].iter().filter(|byte| byte.is_ascii_digit());
        let size = digits.fold(0usize, |size, digit| size << 3 | (digit & 7) as usize);
        at = at.saturating_add(512).saturating_add(size.next_multiple_of(512));
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, archive)) = data.split_first() else { return };
    let mut archive = archive.to_vec();
    sum(&mut archive);
    let options = Options { strip: (*first & 3) as usize };
    let mut results = [(); 2].map(|()| (Checked::default(), String::with_capacity(4 << 20)));
    for (way, (target, error)) in results.iter_mut().enumerate() {
        let used = memory::peak(true, || {
            let result = match way {
                0 => unpack(&mut &*archive, options, target),
                _ => unpack(&mut Drip(&archive), options, target),
            };
            if let Err(failed) = result {
                error.push_str(failed.message);
            }
        });
        assert!(used <= 8 << 20, "{used} bytes of memory");
    }
    let [whole, pieces] = results;
    assert_eq!(whole.1, pieces.1);
    assert!(whole.1.is_empty() == !whole.0.open || !whole.1.is_empty());
    assert_eq!(whole.0.sum, pieces.0.sum);
});
