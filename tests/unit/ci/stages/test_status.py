"""The status: each row's answers, and all of it on one screen."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from ci.aws import record_store as records
from ci.aws.client import Aws
from ci.aws.release_history import remember
from ci.release import Release
from ci.report.console import show
from ci.report.model import Report
from ci.services import CHAT_API, DB_API, SERVICES
from ci.stages import build
from ci.stages.status import _age, status
from ci.terraform import backend
from ci.terraform.run_record import RECORD
from tests.unit.ci.answering import answering
from tests.unit.ci.conftest import CREDENTIALS, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.settings import Settings

    Client = Callable[[str], Any]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("source_tree")]

RUNS = {service.image_key: f"r/{service.repository}@sha256:{'a' * 64}" for service in SERVICES}
RUN = {"run": "0123456789", "who": "ada@laptop", "commit": "0123456789ab", "started": "2026-01-01T00:00:00Z"}


class Cloud:
    """What the status looks at; each method changes one thing of it."""

    def __init__(self, settings: Settings, client: Client) -> None:
        self.settings, self.client = settings, client
        self.aws = Aws(settings, REGION, CREDENTIALS)
        self.place = backend.locate(self.aws)

    def bucket(self) -> None:
        self.client("s3").create_bucket(Bucket=self.place.bucket)

    def put(self, key: str, body: Any) -> None:
        self.client("s3").put_object(Bucket=self.place.bucket, Key=key, Body=json.dumps(body).encode())

    def state(self, **outputs: Any) -> None:
        state = {
            "terraform_version": "1.11.4",
            "serial": 7,
            "outputs": {name: {"value": value} for name, value in outputs.items()},
            "resources": [{"mode": "managed", "instances": [{}, {}]}],
        }
        self.put(self.place.key, state)

    def image(self, service: Any, digest: str) -> None:
        """Have an image in ECR that is built from this source."""
        ecr = self.client("ecr")
        ecr.create_repository(repositoryName=service.repository)
        ecr.put_image(
            repositoryName=service.repository,
            imageManifest=json.dumps({"schemaVersion": 2}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=build.name(self.settings, service).image_tag,
            imageDigest=digest,
        )

    async def rows(self) -> dict[str, Any]:
        return await status(self.settings, self.aws)


@pytest.fixture
def cloud(settings: Settings, client: Client) -> Cloud:
    return Cloud(settings, client)


async def test_empty_account_has_a_status(cloud: Cloud) -> None:
    """Before anything was made every row has an answer, and none of them is a failure."""
    rows = await cloud.rows()

    assert rows == {
        "account": f"123456789012, us-east-1, state in {cloud.place.bucket}",
        "state": "nothing was applied yet",
        "lock": "free",
        "last run": "none",
        "release": "none",
        "db-api": "not deployed; this source is not built yet",
        "chat-api": "not deployed; this source is not built yet",
        "answers": "there is no address yet",
    }


async def test_what_runs_and_was_never_right_is_told(cloud: Cloud) -> None:
    """A deploy whose smoke test failed is no release, and is not shown as one."""
    cloud.bucket()
    cloud.state(deployed_images=RUNS)

    rows = await cloud.rows()

    assert rows["release"] == "what is deployed has not passed a smoke test"
    assert rows["db-api"] == "sha256:aaaaaaaaaaaa; this source is not built yet"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({}, "does not rightly say: commit, run, started, who"),
        ({name: RUN[name] for name in ("run", "who")}, "does not rightly say: commit, started"),
        ({**RUN, "who": None}, "does not rightly say: who"),
        ({**RUN, "ended": "perhaps"}, "does not rightly say: ended"),
        ("ada", "cannot be read"),
    ],
)
async def test_damaged_record_of_the_last_run_is_told_in_its_place(cloud: Cloud, record: Any, told: str) -> None:
    """An older pipeline's, or a broken one: every other row is there all the same."""
    cloud.bucket()
    healthy = await cloud.rows()
    cloud.put("demo/run.json", record)

    rows = await cloud.rows()

    assert rows["last run"].startswith("not known: run.json beside the state")
    assert told in rows["last run"]
    assert {**rows, "last run": "none"} == healthy


async def test_damaged_record_of_a_release_is_told_in_its_place(cloud: Cloud) -> None:
    """With its name and what to do; what runs is told all the same."""
    cloud.bucket()
    cloud.state(deployed_images=RUNS)
    cloud.put("demo/releases/2026.json", {"who": "ada"})

    rows = await cloud.rows()

    assert rows["release"].startswith("not known: The record releases/2026.json of a release lacks")
    assert rows["db-api"].startswith("sha256:aaaaaaaaaaaa")


