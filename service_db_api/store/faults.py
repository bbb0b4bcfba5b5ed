"""What the driver raises, as errors of ours."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import structlog
from pymongo.errors import ConfigurationError, ConnectionFailure, PyMongoError

from service_db_api.errors import DatabaseUnavailable
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

DUPLICATE = 11000


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn the driver's errors inside the block into ours; their text names hosts and may quote records."""
    try:
        yield
    except (ConnectionFailure, ConfigurationError, TimeoutError) as error:
        structlog.get_logger().warning("database_unavailable", error=type(error).__name__)
        raise DatabaseUnavailable from None
    except PyMongoError as error:
        unavailable = error.timeout
        structlog.get_logger().error(
            "database_fault", error=type(error).__name__, code=getattr(error, "code", None), timeout=unavailable
        )
        raise DatabaseUnavailable if unavailable else Problem from None
