"""Numbers of chat-api's own for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_kit.metrics import Reading
from service_kit.tally import Durations, Tally

if TYPE_CHECKING:
    from service_chat.breaker import Breaker
    from service_chat.settings import LlmMode
    from service_chat.urgency import Urgency
    from service_kit.metrics import Metrics


class Counts:
    """What is counted in METRICS of the answers that MODE words."""

    def __init__(self, metrics: Metrics, mode: LlmMode) -> None:
        self._mode = mode.value
        self._answers = Tally(
            metrics, "carepath_triage_answers", "Questions answered, by how urgent they are.", ("urgency", "llm_mode")
        )
        self._model = Durations(
            metrics,
            "carepath_model_duration_seconds",
            "How long the model took, by what came of it.",
            ("llm_mode", "outcome"),
        )

    def answered(self, urgency: Urgency) -> None:
        """Count an answer of this URGENCY."""
        self._answers.count(urgency.value, self._mode)

    def asked(self, seconds: float, outcome: str) -> None:
        """Note that the model took so many SECONDS to `ok` or to an error's code."""
        self._model.took(seconds, self._mode, outcome)


def readings(breaker: Breaker) -> tuple[Reading, ...]:
    """Return the numbers of BREAKER."""
    return (
        Reading("carepath_db_api_breaker_state", "0 closed, 1 half-open, 2 open.", lambda: breaker.state),
        Reading(
            "carepath_db_api_breaker_opened_total", "How often it opened.", lambda: breaker.times_opened, "counter"
        ),
    )
