"""The pipeline's command line: one function a command, no logic."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - read at run time, for the commands' annotations
from typing import Literal

from cyclopts import App, Parameter

from ci.cli.options import DEFAULTS, Allowed, Approved, AutoRollback, Common, Service
from ci.cli.wanted import Wanted
from ci.terraform.approval import Wishes

EPILOGUE = (
    "Exit codes: 0 done, 1 a bug, 2 wrong usage, 3 something is missing or does not fit, 4 tests failed, "
    "5 build or push failed, 6 Terraform failed, 7 state locked, 8 not the plan that was shown or approved, "
    "9 smoke test failed, 10 changes pending, 130 interrupted. `drift` exits with 2 when the cloud is not what "
    "the state says."
)

app = App(
    name="ci/main.py",
    help="Take CarePath's two services from this checkout to Kubernetes.",
    help_epilogue=EPILOGUE,
    version_flags=["--version"],
    version=Wanted.version,
    default_parameter=Parameter(negative=""),
    # Markdown, the default, would be half of the time that --help takes.
    help_format="plaintext",
)


@app.command
def check(*, service: Service = None, options: Common = DEFAULTS) -> int:
    """Build the images, run each service's tests in its own, lint, types and Terraform tests. Needs an engine."""
    return Wanted("check", options).on_engine(lambda pipeline, services: pipeline.check(services), service=service)


@app.command
def build(*, service: Service = None, options: Common = DEFAULTS) -> int:
    """Build the images. Needs an engine, no cloud."""
    return Wanted("build", options).on_engine(lambda pipeline, services: pipeline.build(services), service=service)


@app.command
def publish(*, service: Service = None, options: Common = DEFAULTS) -> int:
    """Build, check and push to ECR what is not there yet."""
    return Wanted("publish", options).in_cloud(
        lambda pipeline, services: pipeline.publish(services), service=service, changes=True
    )


@app.command
def bootstrap(*, options: Common = DEFAULTS) -> int:
    """Make the state's bucket and lock table where they are missing, and run `terraform init`."""
    return Wanted("bootstrap", options).in_cloud(lambda pipeline, _: pipeline.bootstrap(), changes=True)


@app.command
def plan(
    *,
    service: Service = None,
    out: Path | None = None,
    markdown: Path | None = None,
    detailed_exitcode: bool = False,
    options: Common = DEFAULTS,
) -> int:
    """
    Save a plan and show what it would do.

    Parameters
    ----------
    service
        Plan only the app module, for this service's image.
    out
        Where the plan goes; it holds values, so keep it private. The environment's folder in .carepath by default.
    markdown
        Where the plan goes as a comment for a pull request.
    detailed_exitcode
        Exit with 10 when there is something to change.
    """
    return Wanted("plan", options).plan(
        service=service, out=out, markdown=markdown, detailed_exitcode=detailed_exitcode
    )


@app.command
def apply(
    plan_file: Path | None = None,
    /,
    *,
    approved: Approved = "",
    allow_destroy: Allowed = (),
    options: Common = DEFAULTS,
) -> int:
    """
    Apply a saved plan, and nothing but it.

    Parameters
    ----------
    plan_file
        What `plan` saved; by default where it saves by default.
    """
    return Wanted("apply", options).apply(plan_file, wishes=Wishes(approved, allow_destroy))


@app.command
def deploy(
    *,
    service: Service = None,
    approved: Approved = "",
    allow_destroy: Allowed = (),
    auto_rollback: AutoRollback = False,
    options: Common = DEFAULTS,
) -> int:
    """Build, check, push, plan, apply and smoke-test: both services and all below them, or one service alone."""
    wishes = Wishes(approved, allow_destroy, auto_rollback)
    return Wanted("deploy", options).deploy(service=service, wishes=wishes)


@app.command
def smoke(*, options: Common = DEFAULTS) -> int:
    """Ask what is deployed whether it answers rightly."""
    return Wanted("smoke", options).in_cloud(lambda pipeline, _: pipeline.smoke())


