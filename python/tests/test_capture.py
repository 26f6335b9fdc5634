"""Live platforms, from Python: against a real engine where this build has its collector (`test.sh` builds it in)."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import foursee
import pytest

SERVER = Path(__file__).resolve().parents[2] / "tests" / "servers" / "container"


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="foursee-engine-") as folder:
        subprocess.run([SERVER / "up", folder, "estate"], check=True)
        try:
            lines = (Path(folder) / "env").read_text().splitlines()
            yield dict(line.split("=", 1) for line in lines)["HOST"]
        finally:
            subprocess.run([SERVER / "down", folder], check=True)


def rules(report: foursee.Report) -> list[str]:
    return sorted(finding.fingerprint for finding in report)


def test_in_memory_on_the_disk_and_by_asyncio_it_is_the_same(engine: str, tmp_path: Path) -> None:
    steps: list[str] = []
    held = foursee.capture("container", engine, progress=steps.append)
    assert held.path is None and held.complete and held.documents == 4 and held.nothing == ()
    assert any("containers 12 of 12" in step for step in steps)
    written = foursee.capture("container", [engine], tmp_path / "capture.tar.zst")
    awaited = asyncio.run(foursee.capture_async("container", engine, out=tmp_path / "folder"))
    assert written.path == str(tmp_path / "capture.tar.zst") and awaited.complete
    reports = [foursee.audit(one, as_of="2026-11-28") for one in (held, written, awaited, tmp_path / "folder")]
    assert len(rules(reports[0])) > 10
    for report in reports[1:]:
        assert rules(report) == rules(reports[0])
    # What is not known of an engine at such a socket.
    assert "daemon.json" in [gap.target.split(" of ")[0] for gap in held.gaps]
    assert "planted-secret" not in (repr(held) + repr(held.gaps))
    with pytest.raises(TypeError):
        os.fspath(held)


def test_a_target_that_is_not_there_is_no_exception(engine: str) -> None:
    captured = foursee.capture("container", ["/nonexistent/engine.sock", engine])
    assert captured.nothing == ("unix:///nonexistent/engine.sock",) and not captured.complete
    assert foursee.audit(captured)


def test_mistakes_are_exceptions(tmp_path: Path) -> None:
    with pytest.raises(foursee.ConfigError, match="no collector for the layer `mainframe`"):
        foursee.capture("mainframe")
    with pytest.raises(foursee.ConfigError, match="forwarded socket"):
        foursee.capture("container", "ssh://ci-1")
    with pytest.raises(foursee.ConfigError):
        asyncio.run(foursee.capture_async("container", "/x.sock", deadline=0))
    with pytest.raises(foursee.ConfigError):
        foursee.capture("container", "/x.sock", concurrency=0)
    (tmp_path / "holiday.jpg").write_text("")
    with pytest.raises(foursee.InputError):
        foursee.capture("container", "/nonexistent/engine.sock", tmp_path)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """An engine that never answers."""
    path = str(tmp_path / "silent.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(16)
        yield path


def test_cancelling_the_task_ends_the_capture(silent: str, tmp_path: Path) -> None:
    async def cancelled() -> float:
        task = asyncio.create_task(foursee.capture_async("container", silent, tmp_path / "part"))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancelled()) < 10
    deadline = time.monotonic() + 20
    manifest = tmp_path / "part" / "foursee-capture.json"
    while "interrupted" not in manifest.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert '"complete":false' in manifest.read_text().replace(" ", "")


def test_control_c_is_heard(silent: str) -> None:
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        foursee.capture("container", silent, deadline=60)


def test_the_loop_goes_on(silent: str) -> None:
    async def counted() -> int:
        ticks = 0
        task = asyncio.create_task(foursee.capture_async("container", silent, deadline=1))
        while not task.done():
            ticks += 1
            await asyncio.sleep(0.01)
        assert (await task).nothing
        return ticks

    assert asyncio.run(counted()) > 5
