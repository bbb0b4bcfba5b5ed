"""What git says of the checkout, and who runs this: for tags and records, never for a decision."""

from __future__ import annotations

import getpass
import os
import socket

from ci.git import git


def commit() -> str:
    """Return the first 12 digits of HEAD, or nothing when there is no git or something is not committed."""
    head, changed = git("rev-parse", "--short=12", "HEAD"), git("status", "--porcelain")
    return "" if head is None or changed is None or changed else head


def who() -> str:
    """Return who runs this: the GitHub run's address, else user@host."""
    if run := os.environ.get("GITHUB_RUN_ID"):
        server, repository = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_REPOSITORY", "")
        return f"{os.environ.get('GITHUB_ACTOR', 'GitHub')} ({server}/{repository}/actions/runs/{run})"
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def repository_on_github() -> str:
    """Return the address of the repository whose workflow runs this; empty anywhere else."""
    server, repository = os.environ.get("GITHUB_SERVER_URL", ""), os.environ.get("GITHUB_REPOSITORY", "")
    return f"{server}/{repository}" if server and repository else ""


def builder() -> str:
    """Return who builds, as a provenance names it: on GitHub the workflow and its ref, else that it was local."""
    workflow, server = os.environ.get("GITHUB_WORKFLOW_REF", ""), os.environ.get("GITHUB_SERVER_URL", "")
    return f"{server}/{workflow}" if workflow and server else "urn:carepath:builder:local"
