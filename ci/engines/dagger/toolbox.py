"""The container in which Terraform and the project's own checks run: Python, terraform and the AWS CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagger import dag

from ci.settings import ROOT

if TYPE_CHECKING:
    import dagger

    from ci.settings import Settings

LOCK = "requirements/toolbox.txt"
MIRROR = "/opt/terraform/providers"
INSTALL = ["pip", "install", "--quiet", "--root-user-action=ignore", "--require-hashes"]


def toolbox(settings: Settings) -> dagger.Container:
    """Return Python, terraform and the AWS CLI, which the kubernetes provider asks for tokens."""
    binary = dag.container().from_(settings.terraform_image).file("/bin/terraform")
    return (
        dag.container()
        .from_(settings.python_image)
        .with_file("/usr/local/bin/terraform", binary, permissions=0o755)
        .with_file("/opt/toolbox.txt", dag.host().file(str(ROOT / LOCK)))
        .with_mounted_cache("/root/.cache/pip", dag.cache_volume("carepath-pip"))
        .with_exec([*INSTALL, "-r", "/opt/toolbox.txt"])
    )


def with_providers(container: dagger.Container, settings: Settings) -> dagger.Container:
    """Return CONTAINER with the published providers, fetched once for as long as their versions stay the same."""
    tree = ROOT / "infra/terraform"
    # A lock counts only beside what it locks.
    lock = dag.host().directory(str(tree / settings.environment_folder), include=[".terraform.lock.hcl"])
    versions = dag.host().directory(str(tree), include=["providers.tf"]).with_directory(".", lock)
    configuration = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n'
    fetched = (
        container.with_directory("/opt/terraform/versions", versions)
        .with_workdir("/opt/terraform/versions")
        .with_exec(["terraform", "providers", "mirror", MIRROR])
        .directory(MIRROR)
    )
    return (
        container.with_directory(MIRROR, fetched)
        .with_new_file("/opt/terraform/terraformrc", configuration)
        .with_env_variable("TF_CLI_CONFIG_FILE", "/opt/terraform/terraformrc")
    )
