"""Smoke: real questions to real servers that answer rightly, wrongly, late or not at all."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from ci.engines.base import Endpoints
from ci.errors import SmokeFailed
from ci.stages import smoke as stage
from ci.stages.smoke import Check, judge, smoke
from tests.unit.ci.answering import answering

if TYPE_CHECKING:
    from tests.unit.ci.answering import Answer

pytestmark = pytest.mark.anyio

HEALTH, READY = "GET /health", "GET /health?check=ready"
RIGHTLY: dict[str, tuple[int, Any]] = {
    HEALTH: (200, {"status": "ok"}),
    READY: (200, {"status": "ok", "checks": {"db-api": "ok"}}),
    stage.MRN: (200, {"urgency": "urgent", "trace_id": "t", "matched_rules": ["head-injury"], "name": "Planted Name"}),
    stage.UNKNOWN_MRN: (404, {"code": "patient_not_found", "trace_id": "t"}),
}
NAMES = {
    HEALTH: "chat-api /health",
    READY: "db-api /health",
    stage.MRN: "chat-api /triage",
    stage.UNKNOWN_MRN: "chat-api /triage, unknown patient",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once: these servers need no load balancer."""
    monkeypatch.setattr(stage, "PAUSE", 0.01)


def chat_api(**_: Any) -> Answer:
    """Answer everything rightly."""
    return but({})


def but(changed: dict[str, tuple[int, Any]]) -> Answer:
    """Answer rightly, but for the questions in CHANGED."""

    def answer(asked: str, sent: Any) -> tuple[int, Any]:
        key = sent["patient_mrn"] if asked == "POST /triage" else asked
        return {**RIGHTLY, **changed}[key]

    return answer


async def asked(answer: Answer, *, timeout: float = 0.03) -> dict[str, Check]:
    with answering(answer) as address:
        return {check.name: check for check in await smoke(Endpoints(chat_api=address), timeout=timeout)}


WRONG: dict[str, tuple[str, tuple[int, Any]]] = {
    "chat-api is unwell": (HEALTH, (503, {"status": "unavailable"})),
    "chat-api says another status": (HEALTH, (200, {"status": "degraded"})),
    "chat-api redirects": (HEALTH, (302, {"status": "ok"})),
    "chat-api answers no JSON": (HEALTH, (200, b"<html>It works!</html>")),
    "chat-api answers bytes": (HEALTH, (200, b"\xff\xfe")),
    "chat-api answers a list": (HEALTH, (200, ["ok"])),
    "chat-api answers nothing": (HEALTH, (200, b"")),
    "db-api is not reached": (READY, (200, {"status": "ok", "checks": {"db-api": "unreachable"}})),
    "db-api is not mentioned": (READY, (200, {"status": "ok", "checks": {}})),
    "checks are null": (READY, (200, {"status": "ok", "checks": None})),
    "checks are a list": (READY, (200, {"status": "ok", "checks": ["db-api"]})),
    "checks are words": (READY, (200, {"status": "ok", "checks": "ok"})),
    "urgency is too low": (stage.MRN, (200, {"urgency": "routine", "trace_id": "t"})),
    "no trace id": (stage.MRN, (200, {"urgency": "urgent"})),
    "triage fails": (stage.MRN, (502, {"code": "db_api_unavailable", "trace_id": "t"})),
    "patient is not there": (stage.MRN, (404, {"code": "patient_not_found", "trace_id": "t"})),
    "unknown patient is answered": (stage.UNKNOWN_MRN, (200, {"urgency": "urgent", "trace_id": "t"})),
    "unknown patient without a trace id": (stage.UNKNOWN_MRN, (404, {"code": "patient_not_found"})),
    "404 of a proxy": (stage.UNKNOWN_MRN, (404, b"not found")),
}


@pytest.mark.parametrize(("question", "reply"), WRONG.values(), ids=WRONG)
async def test_each_wrong_answer_is_noticed(question: str, reply: tuple[int, Any]) -> None:
    """Exactly the question that was answered wrongly fails, whatever was said, and it never raises."""
    checks = await asked(but({question: reply}))

    assert [check.name for check in checks.values() if not check.ok] == [NAMES[question]]
    assert checks[NAMES[question]].result


@pytest.mark.parametrize("rules", [None, "all", [1, 2], {"a": 1}])
async def test_odd_rules_make_no_bug(rules: Any) -> None:
    """The rules are told for people; a list of another kind is no reason to stumble."""
    _, right = RIGHTLY[stage.MRN]

    checks = await asked(but({stage.MRN: (200, {**right, "matched_rules": rules})}))

    assert len(checks) == 4


async def test_nobody_there_is_a_failure() -> None:
    """A port where nothing listens fails every question, each with a word on why."""
    with socket.socket() as deaf:
        # Bound, so that nobody else listens there meanwhile.
        deaf.bind(("127.0.0.1", 0))
        checks = await smoke(Endpoints(chat_api=f"http://127.0.0.1:{deaf.getsockname()[1]}"), timeout=0.1)

    assert [check.ok for check in checks] == [False] * 4
    assert {check.result for check in checks} == {"ConnectError"}


async def test_late_answer_is_no_failure() -> None:
    """A service that needs a moment is asked again until it answers rightly."""
    count = dict.fromkeys((HEALTH, READY, "POST /triage"), 0)

    def late(asked: str, sent: Any) -> tuple[int, Any]:
        count[asked] += 1
        return chat_api()(asked, sent) if count[asked] > 4 else (503, b"")

    checks = await asked(late, timeout=20)

    assert all(check.ok for check in checks.values())
    assert min(count.values()) > 4


async def test_right_answers_are_told() -> None:
    """All four pass; a private db-api is asked through chat-api, and nothing of a patient is repeated."""
    checks = await asked(chat_api())

    assert list(checks) == list(NAMES.values())
    assert all(check.ok for check in checks.values())
    assert "through chat-api" in checks["db-api /health"].result
    assert "head-injury" in checks["chat-api /triage"].result
    told = str(checks)
    for private in ("Planted Name", stage.MRN, stage.QUERY):
        assert private not in told


@pytest.mark.parametrize(("reply", "ok"), [((200, {"status": "ok"}), True), ((503, {"status": "unavailable"}), False)])
async def test_reachable_db_api_is_asked_itself(reply: tuple[int, Any], *, ok: bool) -> None:
    """Where db-api can be reached, its own word counts and not chat-api's."""
    with answering(chat_api()) as chat, answering(lambda *_: reply) as db_api:
        checks = {each.name: each for each in await smoke(Endpoints(chat, db_api), timeout=0.1)}

    assert checks["db-api /health"].ok is ok
    assert checks["chat-api /health"].ok


def test_failure_says_what_is_deployed_and_how_to_go_back() -> None:
    """The report names each wrong answer, the images that stay deployed, and the way back."""
    checks = [Check("chat-api /health", ok=True, result="ok"), Check("db-api /health", ok=False, result="HTTP 503")]

    with pytest.raises(SmokeFailed) as caught:
        judge(checks, {"db-api": "r/carepath-db-api@sha256:12"})

    assert (caught.value.code, caught.value.exit_code) == ("smoke_failed", 9)
    assert "db-api /health" in caught.value.title
    assert "chat-api /health" not in caught.value.title
    assert "db-api /health: HTTP 503" in caught.value.detail
    assert "deployed db-api: r/carepath-db-api@sha256:12" in caught.value.detail
    assert "deploy" in caught.value.hint


def test_right_answers_raise_nothing() -> None:
    """A deploy that answers is done."""
    judge([Check("chat-api /health", ok=True, result="ok")], {})
