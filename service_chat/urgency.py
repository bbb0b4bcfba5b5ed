"""How soon a question needs a person, from now to whenever."""

from enum import StrEnum


class Urgency(StrEnum):
    """The five levels, the most urgent first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Return the place in the order of urgency; 0 is the most urgent."""
        return list(Urgency).index(self)
