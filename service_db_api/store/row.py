"""A record as the database holds it."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from service_db_api.models import CENT

if TYPE_CHECKING:
    from pydantic import BaseModel

Row = dict[str, Any]


def row(record: "BaseModel") -> Row:
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
