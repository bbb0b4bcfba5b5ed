"""
The yardstick: what the same answers cost without a framework around them, or anything that makes a service operable.

Each route asks Motor no more than its answer needs, by the same keys and with
the same projections as db-api, and answers the same bytes. The summary takes
four questions; providers, whom a fifth would bring, are read once at the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any

import orjson
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from service_db_api.store.keyset import place
from service_db_api.store.schema import CLAIMS, DOCUMENTS, ENCOUNTERS, PATIENTS, PROVIDERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from service_db_api.store.schema import Collection

Row = dict[str, Any]
INSTANTS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
SHOWN = {"_id": 0, "provider_id": 1, "name": 1, "specialty": 1}


def create() -> Starlette:
    """Return the application over the database that MONGODB_URI names; for `uvicorn --factory`."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(os.environ["MONGODB_URI"])
        database = client["carepath"]
        providers = await database[PROVIDERS.name].find({}, SHOWN).to_list(None)
        yield {"database": database, "providers": {each["provider_id"]: each for each in providers}}
        client.close()

    routes = [
        Route("/patients", patients),
        Route("/patients/{mrn}", patient),
        Route("/patients/{mrn}/summary", summary),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def answer(content: Row) -> Response:
    return Response(orjson.dumps(content, option=INSTANTS), media_type="application/json")


async def patient(request: Request) -> Response:
    """Answer one patient; there must be one."""
    where = {"mrn": request.path_params["mrn"]}
    return answer(await request.state.database.patients.find_one(where, PATIENTS.projection))


async def patients(request: Request) -> Response:
    """Answer a page of patients, how many there are, and the link to what follows."""
    skip, limit = int(request.query_params["skip"]), int(request.query_params["limit"])
    mongo = request.state.database.patients
    reading = mongo.find({}, PATIENTS.projection, sort=list(PATIENTS.listed), skip=skip, limit=limit)
    rows, total = await asyncio.gather(reading.to_list(limit), mongo.estimated_document_count())
    link = None
    if skip + len(rows) < total:
        link = f"/patients?limit={limit}&after={place(PATIENTS.listed, rows[-1])}"
    return answer({"items": rows, "total": total, "skip": skip, "limit": limit, "next": link})


async def summary(request: Request) -> Response:
    """
    Answer a patient with what is recent.

    Nobody generated has more than fits, so what was read is also how many there are.
    """
    mrn = request.path_params["mrn"]
    database = request.state.database
    found, encounters, claims, documents = await asyncio.gather(
        database.patients.find_one({"mrn": mrn}, PATIENTS.projection),
        _newest(database, ENCOUNTERS, mrn, 10),
        _newest(database, CLAIMS, mrn, 10),
        _newest(database, DOCUMENTS, mrn, 20),
    )
    for each in claims:
        for name in CLAIMS.money:
            each[name] = f"{each[name] // 100}.{each[name] % 100:02}"
    named = {found.get("primary_care_provider_id")}
    named |= {each.get("provider_id") for each in encounters}
    named |= {each["metadata"].get("author_provider_id") for each in documents}
    providers = request.state.providers
    return answer(
        {
            "patient": found,
            "recent_encounters": encounters,
            "recent_claims": claims,
            "documents": documents,
            "providers": [providers[each] for each in sorted(named - {None}) if each in providers],
            "summary_metadata": {
                "mrn": mrn,
                "encounter_count": len(encounters),
                "claim_count": len(claims),
                "document_count": len(documents),
            },
        }
    )


async def _newest(database: Any, collection: Collection, mrn: str, limit: int) -> list[Row]:
    where = {"patient_mrn": mrn}
    mongo = database[collection.name]
    cursor = mongo.find(where, collection.projection, sort=list(collection.listed), limit=limit)
    rows: list[Row] = await cursor.to_list(limit)
    return rows
