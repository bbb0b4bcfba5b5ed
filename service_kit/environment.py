"""Read a service's settings from the environment, or end the program with a sentence that says what to mend."""

import re
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda value: str(value).upper())]
S = TypeVar("S", bound="Settings")


class Misconfigured(SystemExit):
    """What the environment says cannot be worked with; ends the program with its message instead of a traceback."""


class Settings(BaseSettings):
    """Base of a service's settings: an empty variable counts as not set, blanks around a value do not count."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True, str_strip_whitespace=True)

    log_level: LogLevel = "INFO"


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
