//! Every message that a list can give: `messages.txt` holds lists and what is said about them.

use super::{lists, plan};

/// `messages.txt` holds cases up to lines `====`: a list `r/main.steps`, others after lines
/// `@ PATH`, and after a line `----` the whole message.
#[test]
fn every_message() {
    for case in include_str!("messages.txt").split_terminator("====\n") {
        let (input, want) = case.split_once("----\n").expect(case);
        let mut files = vec![("r/main.steps", String::new())];
        for line in input.split_inclusive('\n') {
            match line.strip_prefix("@ ") {
                Some(path) => files.push((path.trim_end(), String::new())),
                None => files.last_mut().unwrap().1.push_str(line),
            }
        }
        let files: Vec<_> = files.iter().map(|f| (f.0, f.1.as_bytes())).collect();
        let got = lists(&files).expect_err(input);
        assert_eq!(got, want.trim_end_matches('\n'), "\n{input}");
    }
}

/// What a text file cannot show well: odd bytes, blanks and files that end in a line.
#[test]
fn every_message_about_odd_bytes() {
    for (input, want) in [
        (
            &b"run a\0b\n"[..],
            "r/main.steps:1:6: a list cannot hold a NUL byte\n    run a\u{fffd}b\n         ^",
        ),
        (
            b"# x\nset A b\r\nset B c\r\n",
            "r/main.steps:2:8: the line ends with CR LF; lines of a list end with LF alone\n    set A b\u{fffd}\n           ^",
        ),
        (
            b"\xef\xbb\xbfset A b\n",
            "r/main.steps:1:1: the list begins with a byte order mark; it has to go\n    \u{feff}set A b\n    ^",
        ),
        (b"set A b \\", "r/main.steps:1:9: nothing follows this '\\'\n    set A b \\\n            ^"),
        (
            b"set A b \\ \n",
            "r/main.steps:1:9: blanks stand between this '\\' and the end of the line\n    set A b \\ \n            ^",
        ),
        (
            b"package p\nwrite f <<END",
            "r/main.steps:2:9: the text that begins here has no end: no line is exactly 'END'\n    write f <<END\n            ^",
        ),
        (b"include \xff\n", "r/main.steps:1:9: a name has to be UTF-8\n    include \u{fffd}\n            ^"),
    ] {
        assert_eq!(plan(input).unwrap_err(), want);
    }
    assert_eq!(lists(&[("r/main.steps", b"include \xc3\xa4\n")]).unwrap_err().lines().count(), 3);
}

#[test]
fn what_expands_without_end_is_refused() {
    let doubling: String = (0..60).map(|_| "set A $A $A b\n").collect();
    let long: String = (0..60).map(|_| "set A $A$A-bbbb\n").collect();
    let texts: String = (0..60).map(|_| "write f <<END\n$A\nEND\n").collect();
    for text in [
        format!("set A a\n{doubling}"),
        format!("set A a\n{long}"),
        format!("set A {}\npackage p\n{texts}{texts}", "x".repeat(2 << 20)),
    ] {
        let message = plan(text).unwrap_err();
        assert!(message.contains("the lists become too large: what they expand to takes 128 MiB here"), "{message}");
    }
    // Includes double too.
    let names: Vec<String> = (0..40).map(|i| format!("{i}")).collect();
    let texts: Vec<String> = (0..40).map(|i| format!("include {}\ninclude {}\n", i + 1, i + 1)).collect();
    let mut all: Vec<(&str, &[u8])> = names.iter().zip(&texts).map(|(n, t)| (&n[..], t.as_bytes())).collect();
    all.push(("40", b""));
    assert!(lists(&all).unwrap_err().contains("too large"));
}

#[test]
fn a_missing_list_is_the_loaders_error() {
    use crate::error::Status;
    let error = crate::list::parse(&mut super::Lists::default(), "x", 1).unwrap_err();
    assert_eq!((error.status, &error.message[..]), (Status::Host, "cannot open x: ENOENT: no such file"));
}
