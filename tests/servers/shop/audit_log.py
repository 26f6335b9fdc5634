"""The audit log of a shop's cluster: calls that are really made, with times and identities of the shop's own.

kubernetes/NAME-calls.txt says who asks what how often. The events are those that the server wrote of them; what differs
from run to run (ids, times, addresses, uids) is made the shop's, and of people what EKS's authenticator says is added.
"""

import hashlib
import json
import re
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHOP = Path(__file__).resolve().parents[3] / "examples/shop"
FIRST, DAYS = datetime(2026, 10, 24, 6, 12, 9, tzinfo=timezone.utc), 31
ACCOUNT = "111122223333"
# Users with the groups of aws-auth, and the role or user of IAM that they are.
PEOPLE = {
    "auditor": ("auditors", "user/auditor"),
    "ci-deploy": ("shop-deployers", "role/ci-deploy"),
    "platform-admin:dana": ("platform-admins", "role/platform-admin"),
    "support:sam": ("shop-viewers", "role/support-readonly"),
}


def logins(people=PEOPLE):
    """What `up` takes."""
    return [f"{name}={groups}" for name, (groups, _) in people.items()]


def steady(*words):
    """A hexadecimal text that is always the same."""
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def uuid(*words):
    text = steady(*words)
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "a" + text[17:20], text[20:32]))


def token(cluster, who, pods):
    if who in PEOPLE:
        return cluster.env["TOKEN_" + "".join(one if one.isalnum() or one == "." else "_" for one in who)]
    namespace, account = who.split(":")[2:]
    pod = next(one for one in pods if (one["metadata"]["namespace"], one["spec"]["serviceAccountName"]) == (namespace, account))
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": [], "boundObjectRef": bound}}
    return cluster.call("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token", asked)["status"]["token"]


def exist(cluster, calls):
    """Makes the ConfigMaps and Secrets that are asked for by name and stand in no manifest, empty."""
    kinds = {"configmaps": "ConfigMap", "secrets": "Secret"}
    for at, kind, name in set(re.findall(r"GET (/api/v1/namespaces/[a-z]+/(configmaps|secrets))/([a-z-]+)", calls)):
        cluster.call("POST", at, {"apiVersion": "v1", "kind": kinds[kind], "metadata": {"name": name}})


def ask(cluster, held, agent, method, path, body):
    """Makes a call, and gives the id of its event."""
    headers = {"Authorization": f"Bearer {held}", "User-Agent": agent, "Content-Type": "application/strategic-merge-patch+json"}
    request = urllib.request.Request(cluster.env["URL"] + path, body and body.encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, context=cluster.tls) as answer:
            answer.read()
            return answer.headers["Audit-Id"]
    except urllib.error.HTTPError as error:
        return error.headers["Audit-Id"]


def principal_id(arn):
    """The id of a role or user, as the account's own export has it."""
    text = "".join(one.read_text() for one in sorted((SHOP / "aws-prod").glob("account-authorization-details*.json")))
    at = text.index(f'"Arn": "{arn}"')
    ids = list(re.finditer(r'"(?:Role|User)Id": "(\w+)"', text))
    return min(ids, key=lambda one: abs(one.start() - at))[1]


def aws_user(name, iam, number):
    """The user of EKS's authenticator: uid and extra."""
    kind, plain = iam.split("/")
    session = f"GitHubActions-{number}" if name == "ci-deploy" else name.rsplit(":", 1)[-1]
    principal = principal_id(f"arn:aws:iam::{ACCOUNT}:{iam}")
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{plain}/{session}" if kind == "role" else f"arn:aws:iam::{ACCOUNT}:{iam}"
    extra = {"arn": [arn], "canonicalArn": [f"arn:aws:iam::{ACCOUNT}:{iam}"], "principalId": [principal]}
    extra["sessionName"] = [session if kind == "role" else ""]
    return {"uid": f"aws-iam-authenticator:{ACCOUNT}:{principal}", "extra": extra}


def settled(text, number, at, uids):
    """An event with the shop's identities."""
    for old, new in uids.items():
        text = text.replace(old, new)
    event = json.loads(text)
    user = event["user"]
    event["auditID"] = uuid("audit", number, event["stage"])
    event["requestReceivedTimestamp"] = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
    event["stageTimestamp"] = (at + timedelta(milliseconds=7)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
    event.get("objectRef", {}).pop("resourceVersion", None)
    if user["username"] in PEOPLE:
        user |= aws_user(user["username"], PEOPLE[user["username"]][1], 7_000 + number)
        event["sourceIPs"] = ["198.51.100.17"]
    else:
        user["extra"]["authentication.kubernetes.io/credential-id"] = ["JTI=" + uuid("token", user["username"])]
        node = user["extra"]["authentication.kubernetes.io/node-name"][0]
        event["sourceIPs"] = [node.split(".")[0].removeprefix("ip-").replace("-", ".")]
    return event


def audit_log(cluster, calls: Path, uids):
    """As `aws logs filter-log-events` prints it."""
    pods = cluster.call("GET", "/api/v1/pods")["items"]
    tokens, made = {}, []
    exist(cluster, calls.read_text())
    for line in calls.read_text().splitlines():
        if line.startswith("#"):
            continue
        who, times, agent, call, *body = line.split(" | ", 4)
        method, path = call.split(" ", 1)
        if who not in tokens:
            tokens[who] = token(cluster, who, pods)
        often = int(times)
        for time in range(often):
            part = time / (often - 1) if often > 1 else 0.5
            hours = DAYS * 24 * part + int(steady(line, time)[:4], 16) % 9
            made.append((FIRST + timedelta(hours=hours), tokens[who], agent, method, path, body[0] if body else None))
    made.sort(key=lambda one: one[0])
    ids = {ask(cluster, *call): (number, at) for number, (at, *call) in enumerate(made)}
    events = []
    for line in Path(cluster.env["AUDIT_LOG"]).read_text().splitlines():
        known = ids.get(json.loads(line)["auditID"])
        if known:
            event = settled(line, *known, uids)
            events.append((known[0], event["stage"] == "ResponseComplete", event, known[1]))
    events.sort(key=lambda one: one[:2])
    if {number for number, *_ in events} != set(range(len(made))):
        raise SystemExit(f"{len(made)} calls, and not an event of each")
    stream = "kube-apiserver-audit-" + steady("stream")[:32]
    logged = []
    for number, (_, _, event, at) in enumerate(events):
        time = int(at.timestamp() * 1000)
        logged.append({"logStreamName": stream, "timestamp": time, "message": json.dumps(event, separators=(",", ":")),
                       "ingestionTime": time + 4127, "eventId": f"{38_000_000_000_000_000 + time:d}{number:040d}"})
    return {"events": logged, "searchedLogStreams": []}
