//! Cutting texts at single bytes, and numbers in texts: what the patterns of `str` do with much
//! more code, as far as it is needed.

/// The parts of a text.
pub struct Parts<'a> {
    rest: Option<&'a str>,
    ends: fn(u8) -> bool,
    /// Whether a part may be empty.
    empty: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        loop {
            let rest = self.rest?;
            let (part, after) = match rest.bytes().position(self.ends) {
                Some(at) => (rest.get(..at)?, rest.get(at + 1..)),
                None => (rest, None),
            };
            self.rest = after;
            // Nothing behind the last end is no part.
            if !part.is_empty() || self.empty && after.is_some() {
                return Some(part);
            }
        }
    }
}

/// The lines of a text, each without its end.
pub fn lines(text: &str) -> Parts<'_> {
    Parts { rest: Some(text), ends: |b| b == b'\n', empty: true }
}

/// The words of a text: what stands between blanks.
pub fn words(text: &str) -> Parts<'_> {
    Parts { rest: Some(text), ends: |b| b.is_ascii_whitespace(), empty: false }
}

/// What stands before and behind the first such byte (of ASCII).
#[inline(never)]
pub fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A text without such bytes at its end.
pub fn trim_end<'a>(mut text: &'a str, end: &str) -> &'a str {
    while let Some(shorter) = text.strip_suffix(end) {
        text = shorter;
    }
    text
}

/// Whether a text holds another one.
#[inline(never)]
pub fn holds(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// A number in decimal; `None` if there is something else, nothing, or too much.
#[inline(never)]
pub fn number(digits: &[u8]) -> Option<u64> {
    let mut sum = None;
    for digit in digits {
        sum = Some(sum.unwrap_or(0u64).checked_mul(10)?.checked_add((*digit as char).to_digit(10)? as u64)?);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_str() {
        for text in ["", "a", "a\n", "\n", "a\n\nb c\n", " a  b\tc\nd", "ä ö\nü"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), text.lines().collect::<Vec<_>>(), "{text:?}");
            assert_eq!(words(text).collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>(), "{text:?}");
            assert_eq!(cut(text, b' '), text.split_once(' '));
        }
        assert!(holds("a://b", "://") && !holds("a:/", "://") && !holds("", "a"));
        assert_eq!(trim_end("a//", "/"), "a");
        for (text, want) in [
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("", None),
            ("1 ", None),
        ] {
            assert_eq!(number(text.as_bytes()), want);
        }
    }
}
