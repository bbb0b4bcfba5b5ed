"""The requests of bad_input.toml, as bytes."""

from __future__ import annotations

import contextlib
import copy
import json
import re
import socket
import tomllib
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service_db_api.models import examples

FILE = Path(__file__).with_name("bad_input.toml")
PLANTED = (b"qzplanted", b"8675309")
TAKEN = "8675309f" * 4
BODIES = {"/chat-logs": examples.NEW_CHAT_LOG, "/audit-logs": examples.AUDIT_LOG}
IDS = {"conversation_id": f"CONV-{TAKEN}", "event_id": f"EVT-{TAKEN}", "trace_id": TAKEN}
JSON = b"Content-Type: application/json"
LIMIT = 60.0

BYTE = re.compile(rb"\\x([0-9a-f]{2})")
MANY = re.compile(rb"<([^<>]+?)\*([0-9]+)>")


@dataclass(frozen=True)
class Case:
    """One request, and status -> code of how it may be refused; there is no code where the HTTP server does it."""

    title: str
    request: bytes
    refusals: dict[int, str | None]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def whole(self) -> bytes:
        """All of it that a caller's text could be in."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers.items()).encode("latin-1") + self.body


def groups() -> dict[str, list[Case]]:
    """Return title -> requests, in the order of the file."""
    found = {}
    for group in tomllib.loads(FILE.read_text(encoding="utf-8"))["group"]:
        title = group["title"]
        refusals = dict(zip(_list(group["status"]), _list(group.get("code")), strict=True))
        requests = enumerate(_requests(group))
        found[title] = [Case(f"{title}-{number}", request, refusals) for number, request in requests]
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _requests(group: dict[str, Any]) -> list[bytes]:
    target = group.get("target", "").encode()
    if "requests" in group:
        return [written(_bytes(each)) for each in group["requests"]]
    if "bodies" in group:
        return [written(target, _bytes(each), JSON) for each in group["bodies"]]
    base = BODIES.get(group["target"].partition(" ")[2])
    if "changes" in group:
        return [written(target, _bytes(json.dumps(changed(base, each))), JSON) for each in group["changes"]]
    if "encodings" in group:
        return [written(target, json.dumps(base).encode(each), JSON) for each in group["encodings"]]
    content = b"" if base is None else json.dumps(base).encode()
    return [written(target, content, _bytes(each)) for each in group["headers"]]


def written(line: bytes, content: bytes = b"", *headers: bytes) -> bytes:
    """Return the request that begins with LINE, method and target, over a connection of its own."""
    told = [line + b" HTTP/1.1", b"Host: db-api", b"Connection: close", b"User-Agent: qzplanted 8675309", *headers]
    if not any(each.lower().startswith((b"content-length", b"transfer-encoding")) for each in headers):
        told.append(b"Content-Length: %d" % len(content))
    return b"\r\n".join([*told, b"", content])


def changed(base: Any, change: Any) -> Any:
    """Return BASE with what CHANGE says: deeper where both are objects, or where a number leads into a list."""
    made = copy.deepcopy(base)
    for name, value in change.items():
        place: Any = int(name) if isinstance(made, list) else name
        there = made[place] if isinstance(made, list) else made.get(name)
        if value == "<absent>":
            del made[place]
        elif value == "<taken>":
            made[place] = IDS[name]
        elif value == "<fifty-one>":
            made[place] = there[:1] * 51
        elif isinstance(value, dict) and isinstance(there, dict | list) and not _replaces(value, there):
            made[place] = changed(there, value)
        else:
            made[place] = json.loads(json.dumps(value).replace('"<null>"', "null"))
    return made


def _replaces(value: dict[str, Any], there: dict[str, Any] | list[Any]) -> bool:
    """Return whether VALUE stands in the place of THERE: a list has numbers only for those that are in it."""
    return isinstance(there, list) and not all(isinstance(each, dict) for each in value.values())


def _bytes(text: str) -> bytes:
    """Return what TEXT stands for."""
    raw = BYTE.sub(lambda found: bytes([int(found[1], 16)]), text.encode())
    return MANY.sub(lambda found: found[1] * int(found[2]), raw)


def ask(address: str, request: bytes) -> Answer:
    """Send REQUEST to ADDRESS and return the answer; one that comes before all has been sent counts as well."""
    place = urlsplit(address)
    with socket.create_connection((str(place.hostname), place.port or 80), LIMIT) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
