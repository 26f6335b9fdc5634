"""The ten questions: each is one statement, and the demo organisation has the answers that its README tells."""

import foursee
import pytest
from foursee.questions import QUESTIONS, ask


def test_there_are_ten() -> None:
    assert len(QUESTIONS) == 10
    assert all(one.asks.endswith("?") and one.sql.count(";") == 0 for one in QUESTIONS.values())


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_is_answered(report: foursee.Report, name: str) -> None:
    answer = ask(report, name)
    assert answer.columns and "?" not in answer.columns
