"""Every route, as a table: what it answers, in what form, and what it says it answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from service_db_api import models
from service_db_api.models import examples
from service_db_api.store.schema import CHAT_LOGS
from service_db_api.store.writing import write
from tests.unit.service_db_api.records import forget, records, rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import BaseModel

    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
MRN, NOBODY = "P000902", "P999999"
ENCOUNTER, CLAIM, DOCUMENT = "ENC-2024-01-01-020001", "CLM-2024-020001", "DOC-X-020001"
CONVERSATION = f"CONV-{'020001':0>32}"
UNKNOWN = "CONV-" + "f" * 32


@dataclass(frozen=True)
class Row:
    """
    One line: what is asked, and the status with either the model of the body or the code of the problem.

    `before` is posted to the same path first, and so is there when `body` is sent.
    """

    method: str
    path: str
    status: int
    told: type[BaseModel] | str
    body: dict[str, Any] | None = None
    before: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


def new(number: int, **changes: object) -> dict[str, Any]:
    """Return a conversation under a trace of its own, so that no row finds what another one has stored."""
    return {**examples.NEW_CHAT_LOG, "patient_mrn": MRN, "trace_id": f"{number:032x}", **changes}


def event(number: int, **changes: object) -> dict[str, Any]:
    """Return an audit record under an id of its own."""
    return {**examples.AUDIT_LOG, "patient_mrn": MRN, "event_id": f"EVT-{number:032x}", **changes}


TABLE = [
    Row("GET", "/patients", 200, models.PatientPage),
    Row("GET", "/patients?limit=0", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}", 200, models.Patient),
    Row("GET", f"/patients/{NOBODY}", 404, "patient_not_found"),
    Row("GET", "/patients/P1", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}?x=1", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}/summary", 200, models.Summary),
    Row("GET", f"/patients/{MRN}/summary?documents=1", 200, models.Summary),
    Row("GET", f"/patients/{NOBODY}/summary", 404, "patient_not_found"),
    Row("GET", f"/patients/{NOBODY}/summary?claims=0", 404, "patient_not_found"),
    Row("GET", f"/patients/{MRN}/summary?claims=11", 422, "invalid_input"),
    Row("GET", "/encounters", 200, models.EncounterPage),
    Row("GET", f"/encounters?patient_mrn={MRN}", 200, models.EncounterPage),
    Row("GET", "/encounters?patient_mrn=1", 422, "invalid_input"),
    Row("GET", f"/encounters/{ENCOUNTER}", 200, models.Encounter),
    Row("GET", "/encounters/ENC-1999-01-01-01", 404, "encounter_not_found"),
    Row("GET", "/encounters/1", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}/encounters", 200, models.EncounterPage),
    Row("GET", f"/patients/{NOBODY}/encounters", 404, "patient_not_found"),
    Row("GET", "/claims", 200, models.ClaimPage),
    Row("GET", f"/claims?patient_mrn={MRN}", 200, models.ClaimPage),
    Row("GET", "/claims?skip=-1", 422, "invalid_input"),
    Row("GET", f"/claims/{CLAIM}", 200, models.Claim),
    Row("GET", "/claims/CLM-1999-0001", 404, "claim_not_found"),
    Row("GET", "/claims/1", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}/claims", 200, models.ClaimPage),
    Row("GET", f"/patients/{NOBODY}/claims", 404, "patient_not_found"),
    Row("GET", "/documents", 200, models.DocumentPage),
    Row("GET", f"/documents?patient_mrn={MRN}&source_type=care_plan", 200, models.DocumentPage),
    Row("GET", "/documents?source_type=diary", 422, "invalid_input"),
    Row("GET", f"/documents/{DOCUMENT}", 200, models.Document),
    Row("GET", "/documents/DOC-NONE-1", 404, "document_not_found"),
    Row("GET", "/documents/1", 422, "invalid_input"),
    Row("GET", f"/patients/{MRN}/documents", 200, models.DocumentPage),
    Row("GET", f"/patients/{NOBODY}/documents", 404, "patient_not_found"),
    Row("GET", "/chat-logs", 200, models.ChatLogPage),
    Row("GET", f"/chat-logs?patient_mrn={MRN}", 200, models.ChatLogPage),
    Row("GET", "/chat-logs?limit=101", 422, "invalid_input"),
    Row("GET", f"/chat-logs/{CONVERSATION}", 200, models.ChatLog),
    Row("GET", f"/chat-logs/{UNKNOWN}", 404, "chat_log_not_found"),
    Row("GET", "/chat-logs/1", 422, "invalid_input"),
    Row("POST", "/chat-logs", 201, models.ChatLog, new(1)),
    Row("POST", "/chat-logs", 200, models.ChatLog, new(2), before=new(2)),
    Row("POST", "/chat-logs", 409, "duplicate_conversation", new(3, urgency="routine"), before=new(3)),
    Row("POST", "/chat-logs", 404, "patient_not_found", new(4, patient_mrn=NOBODY)),
    Row("POST", "/chat-logs", 422, "invalid_input", new(5, messages=[])),
    Row("GET", "/audit-logs", 200, models.AuditLogPage),
    Row("GET", f"/audit-logs?request_id={examples.TRACE_ID}", 200, models.AuditLogPage),
    Row("GET", "/audit-logs?request_id=1", 422, "invalid_input"),
    Row("POST", "/audit-logs", 201, models.AuditLog, event(1)),
    Row("POST", "/audit-logs", 200, models.AuditLog, event(2), before=event(2)),
    Row("POST", "/audit-logs", 409, "duplicate_event", event(3, latency_ms=1), before=event(3)),
    Row("POST", "/audit-logs", 422, "invalid_input", event(4, latency_ms=-1)),
    Row("GET", "/nothing", 404, "not_found"),
    Row("DELETE", f"/patients/{MRN}", 405, "method_not_allowed"),
]
READS = sorted({each.path for each in TABLE if each.method == "GET" and each.status == 200})


@pytest.fixture(scope="module")
async def stocked(served: Served) -> AsyncIterator[Served]:
    """Yield the application with one patient who has a record of each kind."""
    await write(served.store, rows(records(MRN, 1)))
    yield served
    await forget(served.store, MRN)


@pytest.fixture(scope="module")
async def openapi(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = (await served.client.get("/openapi.json")).json()
    return found


def documented(openapi: dict[str, Any], row: Row) -> dict[str, Any]:
    """Return what OpenAPI says of the answer to ROW."""
    asked = row.path.partition("?")[0].split("/")
    for path, operations in openapi["paths"].items():
        parts = path.split("/")
        if len(parts) == len(asked) and all(
            each == part or part.startswith("{") for each, part in zip(asked, parts, strict=True)
        ):
            found: dict[str, Any] = operations[row.method.lower()]["responses"][str(row.status)]
            return found
    raise AssertionError(row)


@pytest.mark.parametrize("row", TABLE, ids=str)
async def test_the_table_answers_as_written(stocked: Served, row: Row) -> None:
    """Status and body of every line; a body is its model's own JSON, and shows nothing of the database's."""
    if row.before:
        assert (await stocked.client.post(row.path, json=row.before)).status_code == 201

    response = await stocked.client.request(row.method, row.path, json=row.body)

    assert response.status_code == row.status
    if isinstance(row.told, str):
        assert (response.headers["content-type"], response.json()["code"]) == ("application/problem+json", row.told)
        assert MRN not in response.text
        assert NOBODY not in response.text
    else:
        assert response.headers["content-type"] == "application/json"
        found = row.told.model_validate_json(response.content, extra="forbid")
        assert orjson.loads(found.model_dump_json()) == response.json()
        assert '"_id"' not in response.text


async def test_the_table_is_documented(openapi: dict[str, Any]) -> None:
    """OpenAPI knows every status, with the model of the body."""
    wrong = []
    for row in TABLE:
        if row.status == 405 or row.path == "/nothing":
            continue
        told = documented(openapi, row)["content"]
        if isinstance(row.told, str):
            right = list(told) == ["application/problem+json"]
        else:
            right = told["application/json"]["schema"] == {"$ref": f"#/components/schemas/{row.told.__name__}"}
        wrong += [] if right else [(str(row), told)]

    assert wrong == []


async def test_every_route_without_the_database_is_a_503(away: Served) -> None:
    """Without its database the service says so, when to come back, and no address; all wait for it side by side."""
    writes = (("/chat-logs", new(6)), ("/audit-logs", event(6)))
    answers = await asyncio.gather(
        *(away.client.get(path) for path in READS), *(away.client.post(path, json=body) for path, body in writes)
    )

    told = [(answer.status_code, answer.json()["code"], answer.headers["retry-after"]) for answer in answers]
    assert told == [(503, "database_unavailable", "2")] * (len(READS) + len(writes))
    assert not [answer.text for answer in answers if "127.0.0.1" in answer.text]


@pytest.mark.parametrize(
    "path",
    [
        f"/patients/{MRN}",
        f"/patients/{MRN}/summary",
        f"/patients/{MRN}/summary?claims=0",
        f"/encounters/{ENCOUNTER}",
        f"/claims/{CLAIM}",
        f"/documents/{DOCUMENT}",
        f"/chat-logs/{CONVERSATION}",
    ],
)
async def test_one_record_is_sent_once(stocked: Served, path: str) -> None:
    """Whoever has a record asks whether it still holds, and is not sent it again while it does."""
    first = await stocked.client.get(path)
    tag = first.headers["etag"]

    for asked in (tag, f'"other", W/{tag}', "*"):
        again = await stocked.client.get(path, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for asked in ('"other"', tag.strip('"'), ""):
        whole = await stocked.client.get(path, headers={"If-None-Match": asked})
        assert (whole.status_code, whole.content, whole.headers["etag"]) == (200, first.content, tag)


async def test_a_changed_record_has_another_tag(stocked: Served) -> None:
    """A tag that holds tells that nothing has changed."""
    first = await stocked.client.get(f"/chat-logs/{CONVERSATION}")
    (changed,) = rows(records(MRN, 1))[CHAT_LOGS.name]
    await stocked.store.upsert(CHAT_LOGS, [{**changed, "urgency": "soon"}])

    again = await stocked.client.get(f"/chat-logs/{CONVERSATION}", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.json()["urgency"]) == (200, "soon")


async def test_no_answer_may_be_kept_unasked(stocked: Served) -> None:
    """Caches on the way hold no patient's record for anybody else."""
    for path in READS:
        assert (await stocked.client.get(path)).headers["cache-control"] in ("private, no-cache", "no-store")


