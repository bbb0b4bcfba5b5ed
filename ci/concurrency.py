"""Run the same work for several services at once, and tell of every failure, not only of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from ci.errors import PipelineError, merge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(work: Callable[[T], Awaitable[R]], items: Iterable[T]) -> list[R]:
    """
    Return what WORK returns for each of ITEMS, in their order.

    A PipelineError of one item lets the others finish; then one error that
    tells of all is raised. Anything else is a bug and cancels them.
    """
    results: dict[int, R] = {}
    failures: list[PipelineError] = []

    async def one(place: int, item: T) -> None:
        try:
            results[place] = await work(item)
        except PipelineError as error:
            failures.append(error)

    async with anyio.create_task_group() as group:
        for place, item in enumerate(items):
            group.start_soon(one, place, item)
    if failures:
        raise merge(failures)
    return [results[place] for place in sorted(results)]
