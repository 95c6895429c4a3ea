import pytest

from livyguard.sessions.model import StatementTimes


@pytest.mark.parametrize(
    ("started", "completed", "answer"), [(1.0, None, True), (1.0, 2.0, False), (None, None, False)]
)
def test_a_statement_runs_from_its_start_to_its_end(started, completed, answer):
    assert StatementTimes(started, completed).is_running is answer
