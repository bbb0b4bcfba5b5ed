"""Find the release to go back to, and make sure that it still can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci import ecr, releases
from ci.errors import NotReady
from ci.services import SERVICES
from ci.side_by_side import side_by_side

if TYPE_CHECKING:
    from ci.aws import Aws
    from ci.release import Release
    from ci.releases import Recorded
    from ci.services import Service


async def choose(aws: Aws, deployed: Release, wanted: str = "") -> Recorded:
    """
    Return the release to go back to from what is DEPLOYED: the one called WANTED, or the one before.

    Raises NotReady when there is none, or when ECR no longer has its images.
    """
    found = await anyio.to_thread.run_sync(releases.read, aws, 1000)
    chosen = releases.choose(found, deployed, wanted)

    async def there(service: Service) -> bool:
        digest = chosen.images.get(service.image_key, "").partition("@")[2]
        return await anyio.to_thread.run_sync(ecr.has_image, aws, service.repository, digest)

    missing = [
        service.name
        for service, found_there in zip(SERVICES, await side_by_side(there, SERVICES), strict=True)
        if not found_there
    ]
    if missing:
        title = f"ECR no longer has the image of {' and '.join(missing)} that the release {chosen.id} had."
        hint = "Choose another by --to (`python ci/main.py releases`), or deploy its commit: it is built anew."
        raise NotReady(title, code="image_missing", hint=hint)
    return chosen
