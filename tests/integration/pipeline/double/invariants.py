"""Promises about every pipeline, checked on what it asked for. Each returns its complaints, none when it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.pipeline.double.chain import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.integration.pipeline.double.chain import Call, Record
    from tests.integration.pipeline.double.script import Matches

SET = {"withEnvVariable", "withSecretVariable"}
UNSET = {"withoutEnvVariable", "withoutSecretVariable"}


def every(chains: Iterable[Call]) -> Iterator[Call]:
    """Yield each call the chains rest on once, after all it needs."""
    seen: set[str] = set()
    for chain in chains:
        yield from chain.walk(seen)


def execs(chains: Iterable[Call]) -> list[Call]:
    """List each exec of the chains once, after all it needs."""
    return [call for call in every(chains) if call.field == "withExec"]


def nonce_rule(chains: Iterable[Call], *, outside: Matches, variable: str = "CAREPATH_RUN") -> list[str]:
    """
    Check that the cache can answer for no exec that reads or changes the OUTSIDE, and for every other.

    The first kind carries VARIABLE, set last; the second does not carry it.
    """
    complaints = []
    for step in execs(chains):
        names = variables(step)
        if outside(step) and names[:1] != [variable]:
            last = names[0] if names else "nothing"
            complaints.append(f"{step.argv} touches the outside but the last variable set is {last}")
        if not outside(step) and variable in names:
            complaints.append(f"{step.argv} is pure but carries {variable}")
    return complaints


def variables(step: Call) -> list[str]:
    """List the variables STEP runs with that were set in its own container, the last one first."""
    names: list[str] = []
    removed: set[str] = set()
    for call in reversed(step.line):
        if call.type != "Container":
            break
        name = str(call.args.get("name"))
        if call.field in UNSET:
            removed.add(name)
        elif call.field in SET and name not in {*removed, *names}:
            names.append(name)
    return names


def plaintext_secrets(chains: Iterable[Call], secrets: Iterable[str]) -> list[str]:
    """Check that none of SECRETS is in an argument but setSecret's plaintext; complaints do not repeat them."""
    planted = list(secrets)
    return [
        f"{call.field}({name}=…) holds a secret in plain text"
        for call in every(chains)
        for name, value in call.args.items()
        for part in parts(value)
        if isinstance(part, str) and not call.hides(name) and any(secret in part for secret in planted)
    ]


def order(records: Sequence[Record], first: Matches, then: Matches) -> list[str]:
    """Check that all that FIRST accepts was over before anything THEN accepts began, and that both happened."""
    before = [record for record in records if first(record.call)]
    after = [record for record in records if then(record.call)]
    if not before or not after:
        return [f"nothing was recorded for {'the first' if not before else 'what should follow'}"]
    return [
        f"{late.call.field} began before {early.call.field} was over: {early.call} / {late.call}"
        for early in before
        for late in after
        if late.started < early.finished
    ]
