//! Small worlds, written as the platforms write them, and one question to each, answered by a slow, obvious twin too.

use crate::matchers::{slow_glob, slow_resource};
use crate::{Choices, written};
use foursee::core::audit::{Documents, open};
use foursee::core::judge::Policy;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn answer(layer: &str, documents: &[(&str, String)], question: &Value) -> Value {
    let mut all = Documents::new();
    for (name, text) in documents {
        all.push_text(*name, text.as_str());
    }
    let opened = open(all, written::built_in(), &Policy::default(), 1);
    let mut out = Vec::new();
    let asked = opened.decide(written::built_in(), layer, None, &question.to_string(), &mut out);
    asked.unwrap_or_else(|why| panic!("{question}: {why}"));
    serde_json::from_slice(&out).expect("an answer is JSON")
}

/// Identity policies without conditions: deny before allow, wildcards by a table.
pub fn iam(data: &[u8]) {
    let mut choices = Choices::new(data);
    let action_letters = ['a', 'B', '*', '?', 'g'];
    let resource_letters = ['a', 'b', '*', '?', '/', ':', 'é'];
    let mut statements = Vec::new();
    let (mut allowed, mut denied) = (false, false);
    let asked_action = format!("svc:{}", choices.word(&['a', 'B', 'g', 'G', 'b'], 6) + "x");
    let asked_resource = format!(
        "arn:aws:svc:eu-west-1:111122223333:{}",
        choices.word(&['a', 'b', '/', 'é', ':'], 8) + "z"
    );
    for _ in 0..=choices.below(4) {
        let deny = choices.below(3) == 2;
        let mut actions = Vec::new();
        for _ in 0..=choices.below(2) {
            let name = choices.word(&action_letters, 6);
            actions.push(match choices.below(4) {
                0 => "*".to_owned(),
                1 => format!("s?c:{name}*"),
                _ => format!("svc:{name}x"),
            });
        }
        let mut resources = Vec::new();
        for _ in 0..=choices.below(2) {
            let rest = choices.word(&resource_letters, 8);
            resources.push(match choices.below(5) {
                0 => "*".to_owned(),
                1 => format!("arn:aws:svc:*:111122223333:{rest}*"),
                2 => format!("arn:aws:s*:eu-west-1:1111*:{rest}z"),
                3 => format!("arn:aws:svc:eu-west-1:111122223333:{rest}z"),
                _ => format!("arn:*:{rest}"),
            });
        }
        let (not_action, not_resource) = (choices.below(5) == 4, choices.below(5) == 4);
        let by_action = actions
            .iter()
            .any(|one| slow_glob(&one.to_ascii_lowercase(), &asked_action.to_ascii_lowercase()));
        let by_resource = resources.iter().any(|one| slow_resource(one, &asked_resource));
        if by_action != not_action && by_resource != not_resource {
            if deny { denied = true } else { allowed = true }
        }
        let mut statement = json!({"Effect": if deny { "Deny" } else { "Allow" }});
        statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
        statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
        statements.push(statement);
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let question =
        json!({"PolicyInputList": [policy], "ActionNames": [asked_action], "ResourceArns": [asked_resource]});
    let want = match (denied, allowed) {
        (true, _) => "explicitDeny",
        (false, true) => "allowed",
        (false, false) => "implicitDeny",
    };
    let got = answer("aws", &[], &question);
    assert_eq!(got["EvaluationResults"][0]["EvalDecision"], want, "{question}");
}

/// One rule of a role: groups, resources, names, verbs, or paths and verbs.
struct Rule {
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    urls: Vec<String>,
    verbs: Vec<String>,
}

fn some(choices: &mut Choices<'_>, from: &[&str], most: usize) -> Vec<String> {
    (0..choices.below(most + 1))
        .map(|_| choices.pick(from).to_owned())
        .collect()
}

impl Rule {
    fn any(choices: &mut Choices<'_>) -> Self {
        let mut rule = Self {
            groups: some(choices, &["", "apps", "*", "x"], 2),
            resources: some(
                choices,
                &["pods", "pods/log", "*", "*/log", "pods/*", "secrets", "Pods"],
                3,
            ),
            names: if choices.below(3) == 2 {
                some(choices, &["a", "b", "", "*"], 2)
            } else {
                Vec::new()
            },
            urls: Vec::new(),
            verbs: some(choices, &["get", "list", "*", "Get", "create"], 3),
        };
        if choices.below(4) == 3 {
            rule.urls = some(choices, &["*", "/a", "/a*", "/a/*", "/a**", "/*", ""], 2);
            (rule.groups, rule.resources, rule.names) = (Vec::new(), Vec::new(), Vec::new());
        }
        rule
    }

    fn json(&self) -> Value {
        json!({"apiGroups": self.groups, "resources": self.resources, "resourceNames": self.names,
               "nonResourceURLs": self.urls, "verbs": self.verbs})
    }

    fn allows(&self, asked: &Asked) -> bool {
        let has = |all: &[String], one: &str| all.iter().any(|entry| entry == "*" || entry == one);
        if !has(&self.verbs, &asked.verb) {
            return false;
        }
        if let Some(path) = &asked.path {
            return self.urls.iter().any(|url| {
                let bare = url.trim_end_matches('*');
                url == "*" || url == path || bare.len() < url.len() && path.starts_with(bare)
            });
        }
        let combined = match asked.subresource.as_str() {
            "" => asked.resource.clone(),
            sub => format!("{}/{sub}", asked.resource),
        };
        let by_resource = self.resources.iter().any(|entry| {
            entry == "*"
                || *entry == combined
                || !asked.subresource.is_empty() && *entry == format!("*/{}", asked.subresource)
        });
        has(&self.groups, &asked.group)
            && by_resource
            && (self.names.is_empty() || self.names.contains(&asked.name))
    }
}

struct Asked {
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
    namespace: String,
    path: Option<String>,
}

/// Roles and bindings, and one SubjectAccessReview.
pub fn rbac(data: &[u8]) {
    let mut choices = Choices::new(data);
    let api = "rbac.authorization.k8s.io";
    let mut word = |from: &[&str]| choices.pick(from).to_owned();
    let (user, group) = (
        word(&["u", "system:serviceaccount:n:s", "v", ""]),
        word(&["g", "h", "u"]),
    );
    let asked = Asked {
        verb: word(&["get", "list", "create", "*", "Get"]),
        group: word(&["", "apps", "x", "*"]),
        resource: word(&["pods", "secrets", "*", "Pods"]),
        subresource: word(&["", "log", "*"]),
        name: word(&["", "a", "b", "*"]),
        namespace: word(&["", "n", "m"]),
        path: [None, Some("/a"), Some("/a/b"), Some("/"), Some("*")][choices.below(5)].map(str::to_owned),
    };
    let mut items = Vec::new();
    let mut roles: Vec<(String, String, Vec<Rule>)> = Vec::new();
    for number in 0..choices.below(5) {
        let namespace = choices.pick(&["", "n", "m"]);
        let rules: Vec<Rule> = (0..choices.below(4)).map(|_| Rule::any(&mut choices)).collect();
        let kind = if namespace.is_empty() {
            "ClusterRole"
        } else {
            "Role"
        };
        let mut meta = json!({"name": format!("r{number}")});
        if !namespace.is_empty() {
            meta["namespace"] = namespace.into();
        }
        let listed: Vec<Value> = rules.iter().map(Rule::json).collect();
        items.push(
            json!({"apiVersion": format!("{api}/v1"), "kind": kind, "metadata": meta, "rules": listed}),
        );
        roles.push((namespace.to_owned(), format!("r{number}"), rules));
    }
    let mut want = false;
    for number in 0..choices.below(6) {
        let namespace = choices.pick(&["", "n", "m"]);
        let (of, role) = (choices.pick(&["", "n"]), format!("r{}", choices.below(5)));
        let role_kind = if of.is_empty() || namespace.is_empty() {
            "ClusterRole"
        } else {
            "Role"
        };
        let mut subjects = Vec::new();
        let mut meant = false;
        for _ in 0..choices.below(3) {
            let name = choices.pick(&["u", "g", "s", "v", "", "system:serviceaccount:n:s"]);
            subjects.push(match choices.below(3) {
                0 => {
                    meant |= name == user;
                    json!({"kind": "User", "apiGroup": api, "name": name})
                }
                1 => {
                    meant |= name == group;
                    json!({"kind": "Group", "apiGroup": api, "name": name})
                }
                _ => {
                    let own = choices.pick(&["n", "m", ""]);
                    let home = if own.is_empty() { namespace } else { own };
                    meant |= !home.is_empty() && user == format!("system:serviceaccount:{home}:{name}");
                    let mut subject = json!({"kind": "ServiceAccount", "name": name});
                    if !own.is_empty() {
                        subject["namespace"] = own.into();
                    }
                    subject
                }
            });
        }
        let kind = if namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        };
        let mut meta = json!({"name": format!("b{number}")});
        if !namespace.is_empty() {
            meta["namespace"] = namespace.into();
        }
        items.push(
            json!({"apiVersion": format!("{api}/v1"), "kind": kind, "metadata": meta, "subjects": subjects,
            "roleRef": {"apiGroup": api, "kind": role_kind, "name": role}}),
        );
        let here = namespace.is_empty() || asked.path.is_none() && namespace == asked.namespace;
        let held = |(home, name, _): &&(String, String, Vec<Rule>)| {
            *name == role
                && if role_kind == "Role" {
                    home == namespace
                } else {
                    home.is_empty()
                }
        };
        let allows = roles
            .iter()
            .filter(held)
            .any(|(_, _, rules)| rules.iter().any(|rule| rule.allows(&asked)));
        want |= meant && here && allows;
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let attributes = match &asked.path {
        Some(path) => json!({"nonResourceAttributes": {"path": path, "verb": asked.verb}}),
        None => {
            json!({"resourceAttributes": {"verb": asked.verb, "group": asked.group, "resource": asked.resource,
            "subresource": asked.subresource, "name": asked.name, "namespace": asked.namespace}})
        }
    };
    let mut spec = attributes;
    spec["user"] = user.into();
    spec["groups"] = json!([group]);
    let question =
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec});
    let got = answer("kubernetes", &[("list.json", list.to_string())], &question);
    let allowed = got["status"]["allowed"]
        .as_bool()
        .or_else(|| got["allowed"].as_bool());
    assert_eq!(allowed, Some(want), "{question}\n{list}");
}

