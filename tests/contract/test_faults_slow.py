"""A database that is slow, says nothing, or breaks off, under a real db-api."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from service_db_api.models import examples
from service_db_api.store.schema import CHAT_LOGS
from tests.contract.asking import asking, until
from tests.contract.filled import PATHS, count, uri, with_personas
from tests.contract.process import db_api
from tests.contract.proxy import Cut, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.database import Database
    from tests.contract.process import Running

# How the driver's questions begin: a string of this name, in one case with the collection's name as its value.
FIND = b"\x02find\x00"
INSERT = b"\x02insert\x00\x0a\x00\x00\x00chat_logs\x00"
CLIENTS = 4
SELECTION_MS = 1000
# What the service promises, in seconds: to be back after its database is.
BACK = 5.0
# A socket has 5 s, and what has waited for it once is not asked again; a busy machine has the rest.
LONGEST = 7.0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Yield a database that tests leave alone; they make its proxy behave badly."""
    with with_personas(tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture(scope="module")
def proxy(shared: Database) -> Iterator[Proxy]:
    """Yield a proxy before that database; tests leave it behaving well."""
    with Proxy(shared.port).running() as found:
        yield found


@pytest.fixture(scope="module")
def proxied(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Yield db-api, whose database is behind the proxy."""
    settings = {"MONGODB_URI": uri(proxy.port), "MONGO_SERVER_SELECTION_TIMEOUT_MS": str(SELECTION_MS)}
    with db_api(tmp_path_factory.mktemp("proxied"), **settings) as found:
        yield found


@pytest.fixture(scope="module")
def client(proxied: Running) -> Iterator[httpx.Client]:
    """Yield a client of that db-api."""
    with httpx.Client(base_url=proxied.address, trust_env=False, timeout=30) as found:
        yield found


def test_a_slow_database_is_waited_for(proxy: Proxy, client: httpx.Client) -> None:
    """Replies that take a third of a second longer are replies: everything is answered, and the service is ready."""
    proxy.delay = 0.3

    answers = [client.get(path) for path in (*PATHS, "/health?check=ready", "/health")]
    proxy.delay = 0

    assert {each.status_code for each in answers} == {200}


@pytest.mark.slow
def test_a_silent_database_is_given_up(proxy: Proxy, proxied: Running, client: httpx.Client) -> None:
    """Whatever is asked ends in 503 within the timeouts, readiness at once; the process lives, and recovers."""
    assert client.get(PATHS[0]).status_code == 200
    proxy.stall()
    # Over the connection that is open: nothing but the probe's own patience ends it.
    started = time.monotonic()
    ready = client.get("/health?check=ready")
    ready_took = time.monotonic() - started
    alive = client.get("/health")
    alive_took = time.monotonic() - started - ready_took
    proxy.go_on()
    with asking(proxied.address, PATHS, CLIENTS) as askers:
        until(lambda: all(sum(asked.status == 200 for asked in each.asked) >= 5 for each in askers))
        # In the middle of questions, over connections that are open.
        proxy.stall()
        silent = time.monotonic()
        until(lambda: all(sum(asked.at > silent for asked in each.asked) >= 2 for each in askers))
        proxy.go_on()
        back = time.monotonic()
        until(lambda: all(each.asked[-1].at > back + BACK for each in askers))

    asked = [each for asker in askers for each in asker.asked]
    assert [failure for each in askers for failure in each.failures] == []
    assert {(each.status, each.code) for each in asked} == {(200, None), (503, "database_unavailable")}
    assert {each.status for each in asked if silent + 0.2 < each.at < each.at + each.seconds < back} == {503}
    assert {each.status for each in asked if each.at > back + BACK} == {200}
    assert max(each.seconds for each in asked) < LONGEST
    assert (ready.status_code, alive.status_code, proxied.process.poll()) == (503, 200, None)
    assert ready_took < 2
    assert alive_took < 1


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "half-closed"])
@pytest.mark.parametrize("length", [0, 3, 16, 100])
def test_a_reply_that_breaks_off_costs_nothing(proxy: Proxy, client: httpx.Client, length: int, *, reset: bool) -> None:
    """Reads are asked anew over another connection, within the same request, and the next request works as well."""
    for path in PATHS:
        proxy.cut = Cut(FIND, length, reset)
        broken = client.get(path)
        assert proxy.cut is None
        assert (broken.status_code, client.get(path).status_code) == (200, 200)


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "half-closed"])
def test_a_write_that_breaks_off_can_be_sent_again(
    shared: Database, proxy: Proxy, client: httpx.Client, *, reset: bool
) -> None:
    """Whether or not it was stored nobody knows, so it is 503; sent again it is there once."""
    before = count(shared.port, CHAT_LOGS)
    proxy.cut = Cut(INSERT, 10, reset)

    log = {**examples.NEW_CHAT_LOG, "trace_id": f"{before:032x}"}
    answers = [client.post("/chat-logs", json=log) for _ in range(2)]

    assert (answers[0].status_code, json.loads(answers[0].content).get("code")) == (503, "database_unavailable")
    assert answers[1].status_code in (200, 201)
    assert count(shared.port, CHAT_LOGS) == before + 1


def test_connections_that_died_in_the_pool_cost_nothing(proxy: Proxy, proxied: Running, client: httpx.Client) -> None:
    """After all of them were reset while nobody asked, the next requests are answered."""
    with asking(proxied.address, PATHS, CLIENTS) as askers:
        until(lambda: all(len(each.asked) > 10 for each in askers))
    proxy.drop()

    assert {client.get(path).status_code for path in PATHS * 3} == {200}
