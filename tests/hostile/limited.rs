//! The child process with limits, and folders for its input.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The memory that a child may have, in MiB, beside what its input has: address space, as `ulimit -v` counts it.
pub(crate) const ROOM: usize = 1_024;
/// How long a child may work, in seconds of its processor's time: far more than any needs, so that what never ends does.
const SECONDS: usize = 400;

/// What a child printed.
pub(crate) struct Said {
    pub(crate) lines: Vec<String>,
}

impl Said {
    /// The number behind a word that begins a line.
    pub(crate) fn count(&self, word: &str) -> usize {
        let line = self.lines.iter().find_map(|line| line.strip_prefix(word));
        line.and_then(|rest| rest.trim().parse().ok())
            .unwrap_or_else(|| panic!("no {word} in {:?}", self.lines))
    }

    /// Whether a gap has all these words.
    pub(crate) fn gap(&self, words: &[&str]) -> bool {
        let mut gaps = self.lines.iter().filter(|line| line.starts_with("gap "));
        gaps.any(|gap| words.iter().all(|word| gap.contains(word)))
    }
}

/// Audits paths in a child with so many MiB. Panics with what it said where it did not end well.
pub(crate) fn audited_within(room: usize, paths: &[&Path]) -> Said {
    let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    child(room, &paths, &mut |_| {})
}

/// Runs the child with these arguments; `feed` writes its standard input.
pub(crate) fn child(room: usize, arguments: &[&str], feed: &mut dyn FnMut(&mut dyn Write)) -> Said {
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -c 0 && ulimit -v {} && ulimit -t {SECONDS} && exec \"$@\"",
            room * 1_024
        ))
        .args(["sh", env!("CARGO_BIN_EXE_foursee-hostile-child")])
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    feed(&mut input);
    drop(input);
    let out = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(
        out.status.success(),
        "{arguments:?} in {room} MiB: {}: {stderr:.2000}",
        out.status
    );
    let lines = String::from_utf8_lossy(&out.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    Said { lines }
}

/// A folder that goes when this does.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("foursee-hostile-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Audits one document of that name in a child with [`ROOM`] beside what it holds.
pub(crate) fn audited_alone(name: &str, text: &str) -> Said {
    let folder = Folder::new();
    let path = folder.file(name, text);
    audited_within(ROOM + text.len() / (1 << 20) * 16, &[&path])
}

/// A limit is a limit: a child that asks for more than it may have does not end well.
#[test]
fn a_child_is_limited() {
    let folder = Folder::new();
    let path = folder.file("big.json", vec![b' '; 256 << 20]);
    let tried = std::panic::catch_unwind(|| audited_within(128, &[&path]));
    assert!(tried.is_err());
    assert!(audited_within(ROOM, &[&path]).gap(&["big.json"]));
}
