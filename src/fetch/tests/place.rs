//! The order of the places, and what becomes of each.

use super::*;
use crate::fetch::tests::{options, source};

#[test]
fn pool_paths() {
    for (path, want) in [
        ("tcc/tcc_1.orig.tar.bz2", "pool/main/t/tcc/tcc_1.orig.tar.bz2"),
        ("libffi/libffi_3.orig.tar.gz", "pool/main/libf/libffi/libffi_3.orig.tar.gz"),
        ("lib/x", "pool/main/lib/lib/x"),
        ("7zip/x", "pool/main/7/7zip/x"),
        ("pool/contrib/x/xy/z", "pool/contrib/x/xy/z"),
        ("pool/x", "pool/x"),
        ("dists/sid/Release", "dists/sid/Release"),
    ] {
        assert_eq!(pool(path), want);
    }
}

#[test]
fn mirrors_are_directories_or_urls() {
    let file = Spot::File;
    let net = Spot::Net;
    for (mirror, want) in [
        ("dir", file("dir/a+b~c/d e")),
        ("/dir/", file("/dir/a+b~c/d e")),
        ("file:/dir", file("/dir/a+b~c/d e")),
        ("file:///dir", file("/dir/a+b~c/d e")),
        ("file://localhost/dir", file("/dir/a+b~c/d e")),
        ("http://example.org", net("http://example.org/a%2Bb~c/d%20e")),
        ("ftp://example.org/x//", net("ftp://example.org/x/a%2Bb~c/d%20e")),
    ] {
        assert_eq!(below(mirror, "a+b~c/d e"), want);
    }
}

#[test]
fn places_in_their_order() {
    let source = source("t.tar", b"", &["deb:tcc/t_1.tar", "https://example.org/t%20.tar?x=1"]);
    let debian = Debian { mirrors: ["http://a.example.org/debian", "file:/b"].into(), proxy: None };
    let mut options = options("/d");
    options.mirrors = &["/m", "http://m.example.org/"];
    let file = Spot::File;
    let net = Spot::Net;
    assert_eq!(spots(&source, &options, &debian), [
        file("/m/t.tar"),
        file("/m/pool/main/t/tcc/t_1.tar"),
        file("/m/t_1.tar"),
        net("http://m.example.org/t.tar"),
        net("http://m.example.org/pool/main/t/tcc/t_1.tar"),
        net("http://a.example.org/debian/pool/main/t/tcc/t_1.tar"),
        file("/b/pool/main/t/tcc/t_1.tar"),
        net("https://example.org/t%20.tar?x=1"),
    ]);
    options.mirrors = &[];
    let none = spots(&source, &options, &Debian::default());
    assert!(matches!(&none[0], Spot::None(place, why) if *place == "deb:tcc/t_1.tar" && why.contains("--deb-mirror")));
    assert_eq!(none[1..], [net("https://example.org/t%20.tar?x=1")]);
}

#[test]
fn debian_mirrors_from_option_and_environment() {
    let env: [&[u8]; 1] = [b"RAWSTRAP_DEB_MIRROR= http://a.example.org/debian/  file:/b "];
    let mut options = options("/d");
    options.env = &env;
    assert_eq!(Debian::find(&options).mirrors, ["http://a.example.org/debian", "file:/b"]);
    options.deb_mirror = Some("http://c.example.org/");
    assert_eq!(Debian::find(&options).mirrors, ["http://c.example.org"]);
}
