//! The slow reading.

use super::{API, Ways};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A world, to be asked slowly. `doubt` is what becomes of what is not known.
struct Slow<'w> {
    all: &'w [Value],
    /// The kinds of which an empty list stands in the export.
    listed: &'w [&'w str],
    doubt: bool,
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text<'v>(value: &'v Value, unsaid: &'v str) -> &'v str {
    value.as_str().unwrap_or(unsaid)
}

pub(super) fn live(object: &Value) -> bool {
    !object["metadata"]["uid"].is_null()
}

impl Slow<'_> {
    fn of<'s>(&'s self, kind: &'s str) -> Vec<&'s Value> {
        let all: Vec<&Value> = self.all.iter().filter(|one| one["kind"] == *kind).collect();
        // What a server has goes before a manifest of the same name.
        let name = |one: &Value| {
            (
                one["metadata"]["namespace"].clone(),
                one["metadata"]["name"].clone(),
            )
        };
        all.iter()
            .filter(|one| live(one) || !all.iter().any(|other| live(other) && name(other) == name(one)))
            .copied()
            .collect()
    }

    fn get<'s>(&'s self, kind: &'s str, namespace: &str, wanted: &str) -> Option<&'s Value> {
        self.of(kind).into_iter().find(|one| {
            text(&one["metadata"]["namespace"], "") == namespace && one["metadata"]["name"] == *wanted
        })
    }

    fn is_listed(&self, kind: &str) -> bool {
        self.listed.contains(&kind) || self.all.iter().any(|one| one["kind"] == *kind && live(one))
    }

    fn condition(object: &Value, conditions: &Value, sort: &str) -> Option<bool> {
        let now = object["metadata"]["generation"].as_i64().unwrap();
        let all = list(conditions);
        let one = all.iter().find(|one| {
            one["type"] == *sort && one["observedGeneration"].as_i64().is_none_or(|seen| seen >= now)
        })?;
        match text(&one["status"], "") {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        }
    }

    /// Whether something is in effect, by its status.
    fn stands(&self, object: &Value, conditions: &Value) -> bool {
        if !live(object) {
            return true;
        }
        let accepted = Self::condition(object, conditions, "Accepted");
        let programmed = Self::condition(object, conditions, "Programmed");
        if accepted == Some(false) || Self::condition(object, conditions, "Conflicted") == Some(true) {
            return false;
        }
        let said = programmed != Some(false) && (accepted == Some(true) || programmed == Some(true));
        said || self.doubt
    }

    fn gateway_stands(&self, gateway: &Value) -> bool {
        let conditions = &gateway["status"]["conditions"];
        let sure = Slow {
            doubt: false,
            ..*self
        };
        if live(gateway) && sure.stands(gateway, conditions) {
            return true;
        }
        let by_class = match self.get("GatewayClass", "", text(&gateway["spec"]["gatewayClassName"], "")) {
            Some(class) => self.stands(class, &class["status"]["conditions"]),
            None => !self.is_listed("GatewayClass"),
        };
        by_class && self.stands(gateway, conditions)
    }

    fn selected(&self, selector: &Value, namespace: &str) -> bool {
        let known = self
            .of("Namespace")
            .into_iter()
            .find(|one| one["metadata"]["name"] == *namespace);
        let name = json!(namespace);
        for (key, wanted) in selector["matchLabels"].as_object().into_iter().flatten() {
            let own = match (known, key.as_str()) {
                (_, "kubernetes.io/metadata.name") => &name,
                (Some(object), _) => &object["metadata"]["labels"][key],
                (None, _) if self.doubt => continue,
                (None, _) => return false,
            };
            if own != wanted {
                return false;
            }
        }
        true
    }

    fn allowed(&self, namespaces: &Value, unsaid: &str, into: &str, of: &str) -> bool {
        match text(&namespaces["from"], unsaid) {
            "All" => true,
            "Same" => into == of,
            "None" => false,
            "Selector" => !namespaces["selector"].is_null() && self.selected(&namespaces["selector"], of),
            _ => self.doubt,
        }
    }

    fn granted(&self, kind: &str, from: &str, target: &str, namespace: &str, name: &str) -> bool {
        if from == namespace {
            return true;
        }
        for grant in self.all.iter().filter(|one| one["kind"] == "ReferenceGrant") {
            for by in list(&grant["spec"]["from"]) {
                for to in list(&grant["spec"]["to"]) {
                    let right = by["group"] == API && by["kind"] == *kind && by["namespace"] == *from;
                    let target = to["group"] == "" && to["kind"] == *target;
                    let name = to["name"].is_null() || to["name"] == *name;
                    if right && target && name && grant["metadata"]["namespace"] == *namespace {
                        return true;
                    }
                }
            }
        }
        self.doubt && !self.is_listed("ReferenceGrant")
    }

    fn hosts_meet(one: &str, other: &str) -> bool {
        // Some host of a few that both stand for.
        let hosts = ["a.x.io", "b.x.io", "c.a.x.io", "x.io", "a.y.io"];
        let is = |name: &str, host: &str| match name.strip_prefix("*.") {
            Some(suffix) => {
                let mut labels: Vec<&str> = host.split('.').collect();
                labels.remove(0);
                (0..labels.len()).any(|at| labels[at..].join(".") == suffix)
            }
            None => name == host,
        };
        hosts.iter().any(|host| is(one, host) && is(other, host))
    }

    /// Whether a listener takes a route, by spec and by status.
    fn takes(&self, owner: &Value, listener: &Value, route: &Value) -> bool {
        let kind = text(&route["kind"], "");
        let protocol = text(&listener["protocol"], "");
        let own = text(&owner["metadata"]["namespace"], "");
        let of = text(&route["metadata"]["namespace"], "");
        let through = listener["tls"]["mode"] == "Passthrough";
        let kinds = list(&listener["allowedRoutes"]["kinds"]);
        if !kinds.is_empty()
            && !kinds
                .iter()
                .any(|one| one["kind"] == *kind && text(&one["group"], API) == API)
        {
            return false;
        }
        let fits = match (protocol, kind) {
            ("HTTP" | "HTTPS", "HTTPRoute" | "GRPCRoute") => true,
            ("TLS", "TLSRoute") => true,
            ("TLS", "TCPRoute") => !through,
            ("TCP", "TCPRoute") | ("UDP", "UDPRoute") => true,
            ("HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP", _) => false,
            _ => self.doubt,
        };
        let hosts = list(&route["spec"]["hostnames"]);
        let host = text(&listener["hostname"], "");
        let with_hosts = !["TCP", "UDP"].contains(&protocol) && !["TCPRoute", "UDPRoute"].contains(&kind);
        let meet = !with_hosts
            || host.is_empty()
            || hosts.is_empty()
            || hosts.iter().any(|one| Self::hosts_meet(host, text(one, "")));
        let namespaces = self.allowed(&listener["allowedRoutes"]["namespaces"], "Same", own, of);
        let certificates = list(&listener["tls"]["certificateRefs"]);
        let ends = through
            || certificates.is_empty()
            || self.doubt
            || certificates.iter().any(|one| {
                let owner = text(&owner["kind"], "");
                self.granted(
                    owner,
                    own,
                    "Secret",
                    text(&one["namespace"], own),
                    text(&one["name"], ""),
                )
            });
        let status = list(&owner["status"]["listeners"]);
        let said = status.iter().find(|one| one["name"] == listener["name"]);
        let in_effect = said.is_none_or(|one| self.stands(owner, &one["conditions"]));
        fits && meet && namespaces && ends && in_effect
    }

    /// What the controller says of a route at a parent: whether it took it, and found all that it refers to.
    fn word(&self, gateway: &Value, route: &Value, parent: &Value, sort: &str) -> Option<bool> {
        let own = route["metadata"]["namespace"].clone();
        let key = |one: &Value| {
            let namespace = if one["namespace"].is_null() {
                own.clone()
            } else {
                one["namespace"].clone()
            };
            (
                text(&one["kind"], "Gateway").to_owned(),
                namespace,
                one["name"].clone(),
                one["sectionName"].clone(),
                one["port"].clone(),
            )
        };
        let class = self.get("GatewayClass", "", text(&gateway["spec"]["gatewayClassName"], ""));
        let all = list(&route["status"]["parents"]);
        let own = all.iter().filter(|one| {
            key(&one["parentRef"]) == key(parent)
                && class.is_none_or(|class| class["spec"]["controllerName"] == one["controllerName"])
        });
        let said: Vec<Option<bool>> = own
            .map(|one| Self::condition(route, &one["conditions"], sort))
            .collect();
        if said.contains(&Some(true)) {
            return Some(true);
        }
        (!said.is_empty() && said.iter().all(|one| *one == Some(false))).then_some(false)
    }

    fn internal(&self, gateway: &Value) -> bool {
        let annotation = &gateway["spec"]["infrastructure"]["annotations"]["service.beta.kubernetes.io/aws-load-balancer-scheme"];
        *annotation == "internal"
    }

    fn reached(&self, gateway: &Value) -> bool {
        let mut addresses = if live(gateway) {
            list(&gateway["status"]["addresses"])
        } else {
            Vec::new()
        };
        if addresses.is_empty() {
            addresses = list(&gateway["spec"]["addresses"]);
        }
        let private = !addresses.is_empty()
            && addresses
                .iter()
                .all(|one| text(&one["value"], "").starts_with("10."));
        self.doubt || !private
    }

    fn ways(&self) -> BTreeMap<String, Option<BTreeSet<u64>>> {
        let mut found: BTreeMap<String, Option<BTreeSet<u64>>> = BTreeMap::new();
        for kind in ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] {
            for route in self.of(kind) {
                let own = text(&route["metadata"]["namespace"], "");
                // (Gateway, whether the status of the route resolves its references there)
                let mut at: BTreeMap<String, (&Value, bool)> = BTreeMap::new();
                let mut parents = list(&route["spec"]["parentRefs"]);
                if route["spec"]["useDefaultGateways"] == "All" {
                    for one in self
                        .of("Gateway")
                        .iter()
                        .filter(|one| one["spec"]["defaultScope"] == "All")
                    {
                        parents.push(json!({"name": one["metadata"]["name"], "namespace": one["metadata"]["namespace"]}));
                    }
                }
                for parent in parents {
                    let namespace = text(&parent["namespace"], own);
                    let of = text(&parent["kind"], "Gateway").to_owned();
                    let (group, name) = (text(&parent["group"], API), text(&parent["name"], ""));
                    if group != API {
                        continue;
                    }
                    let (owner, gateway) = if of == "Gateway" {
                        let Some(gateway) = self.get("Gateway", namespace, name) else {
                            continue;
                        };
                        (gateway, gateway)
                    } else if of == "ListenerSet" {
                        let Some(set) = self.get("ListenerSet", namespace, name) else {
                            continue;
                        };
                        let to = &set["spec"]["parentRef"];
                        let set_in = text(&set["metadata"]["namespace"], "");
                        if text(&to["kind"], "Gateway") != "Gateway" {
                            continue;
                        }
                        let found =
                            self.get("Gateway", text(&to["namespace"], set_in), text(&to["name"], ""));
                        let Some(gateway) = found else { continue };
                        let allowed = &gateway["spec"]["allowedListeners"]["namespaces"];
                        let into = text(&gateway["metadata"]["namespace"], "");
                        if !self.allowed(allowed, "None", into, set_in)
                            || !self.stands(set, &set["status"]["conditions"])
                        {
                            continue;
                        }
                        (set, gateway)
                    } else {
                        continue;
                    };
                    let taken = list(&owner["spec"]["listeners"]).iter().any(|listener| {
                        (parent["sectionName"].is_null() || parent["sectionName"] == listener["name"])
                            && (parent["port"].is_null() || parent["port"] == listener["port"])
                            && self.takes(owner, listener, route)
                    });
                    let word = |sort: &str| self.word(gateway, route, &parent, sort);
                    let accepted = !live(route) || word("Accepted").unwrap_or(self.doubt);
                    if taken
                        && accepted
                        && self.gateway_stands(gateway)
                        && !self.internal(gateway)
                        && self.reached(gateway)
                    {
                        let name = format!(
                            "{}/{}",
                            text(&gateway["metadata"]["namespace"], ""),
                            text(&gateway["metadata"]["name"], "")
                        );
                        let resolved = live(route) && word("ResolvedRefs") == Some(true);
                        at.entry(name).or_insert((gateway, false)).1 |= resolved;
                    }
                }
                for rule in list(&route["spec"]["rules"]) {
                    let mut backends = list(&rule["backendRefs"]);
                    backends.retain(|one| one["weight"] != 0);
                    for filter in list(&rule["filters"]) {
                        let mirror = &filter["requestMirror"];
                        if !mirror.is_null() && mirror["percent"] != 0 {
                            backends.push(mirror["backendRef"].clone());
                        }
                    }
                    for one in backends.iter().filter(|one| {
                        text(&one["group"], "").is_empty() && text(&one["kind"], "Service") == "Service"
                    }) {
                        let (namespace, name) = (text(&one["namespace"], own), text(&one["name"], ""));
                        for (gateway, (_, resolved)) in &at {
                            let unknown = !self.is_listed("ReferenceGrant") && *resolved;
                            if !unknown && !self.granted(kind, own, "Service", namespace, name) {
                                continue;
                            }
                            let way = format!(
                                "{gateway} {kind} {own}/{} {namespace}/{name}",
                                text(&route["metadata"]["name"], "")
                            );
                            let ports = found.entry(way).or_insert_with(|| Some(BTreeSet::new()));
                            match (one["port"].as_u64(), ports.as_mut()) {
                                (Some(port), Some(all)) => {
                                    all.insert(port);
                                }
                                _ => *ports = None,
                            }
                        }
                    }
                }
            }
        }
        found
    }
}

pub(super) fn slow(all: &[Value], listed: &[&str]) -> Ways {
    let ask = |doubt| Slow { all, listed, doubt }.ways();
    let sure = ask(false);
    ask(true)
        .into_iter()
        .map(|(way, ports)| {
            let is = sure.contains_key(&way);
            (way, (is, ports))
        })
        .collect()
}
