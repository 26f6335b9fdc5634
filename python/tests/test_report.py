"""A report as a value: frozen, comparable, hashable, picklable, sliced like a list, safe to show."""

import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import foursee
import pytest


def views(value: object) -> Iterator[object]:
    """A view and everything that it holds."""
    if isinstance(value, tuple):
        for one in value:
            yield from views(one)
    elif type(value).__module__ == "foursee" and hasattr(value, "__match_args__"):
        yield value
        for name in dir(type(value)):
            if not name.startswith("_") and name != "to_dict":
                yield from views(getattr(value, name))


def everything(report: foursee.Report) -> list[object]:
    answers = report.can("User:worker")
    parts = (report.findings, report.paths, report.gaps, report.scopes, report.resolved, answers)
    return [*views((*parts, report.summary))]


def test_it_is_a_sequence_of_findings(report: foursee.Report) -> None:
    assert tuple(report) == report.findings
    assert len(report) == len(report.findings) > 10
    assert report[0] == report.findings[0] and report[-1] == report.findings[-1]
    assert report[:3] == report.findings[:3]
    assert report[0] in report
    with pytest.raises(IndexError):
        report[10_000]


def test_every_view_is_frozen_equal_hashable_and_picklable(report: foursee.Report) -> None:
    seen = set()
    for view in everything(report):
        kind = type(view)
        seen.add(kind.__name__)
        for again in (copy.copy(view), copy.deepcopy(view), pickle.loads(pickle.dumps(view))):
            assert again == view and hash(again) == hash(view) and type(again) is kind
        assert json.loads(json.dumps(view.to_dict())) == view.to_dict()  # type: ignore[attr-defined]
        assert repr(view).startswith(kind.__name__ + "(")
        with pytest.raises(AttributeError):
            setattr(view, kind.__match_args__[0], "other")  # type: ignore[attr-defined]
    assert seen >= {"Answer", "Evidence", "Finding", "Gap", "Hop", "Named", "Node", "Outcome", "Owner"}
    assert seen >= {"Path", "Place", "Scope", "Summary"}
    assert report[0] != report[1] and report[0] != "something else"


def test_findings_match(report: foursee.Report) -> None:
    match report[0]:
        case foursee.Finding(rule, severity, scope=where):
            assert (rule, severity, where) == (report[0].rule, report[0].severity, report[0].scope)
        case _:
            pytest.fail("a finding is matched by its rule and severity")


def test_the_dictionary_is_the_json(report: foursee.Report) -> None:
    assert json.loads(report.to_json()) == report.to_dict()
    assert report.to_dict()["findings"] == [one.to_dict() for one in report]
    assert report.to_dict()["paths"] == [one.to_dict() for one in report.paths]
    assert report.to_json().endswith("}\n")


def test_a_pickled_report_keeps_what_was_found(report: foursee.Report) -> None:
    again = pickle.loads(pickle.dumps(report))
    assert again == report and hash(again) == hash(report)
    assert again.findings == report.findings and again.paths == report.paths and again.gaps == report.gaps
    for name, table in report.tables.items():
        assert again.tables[name] == table
        assert again.tables[name].to_arrow().schema.equals(table.to_arrow().schema, check_metadata=True)
    for ask in (lambda: again.can("x"), lambda: again.path("x"), lambda: again.who_can("x", "y")):
        with pytest.raises(foursee.QuestionError, match="audit them again"):
            ask()
    assert pickle.loads(pickle.dumps(again)) == report


def test_no_value_of_a_secret_is_shown_or_pickled(report: foursee.Report, shop: Path) -> None:
    assert any("planted-secret" in path.read_text() for path in shop.rglob("*") if path.suffix in (".json", ".yaml"))
    shown = [report.to_json(), report._repr_html_(), repr(pickle.dumps(report))]
    shown += [repr(table.to_dicts()) for table in report.tables.values()]
    assert not any("planted-secret" in one for one in shown)


def test_html_is_escaped_and_short(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>&\"'"
    acls = [
        f"Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=t{number}, patternType=LITERAL)`:\n"
        f" \t(principal=User:{evil}, host=*, operation=ALL, permissionType=ALLOW)\n"
        for number in range(100)
    ]
    (tmp_path / "acls.txt").write_text("\n".join(acls))
    report = foursee.audit(tmp_path)
    for shown in [report._repr_html_(), *(table._repr_html_() for table in report.tables.values())]:
        assert "<script" not in shown and "http" not in shown
        assert shown.count("<tr>") <= 51
    assert "50 of " in report.tables.edges._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;" in report.tables.edges._repr_html_()


def test_reprs_are_safe_for_a_terminal() -> None:
    acl = (
        "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)`:\n"
        " \t(principal=User:\u202ex\u001b[2J, host=*, operation=ALL, permissionType=ALLOW)\n"
    )
    report = foursee.audit({"acls.txt": acl})
    answers = report.who_can("READ", "t")
    assert len(answers) > 0
    for one in (*answers, *report, *report.gaps):
        assert not set(repr(one)) & {"\u001b", "\u202e"}


def test_a_report_shows_what_matters(report: foursee.Report) -> None:
    shown = repr(report)
    assert shown.startswith(f"Report({sum(report.summary.open.values())} open findings: ")
    assert f"{len(report.gaps)} gaps" in shown and "2026-11-25" in shown
    assert f"{len(report.gaps)} gaps" in report._repr_html_()
