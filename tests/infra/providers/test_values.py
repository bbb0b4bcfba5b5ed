"""Values survive the way to Terraform and back."""

from __future__ import annotations

import pytest
from pyvider.protocols.tfprotov6.protobuf import DynamicValue

from ci.rehearsal.providers.values import UNKNOWN, at, decode, encode, known

# What Terraform itself sends: a plain unknown, and one refined to "not null".
PLAIN = b"\xd4\x00\x00"
REFINED = b"\xc7\x03\x0c\x81\x01\xc2"


def test_what_terraform_has_no_word_for_is_refused() -> None:
    """A stand-in's own mistake ends in its traceback, not in a corrupt state."""
    with pytest.raises(TypeError, match="type object"):
        encode(object())


@pytest.mark.parametrize(
    "value",
    [None, UNKNOWN, True, 0, -3, 2**40, 1.5, "", "é/:@", [], [UNKNOWN, None], {"a": {"b": [1, {"c": UNKNOWN}]}}],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    """Encoding loses nothing, unknown values at any depth included."""
    assert decode(encode(value)) == value


@pytest.mark.parametrize("payload", [PLAIN, REFINED], ids=["plain", "refined"])
def test_unknown_is_what_terraform_calls_so(payload: bytes) -> None:
    """Both ways in which Terraform says unknown are read; the plain one is written."""
    assert decode(DynamicValue(msgpack=payload)) is UNKNOWN
    assert encode(UNKNOWN).msgpack == PLAIN


def test_state_is_read_as_it_was_stored() -> None:
    """State comes as JSON, and no value at all as an empty message."""
    assert decode(DynamicValue(json=b'{"a": [1]}')) == {"a": [1]}
    assert decode(DynamicValue()) is None


def test_a_path_that_leads_nowhere_finds_nothing() -> None:
    """A missing name, a short list and a scalar on the way all give None; an unknown on the way stays unknown."""
    value = {"a": [{"b": 1}], "c": UNKNOWN}

    assert [at(value, path) for path in ("x", "a.3.b", "a.0.b.c")] == [None, None, None]
    assert at(value, "c.0.name") is UNKNOWN
    assert at(value, "a.0.b") == 1


def test_known_hides_what_is_not() -> None:
    """Only what is certain counts where a made-up value is derived."""
    assert known({"a": [UNKNOWN, 1], "b": UNKNOWN}) == {"a": [None, 1], "b": None}
