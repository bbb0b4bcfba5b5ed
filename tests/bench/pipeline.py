"""
What a delivery takes, by this pipeline and by docker and terraform in a Makefile: `python -m tests.bench.pipeline`.

Both deliver the same checkout to the same stand-ins, three times: cold (no cache of their engine's), warm (nothing
changed) and with one changed line in db-api. Wall time, in seconds; only the ratios mean something on another machine.
Needs a Dagger engine, docker and terraform, and throws away the caches of both engines.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ci import pins
from ci.aws.client import Aws
from ci.rehearsal.cloud import CREDENTIALS, Cloud
from ci.rehearsal.providers import reattach
from ci.settings import Settings, declared_region
from ci.terraform.backend import locate, make
from tests.support.checkout import copy_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAKEFILE = Path(__file__).with_name("plain.mk")
CASES = ("cold", "warm", "one line")
# What the Makefile does not do: it stops at the apply.
BEYOND = ("services", "smoke")


class Unmeasurable(Exception):  # noqa: N818 - a state, not a fault
    """Something that is measured is missing here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print the table; return 0 whatever was found, 1 when nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pipeline", description=__doc__, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    arguments = parser.parse_args(argv)
    try:
        _require()
        with tempfile.TemporaryDirectory(prefix="carepath-bench-") as folder:
            found = {"pipeline": _pipeline(Path(folder) / "ours"), "Makefile": _makefile(Path(folder) / "plain")}
    except Unmeasurable as reason:
        sys.stderr.write(f"Nothing was measured. {reason}\n")
        return 1
    if arguments.json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return 0
    sys.stdout.write(f"{'case':<10}{'pipeline':>10}{'Makefile':>10}{'ratio':>8}\n")
    for case in CASES:
        ours, plain = found["pipeline"][case], found["Makefile"][case]
        sys.stdout.write(f"{case:<10}{ours:>8.1f} s{plain:>8.1f} s{ours / plain:>8.2f}\n")
    return 0


def _require() -> None:
    for command in (["docker", "version"], ["dagger", "core", "version"], ["terraform", "version"]):
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError):
            message = f"`{' '.join(command)}` does not succeed here."
            raise Unmeasurable(message) from None


def _cases(checkout: Path) -> Iterator[str]:
    """Copy this checkout to CHECKOUT and yield each case, its change made."""
    copy_checkout(checkout, trimmed=False)
    for case in CASES:
        if case == "one line":
            with (checkout / "service_db_api/main.py").open("a") as file:
                file.write("\n# one more line\n")
        yield case


def _progress(text: str) -> None:
    sys.stderr.write(f"{text} (load average {os.getloadavg()[0]:.1f})\n")
    sys.stderr.flush()


def _run(command: Sequence[str], checkout: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, cwd=checkout, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"`{' '.join(command)}` failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        raise Unmeasurable(message)
    return done.stdout


def _pipeline(checkout: Path) -> dict[str, float]:
    found = {}
    for case in _cases(checkout):
        _progress(f"pipeline, {case}")
        if case == "cold":
            _run(["dagger", "core", "engine", "local-cache", "prune"], checkout, {})
        began = time.monotonic()
        report = json.loads(
            _run([sys.executable, "ci/main.py", "rehearse", "--engine", "dagger", "--json"], checkout, {})
        )
        whole = time.monotonic() - began
        found[case] = whole - sum(each["seconds"] for each in report["stages"] if each["name"] in BEYOND)
    return found


def _makefile(checkout: Path) -> dict[str, float]:
    found = {}
    settings = Settings()
    for place, case in enumerate(_cases(checkout)):
        _progress(f"Makefile, {case}")
        if case == "cold":
            _run(["docker", "builder", "prune", "--all", "--force"], checkout, {})
            _run(["docker", "volume", "rm", "--force", "carepath-plain-pip"], checkout, {})
        with _cloud(checkout, settings) as (environment, variables):
            command = ["make", "--file", str(MAKEFILE), *variables, f"TAG=run-{place}"]
            began = time.monotonic()
            _run(command, checkout, environment)
            found[case] = time.monotonic() - began
    return found


@contextlib.contextmanager
def _cloud(checkout: Path, settings: Settings) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Run the stand-ins; yield what leads docker and terraform to them."""
    region = declared_region(settings)
    with Cloud(checkout / ".carepath/bench", region) as cloud:
        told = cloud.settings(settings)
        aws = Aws(told, region, CREDENTIALS)
        make(aws)
        environment = {
            **told.terraform_variables,
            **{name: each.get_secret_value() for name, each in told.terraform_secrets.items()},
            **aws.credentials(),
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "TF_VAR_aws_account_id": aws.account(),
            "TF_REATTACH_PROVIDERS": reattach(cloud.providers, os.getpid()),
        }
        place = " ".join(f"-backend-config={name}={value}" for name, value in locate(aws).arguments().items())
        yield (
            environment,
            [
                f"REGISTRY={cloud.registry}",
                f"BACKEND={place}",
                f"NO_DIGEST={'0' * 64}",
                f"PYTHON_IMAGE={os.environ.get('CAREPATH_PYTHON_IMAGE', pins.PYTHON_IMAGE)}",
            ],
        )


if __name__ == "__main__":
    sys.exit(main())
