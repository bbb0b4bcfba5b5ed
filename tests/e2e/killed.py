"""SIGKILL at a call of a deploy, with a cloud that outlives it, and the way on that the next run names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.world import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.crooked_aws import Request
    from tests.e2e.world import World

    # Where it dies, at which call, after how many such calls, and what is left locked.
    Point = tuple[str, Callable[[Request], bool], int, str]


def die(world: World, point: Point) -> None:
    """Let a deploy's machine die at POINT, see that no release was recorded, and make way as the next run tells."""
    name, matches, after, left = point
    before = world.releases() if "bootstrap" not in name else []
    dead = world.killed_at(matches, after=after)
    if not left:
        assert "bootstrap" in name or world.lock() is None, name
        assert "bootstrap" in name or world.releases() == before, name
        row(f"SIGKILL, {name}", dead, "goes on")
        return
    # What looks at the state is kept out as a deploy is, and sooner; without a release there is nothing to look at.
    words = ("drift",) if before else ("deploy",)
    blocked = world.run(*words)
    assert world.releases() == before
    assert "Traceback" not in blocked.lines
    expected = (6, "state_checksum_stale") if left == "checksum" else (7, "state_locked")
    assert (blocked.code, blocked.problem["code"]) == expected, (name, blocked.told)
    done = world.follow(blocked.told)
    assert done.code == 0, (name, done.told)
    assert world.lock() is None
    row(f"SIGKILL, {name}", blocked, f"told ({left}), unlocked, goes on")