@pytest.mark.parametrize("name", ["Patient", "Encounter", "Claim", "Document", "Summary", "ChatLog", "AuditLog"])
async def test_examples_are_true(openapi: dict[str, Any], name: str) -> None:
    """What OpenAPI shows as an example is one."""
    (example,) = openapi["components"]["schemas"][name]["examples"]

    model: type[BaseModel] = getattr(models, name)
    assert orjson.loads(model.model_validate(example, extra="forbid").model_dump_json()) == orjson.loads(
        model.model_validate_json(orjson.dumps(example)).model_dump_json()
    )


async def test_a_conversation_is_stored_as_it_was_sent(stocked: Served) -> None:
    """What is left out follows from what is there, and the place of the conversation is told."""
    sent = new(7, trace_id="d" * 32)
    response = await stocked.client.post("/chat-logs", json=sent)

    assert response.headers["location"] == f"/chat-logs/CONV-{'d' * 32}"
    stored = (await stocked.client.get(response.headers["location"])).json()
    assert stored == response.json()
    assert stored.items() >= {"started_at": "2026-01-05T10:00:00Z", "channel": "api", "status": "ok"}.items()
    assert stored["ended_at"] == sent["messages"][-1]["timestamp"]
    assert stored["messages"][1]["content"] == sent["messages"][1]["content"]


