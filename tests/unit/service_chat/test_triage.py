"""Triage over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog

from tests.unit.service_chat.served import SUMMARIES, serve, written

if TYPE_CHECKING:
    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio
HEAD_INJURY = "I slipped and hit my head, there is a bump but I feel fine."
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _refused(_: httpx.Request) -> httpx.Response:
    message = "db-api-7.internal"
    raise httpx.ConnectError(message)


def _late(_: httpx.Request) -> httpx.Response:
    message = "db-api-7.internal"
    raise httpx.ReadTimeout(message)


FAULTS: dict[str, Any] = {
    "refused": _refused,
    "late": _late,
    "down": lambda _: httpx.Response(503, json={"code": "database_unavailable", "host": "db-api-7.internal"}),
    "broken": lambda _: httpx.Response(500, text="db-api-7.internal"),
    "moved": lambda _: httpx.Response(307, headers={"location": "http://db-api-7.internal"}),
    "another 404": lambda _: httpx.Response(404, json={"code": "not_found"}),
    "a proxy's 404": lambda _: httpx.Response(404, text="<html>db-api-7.internal</html>"),
    "a list": lambda _: httpx.Response(404, json=["patient_not_found"]),
    "no JSON": lambda _: httpx.Response(200, text="db-api-7.internal"),
    "no record": lambda _: httpx.Response(200, json={"patient": {"mrn": "P000102", "conditions": "many"}}),
    "another patient": lambda _: httpx.Response(200, json=SUMMARIES["P000101"]),
}


@pytest.mark.parametrize("fault", list(FAULTS))
async def test_without_a_record_there_is_no_answer(served: Served, fault: str) -> None:
    """Whatever is wrong with db-api, the caller reads when to come back, the trace id, and nothing of the cause."""
    served.db_api.answer = FAULTS[fault]

    response = await served.triage("P000102", HEAD_INJURY)

    body = response.json()
    assert (response.status_code, body["code"]) == (503, "db_api_unavailable")
    assert response.headers["retry-after"] == "2"
    assert body["trace_id"] == response.headers["x-trace-id"]
    assert "internal" not in response.text


async def test_an_unknown_patient_is_a_404(served: Served) -> None:
    """The caller reads that nobody has this number, with the trace id and without the number."""
    response = await served.triage("P999999", "Which pills am I on?")

    body = response.json()
    assert (response.status_code, body["code"]) == (404, "patient_not_found")
    assert body["trace_id"] == response.headers["x-trace-id"]
    assert "P999999" not in response.text
    assert "pills" not in response.text


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"patient_mrn": "P000105", "query": "  \n "}, [(["body", "query"], "string_too_short")]),
        ({"patient_mrn": "P000105", "query": "\u200b \u2060\ufeff"}, [(["body", "query"], "string_too_short")]),
        ({"patient_mrn": "P000105", "query": "\u3164\u0301\x00"}, [(["body", "query"], "string_too_short")]),
        ({"patient_mrn": "P000105", "query": "renn" * 501}, [(["body", "query"], "string_too_long")]),
        ({"patient_mrn": "../P000105", "query": "renn"}, [(["body", "patient_mrn"], "string_pattern_mismatch")]),
        ({"patient_mrn": "P00010\u0665", "query": "renn"}, [(["body", "patient_mrn"], "string_pattern_mismatch")]),
        ({"patient_mrn": "P000105", "query": "renn", "renn": 1}, [(["body"], "extra_forbidden")]),
        ({"patient_mrn": "P000105", "query": ["renn"]}, [(["body", "query"], "string_type")]),
        ({"query": "renn"}, [(["body", "patient_mrn"], "missing")]),
    ],
)
async def test_bad_input_is_refused_without_echo(
    served: Served, body: dict[str, Any], errors: list[tuple[list[str], str]]
) -> None:
    """A 422 says where and why, carries the trace id, asks db-api nothing, and repeats nothing."""
    response = await served.client.post("/triage", json=body)

    told = response.json()
    assert (response.status_code, told["code"]) == (422, "invalid_input")
    assert told["errors"] == [{"loc": where, "type": kind} for where, kind in errors]
    assert told["trace_id"] == response.headers["x-trace-id"]
    assert "renn" not in response.text
    assert served.db_api.asked == []


async def test_the_answer_rests_on_the_record(served: Served) -> None:
    """The blood thinner of this very patient makes a bump on the head urgent, and the answer names it."""
    body = (await served.triage("P000102", HEAD_INJURY)).json()

    assert (body["urgency"], body["llm_mode"]) == ("urgent", "mock")
    assert "apixaban" in body["response"]
    assert body["matched_rules"][0] == "escalator.anticoagulant_head_injury"
    assert body["citations"][0]["doc_id"] == "DOC-CAREPLAN-P000102-2025"

    without = (await served.triage("P000108", HEAD_INJURY)).json()
    assert without["urgency"] == "soon"
    assert "apixaban" not in without["response"]


async def test_an_answer_is_whole(served: Served) -> None:
    """Every documented field is there, and the disclaimer always."""
    response = await served.triage("P000108", "  hello there  ")

    body = response.json()
    assert set(body) == {
        *(
            "trace_id",
            "patient_mrn",
            "query",
            "llm_mode",
            "worded_by",
            "response",
            "urgency",
            "next_step",
            "matched_rules",
        ),
        *("facts", "citations", "retrieval", "disclaimer", "conversation_id", "inference_time_ms"),
    }
    assert (body["query"], body["patient_mrn"]) == ("hello there", "P000108")
    assert body["trace_id"] == response.headers["x-trace-id"]
    assert "not medical advice" in body["disclaimer"]
    assert body["inference_time_ms"] >= 0


async def test_the_trace_goes_on_to_db_api(served: Served) -> None:
    """One trace id leads from the caller through both services."""
    await served.client.post(
        "/triage", json={"patient_mrn": "P000102", "query": HEAD_INJURY}, headers={"traceparent": PARENT}
    )

    (asked,) = served.db_api.asked
    assert asked.headers["traceparent"].split("-")[1] == PARENT.split("-")[1]
    assert asked.headers["traceparent"] != PARENT
    assert asked.headers["x-trace-id"] == PARENT.split("-")[1]
    assert asked.url.raw_path == b"/patients/P000102/summary"


async def test_questions_side_by_side_keep_their_patients(served: Served) -> None:
    """Answers to many questions at once rest on the record of each one's own patient."""
    mrns = [f"P00010{number}" for number in range(1, 9)] * 3
    answers = await asyncio.gather(*(served.triage(mrn, "What conditions do you have on file for me?") for mrn in mrns))

    for mrn, answer in zip(mrns, answers, strict=True):
        body = answer.json()
        assert body["patient_mrn"] == mrn
        for condition in SUMMARIES[mrn]["patient"]["conditions"]:
            assert condition["display"] in body["response"]


