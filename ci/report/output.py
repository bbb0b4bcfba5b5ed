"""Where a report goes: to a person's screen or, as one JSON document, to a program, and to GitHub's files."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from ci.process.streams import lasting
from ci.report import console as screen
from ci.report import markdown
from ci.report import model as report

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.report.model import Report


def put(told: Report, *, json: bool, say: Callable[[str], object]) -> None:
    """Print TOLD to stdout, with JSON as a document, and add it to the files GitHub names; SAY tells what fails."""
    stdout = lasting(sys.stdout)
    if json:
        stdout.write(report.to_json(told) + "\n")
        stdout.flush()
    else:
        screen.show(told, Console(file=stdout, emoji=False, highlight=False, soft_wrap=True))
    _add("GITHUB_STEP_SUMMARY", markdown.summary(told), say)
    _add("GITHUB_OUTPUT", report.to_outputs(told), say)


def _add(name: str, text: str, say: Callable[[str], object]) -> None:
    """Add TEXT to the file that the variable NAME names, if it names one."""
    if path := os.environ.get(name):
        try:
            with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path the runner gives, as it is
                file.write(text)
        except OSError as error:
            say(f"What ${name} names could not be written: {error.strerror}.")
