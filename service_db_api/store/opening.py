"""Open the store that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from service_db_api.store import embedded
from service_db_api.store.mongo import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.settings import Settings


@contextlib.asynccontextmanager
async def opened(settings: Settings, *, for_work: bool = False) -> AsyncIterator[Store]:
    """
    Yield the store, FOR_WORK or for answers, until the block ends; an embedded database runs as long.

    A server elsewhere need not be up.
    """
    async with contextlib.AsyncExitStack() as stack:
        uri = settings.mongodb_uri.get_secret_value()
        if settings.embedded:
            uri = await stack.enter_async_context(embedded.running(settings.embedded_data_dir))
        store = Store(
            uri,
            settings.mongodb_db_name,
            server_selection_timeout_ms=settings.mongo_server_selection_timeout_ms,
            socket_timeout_ms=settings.mongo_socket_timeout_ms,
            max_pool_size=settings.mongo_max_pool_size,
            for_work=for_work,
            embedded=settings.embedded,
        )
        stack.callback(store.close)
        yield store
