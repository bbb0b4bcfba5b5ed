"""Run each service's tests in the very image that would be deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.engines.base import Engine
    from ci.stages.build import Candidate


async def check(engine: Engine, candidates: Sequence[Candidate], registry: str = "") -> dict[str, str]:
    """
    Return service name -> closing line of its tests, for CANDIDATES whose tests have not passed before.

    An image that is in REGISTRY already is tested as it is there. Raises
    CheckFailed that tells of every service whose tests failed.
    """

    async def one(candidate: Candidate) -> str:
        reference = f"{registry}/{candidate.service.repository}@{candidate.digest}" if candidate.digest else None
        return await engine.check(candidate.service, reference)

    wanted = [each for each in candidates if not each.checked]
    lines = await side_by_side(one, wanted)
    return {each.service.name: line for each, line in zip(wanted, lines, strict=True)}
