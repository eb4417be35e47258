//! Extended headers of the pax format (POSIX.1-2017, pax, "pax Extended Header").

use alloc::vec::Vec;

/// Whole seconds since the epoch, and nanoseconds.
pub type Time = (i64, i64);

/// The records that matter for unpacking. `Some` where one was given; a record without a value
/// takes it away, whatever header it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) linkpath: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) mtime: Option<Time>,
}

/// What is wrong with an extended header.
type Wrong = Result<(), &'static str>;

impl Pax {
    /// Takes over the records `length keyword=value\n` of an extended header.
    pub(super) fn read(&mut self, mut records: &[u8]) -> Wrong {
        while !records.is_empty() {
            let Some((record, rest)) = split(records) else { return Err("extended header is not made of records") };
            records = rest;
            let Some(equals) = record.iter().position(|b| *b == b'=') else {
                return Err("extended header record without '='");
            };
            let (keyword, value) = (&record[..equals], &record[equals + 1..]);
            match keyword {
                b"path" => self.read_path(value)?,
                b"linkpath" => self.read_linkpath(value)?,
                b"size" => {
                    self.size = decimal(value);
                    if self.size.is_none() && !value.is_empty() {
                        return Err("extended header record size is not a number");
                    }
                }
                b"mtime" => {
                    self.mtime = time(value);
                    if self.mtime.is_none() && !value.is_empty() {
                        return Err("extended header record mtime is not a time");
                    }
                }
                _ if keyword.starts_with(b"GNU.sparse.") => return Err("sparse file, which is not read here"),
                _ => {} // owners, other times, comments, vendors' own
            }
        }
        Ok(())
    }

    /// A name of any length, from here or from GNU tar's own kind of header.
    pub(super) fn read_path(&mut self, value: &[u8]) -> Wrong {
        self.path = Some(value.to_vec()).filter(|value| !value.is_empty());
        Ok(())
    }

    /// Likewise what a link links to.
    pub(super) fn read_linkpath(&mut self, value: &[u8]) -> Wrong {
        self.linkpath = Some(value.to_vec()).filter(|value| !value.is_empty());
        Ok(())
    }
}

/// The first record without its length and newline, and what follows it.
fn split(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = records.iter().position(|b| *b == b' ')?;
    let length = usize::try_from(decimal(&records[..blank])?).ok()?;
    if length < blank + 2 || length > records.len() || records[length - 1] != b'\n' {
        return None;
    }
    Some((&records[blank + 1..length - 1], &records[length..]))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |n, digit| n.checked_mul(10)?.checked_add((*digit as char).to_digit(10)? as u64))
}

/// Seconds with or without a fraction. What is finer than nanoseconds is cut off, downwards for
/// times before the epoch too.
fn time(value: &[u8]) -> Option<Time> {
    let (negative, digits) = match value {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, value),
    };
    let point = digits.iter().position(|b| *b == b'.');
    let seconds = i64::try_from(decimal(&digits[..point.unwrap_or(digits.len())])?).ok()?;
    let (mut nanoseconds, mut unit, mut finer) = (0, 100_000_000, false);
    for &digit in point.map_or(&[][..], |at| &digits[at + 1..]) {
        let digit = (digit as char).to_digit(10)? as i64;
        nanoseconds += digit * unit;
        finer |= unit == 0 && digit > 0;
        unit /= 10;
    }
    if negative {
        nanoseconds = -nanoseconds - finer as i64;
        return Some((nanoseconds.div_euclid(1_000_000_000) - seconds, nanoseconds.rem_euclid(1_000_000_000)));
    }
    Some((seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, expected) in [
            ("1234567890", Some((1234567890, 0))),
            ("1.5", Some((1, 500_000_000))),
            ("1.", Some((1, 0))),
            ("1.0000000019", Some((1, 1))),
            ("-1.5", Some((-2, 500_000_000))),
            ("-0.0000000001", Some((-1, 999_999_999))),
            ("-3", Some((-3, 0))),
            ("", None),
            ("-", None),
            (".5", None),
            ("1.x", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(time(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn records() {
        let mut pax = Pax::default();
        assert_eq!(pax.read(b"30 mtime=1350244992.023960108\n13 path=a=\nb\n11 size=12\n14 comment=xx\n"), Ok(()));
        let expected = Pax {
            path: Some(b"a=\nb".to_vec()),
            size: Some(12),
            mtime: Some((1350244992, 23960108)),
            linkpath: None,
        };
        assert_eq!(pax, expected);
        assert_eq!(pax.read(b"8 path=\n8 size=\n9 mtime=\n15 linkpath=ab\n"), Ok(()));
        assert_eq!(pax, Pax { linkpath: Some(b"ab".to_vec()), ..Pax::default() });
        for (records, expected) in [
            (&b"x"[..], "extended header is not made of records"),
            (b"7 path=\n", "extended header is not made of records"),
            (b"9 path=\n", "extended header is not made of records"),
            (b"2 path=\n", "extended header is not made of records"),
            (b" path=\n", "extended header is not made of records"),
            (b"99999999999999999999 a=\n", "extended header is not made of records"),
            (b"7 path\n", "extended header record without '='"),
            (b"9 size=x\n", "extended header record size is not a number"),
            (b"11 mtime=x\n", "extended header record mtime is not a time"),
            (b"22 GNU.sparse.major=1\n", "sparse file, which is not read here"),
        ] {
            assert_eq!(pax.read(records), Err(expected), "{records:?}");
        }
    }
}
