//! An HTTP server that records each call and answers as it is told: as a small cluster would, or otherwise.

use foursee_collect_kubernetes::KubernetesCluster;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One call, as it came.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
}

/// What becomes of a call.
pub enum Verdict {
    /// Answered as the cluster does.
    Pass,
    /// Status, further headers and body.
    Answer(u16, &'static str, String),
    /// The connection is closed in the middle of the answer.
    Cut,
    /// The cluster's answer, so much later.
    Late(Duration),
}

/// A Status, as API servers word a failure.
pub fn status(code: u16, reason: &str, message: &str) -> Verdict {
    let body = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message });
    Verdict::Answer(code, "", body.to_string())
}

/// The listings of a cluster: by path, the list's kind and its objects.
pub type World = BTreeMap<&'static str, (&'static str, Vec<Value>)>;

/// A cluster with nothing in it but its namespaces.
pub fn empty() -> World {
    let kinds = [
        (
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "ClusterRoleList",
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            "ClusterRoleBindingList",
        ),
        ("/apis/rbac.authorization.k8s.io/v1/roles", "RoleList"),
        (
            "/apis/rbac.authorization.k8s.io/v1/rolebindings",
            "RoleBindingList",
        ),
        ("/api/v1/serviceaccounts", "ServiceAccountList"),
        ("/api/v1/pods", "PodList"),
        ("/apis/apps/v1/deployments", "DeploymentList"),
        ("/apis/apps/v1/statefulsets", "StatefulSetList"),
        ("/apis/apps/v1/daemonsets", "DaemonSetList"),
        ("/apis/apps/v1/replicasets", "ReplicaSetList"),
        ("/api/v1/replicationcontrollers", "ReplicationControllerList"),
        ("/apis/batch/v1/jobs", "JobList"),
        ("/apis/batch/v1/cronjobs", "CronJobList"),
        ("/api/v1/nodes", "NodeList"),
        ("/api/v1/secrets", "SecretList"),
        ("/api/v1/services", "ServiceList"),
        ("/apis/networking.k8s.io/v1/ingresses", "IngressList"),
        ("/apis/networking.k8s.io/v1/networkpolicies", "NetworkPolicyList"),
        (
            "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
            "GatewayClassList",
        ),
        ("/apis/gateway.networking.k8s.io/v1/gateways", "GatewayList"),
        (
            "/apis/gateway.networking.k8s.io/v1/listenersets",
            "ListenerSetList",
        ),
        ("/apis/gateway.networking.k8s.io/v1/httproutes", "HTTPRouteList"),
        ("/apis/gateway.networking.k8s.io/v1/grpcroutes", "GRPCRouteList"),
        ("/apis/gateway.networking.k8s.io/v1/tlsroutes", "TLSRouteList"),
        ("/apis/gateway.networking.k8s.io/v1/tcproutes", "TCPRouteList"),
        ("/apis/gateway.networking.k8s.io/v1/udproutes", "UDPRouteList"),
        (
            "/apis/gateway.networking.k8s.io/v1/referencegrants",
            "ReferenceGrantList",
        ),
        (
            "/apis/gateway.networking.x-k8s.io/v1alpha1/xlistenersets",
            "XListenerSetList",
        ),
        ("/api/v1/namespaces/kube-system/configmaps", "ConfigMapList"),
        ("/api/v1/persistentvolumes", "PersistentVolumeList"),
        (
            "/apis/storage.k8s.io/v1/volumeattachments",
            "VolumeAttachmentList",
        ),
        ("/apis/resource.k8s.io/v1/resourceslices", "ResourceSliceList"),
        (
            "/apis/certificates.k8s.io/v1/podcertificaterequests",
            "PodCertificateRequestList",
        ),
    ];
    let mut world: World = kinds
        .into_iter()
        .map(|(path, kind)| (path, (kind, Vec::new())))
        .collect();
    let namespaces = ["default", "kube-system"]
        .map(|name| json!({ "metadata": { "name": name, "uid": format!("uid-of-{name}"), "managedFields": [{}] } }));
    world.insert("/api/v1/namespaces", ("NamespaceList", namespaces.to_vec()));
    world
}

/// The same with pods, as many.
pub fn with_pods(count: usize) -> World {
    let mut world = empty();
    world.get_mut("/api/v1/pods").unwrap().1 = (0..count).map(pod).collect();
    let account = json!({ "metadata": { "name": "default", "namespace": "default", "uid": "u" } });
    world.get_mut("/api/v1/serviceaccounts").unwrap().1 = vec![account];
    world
}

pub fn pod(number: usize) -> Value {
    json!({
        "metadata": { "name": format!("p{number}"), "namespace": "default", "uid": format!("u{number}"), "managedFields": [{}] },
        "spec": { "serviceAccountName": "default", "containers": [{ "name": "c", "image": "i" }] },
        "status": { "phase": "Running" }
    })
}

pub struct Fake {
    pub port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
    stop: Arc<AtomicBool>,
    folder: PathBuf,
}

