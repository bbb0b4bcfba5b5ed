"""Turns, many at a time, over a real database: each stored once, and none at another's cost."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.models import examples

if TYPE_CHECKING:
    import httpx

    from tests.integration.services.conftest import Pair

STORED = "stored"


@pytest.fixture(scope="module")
def client(pair: Pair) -> httpx.Client:
    """Return a client of db-api with the personas."""
    return pair.below


def turn(number: int, mrn: str = "P000102", *, log: bool = True) -> dict[str, Any]:
    """Return turn NUMBER, of the patient MRN."""
    chat_log, audit_log = copy.deepcopy(examples.NEW_CHAT_LOG), copy.deepcopy(examples.AUDIT_LOG)
    chat_log |= {"conversation_id": f"CONV-{number:032x}", "patient_mrn": mrn}
    audit_log |= {"event_id": f"EVT-{number:032x}", "patient_mrn": mrn, "request_id": f"{number + 1:032x}"}
    return {"chat_log": chat_log if log else None, "audit_log": audit_log}


def outcomes(client: httpx.Client, *turns: dict[str, Any]) -> list[str]:
    response = client.post("/turns", json={"turns": turns})
    assert response.status_code == 200, response.text
    found: list[str] = response.json()["outcomes"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"turns": []},
        {"turns": [turn(1)] * 101},
        {"turns": [{"chat_log": turn(1)["chat_log"]}]},
        {"turns": [turn(1) | {"more": 1}]},
        {"turns": [turn(1), turn(2) | {"audit_log": {}}]},
    ],
    ids=["none", "too many", "no event", "more", "one of two is wrong"],
)
def test_what_is_no_turn_stores_nothing(client: httpx.Client, body: dict[str, Any]) -> None:
    """A body that is not as documented is refused whole, without an echo."""
    response = client.post("/turns", json=body)

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert "P000102" not in response.text
    assert client.get(f"/chat-logs/CONV-{1:032x}").status_code == 404


def test_each_turn_has_its_own_outcome(client: httpx.Client) -> None:
    """An unknown patient or a taken id costs that turn alone; its event is stored where it can be."""
    assert outcomes(client, turn(10), turn(11)) == [STORED, STORED]
    other_log, other_event = turn(10), turn(11, log=False)
    other_log["chat_log"]["messages"][0]["content"] = "Something else."
    other_event["audit_log"]["latency_ms"] += 1

    found = outcomes(client, turn(12, "P999999"), other_log, other_event, turn(13, log=False), turn(14))

    assert found == ["patient_not_found", "duplicate_conversation", "duplicate_event", STORED, STORED]
    assert [client.get(f"/chat-logs/CONV-{number:032x}").status_code for number in (12, 13, 14)] == [404, 404, 200]
    for number in (10, 11, 12, 13, 14):
        (event,) = client.get(f"/audit-logs?request_id={number + 1:032x}").json()["items"]
        assert event["event_id"] == f"EVT-{number:032x}"


def test_what_is_sent_again_is_stored_once(client: httpx.Client) -> None:
    """Whoever hears no answer may ask again, with others in between."""
    assert outcomes(client, turn(20), turn(21)) == [STORED] * 2
    assert outcomes(client, turn(21), turn(22), turn(20)) == [STORED] * 3

    for number in (20, 21, 22):
        assert len(client.get(f"/audit-logs?request_id={number + 1:032x}").json()["items"]) == 1
        stored = client.get(f"/chat-logs/CONV-{number:032x}").json()
        assert stored["messages"] == client.get(f"/chat-logs/CONV-{20:032x}").json()["messages"]
