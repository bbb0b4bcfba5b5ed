"""The process's log."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from service_kit import logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stream() -> Iterator[io.BytesIO]:
    """Yield where the log goes; what the configuration changes is put back."""
    names = ("uvicorn", "uvicorn.error", "uvicorn.access")
    kept = {name: (logging.getLogger(name).propagate, logging.getLogger(name).level) for name in names}
    handlers, level = logging.root.handlers, logging.root.level
    yield io.BytesIO()
    structlog.reset_defaults()
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    for name, (propagate, its_level) in kept.items():
        logging.getLogger(name).propagate = propagate
        logging.getLogger(name).setLevel(its_level)


def _lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_libraries_values_stay_out(stream: io.BytesIO) -> None:
    """A driver's or client's message is kept as its template: the values in it may name a patient."""
    logs.configure("db-api", "DEBUG", stream)

    logging.getLogger("httpx").info("HTTP Request: %s", "/patients/P000102")
    logging.getLogger("asyncio").error("Task failed: %r", ValueError("P000102"))
    try:
        int("P000102")
    except ValueError:
        logging.getLogger("pymongo").exception("Lost %s", "host-1")

    assert "P000102" not in stream.getvalue().decode()
    first, second = _lines(stream)
    assert (first["logger"], first["message"]) == ("asyncio", "Task failed: %r")
    assert (second["logger"], second["error"]) == ("pymongo", "ValueError")


def test_the_servers_access_log_is_silenced(stream: io.BytesIO) -> None:
    """Raw paths stay out of the log even when the server was started without its flag for that."""
    logs.configure("db-api", "INFO", stream)

    logging.getLogger("uvicorn.access").info('%s - "%s %s"', "127.0.0.1", "GET", "/patients/P000102")

    assert _lines(stream) == []


def test_a_traceback_is_cut_to_its_last_line(stream: io.BytesIO) -> None:
    """When a start fails, the log says why in one line."""
    logs.configure("db-api", "INFO", stream)

    logging.getLogger("uvicorn.error").error('Traceback (most recent call last):\n  File "x"\nMisconfigured: mend it')

    assert [each["message"] for each in _lines(stream)] == ["Misconfigured: mend it"]


def test_lines_below_the_level_are_not_written(stream: io.BytesIO) -> None:
    """LOG_LEVEL holds for our own lines."""
    logs.configure("db-api", "WARNING", stream)

    structlog.get_logger().info("request")
    structlog.get_logger().warning("database_unavailable")

    assert [each["event"] for each in _lines(stream)] == ["database_unavailable"]


def test_a_line_is_one_json_object(stream: io.BytesIO) -> None:
    """Each line says when, how bad and which service; what JSON cannot hold is named by type."""
    logs.configure("chat-api", "INFO", stream)

    structlog.get_logger().info("odd\nevent", value=object())

    (line,) = _lines(stream)
    assert {"event": "odd\nevent", "level": "info", "service": "chat-api", "value": "object"}.items() <= line.items()
    assert line["timestamp"].endswith("Z")


def test_text_is_one_row_a_line_and_loses_the_same() -> None:
    """What a person reads at a terminal is scrubbed like what a machine reads."""
    stream = io.BytesIO()
    logs.configure("db-api", "INFO", stream, form="text")

    structlog.get_logger().info("planted", patient_mrn="P000101", number=3, thing=object())

    (line,) = stream.getvalue().decode().splitlines()
    assert re.match(r"timestamp=\S+ level=info event=planted ", line)
    assert "number=3" in line
    assert "thing=object" in line
    assert "P000101" not in line
