"""Run each service's tests in the very image that would be deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.concurrency import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.engines.base import Engine, Registry
    from ci.stages.build import Candidate


# What is checked of the project as a whole, beside its services.
SESSIONS = ("lint", "types", "infra")


def pulls(candidates: Sequence[Candidate]) -> bool:
    """Return whether one of CANDIDATES has to be pulled to be tested."""
    return any(each.digest and not each.checked for each in candidates)


async def check(
    engine: Engine,
    candidates: Sequence[Candidate],
    registry: Registry | None = None,
    *,
    sessions: Sequence[str] = (),
) -> dict[str, str]:
    """
    Return name -> closing line of the tests of CANDIDATES that have not passed before, and of nox SESSIONS.

    All run side by side. An image that is in REGISTRY already is tested as it
    is there. Raises CheckFailed that tells of everything that failed.
    """

    async def one(candidate: Candidate | str) -> str:
        if isinstance(candidate, str):
            return await engine.inspect(candidate)
        if registry is None or candidate.digest is None:
            return await engine.check(candidate.service)
        reference = f"{registry.host}/{candidate.service.repository}@{candidate.digest}"
        return await engine.check(candidate.service, reference, registry)

    wanted = [each for each in candidates if not each.checked]
    everything: list[Candidate | str] = [*wanted, *sessions]
    lines = await side_by_side(one, everything)
    return dict(zip([*(each.service.name for each in wanted), *sessions], lines, strict=True))
