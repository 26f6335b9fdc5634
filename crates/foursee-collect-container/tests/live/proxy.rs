//! A proxy before an engine's socket, that records each call and may refuse it, as an authorization plugin would.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a call.
pub enum Verdict {
    /// The engine answers.
    Pass,
    /// Status and body.
    Answer(u16, String),
    /// The connection is closed in the middle of an answer.
    Cut,
    /// No answer for that long; then the engine's.
    Late(Duration),
}

/// A refusal, as Docker words it.
pub fn deny() -> Verdict {
    let said = r#"{"message":"authorization denied by plugin test: not on the list"}"#;
    Verdict::Answer(403, said.to_owned())
}

pub struct Proxy {
    pub socket: PathBuf,
    calls: Arc<Mutex<Vec<(String, String)>>>,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    /// Before the engine at `unix://...`; asked for each call's method and path without query.
    pub fn before(engine: &str, judge: impl Fn(&str, &str) -> Verdict + Send + Sync + 'static) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let socket = std::env::temp_dir().join(format!("foursee-proxy-{}-{count}", std::process::id()));
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let proxy = Self {
            socket,
            calls: Arc::default(),
            stop: Arc::default(),
        };
        let (calls, stop) = (Arc::clone(&proxy.calls), Arc::clone(&proxy.stop));
        let engine = engine.trim_start_matches("unix://").to_owned();
        let judge = Arc::new(judge);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (calls, engine, judge) = (Arc::clone(&calls), engine.clone(), Arc::clone(&judge));
                std::thread::spawn(move || one(client, &engine, &calls, &*judge));
            }
        });
        proxy
    }

    /// Method and target of each call so far, in order.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.calls.lock().unwrap().clone()
    }

    pub fn target(&self) -> String {
        format!("unix://{}", self.socket.display())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = UnixStream::connect(&self.socket);
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// One connection: one call.
fn one(
    mut client: UnixStream,
    engine: &str,
    calls: &Mutex<Vec<(String, String)>>,
    judge: &dyn Fn(&str, &str) -> Verdict,
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match client.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    calls.lock().unwrap().push((method.clone(), target.clone()));
    match judge(&method, target.split('?').next().unwrap()) {
        Verdict::Pass => {}
        Verdict::Answer(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = client.write_all(head.as_bytes());
            let _ = client.write_all(body.as_bytes());
            return;
        }
        Verdict::Cut => {
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"Id\":");
            return;
        }
        Verdict::Late(late) => std::thread::sleep(late),
    }
    let mut server = UnixStream::connect(engine).unwrap();
    let asked = format!("{line}\r\nConnection: close\r\n{rest}");
    server.write_all(asked.as_bytes()).unwrap();
    let _ = std::io::copy(&mut server, &mut client);
}
