"""The kinds of value that records are made of, with their patterns and units."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

CENT = Decimal("0.01")
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", re.ASCII)
# Tabs and line ends are part of text; other control characters are not.
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"


def _dollars(value: object) -> object:
    """Return an int, which is how cents are stored, as dollars; leave anything else to the validation."""
    return Decimal(value) * CENT if type(value) is int else value


def _milliseconds(value: datetime) -> datetime:
    """Return VALUE in UTC and as fine as the database keeps it."""
    try:
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    except OverflowError:
        message = "the instant lies outside of the years 1 to 9999 in UTC"
        raise ValueError(message) from None


def _written(value: object) -> object:
    """Return VALUE, a datetime or its text; numbers, and texts that are numbers, would be taken for seconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and WRITTEN.match(value)):
        return value
    message = "an instant is written as 2025-01-31T09:30:00Z"
    raise ValueError(message)


Mrn = Annotated[str, StringConstraints(pattern=r"^P[0-9]{6}$")]
ProviderId = Annotated[str, StringConstraints(pattern=r"^PROV-[0-9]{4}$")]
EncounterId = Annotated[str, StringConstraints(pattern=r"^ENC-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2,8}$")]
ClaimId = Annotated[str, StringConstraints(pattern=r"^CLM-[0-9]{4}-[0-9]{4,8}$")]
DocId = Annotated[str, StringConstraints(pattern=r"^DOC-[A-Z]{1,32}-[A-Z0-9-]{1,64}$")]
# These two name nobody: what leads to a record must not tell whose it is.
ConversationId = Annotated[str, StringConstraints(pattern=r"^CONV-[0-9a-f]{32}$")]
EventId = Annotated[str, StringConstraints(pattern=r"^EVT-[0-9a-f]{32}$")]
TraceId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# What a program is called: a model, a mode, a service.
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$")]

Text = Annotated[str, StringConstraints(min_length=1, pattern=PLAIN)]
# An instant, RFC 3339 in UTC; calendar dates are plain dates.
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_milliseconds)]
# US dollars with two places.
Money = Annotated[Decimal, BeforeValidator(_dollars), Field(ge=0, decimal_places=2, max_digits=12)]
# A share of one, without unit.
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Milliseconds = Annotated[float, Field(ge=0, le=86_400_000, allow_inf_nan=False, strict=True)]
