"""What a run hands on: image references that always travel together."""

from __future__ import annotations

from ci.release import Image, Release
from ci.services import CHAT_API, DB_API

DIGEST = f"sha256:{'1' * 64}"


def test_digest_is_what_follows_the_at_sign() -> None:
    """A registry with a port, and with a tag that looks like a digest, confuses nobody."""
    assert Image(DB_API, f"localhost:5000/carepath-db-api@{DIGEST}", reused=False).digest == DIGEST


def test_one_new_image_leaves_the_other_reference_alone() -> None:
    """Deploying db-api can never roll chat-api back."""
    before = Release({"db_api": "db@old", "chat_api": "chat@old"})

    after = before.with_images([Image(DB_API, "db@new", reused=False)])

    assert after.references == {"db_api": "db@new", "chat_api": "chat@old"}
    assert before.references == {"db_api": "db@old", "chat_api": "chat@old"}


def test_variables_are_those_of_terraform() -> None:
    """Each reference goes into the variable that its service's row names."""
    images = [Image(DB_API, "db@1", reused=True), Image(CHAT_API, "chat@1", reused=True)]

    assert Release({}).with_images(images).variables() == {
        DB_API.image_variable: "db@1",
        CHAT_API.image_variable: "chat@1",
    }
