"""The project's own checks in a container: sessions of noxfile.py, with all that they need."""

from __future__ import annotations

import dagger
from dagger import ReturnType, dag

from ci import fingerprint as source
from ci.engines.dagger.packages import with_venv
from ci.settings import ROOT

DEV_LOCK = "requirements/dev.txt"
# An allow-list, as for the images: what else lies in a checkout, however large, never leaves the disk.
SENT = [
    *(
        ".checkov.yaml",
        ".ci",
        ".dockerignore",
        ".github",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
    ),
    *("ci", "docs", "infra", "noxfile.py", "pyproject.toml", "requirements"),
    *("service_chat", "service_db_api", "service_kit", "tests"),
]
LEFT_OUT = ["**/.terraform", *source.EXCLUDE]


def session(toolbox: dagger.Container, name: str) -> dagger.Container:
    """
    Return the nox session NAME, run over the checkout in TOOLBOX, which has Python and Terraform.

    A pure step: the same files give the same answer, so it carries no nonce and
    comes out of the engine's cache when nothing changed.
    """
    included = [pattern for name in SENT for pattern in (name, f"{name}/**")]
    checkout = dag.host().directory(str(ROOT), include=included, exclude=LEFT_OUT)
    return (
        with_venv(toolbox, "/opt/dev", DEV_LOCK)
        .with_env_variable("PATH", "/opt/dev/bin:/usr/local/bin:/usr/bin:/bin")
        .with_env_variable("NO_COLOR", "1")
        .with_directory("/src", checkout)
        .with_workdir("/src")
        .with_exec(["nox", "--no-venv", "-s", name], expect=ReturnType.ANY)
    )
