"""Documents beside an image, and an image without its build's time: what is asked for, and what is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci.engines.base import Registry
from ci.errors import ImageFailed
from ci.registry.client import asked
from ci.registry.referrers import Document, attach, attached
from ci.registry.reproducible import EPOCH, settle
from ci.rehearsal.registry import RegistryServer
from tests.support.images import push

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "team/carepath-db-api"
NOTE, OTHER = "application/x-note", "application/x-other"


@pytest.fixture(params=[True, False], ids=["lists", "has-no-list"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RegistryServer]:
    """Run a registry, one that lists what refers to an image and one of old."""
    with RegistryServer(tmp_path, 0, lambda *_: None, lists=request.param) as found:
        yield found


@pytest.fixture
def registry(server: RegistryServer) -> Registry:
    return Registry(f"localhost:{server.port}")


@pytest.mark.parametrize(
    ("registry", "address"),
    [
        (Registry("localhost:5000"), "http://localhost:5000"),
        (Registry("1.dkr.ecr.us-east-1.amazonaws.com"), "https://1.dkr.ecr.us-east-1.amazonaws.com"),
        (Registry("localhost.example.com"), "https://localhost.example.com"),
        (Registry("example.com", endpoint="http://127.0.0.1:1"), "http://127.0.0.1:1"),
    ],
)
def test_only_this_machine_is_asked_without_tls(registry: Registry, address: str) -> None:
    """A password never goes over a plain connection to another machine by itself."""
    assert registry.address == address


def test_image_that_is_not_there_gets_no_document(registry: Registry) -> None:
    """The refusal names the registry, the step and what to check."""
    with pytest.raises(ImageFailed) as caught:
        attach(registry, NAME, f"sha256:{'0' * 64}", [Document(NOTE, b"a")])

    assert caught.value.code == "registry_refused"
    assert registry.host in caught.value.title
    assert NAME in caught.value.hint


def test_registry_that_gives_other_content_is_not_believed(server: RegistryServer, registry: Registry) -> None:
    """A digest is computed here from what came, not taken from the registry's word."""
    digest = push(registry, NAME, "src-1", of="image")
    attach(registry, NAME, digest, [Document(NOTE, b"a note")])
    for path in server.blobs.folder.glob("sha256/*"):
        if path.read_bytes() == b"a note":
            path.write_bytes(b"a n0te")

    with pytest.raises(ImageFailed) as caught:
        attached(registry, NAME, digest, NOTE)

    assert caught.value.code == "registry_damaged"


def test_document_of_another_image_is_not_this_ones(server: RegistryServer, registry: Registry) -> None:
    """A list may name what speaks of something else; the document's own subject decides."""
    one, two = (push(registry, NAME, tag, of=tag) for tag in ("src-1", "src-2"))
    attach(registry, NAME, one, [Document(NOTE, b"of one")])
    with asked(registry, NAME, "forge a list") as place:
        if not server.lists:
            index = place.tagged(one.replace(":", "-")) or b""
            place.put_manifest("application/vnd.oci.image.index.v1+json", index, tag=two.replace(":", "-"))
    for path in server.blobs.folder.glob(f"referrers/*/{one.replace(':', '-')}/*"):
        server.blobs.refer(NAME, path.name.replace("-", ":", 1), two)

    assert attached(registry, NAME, two, NOTE) == []


def test_documents_come_back_by_their_kind(registry: Registry) -> None:
    """Two of one kind and one of another; an image without any has none."""
    digest = push(registry, NAME, "src-1", of="image")
    assert attached(registry, NAME, digest, NOTE) == []

    notes = [Document(NOTE, text, (("carepath.platform", text.decode()),)) for text in (b"a", b"b")]
    attach(registry, NAME, digest, [*notes, Document(OTHER, b"c")])

    assert sorted(attached(registry, NAME, digest, NOTE)) == [b"a", b"b"]
    assert attached(registry, NAME, digest, OTHER) == [b"c"]


def test_attaching_the_same_again_changes_nothing(registry: Registry) -> None:
    """Who was killed in between may do it all again."""
    digest = push(registry, NAME, "src-1", of="image")
    for _ in range(2):
        attach(registry, NAME, digest, [Document(NOTE, b"a")])

    assert attached(registry, NAME, digest, NOTE) == [b"a"]


def test_password_is_sent_to_the_registry(server: RegistryServer) -> None:
    """As user AWS, which is how ECR takes its token."""
    sent: list[str] = []
    handler = server._server.RequestHandlerClass
    answer = handler.do_GET  # type: ignore[attr-defined]

    def seen(self: object) -> None:
        sent.append(self.headers["Authorization"])  # type: ignore[attr-defined]
        answer(self)

    handler.do_GET = seen  # type: ignore[attr-defined]
    attached(Registry(f"localhost:{server.port}", "planted"), NAME, f"sha256:{'0' * 64}", NOTE)

    assert set(sent) == {"Basic QVdTOnBsYW50ZWQ="}


@pytest.mark.parametrize("platforms", [1, 2])
def test_build_at_another_time_settles_to_the_same_digest(registry: Registry, platforms: int) -> None:
    """An engine writes when each step ran; without that, the same layers are the same image, of each platform."""
    pushed = [push(registry, NAME, f"build-{number}", of="image", platforms=platforms) for number in range(2)]
    assert len(set(pushed)) == 2

    settled = {settle(registry, NAME, digest, "2026-01-02T03:04:05Z") for digest in pushed}

    assert len(settled) == 1
    with asked(registry, NAME, "look") as place:
        manifest = json.loads(place.manifest(settled.pop())[1])
        parts = [json.loads(place.manifest(each["digest"])[1]) for each in manifest.get("manifests", ())] or [manifest]
        configs = [json.loads(place.blob(each["config"]["digest"])) for each in parts]
    assert len(configs) == platforms
    assert {config["created"] for config in configs} == {"2026-01-02T03:04:05Z"}
    assert [step for config in configs for step in config["history"] if "created" in step] == []
    assert {config["rootfs"]["type"] for config in configs} == {"layers"}


def test_uncommitted_image_has_a_time_that_is_none(registry: Registry) -> None:
    """It is of no commit, so it is of no commit's time."""
    digest = settle(registry, NAME, push(registry, NAME, "build-1", of="image"), "")

    with asked(registry, NAME, "look") as place:
        config = json.loads(place.blob(json.loads(place.manifest(digest)[1])["config"]["digest"]))
    assert config["created"] == EPOCH
