"""
Stages in containers, on a Dagger engine.

The one module of stages that imports dagger. Three rules hold for every chain
here (docs/adr/0005): what reads or changes the outside carries the run's nonce
as its last variable before the exec, no pure step does, and a secret reaches a
container as a Dagger secret only.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import dagger
from dagger import ReturnType, dag

from ci import source, terraform
from ci.engines import workbench
from ci.engines.base import Contents
from ci.errors import CheckFailed, ImageFailed, NotReady, PipelineError
from ci.inspection import judge
from ci.services import CHECK_LOCK
from ci.settings import ROOT
from ci.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from ci.engines.base import Registry
    from ci.services import Service
    from ci.settings import Settings

NONCE = "CAREPATH_RUN"
STAND_INS = "stand-ins"
TREE = "/src/terraform"
MIRROR = "/opt/terraform/providers"
MAILBOX = "/run/carepath"
DOCUMENT = "/tmp/terraform.json"  # noqa: S108 - in a container of its own
INVENTORY = "/tmp/inventory.py"  # noqa: S108 - in a container of its own
TAIL = 40

# $0 is the file whose appearance asks for a graceful stop: the API has no signal for a running exec.
STOPPABLE = """
"$@" & pid=$!
( while kill -0 "$pid" 2>/dev/null; do
    if [ -e "$0" ]; then rm -f "$0"; kill -TERM "$pid"; break; fi
    sleep 0.2
  done ) &
