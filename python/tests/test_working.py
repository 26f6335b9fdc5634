"""While foursee works: the interpreter is free, Ctrl-C is heard, and a callback's exception comes through."""

import os
import signal
import threading
import time
from pathlib import Path

import foursee
import pytest

QUESTION = {
    "principal": "User:x",
    "host": "10.0.0.1",
    "operation": "Read",
    "resourceType": "Topic",
    "resourceName": "t",
}


def acls(count: int) -> str:
    """So many ACLs, as kafka-acls prints them."""
    one = (
        "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=t{0}, patternType=LITERAL)`:\n"
        " \t(principal=User:u{0}, host=*, operation=READ, permissionType=ALLOW)\n"
    )
    return "\n".join(one.format(number) for number in range(count))


def test_other_threads_go_on() -> None:
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    foursee.audit({"acls.txt": acls(3_000)})
    during = counted - before
    done.set()
    thread.join()
    assert during > 1_000


def test_control_c_is_heard() -> None:
    opened = foursee.open({"acls.txt": acls(1_000)})
    questions = [QUESTION] * 300_000
    stop = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stop.start()
        for _ in range(1_000):
            opened.decide("kafka", questions)
    assert time.monotonic() - started < 20
    assert opened.decide("kafka", QUESTION)["allowed"] is False


def test_control_c_ends_an_audit() -> None:
    documents = {"acls.txt": acls(3_000)}
    stop = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stop.start()
        for _ in range(1_000):
            foursee.audit(documents)
    assert time.monotonic() - started < 20


def test_what_progress_raises_ends_the_audit(shop: Path) -> None:
    def full(stage: str, what: str) -> None:
        raise RuntimeError(f"no more of {stage}")

    with pytest.raises(RuntimeError, match="no more of read"):
        foursee.audit(shop, progress=full)


def test_a_report_is_read_from_many_threads(report: foursee.Report) -> None:
    results: list[int] = []

    def read() -> None:
        results.append(len(report.can("User:worker")) + len(report.tables.privileges.to_dicts()))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len(set(results)) == 1
