"""Everything a run may be told: environment variables, their defaults and units."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from ci import pins
from ci.errors import NotReady

if TYPE_CHECKING:
    from ci.services import Service

ROOT = Path(__file__).resolve().parents[1]

PASSED_TO_TERRAFORM = re.compile(r"^(TF_VAR_\w+|MONGODB_ATLAS_\w+)$")
# The engine blots a secret's value out of all output, so what is none must not be handed over as one: a revision "2"
# would blot out every 2. A test holds this against what Terraform's variables are declared as.
SECRET = re.compile(r"(password|secret|token|key|uri)$", re.IGNORECASE)
# 203.0.113.0/24 is for documentation (RFC 5737) and reaches nothing.
PLACEHOLDER = "203.0.113.0/24"


class Settings(BaseSettings):
    """
    The settings of one run.

    A stand-in arrives here as an address, so that no stage asks whether it is
    rehearsing: `aws_endpoint_url`, `registry` and `provider_addresses` are all
    None or empty in a real deploy.
    """

    model_config = SettingsConfigDict(
        env_prefix="CAREPATH_", env_ignore_empty=True, populate_by_name=True, extra="ignore", frozen=True
    )

    environment: Literal["demo"] = Field("demo", description="The folder of infra/terraform/envs to deploy.")
    aws_region: str | None = Field(
        None, validation_alias="AWS_REGION", description="Must equal `aws_region` of the environment's tfvars when set."
    )
    aws_account_id: str | None = Field(
        None, pattern=r"^\d{12}$", description="The only account a run may touch; any account when not set."
    )
    aws_endpoint_url: str | None = Field(
        None, validation_alias="AWS_ENDPOINT_URL", description="Where the AWS API is, when it is not AWS."
    )
    aws_timeout: float = Field(
        30.0, gt=0, description="Seconds that AWS or the registry may take to answer an attempt of a call."
    )
    aws_attempts: int = Field(5, ge=1, description="Attempts of a call to AWS, the first one included.")
    state_bucket: str | None = Field(
        None, description="S3 bucket of the Terraform state; `carepath-tfstate-<account>-<region>` when not set."
    )
    lock_table: str = Field("carepath-tflock", description="DynamoDB table of the state lock.")
    registry: str | None = Field(
        None, description="Registry to push to; `<account>.dkr.ecr.<region>.amazonaws.com` when not set."
    )
    registry_endpoint_url: str | None = Field(
        None, description="Where the registry's HTTP API is, when it is not https://<registry>."
    )
    platform: str = Field(
        "linux/amd64",
        pattern=r"^linux/(amd64|arm64)(,linux/(amd64|arm64))*$",
        description="What the nodes run; images are built for it. Several, by commas, make one image for all of them.",
    )
    chat_extras: str = Field(
        "",
        pattern=r"^((anthropic|openai|pinecone)(,(anthropic|openai|pinecone))*)?$",
        description="SDKs in chat-api's image, by commas: anthropic, openai, pinecone.",
    )
    python_image: str = Field(pins.PYTHON_IMAGE, description="Base of both images and of the Terraform toolbox.")
    terraform_image: str = Field(pins.TERRAFORM_IMAGE, description="Where the toolbox takes /bin/terraform from.")
    mongo_image: str = Field(pins.MONGO_IMAGE, description="The database of a rehearsal in containers.")
    dagger: str = Field("dagger", description="The dagger CLI: a name on PATH or a path.")
    engine_timeout: float = Field(300.0, gt=0, description="Seconds the Dagger engine may take to answer.")
    lock_timeout: int = Field(60, ge=0, description="Seconds to wait for the state lock.")
    terraform_timeout: float = Field(
        900.0, gt=0, description="Seconds that one command of Terraform may take, beside waiting for the lock."
    )
    apply_timeout: float = Field(
        3000.0, gt=0, description="Seconds that an apply may take; a first one makes a cluster, in about half an hour."
    )
    smoke_timeout: float = Field(
        300.0,
        gt=0,
        description="Seconds until what was deployed must answer; a new load balancer's name takes minutes.",
    )
    provider_addresses: dict[str, str] = Field(
        default_factory=dict, description="Terraform provider source -> host:port of a stand-in that is running."
    )
    terraform_variables: dict[str, str] = Field(
        default_factory=dict, description="What of TF_VAR_* and MONGODB_ATLAS_* is no secret, handed to Terraform."
    )
    terraform_secrets: dict[str, SecretStr] = Field(
        default_factory=dict, description="What of TF_VAR_* and MONGODB_ATLAS_* is secret, handed to Terraform."
    )

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that images are built for, each once, in the order they were named."""
        return tuple(dict.fromkeys(self.platform.split(",")))

    def arguments(self, service: Service) -> dict[str, str]:
        """Return the build arguments of SERVICE's image; all of them count as its inputs."""
        wanted = set(filter(None, self.chat_extras.split(","))) & set(service.extras)
        return {"PYTHON_IMAGE": self.python_image} | ({"EXTRAS": " ".join(sorted(wanted))} if wanted else {})

    @property
    def environment_folder(self) -> Path:
        """The environment's folder, relative to infra/terraform."""
        return Path("envs") / self.environment

    @property
    def work_folder(self) -> Path:
        """Where a run keeps its plan and log; private, and ignored by git."""
        return ROOT / ".carepath" / self.environment