async def test_a_conversation_without_any_id_gets_one(stocked: Served) -> None:
    """Nothing ties two of them together, so each is stored; the id names nobody."""
    sent = {name: value for name, value in new(8).items() if name != "trace_id"}
    ids = {(await stocked.client.post("/chat-logs", json=sent)).json()["conversation_id"] for _ in range(2)}

    assert len(ids) == 2
    assert all(each.startswith("CONV-") and MRN not in each for each in ids)


async def test_a_conversation_under_its_own_id_is_stored_once(stocked: Served) -> None:
    """The id decides, whatever the trace; instants finer than the database keeps them make no difference."""
    said = {**examples.NEW_CHAT_LOG["messages"][0], "timestamp": "2026-01-05T11:00:00.123456+01:00"}
    conversation = "CONV-" + "9" * 32
    sent = new(9, conversation_id=conversation, messages=[said])
    statuses = [(await stocked.client.post("/chat-logs", json=sent)).status_code for _ in range(3)]
    other = await stocked.client.post("/chat-logs", json={**sent, "trace_id": "c" * 32})

    assert statuses == [201, 200, 200]
    assert other.status_code == 409
    (stored,) = [
        row async for row in stocked.store.each(CHAT_LOGS, {"conversation_id": conversation}, CHAT_LOGS.listed)
    ]
    assert stored["messages"][0]["timestamp"].isoformat() == "2026-01-05T10:00:00.123000"


async def test_events_of_others_are_found_by_request(stocked: Served) -> None:
    """What chat-api notes is read under the trace id, beside what db-api notes itself."""
    sent = event(7, request_id="b" * 32)
    await stocked.client.post("/audit-logs", json=sent)

    found = (await stocked.client.get(f"/audit-logs?request_id={'b' * 32}")).json()

    assert found["items"] == [sent]


@pytest.mark.parametrize(("path", "allowed"), [("/chat-logs", "GET, POST"), ("/patients", "GET")])
async def test_what_may_be_done_at_a_path_is_told_whole(served: Served, path: str, allowed: str) -> None:
    """A method that does not exist is answered with those that do, of all routes at the path."""
    answer = await served.client.request("DELETE", path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
