//! What is left when a fetch is interrupted, meets another one, or cannot write.

use super::server::Answer::{Good, Late, Stall};
use super::server::Server;
use super::{Bench, bytes, common, good, said};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes whose command line holds the text.
fn processes(text: &str) -> usize {
    let has = |path: std::path::PathBuf| fs::read(path).is_ok_and(|line| String::from_utf8_lossy(&line).contains(text));
    fs::read_dir("/proc").unwrap().flatten().filter(|entry| has(entry.path().join("cmdline"))).count()
}

fn kill(child: &Child, signal: &str) {
    let id = child.id() as i32;
    // As a terminal does it: to all of the group.
    let id = if signal == "-INT" { -id } else { id };
    assert!(Command::new("kill").args([signal, "--", &id.to_string()]).status().unwrap().success());
}

#[test]
fn nothing_goes_on_after_a_signal() {
    for (signal, code) in [("-INT", Some(8)), ("-TERM", Some(8)), ("-HUP", Some(8)), ("-KILL", None)] {
        let (server, mut bench) = (Server::new(), Bench::new(&format!("signal{signal}")));
        let content = bytes("x", 100_000);
        for name in ["x", "y"] {
            server.offer(&format!("/{name}"), &content, &[Stall(40_000), Good]);
            bench.source(name, &content, &format!("{}/{name}", server.url));
        }
        let child = bench.command(&["-q"]).stderr(Stdio::piped()).process_group(0).spawn().unwrap();
        let size = |name: &str| fs::metadata(bench.dir.join(name)).map_or(0, |data| data.len());
        let parts = ["downloads/.x.part", "downloads/.y.part"];
        wait_until("parts", || parts.iter().all(|part| size(part) > 30_000)); // curl keeps some to itself
        assert_eq!(processes(&server.url), 2);
        kill(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code);
        if code.is_some() {
            let want = format!("rawstrap: interrupted by SIG{}; what was begun is gone on with the next time\n", &signal[1..]);
            let other = format!("rawstrap: a process that fetches was ended by SIG{}\n", &signal[1..]);
            let message = said(&output, &server);
            assert!(message == want || message == other, "{message}");
        }
        wait_until("no process", || processes(&server.url) == 0);
        assert_eq!(bench.downloads(), [".x.part", ".y.part"]);
        server.requests();
        let begun = ["x", "y"].map(|name| format!("/{name} from {}", size(&format!("downloads/.{name}.part"))));
        good(&bench.fetch(&[]));
        let mut requests = server.requests();
        requests.sort();
        assert_eq!(requests, begun);
        assert_eq!(bench.downloads(), ["x", "y"]);
    }
}

#[test]
fn two_at_one_directory_share_the_work() {
    let (server, mut bench) = (Server::new(), Bench::new("two"));
    let names = ["a", "b", "c", "d", "e", "f"];
    for name in names {
        server.offer(&format!("/{name}"), &bytes(name, 50_000), &[Late(100)]);
        bench.source(name, &bytes(name, 50_000), &format!("{}/{name}", server.url));
    }
    let runs: Vec<Child> =
        (0..3).map(|_| bench.command(&[]).stderr(Stdio::piped()).spawn().unwrap()).collect();
    for run in runs {
        good(&run.wait_with_output().unwrap());
    }
    assert_eq!(server.requests().len(), names.len());
    assert_eq!(bench.downloads(), names);
    names.iter().for_each(|name| assert_eq!(bench.read(name), bytes(name, 50_000)));
}

#[test]
fn a_full_or_closed_directory_is_named() {
    let (server, mut bench) = (Server::new(), Bench::new("full"));
    server.offer("/x", &bytes("x", 300_000), &[Good]);
    bench.write("dir/x", &bytes("x", 300_000));
    bench.source("x", &bytes("x", 300_000), &format!("{}/x", server.url));
    let output = bench.fetch(&["-q", "--downloads", "list/x"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said(&output, &server), "rawstrap: cannot make the directory list/x: not a directory (ENOTDIR)\n");
    // A small file system, where the host lets one be mounted.
    let in_small = |tool: &str, words: &[&str]| {
        let command = bench.command(words);
        let mut small = Command::new("unshare");
        let script = "mount -t tmpfs -o size=100k none downloads && export PATH=$0 && exec \"$@\"";
        small.args(["-rm", "sh", "-c", script, &bench.only(tool)]);
        small.arg(command.get_program()).args(command.get_args()).current_dir(&bench.dir).output().unwrap()
    };
    let trial = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !trial.is_ok_and(|trial| trial.status.success()) {
        return common::skip("no full disk: no file system can be mounted here");
    }
    for (tool, words, want) in [
        ("curl", &["-q"][..], "curl ended with status 23"),
        ("wget", &["-q"], "wget ended with status"),
        ("curl", &["-q", "--mirror", "dir"], "no space left on device (ENOSPC)"),
    ] {
        let output = in_small(tool, words);
        let message = said(&output, &server);
        assert!(message.contains("rawstrap: cannot write downloads/.x.part: ") && message.contains(want), "{message}");
        assert_eq!(output.status.code(), Some(1));
    }
}
