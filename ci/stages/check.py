"""Run each service's tests in the very image that would be deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.engines.base import Engine, Registry
    from ci.stages.build import Candidate


def pulls(candidates: Sequence[Candidate]) -> bool:
    """Return whether one of CANDIDATES has to be pulled to be tested."""
    return any(each.digest and not each.checked for each in candidates)


async def check(engine: Engine, candidates: Sequence[Candidate], registry: Registry | None = None) -> dict[str, str]:
    """
    Return service name -> closing line of its tests, for CANDIDATES whose tests have not passed before.

    An image that is in REGISTRY already is tested as it is there. Raises
    CheckFailed that tells of every service whose tests failed.
    """

    async def one(candidate: Candidate) -> str:
        if registry is None or candidate.digest is None:
            return await engine.check(candidate.service)
        reference = f"{registry.host}/{candidate.service.repository}@{candidate.digest}"
        return await engine.check(candidate.service, reference, registry)

    wanted = [each for each in candidates if not each.checked]
    lines = await side_by_side(one, wanted)
    return {each.service.name: line for each, line in zip(wanted, lines, strict=True)}
