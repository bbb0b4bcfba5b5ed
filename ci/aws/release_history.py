"""What was deployed and answered rightly, kept beside the state: one record a release."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ci.aws import record_store as records
from ci.errors import NotReady
from ci.release import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.aws.client import Aws

FOLDER = "releases/"
# A table of them must fit a screen.
SHOWN = 15

Kind = Literal["deploy", "rollback"]


@dataclass(frozen=True)
class Recorded:
    """
    One release that passed its smoke test: when (UTC, RFC 3339), by whom, from which commit, with which images.

    `of` is, for a rollback, the release it went back to.
    """

    id: str
    started: str
    who: str
    commit: str
    images: dict[str, str]
    kind: Kind = "deploy"
    of: str = ""

    @property
    def release(self) -> Release:
        return Release(self.images)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def remember(aws: Aws, run: dict[str, Any], release: Release, *, kind: Kind, of: str = "") -> None:
    """Keep RELEASE, made by RUN; a deploy that changed nothing since the newest record is no release."""
    newest = read(aws, 1)
    if kind == "deploy" and newest and newest[0].images == dict(release.references):
        return
    name = f"{run['started'].replace(':', '')}-{run['run'][:8]}"
    recorded = Recorded(name, run["started"], run["who"], run["commit"], dict(release.references), kind, of)
    body = recorded.as_dict()
    del body["id"]
    records.put(aws, f"{FOLDER}{name}.json", {"schema_version": 1, **body})


def read(aws: Aws, most: int = SHOWN) -> list[Recorded]:
    """Return the newest releases, at most MOST of them, newest first."""
    names = sorted(records.names(aws, FOLDER), reverse=True)[:most]
    return [_recorded(name, body) for name in names if (body := records.get(aws, name)) is not None]


def _recorded(name: str, body: dict[str, Any]) -> Recorded:
    try:
        fields = {key: body[key] for key in ("started", "who", "commit", "images", "kind", "of")}
    except KeyError as error:
        title = f"The record {name} of a release lacks {error}."
        raise NotReady(title, code=records.DAMAGED, hint="Remove it from the state's bucket.") from None
    return Recorded(id=name.removeprefix(FOLDER).removesuffix(".json"), **fields)


def current(found: Sequence[Recorded], deployed: Release) -> Recorded | None:
    """Return which of FOUND is DEPLOYED; None where what is deployed never answered rightly, or is nothing."""
    return next((each for each in found if each.images == dict(deployed.references)), None)


def way_back(found: Sequence[Recorded], before: Release, deployed: Release) -> Recorded | None:
    """Return the release to go back to from what is DEPLOYED: BEFORE, which ran until then, if it answered rightly."""
    ran = current(found, before)
    if ran is not None:
        return _origin(found, ran)
    try:
        return choose(found, deployed)
    except NotReady:
        return None


def choose(found: Sequence[Recorded], deployed: Release, wanted: str = "") -> Recorded:
    """
    Return the release to go back to: the one called WANTED, or the one before what is DEPLOYED.

    FOUND is newest first. What is deployed and was never recorded failed, so
    the newest record is the one before it. A rollback stands where the release
    stands that it went back to: rolling back twice goes back two releases.
    """
    if wanted:
        for each in found:
            if each.id.startswith(wanted):
                return each
        title = f"There is no release {wanted}."
        raise NotReady(title, code="release_unknown", hint="`python ci/main.py releases` lists them.")
    here = current(found, deployed)
    older = found if here is None else found[list(found).index(_origin(found, here)) + 1 :]
    for each in older:
        if each.images != dict(deployed.references):
            return _origin(found, each)
    title = "There is no earlier release to go back to."
    raise NotReady(
        title, code="release_missing", hint="Mend it forward: `python ci/main.py deploy` from a good commit."
    )


def _origin(found: Sequence[Recorded], one: Recorded) -> Recorded:
    """Return the deploy that ONE of FOUND went back to; itself when it is none, or when that is not kept any more."""
    return next((each for each in found if each.id == one.of), one)
