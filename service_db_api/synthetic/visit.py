"""When somebody came, and what about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from service_db_api.synthetic.pools import Kind, Occasion, pools

if TYPE_CHECKING:
    from service_db_api.store.row import Row
    from service_db_api.synthetic.draw import Draw
    from service_db_api.synthetic.person import Held, Person

# The window before as-of, in days. Its last week is left free for stays and for what follows a visit.
WINDOW = (727, 8)
VISITS = (2, 3, 4, 5, 6)
VISIT_WEIGHTS = (14, 24, 28, 21, 13)
SATURDAY = 5
FAMILY, EMERGENCY = "Family medicine", "Emergency medicine"


@dataclass(frozen=True)
class Visit:
    """A visit about conditions, or about an occasion; `index` counts from 1."""

    index: int
    encounter_id: str
    kind: Kind
    start: datetime
    end: datetime
    about: tuple[Held, ...]
    occasion: Occasion | None
    provider: Row

    @property
    def day(self) -> date:
        return self.start.date()


def visits(person: Person) -> tuple[Visit, ...]:
    """Return two to six visits of PERSON in the two years before as-of, the oldest first."""
    draw = person.draw("visits")
    count = draw.weighted(VISITS, VISIT_WEIGHTS)
    slot = (WINDOW[0] - WINDOW[1]) // count
    found: list[Visit] = []
    for index in range(1, count + 1):
        day = person.as_of - timedelta(days=WINDOW[0] - (index - 1) * slot - draw.between(0, slot * 4 // 5))
        found.append(_visit(person, draw, index, day, found))
    return tuple(found)


def _visit(person: Person, draw: Draw, index: int, day: date, earlier: list[Visit]) -> Visit:
    known = person.had(day)
    about = _about(draw, known, earlier) if known and draw.chance(0.74) else ()
    occasion = None if about else _occasion(draw, earlier)
    kind = _kind(draw, about, occasion)
    if kind in ("outpatient", "telehealth") and day.weekday() >= SATURDAY:
        # Offices are closed, so it was the Friday before; the window has room for that.
        day -= timedelta(days=day.weekday() - SATURDAY + 1)
    start, end = _times(draw, kind, day)
    specialty = FAMILY if not about else about[0].condition.specialty
    if kind in ("emergency", "inpatient"):
        specialty = EMERGENCY
    return Visit(
        index=index,
        encounter_id=f"ENC-{day.isoformat()}-{person.mrn[1:]}{index:02}",
        kind=kind,
        start=start,
        end=end,
        about=about,
        occasion=occasion,
        provider=person.practice.providers[pools().specialty(specialty)],
    )


def _about(draw: Draw, known: list[Held], earlier: list[Visit]) -> tuple[Held, ...]:
    """Return one or two of the KNOWN conditions; whose turn it is comes first."""
    seen = [each.condition.code for visit in earlier for each in visit.about]
    turns = sorted(known, key=lambda each: seen.count(each.condition.code))
    # A pregnancy is what every visit is about while it lasts.
    turns.sort(key=lambda each: each.condition.lasting)
    return tuple(turns[: 2 if draw.chance(0.45) else 1])


def _occasion(draw: Draw, earlier: list[Visit]) -> Occasion:
    seen = {each.occasion.code for each in earlier if each.occasion}
    fresh = [each for each in pools().occasions if each.code not in seen]
    wellness = [each for each in fresh if each.wellness]
    return wellness[0] if wellness and draw.chance(0.4) else draw.one(fresh)


def _kind(draw: Draw, about: tuple[Held, ...], occasion: Occasion | None) -> Kind:
    kinds: tuple[Kind, ...] = ("outpatient", "telehealth", "emergency", "inpatient")
    if occasion:
        kinds = occasion.kinds
    elif not about[0].condition.lasting:
        kinds = ("outpatient", "telehealth")
    weights: dict[Kind, int] = {"outpatient": 76, "telehealth": 15, "emergency": 6, "inpatient": 3}
    return draw.weighted(kinds, [weights[each] for each in kinds])


def _times(draw: Draw, kind: Kind, day: date) -> tuple[datetime, datetime]:
    """Return start and end, in UTC; a stay lasts one to five days, anything else less than one."""
    if kind in ("emergency", "inpatient"):
        start = datetime.combine(day, time(draw.between(0, 23), draw.between(0, 59)), UTC)
        stay = timedelta(days=draw.between(1, 5), minutes=draw.between(0, 300))
        return start, start + (stay if kind == "inpatient" else timedelta(minutes=draw.between(95, 420)))
    start = datetime.combine(day, time(draw.between(8, 16), 10 * draw.between(0, 5)), UTC)
    return start, start + timedelta(minutes=5 * draw.between(3, 8))
