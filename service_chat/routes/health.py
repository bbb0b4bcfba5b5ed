"""Whether the process is alive, and whether it could answer."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service_chat.errors import DbApiUnavailable, InvalidInput
from service_chat.routes.state import OpenTriage
from service_kit import VERSION
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


@router.get("/health", response_model_exclude_none=True, responses=documented(InvalidInput, DbApiUnavailable))
async def health(triage: OpenTriage, check: Literal["ready"] | None = None) -> Health:
    """Return that the process lives, without asking anybody; with `check=ready`, 503 while db-api is not ready."""
    if check is None:
        return Health()
    try:
        await triage.db_api.ready(ASK_CAP)
    except DbApiUnavailable:
        raise DbApiUnavailable(checks={"db-api": "unavailable"}) from None
    return Health(checks={"db-api": "ok"})
