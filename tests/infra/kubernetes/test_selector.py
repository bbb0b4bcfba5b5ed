"""Which labels a selector picks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.kubernetes.selector import selects


def expression(operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "app", "operator": operator, "values": list(values)}]}


def test_an_unknown_operator_is_refused() -> None:
    """A misspelled one must not pick nothing in silence."""
    with pytest.raises(ValueError, match="Equals is no operator"):
        selects(expression("Equals", "a"), {})


@pytest.mark.parametrize(
    ("selector", "picked"),
    [
        ({}, True),
        ({"matchLabels": {"app": "a"}}, True),
        ({"matchLabels": {"app": "b"}}, False),
        ({"matchLabels": {"app": "a", "tier": "web"}}, False),
        (expression("In", "a", "b"), True),
        (expression("In", "b"), False),
        (expression("NotIn", "a"), False),
        (expression("NotIn", "b"), True),
        (expression("Exists"), True),
        (expression("DoesNotExist"), False),
        ({"matchLabels": {"app": "a"}, **expression("In", "b")}, False),
    ],
)
def test_all_of_a_selector_must_hold(selector: dict[str, Any], picked: bool) -> None:
    """An empty one picks everything."""
    assert selects(selector, {"app": "a"}) is picked
