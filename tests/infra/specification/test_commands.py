"""Section 7 of the specification, the Make targets: each runs the pipeline's command that does what the row says."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ci.services import CHAT_API, DB_API
from ci.settings import ROOT, Settings
from ci.stages.plan import APP
from ci.terraform import cli as terraform

# Not in every image in which this runs: `check` runs it in one without.
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")

CALL = "sh ci/environment.sh python ci/main.py "


def shown(target: str) -> str:
    """Return the one command that `make TARGET` would run."""
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if not line.startswith("make")]
    return line.strip()


@needs_make
@pytest.mark.parametrize(
    ("target", "command"),
    [
        pytest.param("tf-init", "bootstrap", id="make-tf-init"),
        pytest.param("tf-plan", "plan", id="make-tf-plan"),
        pytest.param("tf-apply", "apply", id="make-tf-apply"),
        pytest.param("tf-destroy", "destroy", id="make-tf-destroy"),
        pytest.param("docker-build-db-api", "build --service db-api", id="make-docker-build-db-api"),
        pytest.param("docker-build-chat", "build --service chat-api", id="make-docker-build-chat"),
        pytest.param("docker-push-db-api", "publish --service db-api", id="make-docker-push-db-api"),
        pytest.param("docker-push-chat", "publish --service chat-api", id="make-docker-push-chat"),
        pytest.param("deploy-db-api", "deploy --service db-api", id="make-deploy-db-api"),
        pytest.param("deploy-chat", "deploy --service chat-api", id="make-deploy-chat"),
        pytest.param("deploy-all", "deploy", id="make-deploy-all"),
    ],
)
def test_target_runs_the_pipeline(target: str, command: str) -> None:
    """The target is there under its name, and is one call."""
    assert shown(target) == CALL + command


@pytest.mark.parametrize(
    ("arguments", "verb"),
    [
        pytest.param(terraform.init({}), "init", id="make-tf-init-is-terraform-init"),
        pytest.param(terraform.plan(lock_timeout=0), "plan", id="make-tf-plan-is-terraform-plan"),
        pytest.param(terraform.apply(lock_timeout=0), "apply", id="make-tf-apply-is-terraform-apply"),
        pytest.param(
            terraform.plan(lock_timeout=0, destroy=True), "-destroy", id="make-tf-destroy-is-terraform-destroy"
        ),
        pytest.param(
            terraform.plan(lock_timeout=0, target=APP), "-target=module.app", id="make-deploy-of-one-is-the-app-module"
        ),
    ],
)
def test_terraform_is_told(arguments: list[str], verb: str) -> None:
    """What the pipeline tells Terraform is the row's own verb."""
    assert verb in arguments


@pytest.mark.parametrize("folder", [pytest.param("envs/demo", id="make-terraform-runs-in-envs-demo")])
def test_terraform_runs_in(folder: str) -> None:
    """The environment is the demo unless another is asked for."""
    assert Settings().environment_folder.as_posix() == folder


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(DB_API.dockerfile, "service_db_api/Dockerfile", id="make-docker-build-db-api-dockerfile"),
        pytest.param(CHAT_API.dockerfile, "service_chat/Dockerfile", id="make-docker-build-chat-dockerfile"),
        pytest.param(DB_API.repository, "carepath-db-api", id="make-docker-push-db-api-repository"),
        pytest.param(CHAT_API.repository, "carepath-chat-api", id="make-docker-push-chat-repository"),
        pytest.param(DB_API.image_variable, "db_api_image", id="make-deploy-db-api-updates-db_api_image"),
        pytest.param(CHAT_API.image_variable, "chat_api_image", id="make-deploy-chat-updates-chat_api_image"),
    ],
)
def test_service_is_known_by(found: str, expected: str) -> None:
    """Dockerfile, repository and variable of each service are those of the row."""
    assert found == expected
