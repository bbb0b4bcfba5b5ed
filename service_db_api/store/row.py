"""A record as the database holds it, and as it is answered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from service_db_api.models import CENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from service_db_api.store.schema import Collection

Row = dict[str, Any]
# The database answers instants without an offset, which saves an object for each; all of them are UTC.
INSTANTS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


def row(record: BaseModel) -> Row:
    """Return RECORD with calendar dates as text, instants as datetimes and money in cents."""
    return {name: _stored(value) for name, value in record.model_dump().items()}


def _stored(value: object) -> object:
    match value:
        case dict():
            return {name: _stored(each) for name, each in value.items()}
        case list():
            return [_stored(each) for each in value]
        case Decimal():
            return int(value / CENT)
        case date() if not isinstance(value, datetime):
            return value.isoformat()
    return value


def priced(collection: Collection, rows: Iterable[Row]) -> None:
    """Turn the cents in ROWS of COLLECTION into dollars with two places, as text."""
    for each in rows:
        for name in collection.money:
            dollars, cents = divmod(each[name], 100)
            each[name] = f"{dollars}.{cents:02}"


def body(value: object) -> bytes:
    """Return VALUE, made of rows, as it is answered: JSON, instants in RFC 3339 with Z."""
    return orjson.dumps(value, option=INSTANTS)


def same(one: Row, other: Row) -> bool:
    """Return whether two rows are answered alike, whatever the order of their fields."""
    return orjson.dumps(one, option=INSTANTS | orjson.OPT_SORT_KEYS) == orjson.dumps(
        other, option=INSTANTS | orjson.OPT_SORT_KEYS
    )


def etag(content: bytes) -> str:
    """Return the strong entity tag of CONTENT."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'
