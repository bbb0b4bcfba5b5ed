"""Whether the process is alive, and whether it could answer."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service_chat.errors import DbApiUnavailable, InvalidInput
from service_chat.routes.state import OpenTriage
from service_kit import VERSION, drain
from service_kit.problem import documented

SERVICE = "chat-api"
ASK_CAP = 1.0

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """`checks` tells of each dependency, when asked whether the service is ready."""

    status: Literal["ok"] = "ok"
    service: str = SERVICE
    version: str = VERSION
    checks: dict[str, str] | None = None


@router.get(
    "/health", response_model_exclude_none=True, responses=documented(InvalidInput, DbApiUnavailable, drain.Draining)
)
async def health(request: Request, triage: OpenTriage, check: Literal["ready"] | None = None) -> Health:
    """
    Return that the process lives, without asking anybody.

    With `check=ready`, 503 while db-api is not ready or the process is about to stop.
    """
    if check is None:
        return Health()
    drain.refuse(request)
    try:
        await triage.db_api.ready(ASK_CAP)
    except DbApiUnavailable:
        raise DbApiUnavailable(checks={"db-api": "unavailable"}) from None
    return Health(checks={"db-api": "ok"})
