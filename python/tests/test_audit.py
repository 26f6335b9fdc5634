"""`foursee.audit`: what it takes, what it refuses."""

import json
from datetime import date, datetime, timezone
from pathlib import Path

import foursee
import pytest

LAYERS = {"aws", "container", "kafka", "kubernetes", "postgres"}


def test_paths_text_and_json_are_one(shop: Path, report: foursee.Report) -> None:
    assert foursee.audit(str(shop), as_of=date(2026, 11, 25)) == report
    assert foursee.audit(shop, as_of=datetime(2026, 11, 25, tzinfo=timezone.utc)).to_json() == report.to_json()


def test_the_shop_has_findings_of_every_layer(report: foursee.Report) -> None:
    assert {scope.layer for scope in report.scopes} == LAYERS
    assert {finding.layer for finding in report} >= LAYERS
    assert report.summary.open == {
        severity: sum(one.severity == severity and one.status == "open" for one in report)
        for severity in report.summary.open
    }


def test_documents_that_a_program_holds(shop: Path) -> None:
    names = ["acls.txt", "topics.txt", "groups.txt", "cluster-id.txt", "server.properties"]
    held = {name: (shop / "kafka" / name).read_text() for name in names}
    held["acls.txt"] = held["acls.txt"].encode()  # type: ignore[assignment]
    policy = shop / "foursee.toml"
    here = foursee.audit(held, config=policy, as_of="2026-11-25")
    there = foursee.audit(shop / "kafka", config=policy, as_of="2026-11-25")
    assert [one.fingerprint for one in here] == [one.fingerprint for one in there] != []


def test_objects_are_documents(shop: Path) -> None:
    pods = json.loads((shop / "cluster-prod" / "pods.json").read_text())
    opened = foursee.open({"pods.json": pods})
    assert [scope.layer for scope in opened.scopes] == ["kubernetes"]


def test_layers_keep_findings_and_still_read_all(shop: Path, report: foursee.Report) -> None:
    kafka = foursee.audit(shop, as_of="2026-11-25", layers=["kafka"])
    assert kafka.findings == tuple(one for one in report if one.layer == "kafka")
    assert kafka.scopes == report.scopes


def test_baseline(shop: Path, report: foursee.Report, tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    saved.write_text(report.to_json())
    for baseline in [report, saved, report.to_dict()]:
        again = foursee.audit(shop, as_of="2026-11-25", baseline=baseline)
        assert {one.since for one in again} == {"unchanged"}
        assert (again.resolved, again.unknown) == ((), ())
    kafka = foursee.audit(shop, as_of="2026-11-25", layers=["kafka"])
    assert "new" in {one.since for one in foursee.audit(shop, as_of="2026-11-25", baseline=kafka)}


def test_progress_is_told(shop: Path) -> None:
    steps: list[tuple[str, str]] = []
    foursee.audit(shop, progress=lambda stage, what: steps.append((stage, what)))
    stages = list(dict.fromkeys(stage for stage, _ in steps))
    assert stages == ["read", "parse", "lower", "link", "analyse", "check", "judge"]
    assert any(what.endswith("acls.txt") for stage, what in steps if stage == "read")


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"layers": ["kafak"]}, foursee.ConfigError, "no layer `kafak`; there are"),
        ({"as_of": "yesterday"}, foursee.ConfigError, "as_of = `yesterday`: a time as"),
        ({"as_of": datetime(2026, 11, 25)}, foursee.ConfigError, "as_of has no time zone"),
        ({"config": "/no/such/foursee.toml"}, foursee.InputError, "cannot read `/no/such/foursee.toml`"),
        ({"baseline": "/no/such.json"}, foursee.InputError, "cannot read `/no/such.json`"),
        ({"baseline": {"schema_version": 1}}, foursee.ConfigError, "it is not a foursee report as JSON"),
        ({"baseline": {"schema_version": 99}}, foursee.ConfigError, "its schema_version is 99"),
    ],
)
def test_mistakes_are_named(shop: Path, options: dict[str, object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        foursee.audit(shop, **options)  # type: ignore[arg-type]


def test_exceptions_are_pythons_too(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="there is nothing at"):
        foursee.audit(tmp_path / "nothing")
    with pytest.raises(foursee.InputError, match="nothing to audit"):
        foursee.audit()
    with pytest.raises(TypeError, match="a source is a path, a capture, or a mapping"):
        foursee.audit(1)  # type: ignore[arg-type]
    with pytest.raises(foursee.InputError, match="`x.json` cannot be written as JSON"):
        foursee.audit({"x.json": {1, 2}})  # type: ignore[dict-item]
    broken = tmp_path / "foursee.toml"
    broken.write_text("[scope.x]\ntitel = 'y'")
    with pytest.raises(ValueError, match="unknown field `titel`"):
        foursee.audit(tmp_path, config=broken)
    for one in (foursee.ConfigError, foursee.InputError, foursee.QuestionError):
        assert issubclass(one, foursee.FourseeError)


def test_what_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "roles.json").write_text("")
    report = foursee.audit(tmp_path)
    assert [gap.target for gap in report.gaps] == ["roles.json"]
    assert bool(report) and len(report) == 0
