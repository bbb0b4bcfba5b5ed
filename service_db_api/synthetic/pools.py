"""What patients are made of, as read from `pools/`."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).with_name("pools")
Span = tuple[float, float]
Kind = Literal["outpatient", "inpatient", "emergency", "telehealth"]


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Drug(Entry):
    """A medicine; nobody takes it who is allergic to one of `avoid` or has one of the conditions `unless`."""

    code: str
    name: str
    sig: str
    reason: str = ""
    monitor: str = ""
    avoid: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Test(Entry):
    """A laboratory test; `usual` holds for the healthy, `good` and `bad` for who has the condition that asks for it."""

    loinc: str
    name: str = ""
    unit: str = ""
    places: int = 0
    usual: Span | None = None
    good: Span | None = None
    bad: Span | None = None
    goal: float | None = None
    always: bool = False


class Reason(Entry):
    """What a visit may be about, with the sentences of its note."""

    code: str
    display: str
    name: str
    tag: str
    history: tuple[str, ...]
    exam: tuple[str, ...]
    advice: tuple[str, ...]
    plan: tuple[str, ...]


class Condition(Reason):
    """What a patient has; ages in years, heart rate per minute, oxygen saturation in %."""

    specialty: str
    min_age: int
    max_age: int = 200
    sex: str = ""
    weight: int
    lasting: bool = True
    pressure: bool = False
    tracing: bool = False
    heart_rate: tuple[int, int] | None = None
    spo2_pct: tuple[int, int] | None = None
    excludes: tuple[str, ...] = ()
    goes_with: tuple[str, ...] | None = None
    first: tuple[Drug, ...]
    step: tuple[Drug, ...] = ()
    former: tuple[Drug, ...] = ()
    labs: tuple[Test, ...] = ()
    goals: tuple[str, ...] = ()
    monitoring: tuple[str, ...] = ()
    call: tuple[str, ...] = ()

    def suits(self, others: set[str]) -> bool:
        """Return whether it can stand beside the conditions with the codes OTHERS."""
        return others.isdisjoint(self.excludes) and (self.goes_with is None or others <= set(self.goes_with))


class Occasion(Reason):
    """A visit for something that passes; temperature in °C."""

    wellness: bool = False
    kinds: tuple[Kind, ...]
    temp_c: Span


class Allergen(Entry):
    substance: str
    reactions: tuple[str, ...]
    weight: int


class City(Entry):
    city: str
    state: str
    zip: str


class People(Entry):
    female: tuple[str, ...]
    male: tuple[str, ...]
    either: tuple[str, ...]
    surname_starts: tuple[str, ...]
    surname_ends: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[City, ...]


class Post(Entry):
    specialty: str
    place: str


class Prices(Entry):
    """Amounts in cents; `tests` are the LOINC codes that a CPT number stands for."""

    payers: tuple[str, ...]
    payers_from_65: tuple[str, ...]
    prices: dict[str, int]
    extra: dict[str, tuple[int, int]]
    tests: dict[str, tuple[str, ...]]


class Question(Entry):
    topic: Literal["medicines", "visit", "scheduling"]
    urgency: str
    text: str


class Pools(Entry):
    people: People
    posts: tuple[Post, ...]
    prices: Prices
    tests: dict[str, Test]
    allergens: tuple[Allergen, ...]
    conditions: tuple[Condition, ...]
    occasions: tuple[Occasion, ...]
    questions: tuple[Question, ...]

    def specialty(self, name: str) -> int:
        """Return the place of the specialty NAME among the posts of a practice."""
        return [each.specialty for each in self.posts].index(name)


@functools.cache
def pools() -> Pools:
    """Return all pools; raises pydantic's ValidationError for a file with a misspelt field."""
    tests = [Test.model_validate(each) for each in _read("labs")["labs"]]
    return Pools.model_validate(
        {
            "people": _read("people"),
            "posts": _read("practices")["posts"],
            "prices": _read("claims"),
            "tests": {each.loinc: each for each in tests},
            "allergens": _read("allergies")["allergies"],
            "conditions": [_read(f"conditions/{each.stem}") for each in sorted(FOLDER.glob("conditions/*.toml"))],
            "occasions": _read("occasions")["occasions"],
            "questions": _read("conversations")["questions"],
        }
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