@app.command
def rollback(*, to: str = "", approved: Approved = "", allow_destroy: Allowed = (), options: Common = DEFAULTS) -> int:
    """
    Deploy the images of an earlier release: planned, applied and smoke-tested like any other.

    Parameters
    ----------
    to
        The release, as `releases` names it; its beginning will do. By default the one before what is deployed.
    """
    return Wanted("rollback", options).in_cloud(
        lambda pipeline, _: pipeline.rollback(to), changes=True, wishes=Wishes(approved, allow_destroy)
    )


@app.command
def releases(*, options: Common = DEFAULTS) -> int:
    """List what was deployed and answered rightly, newest first. Needs no engine."""
    return Wanted("releases", options).releases()


@app.command
def status(*, options: Common = DEFAULTS) -> int:
    """Say what runs, what the state says and what this source would build. Needs no engine."""
    return Wanted("status", options).status()


@app.command
def drift(*, options: Common = DEFAULTS) -> int:
    """Look for what was changed outside Terraform; exit with 2 when there is something. Changes nothing."""
    return Wanted("drift", options).in_cloud(lambda pipeline, _: pipeline.drift(), changes=True)


@app.command
def unlock(lock_id: str = "", /, *, options: Common = DEFAULTS) -> int:
    """
    Take the state's lock from a run that is dead, and mend what it left between state and lock. Needs no engine.

    Parameters
    ----------
    lock_id
        The lock's id, as whoever met it was told. Without it nothing is taken, and who holds the lock is told.
    """
    return Wanted("unlock", options).unlock(lock_id)


@app.command
def destroy(*, confirm: str = "", options: Common = DEFAULTS) -> int:
    """
    Destroy the environment; its state's bucket and lock table stay.

    Parameters
    ----------
    confirm
        The environment's name. Asked for at a terminal when not given.
    """
    return Wanted("destroy", options).destroy(confirm)


@app.command
def rehearse(
    command: Literal["deploy", "rollback", "releases", "status", "drift", "smoke", "destroy"] = "deploy",
    /,
    *,
    engine: Literal["dagger", "host"] | None = None,
    keep: bool = False,
    fresh: bool = False,
    delay: tuple[str, ...] = (),
    fail: tuple[str, ...] = (),
    gone: tuple[str, ...] = (),
    allow_destroy: Allowed = (),
    auto_rollback: AutoRollback = False,
    options: Common = DEFAULTS,
) -> int:
    """
    Run the whole deploy, or another command, with stand-ins. Needs no account, no engine and no root.

    Parameters
    ----------
    command
        What is rehearsed. What a deploy made is there for the next rehearsal.
    engine
        Where: in containers, or on this machine. By default in containers if an engine answers.
    keep
        Leave the services up and print their addresses, until Ctrl-C.
    fresh
        Forget what earlier rehearsals created.
    delay
        SECONDS or SECONDS:TYPE, such as 20:aws_eks_cluster: how long a resource takes to apply. May be repeated.
    fail
        A resource type whose apply fails, such as aws_eks_node_group, or `smoke`. May be repeated.
    gone
        A resource type that somebody has removed behind Terraform's back. May be repeated.
    """
    return Wanted("rehearse", options).rehearse(
        rehearsed=command,
        engine=engine,
        keep=keep,
        fresh=fresh,
        delay=delay,
        fail=fail,
        gone=gone,
        wishes=Wishes(allow_destroy=allow_destroy, auto_rollback=auto_rollback),
    )


@app.command
def graph(*, format: Literal["tree", "mermaid"] = "tree", service: Service = None, options: Common = DEFAULTS) -> int:  # noqa: A002 - the option's name
    """
    Show what `deploy` would run, in its order, and run none of it. Needs no engine and no cloud.

    Parameters
    ----------
    format
        As a tree of lines, or as a Mermaid flowchart.
    """
    return Wanted("graph", options).graph(format, service=service)


@app.command
def doctor(*, options: Common = DEFAULTS) -> int:
    """Say what a first run needs, what of it is there, and how to mend the rest."""
    return Wanted("doctor", options).doctor()
