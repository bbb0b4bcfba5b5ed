"""Secrets planted where people leave them, and all the places where none may turn up."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.rehearsal import Outcome, rehearse

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of this process alone: the command lines of other tests that run at the same time hold theirs.
MARK = f"pl4nted{os.getpid()}"
# Seconds between two looks at the command lines: no command of a run is shorter than a start of Python.
POLL = 0.05
# In the source, under names that people use.
FILES = (".env", ".env.production", "service_db_api/.env", "service_kit/.env.local", "infra/terraform/envs/demo/.env")
# In the environment, as a deploy has them.
VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "TF_VAR_service_token", "TF_VAR_llm_api_key")
STATE = f"{MARK}-state"
# Where the state itself lies, which is what it was planted in.
RECORDS = "cloud.json"


def plant(checkout: Path) -> None:
    """Put secrets into files of CHECKOUT that none but their owner should ever read."""
    for name in FILES:
        (checkout / name).write_text(f"PASSWORD={MARK}-{name.replace('/', '-')}\n")


def plant_in_state(records: Path) -> None:
    """Put a secret into the state that RECORDS, of an earlier rehearsal, keep: as a value that is marked sensitive."""
    kept = json.loads(records.read_text())
    for objects in kept["objects"].values():
        for key, body in objects.items():
            if key.endswith(".tfstate"):
                state = json.loads(body)
                role = next(each for each in state["resources"] if each["type"] == "aws_iam_role")
                role["instances"][0]["attributes"]["description"] = STATE
                path = [{"type": "get_attr", "value": "description"}]
                role["instances"][0]["sensitive_attributes"] = [path]
                objects[key] = json.dumps(state)
    records.write_text(json.dumps(kept))


def environment() -> dict[str, str]:
    """Return this process's environment with secrets planted in it."""
    return {**os.environ, **{name: f"{MARK}-{name}" for name in VARIABLES}}


@contextlib.contextmanager
def commands_watched() -> Iterator[set[str]]:
    """Collect the command lines of all processes of this machine that hold the mark while the block runs."""
    found: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    line = path.read_bytes()
                    if MARK.encode() in line:
                        found.add(line.replace(b"\0", b" ").decode(errors="replace"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of PATH, and of each file in it when it is an archive, packed or not."""
    content = path.read_bytes()
    yield path.name, content
    unpacked = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    with contextlib.suppress(tarfile.ReadError), tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
        yield from ((f"{path.name}: {each.name}", _read(archive, each)) for each in archive if each.isreg())


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def marked(folder: Path, *, but: str = RECORDS) -> list[str]:
    """List what below FOLDER holds the mark, archives looked into; the file BUT is left out."""
    return [
        name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != but
        for name, content in contents(path)
        if MARK.encode() in content
    ]


def search(checkout: Path, engine: str, *options: str) -> tuple[Outcome, dict[str, list[str]]]:
    """Rehearse in CHECKOUT with all that is planted; return how it went, and place -> where the mark was found."""
    with commands_watched() as commands:
        outcome = rehearse(checkout, engine, *options, environment=environment())
    _, report, lines = outcome
    return outcome, {
        "command lines": sorted(commands),
        "report": [line for line in json.dumps(report, indent=1).splitlines() if MARK in line],
        "progress": [line for line in lines.splitlines() if MARK in line],
        "files of the run": marked(checkout / ".carepath"),
    }
