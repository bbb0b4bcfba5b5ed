"""What the driver raises, as errors of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from pymongo.errors import ConfigurationError, ConnectionFailure, PyMongoError

from service_db_api.errors import DatabaseUnavailable
from service_kit.problem import Problem

if TYPE_CHECKING:
    from types import TracebackType

DUPLICATE = 11000


class told:  # noqa: N801 - it reads as a verb: with told()
    """
    Turn the driver's errors inside the block into ours; their text names hosts and may quote records.

    A class, since a generator in its place would cost every question twice as much.
    """

    def __enter__(self) -> None: ...

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if isinstance(error, (ConnectionFailure, ConfigurationError, TimeoutError)):
            structlog.get_logger().warning("database_unavailable", error=type(error).__name__)
            raise DatabaseUnavailable from None
        if isinstance(error, PyMongoError):
            unavailable = error.timeout
            structlog.get_logger().error(
                "database_fault", error=type(error).__name__, code=getattr(error, "code", None), timeout=unavailable
            )
            raise DatabaseUnavailable if unavailable else Problem from None
