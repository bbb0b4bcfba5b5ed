"""A conversation with a question of each level, as people see it on each device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DEVICES
from tests.browser.visit import LEVELS, picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visits


@pytest.mark.parametrize(
    "device", [device if device == "light" else pytest.param(device, marks=pytest.mark.slow) for device in DEVICES]
)
def test_conversation_is_answered_and_has_no_barriers(visit: Visits, pictures: Path, device: str) -> None:
    """The page answers a question of each level; with its details opened axe has no serious finding."""
    there = visit(device)
    for level, asked in LEVELS.items():
        turn = there.ask(*asked)
        assert turn.get_attribute("data-level") == level
        assert there.text(turn, "next_step")
        assert there.text(turn, "response")
        there.page.screenshot(path=pictures / f"{device}-{level}.png")
        for summary in turn.locator("summary").all():
            summary.click()

    picture(there, pictures / f"{device}-conversation.png")
    assert there.barriers() == []
