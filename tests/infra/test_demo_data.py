"""The demo data is loaded once into each database, whatever images come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers.values import at
from tests.infra.specification.reading import CONTAINER, look
from tests.infra.workspace import VARIABLES, changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import Deployed
    from tests.infra.workspace import Workspace

JOB = "module.app.kubernetes_job_v1.demo_data[0]"
DATABASE = "module.app.terraform_data.database[0]"
CLUSTER = "module.mongo_atlas[0].mongodbatlas_advanced_cluster.this"
ANEW = ["delete", "create"]
OTHER_IMAGE = VARIABLES["db_api_image"].replace("d" * 64, "e" * 64)
OWN = {"TF_VAR_existing_mongodb_uri": "mongodb://db.example/carepath"}


def planned(plan: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return what PLAN makes of every resource of the type KIND."""
    return [each["change"]["after"] for each in plan["resource_changes"] if each["type"] == kind]


def test_it_is_loaded_beside_the_service_not_behind_it(deployed: Deployed) -> None:
    """The loader's pod gets no requests: its labels are not what the Service looks for."""
    plan = deployed.plan
    job = planned(plan, "kubernetes_job_v1")[0]
    selectors = [at(each, "spec.0.selector") for each in planned(plan, "kubernetes_service_v1")]

    assert at(job, f"{CONTAINER}.command") == ["python", "-m", "service_db_api.seed"]
    assert not any(each.items() <= at(job, "spec.0.template.0.metadata.0.labels").items() for each in selectors)


@pytest.mark.slow
def test_a_true_system_loads_nothing(fresh: Workspace) -> None:
    assert planned(fresh.plan("-var=load_demo_data=false"), "kubernetes_job_v1") == []


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param(f"-var=db_api_image={OTHER_IMAGE}", id="a new image"),
        pytest.param("-var=mongodb_password_revision=2", id="a new password", marks=pytest.mark.slow),
        pytest.param("-var=llm_api_key_revision=2", id="a new key of the model", marks=pytest.mark.slow),
    ],
)
def test_the_same_database_is_not_filled_again(deployed: Deployed, argument: str) -> None:
    """What it runs with may change; the data is there."""
    assert JOB not in changes(deployed.workspace.plan(argument))


def test_another_database_is_filled(deployed: Deployed) -> None:
    """Under another name it is empty, and a job's pod cannot be changed: the job is made anew, of today's image."""
    plan = deployed.workspace.plan("-var=mongodb_db_name=other", f"-var=db_api_image={OTHER_IMAGE}")

    assert changes(plan)[JOB] == ANEW
    assert look(plan, JOB, f"{CONTAINER}.image") == OTHER_IMAGE


@pytest.mark.slow
def test_a_cluster_made_anew_is_filled(deployed: Deployed, tmp_path: Path) -> None:
    """Its host is not known until it is there, and after that nothing is left to do."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")

    plan = workspace.plan(f"-replace={CLUSTER}")
    workspace.succeed("apply", "tfplan")

    assert changes(plan)[JOB] == ANEW
    assert changes(workspace.plan()) == {}


@pytest.mark.slow
def test_a_database_of_ones_own_is_filled(deployed: Deployed, tmp_path: Path) -> None:
    """Leaving Atlas fills the other database; there the revision of its address tells of another one."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    workspace.environment = {**workspace.environment, **OWN}

    left = workspace.plan("-var=create_atlas=false")
    workspace.succeed("apply", "tfplan")
    moved = workspace.plan("-var=create_atlas=false", "-var=mongodb_password_revision=2")

    assert changes(left)[JOB] == ANEW
    assert changes(moved) == {
        JOB: ANEW,
        DATABASE: ["update"],
        "module.app.kubernetes_deployment_v1.db_api": ["update"],
        "module.app.kubernetes_secret_v1.mongodb": ["update"],
    }


@pytest.mark.slow
def test_a_job_cannot_be_changed_in_place(deployed: Deployed, tmp_path: Path) -> None:
    """Whatever of its pod is written anew, the published provider makes another job, and so does the stand-in."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    path = workspace.folder / "modules/app/demo_data.tf"
    text = path.read_text()
    path.write_text(text.replace('restart_policy                  = "Never"', 'restart_policy = "OnFailure"'))

    plan = workspace.plan()

    assert changes(plan) == {JOB: ANEW}
