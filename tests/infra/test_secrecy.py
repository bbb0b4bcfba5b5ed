"""No secret is kept: each is planted, reaches its Secret, and is looked for in all that Terraform wrote and said."""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.infra.workspace import SECRETS, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.infra.workspace import Applied, Workspace

OWN = "mongodb://planted-user:planted-own-password@db.example/carepath?authSource=admin"
REAL_MODES = ("-var=llm_mode=openai", "-var=llm_model=a-model", "-var=vector_mode=pinecone")
# Variable -> the Secret and the key that the pods find it under.
ARRIVES = {
    "TF_VAR_pinecone_api_key": ("pinecone", "PINECONE_API_KEY"),
    "TF_VAR_service_token": ("service-token", "SERVICE_TOKEN"),
    "TF_VAR_llm_api_key": ("llm", "LLM_API_KEY"),
    "TF_VAR_phi_hash_key": ("llm", "PHI_HASH_KEY"),
}
WAYS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "atlas": ((), {}),
    "a database of one's own": (("-var=create_atlas=false",), {"TF_VAR_existing_mongodb_uri": OWN}),
}


@dataclass(frozen=True)
class Left:
    """What one deploy left behind: place -> all bytes there, and each Secret as it reached the cluster."""

    places: dict[str, bytes]
    secrets: dict[str, dict[str, str]]
    planted: dict[str, str]


@pytest.fixture(scope="module", params=["atlas", pytest.param("a database of one's own", marks=pytest.mark.slow)])
def left(
    request: pytest.FixtureRequest, fresh: Workspace, applied: Applied, tmp_path_factory: pytest.TempPathFactory
) -> Left:
    """Plan, apply and plan again with every secret in use, and gather what was written and said."""
    arguments, secrets = WAYS[request.param]
    workspace = fresh.copy(tmp_path_factory.mktemp("secrecy") / "terraform")
    workspace.environment = {**workspace.environment, **secrets}
    before = len(applied)
    said = [
        workspace.succeed("plan", "-out=tfplan", *REAL_MODES, *arguments),
        workspace.succeed("show", "tfplan"),
        workspace.succeed("show", "-json", "tfplan"),
        workspace.succeed("apply", "tfplan"),
        workspace.succeed("plan", "-out=second.tfplan", "-json", *REAL_MODES, *arguments),
        workspace.succeed("show", "-json"),
        workspace.succeed("output", "-json"),
    ]
    return Left(
        {"what terraform said": "\n".join(said).encode(), **dict(written(workspace.demo))},
        secrets_in(applied[before:]),
        {**SECRETS, **secrets},
    )


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of each file of FOLDER, and of each file within one that is a zip archive."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        place = path.relative_to(folder).as_posix()
        yield place, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{place}/{name}", archive.read(name)


def spellings(secret: str) -> set[bytes]:
    """Return SECRET as it might be written: plain, in JSON, in an address, in base64 as Kubernetes has it."""
    return {
        secret.encode(),
        json.dumps(secret)[1:-1].encode(),
        quote(secret, safe="").encode(),
        b64encode(secret.encode()),
    }


@pytest.mark.parametrize("variable", [*SECRETS, "TF_VAR_existing_mongodb_uri"])
def test_a_secret_is_nowhere(left: Left, variable: str) -> None:
    """Whoever reads the state, a saved plan or a log learns none of them, in whatever spelling."""
    found = [
        place
        for place, content in left.places.items()
        for each in spellings(left.planted.get(variable, OWN))
        if each in content
    ]

    assert found == []


def test_no_address_of_a_database_is_anywhere(left: Left) -> None:
    """Not even the part of it that ends before the password."""
    parts = (b"mongodb+srv://carepath-db-api:", b"mongodb://planted-user", b"planted-own-password")

    assert [place for place, content in left.places.items() for each in parts if each in content] == []


@pytest.mark.parametrize("variable", ARRIVES)
def test_a_secret_arrives(left: Left, variable: str) -> None:
    """What is kept nowhere is still what the pods are given."""
    name, key = ARRIVES[variable]

    assert left.secrets[name][key] == left.planted[variable]


def test_the_address_arrives(left: Left) -> None:
    """The pods are given the database's address, the one that was handed in where there is one."""
    found = left.secrets["mongodb"]["MONGODB_URI"]

    assert found == left.planted.get("TF_VAR_existing_mongodb_uri", found)
    assert found.startswith(("mongodb+srv://carepath-db-api:", OWN))


@pytest.mark.parametrize(
    "place",
    ["terraform.tfstate", "tfplan/tfplan", "second.tfplan/tfstate", "second.tfplan/tfplan", "what terraform said"],
)
def test_the_search_can_read(left: Left, place: str) -> None:
    """What is no secret is found in each place, so that silence above means something."""
    assert b"carepath-db-api" in left.places[place]
