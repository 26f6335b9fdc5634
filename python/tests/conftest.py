"""What the tests share: the demo organisation, audited once."""

from pathlib import Path

import foursee
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "shop"


@pytest.fixture(scope="session")
def shop() -> Path:
    return SHOP


@pytest.fixture(scope="session")
def report() -> foursee.Report:
    return foursee.audit(SHOP, as_of="2026-11-25")


@pytest.fixture(scope="session")
def opened() -> foursee.Opened:
    return foursee.open(SHOP)
