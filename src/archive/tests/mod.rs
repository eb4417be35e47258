//! Tests of the decoders: vectors that the host's tools make, and every way to fail.

mod bzip2;
mod cpio;
mod disk;
mod gzip;
mod tar;
mod xz;

use crate::error::Result;
use crate::io::Read;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::vec::Vec;

/// What `reader` gives to its end.
pub fn read_all(mut reader: impl Read) -> Result<Vec<u8>> {
    let (mut all, mut buf) = (Vec::new(), vec![0; 5000]);
    loop {
        match reader.read(&mut buf)? {
            0 => return Ok(all),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
}

/// Gives one byte a call, as a slow pipe might.
pub struct Drip<'a>(pub &'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        self.0.read(&mut buf[..1])
    }
}

/// What a host's tool makes of `input`.
pub fn tool(command: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{command:?}: {}", output.status);
    output.stdout
}

/// Inputs that exercise a compressor: nothing, little, runs, text, noise, and a mixture.
pub fn samples() -> Vec<Vec<u8>> {
    let mut seed = 12345u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        (seed >> 24) as u8
    };
    let text: Vec<u8> = (0..30_000).flat_map(|i: u32| format!("line {} of {}\n", i, i * i % 977).into_bytes()).collect();
    let random: Vec<u8> = (0..100_000).map(|_| noise()).collect();
    let mut mixed = Vec::new();
    for (i, part) in text.chunks(700).enumerate() {
        mixed.extend_from_slice(part);
        mixed.extend(std::iter::repeat_n(i as u8, i * 7 % 400));
        mixed.extend_from_slice(&random[i * 50..i * 50 + 40]);
    }
    let periods = (1..40).flat_map(|d: usize| (0..600).map(move |i| (i % d * 11) as u8)).collect();
    vec![
        vec![],
        b"a".to_vec(),
        b"hello, hello, hello!\n".to_vec(),
        vec![b'x'; 300_000],
        (0..=255).collect(),
        periods,
        text,
        random,
        mixed,
    ]
}

/// Every prefix of `packed` is an error.
pub fn truncate_everywhere(packed: &[u8], unpack: impl Fn(&[u8]) -> Result<Vec<u8>>) {
    for n in 0..packed.len() {
        let error = unpack(&packed[..n]).expect_err(&format!("cut at {n}"));
        assert!(error.message.contains("unexpected end of the input"), "cut at {n}: {error:?}");
    }
}

/// Whatever bit is wrong, the result is an error or the same bytes.
pub fn flip_everywhere(packed: &[u8], plain: &[u8], unpack: impl Fn(&[u8]) -> Result<Vec<u8>>) {
    for n in 0..packed.len() * 8 {
        let mut damaged = packed.to_vec();
        damaged[n / 8] ^= 1 << (n % 8);
        if let Ok(bytes) = unpack(&damaged) {
            assert!(bytes == plain, "bit {} of byte {} flipped", n % 8, n / 8);
        }
    }
}

/// The result is the error with that message.
pub fn check_error(result: Result<Vec<u8>>, expected: &str) {
    match result {
        Ok(bytes) => panic!("expected: {expected}\nbut it gave {} bytes", bytes.len()),
        Err(error) => assert_eq!(error.message, expected),
    }
}

/// A new directory, removed when dropped.
pub struct Temp(pub std::path::PathBuf);

impl Temp {
    pub fn new() -> Temp {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("rawstrap-archive-{}-{n}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        Temp(dir)
    }

    /// What a shell script in the directory prints.
    pub fn sh(&self, script: &str) -> Vec<u8> {
        let script = format!("cd '{}' && umask 022 && {script}", self.0.display());
        tool(&["sh", "-ec", &script], b"")
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = Command::new("chmod").args(["-R", "u+rwx"]).arg(&self.0).status();
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
