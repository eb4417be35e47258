//! `report`: a ledger as one page that needs nothing else.

mod common;

use common::{User, World, ran, which};
use std::process::Command;

const LIST: &str = "run sh -c 'echo \"<b>&amp;\" > $0/f; sleep 0.1' $OUT\nrun sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'\n\
    package q\nmkdir $OUT\ntest q\nrun true\n";

/// The page of a ledger, which is well-formed where HTML has to be.
fn page(world: &World, ledger: &str) -> String {
    let page = world.rawstrap(&["report", ledger]).ok().out;
    for outside in ["<script", "http:", "https:", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(outside), "{outside} in {page}");
    }
    for tag in ["<table>", "<figure>", "<svg ", "<details>", "<style>", "<dl>", "<div"] {
        let end = format!("</{}>", tag.trim_matches(['<', '>', ' ']));
        assert_eq!(page.matches(tag).count(), page.matches(&end).count(), "{tag} in {page}");
    }
    assert!(page.starts_with("<!doctype html><html lang=en><meta charset=utf-8>") && page.ends_with("</html>\n"));
    page
}

#[test]
fn a_page_says_what_the_ledger_says() {
    let world = World::new(User::Caller);
    if !world.list(LIST) {
        return;
    }
    world.run(&["--record"]).ok();
    let first = page(&world, "build/ledger");
    assert!(first.contains("<span class=\"\">0 of 2 packages are as recorded, the others are not recorded"), "{first}");
    world.run(&["-j2"]).ok();
    let good = page(&world, "build/ledger");
    assert!(good.contains("<title>rawstrap: q</title>"));
    assert!(good.contains("<span class=\"good\">✓ 2 of 2 packages are as recorded</span>"), "{good}");
    assert_eq!((good.matches("✓ as recorded").count(), good.matches("✓ passed").count()), (2, 1));
    assert!(good.contains("run sh -c 'echo &#34;&#60;b&#62;&#38;amp;&#34; &#62; $0/f; sleep 0.1' /store/p"), "{good}");
    assert!(good.contains("<rect x=") && good.contains(">q.test: 1 steps, "));
    let ledger = world.read("build/ledger");
    for record in ["driver ", "list ", "recipes ", "output "] {
        let line = ledger.lines().find(|line| line.starts_with(record)).unwrap();
        assert!(good.contains(line.split(' ').nth(1).unwrap()), "{line}");
    }
    // Other bytes than were recorded.
    assert!(world.list(&LIST.replace("sleep 0.1", "echo >> $0/f")));
    world.run(&[]).fails(7, "the output of p is not what was recorded");
    let bad = page(&world, "build/ledger");
    assert!(bad.contains("<span class=\"bad\">✗ not as recorded</span>") && bad.contains("<br>recorded sha256-"), "{bad}");
    // A step that failed.
    assert!(world.list("run false"));
    world.run(&[]).fails(6, "exit status 1: false");
    let failed = page(&world, "build/ledger");
    assert!(failed.contains("<h1>p <span class=\"bad\">✗ failed</span></h1><p class=bad><code>exit status 1: false"), "{failed}");
    // One that went on after a mismatch, and failed, and went on again.
    world.write("a", world.read("build/ledger").replacen("\npackage p\n", "\npackage o\noutput sha256-x o\nrecorded sha256-y o\nresumed\npackage p\n", 1));
    let both = page(&world, "a");
    assert!(both.contains("<h1>p <span class=\"bad\">✗ failed") && both.contains("<dt>times gone on after an early end</dt><dd>1</dd>"), "{both}");
    assert!(both.contains("✗ not as recorded") && !first.contains("gone on"));
}

#[test]
fn no_ledger_is_too_short_or_too_long() {
    let world = World::new(User::Caller);
    world.write("a", "rawstrap-ledger 1\n");
    page(&world, "a");
    let mut text = String::from("rawstrap-ledger 1\nhost user=0 cores=0 jobs=1\n");
    for package in 0..100 {
        text.push_str(&format!("package p{package}\n"));
        for step in 1..200 {
            text.push_str(&format!(
                "step {step} l:{step}:1 status=0 commands=1 strays=0 run {}\ntime {step} wall=99999.000000 user=1.0 system=1.0 peak=99999999\n",
                "x".repeat(1000)
            ));
        }
        text.push_str(&format!("output sha256-x p{package}\ntime p{package} wall=19999999.000000 user=0.0 system=0.0 peak=0\n"));
    }
    world.write("a", &text);
    let long = page(&world, "a");
    assert!(long.contains("95 GiB") && long.contains("100 packages") | long.contains("0 of 100 packages"), "{}", &long[..4000]);
    // Nobody has so many cores; a share of them is still one.
    world.write("a", text.replacen("cores=0", "cores=9223372036854775808", 1));
    assert!(page(&world, "a").contains("<dt>used of 1048576 cores</dt><dd>0 %</dd>"));
    world.write("a", "x");
    world.rawstrap(&["report", "a"]).fails(2, "a is no ledger");
}

/// A browser shows it: Debian's chromium, where it is.
#[test]
#[ignore = "wants a browser: tests/run --test report -- --ignored"]
fn a_browser_draws_it() {
    need!("chromium");
    let world = World::new(User::Caller);
    if !world.list(LIST) {
        return;
    }
    world.run(&[]).ok();
    world.write("page.html", page(&world, "build/ledger"));
    let url = format!("file://{}", world.path("page.html").display());
    let options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1600"];
    let mut command = Command::new(which("chromium").unwrap());
    ran(command.args(options).arg(format!("--screenshot={}", world.path("page.png").display())).arg(url));
    assert!(std::fs::metadata(world.path("page.png")).unwrap().len() > 20_000);
}
