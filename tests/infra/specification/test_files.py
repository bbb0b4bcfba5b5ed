"""Sections 2 and 8 of the specification, Terraform's files and the Dockerfiles: what is there, and what is in it."""

from __future__ import annotations

import json
import re

import pytest

from ci.settings import ROOT
from tests.infra.workspace import TREE

# The specification's own list: of ecr it names no variables.tf.
MODULES = {
    "network": ("main", "variables", "outputs"),
    "eks": ("main", "variables", "outputs"),
    "ecr": ("main", "outputs"),
    "mongo_atlas": ("main", "variables", "outputs"),
    "app": ("main", "variables", "outputs"),
}
FILES = (
    "backend.tf",
    "providers.tf",
    *(f"modules/{module}/{name}.tf" for module, names in MODULES.items() for name in names),
    *(f"envs/demo/{name}" for name in ("main.tf", "variables.tf", "outputs.tf", "terraform.tfvars")),
)
SERVICES = [("service_db_api", "db-api", 8001), ("service_chat", "chat-api", 8002)]


@pytest.mark.parametrize("name", FILES, ids=[f"layout-{name}" for name in FILES])
def test_file_is_there(name: str) -> None:
    """A reader of the specification finds each file under its name."""
    assert TREE.joinpath(name).is_file()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("backend.tf", 'backend "s3" {', id="layout-backend-s3"),
        pytest.param("providers.tf", 'provider "aws" {', id="layout-provider-aws"),
        pytest.param("providers.tf", 'provider "kubernetes" {', id="layout-provider-kubernetes"),
        pytest.param("providers.tf", 'provider "mongodbatlas" {', id="layout-provider-mongo-atlas"),
        *(
            pytest.param("envs/demo/main.tf", f'source = "../../modules/{module}"', id=f"layout-demo-wires-{module}")
            for module in MODULES
        ),
    ],
)
def test_file_holds_what_it_is_for(name: str, text: str) -> None:
    """It is Terraform's own block, not a word in a comment."""
    assert [line for line in TREE.joinpath(name).read_text().splitlines() if line.strip().startswith(text)] != []


def dockerfile(package: str) -> str:
    """Return the Dockerfile of PACKAGE, lines that go on in the next one joined."""
    return (ROOT / package / "Dockerfile").read_text().replace("\\\n", " ")


def each_service(row: str) -> list[object]:
    return [pytest.param(package, name, port, id=f"{name}-dockerfile-{row}") for package, name, port in SERVICES]


@pytest.mark.parametrize(("package", "name", "port"), each_service("base-python-3.11-slim"))
def test_image_is_built_on(package: str, name: str, port: int) -> None:
    """Both stages begin with the one base image, pinned by its digest."""
    bases = re.findall(r"^FROM (\S+)", dockerfile(package), re.MULTILINE)
    (image,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)", dockerfile(package), re.MULTILINE)

    assert set(bases) == {"${PYTHON_IMAGE}"}, (name, port)
    assert re.fullmatch(r"python:3\.11-slim@sha256:[0-9a-f]{64}", image)


@pytest.mark.parametrize(("package", "name", "port"), each_service("installs-dependencies"))
def test_image_installs(package: str, name: str, port: int) -> None:
    """The service's own lock is what is installed, hashes and all."""
    text = dockerfile(package)

    assert re.search(rf"^COPY requirements/{name}\.txt .*/tmp/requirements\S*$", text, re.MULTILINE), port
    assert re.search(
        r'^RUN .*pip3? .*install .*--require-hashes .*--requirement "?/tmp/requirements', text, re.MULTILINE
    )


@pytest.mark.parametrize(("package", "name", "port"), each_service("copies-the-service"))
def test_image_copies(package: str, name: str, port: int) -> None:
    """The service's package is in it, and of the two services no other."""
    copied = re.findall(r"^COPY (service_\w+)/ \1/$", dockerfile(package), re.MULTILINE)

    assert copied == ["service_kit", package], (name, port)


@pytest.mark.parametrize(("package", "name", "port"), each_service("cmd-uvicorn"))
def test_image_starts(package: str, name: str, port: int) -> None:
    """Uvicorn serves the service's own application on all interfaces, at its own port."""
    (command,) = re.findall(r"^CMD (\[.*\])$", dockerfile(package), re.MULTILINE)

    told = f"uvicorn {package}.main:app --host 0.0.0.0 --port {port}"
    assert " ".join(json.loads(command)).startswith(told), name
