"""Random names, for which the system is asked once for many: each question lets another thread go first."""

from __future__ import annotations

import os
import secrets

MANY = 256


class Fresh:
    """Names of LENGTH hexadecimal digits, an even number; no two are alike, in no process that is forked off either."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._drawn: list[str] = []
        os.register_at_fork(after_in_child=self._drawn.clear)

    def __call__(self) -> str:
        """Return one."""
        try:
            return self._drawn.pop()
        except IndexError:
            some = secrets.token_hex(self._length // 2 * MANY)
            names = [some[first : first + self._length] for first in range(0, len(some), self._length)]
            found = names.pop()
            self._drawn += names
            return found
