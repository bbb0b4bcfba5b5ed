"""
What is told to one question: a responder's words as far as they may be, and else the rules' own.

Where a rule stands alone nobody else is asked. In an emergency the rules speak
first, and what a model does or fails to do takes nothing from that.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import structlog

from service_chat import aftercheck, sentences, wording
from service_chat.errors import LlmError, LlmTimeout, Saturated
from service_chat.urgency import Urgency
from service_kit.spans import Span

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from service_chat.counts import Counts
    from service_chat.responders.base import Case, Responder
    from service_chat.saturation import Slots

# Characters; a model that goes on is not heard to its end.
LONGEST = 4000


class Speech:
    """
    The words to CASE; `said` is what was told in the end, `seconds` how long the responder took.

    `by_model` is whether any of `said` is a model's.
    """

    def __init__(self, case: Case, responder: Responder, slots: Slots, counts: Counts | None) -> None:
        self.case = case
        self.said = ""
        self.by_model = False
        self.seconds = 0.0
        self._responder = responder
        self._slots = slots
        self._counts = counts
        self._refused = False
        self._emergency = case.assessment.level is Urgency.EMERGENCY

    async def whole(self) -> str:
        """Return all of it; raise LlmError, LlmTimeout or Saturated, but never in an emergency."""
        text = ""
        with self._spared():
            if self._is_asked():
                async with self._slots.one():
                    text = await self._asked()
        if text and self._responder.outside:
            text = self._checked(text)
        self._end(text)
        return self.said

    async def parts(self) -> AsyncGenerator[str]:
        """Yield it piece by piece; `said` may be less than that, when a model has to be taken back."""
        own = wording.words(self.case.assessment)
        if self._emergency or not self._is_asked():
            yield own
        told: list[str] = []
        with self._spared():
            if self._is_asked():
                async with self._slots.one(), contextlib.aclosing(self._sentences()) as said:
                    async for sentence in said:
                        told.append(sentence)
                        yield f" {sentence}" if self._emergency and len(told) == 1 else sentence
        text = "".join(told).strip()
        if self._refused:
            text = ""
            if not self._emergency:
                yield f"\n{own}" if told else own
        self._end(text)

    async def _asked(self) -> str:
        with self._timed():
            return (await self._responder.respond(self.case)).text

    async def _sentences(self) -> AsyncGenerator[str]:
        """Yield the responder's sentences up to the first that may not be told."""
        length, last = 0, ""
        with self._timed():
            async with contextlib.aclosing(sentences.gather(self._responder.stream(self.case))) as said:
                async for sentence in said:
                    if not last and not sentence.strip():
                        continue
                    length += len(sentence)
                    if length > LONGEST:
                        return
                    if self._responder.outside and self._has_faults(last + sentence):
                        self._refused = True
                        return
                    yield sentence
                    last = sentence

    def _is_asked(self) -> bool:
        # The rules' own words need no saying twice.
        return not self.case.assessment.leading.rule.alone and not (self._emergency and not self._responder.outside)

    def _end(self, text: str) -> None:
        """Have said TEXT of the responder's, and the rules' own words where that is not enough."""
        self.by_model = bool(text) and self._responder.outside
        own = wording.words(self.case.assessment) if self._emergency or not text else ""
        self.said = f"{own} {text}".strip()

    def _checked(self, text: str) -> str:
        """Return TEXT up to a bound, or nothing when it may not be told."""
        told, length = [], 0
        for sentence in sentences.split(text):
            length += len(sentence)
            if length > LONGEST:
                break
            told.append(sentence)
        found = "".join(told).strip()
        return "" if self._has_faults(found) else found

    def _has_faults(self, text: str) -> bool:
        if faults := aftercheck.faults(text):
            structlog.get_logger().warning("model_overruled", faults=faults)
        return bool(faults)

    @contextlib.contextmanager
    def _spared(self) -> Iterator[None]:
        """Let no fault of the responder's keep anybody from being told of an emergency."""
        try:
            yield
        except (LlmError, LlmTimeout, Saturated) as error:
            if not self._emergency:
                raise
            structlog.get_logger().warning("emergency_without_model", code=error.code)

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        started = time.perf_counter()
        outcome = "abandoned"
        try:
            with Span("model"):
                yield
            outcome = "ok"
        except (LlmError, LlmTimeout) as error:
            outcome = error.code
            raise
        finally:
            self.seconds = time.perf_counter() - started
            if self._counts is not None:
                self._counts.asked(self.seconds, outcome)