def load() -> Settings:
    """
    Return the settings that the process's environment tells.

    Raises NotReady that names each variable with a value that does not fit.
    """
    handed_on = {name: value for name, value in os.environ.items() if PASSED_TO_TERRAFORM.match(name) and value}
    try:
        return Settings(
            terraform_variables={name: value for name, value in handed_on.items() if not SECRET.search(name)},
            terraform_secrets={name: SecretStr(value) for name, value in handed_on.items() if SECRET.search(name)},
        )
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        title = "A setting that only the pipeline itself makes was set as an environment variable."
        detail = _variable(field[1]) if field else ""
        raise NotReady(title, code="settings_invalid", detail=detail, hint="Unset it.") from None
    except ValidationError as error:
        lines = [f"{_variable(str(each['loc'][0]))}: {each['msg']}" for each in error.errors(include_input=False)]
        title = "A setting has a value that does not fit."
        raise NotReady(title, code="settings_invalid", detail="\n".join(lines), hint="Correct or unset it.") from None


def _variable(field: str) -> str:
    return field if field.startswith("AWS_") else f"CAREPATH_{field.upper()}"


def refuse_placeholders(settings: Settings) -> None:
    """Raise NotReady when the environment's tfvars still hold addresses that reach nothing."""
    if PLACEHOLDER in _tfvars(settings).partition("public_access_cidrs")[2]:
        title = f"terraform.tfvars of {settings.environment} still holds {PLACEHOLDER}, which reaches nothing."
        hint = "Set public_access_cidrs to your pipeline's addresses and lb_source_ranges to your users'."
        raise NotReady(title, code="placeholder_addresses", hint=hint)


def _tfvars(settings: Settings) -> str:
    path = ROOT / "infra/terraform" / settings.environment_folder / "terraform.tfvars"
    return path.read_text() if path.is_file() else ""


def declared_region(settings: Settings) -> str:
    """
    Return the AWS region that the environment's terraform.tfvars declares, its one home.

    Raises NotReady when the file has none or AWS_REGION says another.
    """
    match = re.search(r'^aws_region\s*=\s*"([a-z0-9-]+)"', _tfvars(settings), re.MULTILINE)
    if match is None:
        title = f"terraform.tfvars of {settings.environment} declares no aws_region."
        raise NotReady(title, code="region_missing", hint='Add a line such as: aws_region = "us-east-1"')
    if settings.aws_region not in (None, match[1]):
        title = f"AWS_REGION is {settings.aws_region}, but {settings.environment} lives in {match[1]}."
        raise NotReady(title, code="wrong_region", hint=f"Unset AWS_REGION or set it to {match[1]}.")
    return match[1]
