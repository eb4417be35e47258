//! What the targets share: bounded memory, inputs in small pieces, and the references.

pub mod memory;

use rawstrap::error::Result;
use rawstrap::io::Read;
use std::sync::{LazyLock, Mutex, MutexGuard};

/// The most bytes of output that are looked at: an input of a few bytes may unpack to gigabytes.
pub const ENOUGH: usize = 256 << 10;

/// Gives a few bytes at a time, in an order of sizes that does not repeat soon.
pub struct Drip<'a>(pub &'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let n = (1 + self.0.len() * 7 % 13).min(buf.len());
        self.0.read(&mut buf[..n])
    }
}

/// What came out, in memory that was there before: [`memory::peak`] is about rawstrap alone.
pub struct Output {
    bytes: Vec<u8>,
    count: usize,
    error: String,
}

impl Output {
    fn new() -> Output {
        Output { bytes: vec![0; ENOUGH], count: 0, error: String::with_capacity(1 << 16) }
    }

    /// Reads up to [`ENOUGH`] bytes, `piece` at a time.
    pub fn read(&mut self, reader: &mut dyn Read, piece: usize) {
        while self.count < ENOUGH {
            let end = ENOUGH.min(self.count + piece);
            match reader.read(&mut self.bytes[self.count..end]) {
                Ok(0) => return,
                Ok(n) => self.count += n,
                Err(error) => {
                    assert!(!error.message.is_empty() && error.message.len() < 1 << 16);
                    self.error.push_str(error.message);
                    return;
                }
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.count]
    }

    fn clear(&mut self) {
        self.count = 0;
        self.error.clear();
    }
}

/// What came out, in one piece, in many, and from a reference: the same memory for every input.
pub struct Outputs {
    whole: Output,
    pieces: Output,
    reference: Output,
}

fn outputs() -> MutexGuard<'static, Outputs> {
    static ALL: LazyLock<Mutex<Outputs>> = LazyLock::new(|| {
        Mutex::new(Outputs { whole: Output::new(), pieces: Output::new(), reference: Output::new() })
    });
    ALL.lock().unwrap()
}

/// What a decoder makes of `data`: the same whatever the pieces, with at most `bound` bytes of
/// memory. Without `zeroed` large blocks do not count that are asked for zeroed: of an LZMA
/// dictionary only that is resident which the output fills.
pub fn decode(
    data: &[u8],
    bound: usize,
    zeroed: bool,
    decoder: fn(source: &mut dyn Read, to: &mut Output, piece: usize),
) -> MutexGuard<'static, Outputs> {
    let mut all = outputs();
    let Outputs { whole, pieces, .. } = &mut *all;
    whole.clear();
    pieces.clear();
    let used = memory::peak(zeroed, || decoder(&mut &*data, whole, 1 << 16));
    assert!(used <= bound, "{used} bytes of memory");
    memory::peak(zeroed, || decoder(&mut Drip(data), pieces, 777));
    assert!(whole.error == pieces.error, "in one piece: {}\nin many: {}", whole.error, pieces.error);
    // Of what was decoded before an error more or less may have been given.
    let n = whole.count.min(pieces.count);
    assert!(whole.bytes[..n] == pieces.bytes[..n], "pieces matter");
    assert!(whole.count == pieces.count || !whole.error.is_empty(), "pieces matter");
    all
}

/// A reference gives the same, or fails too. `excused` are messages of either for what one of them
/// refuses on purpose: rawstrap anywhere, the reference behind the last byte of output.
pub fn same(all: &mut Outputs, mut reference: impl std::io::Read, excused: &[&str]) {
    let (ours, bytes) = (&all.whole, &mut all.reference.bytes);
    let (mut n, mut failed) = (0, None);
    while n < ENOUGH && failed.is_none() {
        match reference.read(&mut bytes[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => failed = Some(error),
        }
    }
    let is_excused = |message: &str| excused.iter().any(|excuse| message.contains(excuse));
    match (&*ours.error, failed) {
        ("", None) => assert!(ours.bytes() == &bytes[..n], "{} and {n} bytes, which differ", ours.count),
        ("", Some(error)) => {
            let is_excused = ours.bytes() == &bytes[..n] && is_excused(&error.to_string());
            assert!(is_excused, "rawstrap reads {} bytes; the reference {n}, then: {error}", ours.count);
        }
        // The error may stand behind what was looked at.
        (_, None) if n == ENOUGH => {}
        (message, None) => assert!(is_excused(message), "the reference reads {n} bytes; rawstrap: {message}"),
        (_, Some(_)) => {}
    }
}
