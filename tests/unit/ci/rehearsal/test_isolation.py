"""A rehearsal's surroundings: whatever AWS settings and proxies somebody has, the stand-ins are reached."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest

from ci.aws.client import Aws, near
from ci.rehearsal.cloud import CREDENTIALS, Cloud
from ci.rehearsal.isolation import left_out
from ci.settings import Settings
from ci.terraform import backend

if TYPE_CHECKING:
    from pathlib import Path

# Nothing listens on the discard port.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(
    params=[
        "proxy",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("profile", "config-file", "attempts", "region")),
    ]
)
def trouble(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set what each breaks a boto3 that heeds it."""
    damaged = tmp_path / "aws-config"
    damaged.write_bytes(b"[default\nregion")
    variables = {
        "proxy": dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), NOWHERE),
        "profile": {"AWS_PROFILE": "nosuch"},
        "config-file": {"AWS_CONFIG_FILE": str(damaged)},
        "attempts": {"AWS_MAX_ATTEMPTS": "foo"},
        "region": {"AWS_REGION": "nowhere-1", "AWS_DEFAULT_REGION": "nowhere-1"},
    }
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables[request.param].items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("trouble")
def test_stand_ins_are_reached_whatever_is_set(tmp_path: Path) -> None:
    """Nothing of the surroundings makes a rehearsal fail: what it starts, keeps and asks answers."""
    with left_out():
        with Cloud(tmp_path / "rehearsal", "us-east-1") as cloud:
            told = cloud.settings(Settings())
            assert backend.make(Aws(told, "us-east-1", CREDENTIALS))
        with Cloud(tmp_path / "rehearsal", "us-east-1") as cloud:
            told = cloud.settings(Settings())
            assert backend.make(Aws(told, "us-east-1", CREDENTIALS)) == []


def test_loopback_needs_no_proxy_anywhere(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """A proxy that is set keeps nobody from an AWS API on this machine."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, NOWHERE)

    assert Aws(Settings(aws_endpoint_url=endpoint), "us-east-1", CREDENTIALS).account()
    assert near(endpoint)
    assert near("http://localhost:4566")
    assert near("http://[::1]:4566")
    for address in ("https://sts.amazonaws.com", "http://10.0.0.1", "nonsense", "http://[bad"):
        assert not near(address)


def test_number_that_is_none_is_no_bug_of_a_real_deploy(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """boto3's own complaint is passed on in a sentence that does not blame the address."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "foo")

    try:
        Aws(Settings(aws_endpoint_url=endpoint), "us-east-1", CREDENTIALS).account()
    except Exception as error:  # noqa: BLE001 - which one is what is asked
        assert getattr(error, "code", "") == "settings_invalid", error  # noqa: PT017 - it may also pass


def test_terraform_reads_nobodys_files_and_asks_no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a stand-in's Terraform is started with names no file, profile or key of the user, and no loopback proxy."""
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("NO_PROXY", "intranet.example")

    with left_out(), Cloud(tmp_path, "us-east-1") as cloud:
        told = cloud.settings(Settings())
        shown = subprocess.run(
            [sys.executable, "-c", "import os; print(os.environ['NO_PROXY'], os.environ.get('AWS_PROFILE'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert told.terraform_variables["AWS_CONFIG_FILE"] == os.devnull
    assert told.terraform_variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert shown.split() == ["localhost,127.0.0.1,::1,intranet.example", "None"]


def test_surroundings_are_as_they_were_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the rehearsal failed."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.delenv("no_proxy", raising=False)
    before = dict(os.environ)

    with contextlib.suppress(ZeroDivisionError), left_out():
        assert boto3.Session().profile_name == "default"
        raise ZeroDivisionError

    assert dict(os.environ) == before
