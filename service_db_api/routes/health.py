"""Whether the process is alive, and whether it could answer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from service_db_api.errors import DatabaseUnavailable, InvalidInput
from service_db_api.routes.state import OpenStore
from service_kit import VERSION, drain
from service_kit.problem import documented

SERVICE = "db-api"
PING_CAP = 1.0

router = APIRouter(tags=["health"])


class Asked(BaseModel):
    """What a probe may ask; a misspelt question would be answered with an ok that means nothing."""

    model_config = ConfigDict(extra="forbid")

    check: Literal["ready"] | None = None


class Health(BaseModel):
    """`checks` tells of each dependency, when asked whether the service is ready."""

    status: Literal["ok"] = "ok"
    service: str = SERVICE
    version: str = VERSION
    checks: dict[str, str] | None = None


class DatabaseHealth(BaseModel):
    """`latency_ms` is how long a ping took."""

    status: Literal["ok"] = "ok"
    service: str = SERVICE
    database: str = "mongodb"
    connected: Literal[True] = True
    latency_ms: float


class About(BaseModel):
    service: str = SERVICE
    version: str = VERSION
    description: str = "Synthetic patients over MongoDB."


@router.get("/")
async def about() -> About:
    """Return what this service is."""
    return About()


@router.get(
    "/health", response_model_exclude_none=True, responses=documented(InvalidInput, DatabaseUnavailable, drain.Draining)
)
async def health(request: Request, store: OpenStore, asked: Annotated[Asked, Query()]) -> Health:
    """
    Return that the process lives, without asking anybody.

    With `check=ready`, 503 while the database is away or the process is about to stop.
    """
    if asked.check is None:
        return Health()
    drain.refuse(request)
    try:
        await store.ping(PING_CAP)
    except DatabaseUnavailable:
        raise DatabaseUnavailable(checks={"database": "unavailable"}) from None
    return Health(checks={"database": "ok"})


@router.get("/health/db", responses=documented(DatabaseUnavailable))
async def database_health(store: OpenStore) -> DatabaseHealth:
    """Return how fast the database answers; 503 while it does not."""
    try:
        latency = await store.ping(PING_CAP)
    except DatabaseUnavailable:
        raise DatabaseUnavailable(database="mongodb", connected=False, latency_ms=None) from None
    return DatabaseHealth(latency_ms=round(latency, 3))
