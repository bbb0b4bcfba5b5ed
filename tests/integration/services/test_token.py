"""The service token between the real services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.services.conftest import TOKEN
from tests.integration.services.process import get

if TYPE_CHECKING:
    from tests.integration.services.conftest import Pair


def test_db_api_with_a_token_answers_only_who_shows_it(pair: Pair) -> None:
    """It answers the chat that has it and nobody else but probes; no log repeats it."""
    record = f"{pair.db_api.address}/patients/P000102"
    without = get(record)
    wrong = get(record, authorization=f"Bearer {TOKEN}x")
    correct = get(record, authorization=f"Bearer {TOKEN}")
    probes = [get(f"{pair.db_api.address}{path}").status_code for path in ("/health?check=ready", "/openapi.json")]
    asked = pair.triage("P000102", "I slipped and hit my head")

    assert [answer.status_code for answer in (without, wrong, correct, asked)] == [401, 401, 200, 200]
    assert (wrong.json()["code"], wrong.headers["www-authenticate"]) == ("unauthorized", "Bearer")
    assert probes == [200, 200]
    for running in (pair.db_api, pair.chat_api):
        assert TOKEN not in running.output.read_text()
