//! `foursee capture` and `foursee permissions`: exit codes, what goes to which stream, a real Ctrl-C. In a build without
//! live platforms: that they say how to get one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Output};

fn foursee(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foursee"));
    command.args(args).env_remove("DOCKER_HOST").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[cfg(not(feature = "collect"))]
#[test]
fn a_build_without_live_platforms_says_how_to_get_one() {
    for command in ["capture", "permissions"] {
        let ran = foursee(&[command, "container"]);
        assert_eq!(ran.status.code(), Some(2));
        assert!(
            text(&ran.stderr).contains("--features live"),
            "{}",
            text(&ran.stderr)
        );
    }
}

#[cfg(feature = "live")]
mod live {
    use super::{foursee, text};
    use foursee_servers::Server;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    /// A folder of its own, gone with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("foursee-capture-{}-{number}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn path(&self, name: &str) -> String {
            self.0.join(name).to_str().unwrap().to_owned()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn manifest(capture: &str) -> serde_json::Value {
        let text = std::fs::read_to_string(Path::new(capture).join("foursee-capture.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn engine() -> Server {
        Server::start("container", &["estate"]).unwrap()
    }

    #[test]
    fn an_engine_is_captured_and_audited_and_a_target_that_is_not_there_ends_with_3() {
        let (server, folder) = (engine(), Folder::new());
        let out = folder.path("all");
        let ran = foursee(&[
            "capture",
            "container",
            server.env("HOST"),
            "--out",
            &out,
            "--deadline",
            "60",
        ]);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{said}");
        assert_eq!(text(&ran.stdout), format!("{out}\n"));
        // daemon.json of an engine at such a socket is not known: a gap, and what closes it.
        assert!(
            said.contains("4 documents, ") && said.contains("closes  put a copy of"),
            "{said}"
        );
        assert_eq!(manifest(&out)["complete"], true);
        let kept = Command::new("grep")
            .args(["-r", "planted-secret", &out])
            .output()
            .unwrap();
        assert_eq!(text(&kept.stdout), "", "no planted secret is kept");
        let audited = foursee(&["audit", &out, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&audited.stdout).unwrap();
        let rules: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        assert!(
            rules.contains(&"container-privileged") && rules.contains(&"container-env-secret"),
            "{rules:?}"
        );
        assert_eq!(report["scopes"][0]["name"], server.env("ID"));

        let some = folder.path("some.tar.zst");
        let ran = foursee(&[
            "capture",
            "container",
            "/nonexistent/engine.sock",
            server.env("HOST"),
            "-o",
            &some,
        ]);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(3), "{said}");
        assert!(
            said.contains("unix:///nonexistent/engine.sock: cannot connect"),
            "{said}"
        );
        let audited = foursee(&["audit", &some, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&audited.stdout).unwrap();
        assert!(report["findings"].as_array().unwrap().len() > 10);
        assert!(report["gaps"].to_string().contains("/nonexistent/engine.sock"));
    }

    /// Captures one target, and gives what the capture's audit says. No secret is in the folder.
    fn captured_and_audited(folder: &Folder, layer: &str, target: &str, secret: &str) -> serde_json::Value {
        let out = folder.path(layer);
        let ran = foursee(&["capture", layer, target, "--out", &out, "--deadline", "120"]);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{said}");
        assert_eq!(text(&ran.stdout), format!("{out}\n"));
        assert!(!said.contains(secret), "{said}");
        let manifest = manifest(&out);
        assert_eq!(manifest.pointer("/complete"), Some(&true.into()), "{manifest}");
        let kept = Command::new("grep").args(["-r", secret, &out]).output().unwrap();
        assert_eq!(text(&kept.stdout), "", "no secret is kept");
        let audited = foursee(&["audit", &out, "--format", "json"]);
        assert_eq!(audited.status.code(), Some(0), "{}", text(&audited.stderr));
        serde_json::from_slice(&audited.stdout).unwrap()
    }

    #[test]
    fn a_database_cluster_is_captured_and_audited() {
        let (server, folder) = (Server::start("postgres", &["18"]).unwrap(), Folder::new());
        let target = format!(
            "host=127.0.0.1 port={} user=postgres password='{}' sslmode=verify-full sslrootcert='{}'",
            server.env("PORT"),
            server.env("PASSWORD"),
            server.env("CA")
        );
        let report = captured_and_audited(&folder, "postgres", &target, server.env("PASSWORD"));
        let rules: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["rule"].as_str().unwrap())
            .collect();
        assert_eq!(rules, ["postgres-superuser-login"], "{rules:?}");
        let role = "role postgres is SUPERUSER LOGIN";
        assert!(report["findings"].to_string().contains(role));
    }

    #[test]
    fn a_broker_is_captured_and_audited() {
        let (server, folder) = (Server::start("kafka", &["4"]).unwrap(), Folder::new());
        let login = std::fs::read_to_string(server.folder().join("admin.properties")).unwrap();
        let client = folder.path("client.properties");
        std::fs::write(
            &client,
            format!("bootstrap.servers={}\n{login}", server.env("SASL")),
        )
        .unwrap();
        let report = captured_and_audited(&folder, "kafka", &client, "admin-pw");
        assert_eq!(report["scopes"][0]["name"], server.env("CLUSTER_ID"));
        assert_eq!(report["scopes"][0]["layer"], "kafka");
        // What only an export has.
        assert!(
            report["gaps"].to_string().contains("kafka-acls"),
            "{}",
            report["gaps"]
        );
    }

    /// An engine that says who it is, and nothing else: it lets calls wait.
    fn slow(folder: &Folder) -> (String, mpsc::Receiver<String>) {
        let socket = folder.path("slow.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let (asked, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut waiting = Vec::new();
            for mut client in listener.incoming().flatten() {
                let mut head = [0; 4096];
                let length = client.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(head.get(..length).unwrap_or_default()).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                if path == "/info" {
                    let body = r#"{"ID":"SLOW","Name":"slow","ServerVersion":"28.0.1","DockerRootDir":"/var/lib/docker","SecurityOptions":[]}"#;
                    let length = body.len();
                    let _ = write!(
                        client,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
                    );
                } else {
                    waiting.push(client);
                }
                let _ = asked.send(path);
            }
        });
        (socket, heard)
    }

    #[test]
    fn control_c_leaves_a_capture_marked_incomplete_with_what_was_read() {
        let folder = Folder::new();
        let (socket, heard) = slow(&folder);
        let out = folder.path("part");
        let mut command = Command::new(env!("CARGO_BIN_EXE_foursee"));
        let child = command
            .args(["capture", "container", &socket, "--out", &out])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while heard.recv_timeout(Duration::from_secs(60)).unwrap() == "/info" {}
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        let ran = child.wait_with_output().unwrap();
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(3), "{said}");
        assert!(
            said.contains("interrupted") && said.contains("incomplete"),
            "{said}"
        );
        let manifest = manifest(&out);
        assert_eq!(manifest["complete"], false);
        let documents = manifest["documents"].as_array().unwrap();
        assert_eq!(documents.len(), 1, "{manifest}");
        let audited = foursee(&["audit", &out, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&audited.stdout).unwrap();
        assert_eq!(report["scopes"][0]["name"], "SLOW");
        assert!(report["gaps"].to_string().contains("interrupted"));
    }

    #[test]
    fn a_deadline_ends_what_hangs_and_says_what_was_not_read() {
        let folder = Folder::new();
        let (socket, _heard) = slow(&folder);
        let out = folder.path("late");
        let ran = foursee(&[
            "capture",
            "container",
            &socket,
            "--out",
            &out,
            "--deadline",
            "1",
            "--concurrency",
            "2",
        ]);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{said}");
        assert!(
            said.contains("the deadline came before it was read") && said.contains("longer deadline"),
            "{said}"
        );
    }

    #[test]
    fn mistakes_end_with_2_before_any_work() {
        let folder = Folder::new();
        let out = folder.path("nothing");
        for args in [
            vec!["capture", "mainframe", "--out", &out],
            vec!["capture", "container", "ssh://ci-1", "--out", &out],
            vec!["capture", "container", "nosuchcontext", "--out", &out],
            vec!["capture", "container", "--deadline", "0", "--out", &out],
            vec!["capture", "container", "--concurrency", "0", "--out", &out],
            vec!["permissions", "mainframe"],
        ] {
            let ran = foursee(&args);
            assert_eq!(ran.status.code(), Some(2), "{args:?}: {}", text(&ran.stderr));
            assert!(!Path::new(&out).exists(), "{args:?}");
        }
        std::fs::create_dir(&out).unwrap();
        std::fs::write(Path::new(&out).join("holiday.jpg"), "").unwrap();
        let ran = foursee(&["capture", "container", "/nonexistent/engine.sock", "--out", &out]);
        assert_eq!(ran.status.code(), Some(2), "{}", text(&ran.stderr));
    }

    #[test]
    fn every_layer_prints_its_permissions() {
        for (layer, name) in [
            ("container", "GET /info"),
            ("kafka", "Describe"),
            ("postgres", "CONNECT"),
        ] {
            let json = text(&foursee(&["permissions", layer, "--json"]).stdout);
            assert!(json.contains(name), "{layer}: {json}");
        }
    }

    #[test]
    fn permissions_are_printed_with_what_to_paste() {
        let ran = foursee(&["permissions", "container"]);
        let table = text(&ran.stdout);
        assert_eq!(ran.status.code(), Some(0));
        for words in [
            "GET /containers/{id}/json",
            "without ",
            "To grant just that:",
            "-allowGET='",
        ] {
            assert!(table.contains(words), "{words}: {table}");
        }
        let grant = text(&foursee(&["permissions", "container", "--grant"]).stdout);
        assert!(table.ends_with(&grant) && !grant.contains("without"));
        let json = foursee(&["permissions", "container", "--json"]);
        let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(json["permissions"][0]["name"], "GET /info");
        assert_eq!(json["grant"].as_str(), Some(grant.as_str()));
    }
}
