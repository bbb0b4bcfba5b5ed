"""Terraform's values on the wire: MessagePack in which a value may be unknown until apply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgpack
from pyvider.protocols.tfprotov6.protobuf import DynamicValue

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unknown:
    """The type of UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

# Any payload says "unknown"; what else it may hold are refinements, which a stand-in need not know.
_ON_THE_WIRE = msgpack.ExtType(0, b"\x00")


def decode(message: DynamicValue) -> Any:
    """Return the value in MESSAGE: dicts, lists, scalars, None and UNKNOWN."""
    if message.msgpack:
        return msgpack.unpackb(message.msgpack, ext_hook=lambda *_: UNKNOWN)
    return json.loads(message.json) if message.json else None


def encode(value: Any) -> DynamicValue:
    """Return VALUE as a message."""
    return DynamicValue(msgpack=msgpack.packb(value, default=_extension))


def _extension(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return _ON_THE_WIRE
    message = f"Terraform has no value of the type {type(value).__name__}."
    raise TypeError(message)


def known(value: Any) -> Any:
    """Return VALUE with None in the place of each UNKNOWN."""
    if isinstance(value, dict):
        return {name: known(each) for name, each in value.items()}
    if isinstance(value, list):
        return [known(each) for each in value]
    return None if value is UNKNOWN else value


def at(value: Any, path: str) -> Any:
    """Return what lies at PATH in VALUE, such as `metadata.0.name`; None where there is nothing."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None if value is not UNKNOWN else UNKNOWN
    return value


def scalars(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of VALUE that are known text, numbers or booleans."""
    return {name: each for name, each in value.items() if isinstance(each, str | int | float)}