wait "$pid"
"""


class DaggerEngine:
    """
    Containers on the engine of the session that is open.

    RUN_ID is the run's nonce. Both services may be worked on at once.
    """

    name = "dagger"
    makes_images = True

    def __init__(self, settings: Settings, run_id: str) -> None:
        self._settings = settings
        self._run_id = run_id
        self._openings = 0

    def _images(self, service: Service) -> list[dagger.Container]:
        """Return SERVICE's image for each platform, built by its Dockerfile from its inputs alone."""
        context = dag.host().directory(
            str(ROOT),
            include=[pattern for path in service.inputs for pattern in (path, f"{path}/**")],
            exclude=source.EXCLUDE,
        )
        return [
            context.docker_build(
                dockerfile=service.dockerfile,
                platform=dagger.Platform(platform),
                build_args=[dagger.BuildArg(*each) for each in self._settings.arguments(service).items()],
            )
            for platform in self._settings.platforms
        ]

    async def _native(self, service: Service) -> dagger.Container:
        """Return SERVICE's image for the engine's own platform, else the first one it is made for."""
        platforms = self._settings.platforms
        own = str(await dag.default_platform()) if len(platforms) > 1 else ""
        return self._images(service)[platforms.index(own) if own in platforms else 0]

    async def build(self, service: Service) -> None:
        async def one(image: dagger.Container) -> None:
            with _told(ImageFailed, f"The image of {service.name} could not be built.", "build_failed"):
                await image.sync()

        await side_by_side(one, self._images(service))

    async def check(self, service: Service, reference: str | None = None, registry: Registry | None = None) -> str:
        """Run SERVICE's tests with the image's own interpreter, packages and code; the test tools lie beside them."""
        image = self._pull(reference, registry) if reference else await self._native(service)
        tests = dag.host().directory(
            str(ROOT),
            include=["pyproject.toml", *(f"{path}/**" for path in service.tests)],
            exclude=source.EXCLUDE,
        )
        lock = dag.host().file(str(ROOT / CHECK_LOCK))
        install = ["pip", "install", "--quiet", "--root-user-action=ignore", "--target", "/check/site"]
        tools = (
            image.with_user("0")
            .with_mounted_cache("/root/.cache/pip", dag.cache_volume("carepath-pip"))
            .with_file("/check/requirements.txt", lock)
            .with_exec([*install, "--require-hashes", "--only-binary", ":all:", "-r", "/check/requirements.txt"])
            .with_env_variable("PYTHONPATH", "/check/site:/app")
        )
        done = (
            tools.with_directory("/src", tests)
            .with_workdir("/src")
            .with_exec(
                ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *service.tests], expect=ReturnType.ANY
            )
        )
        with _told(CheckFailed, f"The tests of {service.name} could not be run.", "tests_not_run"):
            code = await done.exit_code()
            lines = (await done.stdout()).strip().splitlines()
        if code != 0:
            title = f"The tests of {service.name} failed in its image."
            hint = f"Run them alone: python -m pytest {' '.join(service.tests)}"
            raise CheckFailed(title, code="tests_failed", detail="\n".join(lines[-TAIL:]), hint=hint)
        return lines[-1] if lines else "no output"

    async def inspect(self, session: str) -> str:
        done = workbench.session(self._toolbox(), session)
        with _told(CheckFailed, f"The session {session} could not be run.", "session_not_run"):
            code = await done.exit_code()
            lines = f"{await done.stdout()}\n{await done.stderr()}".strip().splitlines()
        return judge(session, code, lines)

    async def base(self) -> str:
        title = f"The image {self._settings.python_image} could not be pulled."
        with _told(ImageFailed, title, "base_missing"):
            reference = await dag.container().from_(self._settings.python_image).image_ref()
        return reference.partition("@")[2]

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        address = f"{registry.host}/{service.repository}:{tag}"
        title = f"The push of {service.name} to {registry.host} was refused."
        hint = f"Check that the role of this run may push to {service.repository} (docs/operations.md)."
        with _told(ImageFailed, title, "push_refused", hint=hint):
            images = self._images(service)
            # After the build, as what a build argument says would stay in the image's environment.
            for name, value in labels.items():
                images = [each.with_label(name, value).with_annotation(name, value) for each in images]
            # Right before the push: before anything else it would re-key the steps below it.
            first, *others = [_with_login(each, registry) for each in images]
            service_of_registry = self._registry_service(registry.host)
            if others:
                pushing = _with_login(dag.container(), registry)
                variants = [first, *others]
                reference = await pushing.publish(
                    address, platform_variants=variants, registry_service=service_of_registry
                )
            else:
                reference = await first.publish(address, registry_service=service_of_registry)
        return reference.partition("@")[2]

    async def contents(self, service: Service) -> list[Contents]:
        """Ask each platform's image itself, by its own interpreter; nothing of it is changed."""
        script = dag.host().file(str(ROOT / "ci/inventory.py"))

        async def one(image: dagger.Container) -> str:
            listed = image.with_file(INVENTORY, script).with_exec(["python3", "-I", INVENTORY])
            with _told(ImageFailed, f"What is in the image of {service.name} could not be listed.", "not_listed"):
                return await listed.stdout()

        found = await side_by_side(one, self._images(service))
        return [Contents(*each) for each in zip(self._settings.platforms, found, strict=True)]

    def _pull(self, reference: str, registry: Registry | None) -> dagger.Container:
        """Return the image REFERENCE of REGISTRY. By its digest it is always the same one, so it carries no nonce."""
        service = self._registry_service(reference.partition("/")[0])
        return _with_login(empty(self._settings), registry).from_(reference, registry_service=service)

    def _registry_service(self, host: str) -> dagger.Service | None:
        """Return the way to a registry on this machine; the engine may be on another."""
        name, _, port = host.partition(":")
        return host_service(int(port)) if name == "localhost" else None

    @contextlib.asynccontextmanager
    async def terraform(
        self, *, variables: Mapping[str, str], secrets: Mapping[str, str]
    ) -> AsyncIterator[DaggerTerraform]:
        container = self._toolbox()
        if not self._settings.provider_addresses:
            container = self._with_providers(container)
        container = (
            container.with_directory(TREE, self._tree())
            .with_workdir(f"{TREE}/{self._settings.environment_folder.as_posix()}")
            .with_mounted_cache(MAILBOX, dag.cache_volume("carepath-mailbox"))
        )
        for name, value in {**terraform.ENVIRONMENT, **self._reach(), **variables}.items():
            container = container.with_env_variable(name, value)
        ports = self._ports()
        if ports:
            container = container.with_service_binding(STAND_INS, host_service(*ports))
        for name, value in secrets.items():
            container = container.with_secret_variable(name, dag.set_secret(name, value))
        # Each opening begins the same chain anew: with one nonce for all, the engine would answer the second `output`
        # with what the first one said before an apply.
        self._openings += 1
        yield DaggerTerraform(container, f"{self._run_id}-{self._openings}")

    def _toolbox(self) -> dagger.Container:
        """Return Python, terraform and the AWS CLI, which the kubernetes provider asks for tokens."""
        binary = dag.container().from_(self._settings.terraform_image).file("/bin/terraform")
        lock = dag.host().file(str(ROOT / "requirements/toolbox.txt"))
        install = [
            "pip",
            "install",
            "--quiet",
            "--root-user-action=ignore",
            "--require-hashes",
            "-r",
            "/opt/toolbox.txt",
        ]
        return (
            dag.container()
            .from_(self._settings.python_image)
            .with_file("/usr/local/bin/terraform", binary, permissions=0o755)
            .with_file("/opt/toolbox.txt", lock)
            .with_mounted_cache("/root/.cache/pip", dag.cache_volume("carepath-pip"))
            .with_exec(install)
        )

    def _tree(self) -> dagger.Directory:
        return dag.host().directory(
            str(ROOT / "infra/terraform"), exclude=["**/.terraform", "**/*.tfstate*", "**/*.tfplan", "**/tests"]
        )

    def _with_providers(self, container: dagger.Container) -> dagger.Container:
        """Return CONTAINER with the published providers, fetched once for as long as their versions stay the same."""
        tree = ROOT / "infra/terraform"
        # A lock counts only beside what it locks.
        lock = dag.host().directory(str(tree / self._settings.environment_folder), include=[".terraform.lock.hcl"])
        versions = dag.host().directory(str(tree), include=["providers.tf"]).with_directory(".", lock)
        configuration = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n'
        fetched = (
            container.with_directory("/opt/terraform/versions", versions)
            .with_workdir("/opt/terraform/versions")
            .with_exec(["terraform", "providers", "mirror", MIRROR])
            .directory(MIRROR)
        )
        return (
            container.with_directory(MIRROR, fetched)
            .with_new_file("/opt/terraform/terraformrc", configuration)
            .with_env_variable("TF_CLI_CONFIG_FILE", "/opt/terraform/terraformrc")
        )

    def _ports(self) -> list[int]:
        addresses = list(self._settings.provider_addresses.values())
        if self._settings.aws_endpoint_url:
            addresses.append(urlsplit(self._settings.aws_endpoint_url).netloc)
        return [int(address.rpartition(":")[2]) for address in addresses]

    def _reach(self) -> dict[str, str]:
        """Return the variables that lead Terraform to the stand-ins, which run on this machine."""
        # The engine hands its own proxy on to what it runs, and no proxy reaches this machine's loopback.
        found = {"NO_PROXY": STAND_INS} if self._ports() else {}
        if endpoint := self._settings.aws_endpoint_url:
            found["AWS_ENDPOINT_URL"] = f"http://{STAND_INS}:{urlsplit(endpoint).port}"
        if addresses := self._settings.provider_addresses:
            from ci.rehearsal.providers import reattach  # noqa: PLC0415 - only a rehearsal has them

            moved = {name: f"{STAND_INS}:{each.rpartition(':')[2]}" for name, each in addresses.items()}
            # Terraform watches the plug-in's process; in the container the first one always lives.
            found["TF_REATTACH_PROVIDERS"] = reattach(moved, 1)
        return found


