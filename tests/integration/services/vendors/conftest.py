"""The vendors' double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.services.vendors.vendor import Vendor, listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """Yield a vendor that answers well until told otherwise."""
    async with listening() as found:
        yield found