async def test_each_service_is_held_against_this_source(cloud: Cloud) -> None:
    """One is what this source makes, of the other a deploy would run another."""
    cloud.bucket()
    cloud.state(deployed_images=RUNS)
    cloud.image(DB_API, f"sha256:{'a' * 64}")
    cloud.image(CHAT_API, f"sha256:{'b' * 64}")

    rows = await cloud.rows()

    assert rows["db-api"] == "sha256:aaaaaaaaaaaa; built from this source"
    assert rows["chat-api"] == "sha256:aaaaaaaaaaaa; this source is built as sha256:bbbbbbbbbbbb"


async def test_source_that_is_built_and_not_deployed_is_told(cloud: Cloud) -> None:
    """After a publish alone."""
    cloud.image(DB_API, f"sha256:{'b' * 64}")

    assert (await cloud.rows())["db-api"] == "not deployed; this source is built as sha256:bbbbbbbbbbbb"


async def test_release_and_state_are_told(cloud: Cloud) -> None:
    """Which release runs, by whom; the state's number, size and age."""
    cloud.bucket()
    cloud.state(deployed_images=RUNS)
    remember(cloud.aws, RUN, Release(RUNS), kind="deploy")

    rows = await cloud.rows()

    assert rows["release"] == "2026-01-01T000000Z-01234567, deploy by ada@laptop"
    assert rows["state"] == "serial 7, 2 resources, written just now by Terraform 1.11.4"


async def test_lock_names_its_holder(cloud: Cloud) -> None:
    """With its id, which an unlock takes."""
    cloud.bucket()
    cloud.put(f"{cloud.place.key}.tflock", {"ID": "4b6c", "Who": "root@x", "Operation": "Apply", "Created": "today"})

    assert (await cloud.rows())["lock"] == "held by root@x since today: Apply, 4b6c"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (RUN, "has not ended: ada@laptop at 0123456789ab, begun 2026-01-01T00:00:00Z"),
        ({**RUN, "ended": True}, "ended: ada@laptop at 0123456789ab, begun 2026-01-01T00:00:00Z"),
        ({**RUN, "commit": "", "ended": True}, "ended: ada@laptop, begun 2026-01-01T00:00:00Z"),
    ],
)
async def test_last_run_is_told(cloud: Cloud, record: dict[str, Any], told: str) -> None:
    """One that died without a word is one that has not ended."""
    cloud.bucket()
    records.put(cloud.aws, RECORD, record)

    assert (await cloud.rows())["last run"] == told


@pytest.mark.parametrize(("code", "told"), [(200, "is ready"), (503, "is not ready: HTTP 503")])
async def test_service_is_asked_once(cloud: Cloud, code: int, told: str) -> None:
    """Whether it is ready, database and all."""
    asked: list[str] = []

    def answer(question: str, _: object) -> tuple[int, bytes]:
        asked.append(question)
        return code, b"{}"

    cloud.bucket()
    with answering(answer) as address:
        cloud.state(chat_api_url=f"{address}/")
        assert (await cloud.rows())["answers"] == f"{address}/ {told}"
    assert asked == ["GET /health?check=ready"]


async def test_service_that_is_not_there_is_told(cloud: Cloud) -> None:
    """A status never fails over what it reports."""
    cloud.bucket()
    cloud.state(chat_api_url="http://127.0.0.1:9")

    assert (await cloud.rows())["answers"] == "http://127.0.0.1:9 does not answer: ConnectError"


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(hours=-3), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_age_is_in_one_unit(ago: timedelta, told: str) -> None:
    """Also of what a clock that is ahead has written."""
    assert _age(datetime.now(UTC) - ago) == told


async def test_status_fits_one_screen(cloud: Cloud) -> None:
    """24 lines of 80 columns, whatever is found, at its longest."""
    cloud.bucket()
    who = "somebody-with-a-long-name@runner-0123456789abcdef.internal.example.org"
    run = {**RUN, "who": who}
    address = "http://k8s-carepath-chatapi-0123456789-0123456789abcdef.elb.us-east-1.amazonaws.com.invalid"
    cloud.state(deployed_images=RUNS, chat_api_url=address)
    remember(cloud.aws, run, Release(RUNS), kind="deploy")
    records.put(cloud.aws, RECORD, run)
    lock = {"ID": "4b6c9c3e-1111-2222-3333-444455556666", "Who": who, "Operation": "OperationTypeApply"}
    cloud.put(f"{cloud.place.key}.tflock", {**lock, "Created": "2026-11-23T10:00:00.123456789Z"})
    for service in SERVICES:
        cloud.image(service, f"sha256:{'b' * 64}")
    screen = io.StringIO()

    rows = await cloud.rows()
    show(Report("status", "demo", status=rows), Console(file=screen, width=80, soft_wrap=True))

    lines = screen.getvalue().splitlines()
    assert sum(-(-max(len(line), 1) // 80) for line in lines) <= 24
    assert len(rows) == 8
