"""How a check of the whole project ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 40


def judge(session: str, exit_code: int, lines: Sequence[str]) -> str:
    """Return the line that tells how the nox SESSION went which printed LINES; raise CheckFailed unless it is well."""
    if exit_code != 0:
        title = f"The session {session} failed."
        hint = f"Run it alone: sh ci/environment.sh nox --no-venv -s {session}"
        raise CheckFailed(title, code="session_failed", detail="\n".join(lines[-TAIL:]), hint=hint)
    said = [line.strip("= ") for line in lines if line.strip() and not line.startswith("nox >")]
    return said[-1] if said else "passed"
