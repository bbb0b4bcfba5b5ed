"""What the lifespan hands to every request."""

from typing import Annotated, TypedDict

from fastapi import Depends, Request

from service_chat.triage import Triage


class State(TypedDict):
    triage: Triage


async def _triage(request: Request) -> Triage:
    triage: Triage = request.state.triage
    return triage


OpenTriage = Annotated[Triage, Depends(_triage)]
