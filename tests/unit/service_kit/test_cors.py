"""Which pages may ask from a browser."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from service_kit.environment import Settings
from tests.unit.service_kit.served import serve

pytestmark = pytest.mark.anyio

ORIGIN = "https://care.example.org"
ASKING = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


async def test_no_other_page_may_ask_unless_it_is_named() -> None:
    """Without the setting a browser is told nothing that would let a foreign page read an answer."""
    answer = await serve().client.get("/items/one", headers={"Origin": ORIGIN})

    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", ["https://elsewhere.example.org", "null", f"{ORIGIN}.evil.example"])
async def test_a_page_that_is_not_named_may_not(origin: str) -> None:
    """The origin must be one of the named ones to the letter."""
    answer = await serve(cors_allow_origins=ORIGIN).client.get("/items/one", headers={"Origin": origin})

    assert "access-control-allow-origin" not in answer.headers


async def test_a_named_page_may_ask_and_see_the_trace() -> None:
    """It is named back, never `*`, and never with credentials; a browser may ask first without the token."""
    served = serve(SecretStr("a-token-of-this-test"), cors_allow_origins=f"https://a.example, {ORIGIN}")

    first = await served.client.options("/items/one", headers=ASKING)
    answer = await served.client.get(
        "/items/one", headers={"Origin": ORIGIN, "Authorization": "Bearer a-token-of-this-test"}
    )

    assert first.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "X-Trace-Id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("value", ["*", "care.example.org", "https://care.example.org/", "https://*.example.org"])
async def test_what_is_no_origin_is_refused(value: str) -> None:
    """Everybody, in particular, cannot be meant."""
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(cors_allow_origins=value)
