use super::*;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

/// A home with a docker command's files, removed at the end.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("foursee-target-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.0.join(".docker").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What is found with these variables and these sockets.
    fn find(&self, target: Option<&str>, set: &[(&str, &str)], sockets: &[&str]) -> Result<Found, String> {
        let home = self.0.to_string_lossy().into_owned();
        let variable = |name: &str| {
            let one = set
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned());
            one.or_else(|| (name == "HOME").then(|| home.clone()))
        };
        let exists = |path: &Path| {
            path.starts_with(&self.0) && path.exists() || sockets.iter().any(|one| path == Path::new(one))
        };
        let around = Surroundings {
            variable: &variable,
            exists: &exists,
        };
        around.find(target).map_err(|error| error.to_string())
    }

    fn at(&self, target: Option<&str>, set: &[(&str, &str)], sockets: &[&str]) -> Address {
        self.find(target, set, sockets).unwrap().address
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn socket(path: &str) -> Address {
    Address::Socket(PathBuf::from(path))
}

#[test]
fn targets_are_paths_addresses_and_contexts() {
    let home = Home::new();
    assert_eq!(
        home.at(Some("unix:///run/x.sock"), &[], &[]),
        socket("/run/x.sock")
    );
    assert_eq!(home.at(Some("./engine.sock"), &[], &[]), socket("./engine.sock"));
    assert_eq!(
        home.at(Some("tcp://ci-1:2375"), &[], &[]),
        Address::Clear("ci-1:2375".into())
    );
    assert_eq!(
        home.at(Some("tcp://ci-1"), &[], &[]),
        Address::Clear("ci-1:2375".into())
    );
    let certs = [("DOCKER_CERT_PATH", "/certs")];
    let tls = Address::Tls("ci-1:2376".into(), "/certs".into());
    assert_eq!(home.at(Some("tcp://ci-1:2376"), &certs, &[]), tls);
    assert_eq!(home.at(Some("tcp://ci-1"), &certs, &[]), tls);
    let verify = [("DOCKER_TLS_VERIFY", "1")];
    assert_eq!(
        home.at(Some("tcp://[::1]:2376"), &verify, &[]),
        Address::Tls("[::1]:2376".into(), home.0.join(".docker"))
    );
    assert!(
        home.find(Some("ssh://ci-1"), &[], &[])
            .unwrap_err()
            .contains("forwarded socket")
    );
    assert!(home.find(Some("ftp://ci-1"), &[], &[]).is_err());
    assert!(home.find(Some("tcp://ci-1/../x"), &[], &[]).is_err());
    assert!(
        home.find(Some("nosuch"), &[], &[])
            .unwrap_err()
            .contains("docker context ls")
    );
}

#[test]
fn a_password_in_an_address_is_in_no_message() {
    let home = Home::new();
    for target in [
        "tcp://u:planted-secret@ci-1:2375",
        "ssh://u:planted-secret@ci-1",
        "x://u:planted-secret@ci-1",
    ] {
        let said = match home.find(Some(target), &[], &[]) {
            Ok(found) => found.address.to_string(),
            Err(error) => error,
        };
        assert!(
            said.contains("ci-1") && !said.contains("planted-secret"),
            "{said}"
        );
    }
}

#[test]
fn without_a_target_it_is_the_docker_commands_engine_and_then_podmans() {
    let home = Home::new();
    let runtime = ("XDG_RUNTIME_DIR", "/run/user/7");
    let all = [
        "/var/run/docker.sock",
        "/run/user/7/docker.sock",
        "/run/user/7/podman/podman.sock",
        "/run/podman/podman.sock",
    ];
    for from in 0..all.len() {
        assert_eq!(home.at(None, &[runtime], &all[from..]), socket(all[from]));
    }
    assert_eq!(home.at(None, &[], &[]), socket("/var/run/docker.sock"));
    let podman = ("CONTAINER_HOST", "unix:///run/p.sock");
    assert_eq!(home.at(None, &[podman], &all), socket("/run/p.sock"));
    let docker = ("DOCKER_HOST", "unix:///run/d.sock");
    assert_eq!(home.at(None, &[podman, docker], &all), socket("/run/d.sock"));
}

#[test]
fn contexts_are_found_by_name_with_their_certificates() {
    let home = Home::new();
    let meta = r#"{"Name":"prod","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://prod:2376","SkipTLSVerify":false}}}"#;
    home.file("contexts/meta/0a1b/meta.json", meta);
    home.file(
        "contexts/meta/0c1d/meta.json",
        r#"{"Name":"empty","Endpoints":{}}"#,
    );
    home.file("contexts/meta/0e1f/meta.json", "no JSON");
    assert_eq!(
        home.at(Some("prod"), &[], &[]),
        Address::Clear("prod:2376".into())
    );
    home.file("contexts/tls/0a1b/docker/ca.pem", "");
    let tls = Address::Tls(
        "prod:2376".into(),
        home.0.join(".docker/contexts/tls/0a1b/docker"),
    );
    assert_eq!(home.at(Some("prod"), &[], &[]), tls);
    assert!(
        home.find(Some("empty"), &[], &[])
            .unwrap_err()
            .contains("names no engine")
    );
    assert_eq!(home.at(None, &[("DOCKER_CONTEXT", "prod")], &[]), tls);
    home.file("config.json", r#"{"auths":{},"currentContext":"prod"}"#);
    assert_eq!(home.at(None, &[], &["/var/run/docker.sock"]), tls);
    assert_eq!(
        home.at(None, &[("DOCKER_CONTEXT", "default")], &[]),
        socket("/var/run/docker.sock")
    );
    let elsewhere = home.0.join("none").to_string_lossy().into_owned();
    assert_eq!(
        home.at(None, &[("DOCKER_CONFIG", &elsewhere)], &[]),
        socket("/var/run/docker.sock")
    );
}

#[test]
fn daemon_json_is_the_sockets() {
    let home = Home::new();
    let of = |target: &str| {
        let set = [("XDG_RUNTIME_DIR", "/run/user/7"), ("XDG_CONFIG_HOME", "/conf")];
        home.find(Some(target), &set, &[]).unwrap().configuration
    };
    assert_eq!(of("/var/run/docker.sock"), Some("/etc/docker/daemon.json".into()));
    assert_eq!(
        of("/run/user/7/docker.sock"),
        Some("/conf/docker/daemon.json".into())
    );
    assert_eq!((of("/srv/other.sock"), of("tcp://ci-1:2375")), (None, None));
}

#[test]
fn missing_certificates_are_named() {
    let address = Address::Tls("ci-1:2376".into(), "/nonexistent/certs".into());
    let said = address.connect(Duration::from_secs(1)).unwrap_err().to_string();
    assert!(
        said.starts_with("tcp://ci-1:2376: /nonexistent/certs/ca.pem: "),
        "{said}"
    );
    let gone = Address::Socket("/nonexistent/engine.sock".into());
    let said = gone.connect(Duration::from_secs(1)).unwrap_err().to_string();
    assert_eq!(
        said,
        "unix:///nonexistent/engine.sock: cannot connect: there is no such socket"
    );
}
