"""Who treats: a practice of six for every six hundred patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_db_api.personas import personas
from service_db_api.store.row import row
from service_db_api.synthetic.draw import Draw
from service_db_api.synthetic.pools import City, pools

if TYPE_CHECKING:
    from service_db_api.store.row import Row

PATIENTS = 600
FIRST_PROVIDER = 1001
FIRST_NPI = 191_000_000
CITIES = 3


@dataclass(frozen=True)
class Practice:
    """Providers by the order of the specialties, and the cities their patients live in."""

    providers: tuple[Row, ...]
    cities: tuple[City, ...]


def practice(number: int, seed: int) -> Practice:
    """Return the practice NUMBER; the first one, 0, is that of the personas."""
    known = pools().people.cities
    cities = tuple(known[(number * CITIES + place) % len(known)] for place in range(CITIES))
    if number == 0:
        return Practice(tuple(row(each) for each in personas().providers), cities)
    return Practice(tuple(_provider(number, place, seed, cities[0]) for place in range(len(pools().posts))), cities)


def _provider(number: int, place: int, seed: int, city: City) -> Row:
    post = pools().posts[place]
    index = number * len(pools().posts) + place
    draw = Draw(seed, "provider", index)
    people = pools().people
    return {
        "provider_id": f"PROV-{FIRST_PROVIDER + index}",
        "npi": npi(FIRST_NPI + index),
        "name": {
            "first": draw.one(people.female + people.male + people.either),
            "last": surname(draw),
        },
        "specialty": post.specialty,
        "location": f"{city.city} {post.place}",
    }


def surname(draw: Draw) -> str:
    return draw.one(pools().people.surname_starts) + draw.one(pools().people.surname_ends)


def npi(base: int) -> str:
    """Return the nine digits BASE with a check digit that is wrong, so that it is nobody's number."""
    # 24 is what the prefix 80840, which every NPI is checked with, adds to the sum.
    total = 24
    for place, digit in enumerate(reversed(str(base))):
        total += sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit)
    right = -total % 10
    return f"{base}{(right + 1 + base % 9) % 10}"
