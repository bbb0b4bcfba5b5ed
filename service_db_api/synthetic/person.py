"""Who somebody is and what they have, before any visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from service_db_api.synthetic.draw import Draw
from service_db_api.synthetic.pools import Allergen, City, Condition, pools
from service_db_api.synthetic.practice import surname

if TYPE_CHECKING:
    from service_db_api.synthetic.practice import Practice

YEAR = 365.25
FIRST_MRN = 100_000
ADULT, OLDEST = 18, 91
PREGNANT_DAYS = (60, 220)
ONSET_DAYS = (60, 14 * 365)
SEXES = ("F", "M", "X", "U")
SEX_WEIGHTS = (495, 495, 6, 4)
# How many conditions and allergies, from none up.
CONDITIONS = (0, 1, 2, 3, 4)
CONDITION_WEIGHTS = {40: (34, 36, 22, 7, 1), 65: (14, 27, 32, 19, 8), OLDEST: (5, 15, 30, 30, 20)}
ALLERGIES = (0, 1, 2)
ALLERGY_WEIGHTS = (62, 29, 9)
SEVERITIES = ("mild", "moderate", "severe")
SEVERITY_WEIGHTS = (55, 35, 10)


@dataclass(frozen=True)
class Held:
    """A condition that somebody has since `onset`."""

    condition: Condition
    onset: date


@dataclass(frozen=True)
class Reaction:
    allergen: Allergen
    reaction: str
    severity: str


@dataclass(frozen=True)
class Person:
    """Somebody as seen on the day `as_of`; `age` in years, `weight` in kg."""

    number: int
    seed: int
    as_of: date
    first: str
    last: str
    sex: str
    dob: date
    age: int
    street: str
    city: City
    held: tuple[Held, ...]
    reactions: tuple[Reaction, ...]
    weight: float
    practice: Practice

    @property
    def mrn(self) -> str:
        return f"P{FIRST_MRN + self.number}"

    def draw(self, topic: str) -> Draw:
        """Return chance of this person's own for TOPIC."""
        return Draw(self.seed, self.number, topic)

    def had(self, day: date) -> list[Held]:
        """Return the conditions that were known on DAY."""
        return [each for each in self.held if each.onset <= day]


def person(number: int, seed: int, as_of: date, practice: Practice) -> Person:
    """Return the patient NUMBER, counted from 1; the same one for the same arguments."""
    draw = Draw(seed, number, "person")
    people = pools().people
    sex = draw.weighted(SEXES, SEX_WEIGHTS)
    names = {"F": people.female, "M": people.male}.get(sex, people.either)
    days = draw.between(int(ADULT * YEAR) + 1, int(OLDEST * YEAR))
    dob = as_of - timedelta(days=days)
    age = as_of.year - dob.year - ((as_of.month, as_of.day) < (dob.month, dob.day))
    return Person(
        number=number,
        seed=seed,
        as_of=as_of,
        first=draw.one(names),
        last=surname(draw),
        sex=sex,
        dob=dob,
        age=age,
        street=f"{draw.between(1, 480)} {draw.one(people.streets)}",
        city=draw.one(practice.cities),
        held=_conditions(draw, sex, age, dob, as_of),
        reactions=_allergies(draw),
        weight=draw.within((52.0, 84.0) if sex == "F" else (62.0, 102.0), 1),
        practice=practice,
    )


def _conditions(draw: Draw, sex: str, age: int, dob: date, as_of: date) -> tuple[Held, ...]:
    weights = next(each for limit, each in CONDITION_WEIGHTS.items() if age <= limit)
    found: dict[str, Condition] = {}
    for _ in range(draw.weighted(CONDITIONS, weights)):
        fitting = [each for each in pools().conditions if _fits(each, sex, age, found)]
        if not fitting:
            break
        chosen = draw.weighted(fitting, [each.weight for each in fitting])
        found[chosen.code] = chosen
    held = [Held(each, _onset(draw, each, dob, as_of)) for each in found.values()]
    return tuple(sorted(held, key=lambda each: (each.onset, each.condition.code)))


def _fits(candidate: Condition, sex: str, age: int, found: dict[str, Condition]) -> bool:
    if candidate.code in found or candidate.sex not in ("", sex):
        return False
    if not candidate.min_age <= age <= candidate.max_age or not candidate.suits(set(found)):
        return False
    return all(each.suits({candidate.code}) for each in found.values())


def _onset(draw: Draw, condition: Condition, dob: date, as_of: date) -> date:
    if not condition.lasting:
        return as_of - timedelta(days=draw.between(*PREGNANT_DAYS))
    # A year less than the pool's: who is just old enough fell ill at that age.
    longest = (as_of - dob).days - int((condition.min_age - 1) * YEAR)
    return as_of - timedelta(days=draw.between(ONSET_DAYS[0], min(ONSET_DAYS[1], longest)))


def _allergies(draw: Draw) -> tuple[Reaction, ...]:
    known = pools().allergens
    found: dict[str, Reaction] = {}
    for _ in range(draw.weighted(ALLERGIES, ALLERGY_WEIGHTS)):
        left = [each for each in known if each.substance not in found]
        allergen = draw.weighted(left, [each.weight for each in left])
        severity = draw.weighted(SEVERITIES, SEVERITY_WEIGHTS)
        found[allergen.substance] = Reaction(allergen, draw.one(allergen.reactions), severity)
    return tuple(found.values())
