"""What a mode needs to start, and the sentence that says what is missing."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, NoReturn

from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from service_chat.settings import Settings


def settings(found: Settings, variable: str, mode: str, *names: str) -> None:
    """Raise Misconfigured for each of NAMES that FOUND leaves empty, which VARIABLE set to MODE asks for."""
    missing = [each for each in names if not getattr(found, each)]
    if missing:
        fields = type(found).model_fields
        told = [
            f"{each.upper()} is missing, which {variable} {mode} asks for. {fields[each].description}"
            for each in missing
        ]
        raise Misconfigured("\n".join(told))


def package(name: str, variable: str, mode: str) -> None:
    """Raise Misconfigured unless the package NAME is installed, which VARIABLE set to MODE asks for."""
    if importlib.util.find_spec(name) is None:
        refuse(
            f"{variable} {mode} needs the package {name}, which is not installed: "
            f"build the image with EXTRAS={name}, or install requirements/{name}.txt."
        )


def refuse(sentence: str) -> NoReturn:
    """End the start with SENTENCE."""
    raise Misconfigured(sentence)
