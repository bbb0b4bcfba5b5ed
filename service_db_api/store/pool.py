"""The numbers of a pool of connections, as the driver tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pymongo.monitoring import ConnectionPoolListener

from service_kit.metrics import Reading

if TYPE_CHECKING:
    from pymongo import monitoring


class Pool(ConnectionPoolListener):
    """
    `opened` connections are there, of which `in_use` carry a question; `refused` questions got none in time.

    The driver calls from its threads: one number may be a moment behind another.
    """

    def __init__(self) -> None:
        self.opened = 0
        self.in_use = 0
        self.refused = 0

    def readings(self) -> tuple[Reading, ...]:
        """Return the pool's numbers for the metrics."""
        return (
            Reading("carepath_mongo_open_connections", "Connections to the database.", lambda: self.opened),
            Reading("carepath_mongo_busy_connections", "Connections that carry a question.", lambda: self.in_use),
            Reading(
                "carepath_mongo_refused_total", "Questions that got no connection.", lambda: self.refused, "counter"
            ),
        )

    def connection_created(self, _: monitoring.ConnectionCreatedEvent) -> None:
        self.opened += 1

    def connection_closed(self, _: monitoring.ConnectionClosedEvent) -> None:
        self.opened -= 1

    def connection_checked_out(self, _: monitoring.ConnectionCheckedOutEvent) -> None:
        self.in_use += 1

    def connection_checked_in(self, _: monitoring.ConnectionCheckedInEvent) -> None:
        self.in_use -= 1

    def connection_check_out_failed(self, _: monitoring.ConnectionCheckOutFailedEvent) -> None:
        self.refused += 1

    def connection_check_out_started(self, _: monitoring.ConnectionCheckOutStartedEvent) -> None: ...

    def connection_ready(self, _: monitoring.ConnectionReadyEvent) -> None: ...

    def pool_created(self, _: monitoring.PoolCreatedEvent) -> None: ...

    def pool_ready(self, _: monitoring.PoolReadyEvent) -> None: ...

    def pool_cleared(self, _: monitoring.PoolClearedEvent) -> None: ...

    def pool_closed(self, _: monitoring.PoolClosedEvent) -> None: ...
