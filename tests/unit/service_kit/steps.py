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
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
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


# Where a match that stands at a place goes on, and where it ends, if it does.
Then = Callable[[int], "int | None"]
Items = list[tuple[str, Any]]


class Counted:
    """Stands in for `pattern`: does what it does, and adds to `steps` what a matcher that backtracks looks at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.steps = 0
        self._pattern = pattern
        self._items = _parsed(pattern)
        self._text = ""
        self._groups: dict[int, str] = {}
        self._ways: dict[str, Callable[[Any, int, Then], int | None]] = {
            "SINGLE": self._single,
            "BRANCH": self._branch,
            "MAX_REPEAT": self._repeat,
            "GROUP": self._group,
            "GROUPREF": self._reference,
            "ASSERT": lambda argument, place, then: then(place) if self._looks(argument, place) else None,
            "ASSERT_NOT": lambda argument, place, then: None if self._looks(argument, place) else then(place),
            "AT": lambda argument, place, then: then(place) if self._stands(argument, place) else None,
        }

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

    def _match(self, items: Items, index: int, place: int, then: Then) -> int | None:
        """Return where a match of `items` from `index` on ends that begins at `place` and that `then` accepts."""
        if index == len(items):
            return then(place)
        name, argument = items[index]
        return self._ways[name](argument, place, lambda at: self._match(items, index + 1, at, then))

    def _fits(self, accepts: Callable[[str], bool], place: int) -> bool:
        """Return whether the character at `place` is one that `accepts` takes; this is a step."""
        self.steps += 1
        return place < len(self._text) and accepts(self._text[place])

    def _single(self, accepts: Callable[[str], bool], place: int, then: Then) -> int | None:
        return then(place + 1) if self._fits(accepts, place) else None

    def _branch(self, branches: list[Items], place: int, then: Then) -> int | None:
        ends = (self._match(branch, 0, place, then) for branch in branches)
        return next((end for end in ends if end is not None), None)

    def _repeat(self, bounds: tuple[int, int, Items], place: int, then: Then) -> int | None:
        least, most, body = bounds
        if len(body) == 1 and body[0][0] == "SINGLE":
            end = place
            while end - place < most and self._fits(body[0][1], end):
                end += 1
            ends = (then(at) for at in range(end, place + least - 1, -1))
            return next((end for end in ends if end is not None), None)

        def again(count: int, at: int) -> int | None:
            if count < most:
                found = self._match(body, 0, at, lambda end: again(count + 1, end) if end > at else None)
                if found is not None:
                    return found
            return then(at) if count >= least else None

        return again(0, place)

    def _group(self, argument: tuple[int, Items], place: int, then: Then) -> int | None:
        number, body = argument

        def noted(end: int) -> int | None:
            self._groups[number] = self._text[place:end]
            return then(end)

        return self._match(body, 0, place, noted)

    def _reference(self, number: int, place: int, then: Then) -> int | None:
        again = self._groups.get(number, "")
        self.steps += len(again)
        return then(place + len(again)) if self._text.startswith(again, place) else None

    def _looks(self, argument: tuple[int, Items], place: int) -> bool:
        offset, body = argument
        return place + offset >= 0 and self._match(body, 0, place + offset, lambda at: at) is not None

    def _stands(self, where: str, place: int) -> bool:
        def word(at: int) -> bool:
            return 0 <= at < len(self._text) and CATEGORIES["CATEGORY_WORD"](self._text[at])

        if where == "AT_BOUNDARY":
            return word(place - 1) is not word(place)
        return place == (0 if where.startswith("AT_BEGINNING") else len(self._text))


@functools.cache
def _parsed(pattern: re.Pattern[str]) -> Items:
    return _items(PARSER.parse(pattern.pattern, pattern.flags), bool(pattern.flags & re.IGNORECASE))


def _items(tree: Any, ignores_case: bool) -> Items:
    """Return a parse tree with names for the parser's codes, and with no more than a match needs."""
    found: Items = []
    for code, argument in tree:
        name, needed = str(code), argument
        if name in SINGLE:
            name, needed = "SINGLE", _accepts(name, argument, ignores_case)
        elif name == "BRANCH":
            needed = [_items(branch, ignores_case) for branch in argument[1]]
        elif name == "SUBPATTERN":
            name, needed = "GROUP", (argument[0], _items(argument[3], ignores_case))
        elif name == "MAX_REPEAT":
            needed = (int(argument[0]), int(argument[1]), _items(argument[2], ignores_case))
        elif name in ("ASSERT", "ASSERT_NOT"):
            direction, body = argument
            needed = (0 if direction > 0 else -body.getwidth()[1], _items(body, ignores_case))
        elif name == "AT":
            needed = str(argument)
        found.append((name, needed))
    return found


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
