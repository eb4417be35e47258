//! bzip2 on several cores: no panic, and if all who share the work agree to the end, what they give
//! together is what one gives alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rawstrap::archive::bzip2::{Bzip2Reader, END};
use rawstrap::error::{Error, Result, Status};
use rawstrap::io::{Read, Write};
use rawstrap_fuzz::{ENOUGH, memory};

/// What one of them tells, which ends where it would become too much.
struct Told(Vec<u8>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.0.len() + bytes.len() > ENOUGH {
            return Err(Error::new(Status::Host, "enough"));
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// As the process does that listens to them.
fn merged(mut told: Vec<&[u8]>) -> Option<Vec<u8>> {
    fn take<'a>(from: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
        let (first, rest) = from.split_at_checked(n)?;
        *from = rest;
        Some(first)
    }
    let mut all = Vec::new();
    for turn in 0.. {
        let mark = take(&mut told[0], 16)?;
        for other in &mut told[1..] {
            if take(other, 16)? != mark {
                return None;
            }
        }
        if mark == END {
            break;
        }
        let count = told.len();
        let from = &mut told[turn % count];
        loop {
            let length = u32::from_le_bytes(*take(from, 4)?.first_chunk().unwrap());
            if length == 0 {
                break;
            }
            all.extend_from_slice(take(from, length as usize)?);
        }
    }
    Some(all)
}

fuzz_target!(|data: &[u8]| {
    memory::peak(true, || {
        for of in [2, 3] {
            let told: Vec<Told> = (0..of)
                .map(|which| {
                    let mut told = Told(Vec::new());
                    let _ = Bzip2Reader::new(data).share(which, of, &mut told);
                    told
                })
                .collect();
            let Some(all) = merged(told.iter().map(|told| &*told.0).collect()) else { continue };
            let (mut alone, mut bytes) = (Bzip2Reader::new(data), vec![0; ENOUGH * of + 1]);
            let mut n = 0;
            loop {
                match alone.read(&mut bytes[n..]) {
                    Ok(0) => break,
                    Ok(more) => n += more,
                    Err(error) => panic!("{of} give {} bytes, one alone: {}", all.len(), error.message),
                }
            }
            assert!(all == bytes[..n], "{of} give {} bytes, one alone {n}", all.len());
        }
    });
});
