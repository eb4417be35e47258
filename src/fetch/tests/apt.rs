//! The configuration of apt, as its manual pages allow it to be written.

use super::*;

fn found(parse: fn(&[u8], &mut Vec<&'static str>), text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    parse(text.as_bytes(), &mut found);
    found
}

#[test]
fn one_line_style() {
    for (text, want) in [
        ("deb http://a.example.org/debian bookworm main", &["http://a.example.org/debian"][..]),
        ("deb\thttp://a.example.org/debian/\tstable\tcontrib main # text", &["http://a.example.org/debian"]),
        ("  deb-src [arch=amd64 signed-by=/k.gpg] https://b.example.org/d sid main", &["https://b.example.org/d"]),
        ("deb [trusted=yes]file:/srv/debian sid main", &["file:/srv/debian"]),
        ("deb http://a/debian sid contrib # main", &[]),
        ("deb http://a/debian x main\ndeb-src http://a/debian/ x main\ndeb http://b/debian x main", &[
            "http://a/debian",
            "http://b/debian",
        ]),
        // commented out, not main, not of the whole release, not to be had over the network
        ("# deb http://a/debian bookworm main", &[]),
        ("deb http://a/linux/debian bookworm stable", &[]),
        ("deb http://a/debian-security bookworm-security main", &[]),
        ("deb http://a/debian-security buster/updates main", &[]),
        ("deb http://a/pub/repos/apt bookworm-pgdg main", &[]),
        ("deb http://a/flat ./", &[]),
        ("deb cdrom:[Debian 12 - amd64]/ bookworm main", &[]),
        ("deb tor+http://a/debian bookworm main", &[]),
        ("deb mirror+file:/nowhere/list bookworm main", &[]),
        ("debug http://a/debian bookworm main", &[]),
        ("deb", &[]),
        ("deb [arch=amd64", &[]),
        ("deb http://a/debian", &[]),
        ("deb http://a/debian bookworm", &[]),
    ] {
        assert_eq!(found(one_line, text), want, "{text}");
    }
}

#[test]
fn deb822_style() {
    for (text, want) in [
        ("Types: deb\nURIs: http://a/debian\nSuites: bookworm bookworm-updates\nComponents: main\n", &["http://a/debian"][..]),
        ("types:deb deb-src\nuris:http://a/debian/ https://b/x\nsuites:sid\ncomponents:contrib main", &[
            "http://a/debian",
            "https://b/x",
        ]),
        ("URIs:\n http://a/debian\n# of the house\n\thttp://b/debian\nSuites: sid\nComponents:\n main", &[
            "http://a/debian",
            "http://b/debian",
        ]),
        ("# text\n\n\nURIs: http://a/debian\nSuites: sid\nComponents: main\nEnabled: yes\n\nURIs: http://b/debian\n", &[
            "http://a/debian",
        ]),
        ("Enabled: no\nURIs: http://a/debian\nSuites: sid\nComponents: main\n \t\nURIs: http://b/debian\nSuites: sid\nComponents: main", &[
            "http://b/debian",
        ]),
        ("URIs: http://a/debian-security\nSuites: bookworm-security\nComponents: main", &[]),
        ("Signed-By:\n -----BEGIN\n .\n URIs: http://no/debian\nURIs: http://a/debian\nSuites: sid\nComponents: main", &[
            "http://a/debian",
        ]),
        ("Suites: sid\nComponents: main", &[]),
        ("no colon\n continued", &[]),
        ("", &[]),
    ] {
        assert_eq!(found(deb822, text), want, "{text}");
    }
}

#[test]
fn settings() {
    for (text, want) in [
        ("Acquire::http::Proxy \"http://127.0.0.1:3142\";", Some("http://127.0.0.1:3142")),
        ("  acquire::HTTP::proxy\thttp://h:1/;", Some("http://h:1/")),
        ("// Acquire::http::Proxy \"http://no\";\n#Acquire::http::Proxy \"x\";", None),
        ("Acquire::http::Proxy \"http://a\";\nAcquire::http::Proxy \"http://b\";", Some("http://b")),
        ("Acquire::http::Proxy::a.org \"http://no\";\nAcquire::https::Proxy \"http://no\";", None),
        ("Acquire::http::Proxy \"http://a", Some("http://a")),
        ("Acquire::http::Proxy", None),
        ("Acquire::http::Proxy \"\";", None),
        ("", None),
    ] {
        let mut value = None;
        setting(text.as_bytes(), &mut value);
        assert_eq!(value.as_deref(), want, "{text}");
    }
}

#[test]
fn the_files_of_a_host() {
    let etc = format!("{}/rawstrap-apt-{}", std::env::temp_dir().display(), std::process::id());
    let write = |name: &str, text: &str| {
        let path = format!("{etc}/{name}");
        file::make_dirs(file::parent(path.as_bytes())).unwrap();
        file::replace(&path, text.as_bytes(), 0o644).unwrap();
    };
    assert_eq!(mirrors(&etc), [""; 0]);
    assert_eq!(proxy(&etc), None);
    write("sources.list", "deb http://d.example.org/mirror sid main\n");
    write("sources.list.d/a.list", "deb http://c.example.org/debian sid main\n");
    write("sources.list.d/debian.sources", &format!("URIs: mirror+file:{etc}/m\nSuites: sid\nComponents: main\n"));
    write("sources.list.d/z.list.disabled", "deb http://no.example.org/debian sid main\n");
    write("m", "http://b.example.org/debian\tpriority:1\n\nhttp://c.example.org/debian\n");
    assert_eq!(mirrors(&etc), [
        "http://c.example.org/debian",
        "http://b.example.org/debian",
        "http://d.example.org/mirror",
    ]);
    write("apt.conf.d/10proxy", "Acquire::http::Proxy \"http://127.0.0.1:1\";\n");
    write("apt.conf.d/20off.bak", "Acquire::http::Proxy \"http://127.0.0.1:2\";\n");
    assert_eq!(proxy(&etc).as_deref(), Some("http://127.0.0.1:1"));
    write("apt.conf", "Acquire::http::Proxy \"DIRECT\";\n");
    assert_eq!(proxy(&etc), None);
    file::remove(&etc).unwrap();
}