class DaggerTerraform:
    """Terraform in a container; each command goes on from the file system the one before left."""

    def __init__(self, container: dagger.Container, run_id: str) -> None:
        self._container = container
        self._run_id = run_id
        self._count = 0
        self._stop_file = ""

    async def run(self, arguments: list[str]) -> terraform.Completed:
        self._count += 1
        self._stop_file = f"{MAILBOX}/{self._run_id}-{self._count}"
        # A plan's JSON holds the values of variables: it goes into a file, since the engine logs what is printed.
        file = f"{DOCUMENT}-{self._count}" if "-json" in arguments else ""
        script = f"exec >{file}\n{STOPPABLE}" if file else STOPPABLE
        command = ["sh", "-c", script, self._stop_file, "terraform", *arguments]
        done = self._container.with_env_variable(NONCE, self._run_id).with_exec(command, expect=ReturnType.ANY)
        try:
            with (
                anyio.CancelScope(shield=True),
                _told(NotReady, "The engine was lost while Terraform ran.", "engine_lost"),
            ):
                code = await done.exit_code()
                stdout = await (done.file(file).contents() if file else done.stdout())
                completed = terraform.Completed(code, stdout, await done.stderr())
        finally:
            self._stop_file = ""
        self._container = done
        return completed

    async def stop(self) -> bool:
        if not self._stop_file:
            return False
        await (
            self._container.with_env_variable(NONCE, f"{self._run_id}-stop")
            .with_exec(["touch", self._stop_file])
            .sync()
        )
        return True

    async def write(self, name: str, content: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="carepath-") as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            file = dag.host().file(str(path), no_cache=True)
            self._container = await self._container.with_file(name, file, permissions=0o600).sync()

    async def read(self, name: str) -> bytes | None:
        if name not in await self._container.directory(".").entries():
            return None
        with tempfile.TemporaryDirectory(prefix="carepath-") as folder:
            path = Path(folder) / name
            await self._container.file(name).export(str(path))
            return path.read_bytes()


def empty(settings: Settings) -> dagger.Container:
    """Return a container to pull an image of ours into; of an image for several platforms the engine runs its own."""
    platforms = settings.platforms
    return dag.container(platform=dagger.Platform(platforms[0])) if len(platforms) == 1 else dag.container()


def _with_login(container: dagger.Container, registry: Registry | None) -> dagger.Container:
    """Return CONTAINER with REGISTRY's credentials for a push or a pull, where it asks for any."""
    if registry is None or not registry.password:
        return container
    secret = dag.set_secret("registry-password", registry.password)
    return container.with_registry_auth(registry.host, "AWS", secret)


def host_service(*ports: int) -> dagger.Service:
    """Return the PORTS of this machine's loopback as a service that containers can reach."""
    return dag.host().service([dagger.PortForward(backend=port, frontend=port) for port in ports])


@contextlib.contextmanager
def _told(kind: type[PipelineError], title: str, code: str, *, hint: str = "") -> Iterator[None]:
    """Turn the engine's errors inside the block into a KIND; the chain is never shown, it may hold values."""
    try:
        yield
    except dagger.ExecError as error:
        cause = "The engine, not the program, failed.\n" if error.exit_code < 0 else ""
        lines = (error.stderr.strip() or error.stdout.strip() or first_line(error)).splitlines()
        raise kind(title, code=code, detail=cause + "\n".join(lines[-TAIL:]), hint=hint) from None
    except dagger.DaggerError as error:
        raise kind(title, code=code, detail=first_line(error), hint=hint) from None


def first_line(error: Exception) -> str:
    """Return what ERROR says, without the trace id the engine appends."""
    return re.sub(r"\s*\[traceparent:[^\]]*\]", "", str(error)).strip().partition("\n")[0]
