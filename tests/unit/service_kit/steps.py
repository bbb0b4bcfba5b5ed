"""
Steps of a call, counted: lines of Python that run and characters that regular expressions look at.

A count is the same on every machine and at every load, so a promise about the
growth of time needs no clock. Expressions are matched a second time, by a
backtracking matcher over the parse tree of the standard library's own parser.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, ModuleType

PARSER: Any = importlib.import_module("re._parser")
# Nested calls of the matcher: a few for each repetition of a group.
DEEP = 100_000
SINGLE = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda letter: letter.isalnum() or letter == "_",
}


class Counted:
    """Stands in for `pattern`: does what it does, and adds to `steps` what a matcher that backtracks looks at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.steps = 0
        self._pattern = pattern
        self._items = _named(PARSER.parse(pattern.pattern, pattern.flags), bool(pattern.flags & re.IGNORECASE))
        self._text = ""

    def __getattr__(self, name: str) -> Any:
        """Return a method of the pattern that counts before it is run."""
        method = getattr(self._pattern, name)

        def counting(*arguments: Any) -> Any:
            text = arguments[1] if name == "sub" else arguments[0]
            spans = self.spans(text, anywhere="match" not in name)
            # Those that look for one match stop at it.
            list(spans) if name in ("sub", "finditer", "findall") else next(spans, None)
            return method(*arguments)

        return counting

    def spans(self, text: str, *, anywhere: bool = True) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each match in `text`, or of the one at its beginning."""
        self._text = text
        place = 0
        while place <= len(text):
            end = self._match(self._items, 0, place, lambda at: at)
            if end is not None:
                yield place, end
            if not anywhere:
                return
            place = place + 1 if end is None else max(end, place + 1)

    def _match(self, items: list[Any], index: int, place: int, then: Callable[[int], int | None]) -> int | None:
        """Return where a match of `items` from `index` on ends that begins at `place` and that `then` accepts."""
        if index == len(items):
            return then(place)
        name, argument = items[index]

        def rest(at: int) -> int | None:
            return self._match(items, index + 1, at, then)

        if name == "SINGLE":
            return rest(place + 1) if self._fits(argument, place) else None
        if name == "BRANCH":
            ends = (self._match(branch, 0, place, rest) for branch in argument)
            return next((end for end in ends if end is not None), None)
        if name == "MAX_REPEAT":
            return self._repeat(argument, place, rest)
        return rest(place) if self._holds(name, argument, place) else None

    def _repeat(self, bounds: tuple[int, int, list[Any]], place: int, rest: Callable[[int], int | None]) -> int | None:
        least, most, body = bounds
        if len(body) == 1 and body[0][0] == "SINGLE":
            end = place
            while end - place < most and self._fits(body[0][1], end):
                end += 1
            while end - place >= least:
                found = rest(end)
                if found is not None:
                    return found
                end -= 1
            return None

        def again(count: int, at: int) -> int | None:
            if count < most:
                found = self._match(body, 0, at, lambda end: again(count + 1, end) if end > at else None)
                if found is not None:
                    return found
            return rest(at) if count >= least else None

        return again(0, place)

    def _fits(self, accepts: Callable[[str], bool], place: int) -> bool:
        """Return whether the character at `place` is one that `accepts` takes; this is a step."""
        self.steps += 1
        return place < len(self._text) and accepts(self._text[place])

    def _holds(self, name: str, argument: Any, place: int) -> bool:
        """Return whether a condition that takes no character holds at `place`."""
        if name == "AT":
            return self._stands(argument, place)
        start, body = argument
        found = place + start >= 0 and self._match(body, 0, place + start, lambda at: at) is not None
        return found is (name == "ASSERT")

    def _stands(self, where: str, place: int) -> bool:
        def word(at: int) -> bool:
            return 0 <= at < len(self._text) and CATEGORIES["CATEGORY_WORD"](self._text[at])

        if where == "AT_BOUNDARY":
            return word(place - 1) is not word(place)
        return place == (0 if where.startswith("AT_BEGINNING") else len(self._text))


def _named(tree: Any, ignores_case: bool) -> list[Any]:
    """Return a parse tree with names for the parser's codes, and with no more than a match needs."""

    def needed(name: str, argument: Any) -> tuple[str, Any]:
        if name in SINGLE:
            return "SINGLE", _accepts(name, argument, ignores_case)
        if name == "BRANCH":
            return name, [_named(branch, ignores_case) for branch in argument[1]]
        if name == "SUBPATTERN":
            return "BRANCH", [_named(argument[3], ignores_case)]
        if name == "MAX_REPEAT":
            least, most, body = argument
            return name, (int(least), int(most), _named(body, ignores_case))
        if name in ("ASSERT", "ASSERT_NOT"):
            direction, body = argument
            return name, (0 if direction > 0 else -body.getwidth()[1], _named(body, ignores_case))
        if name != "AT":
            raise NotImplementedError(name)
        return name, str(argument)

    return [needed(str(code), argument) for code, argument in tree]


def _accepts(name: str, argument: Any, ignores_case: bool) -> Callable[[str], bool]:
    """Return what one item of a pattern says of a character."""

    @functools.cache
    def accepts(letter: str) -> bool:
        forms = {letter, letter.lower(), letter.upper()} if ignores_case else {letter}
        if name == "ANY":
            return letter != "\n"
        if name == "IN":
            negated = str(argument[0][0]) == "NEGATE"
            parts = [(str(code), part) for code, part in argument[negated:]]
            return any(_among(form, *part) for form in forms for part in parts) is not negated
        return (argument in {ord(form) for form in forms}) is (name == "LITERAL")

    return accepts


def _among(letter: str, name: str, argument: Any) -> bool:
    if name == "RANGE":
        return bool(argument[0] <= ord(letter) <= argument[1])
    if name == "CATEGORY":
        negated = "_NOT_" in str(argument)
        return CATEGORIES[str(argument).replace("_NOT_", "_")](letter) is not negated
    return bool(ord(letter) == argument)


def steps(call: Callable[[], object], *modules: ModuleType) -> int:
    """Return how many steps `call` takes in `modules`: lines that run, and what their regular expressions look at."""
    files = {module.__file__ for module in modules}
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in files:
            return None
        lines += event == "line"
        return count

    with _counting(modules) as patterns:
        limit, tracing = sys.getrecursionlimit(), sys.gettrace()
        sys.setrecursionlimit(DEEP)
        sys.settrace(count)
        try:
            call()
        finally:
            sys.settrace(tracing)
            sys.setrecursionlimit(limit)
        return lines + sum(pattern.steps for pattern in patterns)


@contextlib.contextmanager
def _counting(modules: tuple[ModuleType, ...]) -> Iterator[list[Counted]]:
    """Put a counting pattern in place of each that a name or a dictionary of `modules` holds."""
    patterns: list[Counted] = []
    places: list[tuple[dict[str, Any], str, re.Pattern[str]]] = []
    for module in modules:
        tables = [vars(module), *(value for value in vars(module).values() if type(value) is dict)]
        for table in tables:
            places += [(table, name, value) for name, value in table.items() if isinstance(value, re.Pattern)]
    for table, name, pattern in places:
        patterns.append(Counted(pattern))
        table[name] = patterns[-1]
    try:
        yield patterns
    finally:
        for table, name, pattern in places:
            table[name] = pattern
