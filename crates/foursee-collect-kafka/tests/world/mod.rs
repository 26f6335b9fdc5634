//! A broker with topics, ACLs and groups, what is collected from it, and audits of both.

use foursee_capture::manifest::{Listed, Manifest, NAME, NotCollected, VERSION};
use foursee_capture::{CollectError, Collected, Collector, Permission, Sink, SinkError, Step, Terms};
use foursee_collect_kafka::{Cluster, PERMISSIONS};
use foursee_servers::Server;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

const LINES: &str = "topic\torders\t3
topic\torders-pii\t1
topic\tpayments.in\t1
acl\tTOPIC\tLITERAL\torders\tUser:alice\t*\tREAD\tALLOW
acl\tTOPIC\tLITERAL\torders\tUser:alice\t*\tWRITE\tALLOW
acl\tGROUP\tPREFIXED\tapp.\tUser:alice\t*\tREAD\tALLOW
acl\tTOPIC\tPREFIXED\torders\tUser:bob\t*\tREAD\tALLOW
acl\tTOPIC\tLITERAL\torders-pii\tUser:bob\t*\tREAD\tDENY
acl\tTOPIC\tLITERAL\tgone\tUser:bob\t*\tWRITE\tALLOW
acl\tGROUP\tLITERAL\tghost\tUser:bob\t*\tREAD\tALLOW
acl\tCLUSTER\tLITERAL\tkafka-cluster\tUser:ci\t*\tALTER\tALLOW
offset\tapp.idle\tpayments.in\t0\t7
offset\ttwo words\torders\t1\t3
";

/// One broker, and one client that stays in its group.
pub struct World {
    pub server: Server,
    stop: Arc<AtomicBool>,
    member: Option<std::thread::JoinHandle<()>>,
}

impl World {
    /// A broker of its own, for a test that changes it.
    pub fn start(version: &'static str) -> Self {
        let server = Server::start("kafka", &[version]).unwrap_or_else(|error| panic!("{error}"));
        let mut world = Self {
            server,
            stop: Arc::default(),
            member: None,
        };
        world.prepare(LINES);
        for permission in PERMISSIONS {
            world.permit(permission, "--add");
        }
        world.join();
        // Decisions lag behind ACLs: wait until the reader sees all there is.
        world.until_whole(&world.cluster("reader"));
        world
    }

    /// Waits until a reader sees all there is: four topics and three groups.
    pub fn until_whole(&self, reader: &Cluster) {
        let count =
            |memory: &Memory, file: &str, part: &str| memory.json(file)[part].as_array().unwrap().len();
        self.until(reader, |memory| {
            count(memory, "kafka/topics.json", "topics") == 4
                && count(memory, "kafka/groups.json", "groups") == 3
        });
    }

