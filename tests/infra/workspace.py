"""A copy of infra/terraform that a test may plan and apply: real Terraform, stand-in providers, state in a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci.engines.host.binary import find_terraform
from ci.errors import NotReady
from ci.rehearsal.providers import reattach
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

TREE = ROOT / "infra/terraform"
PASSWORD = "pl@nted:/ secret%+#1"
SURROUNDING = ("TF_", "AWS_", "MONGODB_")
# Where published providers come from: the registry, or a mirror that these name.
SOURCES = ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")
NOT_FETCHED = ("Failed to query available provider packages", "Failed to install provider")
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
VARIABLES = {
    "db_api_image": f"{REGISTRY}/carepath-db-api@sha256:{'d' * 64}",
    "chat_api_image": f"{REGISTRY}/carepath-chat-api@sha256:{'c' * 64}",
}
# Whatever a test says of modes, each secret is there; none may be found where it is not meant to be.
SECRETS = {
    "TF_VAR_mongodb_password": PASSWORD,
    "TF_VAR_pinecone_api_key": "planted-pinecone-key",
    "TF_VAR_service_token": "planted-service-token",
    "TF_VAR_llm_api_key": "planted-llm-key",
    "TF_VAR_phi_hash_key": "planted-phi-hash-key",
}
TOLD = {**SECRETS, "TF_VAR_atlas_org_id": "0123456789abcdef01234567"}

# What ProviderServer's watch saw: resource types with their configurations, secrets included.
Applied = list[tuple[str, "Mapping[str, Any]"]]


@dataclass
class Workspace:
    """
    A copy of infra/terraform in FOLDER, worked in at ROOT; its providers answer at ADDRESSES.

    Without ADDRESSES Terraform looks for the published providers.
    """

    folder: Path
    addresses: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(TOLD))
    root: str = "envs/demo"

    @property
    def demo(self) -> Path:
        return self.folder / "envs/demo"

    @classmethod
    def made(cls, folder: Path, addresses: Mapping[str, str]) -> Workspace:
        """Return a new workspace at the demo, initialised."""
        made = cls(copied(folder), addresses)
        made.demo.joinpath("backend_override.tf").write_text(LOCAL_STATE)
        made.demo.joinpath("images.auto.tfvars.json").write_text(json.dumps(VARIABLES))
        made.succeed("init", "-input=false")
        return made

    def copy(self, folder: Path, addresses: Mapping[str, str] | None = None) -> Workspace:
        """Return a copy, state included, so that a test may change what others read."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Workspace(folder, addresses or self.addresses, self.environment, self.root)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start terraform with ARGUMENTS; VARIABLES are added to its environment."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SURROUNDING)}
        if self.addresses:
            providers = {"TF_REATTACH_PROVIDERS": reattach(self.addresses, os.getpid())}
        else:
            providers = {name: os.environ[name] for name in SOURCES if name in os.environ}
        return subprocess.Popen(
            [*terraform(), *arguments],
            cwd=self.folder / self.root,
            env={
                **kept,
                **providers,
                **self.environment,
                **variables,
                "PYTHONPATH": str(ROOT),
                "CHECKPOINT_DISABLE": "1",
                "TF_IN_AUTOMATION": "1",
                "TF_INPUT": "0",
                "TF_CLI_ARGS": "-no-color",
                # A quarter of Terraform's time is else Go's collection of memory, of which it needs little here.
                "GOGC": "400",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **variables)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def succeed(self, *arguments: str, **variables: str) -> str:
        """Run terraform with ARGUMENTS and return what it printed; it must not fail."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refuse(self, *arguments: str, **variables: str) -> str:
        """Run terraform with ARGUMENTS and return its complaint, as running text; it must fail."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 1, done.stdout + done.stderr
        return " ".join(word for word in done.stderr.split() if word not in {"│", "╷", "╵"})

    def plan(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """Return a plan made with ARGUMENTS, as `show -json` tells it; it stays in the file `tfplan`."""
        self.succeed("plan", "-out=tfplan", *arguments, **variables)
        shown: dict[str, Any] = json.loads(self.succeed("show", "-json", "tfplan"))
        return shown

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.demo.joinpath("terraform.tfstate").read_text())
        return found


def copied(folder: Path) -> Path:
    """Copy infra/terraform to FOLDER, which is returned; its links are links, as in the repository."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    return Path(shutil.copytree(TREE, folder, symlinks=True, ignore=ignored))


def terraform() -> list[str]:
    """Return the command of a Terraform on this machine; skip the test where there is none."""
    try:
        return find_terraform()
    except NotReady as error:
        pytest.skip(f"{error.title} Install it, or the library that stands for it.")


def changes(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return address -> actions of all that PLAN would do."""
    every = {each["address"]: each["change"]["actions"] for each in plan.get("resource_changes", ())}
    return {address: actions for address, actions in every.items() if actions not in (["no-op"], ["read"])}


def secrets_in(applied: Applied) -> dict[str, dict[str, str]]:
    """Return name -> data of each Secret in APPLIED."""
    return {
        config["metadata"][0]["name"]: config["data_wo"] for kind, config in applied if kind == "kubernetes_secret_v1"
    }


def initialised(tree: Path, addresses: Mapping[str, str], root: str) -> Workspace:
    """Return the workspace in TREE at ROOT with its providers; skip the test where one cannot be fetched."""
    workspace = Workspace(tree, addresses, environment={}, root=root)
    done = workspace.run("init", "-backend=false")
    said = " ".join(done.stderr.split())
    if any(each in said for each in NOT_FETCHED):
        pytest.skip(f"No published provider: {said.partition('Error: ')[2].partition(' To see which modules')[0]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return workspace
