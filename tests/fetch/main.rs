//! `rawstrap fetch`, driven from outside, against a server that misbehaves.
//!
//! curl and wget are the host's.

#[path = "../common/mod.rs"]
mod common;
mod ends;
mod server;

use rawstrap::hash::{hex, sha256::sha256};
use server::Answer::{Cut, Good, Late, Status, Whole};
use server::Server;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A directory with a list and the downloads, which goes at the end.
struct Bench {
    dir: PathBuf,
    list: String,
}

/// Bytes that no two places share.
fn bytes(name: &str, length: usize) -> Vec<u8> {
    let mut seed = name.bytes().fold(5381u32, |sum, byte| sum.wrapping_mul(33) ^ byte as u32);
    let next = || {
        seed = seed.wrapping_mul(1664525).wrapping_add(1013904223);
        (seed >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(&sha256(bytes)).to_owned()
}

impl Bench {
    fn new(name: &str) -> Bench {
        let dir = std::env::temp_dir().join(format!("rawstrap-test-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("downloads")).unwrap();
        Bench { dir, list: "path /bin\npackage p\n".into() }
    }

    /// Declares a source in the list.
    fn source(&mut self, file: &str, bytes: &[u8], places: &str) {
        writeln!(self.list, "source {file} {} {places}", hash(bytes)).unwrap();
    }

    /// A directory that has only this program.
    fn only(&self, tool: &str) -> String {
        let dir = self.dir.join(format!("only-{tool}"));
        fs::create_dir_all(&dir).unwrap();
        let path = std::env::var("PATH").unwrap();
        if let Some(found) = path.split(':').map(|dir| PathBuf::from(dir).join(tool)).find(|file| file.exists()) {
            let _ = symlink(found, dir.join(tool));
        }
        dir.to_str().unwrap().into()
    }

    /// `rawstrap fetch` with the list and these words, in a bare environment.
    fn command(&self, words: &[&str]) -> Command {
        // Another one may be about to read it: the list is there whole, or not at all.
        fs::write(self.dir.join("list.new"), format!("{}run true\n", self.list)).unwrap();
        fs::rename(self.dir.join("list.new"), self.dir.join("list")).unwrap();
        let mut command = Command::new(common::binary());
        command.args(["fetch", "--list", "list"]).args(words).current_dir(&self.dir).env_clear();
        command.env("PATH", std::env::var("PATH").unwrap()).env("RAWSTRAP_DEB_MIRROR", "file:/nowhere");
        command
    }

    fn fetch(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What is in the downloads.
    fn downloads(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.join("downloads")).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.dir.join("downloads").join(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.dir.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Standard error, with the server's address as SERVER.
fn said(output: &Output, server: &Server) -> String {
    String::from_utf8_lossy(&output.stderr).replace(&server.url, "SERVER")
}

#[track_caller]
fn good(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a test with each of the programs that fetch.
fn with_each(name: &str, test: impl Fn(&mut Bench, &str)) {
    for tool in ["curl", "wget"] {
        let mut bench = Bench::new(&format!("{name}-{tool}"));
        let path = bench.only(tool);
        test(&mut bench, &path);
    }
}

#[test]
fn several_are_fetched_at_once_and_only_once() {
    let (server, mut bench) = (Server::new(), Bench::new("several"));
    let names: Vec<String> = (0..9).map(|n| format!("f{n}.tar")).collect();
    for name in &names {
        server.offer(&format!("/{name}"), &bytes(name, 70_000), &[Late(200)]);
        bench.source(name, &bytes(name, 70_000), &format!("{}/{name}", server.url));
    }
    let output = bench.fetch(&[]);
    good(&output);
    assert!(said(&output, &server).ends_with("sources: 9 fetched, 0 there already, all verified\n"));
    assert_eq!(server.most(), 4);
    assert_eq!(server.requests().len(), 9);
    assert_eq!(bench.downloads(), names);
    names.iter().for_each(|name| assert_eq!(bench.read(name), bytes(name, 70_000)));
    let output = bench.fetch(&["--offline"]);
    good(&output);
    assert!(said(&output, &server).ends_with("sources: 0 fetched, 9 there already, all verified\n"));
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn a_cut_transfer_goes_on() {
    with_each("cut", |bench, path| {
        let (server, content) = (Server::new(), bytes("x", 100_000));
        server.offer("/x", &content, &[Cut(5000), Cut(20_000), Good]);
        bench.source("x", &content, &format!("{}/x", server.url));
        let output = bench.command(&[]).env("PATH", path).output().unwrap();
        good(&output);
        assert_eq!(server.requests(), ["/x", "/x from 5000", "/x from 25000"]);
        assert_eq!(bench.read("x"), content);
        assert_eq!(bench.downloads(), ["x"]);
        assert!(said(&output, &server).contains("; trying again\n"));
    });
}

#[test]
fn a_part_of_an_earlier_run_goes_on() {
    with_each("part", |bench, path| {
        let (server, content) = (Server::new(), bytes("x", 100_000));
        bench.source("x", &content, &format!("{}/x", server.url));
        let run = |part: &[u8], answers: &[server::Answer]| {
            let _ = fs::remove_file(bench.dir.join("downloads/x"));
            bench.write("downloads/.x.part", part);
            server.offer("/x", &content, answers);
            good(&bench.command(&[]).env("PATH", path).output().unwrap());
            assert_eq!(bench.read("x"), content);
            assert_eq!(bench.downloads(), ["x"]);
            server.requests()
        };
        assert_eq!(run(&content[..60_000], &[Good]), ["/x from 60000"]);
        // all of it: nobody is asked
        assert_eq!(run(&content, &[Good]), [""; 0]);
        // not a part of it: found out at the end, and then from the start
        assert_eq!(run(&[1; 60_000], &[Good]), ["/x from 60000", "/x"]);
        // longer than it
        assert_eq!(run(&[1; 100_001], &[Good]).last().unwrap(), "/x");
        // a server that knows no ranges; wget takes the whole file at once
        assert_eq!(run(&content[..60_000], &[Whole])[0], "/x from 60000");
        // one that refuses them
        assert_eq!(run(&content[..60_000], &[Status(416), Good]), ["/x from 60000", "/x"]);
    });
}

#[test]
fn a_busy_server_is_asked_a_few_times() {
    with_each("busy", |bench, path| {
        let (server, content) = (Server::new(), bytes("x", 1000));
        server.offer("/x", &content, &[Status(503), Status(429), Good]);
        server.offer("/y", &content, &[Status(503)]);
        server.offer("/z", &content, &[Good]);
        bench.source("x", &content, &format!("{}/x", server.url));
        bench.source("y", &content, &format!("{0}/y {0}/missing {0}/z", server.url));
        let output = bench.command(&[]).env("PATH", path).output().unwrap();
        good(&output);
        let requests = server.requests();
        let count = |path: &str| requests.iter().filter(|request| *request == path).count();
        assert_eq!(["/x", "/y", "/missing", "/z"].map(count), [3, 3, 1, 1]);
    });
}

#[test]
fn mirrors_come_first_and_debian_has_its_own() {
    let (server, mut bench) = (Server::new(), Bench::new("mirrors"));
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| bytes(name, 300));
    bench.source("a", &a, &format!("{}/up/a deb:libaa/aa_1+x.tar", server.url));
    bench.source("b", &b, &format!("{}/up/b", server.url));
    bench.source("c", &c, "deb:cc/cc_1.tar");
    bench.source("d", &d, "deb:pool/other/d/dd/dd_1.tar");
    bench.write("dir/b", &b);
    bench.write("dir/cc_1.tar", &c);
    bench.write("dir/pool/other/d/dd/dd_1.tar", b"wrong");
    server.offer("/debian/pool/main/liba/libaa/aa_1%2Bx.tar", &a, &[Good]);
    server.offer("/mirror/pool/other/d/dd/dd_1.tar", &d, &[Good]);
    let debian = format!("{}/debian", server.url);
    let output = bench
        .command(&["--mirror", "dir", "--mirror", &format!("{}/mirror/", server.url), "-q"])
        .env("RAWSTRAP_DEB_MIRROR", &debian)
        .output()
        .unwrap();
    good(&output);
    assert_eq!(said(&output, &server), "");
    let mut requests = server.requests();
    requests.sort();
    assert_eq!(requests, [
        "/debian/pool/main/liba/libaa/aa_1%2Bx.tar",
        "/mirror/a",
        "/mirror/d",
        "/mirror/pool/main/liba/libaa/aa_1%2Bx.tar",
        "/mirror/pool/other/d/dd/dd_1.tar",
        "/up/a",
    ]);
    for (name, content) in [("a", &a), ("b", &b), ("c", &c), ("d", &d)] {
        assert_eq!(&bench.read(name), content);
    }
    // the option is asked in place of the environment
    fs::remove_file(bench.dir.join("downloads/a")).unwrap();
    good(&bench.fetch(&["--deb-mirror", &debian]));
}

#[test]
fn a_wrong_file_never_gets_the_name() {
    let (server, mut bench) = (Server::new(), Bench::new("wrong"));
    let content = bytes("x", 1000);
    bench.source("x", &content, &format!("{0}/1 {0}/2 {0}/3 deb:x/x_1", server.url));
    server.offer("/1", b"<HTML>Log in!</HTML>", &[Good]);
    server.offer("/2", &bytes("y", 1000), &[Good]);
    let output = bench.fetch(&["-q", "--mirror", "nowhere"]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        said(&output, &server),
        format!(
            "rawstrap: 1 of 1 sources are not in downloads:
  x, sha256 {x}:
    nowhere/x: no such file or directory (ENOENT)
    nowhere/pool/main/x/x/x_1: no such file or directory (ENOENT)
    nowhere/x_1: no such file or directory (ENOENT)
    SERVER/1: expected sha256 {x}, got {html} (20 bytes, a web page)
    SERVER/2: expected sha256 {x}, got {y} (1000 bytes)
    SERVER/3: curl ended with status 22: (22) The requested URL returned error: 404
    /nowhere/pool/main/x/x/x_1: no such file or directory (ENOENT)
look at the network (and at http_proxy), or put files with these hashes there under these names, \
or name a place that has them with --mirror DIR-or-URL
",
            x = hash(&content),
            y = hash(&bytes("y", 1000)),
            html = hash(b"<HTML>Log in!</HTML>")
        )
    );
    assert_eq!(bench.downloads(), [""; 0]);
    // One that the user has put there stays, and no one is asked.
    bench.write("downloads/x", b"mine");
    server.requests();
    let output = bench.fetch(&[]);
    assert_eq!(output.status.code(), Some(4));
    let want = format!("expected sha256 {}, but the file there has {}; remove it", hash(&content), hash(b"mine"));
    assert!(said(&output, &server).contains(&want));
    assert_eq!((bench.read("x"), server.requests()), (b"mine".to_vec(), vec![]));
}

#[test]
fn offline_touches_no_network_and_names_all() {
    let (server, mut bench) = (Server::new(), Bench::new("offline"));
    for name in ["a", "b", "c"] {
        server.offer(&format!("/{name}"), &bytes(name, 9), &[Good]);
        bench.source(name, &bytes(name, 9), &format!("{}/{name}", server.url));
    }
    bench.source("d", &bytes("d", 9), "deb:d/d");
    bench.write("dir/b", &bytes("b", 9));
    bench.write("downloads/d", b"mine");
    let output = bench.fetch(&["-q", "--offline", "--mirror", &server.url, "--mirror", "dir"]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(
        said(&output, &server),
        format!(
            "rawstrap: 3 of 4 sources are not in downloads:
  a, sha256 {}:
    dir/a: no such file or directory (ENOENT)
  c, sha256 {}:
    dir/c: no such file or directory (ENOENT)
  d, sha256 {d}:
    expected sha256 {d}, but the file there has {}; remove it, and the next run fetches it anew
run 'rawstrap fetch' without --offline, or put files with these hashes there under these names, \
or name a directory that has them with --mirror DIR
",
            hash(&bytes("a", 9)),
            hash(&bytes("c", 9)),
            hash(b"mine"),
            d = hash(&bytes("d", 9))
        )
    );
    assert_eq!(server.requests(), [""; 0]);
    assert_eq!(bench.downloads(), ["b", "d"]);
    // and without any place to look at
    let output = bench.fetch(&["-q", "--offline"]);
    assert!(said(&output, &server).contains(&format!("  a, sha256 {}:\n    it is not there\n", hash(&bytes("a", 9)))));
}

#[test]
fn without_curl_and_wget_files_still_do() {
    let (server, mut bench) = (Server::new(), Bench::new("bare"));
    bench.source("x", &bytes("x", 9), &format!("{}/x", server.url));
    let path = bench.only("no-such-program");
    let output = bench.command(&["-q"]).env("PATH", &path).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let want = "SERVER/x: neither curl nor wget is in the PATH; install one (Debian: apt install curl)\n";
    assert!(said(&output, &server).contains(want));
    bench.write("dir/x", &bytes("x", 9));
    good(&bench.command(&["--mirror", "dir"]).env("PATH", &path).output().unwrap());
}

#[test]
fn proxies_are_the_environments() {
    with_each("proxy", |bench, path| {
        let server = Server::new();
        server.offer("http://example.org/x", &bytes("x", 9), &[Good]);
        bench.source("x", &bytes("x", 9), "http://example.org/x");
        good(&bench.command(&[]).env("PATH", path).env("http_proxy", &server.url).output().unwrap());
        assert_eq!(server.requests(), ["http://example.org/x"]);
    });
}
