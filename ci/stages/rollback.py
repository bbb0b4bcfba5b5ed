"""Find the release to go back to, and make sure that it still can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci.aws import ecr
from ci.aws import release_history as releases
from ci.concurrency import side_by_side
from ci.errors import NotReady, PipelineError, SmokeFailed
from ci.services import SERVICES

if TYPE_CHECKING:
    from ci.aws.client import Aws
    from ci.aws.release_history import Recorded
    from ci.release import Release
    from ci.services import Service

ALL = 1000
UNCHANGED = (
    "Its images ran before this run too, so look first at what they need (`python ci/main.py status`, the pods' "
    "logs). To an earlier release all the same: `python ci/main.py rollback`."
)


async def choose(aws: Aws, deployed: Release, wanted: str = "") -> Recorded:
    """
    Return the release to go back to from what is DEPLOYED: the one called WANTED, or the one before.

    Raises NotReady when there is none, or when ECR no longer has its images.
    """
    found = await anyio.to_thread.run_sync(releases.read, aws, ALL)
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


async def offer(aws: Aws, error: SmokeFailed, before: Release, deployed: Release) -> SmokeFailed:
    """Return ERROR with the way back to what ran BEFORE what is DEPLOYED, which does not answer rightly."""
    try:
        target = await target_of(aws, before, deployed)
    except PipelineError:
        # Not even that can be found out; what does not answer is what has to be told.
        return error
    if before == deployed:
        hint = UNCHANGED
    elif target:
        hint = f"It stays deployed. To go back: `python ci/main.py rollback --to {target}`; its images are there."
    else:
        hint = "It stays deployed, and no earlier release is kept. Mend it and deploy again."
    return SmokeFailed(error.title, code=error.code, detail=error.detail, hint=hint)


async def target_of(aws: Aws, before: Release, deployed: Release) -> str:
    """Return the id of the release to go back to from DEPLOYED, which took the place of BEFORE; empty for none."""
    found = await anyio.to_thread.run_sync(releases.read, aws, ALL)
    target = releases.way_back(found, before, deployed)
    return target.id if target else ""
