"""The provenance: what it says, and what is not taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci.services import DB_API
from ci.supply_chain import provenance
from ci.supply_chain.labels import Checkout

DIGEST = f"sha256:{'a' * 64}"
INPUTS = "1" * 64
CLEAN = Checkout(revision="c" * 40, created="2026-01-02T03:04:05Z", source="https://github.com/team/carepath")


def made(checkout: Checkout = CLEAN, base_digest: str = f"sha256:{'b' * 64}") -> bytes:
    return provenance.statement(
        DB_API,
        digest=DIGEST,
        inputs=INPUTS,
        checkout=checkout,
        builder="urn:carepath:builder:local",
        platforms=("linux/amd64",),
        arguments={"PYTHON_IMAGE": "python:3.11-slim@sha256:b"},
        base_digest=base_digest,
    )


def spoiled(**changes: Any) -> bytes:
    return json.dumps({**json.loads(made()), **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff", id="no-text"),
        pytest.param(b"[]", id="no-object"),
        pytest.param(b"{}", id="empty"),
        pytest.param(spoiled(predicateType="https://example.com/other"), id="other-predicate"),
        pytest.param(spoiled(_type="https://in-toto.io/Statement/v0.1"), id="other-version"),
        pytest.param(spoiled(subject=[]), id="no-subject"),
        pytest.param(spoiled(subject=json.loads(made())["subject"] * 2), id="two-subjects"),
        pytest.param(spoiled(predicate={"buildDefinition": {"buildType": provenance.BUILD_TYPE}}), id="no-inputs"),
        pytest.param(made().replace(b"urn:carepath:image:v1", b"urn:carepath:image:v2"), id="other-build"),
    ],
)
def test_what_is_no_provenance_of_ours_claims_nothing(content: bytes) -> None:
    """Another kind of statement, or a damaged one, never passes for a claim."""
    assert provenance.read(content) is None


def test_it_claims_image_inputs_and_commit() -> None:
    """What `verify` compares comes back as it was said."""
    assert provenance.read(made()) == provenance.Claim(DIGEST, INPUTS, "c" * 40)


def test_uncommitted_work_claims_no_commit() -> None:
    """No commit tells what was then built, so none is named; the inputs are."""
    claim = provenance.read(made(Checkout()))

    assert claim == provenance.Claim(DIGEST, INPUTS, "")


def test_it_is_a_slsa_provenance() -> None:
    """The fields that the specification requires are there: what was built, with what arguments, from what, by whom."""
    statement = json.loads(made())
    definition, details = statement["predicate"]["buildDefinition"], statement["predicate"]["runDetails"]

    assert statement["subject"] == [{"name": "carepath-db-api", "digest": {"sha256": "a" * 64}}]
    assert definition["externalParameters"]["arguments"] == {"PYTHON_IMAGE": "python:3.11-slim@sha256:b"}
    assert definition["resolvedDependencies"] == [
        {"uri": "urn:carepath:inputs", "digest": {"sha256": INPUTS}},
        {"uri": "docker:python:3.11-slim", "digest": {"sha256": "b" * 64}},
        {"uri": "git+https://github.com/team/carepath", "digest": {"gitCommit": "c" * 40}},
    ]
    assert details == {"builder": {"id": "urn:carepath:builder:local"}}
