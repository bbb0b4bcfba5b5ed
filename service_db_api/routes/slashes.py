"""Paths as they were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_kit.problem import NotFound

if TYPE_CHECKING:
    from starlette.types import Scope


def refuse(scope: Scope) -> NotFound | None:
    """
    Refuse, as a guard, a path with an encoded slash.

    The server decodes it before routes are looked for, so part of an id would
    lead to another route than whoever checked the path on the way had seen.
    """
    raw = scope.get("raw_path") or b""
    # Most paths have nothing encoded at all.
    return NotFound() if b"%" in raw and b"%2f" in raw.lower() else None
