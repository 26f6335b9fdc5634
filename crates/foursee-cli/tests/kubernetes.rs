//! `foursee permissions`, `capture` and `verify` of Kubernetes, against a real API server.

#![cfg(feature = "live-kubernetes")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use foursee_servers::Server;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn foursee(kubeconfig: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foursee"));
    command.args(args).env("KUBECONFIG", kubeconfig).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn apply(server: &Server, objects: &str) {
    let mut child = Command::new(server.env("KUBECTL"))
        .args(["--kubeconfig", server.env("KUBECONFIG"), "apply", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(objects.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_printed_is_granted_then_a_context_is_captured_audited_and_verified() {
    let server = Server::start("kubernetes", &["reader"]).unwrap();
    let (reader, admin) = (server.env("KUBECONFIG_reader"), server.env("KUBECONFIG"));
    let printed = foursee(reader, &["permissions", "kubernetes", "--grant"]);
    assert_eq!(printed.status.code(), Some(0));
    let binding = "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: foursee}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: foursee}\nsubjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: reader}]\n";
    apply(&server, &format!("{}{binding}", text(&printed.stdout)));

    let folder = Folder(std::env::temp_dir().join(format!("foursee-kubernetes-{}", std::process::id())));
    let out = folder.0.to_str().unwrap();
    // The server hears of the role a moment later; a second run brings the capture up to date.
    let mut said = String::new();
    for _ in 0..50 {
        let ran = foursee(
            reader,
            &["capture", "kubernetes", "test", "--out", out, "--no-progress"],
        );
        assert!(matches!(ran.status.code(), Some(0 | 3)));
        said = text(&ran.stderr);
        if said.contains("26 documents, 1 gap") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    // The gap is that links between secrets stop with this run: there is no key.
    assert!(
        said.contains("26 documents, 1 gap") && said.contains("FOURSEE_LINK_KEY"),
        "{said}"
    );
    let audited = foursee(reader, &["audit", out, "--quiet", "--no-progress"]);
    assert_eq!(audited.status.code(), Some(0), "{}", text(&audited.stderr));

    let verified = foursee(admin, &["verify", "kubernetes", out, "--live", "--sample", "300"]);
    let said = text(&verified.stderr);
    assert_eq!(
        verified.status.code(),
        Some(0),
        "{said}{}",
        text(&verified.stdout)
    );
    assert!(
        said.contains("300 answers") && said.contains(" 0 differ"),
        "{said}"
    );
    let refused = foursee(reader, &["verify", "kubernetes", out, "--live", "--sample", "3"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr).contains("create subjectaccessreviews"),
        "{}",
        text(&refused.stderr)
    );

    let unknown = foursee(
        reader,
        &["capture", "kubernetes", "no-such-context", "--out", out],
    );
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("kubectl config get-contexts"),
        "{}",
        text(&unknown.stderr)
    );
}
