"""No line of the log leads to a patient, whoever writes it and whatever is in it."""

from __future__ import annotations

import copy
import io
import json
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import example
from hypothesis import strategies as st

from service_kit import identifiers, known, logs, scrub
from service_kit.identifiers import MASK
from service_kit.spans import Spans
from tests.unit.service_kit.examples import EXAMPLES, hold, texts
from tests.unit.service_kit.steps import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

TOBIAS: dict[str, Any] = {
    "name": {"first": "Tobias", "last": "Renn"},
    "dob": "1958-07-29",
    "address": {"line1": "203 Quarry Road", "city": "Eastmere", "state": "OR", "zip": "97001"},
    "mrn": "P000102",
}
QUERY = "I slipped and hit my head, there is a bump but I feel fine."
PRIVATE = ("tobias", "renn", "quarry", "eastmere", "97001", "1958", "p000102", "slipped", "bump")
SPELLINGS = (
    *("1958-07-29", "1958-7-29", "07/29/1958", "7/29/58", "29.07.1958", "29.7.58", "19580729", "1958/07/29"),
    *("July 29, 1958", "29 July 1958", "Jul 29th 1958", "29-JUL-1958", "29_07_1958", "1958-07-29T00:00:00Z"),
)
TEXTS = (
    *("Tobias", "RENN, TOBIAS", "tobias.renn@example.org", "tobiasrenn", "/people/tobias_renn.pdf", "'Renn'"),
    *(
        "203 Quarry Road, Eastmere OR 97001",
        "203%20Quarry%20Road",
        "203+Quarry+Road",
        "Quarry\\nEastmere",
        "97001-1234",
    ),
    *("P000102", "/patients/p000102/summary", "DOC-CAREPLAN-P000102-2025", "xP000102x", "P000102Renn", "P0001021"),
    *(QUERY, QUERY.upper(), f"input_value={QUERY!r}", QUERY[:30], QUERY.replace(" ", "%20"), QUERY.replace(" ", "+")),
)
FORMS = (
    *("123-45-6789", "123 45 6789", "123456789", "(555) 123-4567", "555.123.4567", "+49 170 1234567", "5551234567"),
    *("mira@example.org", "m.s+x@mail.example.co.uk", "2024-02-29", "2/9/2024", "12/31/99", "31.12.1999", "97001"),
    *("mongodb://user:secret@db/x", "https://secret@host", "P123456"),
)


@pytest.fixture
def scrubber() -> Iterator[scrub.Scrubber]:
    """Yield one that knows Tobias and what he asked."""
    before = scrub._known.set(None)
    scrub.begin()
    scrub.know(TOBIAS, QUERY)
    yield scrub.Scrubber("a key")
    scrub._known.reset(before)


@pytest.fixture
def stream() -> Iterator[io.BytesIO]:
    """Yield where the log of a configured process goes; what the configuration changes is put back."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access")
    kept = {name: (logging.getLogger(name).propagate, logging.getLogger(name).level) for name in names}
    handlers, level = logging.root.handlers, logging.root.level
    found = io.BytesIO()
    logs.configure("chat-api", "DEBUG", found)
    yield found
    structlog.reset_defaults()
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    for name, (propagate, its_level) in kept.items():
        logging.getLogger(name).propagate = propagate
        logging.getLogger(name).setLevel(its_level)


@pytest.mark.parametrize("text", [*SPELLINGS, *TEXTS])
def test_what_is_known_of_the_patient_stays_out(scrubber: scrub.Scrubber, text: str) -> None:
    """Names, days, streets and words that were asked go, in any spelling, from any place in a text."""
    told = scrubber.text(f"before {text} after").casefold()

    assert not [each for each in PRIVATE if each in told]
    assert told.startswith("before ")
    assert told.endswith(" after")


@pytest.mark.parametrize("text", FORMS)
def test_what_has_the_form_of_an_identifier_stays_out(text: str) -> None:
    """Of a patient that nobody knows yet, too."""
    told = scrub.Scrubber("a key").text(f"before {text} after")

    for part in (text, "secret", "6789", "4567", "1999", "97001", "example"):
        assert part not in told


@pytest.mark.parametrize(
    "text",
    [
        "Uvicorn running on http://127.0.0.1:48213 (Press CTRL+C to quit)",
        "Started server process [12345]",
        "METRICS_PORT 41234 cannot be listened on: Address already in use.",
        "db_api_unavailable: ConnectError after 12.5 ms, status 503, 10.0.0.12:8001",
        "0af7651916cd43dd8448eb211c80319c",
    ],
)
def test_what_an_operator_looks_for_stays(scrubber: scrub.Scrubber, text: str) -> None:
    """Addresses of services, ports, processes, trace ids and the names of errors are nobody's."""
    assert scrubber.text(text) == text


