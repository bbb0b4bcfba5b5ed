"""Read a service's settings from the environment, or end the program with a sentence that says what to mend."""

import re
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda value: str(value).upper())]
S = TypeVar("S", bound="Settings")


class Misconfigured(SystemExit):
    """What the environment says cannot be worked with; ends the program with its message instead of a traceback."""


class Settings(BaseSettings):
    """Base of a service's settings: an empty variable counts as not set, blanks around a value do not count."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, str_strip_whitespace=True)

    log_level: LogLevel = Field("INFO", description="The least weighty lines that are written.")
    log_format: Literal["json", "text"] = Field("json", description="One JSON object a line, or text for a person.")
    git_sha: str = Field("unknown", description="The commit that the program was built from, for the metrics.")
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="The port of /metrics, on all interfaces; 0 for any free one, which is logged; none when empty.",
    )
    drain_seconds: float = Field(
        0, ge=0, allow_inf_nan=False, description="How long to go on serving after SIGTERM, until nobody asks any more."
    )
    stop_grace_seconds: float = Field(
        5, ge=0, allow_inf_nan=False, description="How long the records that wait have to be written at the stop."
    )
    cors_allow_origins: str = Field(
        "",
        description="Origins whose pages may ask, parted by commas, such as https://care.example.org; none when empty.",
    )
    max_body_bytes: int = Field(MEBIBYTE, gt=0, description="The largest request body that is read.")

    @field_validator("cors_allow_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, map(str.strip, value.split(","))):
            if not re.fullmatch(r"https?://[^/\s*?#]+", origin):
                message = f"{origin!r} is no origin: write scheme and host, such as https://care.example.org"
                raise ValueError(message)
        return value

    @property
    def origins(self) -> list[str]:
        """The origins of cors_allow_origins."""
        return [origin for each in self.cors_allow_origins.split(",") if (origin := each.strip())]


def read(kind: type[S]) -> S:
    """Return KIND filled from the environment; raise Misconfigured that names each wrong variable and no secret."""
    try:
        return kind()
    except ValidationError as error:
        told = [_sentence(kind.model_fields[str(each["loc"][0])], each) for each in error.errors()]
    raise Misconfigured("\n".join(told))


def _sentence(field: FieldInfo, error: ErrorDetails) -> str:
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is missing. {field.description or ''}".strip()
    if known := re.findall(r"'([^']+)'", error.get("ctx", {}).get("expected", "")):
        return f"{name} {error['input']!r} is unknown; choose one of: {', '.join(sorted(known))}."
    return f"{name} cannot be used: {error['msg'].removeprefix('Value error, ')}."
