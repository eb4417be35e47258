//! A small HTTP server on 127.0.0.1 that can be told to misbehave.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The file, or the range that was asked for.
    Good,
    /// All of the file, whatever range was asked for.
    Whole,
    /// As good, but the connection ends after so many bytes.
    Cut(usize),
    /// As good, but after so many bytes nothing comes for a long time.
    Stall(usize),
    /// As good, but only after so many milliseconds.
    Late(u64),
    /// An error.
    Status(u16),
}

#[derive(Default)]
struct State {
    files: HashMap<String, (Vec<u8>, Vec<Answer>)>,
    requests: Vec<String>,
    open: usize,
    most: usize,
}

/// The server; it ends with the test.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub fn new() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || {
                    let _ = serve(stream, &state);
                });
            }
        });
        Server { url, state }
    }

    /// Offers a file; each answer serves one request, the last one all that follow.
    pub fn offer(&self, path: &str, bytes: &[u8], answers: &[Answer]) {
        let file = (bytes.to_vec(), answers.iter().rev().copied().collect());
        self.state.lock().unwrap().files.insert(path.into(), file);
    }

    /// The requests since the last call: the path, and the range if one was asked for.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// How many were served at one time.
    pub fn most(&self) -> usize {
        self.state.lock().unwrap().most
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let path = lines.next().unwrap_or(Ok(String::new()))?.split(' ').nth(1).unwrap_or_default().to_string();
    let mut from = 0;
    let mut request = path.clone();
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
            request = format!("{path} from {from}");
        }
    }
    let (bytes, answer) = {
        let mut state = state.lock().unwrap();
        state.requests.push(request);
        state.open += 1;
        state.most = state.most.max(state.open);
        match state.files.get_mut(&path) {
            None => (Vec::new(), Answer::Status(404)),
            Some((bytes, answers)) => {
                let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0] };
                (bytes.clone(), answer)
            }
        }
    };
    let result = reply(&mut stream, &bytes, from, answer);
    state.lock().unwrap().open -= 1;
    result
}

fn reply(stream: &mut TcpStream, bytes: &[u8], mut from: usize, answer: Answer) -> std::io::Result<()> {
    let mut status = if from > 0 { "206 Partial Content" } else { "200 OK" }.to_string();
    match answer {
        Answer::Whole => (from, status) = (0, "200 OK".into()),
        Answer::Status(code) => {
            return write!(stream, "HTTP/1.1 {code} As Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        Answer::Late(ms) => std::thread::sleep(Duration::from_millis(ms)),
        _ => {}
    }
    if from > bytes.len() {
        return write!(stream, "HTTP/1.1 416 Beyond The End\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let (body, all) = (&bytes[from..], bytes.len());
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len())?;
    if from > 0 {
        write!(stream, "Content-Range: bytes {from}-{}/{all}\r\n", all - 1)?;
    }
    write!(stream, "\r\n")?;
    match answer {
        Answer::Cut(n) => stream.write_all(&body[..n.min(body.len())]),
        Answer::Stall(n) => {
            stream.write_all(&body[..n.min(body.len())])?;
            stream.flush()?;
            std::thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        _ => stream.write_all(body),
    }
}
