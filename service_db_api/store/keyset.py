"""
Places in a list: what a `next` link holds, and how a question goes on from there.

A place is told by the values that the list is ordered by. Unlike a number of
records to pass over, it stays right while records come and go, and costs the
database the same on the last page as on the first.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from service_db_api.store.schema import UP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service_db_api.store.row import Row
    from service_db_api.store.schema import Order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
# The years 1 to 9999.
LEAST_MS, MOST_MS = -62_135_596_800_000, 253_402_300_799_999
KEY = re.compile(r"[A-Z0-9][A-Za-z0-9-]{0,127}\Z", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
INSTANTS = frozenset({"start", "metadata.created_at", "started_at", "created_at"})
DAYS = frozenset({"service_date"})

Place = tuple[Any, ...]


class NoPlace(ValueError):  # noqa: N818 - it says what was found
    """A text that no `next` link of this list holds."""


def place(order: Order, row: Row) -> str:
    """Return where ROW stands in a list of ORDER, as text for a URL."""
    values = [_value(row, field) for field, _ in order]
    told = [(each - EPOCH) // timedelta(milliseconds=1) if isinstance(each, datetime) else each for each in values]
    return base64.urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=").decode()


def read(order: Order, text: str) -> Place:
    """Return the place that TEXT tells in a list of ORDER; raise NoPlace when it tells none."""
    try:
        found = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise NoPlace from None
    if not isinstance(found, list) or len(found) != len(order):
        raise NoPlace
    return tuple(_read(field, value) for (field, _), value in zip(order, found, strict=True))


def after(order: Order, where: Mapping[str, Any], values: Place) -> dict[str, Any]:
    """
    Return WHERE, narrowed to what comes after VALUES in ORDER, and possibly a little before.

    The embedded database compares instants by the second, so what shares the
    moment of a place comes along, on any server; `beyond` tells it apart.
    """
    first, direction = order[0]
    if first in INSTANTS:
        return {**where, first: {"$gte" if direction == UP else "$lte": values[0]}}
    branches = []
    for number, (field, direction) in enumerate(order):
        same = {name: value for (name, _), value in zip(order[:number], values, strict=False)}
        branches.append({**where, **same, field: {"$gt" if direction == UP else "$lt": values[number]}})
    # Each branch is whole, so that the server reads each from the index and merges them in order.
    return branches[0] if len(branches) == 1 else {"$or": branches}


def beyond(order: Order, row: Row, values: Place) -> bool:
    """Return whether ROW comes after VALUES in ORDER."""
    for (field, direction), value in zip(order, values, strict=True):
        found: Any = _value(row, field)
        if found != value:
            return bool(found > value) is (direction == UP)
    return False


def _value(row: Row, field: str) -> object:
    found: Any = row
    for name in field.split("."):
        found = found[name]
    return found


def _read(field: str, value: object) -> object:
    if field in INSTANTS:
        if type(value) is int and LEAST_MS <= value <= MOST_MS:
            return EPOCH + timedelta(milliseconds=value)
    elif isinstance(value, str) and (DAY if field in DAYS else KEY).match(value):
        return value
    raise NoPlace
