//! The real servers that tests talk to: each from a folder here with three scripts.
//!
//! | script | does |
//! | --- | --- |
//! | `NAME/install` | installs what the server needs; may be run again at no cost |
//! | `NAME/up FOLDER [ARGUMENT...]` | starts it on free loopback ports with all its files in FOLDER, and writes `FOLDER/env`: `KEY=VALUE` a line |
//! | `NAME/down FOLDER` | stops it by the process ids that it wrote |
//!
//! A server that cannot start fails the test and says what is missing: no test passes by skipping. Servers that tests
//! only read are shared by those that run at one time ([`Server::shared`]).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// A running server. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    folder: PathBuf,
    env: BTreeMap<String, String>,
}

/// Why a server does not run.
#[derive(Debug)]
pub struct NotStarted {
    name: &'static str,
    why: String,
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{0} does not start (tests/servers/{0}/install installs what it needs): {1}",
            self.name, self.why
        )
    }
}

impl std::error::Error for NotStarted {}

impl Server {
    /// Starts a server by the name of its folder here.
    ///
    /// # Errors
    ///
    /// [`NotStarted`] with what its script printed.
    pub fn start(name: &'static str, arguments: &[&str]) -> Result<Self, NotStarted> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("foursee-{name}-{}-{count}", std::process::id()));
        let not = |why: String| NotStarted { name, why };
        std::fs::create_dir_all(&folder).map_err(|error| not(format!("{}: {error}", folder.display())))?;
        let mut server = Self {
            name,
            folder,
            env: BTreeMap::new(),
        };
        let output = Command::new(script(name, "up"))
            .arg(&server.folder)
            .args(arguments)
            .output()
            .map_err(|error| not(error.to_string()))?;
        if !output.status.success() {
            return Err(not(format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )));
        }
        let env = server.folder.join("env");
        let text =
            std::fs::read_to_string(&env).map_err(|error| not(format!("{}: {error}", env.display())))?;
        server.env = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Ok(server)
    }

    /// One server for all tests of this process that hold it; the last one to let go stops it. (What a static holds
    /// would never be stopped.)
    ///
    /// # Errors
    ///
    /// [`NotStarted`] as [`start`](Self::start).
    pub fn shared(name: &'static str, arguments: &[&str]) -> Result<Arc<Self>, NotStarted> {
        static RUNNING: Mutex<BTreeMap<String, Weak<Server>>> = Mutex::new(BTreeMap::new());
        let key = format!("{name} {}", arguments.join(" "));
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.get(&key).and_then(Weak::upgrade) {
            return Ok(server);
        }
        let server = Arc::new(Self::start(name, arguments)?);
        running.insert(key, Arc::downgrade(&server));
        Ok(server)
    }

    /// What its `env` says of a key, or "".
    #[must_use]
    pub fn env(&self, key: &str) -> &str {
        self.env.get(key).map_or("", String::as_str)
    }

    /// Where `NAME/install` puts what it installs: programs that tests run without a server.
    #[must_use]
    pub fn installed(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/servers")
            .join(name)
    }

    /// Its folder: room for a test's own files too.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = Command::new(script(self.name, "down")).arg(&self.folder).output();
        if !stopped.is_ok_and(|output| output.status.success()) {
            eprintln!("{} in {} did not stop", self.name, self.folder.display());
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn script(name: &str, what: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join(what)
}
