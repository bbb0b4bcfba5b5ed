"""What somebody takes, and how well it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_db_api.synthetic.draw import Draw
    from service_db_api.synthetic.person import Held, Person
    from service_db_api.synthetic.pools import Drug
    from service_db_api.synthetic.visit import Visit

MOST = 5
SOON = timedelta(days=14)


@dataclass(frozen=True)
class Taken:
    """A medicine for the condition `held`; `added_at` is the visit it was added at for want of success."""

    drug: Drug
    held: Held
    start: date
    end: date | None = None
    added_at: Visit | None = None

    def on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Treatment:
    """All that is taken or was, and until when each condition, by its code, was out of hand."""

    taken: tuple[Taken, ...]
    unruly_until: dict[str, date]

    def unruly(self, held: Held, day: date) -> bool:
        """Return whether the values that go with HELD were above their goal on DAY."""
        return held.onset <= day <= self.unruly_until.get(held.condition.code, date.min)

    def on(self, day: date) -> list[Taken]:
        """Return what was taken at the end of DAY, the longest taken first."""
        return [each for each in self.taken if each.on(day)]

    def added(self, visit: Visit) -> list[Taken]:
        """Return what was added at VISIT."""
        return [each for each in self.taken if each.added_at is visit]


def treatment(person: Person, visits: Sequence[Visit]) -> Treatment:
    """Return what PERSON takes: something for each condition, and more where that did not do."""
    draw = person.draw("treatment")
    taken: list[Taken] = []
    unruly: dict[str, date] = {}
    for held in person.held:
        fitting = [each for each in held.condition.first if _allowed(each, person)]
        if fitting:
            taken.append(Taken(draw.one(fitting), held, min(held.onset + SOON, person.as_of)))
    for held in person.held:
        code = held.condition.code
        if draw.chance(0.42):
            unruly[code] = date.max
            added = _added(draw, held, person, visits, {each.drug.code for each in taken})
            if added and len(taken) < MOST and draw.chance(0.7):
                taken.append(added)
                unruly[code] = added.start
                continue
        former = [each for each in held.condition.former if _allowed(each, person)]
        if former and len(taken) < MOST and draw.chance(0.3):
            taken.append(_former(draw, held, draw.one(former), taken, person.as_of))
    taken.sort(key=lambda each: (each.start, each.drug.code))
    return Treatment(tuple(taken), unruly)


def _allowed(drug: Drug, person: Person) -> bool:
    allergies = {each.allergen.substance for each in person.reactions}
    return allergies.isdisjoint(drug.avoid) and {each.condition.code for each in person.held}.isdisjoint(drug.unless)


def _added(draw: Draw, held: Held, person: Person, visits: Sequence[Visit], known: set[str]) -> Taken | None:
    """Return a further medicine from one of the visits about HELD at which it is told of, or None."""
    drugs = [each for each in held.condition.step if _allowed(each, person) and each.code not in known]
    about = [each for each in visits if held in each.about]
    if not drugs or not about:
        return None
    visit = draw.one(about)
    return Taken(draw.one(drugs), held, visit.day, added_at=visit)


def _former(draw: Draw, held: Held, drug: Drug, taken: list[Taken], as_of: date) -> Taken:
    """Return DRUG as taken from the onset on, and what replaced it as begun when it ended."""
    began = held.onset + SOON
    ended = began + timedelta(days=draw.between(1, max(1, (as_of - began).days * 2 // 3)))
    for place, each in enumerate(taken):
        if each.held is held and each.added_at is None:
            taken[place] = Taken(each.drug, held, ended)
    return Taken(drug, held, began, ended)
