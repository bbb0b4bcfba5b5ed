"""
Stages in containers, on a Dagger engine.

Three rules hold for every chain here and in dagger_terraform (docs/adr/0005):
what reads or changes the outside carries the run's nonce as its last variable
before the exec, no pure step does, and a secret reaches a container as a
Dagger secret only.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import dagger
from dagger import ReturnType, dag

from ci import fingerprint as source
from ci.concurrency import side_by_side
from ci.engines.base import Contents
from ci.engines.dagger import workbench
from ci.engines.dagger.errors import TAIL, told
from ci.engines.dagger.packages import site_packages
from ci.engines.dagger.registry import pulled, way_to, with_login
from ci.engines.dagger.terraform import DaggerTerraform, opened
from ci.engines.dagger.toolbox import toolbox
from ci.errors import CheckFailed, ImageFailed
from ci.inspection import judge
from ci.services import CHECK_LOCK
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ci.engines.base import Registry
    from ci.services import Service
    from ci.settings import Settings

INVENTORY = "/tmp/inventory.py"  # noqa: S108 - in a container of its own


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
            with told(ImageFailed, f"The image of {service.name} could not be built.", "build_failed"):
                await image.sync()

        await side_by_side(one, self._images(service))

    async def check(self, service: Service, reference: str | None = None, registry: Registry | None = None) -> str:
        """Run the fast tests of `service` with the interpreter, packages and code of its image; mount the tools."""
        image = pulled(self._settings, reference, registry) if reference else await self._native(service)
        tests = dag.host().directory(
            str(ROOT),
            include=["pyproject.toml", *(f"{path}/**" for path in service.tests)],
            exclude=source.EXCLUDE,
        )
        # One layer for both services: it rests on the base image alone, of the platform that is tested.
        platforms = self._settings.platforms
        empty = dag.container(platform=dagger.Platform(platforms[0])) if len(platforms) == 1 else dag.container()
        tools = site_packages(empty.from_(self._settings.python_image), CHECK_LOCK)
        done = (
            image.with_mounted_directory("/check/site", tools)
            .with_env_variable("PYTHONPATH", "/check/site:/app")
            .with_mounted_directory("/src", tests)
            .with_workdir("/src")
            .with_exec(["python", *service.test_command], expect=ReturnType.ANY)
        )
        with told(CheckFailed, f"The tests of {service.name} could not be run.", "tests_not_run"):
            code = await done.exit_code()
            lines = (await done.stdout()).strip().splitlines()
        if code != 0:
            title = f"The tests of {service.name} failed in its image."
            hint = f"Run them alone: python -m pytest {' '.join(service.tests)}"
            raise CheckFailed(title, code="tests_failed", detail="\n".join(lines[-TAIL:]), hint=hint)
        return lines[-1] if lines else "no output"

    async def inspect(self, session: str) -> str:
        done = workbench.session(toolbox(self._settings), session)
        with told(CheckFailed, f"The session {session} could not be run.", "session_not_run"):
            code = await done.exit_code()
            lines = f"{await done.stdout()}\n{await done.stderr()}".strip().splitlines()
        return judge(session, code, lines)

    async def base(self) -> str:
        title = f"The image {self._settings.python_image} could not be pulled."
        with told(ImageFailed, title, "base_missing"):
            reference = await dag.container().from_(self._settings.python_image).image_ref()
        return reference.partition("@")[2]

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        address = f"{registry.host}/{service.repository}:{tag}"
        title = f"The push of {service.name} to {registry.host} was refused."
        hint = f"Check that the role of this run may push to {service.repository} (docs/operations.md)."
        with told(ImageFailed, title, "push_refused", hint=hint):
            images = self._images(service)
            # After the build, as what a build argument says would stay in the image's environment.
            for name, value in labels.items():
                images = [each.with_label(name, value).with_annotation(name, value) for each in images]
            # Right before the push: before anything else it would re-key the steps below it.
            first, *others = [with_login(each, registry) for each in images]
            service_of_registry = way_to(registry.host)
            if others:
                pushing = with_login(dag.container(), registry)
                variants = [first, *others]
                reference = await pushing.publish(
                    address, platform_variants=variants, registry_service=service_of_registry
                )
            else:
                reference = await first.publish(address, registry_service=service_of_registry)
        return reference.partition("@")[2]

    async def contents(self, service: Service) -> list[Contents]:
        """Ask each platform's image itself, by its own interpreter; nothing of it is changed."""
        script = dag.host().file(str(ROOT / "ci/supply_chain/inventory.py"))

        async def one(image: dagger.Container) -> str:
            listed = image.with_file(INVENTORY, script).with_exec(["python3", "-I", INVENTORY])
            with told(ImageFailed, f"What is in the image of {service.name} could not be listed.", "not_listed"):
                return await listed.stdout()

        found = await side_by_side(one, self._images(service))
        return [Contents(*each) for each in zip(self._settings.platforms, found, strict=True)]

    @contextlib.asynccontextmanager
    async def terraform(
        self, *, variables: Mapping[str, str], secrets: Mapping[str, str]
    ) -> AsyncIterator[DaggerTerraform]:
        # Each opening begins the same chain anew: with one nonce for all, the engine would answer the second `output`
        # with what the first one said before an apply.
        self._openings += 1
        yield DaggerTerraform(opened(self._settings, variables, secrets), f"{self._run_id}-{self._openings}")
