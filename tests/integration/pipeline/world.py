"""What the pipeline meets in these tests: a scripted engine, the AWS API's stand-in, a chat-api that answers."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio
from pydantic import SecretStr

from ci.aws.client import Aws, boto3_session, shareable
from ci.engines.base import Registry
from ci.pipeline import Pipeline
from ci.process.interrupts import Interrupts
from ci.report.model import Report
from ci.report.progress import Progress
from ci.services import SERVICES
from ci.settings import Settings
from tests.integration.pipeline.double.script import Answer, argv, leaf
from tests.support import images

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ci.services import Service
    from tests.integration.pipeline.double.chain import Call
    from tests.integration.pipeline.double.script import Matches
    from tests.integration.pipeline.double.session import Session

REGION = "us-east-1"
HOST = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
SECRETS = {"secret_access_key": "planted-aws-secret", "TF_VAR_mongodb_password": "planted-mongo-password"}


def terraform(*words: str) -> Matches:
    """Accept the exec that runs `terraform WORDS`, which goes through a wrapper that can be asked to stop."""

    def matches(call: Call) -> bool:
        command = call.argv
        return command[:2] == ["sh", "-c"] and command[4 : 5 + len(words)] == ["terraform", *words]

    return matches


def touches_outside(call: Call) -> bool:
    """Tell the execs that read or change something outside the engine."""
    return call.argv[:2] == ["sh", "-c"] or call.argv[:1] == ["touch"]


def plan_json(*changes: tuple[str, str]) -> str:
    """Return a `show -json` whose resources change as CHANGES (address, action) say."""
    resources = [{"address": address, "change": {"actions": [action]}} for address, action in changes]
    return json.dumps({"format_version": "1.2", "resource_changes": resources, "output_changes": {}})


def outputs_json(**values: Any) -> str:
    return json.dumps({name: {"value": value} for name, value in values.items()})


@functools.cache
def boto3_client(endpoint: str, name: str) -> Any:
    session = boto3_session(REGION, {"aws_access_key_id": "x", "aws_secret_access_key": "x"})
    return shareable(session.client(name, endpoint_url=endpoint))


@dataclass
class World:
    """One deploy's surroundings; `settings` and `session.script` may be changed before it runs."""

    session: Session
    endpoint: str
    chat: str
    settings: Settings
    report: Report = field(default_factory=lambda: Report("deploy", "demo"))
    run_id: str = field(default_factory=lambda: uuid4().hex)
    interrupts: Interrupts = field(init=False)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.interrupts = Interrupts(self.said.append)

    def pipeline(self) -> Pipeline:
        from ci.engines.dagger.engine import DaggerEngine  # noqa: PLC0415 - importing dagger takes two seconds

        credentials = {"aws_access_key_id": "planted-id", "aws_secret_access_key": SECRETS["secret_access_key"]}
        return Pipeline(
            self.settings,
            DaggerEngine(self.settings, self.run_id),
            Aws(self.settings, REGION, credentials),
            Progress(self.report, quiet=True),
            self.interrupts,
            run_id=self.run_id,
        )

    def run(self, command: Callable[[Pipeline], Awaitable[Any]]) -> None:
        """Run COMMAND as the command line does: connected, and with interrupts watched."""

        async def connected() -> None:
            import dagger  # noqa: PLC0415

            from ci.engines.dagger.session import RETRY  # noqa: PLC0415

            async with dagger.connection(dagger.Config(retry=RETRY)):
                await self.interrupts.run(lambda: command(self.pipeline()))

        anyio.run(connected)

    def client(self, name: str) -> Any:
        return boto3_client(self.endpoint, name)

    def healthy(self) -> None:
        """Script a first deploy that goes well: nothing is there, everything is created."""
        script = self.session.script
        script.on(terraform("plan"), Answer(exit_code=2))
        script.on(terraform("show"), Answer(stdout=plan_json(("module.app.kubernetes_service_v1.chat_api", "create"))))
        repository = ("module.ecr.aws_ecr_repository.this", "create")
        script.on(terraform("show"), Answer(stdout=plan_json(repository)), times=1)
        script.on(terraform("apply"), Answer(stdout="\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n"))
        after = outputs_json(
            db_api_repo_url="repository", chat_api_url=self.chat, deployed_images={"db_api": "a@b", "chat_api": "c@d"}
        )
        script.on(terraform("output"), Answer(stdout=after))
        script.on(terraform("output"), Answer(stdout="{}"), times=1)
        script.on(leaf("defaultArgs"), Answer(value=["uvicorn"]))

    def own_repositories(self) -> None:
        for service in SERVICES:
            self.client("ecr").create_repository(repositoryName=service.repository)

    def tags(self, service: Service) -> list[str]:
        """List the tags that ECR has of SERVICE's images."""
        ids = self.client("ecr").list_images(repositoryName=service.repository)["imageIds"]
        return [each["imageTag"] for each in ids if "imageTag" in each]

    def untag(self, service: Service, tag: str) -> None:
        """Let ECR know nothing of TAG, as if what it stands for had changed."""
        self.client("ecr").batch_delete_image(repositoryName=service.repository, imageIds=[{"imageTag": tag}])

    def push_answers(self) -> None:
        """Let a push arrive in the registry and be seen by ECR, as a real one is; each image can list what it holds."""

        def pushed(call: Call) -> str:
            address = str(call.args["address"])
            repository, tag = address.partition("/")[2].split(":")
            return f"{address}@{images.push(self.place, repository, tag, of=call.digest)}"

        self.session.script.on(leaf("publish"), Answer(value=pushed))
        self.session.script.on(argv("/tmp/inventory.py"), Answer(stdout=images.INVENTORY))  # noqa: S108

    @property
    def place(self) -> Registry:
        """ECR's image endpoint."""
        return Registry(HOST, endpoint=self.settings.registry_endpoint_url or "")

    def push(self, repository: str, digest: str, tag: str = "earlier") -> None:
        """Let ECR have an image."""
        self.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=json.dumps({"schemaVersion": 2, "image": digest}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=tag,
            imageDigest=digest,
        )

    def see(self, repository: str, tag: str, digest: str, media_type: str, manifest: str) -> None:
        """Let ECR tell of what was pushed to its registry."""
        ecr = self.client("ecr")
        with contextlib.suppress(ecr.exceptions.ImageAlreadyExistsException):
            ecr.put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=media_type,
                imageDigest=digest,
                **({"imageTag": tag} if tag else {}),
            )


@contextlib.contextmanager
def chat_api() -> Iterator[str]:
    """Answer as a chat-api does that is well and reaches db-api."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, {"status": "ok", "checks": {"db-api": "ok"}})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["patient_mrn"] == "P999999":
                self.answer(404, {"code": "patient_not_found", "trace_id": "t"})
            else:
                self.answer(200, {"urgency": "urgent", "trace_id": "t", "matched_rules": ["anticoagulant-head-injury"]})

        def answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def settings(endpoint: str, registry: str) -> Settings:
    """Return the settings of a real deploy, but for where the AWS API and its registry are."""
    return Settings(
        aws_endpoint_url=endpoint,
        registry_endpoint_url=registry,
        smoke_timeout=3,
        lock_timeout=1,
        terraform_secrets={"TF_VAR_mongodb_password": SecretStr(SECRETS["TF_VAR_mongodb_password"])},
    )
