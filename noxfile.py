#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2026.10"]
# ///
"""What can be run on this project besides the pipeline itself. `nox -l` lists it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

# nox loads this file without its folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from ci import environment

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests"]

# Group of pyproject.toml -> whether its lock must agree with that of dev.
LOCKS = {
    "dev": False,
    "uv": True,
    "db-api": True,
    "chat-api": True,
    "openai": True,
    "anthropic": True,
    "pinecone": True,
    "vendors": True,
    "check": True,
    "toolbox": False,
    "terraform": False,
    "checkov": False,
}

# PyPI has no package that brings the program itself.
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"


def install(session: nox.Session, lock: str) -> None:
    """Install the packages of `lock` into the session's own environment, by uv as pip is set up, or by pip."""
    arguments, variables = environment.as_pip()
    session.install(*environment.WHEELS_ONLY, *arguments, "-r", lock, env=variables)


def locked(session: nox.Session) -> None:
    """Bring the session's environment to the lock; `--no-venv` means that it is there already."""
    if session.virtualenv.is_sandboxed:
        install(session, "requirements/dev.txt")
        if shutil.which("terraform") is None:
            install(session, "requirements/terraform.txt")


def actionlint(session: nox.Session) -> str | None:
    """Return the program, built by Go where it is not there; None where it can be had by neither way."""
    here = session.cache_dir.resolve()
    if found := shutil.which("actionlint") or shutil.which("actionlint", path=here):
        return found
    if shutil.which("go"):
        # Go checks what it fetches against its checksum database. It is no fault of the workflows when it cannot.
        told = {"GOBIN": str(here)}
        session.run("go", "install", ACTIONLINT, env=told, external=True, silent=True, success_codes=[0, 1])
    return shutil.which("actionlint", path=here)


def run(session: nox.Session, *command: str, env: dict[str, str] | None = None) -> None:
    session.run(*command, env=env, external=not session.virtualenv.is_sandboxed)


# A module stays in one process, so that what its tests share is set up once; tests/conftest.py orders the modules.
# Two processes a core: many a test waits for a program that it has started.
WORKERS = str(min(8, 2 * (os.cpu_count() or 1)))
PARALLEL = ("-n", WORKERS, "--dist", "loadscope", "--no-loadscope-reorder", "--durations", "20")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the fast tests, in parallel and in random order: every kind of promise by at least one case."""
    locked(session)
    run(session, "python", "-m", "pytest", "-m", "fast", *PARALLEL, *session.posargs)


@nox.session(name="tests-slow")
def tests_slow(session: nox.Session) -> None:
    """Run the rest: every row of the fault tables, the kills at each boundary, browsers."""
    locked(session)
    run(session, "python", "-m", "pytest", "-m", "slow", *PARALLEL, *session.posargs)


@nox.session
def vendors(session: nox.Session) -> None:
    """Run the tests of chat-api's real modes in an environment of its own: beside httpx2 Dagger's client breaks."""
    if not session.virtualenv.is_sandboxed:
        session.error("The SDKs cannot share .venv with Dagger's client. Run: sh ci/environment.sh nox -s vendors")
    install(session, "requirements/vendors.txt")
    session.run("python", "-m", "pytest", "tests/integration/services", "-m", "vendor", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, the Dockerfiles and the workflows."""
    locked(session)
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "hadolint", "service_db_api/Dockerfile", "service_chat/Dockerfile")
    run(session, "zizmor", "--offline", "--pedantic", ".github/workflows")
    if program := actionlint(session):
        session.run(program, external=True)
    else:
        session.warn("actionlint is skipped: it is not on PATH, and there is no Go that could fetch it.")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, strictly, tests and this file included."""
    locked(session)
    run(session, "mypy")


@nox.session(default=False)
def wire(session: nox.Session) -> None:
    """Run the tests that speak over real sockets: the services, the stand-ins, the Dagger session's double."""
    locked(session)
    run(
        session,
        "python",
        "-m",
        "pytest",
        "tests/integration/services",
        "tests/integration/pipeline",
        "-m",
        "not engine",
        *session.posargs,
    )


