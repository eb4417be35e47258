//! Words of the command line: options, their values, and suggestions for what is unknown.

use super::help;
use crate::error::{Result, Status};
use crate::split;
use crate::fail;
use alloc::vec::Vec;

/// An option: its long name, its letter, the name of its value, its help.
pub struct Flag {
    /// `--NAME`
    pub name: &'static str,
    /// `-L`; empty if there is none.
    pub letter: &'static str,
    /// What the value is called in the help; empty if there is none.
    pub value: &'static str,
    /// One line.
    pub help: &'static str,
}

/// What was on the command line behind the command's name.
#[derive(Default)]
pub struct Args<'a> {
    /// Options with their values (empty for those without), in order.
    given: Vec<(&'static str, &'a str)>,
    /// All else.
    pub operands: Vec<&'a str>,
}

impl<'a> Args<'a> {
    /// Sorts the words; `flags` are the names of the options that the command knows.
    pub fn parse(command: &str, flags: &'static str, words: &[&'a [u8]]) -> Result<Args<'a>> {
        let mut args = Args::default();
        let mut words = words.iter();
        let mut only_operands = false;
        while let Some(word) = words.next() {
            let word = text(word)?;
            if only_operands || !word.starts_with("-") || word == "-" {
                args.operands.push(word);
                continue;
            }
            if word == "--" {
                only_operands = true;
                continue;
            }
            let (name, mut attached) = match word.strip_prefix("--") {
                Some(long) => match split::cut(long, b'=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (long, None),
                },
                // -jN as well as -j N
                None => {
                    let (letter, value) = word.split_at_checked(2).unwrap_or((word, ""));
                    (letter, Some(value).filter(|value| !value.is_empty()))
                }
            };
            let found = help::flags(flags)
                .find(|flag| flag.name == name || name.strip_prefix("-").is_some_and(|letter| letter == flag.letter));
            let Some(flag) = found else {
                let hint = crate::list::near(name.as_bytes(), split::words(flags).map(str::as_bytes));
                fail!(Status::Usage, "unknown option '@' of @@\nsee: rawstrap @ --help", word, command, hint, command);
            };
            if flag.value.is_empty() {
                if attached.is_some() {
                    fail!(Status::Usage, "the option --@ takes no value", flag.name);
                }
            } else if attached.is_none() {
                attached = match words.next() {
                    Some(next) => Some(text(next)?),
                    None => {
                        fail!(Status::Usage, "the option --@ wants a value: --@ @", flag.name, flag.name, flag.value)
                    }
                };
            }
            args.given.push((flag.name, attached.unwrap_or("")));
        }
        Ok(args)
    }

    /// Adds the options that were given elsewhere, and count more.
    pub fn add(&mut self, later: &Args<'a>) {
        self.given.extend_from_slice(&later.given);
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    /// The option's last value.
    pub fn last(&self, name: &str) -> Option<&'a str> {
        self.given.iter().rev().find(|given| given.0 == name).map(|given| given.1)
    }

    /// All values of an option that may be repeated.
    pub fn all(&self, name: &str) -> Vec<&'a str> {
        self.given.iter().filter(|given| given.0 == name).map(|given| given.1).collect()
    }

    /// Refuses more operands than `most`.
    pub fn at_most(&self, command: &str, most: usize) -> Result<()> {
        if let Some(extra) = self.operands.get(most) {
            fail!(Status::Usage, "unexpected '@'\nsee: rawstrap @ --help", extra, command);
        }
        Ok(())
    }
}

fn text(word: &[u8]) -> Result<&str> {
    match core::str::from_utf8(word) {
        Ok(text) => Ok(text),
        Err(_) => fail!(Status::Usage, "cannot use the word '@': it is not UTF-8", word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(words: &[&'a str]) -> core::result::Result<Args<'a>, &'static str> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        Args::parse("build", "jobs quiet", &words).map_err(|error| error.message)
    }

    #[test]
    fn options_in_every_form() {
        for words in
            [&["-j4", "x"][..], &["-j", "4", "x"], &["--jobs=4", "x"], &["x", "--jobs", "4"], &["-j4", "--", "x"]]
        {
            let args = parse(words).unwrap();
            assert_eq!((args.last("jobs"), args.has("quiet"), &args.operands[..]), (Some("4"), false, &["x"][..]));
        }
        assert_eq!(parse(&["-j1", "-j2"]).unwrap().all("jobs"), ["1", "2"]);
        assert_eq!(parse(&["--", "-j"]).unwrap().operands, ["-j"]);
    }

    #[test]
    fn messages() {
        let see = "\nsee: rawstrap build --help";
        for (words, want) in [
            (&["--job"][..], format!("unknown option '--job' of build; did you mean 'jobs'?{see}")),
            (&["-x"], format!("unknown option '-x' of build{see}")),
            (&["--quiet=1"], "the option --quiet takes no value".into()),
            (&["-j"], "the option --jobs wants a value: --jobs N".into()),
        ] {
            assert_eq!(parse(words).err().unwrap(), want);
        }
        assert!(parse(&["a", "b"]).unwrap().at_most("build", 1).is_err());
    }
}
