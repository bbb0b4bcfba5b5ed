"""What holds data is destroyed only by somebody who said so, by its name."""

from __future__ import annotations

import pytest

from ci.errors import UsageError
from ci.stages.guard import guard
from ci.terraform.plan_summary import summarise
from tests.unit.ci.scripted import plan_json

pytestmark = pytest.mark.anyio

BUCKET, KEY = 'module.a.aws_s3_bucket.this["x y"]', "module.eks.aws_kms_key.this"
LOSING = summarise(plan_json((KEY, "delete+create"), (BUCKET, "delete"), ("module.a.aws_eip.this", "delete")))


class Person:
    """Somebody who types ANSWERS, one after the other, and remembers what was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self.answers.pop(0)


async def test_loss_is_refused_with_the_flags_that_allow_it() -> None:
    """The hint can be pasted as it is, quotes and all; what holds nothing is not in it."""
    with pytest.raises(UsageError) as caught:
        await guard(LOSING, ())

    assert (caught.value.code, caught.value.exit_code) == ("destroys_data", 2)
    assert caught.value.title.startswith("Nothing was applied")
    assert caught.value.detail.splitlines() == [BUCKET, KEY]
    assert caught.value.hint.endswith(f"--allow-destroy '{BUCKET}' --allow-destroy '{KEY}'")


@pytest.mark.parametrize(
    "allowed", [[KEY], [KEY, "module.a.aws_s3_bucket.this"], [KEY, "*"], [KEY, ""], [KEY, "module.a"]]
)
async def test_only_the_whole_address_allows(allowed: list[str]) -> None:
    """Neither its beginning nor its module nor a star; what is allowed already is not asked for again."""
    with pytest.raises(UsageError) as caught:
        await guard(LOSING, allowed)

    assert caught.value.detail.splitlines() == [BUCKET]
    assert KEY not in caught.value.hint


@pytest.mark.parametrize("typed", ["", "y", "yes", "demo", BUCKET.upper(), f" {BUCKET}x"])
async def test_wrong_word_ends_the_questions(typed: str) -> None:
    """Whoever does not type the address did not mean it: all that is left is refused, and nothing more is asked."""
    person = Person(typed)

    with pytest.raises(UsageError) as caught:
        await guard(LOSING, (), person)

    assert caught.value.detail.splitlines() == [BUCKET, KEY]
    assert len(person.asked) == 1


async def test_second_wrong_word_refuses_the_second() -> None:
    """What was typed rightly stays allowed, and is not in the hint."""
    with pytest.raises(UsageError) as caught:
        await guard(LOSING, (), Person(BUCKET, "no"))

    assert caught.value.detail.splitlines() == [KEY]


async def test_typed_address_allows() -> None:
    """Each is asked for by its name, those that a flag allows are not."""
    person = Person(BUCKET, KEY)
    await guard(LOSING, (), person)
    assert [address in question for address, question in zip((BUCKET, KEY), person.asked, strict=True)] == [True, True]

    person = Person(BUCKET)
    await guard(LOSING, [KEY], person)
    assert len(person.asked) == 1


async def test_what_loses_nothing_is_not_asked_about() -> None:
    """A deploy like any other goes on without a word."""
    person = Person()

    await guard(summarise(plan_json((BUCKET, "update"), ("module.a.aws_eip.this", "delete+create"))), (), person)
    await guard(LOSING, [BUCKET, KEY, "more than is needed"], person)

    assert person.asked == []
