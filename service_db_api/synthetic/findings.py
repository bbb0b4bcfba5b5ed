"""What is measured at a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_db_api.synthetic.pools import Test, pools

if TYPE_CHECKING:
    from service_db_api.store.row import Row
    from service_db_api.synthetic.draw import Draw
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.treatment import Treatment
    from service_db_api.synthetic.visit import Visit

INR = "6301-6"
INR_GOAL = (2.0, 3.0)
INR_OFF = ((1.4, 1.9), (3.1, 3.8))
AT_CHECK_UPS = ("2345-7", "13457-7", "718-7")
# mmHg, upper and lower value.
PRESSURE = ((104, 126), (64, 79))
PRESSURE_GOOD = ((117, 129), (70, 79))
PRESSURE_HIGH = ((141, 162), (84, 97))
HEART_RATE = (60, 84)
FEVER_RATE = (82, 104)
FEVER_C = 37.8
USUAL_C = (36.3, 37.0)
SPO2 = (96, 99)


@dataclass(frozen=True)
class Finding:
    """A laboratory value in the unit of `test`; `asked` is what a condition expects of it."""

    test: Test
    value: float
    asked: Test | None

    @property
    def text(self) -> str:
        return f"{self.value:.{self.test.places}f} {self.test.unit}".replace(" ratio", "")


@dataclass(frozen=True)
class Findings:
    vitals: Row
    labs: tuple[Finding, ...]


def findings(person: Person, treatment: Treatment, visit: Visit) -> Findings:
    """Return what was measured at VISIT; nothing but pressure and weight from home when it was not in person."""
    draw = person.draw(f"findings {visit.index}")
    vitals = _vitals(draw, person, treatment, visit)
    if visit.kind == "telehealth":
        known = [each for each in visit.about if each.condition.pressure or not each.condition.lasting]
        kept = {"bp_systolic", "bp_diastolic"} if known else set()
        return Findings({name: value if name in kept else None for name, value in vitals.items()}, ())
    return Findings(vitals, _labs(draw, person, treatment, visit))


def _vitals(draw: Draw, person: Person, treatment: Treatment, visit: Visit) -> Row:
    known = person.had(visit.day)
    upper, lower = PRESSURE
    for each in known:
        if each.condition.pressure:
            upper, lower = PRESSURE_HIGH if treatment.unruly(each, visit.day) else PRESSURE_GOOD
    temperature = draw.within(visit.occasion.temp_c if visit.occasion else USUAL_C, 1)
    rates = [each.condition.heart_rate for each in known if each.condition.heart_rate]
    oxygen = [each.condition.spo2_pct for each in known if each.condition.spo2_pct]
    rate = FEVER_RATE if temperature >= FEVER_C else (rates or [HEART_RATE])[0]
    return {
        "bp_systolic": draw.between(*upper),
        "bp_diastolic": draw.between(*lower),
        "heart_rate": draw.between(*rate),
        "weight_kg": round(person.weight + draw.within((-1.6, 1.6), 1), 1),
        "temp_c": temperature,
        "spo2_pct": draw.between(*(oxygen or [SPO2])[0]),
    }


def _labs(draw: Draw, person: Person, treatment: Treatment, visit: Visit) -> tuple[Finding, ...]:
    wanted: dict[str, None] = {}
    for held in visit.about:
        for test in held.condition.labs:
            if test.always or draw.chance(0.5):
                wanted[test.loinc] = None
    thinned = any(each.drug.monitor == INR for each in treatment.on(visit.day))
    # What the heart centre sees somebody on warfarin for.
    if thinned and any(each.condition.tracing for each in visit.about):
        wanted[INR] = None
    if visit.occasion and visit.occasion.wellness:
        wanted |= dict.fromkeys(each for each in AT_CHECK_UPS if draw.chance(0.6))
    return tuple(_finding(draw, loinc, person, treatment, visit) for loinc in wanted)


def _finding(draw: Draw, loinc: str, person: Person, treatment: Treatment, visit: Visit) -> Finding:
    test = pools().tests[loinc]
    if loinc == INR:
        span = INR_GOAL if draw.chance(0.76) else draw.one(INR_OFF)
        return Finding(test, draw.within(span, test.places), Test(loinc=INR, good=INR_GOAL))
    # Of two conditions that set a range, the one that is held longest does.
    for held in person.had(visit.day):
        for asked in held.condition.labs:
            if asked.loinc == loinc and asked.good and asked.bad:
                span = asked.bad if treatment.unruly(held, visit.day) else asked.good
                return Finding(test, draw.within(span, test.places), asked)
    if test.usual is None:
        raise ValueError(loinc)
    return Finding(test, draw.within(test.usual, test.places), None)