impl Fake {
    pub fn of(world: World, judge: impl Fn(&Call) -> Verdict + Send + Sync + 'static) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("foursee-fake-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fake = Self {
            port: listener.local_addr().unwrap().port(),
            calls: Arc::default(),
            stop: Arc::default(),
            folder,
        };
        let (calls, stop) = (Arc::clone(&fake.calls), Arc::clone(&fake.stop));
        let (world, judge) = (Arc::new(world), Arc::new(judge));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (calls, world, judge) = (Arc::clone(&calls), Arc::clone(&world), Arc::clone(&judge));
                std::thread::spawn(move || one(client, &world, &calls, &*judge));
            }
        });
        fake
    }

    /// What answers as a cluster does.
    pub fn cluster(world: World) -> Self {
        Self::of(world, |_| Verdict::Pass)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Those of one listing.
    pub fn calls_of(&self, path: &str) -> Vec<Call> {
        self.calls()
            .into_iter()
            .filter(|call| call.path == path)
            .collect()
    }

    /// A file of this test.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The collector of a context with that user.
    pub fn as_user(&self, context: &str, user: &Value) -> KubernetesCluster {
        let server = format!("http://127.0.0.1:{}", self.port);
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": context,
            "clusters": [{ "name": "c", "cluster": { "server": server } }],
            "users": [{ "name": "u", "user": user }],
            "contexts": [{ "name": context, "context": { "cluster": "c", "user": "u" } }],
        });
        let file = self.file(&format!("{context}.kubeconfig"), &text.to_string());
        KubernetesCluster::from_file(&file, None).unwrap()
    }

    /// The collector of it, with a chunk of three.
    pub fn collector(&self) -> KubernetesCluster {
        self.as_user("shop", &json!({ "token": "planted-token" }))
            .chunk(NonZeroU32::new(3).unwrap())
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One connection: one call.
fn one(client: TcpStream, world: &World, calls: &Mutex<Vec<Call>>, judge: &dyn Fn(&Call) -> Verdict) {
    let mut lines = BufReader::new(client.try_clone().unwrap())
        .lines()
        .map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let call = Call {
        method,
        path: path.to_owned(),
        query: query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.replace("%3D", "=")))
            .collect(),
        headers: lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| {
                let (key, value) = line.split_once(": ")?;
                Some((key.to_lowercase(), value.to_owned()))
            })
            .collect(),
    };
    calls.lock().unwrap().push(call.clone());
    match judge(&call) {
        Verdict::Pass => reply(client, 200, "", &answer(world, &call)),
        Verdict::Late(late) => {
            std::thread::sleep(late);
            reply(client, 200, "", &answer(world, &call));
        }
        Verdict::Answer(status, headers, body) => reply(client, status, headers, &body),
        Verdict::Cut => {
            let mut client = client;
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"kind\":");
        }
    }
}

fn reply(mut client: TcpStream, status: u16, headers: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = client.write_all(head.as_bytes());
    let _ = client.write_all(body.as_bytes());
}

/// What a cluster answers: a chunk of a listing, which goes on from the number in `continue`.
fn answer(world: &World, call: &Call) -> String {
    let objects = match call.path.as_str() {
        "/version" => return json!({ "major": "1", "minor": "37", "gitVersion": "v1.37.2" }).to_string(),
        "/.well-known/openid-configuration" => {
            return json!({ "issuer": "https://kubernetes.default.svc", "jwks_uri": "https://x/keys" })
                .to_string();
        }
        path => world.get(path),
    };
    let (kind, objects) = objects.unwrap_or_else(|| panic!("no {}", call.path));
    let wanted = call
        .query
        .get("fieldSelector")
        .map(|text| text.split_once('=').unwrap().1.to_owned());
    let all: Vec<&Value> = objects
        .iter()
        .filter(|one| {
            wanted
                .as_ref()
                .is_none_or(|name| one["metadata"]["name"] == json!(name))
        })
        .collect();
    let number = |key: &str| call.query.get(key).map(|text| text.parse::<usize>().unwrap());
    let from = number("continue").unwrap_or(0);
    let to = all.len().min(from + number("limit").unwrap_or(usize::MAX - from));
    let mut meta = json!({ "resourceVersion": "7" });
    if to < all.len() {
        meta["continue"] = json!(to.to_string());
        meta["remainingItemCount"] = json!(all.len() - to);
    }
    if call.headers["accept"].contains("as=Table") {
        let rows: Vec<Value> = all[from..to]
            .iter()
            .map(|one| json!({ "cells": [one["metadata"]["name"], one["type"], 1], "object": { "kind": "PartialObjectMetadata", "metadata": one["metadata"] } }))
            .collect();
        let columns = json!([{ "name": "Name" }, { "name": "Type" }, { "name": "Data" }]);
        return json!({ "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": columns, "rows": rows }).to_string();
    }
    json!({ "kind": kind, "apiVersion": "x", "metadata": meta, "items": all[from..to] }).to_string()
}
