"""A database that is slow, says nothing, or breaks off, under a real db-api."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from service_db_api.models import examples
from service_db_api.store.schema import CHAT_LOGS
from tests.integration.services.asking import asking, until
from tests.integration.services.filled import PATHS, count, uri, with_personas
from tests.integration.services.process import client, db_api
from tests.integration.services.proxy import Cut, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.integration.services.database import Database
    from tests.integration.services.process import Running

# How the driver's questions begin: a string of this name, in one case with the collection's name as its value.
FIND = b"\x02find\x00"
INSERT = b"\x02insert\x00\x0a\x00\x00\x00chat_logs\x00"
CLIENTS = 4
# Seconds in which the service promises to be back after its database is.
BACK = 5.0
# Questions that each client asks while all is well.
ENOUGH = 5
SELECTION_MS, SOCKET_MS = 500, 500
HOWS = ["reset", "half-closed"]
# After a break-off the driver looks at the server again half a second later, so each cut meets one path.
CUTS = [
    (length, how, PATHS[number % len(PATHS)])
    for number, (length, how) in enumerate(itertools.product((0, 3, 16, 100), HOWS))
]


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
    """Yield db-api, whose database is behind the proxy and has as long for an answer as a test may take."""
    with db_api(tmp_path_factory.mktemp("proxied"), MONGODB_URI=uri(proxy.port)) as found:
        yield found


@pytest.fixture(scope="module")
def below(proxied: Running) -> Iterator[httpx.Client]:
    """Yield a client of that db-api."""
    with client(proxied.address) as found:
        yield found


@pytest.mark.slow
def test_database_that_is_slow_is_waited_for(proxy: Proxy, below: httpx.Client) -> None:
    """Replies that take a fifth of a second longer are replies: everything is answered, and the service is ready."""
    proxy.delay = 0.2
    answers = [below.get(path) for path in (*PATHS, "/health?check=ready", "/health")]
    proxy.delay = 0

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.slow
def test_database_that_is_silent_is_given_up(shared: Database, tmp_path: Path) -> None:
    """Whatever is asked ends in 503 by the time-outs, and readiness too; the process lives, and recovers."""
    settings = {
        "MONGO_SERVER_SELECTION_TIMEOUT_MS": str(SELECTION_MS),
        "MONGO_SOCKET_TIMEOUT_MS": str(SOCKET_MS),
    }
    with (
        Proxy(shared.port).running() as proxy,
        db_api(tmp_path, MONGODB_URI=uri(proxy.port), **settings) as running,
        client(running.address) as below,
    ):
        until(lambda: below.get(PATHS[0]).status_code == 200)
        proxy.stall()
        # Over the connection that is open: nothing but the probe's own patience ends it.
        probes = [below.get(path).status_code for path in ("/health?check=ready", "/health")]
        proxy.go_on()
        with asking(running.address, PATHS, CLIENTS) as askers:
            until(lambda: all(sum(answer.status == 200 for answer in asker.asked) >= ENOUGH for asker in askers))
            # In the middle of questions, over connections that are open.
            proxy.stall()
            until(lambda: all(asker.asked[-1].status == 503 for asker in askers))
            silent = [len(asker.asked) for asker in askers]
            until(lambda: all(len(asker.asked) > number for asker, number in zip(askers, silent, strict=True)))
            before = [len(asker.asked) for asker in askers]
            proxy.go_on()
            until(lambda: all(asker.asked[-1].status == 200 for asker in askers), BACK)
            found = [len(asker.asked) for asker in askers]
            until(lambda: all(len(asker.asked) >= number + ENOUGH for asker, number in zip(askers, found, strict=True)))
        alive = running.process.poll() is None

    asked = [answer for asker in askers for answer in asker.asked]
    assert [failure for asker in askers for failure in asker.failures] == []
    assert {(answer.status, answer.code) for answer in asked} == {(200, None), (503, "database_unavailable")}
    for asker, gone, back in zip(askers, silent, before, strict=True):
        assert {answer.status for answer in asker.asked[gone - 1 : back]} == {503}
    assert probes == [503, 200]
    assert alive


@pytest.mark.parametrize(
    ("length", "how", "path"),
    [CUTS[0], *(pytest.param(*cut, marks=pytest.mark.slow) for cut in CUTS[1:])],
    ids=[f"{length}-{how}" for length, how, _ in CUTS],
)
def test_read_whose_reply_breaks_off_is_asked_again(
    proxy: Proxy, below: httpx.Client, length: int, how: str, path: str
) -> None:
    """Over another connection, within the same request, and the next request works as well."""
    proxy.cut = Cut(FIND, length, how == "reset")
    broken = below.get(path)

    assert proxy.cut is None
    assert (broken.status_code, below.get(path).status_code) == (200, 200)


@pytest.mark.parametrize("how", ["reset", pytest.param("half-closed", marks=pytest.mark.slow)])
def test_write_whose_reply_breaks_off_can_be_sent_again(
    shared: Database, proxy: Proxy, below: httpx.Client, how: str
) -> None:
    """Whether or not it was stored is not known, so it is 503; sent again it is there once."""
    before = count(shared.port, CHAT_LOGS)
    proxy.cut = Cut(INSERT, 10, how == "reset")

    log = {**examples.NEW_CHAT_LOG, "trace_id": f"{before:032x}"}
    answers = [below.post("/chat-logs", json=log) for _ in range(2)]

    assert (answers[0].status_code, answers[0].json().get("code")) == (503, "database_unavailable")
    assert answers[1].status_code in (200, 201)
    assert count(shared.port, CHAT_LOGS) == before + 1


@pytest.mark.slow
def test_connections_that_died_in_the_pool_cost_nothing(proxy: Proxy, proxied: Running, below: httpx.Client) -> None:
    """After all of them were reset while nobody asked, the next requests are answered."""
    with asking(proxied.address, PATHS, CLIENTS) as askers:
        until(lambda: all(len(asker.asked) > ENOUGH for asker in askers))
    proxy.drop()

    assert {below.get(path).status_code for path in PATHS * 3} == {200}
