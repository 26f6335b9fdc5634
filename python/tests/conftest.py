"""What the tests share: the demo organisation, audited once."""

import signal
from pathlib import Path

import foursee
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "shop"


@pytest.fixture(autouse=True)
def interruptible() -> None:
    """What starts in the background may have Ctrl-C ignored, and some tests press it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shop() -> Path:
    return SHOP


@pytest.fixture(scope="session")
def report() -> foursee.Report:
    return foursee.audit(SHOP, as_of="2026-11-25")


@pytest.fixture(scope="session")
def opened() -> foursee.Opened:
    return foursee.open(SHOP)
