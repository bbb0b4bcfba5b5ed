"""Whether a database is on this machine."""

from __future__ import annotations

import pytest

from service_db_api.loading.local import local


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://db.example.org",
        "mongodb://mongo:27017/carepath",
        "mongodb+srv://localhost/carepath",
        "mongodb://localhost,db.example.org",
        "mongodb://localhost.example.org",
        "mongodb://127.0.0.1.example.org",
        "mongodb://10.0.0.1",
        "mongodb://0.0.0.0",
        "mongodb://localhost@db.example.org",
        "mongodb://localhost:x@db.example.org/?appname=localhost",
        "mongodb://u:p@localhost@db.example.org",
        "mongodb://localhost/x@db.example.org",
        "mongodb://[2001:db8::1]:27017",
        "mongodb://",
        "mongodb:///tmp/mongodb-27017.sock",
        "",
    ],
)
def test_what_may_be_elsewhere_counts_as_elsewhere(uri: str) -> None:
    """One host that is not this machine, or an address that cannot be read for sure, is enough."""
    assert not local(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://localhost",
        "mongodb://LocalHost:27017/carepath?replicaSet=rs0",
        "mongodb://127.0.0.1:27017",
        "mongodb://127.8.9.10",
        "mongodb://[::1]:27017/carepath",
        "mongodb://user:p%40ss@localhost:27017,127.0.0.1:27018/carepath",
    ],
)
def test_the_loopback_is_here(uri: str) -> None:
    """Names and addresses of the loopback need no confirmation."""
    assert local(uri)
