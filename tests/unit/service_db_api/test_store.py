"""The store over the wire."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import structlog
from pymongo.errors import AutoReconnect, ConfigurationError, ExecutionTimeout, OperationFailure, PyMongoError

from service_db_api.errors import DatabaseUnavailable
from service_db_api.store.faults import told
from service_db_api.store.schema import ALL, CHAT_LOGS
from service_kit.problem import Problem

if TYPE_CHECKING:
    from tests.unit.service_db_api.served import Served


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (AutoReconnect("db-7.internal"), DatabaseUnavailable),
        (ConfigurationError("db-7.internal"), DatabaseUnavailable),
        (ExecutionTimeout("db-7.internal", 50), DatabaseUnavailable),
        (TimeoutError("db-7.internal"), DatabaseUnavailable),
        (OperationFailure("db-7.internal", 13), Problem),
        (PyMongoError("db-7.internal"), Problem),
    ],
)
def test_a_fault_of_the_driver_becomes_ours(fault: Exception, expected: type[Problem]) -> None:
    """Lost and slow servers are a 503, all else a 500; the driver's text is neither answered nor logged."""
    with structlog.testing.capture_logs() as lines, pytest.raises(Problem) as caught, told():
        raise fault

    assert type(caught.value) is expected
    assert [each["error"] for each in lines] == [type(fault).__name__]
    assert "db-7" not in str(lines)


@pytest.mark.anyio
async def test_indexes_are_as_declared(served: Served) -> None:
    """Each collection has its unique keys and its orders; creating them again changes nothing."""
    await served.store.create_indexes()

    for each in ALL:
        found = await served.store._database[each.name].index_information()
        # NX-27017 keeps the fields in their order, but neither names nor directions.
        keys = {tuple(field for field, _ in index["key"]) for index in found.values()}
        assert {(name,) for name in (each.key, *each.unique)} <= keys
        assert {tuple(field for field, _ in order) for order in each.orders} <= keys
        assert {(name,) for name in each.alone} <= keys


@pytest.mark.anyio
async def test_a_second_record_of_one_key_is_refused(served: Served) -> None:
    """The natural key is unique in the database itself."""
    with pytest.raises(PyMongoError):
        await served.store._database["patients"].insert_one({"mrn": "P000101"})


@pytest.mark.anyio
async def test_of_ten_who_insert_one_key_one_succeeds(served: Served) -> None:
    """However many store the same conversation at once, it is there once."""
    row = {"conversation_id": "CONV-" + "1" * 32, "patient_mrn": "P000101"}

    done = await asyncio.gather(*(served.store.insert(CHAT_LOGS, row) for _ in range(10)))

    await served.store.remove(CHAT_LOGS, [row["conversation_id"]])
    assert sorted(done) == [False] * 9 + [True]