def test_a_record_number_becomes_a_stable_hash() -> None:
    """Lines about one patient are found together, in each process that has the key, and in none that has another."""
    one, again, other = scrub.Scrubber("a key"), scrub.Scrubber("a key"), scrub.Scrubber()

    (told, retold, elsewhere) = (each.scrub({"mrn": "P000102", "at": "p000102"}) for each in (one, again, other))

    assert told == retold != elsewhere
    assert told["mrn"] == told["at"]
    assert told["mrn"].startswith("mrn:")
    assert len(told["mrn"]) == len("mrn:ab12cd34")


@pytest.mark.parametrize("key", [*sorted(scrub.MASKED_KEYS), "Query", "line1", "FIRST-NAME"])
def test_what_stands_under_a_telling_name_is_not_looked_at(key: str) -> None:
    """A call site that logs a query by its name logs nothing of it; that there was none may be told."""
    told = scrub.Scrubber().scrub({"deep": [{key: {"any": "thing"}}], key: 7})

    assert told == {"deep": [{key: MASK}], key: MASK}
    assert scrub.Scrubber().scrub({key: None}) == {key: None}


def test_what_is_no_text_is_named_by_its_type() -> None:
    """The renderer would write a dataclass, a date or an exception out in full."""

    @dataclass
    class Patient:
        name: str

    value = {"who": Patient("Tobias"), "why": ValueError("Tobias"), "when": date(1958, 7, 29), "raw": b"Tobias"}
    told = scrub.Scrubber().scrub(
        {**value, "at": datetime(2024, 1, 2, tzinfo=UTC), "n": 5551234567, "ok": True, "x": 1.5}
    )

    assert told == {
        "who": "Patient",
        "why": "ValueError",
        "when": MASK,
        "raw": "bytes",
        "at": f"{MASK}T00:00:00+00:00",
        "n": MASK,
        "ok": True,
        "x": 1.5,
    }


def test_numbers_of_processes_stay_and_a_patients_go(scrubber: scrub.Scrubber) -> None:
    """A ZIP code is as long as a port; only the one that is known is left out."""
    assert scrubber.scrub({"pid": 12345, "port": 41234, "zip code": 97001}) == {
        "pid": 12345,
        "port": 41234,
        "zip code": MASK,
    }


def test_keys_are_texts_too() -> None:
    """A mapping by record number names each of them."""
    (key,) = scrub.Scrubber().scrub({"P000102": 1})

    assert key.startswith("mrn:")


def test_a_value_of_any_size_makes_a_short_line() -> None:
    """Long texts are cut, where no word is cut in half, wide collections and deep ones too."""
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]

    told = scrub.Scrubber().scrub(
        {"long": "Renn " * 10_000, "word": "x" * 10_000, "wide": list(range(10_000)), "deep": deep}
    )

    assert len(json.dumps(told)) < 10_000
    assert told["long"].endswith(f"Renn{scrub.CUT}")
    assert told["word"] == scrub.CUT


