"""The process's log: one line an event on standard output, JSON unless told otherwise, libraries' records included."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Literal

import orjson
import structlog

from service_kit import trace
from service_kit.scrub import Scrubber

if TYPE_CHECKING:
    from typing import BinaryIO

    from pydantic import SecretStr
    from structlog.typing import EventDict, WrappedLogger

SERVER = "uvicorn"
Form = Literal["json", "text"]
_LOGFMT = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)


class LibraryHandler(logging.Handler):
    """
    Carry records of libraries into our log.

    The HTTP client, the driver and the event loop put URLs and values into
    their messages, so only the template of a message is kept. The server's own
    are kept in full, but for all lines before the last of a traceback.
    """

    def emit(self, record: logging.LogRecord) -> None:
        text = str(record.msg)
        if record.name.startswith(SERVER):
            text = record.getMessage().strip().rpartition("\n")[2]
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        noted = {"error": error} if error else {}
        structlog.get_logger().log(record.levelno, "library", logger=record.name, message=text, **noted)


def configure(
    service: str,
    level: str,
    stream: BinaryIO | None = None,
    *,
    form: Form = "json",
    hash_key: SecretStr | None = None,
) -> None:
    """
    Send this process's log to STREAM, standard output when None, as SERVICE's, from LEVEL up.

    In the FORM json a line is one JSON object, in text one row of logfmt.

    Every line, whoever writes it, loses what leads to a patient; HASH_KEY keys
    the hashes that stand for record numbers.

    Libraries are heard from WARNING up whatever LEVEL is: at INFO the HTTP
    client logs whole URLs, and those name patients.
    """

    def told(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        if found := trace.current():
            event["trace_id"] = found.trace_id
            # By these the lines of all hops make one tree.
            event["span_id"] = found.span_id
            if found.parent_id:
                event["parent_id"] = found.parent_id
        return event

    structlog.configure(
        processors=[
            # First, so that it never takes the line's own time for a patient's.
            Scrubber(hash_key.get_secret_value() if hash_key else None),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            told,
            structlog.processors.JSONRenderer(serializer=_json) if form == "json" else _text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(stream or sys.stdout.buffer),
        # Putting a logger together costs as much as writing a line.
        cache_logger_on_first_use=True,
    )
    logging.root.handlers = [LibraryHandler()]
    logging.root.setLevel(logging.WARNING)
    for name in (SERVER, f"{SERVER}.error", f"{SERVER}.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.INFO)
    # Raw paths name patients; service_kit.access writes the line instead, whatever the server's flags are.
    logging.getLogger(f"{SERVER}.access").propagate = False


def _text(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    # By way of JSON, so that both forms name what it cannot hold alike.
    return str(_LOGFMT(_, __, orjson.loads(_json(event)))).encode()


def _json(event: EventDict, **_: Any) -> bytes:
    # What JSON cannot hold is named by its type, since its text may quote a record.
    return orjson.dumps(event, default=lambda value: type(value).__name__)