struct Acl {
    kind: &'static str,
    prefixed: bool,
    name: String,
    principal: &'static str,
    host: &'static str,
    operation: &'static str,
    deny: bool,
}

/// A list of ACLs as `kafka-acls` prints it, and one request. Names that begin with a character below or at `*` are
/// left out: there Kafka's own class gives no answer.
pub fn acls(data: &[u8]) {
    const KINDS: [&str; 3] = ["TOPIC", "GROUP", "CLUSTER"];
    const OPERATIONS: [&str; 9] = [
        "READ",
        "WRITE",
        "DESCRIBE",
        "ALTER",
        "DELETE",
        "CREATE",
        "DESCRIBE_CONFIGS",
        "ALTER_CONFIGS",
        "ALL",
    ];
    let mut choices = Choices::new(data);
    let letters = ['a', 'b', '-', '.', 'é', ',', '=', ')'];
    let mut all: Vec<Acl> = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..choices.below(10) {
        let acl = Acl {
            kind: choices.pick(&KINDS),
            prefixed: choices.below(2) == 1,
            name: if choices.below(4) == 3 {
                "*".to_owned()
            } else {
                choices.word(&letters, 4) + "a"
            },
            principal: choices.pick(&[
                "User:a",
                "User:*",
                "User:A",
                "Group:a",
                "User:CN=x,O=y",
                "User:a:b",
            ]),
            host: choices.pick(&["*", "10.0.0.1", "10.0.0.0/8", "localhost", "::1"]),
            operation: choices.pick(&OPERATIONS),
            deny: choices.below(3) == 2,
        };
        let key = (
            acl.kind,
            acl.prefixed,
            acl.name.clone(),
            acl.principal,
            acl.host,
            acl.operation,
            acl.deny,
        );
        if seen.insert(key) {
            all.push(acl);
        }
    }
    let (kind, operation) = (choices.pick(&KINDS), choices.pick(&OPERATIONS[..8]));
    let name = choices.word(&letters, 6);
    let name = if name.starts_with([')']) || name.is_empty() {
        format!("a{name}")
    } else {
        name
    };
    let (principal, host) = (
        choices.pick(&["User:a", "User:A", "Group:a", "User:CN=x,O=y", "User:a:b"]),
        choices.pick(&["10.0.0.1", "127.0.0.1"]),
    );
    let version = choices.pick(&["3.9.1", "4.3.1", "4.4.0"]);
    let (mut allowed, mut denied) = (false, false);
    let mut text = String::new();
    for acl in &all {
        let pattern = if acl.prefixed { "PREFIXED" } else { "LITERAL" };
        let _ = writeln!(
            text,
            "Current ACLs for resource `ResourcePattern(resourceType={}, name={}, patternType={pattern})`: ",
            acl.kind, acl.name
        );
        let permission = if acl.deny { "DENY" } else { "ALLOW" };
        let _ = writeln!(
            text,
            " \t(principal={}, host={}, operation={}, permissionType={permission}) \n",
            acl.principal, acl.host, acl.operation
        );
        let covers = if acl.prefixed {
            name.starts_with(&acl.name)
        } else {
            acl.name == name || acl.name == "*"
        };
        let by_host = acl.host == "*"
            || acl.host == host
            || version == "4.4.0" && acl.host == "10.0.0.0/8" && host == "10.0.0.1";
        if acl.kind != kind
            || !covers
            || !by_host
            || !(acl.principal == principal || acl.principal == "User:*")
        {
            continue;
        }
        let implied = match operation {
            "DESCRIBE" => ["READ", "WRITE", "DELETE", "ALTER"].contains(&acl.operation),
            "DESCRIBE_CONFIGS" => acl.operation == "ALTER_CONFIGS",
            _ => false,
        };
        let direct = acl.operation == operation || acl.operation == "ALL";
        denied |= acl.deny && direct;
        allowed |= !acl.deny && (direct || implied);
    }
    let question = json!({"principal": principal, "host": host, "operation": operation, "resourceType": kind,
        "resourceName": name, "version": version});
    let got = answer("kafka", &[("acls.txt", text.clone())], &question);
    assert_eq!(got["allowed"], allowed && !denied, "{question}\n{text}");
}