def test_whoever_logs_whatever(stream: io.BytesIO) -> None:
    """Our lines and libraries' go the same way; an event's own text and a bound context too."""
    logger = structlog.get_logger().bind(note="Tobias")
    asked, bad = f"asked {QUERY}", f"bad value {QUERY!r} for Renn"
    scrub.begin()
    scrub.know(TOBIAS, QUERY)
    try:
        logger.error(asked, detail=[TOBIAS], patient_mrn="P000102")
        logger.info("request", method="GET", route="/patients/P000102", status=200, duration_ms=1.0, trace_id="")
        logging.getLogger("some.library").warning(bad)
        logging.getLogger("uvicorn.error").error("Traceback:\nValueError: Tobias of 203 Quarry Road")
        raise ValueError(QUERY)  # noqa: TRY301 - the traceback is what is logged
    except ValueError:
        logger.exception("unforeseen")
    finally:
        scrub._known.set(None)

    text = stream.getvalue().decode().casefold()
    assert len(text.splitlines()) == 5
    assert not [each for each in PRIVATE if each in text]


def test_the_line_of_a_request_is_left_as_it_is(stream: io.BytesIO) -> None:
    """Its fields are an allow-list; it costs no search, and stays whole whatever is known."""
    line = {"method": "GET", "route": "/patients/{mrn}", "status": 200, "duration_ms": 97001.0, "trace_id": "97001"}
    scrub.know("request")
    structlog.get_logger().info("request", **line)
    scrub._known.set(None)

    assert json.loads(stream.getvalue()).items() >= {"event": "request", **line}.items()


def test_the_line_of_a_request_has_a_hash_for_its_patient(stream: io.BytesIO) -> None:
    """One that is the same for each of the patient's lines, and a mask for what is no record's number."""
    line = {"method": "GET", "route": "/patients/{mrn}", "status": 200, "duration_ms": 1.0, "trace_id": "1"}
    log = structlog.get_logger()
    for mrn in ("P000102", "p000102", "P000103", "Tobias"):
        log.info("request", **line, patient_mrn=mrn)
    log.info("other", patient_mrn="P000102")

    one, same, another, none, elsewhere = [json.loads(each)["patient_mrn"] for each in stream.getvalue().splitlines()]
    assert one == same == elsewhere
    assert one.startswith("mrn:")
    assert another not in (one, "P000103")
    assert none == MASK


def test_only_spans_of_ours_are_left_as_they_are(stream: io.BytesIO) -> None:
    """Under the name of spans nobody gets anything else past."""
    line = {"method": "POST", "route": "/triage", "status": 200, "duration_ms": 1.0, "trace_id": "1"}
    log = structlog.get_logger()
    log.info("request", **line, spans=Spans([{"name": "db_api", "duration_ms": 97001.0}]))
    log.info("request", **line, spans=[{"name": "P000102"}])

    ours, others = [json.loads(each)["spans"] for each in stream.getvalue().splitlines()]
    assert ours == [{"name": "db_api", "duration_ms": 97001.0}]
    assert "P000102" not in str(others)


def test_nothing_is_known_of_the_request_before() -> None:
    """What one request has taught is forgotten with it."""
    scrub.begin()
    scrub.know(TOBIAS)
    scrub.begin()
    told = scrub.Scrubber().text("Tobias")
    scrub._known.set(None)

    assert told == "Tobias"


def test_a_value_is_made_only_when_it_is_needed() -> None:
    """Most requests write no line that has to be searched, and pay nothing for what they know."""
    asked: list[int] = []

    def patient() -> dict[str, Any]:
        asked.append(1)
        return TOBIAS

    scrub.begin()
    scrub.know(patient)
    before = list(asked)
    told = [scrub.Scrubber().text("Tobias") for _ in range(2)]
    scrub._known.set(None)

    assert (before, asked, told) == ([], [1], [MASK] * 2)


