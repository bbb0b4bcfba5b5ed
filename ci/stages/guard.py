"""Let nothing that holds data be destroyed by the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from ci.terraform.plan_summary import PlanSummary

    # Asks a person to type a name; returns what was typed.
    Ask = Callable[[str], Awaitable[str]]


async def guard(summary: PlanSummary, allowed: Collection[str], ask: Ask | None = None) -> None:
    """
    Return when SUMMARY destroys or replaces nothing that holds data but what is ALLOWED, by its address.

    Where there is a person to ASK, each other address may be typed. Raises
    UsageError, which lists what is left.
    """
    left = [address for address in summary.losses() if address not in allowed]
    if ask:
        for address in list(left):
            question = f"The plan destroys {address} and what it holds. Type its address to allow that: "
            if await ask(question) != address:
                break
            left.remove(address)
    if left:
        title = f"Nothing was applied: the plan destroys {len(left)} resources that hold data."
        flags = " ".join(f"--allow-destroy '{address}'" for address in left)
        raise UsageError(title, code="destroys_data", detail="\n".join(left), hint=f"If that is meant: {flags}")
