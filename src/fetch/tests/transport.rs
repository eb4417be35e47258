//! What the programs say at their end, and what it is taken for.

use super::*;

/// curl 7.88, GNU wget 1.21 and busybox 1.35, as they speak.
#[test]
fn ends_and_last_words() {
    for (curl, code, said, next, text) in [
        (true, 22, "curl: (22) The requested URL returned error: 404\n", Next::Other, "(22) The requested URL returned error: 404"),
        (true, 22, "curl: (22) The requested URL returned error: 503", Next::Again, "(22) The requested URL returned error: 503"),
        (true, 22, "curl: (22) The requested URL returned error: 416", Next::Restart, "(22) The requested URL returned error: 416"),
        (true, 33, "curl: (33) HTTP server doesn't seem to support byte ranges. Cannot resume.\n", Next::Restart,
            "(33) HTTP server doesn't seem to support byte ranges. Cannot resume."),
        (true, 18, "curl: (18) transfer closed with 97400 bytes remaining to read", Next::Again,
            "(18) transfer closed with 97400 bytes remaining to read"),
        (true, 7, "curl: (7) Failed to connect to 127.0.0.1 port 404 after 0 ms: Couldn't connect to server", Next::Other,
            "(7) Failed to connect to 127.0.0.1 port 404 after 0 ms: Couldn't connect to server"),
        (true, 6, "curl: (6) Could not resolve host: a.invalid", Next::Other, "(6) Could not resolve host: a.invalid"),
        (true, 28, "", Next::Again, "no reason given"),
        (true, 23, "curl: (23) Failure writing output to destination", Next::Stop, "(23) Failure writing output to destination"),
        (true, 3, "curl: (3) URL using bad/illegal format or missing URL", Next::Other, "(3) URL using bad/illegal format or missing URL"),
        (false, 8, "http://h/x:\n2026-01-01 00:00:00 ERROR 404: Not Found.\n\n", Next::Other, "2026-01-01 00:00:00 ERROR 404: Not Found."),
        (false, 8, "2026-01-01 00:00:00 ERROR 503: Service Unavailable.", Next::Again, "2026-01-01 00:00:00 ERROR 503: Service Unavailable."),
        (false, 4, "", Next::Again, "the connection broke"),
        (false, 4, "failed: Connection refused.", Next::Other, "failed: Connection refused."),
        (false, 4, "wget: unable to resolve host address 'a.invalid'", Next::Other, "unable to resolve host address 'a.invalid'"),
        (false, 3, "Cannot write to 'x' (No space left on device).", Next::Stop, "Cannot write to 'x' (No space left on device)."),
        (false, 5, "", Next::Other, "no reason given"),
        (false, 1, "wget: server returned error: HTTP/1.1 404 Not Found", Next::Other, "server returned error: HTTP/1.1 404 Not Found"),
        (false, 1, "wget: bad address 'a.invalid'", Next::Other, "bad address 'a.invalid'"),
        (false, 1, "wget: write error: No space left on device", Next::Stop, "write error: No space left on device"),
        (false, 1, "wget: connection closed prematurely", Next::Again, "connection closed prematurely"),
    ] {
        let name = if curl { "curl" } else { "wget" };
        let text = crate::text!("@ ended with status @: @", name, code, text);
        assert_eq!(judge(curl, End::Exit(code), said), Err(Failure { text, next }));
    }
    assert_eq!(judge(true, End::Exit(0), "anything"), Ok(()));
    let killed = Failure { text: "curl was killed by SIGXFSZ", next: Next::Other };
    assert_eq!(judge(true, End::Signal(25), ""), Err(killed));
}

/// The proxy is asked for the URL, unless the environment has another one.
#[test]
fn a_proxy_is_passed_on() {
    use std::io::{BufRead, BufReader, Write};
    let path = format!("{}/rawstrap-proxy-{}", std::env::temp_dir().display(), std::process::id());
    for name in ["curl", "wget"] {
        let Some(file) = host::find(&[b"PATH=/usr/bin:/bin"], name) else { continue };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            lines.find(|line| line.as_ref().unwrap().is_empty());
            stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
            first
        });
        let tool = Tool { file, curl: name == "curl", patience: PATIENCE };
        assert_eq!(tool.fetch("http://example.org/x", path.as_bytes(), &[], Some(&proxy)), Ok(Ok(())));
        assert!(asked.join().unwrap().starts_with("GET http://example.org/x "));
        assert_eq!(crate::file::read(&path).unwrap(), b"ok");
        crate::file::remove(&path).unwrap();
        let env: [&[u8]; 1] = [b"http_proxy=http://127.0.0.1:1"];
        let refused = tool.fetch("http://example.org/x", path.as_bytes(), &env, Some(&proxy)).unwrap().unwrap_err();
        assert_eq!(refused.next, Next::Other);
        crate::file::remove(&path).unwrap();
    }
}

#[test]
fn a_silent_server_is_given_up() {
    use std::io::Write;
    let path = format!("{}/rawstrap-silent-{}", std::env::temp_dir().display(), std::process::id());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // Kept, so that none is closed. The first and the third get more than a buffer's worth.
        let mut streams: Vec<std::net::TcpStream> = Vec::new();
        for stream in listener.incoming() {
            streams.push(stream.unwrap());
            if streams.len() % 2 == 1 {
                let text = format!("HTTP/1.0 200 OK\r\nContent-Length: 99999\r\n\r\n{:40000}", "");
                streams.last().unwrap().write_all(text.as_bytes()).unwrap();
            }
        }
    });
    for name in ["curl", "wget"] {
        let Some(file) = host::find(&[b"PATH=/usr/bin:/bin"], name) else { continue };
        let tool = Tool { file, curl: name == "curl", patience: 1000 };
        for next in [Next::Again, Next::Other] {
            let failure = Failure { text: "nothing came for 1 seconds".into(), next };
            assert_eq!(tool.fetch(&url, path.as_bytes(), &[], None), Ok(Err(failure)));
        }
        crate::file::remove(&path).unwrap();
    }
}
