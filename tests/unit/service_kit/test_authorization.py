"""The service token."""

from __future__ import annotations

import pytest
import structlog
from pydantic import SecretStr, TypeAdapter, ValidationError

from service_kit import environment
from service_kit.authorization import Token
from tests.unit.service_kit.served import serve

pytestmark = pytest.mark.anyio
TOKEN = "planted-token-0123456789"
SHOWN = f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/items/one", [], id="none"),
        pytest.param("/items/one", [("authorization", "")], id="empty"),
        pytest.param("/items/one", [("authorization", TOKEN)], id="no-scheme"),
        pytest.param("/items/one", [("authorization", f"Basic {TOKEN}")], id="another-scheme"),
        pytest.param("/items/one", [("authorization", f"{SHOWN}x")], id="longer"),
        pytest.param("/items/one", [("authorization", SHOWN[:-1])], id="shorter"),
        pytest.param("/items/one", [("authorization", SHOWN.swapcase())], id="another-case"),
        pytest.param("/items/one", [("authorization", "Bearer \xff")], id="no-ascii"),
        pytest.param("/items/one", [("authorization", SHOWN), ("authorization", SHOWN)], id="twice"),
        pytest.param("/items/one", [("x-service-token", TOKEN)], id="another-header"),
        # No path is free because of how it looks.
        pytest.param("/nowhere", [], id="unknown-path"),
        pytest.param("/healthy", [], id="path-that-begins-as-a-free-one"),
        pytest.param("/items/%2e%2e/health", [], id="path-that-climbs-to-a-free-one"),
        pytest.param("//health", [], id="path-with-two-slashes"),
    ],
)
async def test_without_the_token_nothing_is_answered(path: str, headers: list[tuple[str, str]]) -> None:
    """Anybody else learns neither what is there nor what is not, and neither answer nor log repeats what was shown."""
    served = serve(SecretStr(TOKEN))

    with structlog.testing.capture_logs() as lines:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        response = await served.client.get(path, headers=raw)

    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert TOKEN not in response.text
    assert TOKEN not in str(lines)


async def test_a_refused_body_is_not_read() -> None:
    """Who does not belong here is told so before anything of the body is looked at, its size included."""
    response = await serve(SecretStr(TOKEN), max_body_bytes=1).client.post("/numbers", content=b"{" * 10)

    assert response.status_code == 401


@pytest.mark.parametrize("shown", [SHOWN, f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
async def test_with_the_token_all_is_as_without_one(shown: str) -> None:
    """The scheme's case and blanks are nobody's business."""
    served = serve(SecretStr(TOKEN))

    answers = [await served.client.get(path, headers={"authorization": shown}) for path in ("/items/one", "/nowhere")]

    assert [each.status_code for each in answers] == [200, 404]


@pytest.mark.parametrize("path", ["/health", "/openapi.json"])
async def test_whoever_watches_needs_no_token(path: str) -> None:
    """Probes hold no secrets, and neither does the list of what can be asked."""
    assert (await serve(SecretStr(TOKEN)).client.get(path)).status_code == 200


async def test_a_prefix_of_the_path_changes_nothing() -> None:
    """Behind a prefix, what is free is what the routes know by that name."""
    served = serve(SecretStr(TOKEN))
    served.app.root_path = "/db"

    assert (await served.client.get("/db/health")).status_code == 200
    assert (await served.client.get("/db/items/one")).status_code == 401


async def test_without_a_setting_nobody_is_asked() -> None:
    """The demo runs without a secret."""
    assert (await serve().client.get("/items/one")).status_code == 200


async def test_openapi_tells_who_is_asked() -> None:
    """The operations behind the token say so, those before it do not; without a token none does."""
    served = serve(SecretStr(TOKEN))

    for _ in range(2):
        paths = served.app.openapi()["paths"]
        assert paths["/items/{name}"]["get"]["security"] == [{"serviceToken": []}]
        assert "401" in paths["/items/{name}"]["get"]["responses"]
        assert "security" not in paths["/health"]["get"]
    assert "securitySchemes" not in str(serve().app.openapi())


@pytest.mark.parametrize("value", ["short", "fifteen-letters", "with a blank inside", "with-a\nline-break", "ü" * 20])
async def test_a_weak_token_is_refused_unseen(value: str) -> None:
    """What could be guessed, or not be sent in a header, ends the start; the sentence does not repeat it."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Token).validate_python(value)

    (error,) = caught.value.errors()
    assert error["msg"] == "Value error, it must be at least 16 visible ASCII characters without blanks"


async def test_the_sentence_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the service reads which variable is too weak, and not what is in it."""

    class Demo(environment.Settings):
        service_token: Token | None = None

    monkeypatch.setenv("SERVICE_TOKEN", "short")
    with pytest.raises(environment.Misconfigured) as caught:
        environment.read(Demo)

    assert str(caught.value) == (
        "SERVICE_TOKEN cannot be used: it must be at least 16 visible ASCII characters without blanks."
    )


async def test_blanks_around_a_token_do_not_count() -> None:
    """A file's last line break is no part of the secret."""
    assert TypeAdapter(Token).validate_python(f"{TOKEN}\n").get_secret_value() == TOKEN
