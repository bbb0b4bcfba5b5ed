"""What the lifespan hands to every request."""

from typing import Annotated, TypedDict

from fastapi import Depends, Request

from service_db_api.store.mongo import Store


class State(TypedDict):
    store: Store


async def _store(request: Request) -> Store:
    store: Store = request.state.store
    return store


OpenStore = Annotated[Store, Depends(_store)]
