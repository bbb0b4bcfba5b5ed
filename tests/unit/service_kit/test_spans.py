"""The steps of a request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from service_kit import spans, trace
from service_kit.problem import NotFound
from service_kit.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scope() -> Iterator[dict[str, Any]]:
    """Yield the scope of a request whose spans are kept."""
    found: dict[str, Any] = {}
    before = spans._spans.set(None)
    spans.begin(found)
    yield found
    spans._spans.reset(before)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), "not_found"),
        (RuntimeError("Tobias Renn"), "error"),
        (asyncio.CancelledError("Tobias"), "abandoned"),
        (GeneratorExit(), "abandoned"),
    ],
)
def test_a_step_that_fails_says_how(scope: dict[str, Any], error: BaseException, status: str) -> None:
    """By a code, never by the error's own words, and the error goes on."""
    with pytest.raises(type(error)), Span("step"):
        raise error

    (found,) = spans.told(scope) or []
    assert (found["name"], found["status"]) == ("step", status)


def test_steps_are_told_in_order_each_under_its_own_id(scope: dict[str, Any]) -> None:
    """How long each took, in milliseconds."""
    for name in ("one", "two"):
        with Span(name):
            pass

    one, two = spans.told(scope) or []
    assert [each["name"] for each in (one, two)] == ["one", "two"]
    assert one["span_id"] != two["span_id"]
    assert 0 <= one["duration_ms"] < 1000


@pytest.mark.parametrize("leads", [True, False])
def test_what_is_asked_in_a_leading_step_is_its_child(scope: dict[str, Any], *, leads: bool) -> None:
    """The next service's parent is the step, whose own parent is the request; afterwards it is the request again."""
    here = trace.take("", "")
    token = trace.enter(here)
    with Span("step", leads=leads):
        within = trace.current()
    after = trace.current()
    trace.leave(token)

    assert within is not None
    assert after == here
    (step,) = spans.told(scope) or []
    assert (within.trace_id, within.span_id) == (here.trace_id, step["span_id"] if leads else here.span_id)
    assert within.parent_id == (here.span_id if leads else here.parent_id)


def test_outside_of_a_request_nothing_is_kept() -> None:
    """There a step costs nothing but its time."""
    before = spans._spans.set(None)
    with Span("step", leads=True):
        assert trace.current() is None
    spans._spans.reset(before)

    assert spans.told({}) is None