@nox.session(default=False)
def load(session: nox.Session) -> None:
    """Measure what db-api's answers cost beside a bare application's; `-- --help` says what else it compares."""
    locked(session)
    run(session, "python", "-m", "tests.load.compare", *session.posargs)


@nox.session(name="load-triage", default=False)
def load_triage(session: nox.Session) -> None:
    """Measure what a triage costs beside a bare proxy that asks db-api the same, and its longest answers."""
    locked(session)
    run(session, "python", "-m", "tests.load.triage", *session.posargs)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Ask db-api at random all that its OpenAPI allows for ten minutes; `-- 3600` for an hour."""
    locked(session)
    seconds, *rest = session.posargs or ["600"]
    session.env["CAREPATH_TEST_FUZZ_SECONDS"] = seconds
    run(session, "python", "-m", "pytest", "tests/fuzz", "-k", "as_long", *rest)


@nox.session(default=False)
def store(session: nox.Session) -> None:
    """Run the store's tests over mongo:8, which Docker or a Dagger engine starts; skipped with the reason without."""
    locked(session)
    run(session, "python", "-m", "tests.integration.services.mongo", *session.posargs)


@nox.session(default=False)
def infra(session: nox.Session) -> None:
    """Run the Terraform tests."""
    locked(session)
    run(session, "python", "-m", "pytest", "tests/infra", "-m", "not cluster", *session.posargs)


@nox.session(default=False)
def checkov(session: nox.Session) -> None:
    """Scan the Terraform files with checkov, offline and in an environment of its own; any finding fails."""
    if not session.virtualenv.is_sandboxed:
        session.error("checkov cannot share .venv: it needs another boto3. Run .venv/bin/nox -s checkov")
    install(session, "requirements/checkov.txt")
    session.run("checkov", "--config-file", ".checkov.yaml", *session.posargs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Ask OSV for advisories on what the images hold; skipped with the reason where it cannot be reached."""
    locked(session)
    run(session, "python", "-m", "ci.supply_chain.osv", *session.posargs)


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Use the page in a headless Chromium, screenshots in .carepath/browser; skipped with the reason where none is."""
    locked(session)
    run(session, "python", "-m", "pytest", "tests/browser", "-rs", *session.posargs)


@nox.session(name="bench-pipeline", default=False)
def bench_pipeline(session: nox.Session) -> None:
    """Time a delivery by the pipeline beside one by docker and terraform; needs both engines, empties their caches."""
    locked(session)
    run(session, "python", "-m", "tests.bench.pipeline", *session.posargs)


@nox.session(default=False)
def engine(session: nox.Session) -> None:
    """Run the pipeline on a real Dagger engine; skipped with the reason where none answers."""
    locked(session)
    run(session, "python", "-m", "pytest", "-m", "engine", "-rs", *session.posargs)


@nox.session(default=False)
def cluster(session: nox.Session) -> None:
    """Send the plan's objects to a real Kubernetes API server; skipped with the reason where none can be started."""
    locked(session)
    run(session, "python", "-m", "pytest", "tests/infra/kubernetes", "-m", "cluster", "-rs", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Rehearse the whole deploy."""
    locked(session)
    run(session, "python", "ci/main.py", "rehearse", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Resolve the dependency groups anew; `-- --upgrade` takes newer versions."""
    locked(session)
    indexes, variables = environment.as_pip()
    for group, follows in LOCKS.items():
        arguments = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet"]
        if follows:
            arguments += ["--constraints", "requirements/dev.txt"]
        arguments += ["--custom-compile-command", "make lock", "--output-file", f"requirements/{group}.txt"]
        compile_lock = ("uv", "pip", "compile", "pyproject.toml", "--group", group, *arguments, *indexes)
        run(session, *compile_lock, *session.posargs, env=variables)


if __name__ == "__main__":
    nox.main()
