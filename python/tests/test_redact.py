"""`foursee.redact`: the same findings, and no secret."""

from pathlib import Path

import foursee
import pytest


def test_the_shop_without_its_secrets(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOURSEE_LINK_KEY", "a key that only these tests have")
    done = foursee.redact(shop, tmp_path / "out")
    assert (done.gaps, done.missing, done.renamed, done.differences) == ((), (), 0, ())
    texts = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(texts) > done.documents > 40
    assert not any(b"planted-secret" in text for text in texts)
    before, after = (foursee.audit(path, as_of="2026-11-25") for path in (shop, tmp_path / "out"))
    assert [one.fingerprint for one in before] == [one.fingerprint for one in after] != []


def test_pseudonyms(shop: Path, tmp_path: Path) -> None:
    done = foursee.redact([shop], tmp_path / "out.tar.zst", pseudonyms=tmp_path / "map.json")
    assert done.differences == () and done.renamed > 50
    assert "FOURSEE_LINK_KEY" not in repr(done) and any("random key" in gap for gap in done.gaps)
    assert "shop" in (tmp_path / "map.json").read_text()


def test_what_it_refuses(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(foursee.InputError):
        foursee.redact([], tmp_path / "out")
    with pytest.raises(foursee.InputError):
        foursee.redact(tmp_path / "none", tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("x")
    with pytest.raises(foursee.FourseeError, match="is no capture"):
        foursee.redact(shop, tmp_path / "mine")
    monkeypatch.setenv("FOURSEE_LINK_KEY", "short")
    with pytest.raises(foursee.ConfigError, match="16 characters"):
        foursee.redact(shop, tmp_path / "out")