@pytest.mark.parametrize("mrn", ["P000102", "P999999", "P12"])
async def test_the_log_names_nobody(served: Served, mrn: str) -> None:
    """Neither MRN nor question nor name is in a line of the log, whether or not the question is answered."""
    with structlog.testing.capture_logs() as lines:
        await served.triage(mrn, HEAD_INJURY)
        served.db_api.answer = FAULTS["another patient"]
        await served.triage(mrn, HEAD_INJURY)

    assert lines
    for private in (mrn, "slipped", "Tobias", "Renn", "Quarry", "1958"):
        assert private not in written(lines)


@pytest.mark.parametrize("path", ["/triage", "/triage/stream"])
async def test_the_log_tells_where_the_time_went(served: Served, path: str) -> None:
    """Each step of a question is a span in its line, with how long it took and how it ended; db-api is asked by one."""
    with structlog.testing.capture_logs() as lines:
        await served.client.post(path, json={"patient_mrn": "P000102", "query": HEAD_INJURY})
        await served.client.get("/health")

    line, other = (each for each in lines if each["event"] == "request")
    assert [(each["name"], each["status"]) for each in line["spans"]] == [
        *(("db_api", "ok"), ("rules", "ok"), ("retrieval", "ok"), ("model", "ok"))
    ]
    assert 0 < sum(each["duration_ms"] for each in line["spans"]) < line["duration_ms"]
    assert served.db_api.asked[0].headers["traceparent"].split("-")[2] == line["spans"][0]["span_id"]
    assert "spans" not in other


