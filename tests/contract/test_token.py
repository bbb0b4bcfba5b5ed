"""The service token between the real services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from tests.contract.process import chat_api, db_api, service

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "planted-token-0123456789"
QUESTION = {"patient_mrn": "P000102", "query": "I slipped and hit my head"}


def test_only_who_shows_the_token_is_answered(tmp_path: Path) -> None:
    """With a token, db-api answers the chat that has it and nobody else but probes; no log repeats it."""
    with (
        db_api(tmp_path, SERVICE_TOKEN=TOKEN) as lower,
        service("service_chat", tmp_path, {"DB_API_BASE_URL": lower.address, "SERVICE_TOKEN": TOKEN}) as upper,
        httpx.Client(trust_env=False) as client,
    ):
        record = f"{lower.address}/patients/P000102"
        without = client.get(record)
        wrong = client.get(record, headers={"authorization": f"Bearer {TOKEN}x"})
        right = client.get(record, headers={"authorization": f"Bearer {TOKEN}"})
        probes = [client.get(f"{lower.address}{path}").status_code for path in ("/health?check=ready", "/openapi.json")]
        asked = client.post(f"{upper.address}/triage", json=QUESTION)

        assert [each.status_code for each in (without, wrong, right, asked)] == [401, 401, 200, 200]
        assert (wrong.json()["code"], wrong.headers["www-authenticate"]) == ("unauthorized", "Bearer")
        assert probes == [200, 200]
        for running in (lower, upper):
            assert TOKEN not in running.output.read_text()


def test_a_chat_without_the_token_says_that_there_is_no_record(tmp_path: Path) -> None:
    """A mistake in the deployment is a 503 to the patient, with its reason in chat-api's log."""
    with (
        db_api(tmp_path, SERVICE_TOKEN=TOKEN) as lower,
        chat_api(tmp_path, lower.address) as upper,
        httpx.Client(trust_env=False) as client,
    ):
        asked = client.post(f"{upper.address}/triage", json=QUESTION)

        assert (asked.status_code, asked.json()["code"]) == (503, "db_api_unavailable")
        assert "status 401" in [each.get("reason") for each in upper.lines()]
