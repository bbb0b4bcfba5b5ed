"""One application in operation: what it counts, and how it stops."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_kit.drain import Drain
    from service_kit.environment import Settings
    from service_kit.metrics import Metrics


@dataclass(frozen=True)
class Operation:
    """`metrics` and `drain` of the application that SETTINGS describe."""

    settings: Settings
    metrics: Metrics
    drain: Drain

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """
        Serve the metrics and heed SIGTERM until the block ends; raise Misconfigured for a port that is taken.

        To be entered last in a lifespan: a process told to stop while it still
        starts has nobody to drain, and what is left to close needs no drain either.
        """
        async with contextlib.AsyncExitStack() as stack:
            if self.settings.metrics_port is not None:
                port = await stack.enter_async_context(self.metrics.served(self.settings.metrics_port))
                structlog.get_logger().info("metrics_started", port=port)
            stack.enter_context(self.drain.heeding(self.settings.drain_seconds))
            yield
