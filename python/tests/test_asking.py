"""Questions: of a report over what was found, of opened documents in the platforms' own words."""

from pathlib import Path
from typing import Any

import foursee
import pytest

READ_ORDERS = {
    "principal": "User:worker",
    "host": "10.0.0.1",
    "operation": "Read",
    "resourceType": "Topic",
    "resourceName": "orders",
}


def test_one_question_or_many(opened: foursee.Opened) -> None:
    answer = opened.decide("kafka", READ_ORDERS)
    assert answer["allowed"] is True and answer["acl"]["principal"] == "User:worker"
    stranger = READ_ORDERS | {"principal": "User:nobody"}
    many = opened.decide("kafka", [READ_ORDERS, stranger] * 500)
    assert [one["allowed"] for one in many] == [True, False] * 500 and many[0] == answer
    assert opened.decide("kafka", []) == []


def test_an_empty_scope_answers_too() -> None:
    nothing = foursee.open({})
    assert nothing.scopes == () and nothing.decide("kafka", READ_ORDERS)["allowed"] is False
    question: dict[str, Any] = {
        "PolicyInputList": [
            {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
        ],
        "ActionNames": ["s3:GetObject", "s3:PutObject"],
        "ResourceArns": ["arn:aws:s3:::b/k"],
    }
    results = nothing.decide("aws", question)["EvaluationResults"]
    assert [one["EvalDecision"] for one in results] == ["allowed", "implicitDeny"]


def test_questions_that_are_none(opened: foursee.Opened) -> None:
    with pytest.raises(foursee.QuestionError, match="question 2: the question is not one of layer `kafka`"):
        opened.decide("kafka", [READ_ORDERS, {"principal": "x"}])
    with pytest.raises(foursee.QuestionError, match="there is no layer `kafak`; there are aws"):
        opened.decide("kafak", READ_ORDERS)
    review = {"spec": {"user": "x", "resourceAttributes": {"verb": "get", "resource": "pods"}}}
    with pytest.raises(ValueError, match="several scopes could be meant: .*; say which"):
        opened.decide("kubernetes", review)
    assert opened.decide("kubernetes", review, scope="shop-prod cluster")["allowed"] is False
    with pytest.raises(TypeError):
        opened.decide("kafka", {"principal": object()})


def test_opened_shows_scopes_and_gaps(opened: foursee.Opened, report: foursee.Report) -> None:
    assert [(one.layer, one.name, one.kinds) for one in opened.scopes] == [
        (one.layer, one.name, one.kinds) for one in report.scopes
    ]
    assert set(gap.target for gap in opened.gaps) <= set(gap.target for gap in report.gaps)
    assert repr(opened).startswith("Opened(aws ")


def test_who_can_and_can(report: foursee.Report) -> None:
    readers = report.who_can("READ", "orders")
    assert "User:worker" in {one.identity.name for one in readers}
    worker = report.can("User:worker")
    assert {one.identity.name for one in worker} == {"User:worker"}
    assert any(one.action == "READ" and one.over == "topic orders" for one in worker)
    assert all(one.evidence.document and one.evidence.line > 0 for one in worker)
    assert report.who_can("READ", "no such topic in no such place") != readers


def test_path(report: foursee.Report) -> None:
    pod = "pod:shop/web@shop-prod cluster"
    ways = report.path(pod, "arn:aws:s3:::shop-customer-data")
    assert len(ways) == 1
    hops = ways[0].hops
    assert (hops[0].from_.name, hops[-1].to.name) == ("shop/web", "arn:aws:s3:::shop-customer-data")
    assert all(one.to == two.from_ for one, two in zip(hops, hops[1:]))
    assert ways[0].hops[-1].to in {way.hops[-1].to for way in report.path(pod)}
    assert report.path(pod, foothold="queries") == ()
    with pytest.raises(foursee.QuestionError, match="foothold = `root`: one of acts"):
        report.path(pod, foothold="root")


def test_names_that_are_not_one(report: foursee.Report) -> None:
    with pytest.raises(foursee.QuestionError, match="nothing is called `shop/wob`"):
        report.can("shop/wob")
    with pytest.raises(foursee.QuestionError, match="several are called `shop/web`"):
        report.can("shop/web")


def test_kind_and_name(report: foursee.Report) -> None:
    assert report.who_can("READ", "topic:orders") == report.who_can("READ", "orders")
    assert report.can("principal:User:worker") == report.can("User:worker")


def test_nothing_is_read_twice(shop: Path, tmp_path: Path) -> None:
    for name in ("acls.txt", "cluster-id.txt"):
        (tmp_path / name).write_bytes((shop / "kafka" / name).read_bytes())
    read: list[str] = []
    report = foursee.audit(tmp_path, as_of="2026-11-25", progress=lambda stage, what: read.append(stage))
    assert read.count("read") == 2 and read.count("parse") == read.count("lower") == 1
    (tmp_path / "acls.txt").unlink()
    assert report.can("User:worker") and report.who_can("READ", "topic:orders")
    assert report.opened.decide("kafka", READ_ORDERS)["allowed"] is True
    again: list[str] = []
    assert report.opened.report(progress=lambda stage, what: again.append(stage)) == report
    assert again == ["check", "judge"]
    compared = report.opened.report(as_of="2026-11-26", baseline=report, layers=["kafka"])
    assert {one.since for one in compared} == {"unchanged"} and compared.as_of.startswith("2026-11-26")
    with pytest.raises(foursee.ConfigError, match="nothing was opened"):
        foursee.open({}).report()


def test_opened_gives_the_report_of_an_audit(opened: foursee.Opened, report: foursee.Report) -> None:
    assert opened.report(as_of="2026-11-25") == report
    assert opened.who_can("READ", "orders") == report.who_can("READ", "orders")
    assert opened.scopes == report.scopes


def test_explain(report: foursee.Report) -> None:
    for rule in {one.rule for one in report}:
        assert foursee.explain(rule).startswith(f"# {rule}\n")
    assert "an object's size cannot be said" in foursee.explain("rungs", "aws")
    assert all(f"## {layer}\n" in foursee.explain("rungs") for layer in ("aws", "kubernetes", "kafka"))
    with pytest.raises(foursee.QuestionError, match="no layer `s3`; there are aws"):
        foursee.explain("rungs", "s3")
    with pytest.raises(foursee.QuestionError, match="no rule `core-identity-shred`; did you mean"):
        foursee.explain("core-identity-shred")


def test_smaller_roles_are_proposed_from_an_audit_log(opened: foursee.Opened) -> None:
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1", "roleRef": {"kind": "ClusterRole", "name": "all"}}
    items = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop", "uid": "a"}},
        {
            **rbac,
            "kind": "ClusterRole",
            "metadata": {"name": "all", "uid": "b"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
        },
        {
            **rbac,
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "web", "uid": "c"},
            "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}],
        },
    ]
    event = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/secrets/db",
        "verb": "get",
        "user": {"username": "system:serviceaccount:shop:web", "groups": ["system:authenticated"]},
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db"},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": "2026-11-01T10:00:00.000000Z",
    }
    documents = {"cluster.json": {"apiVersion": "v1", "kind": "List", "items": items}, "audit.log": event}
    (cluster,) = foursee.open(documents).rightsize("serviceaccount:shop/web")
    (proposal,) = cluster["proposals"]
    assert proposal["grants"] == [
        'in shop: verbs: [get], resources: [secrets], apiGroups: [""], resourceNames: [db]'
    ]
    assert [step["file"] for step in proposal["back"]] == ["rollback-1-apply.yaml", "rollback-2-delete.yaml"]
    assert cluster["refused"] == [] and cluster["checked"] == 1
    with pytest.raises(foursee.QuestionError, match="days to learn from"):
        opened.rightsize(backtest="60")
    with pytest.raises(foursee.QuestionError, match="is not in scope"):
        opened.rightsize(scope="elsewhere")
