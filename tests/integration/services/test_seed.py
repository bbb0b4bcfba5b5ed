"""`python -m service_db_api.seed` as a process: signals, and bytes that depend on nothing of its environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.services.process import POLL, ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "service_db_api.seed"]


@pytest.mark.parametrize(
    ("sent", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
def test_export_with_a_signal_ends_with_a_sentence(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """A stop is no traceback, and no half file stays behind."""
    with subprocess.Popen(
        [*COMMAND, "--patients", "100000", "--out", str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        while not list(tmp_path.glob("*.part")):
            assert process.poll() is None
            time.sleep(POLL)
        process.send_signal(sent)
        printed = process.stderr.read()

    assert process.returncode == code
    assert printed.splitlines()[-1].startswith("Stopped before the end")
    assert "Traceback" not in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_exports_with_other_hashes_zones_and_locales_are_the_same_bytes(tmp_path: Path) -> None:
    """
    Nothing depends on the order of a set, on the salt of a hash, on the time zone, or on the locale.

    The digest in tests/unit/service_db_api/synthetic/test_export.py holds this for the process that runs it.
    """
    command = [*COMMAND, "--patients", "60", "--seed", "11", "--as-of", "2024-02-29"]
    at_once = [
        subprocess.Popen(
            [*command, "--out", str(tmp_path / name)], cwd=ROOT, env={**os.environ, **more}, stdout=subprocess.DEVNULL
        )
        for name, more in {
            "one": {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
            "two": {"PYTHONHASHSEED": "271828", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
        }.items()
    ]
    assert [process.wait() for process in at_once] == [0, 0]
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
