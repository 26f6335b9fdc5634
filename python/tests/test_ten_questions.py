"""The ten questions: each is one statement, and the demo organisation has the answers that its README tells."""

import duckdb
import foursee
import pytest
from conftest import SHOP
from foursee.questions import QUESTIONS, ask


def names(answer: duckdb.DuckDBPyRelation, column: str) -> set[str]:
    return {row[0] for row in answer.project(f'"{column}"').fetchall()}


def test_there_are_ten() -> None:
    assert len(QUESTIONS) == 10
    for question in QUESTIONS.values():
        assert question.asks.endswith("?")
        assert len(duckdb.extract_statements(question.sql)) == 1


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_is_answered(report: foursee.Report, name: str) -> None:
    answer = ask(report, name)
    rows = answer.fetchall()
    assert len(rows) == len(set(rows))
    assert bool(rows) == (name != "new")


def test_who_can_delete_what_is_tagged_critical(report: foursee.Report) -> None:
    answer = ask(report, "delete-critical")
    assert "arn:aws:iam::111122223333:role/bastion" in names(answer, "name")
    assert {"payments/payments", "arn:aws:iam::111122223333:role/shop-payments"} <= names(answer, "thing")
    assert names(ask(report, "delete-critical", tag="data-class=none"), "name") == set()


def test_which_grants_reach_customer_data(report: foursee.Report) -> None:
    answer = ask(report, "reach-customer-data")
    assert "arn:aws:iam::111122223333:role/shop-web" in names(answer, "holder")
    assert "arn:aws:s3:::shop-customer-data" in names(answer, "data")


def test_what_is_new_since_the_baseline(report: foursee.Report) -> None:
    earlier = report.to_dict()
    gone = [one for one in earlier["findings"] if one["rule"] == report[0].rule]
    earlier["findings"] = [one for one in earlier["findings"] if one not in gone]
    since = foursee.audit(SHOP, as_of="2026-11-25", baseline=earlier)
    assert names(ask(since, "new"), "title") == {one["title"] for one in gone if one["status"] == "open"}


def test_what_a_team_owns_below_its_target(report: foursee.Report) -> None:
    answer = ask(report, "below-target", owner="platform")
    assert "arn:aws:iam::111122223333:role/ci-deploy" in names(answer, "name")
    assert names(answer, "owner") == {"platform"}


def test_which_identities_are_shared(report: foursee.Report) -> None:
    answer = ask(report, "shared")
    assert "arn:aws:iam::111122223333:role/shop-jobs" in names(answer, "name")
    assert "shop/mailer, shop/worker" in names(answer, "who")
    assert not {name for name in names(answer, "name") if name == "shop/web"}, "one in each of two clusters"


def test_the_internet_reaches_customer_data_through_web(report: foursee.Report) -> None:
    answer = ask(report, "internet-to-prize")
    assert names(answer, "workload") == {"shop/web"}
    assert any("role/shop-web; " in way and way.endswith("arn:aws:s3:::shop-customer-data") for way in names(answer, "way"))


def test_which_identities_are_widest_in_production(report: foursee.Report) -> None:
    answer = names(ask(report, "widest-in-production"), "name")
    assert {"arn:aws:iam::111122223333:role/bastion", "ci-runner", "User:kafka-ops"} <= answer
    assert "arn:aws:iam::444455556666:user/omar" in names(
        ask(report, "widest-in-production", environment="development"), "name"
    )


def test_which_gaps_hide_which_rules() -> None:
    pods = SHOP / "cluster-prod" / "pods.json"
    answer = ask(foursee.audit(pods), "gaps-and-rules")
    assert any(rule and rule.startswith("kubernetes-") for rule in names(answer, "rule"))


def test_which_edges_cross_layers(report: foursee.Report) -> None:
    answer = ask(report, "cross-layer").project('"from", how, "to"').fetchall()
    assert ("shop/web", "web-identity", "arn:aws:iam::111122223333:role/shop-web") in answer
    assert ("backup", "aws-access-key", "arn:aws:iam::111122223333:user/ci-legacy") in answer
    assert ("shop/web", "postgres-login", "shop_web") in answer
    assert ("shop/worker", "sasl", "User:worker") in answer


def test_which_privileges_have_conditions_only(report: foursee.Report) -> None:
    answer = ask(report, "only-under-a-condition")
    assert "StringEquals kms:EncryptionContext:service [payments]" in names(answer, "condition")


def test_mistakes_are_named(report: foursee.Report) -> None:
    with pytest.raises(KeyError, match="no question `newest`; there are delete-critical"):
        ask(report, "newest")
    with pytest.raises(TypeError, match="`new` has no parameter owner; there are: none"):
        ask(report, "new", owner="platform")