WORDS = st.sampled_from(
    [*SPELLINGS, *TEXTS, *FORMS, "Tobias", "Renn", "head", "there is a", "***", "mrn:ab12cd34", "mrn", ":", "@", " "]
)


def pieces(examples: int) -> st.SearchStrategy[list[str]]:
    """Return parts of a text: words that lead to a patient or look so, and any others."""
    return st.lists(WORDS | texts(examples, 8), max_size=12)


def anything(examples: int) -> st.SearchStrategy[Any]:
    """Return what a line of the log may hold."""
    words = pieces(examples).map("".join)
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | st.dates(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
        max_leaves=20,
    )


def _known(values: list[str]) -> scrub.Scrubber:
    scrub.begin()
    scrub.know(TOBIAS, QUERY, values)
    return scrub.Scrubber("a key")


@EXAMPLES
def test_no_known_value_survives(examples: int) -> None:
    """Wherever a word of the patient's stands between signs, nothing of it is left."""

    def check(around: list[str], glue: str, values: list[str]) -> None:
        told = _known(values).text(f" {glue.join([*around, ' Renn ', *around])} ").casefold()
        scrub._known.set(None)

        words = "".join(letter if letter.isalnum() else " " for letter in told.replace("%20", " ")).split()
        assert not {"tobias", "renn", "quarry", "eastmere", "97001"} & set(words)
        assert "p000102" not in told

    glues = st.sampled_from(["", " ", "_", "/", "%20", "\n"])
    values = st.lists(texts(examples, 40), max_size=3)
    hold(examples, check, around=pieces(examples), glue=glues, values=values)


@EXAMPLES
def test_scrubbing_twice_changes_nothing_more(examples: int) -> None:
    """Scrubbed values may be passed through another log; and what was scrubbed is a copy."""

    @example(value="tobias.renn@example.orgmira@example.org", values=[])
    @example(value="\xb91958-7-29(555) 123-4567", values=[])
    def check(value: Any, values: list[str]) -> None:
        scrubber = _known(values)
        before = copy.deepcopy(value)
        once = scrubber.scrub(value)
        twice = scrubber.scrub(once)
        scrub._known.set(None)

        assert twice == once
        assert value == before

    hold(examples, check, value=anything(examples), values=st.lists(texts(examples, 40) | WORDS, max_size=3))


HOSTILE = {
    "letters": lambda size: "a" * size,
    "mails without a host": lambda size: "a@" * (size // 2),
    "dots": lambda size: "a." * (size // 2) + "@",
    "digits": lambda size: "1" * size,
    "dashes": lambda size: "1-" * (size // 2),
    "numbers": lambda size: "+1 (" * (size // 4),
    "record numbers": lambda size: "P00010" * (size // 6),
    "addresses": lambda size: "a://" * (size // 4),
    "stars": lambda size: "*" * size,
    "known words": lambda size: "Tobias " * (size // 7),
    "runs that almost match": lambda size: "I slipped nowhere " * (size // 18),
}
# Each of these is looked at by another part of the expressions or of what is known.
FAST = ("mails without a host", "dots", "addresses", "known words", "runs that almost match")


@pytest.mark.parametrize(
    "hostile", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in HOSTILE]
)
def test_scrubber_with_hostile_text_takes_steps_by_its_length(hostile: str) -> None:
    """Four times the text takes about four times the steps, whatever it is made of; a square would be 16 times."""
    scrubber = _known(["I slipped and", *(f"I slipped {number}" for number in range(200))])
    patient = scrub._known.get()
    assert patient is not None
    # What is known is taken apart once.
    patient.mask("")

    def count(size: int) -> int:
        text = HOSTILE[hostile](size)
        return steps(lambda: patient.mask(scrubber._identifiers.mask(patient.mask(text))), identifiers, known)

    short, long = count(120), count(480)
    scrub._known.set(None)

    assert long < 6 * short