async def test_the_log_tells_which_step_failed(served: Served) -> None:
    """The span of what failed has the problem's code."""
    served.db_api.answer = FAULTS["late"]
    with structlog.testing.capture_logs() as lines:
        await served.triage("P000102", HEAD_INJURY)

    (line,) = [each for each in lines if each["event"] == "request"]
    assert [(each["name"], each["status"]) for each in line["spans"]] == [("db_api", "db_api_unavailable")]


async def test_an_answer_is_in_no_cache(served: Served) -> None:
    """What somebody asked about themselves is kept nowhere on its way."""
    response = await served.triage("P000106", "I don't want to be alive any more.")

    assert response.headers["cache-control"] == "no-store"


async def test_each_turn_is_noted() -> None:
    """Answered, streamed or failed: db-api is told of every one, once the answer is out."""
    async with serve() as served:
        answered = (await served.triage("P000102", HEAD_INJURY)).json()
        await served.client.post("/triage/stream", json={"patient_mrn": "P000102", "query": HEAD_INJURY})
        await served.triage("P999999", HEAD_INJURY)

    told = [turn for each in served.db_api.stored for turn in json.loads(each.content)["turns"]]
    logs = [turn["chat_log"] for turn in told if turn.get("chat_log")]
    audits = [turn["audit_log"] for turn in told]
    assert [each["status"] for each in audits] == ["success", "success", "error"]
    assert [each["messages"][1]["content"] for each in logs] == [answered["response"]] * 2
    assert logs[0]["conversation_id"] == answered["conversation_id"]
    assert logs[0]["retrieval_events"][0]["results"][0]["doc_id"] == answered["citations"][0]["doc_id"]
    assert len({each["conversation_id"] for each in logs}) == 2


async def test_turns_are_not_kept_where_that_is_off() -> None:
    """Then nothing is told, and the answer has no conversation to refer to."""
    async with serve(store_chat_logs=False) as served:
        body = (await served.triage("P000102", HEAD_INJURY)).json()

    assert body["conversation_id"] is None
    assert served.db_api.stored == []


@pytest.mark.parametrize("path", ["/triage", "/triage/stream"])
async def test_every_problem_is_documented(served: Served, path: str) -> None:
    """OpenAPI tells of each status that may come, on both routes, and shows an answer."""
    told = (await served.client.get("/openapi.json")).json()

    operation = told["paths"][path]["post"]
    for status in ("404", "422", "429", "502", "503", "504"):
        assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    examples = [field.get("examples") for field in told["components"]["schemas"]["Question"]["properties"].values()]
    assert all(examples)


@pytest.mark.parametrize("given", ["0", "1"])
async def test_a_caller_without_time_is_told_so(served: Served, given: str) -> None:
    """Its own deadline is nobody's fault: neither db-api nor the model is said to have failed."""

    def slow(_: httpx.Request) -> httpx.Response:
        # Longer than the caller gives.
        return httpx.Response(504, json={"code": "deadline_exceeded"})

    served.db_api.answer = slow
    body = {"patient_mrn": "P000102", "query": HEAD_INJURY}
    response = await served.client.post("/triage", json=body, headers={"X-Request-Timeout-Ms": given})

    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")
    assert "retry-after" not in response.headers


@pytest.mark.parametrize("given", ["-1", "soon", "1e3", "12345678", ""])
async def test_a_deadline_that_is_none_counts_as_not_sent(served: Served, given: str) -> None:
    """The question has the service's own time."""
    body = {"patient_mrn": "P000102", "query": HEAD_INJURY}
    response = await served.client.post("/triage", json=body, headers={"X-Request-Timeout-Ms": given})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "allowed"), [("/triage", "POST"), ("/triage/stream", "POST"), ("/health", "GET"), ("/", "GET, HEAD")]
)
async def test_what_a_path_allows_is_told(served: Served, path: str, allowed: str) -> None:
    """Whoever uses another method reads which one to use."""
    response = await served.client.delete(path)

    assert (response.status_code, response.headers["allow"]) == (405, allowed)


async def test_a_sign_alone_is_a_question(served: Served) -> None:
    """A picture of pain is not blank."""
    assert (await served.triage("P000105", "\U0001f494")).status_code == 200