    /// One that tests only read; the last one to let go stops it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<World>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let world = Arc::new(Self::start("4"));
            *shared = Arc::downgrade(&world);
            world
        })
    }

    fn tool(&self, name: &str, arguments: &[&str], input: &str) -> String {
        let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/servers/kafka/tool");
        let mut child = Command::new(tool)
            .arg(self.server.folder())
            .arg(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn admin(&self) -> String {
        self.server
            .folder()
            .join("admin.properties")
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Makes topics, ACLs and offsets, or takes ACLs away.
    pub fn prepare(&self, lines: &str) {
        self.tool("prepare", &[self.server.env("SASL"), &self.admin()], lines);
    }

    /// Pastes a permission's command for the user `reader`; with `--remove` it takes it away again.
    pub fn permit(&self, permission: &Permission, what: &str) {
        let line = permission.grant.replace("HOST:PORT", self.server.env("SASL"));
        let line = line.replace("User:AUDITOR", "User:reader").replace("--add", what);
        let mut words: Vec<&str> = line
            .split_whitespace()
            .map(|word| word.trim_matches('\''))
            .collect();
        assert_eq!(words.remove(0), "kafka-acls");
        let admin = self.admin();
        words.extend(["--command-config", &admin]);
        if what == "--remove" {
            words.push("--force");
        }
        self.tool("acls", &words, "");
    }

    /// `kafka-acls --list`, by the administrator.
    pub fn acls(&self) -> String {
        let admin = self.admin();
        self.tool(
            "acls",
            &[
                "--bootstrap-server",
                self.server.env("SASL"),
                "--command-config",
                &admin,
                "--list",
            ],
            "",
        )
    }

    /// What a person exports by hand: cluster id, topics and groups, as the tools print them.
    pub fn export(&self) -> Vec<(&'static str, String)> {
        let (server, admin) = (self.server.env("SASL"), self.admin());
        let at = ["--bootstrap-server", server, "--command-config", &admin];
        vec![
            (
                "cluster-id.txt",
                self.tool(
                    "cluster",
                    &["cluster-id", "--bootstrap-server", server, "--config", &admin],
                    "",
                ),
            ),
            (
                "topics.txt",
                self.tool("topics", &[&at[..], &["--describe"]].concat(), ""),
            ),
            (
                "groups.txt",
                self.tool(
                    "groups",
                    &[&at[..], &["--describe", "--all-groups", "--timeout", "120000"]].concat(),
                    "",
                ),
            ),
        ]
    }

    /// The broker's settings, without its secrets.
    fn settings(&self) -> String {
        std::fs::read_to_string(self.server.folder().join("server.properties")).unwrap()
    }

    /// The collector by one of the users, with its client configuration.
    pub fn cluster(&self, user: &str) -> Cluster {
        let text = std::fs::read_to_string(self.server.folder().join(format!("{user}.properties")));
        let text = text.unwrap_or_default();
        login(
            self,
            user,
            &format!("bootstrap.servers={}\n{text}", self.server.env("SASL")),
        )
    }

    /// A client that consumes `orders` in the group `app.active`, until the world ends.
    fn join(&mut self) {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.server.env("SASL"))
            .set("security.protocol", "sasl_plaintext")
            .set("sasl.mechanism", "PLAIN")
            .set("sasl.username", "alice")
            .set("sasl.password", "alice-pw")
            .set("client.id", "test-app")
            .set("group.id", "app.active")
            .create()
            .unwrap();
        consumer.subscribe(&["orders"]).unwrap();
        let joined = Arc::new(AtomicBool::new(false));
        let (stop, tell) = (self.stop.clone(), joined.clone());
        self.member = Some(std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let _ = consumer.poll(Duration::from_millis(50));
                if consumer.assignment().is_ok_and(|all| all.count() == 3) {
                    tell.store(true, Ordering::Relaxed);
                }
            }
        }));
        let began = Instant::now();
        while !joined.load(Ordering::Relaxed) {
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "the client does not get into its group"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Collects until a change shows.
    pub fn until(&self, cluster: &Cluster, shows: impl Fn(&Memory) -> bool) -> Memory {
        let began = Instant::now();
        loop {
            let memory = collect(cluster);
            if shows(&memory) {
                return memory;
            }
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "it does not show: {:?}",
                memory.documents()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(member) = self.member.take() {
            let _ = member.join();
        }
    }
}

/// The collector by a properties file of this text.
pub fn login(world: &World, name: &str, text: &str) -> Cluster {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let file = world
        .server
        .folder()
        .join(format!("collect-{count}-{name}.properties"));
    std::fs::write(&file, text).unwrap();
    Cluster::new(Some(file.to_str().unwrap())).unwrap()
}

/// A sink that keeps everything.
#[derive(Default)]
pub struct Memory {
    documents: Mutex<Vec<Collected>>,
    gaps: Mutex<Vec<NotCollected>>,
}

impl Memory {
    pub fn documents(&self) -> Vec<Collected> {
        self.documents.lock().unwrap().clone()
    }

    pub fn gaps(&self) -> Vec<NotCollected> {
        self.gaps.lock().unwrap().clone()
    }

    pub fn json(&self, file: &str) -> serde_json::Value {
        let all = self.documents();
        let found = all
            .iter()
            .find(|one| one.file == file)
            .unwrap_or_else(|| panic!("{file}"));
        serde_json::from_str(&found.text).unwrap()
    }
}

impl Sink for Memory {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        self.documents.lock().unwrap().push(document);
        Ok(())
    }

    fn gap(&self, gap: NotCollected) {
        self.gaps.lock().unwrap().push(gap);
    }

    fn step(&self, _step: Step) {}
}

/// Runs a collector to its end.
pub fn run(cluster: &Cluster, terms: &Terms) -> (Memory, Result<(), CollectError>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let memory = Memory::default();
    let ended = runtime.block_on(cluster.collect(&memory, terms));
    (memory, ended)
}

/// What a collector reads, which must work.
pub fn collect(cluster: &Cluster) -> Memory {
    let (memory, ended) = run(cluster, &Terms::default());
    ended.unwrap_or_else(|error| panic!("{error}"));
    memory
}

/// An audit of a capture, or of exports, each with the ACLs and the settings beside.
pub fn audit(
    world: &World,
    capture: Option<&Memory>,
    exports: &[(&str, String)],
) -> foursee::core::report::Report {
    let folder = folder(world);
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("acls.txt", &world.acls());
    write("server.properties", &world.settings());
    for (name, text) in exports {
        write(name, text);
    }
    if let Some(memory) = capture {
        let mut manifest = Manifest::default();
        manifest.foursee_capture = VERSION;
        manifest.complete = Some(true);
        manifest.gaps = memory.gaps();
        for document in memory.documents() {
            write(&document.file, &document.text);
            let mut listed = Listed::default();
            listed.file = document.file;
            listed.layer = "kafka".to_owned();
            listed.kind = document.kind;
            listed.scope = document.scope;
            manifest.documents.push(listed);
        }
        write(NAME, &serde_json::to_string(&manifest).unwrap());
    }
    foursee::Audit::new().add(&folder).unwrap().run().unwrap()
}

fn folder(world: &World) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = world.server.folder().join(format!("audit-{count}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
